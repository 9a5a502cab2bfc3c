"""`mailgate category`: categories and their technicians."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from mailgate.errors import NotFoundError, RefusedError
from mailgate.model import Category, User
from mailgate.store import Reader, Tx, people
from mailgate_cli.output import Column, person, print_json, print_table, say
from mailgate_cli.session import Session, pass_session
from mailgate_cli.verb import WORDS, as_option, json_option, verb

F = TypeVar("F", bound=Callable[..., Any])


def _checked_word(word: str | None) -> str | None:
    """An address word becomes part of an address: support+WORD@."""
    if not word:
        return None
    low = word.strip().lower()
    if not low or low.isdigit() or not all(letter.isalnum() or letter in "-_." for letter in low):
        raise RefusedError(f'"{word}" cannot be an address word: letters, digits, - _ . and not only digits.')
    return low


def _details(db: Reader, given: dict[str, Any]) -> dict[str, object]:
    """The columns of a category from options; "" empties a value, None leaves it."""
    columns: dict[str, object] = {}
    for name in ("section", "from_address", "from_name"):
        if given[name] is not None:
            columns[name] = given[name] or None
    if given["internal"] is not None:
        columns["internal_only"] = int(given["internal"])
    if given["assignee"] is not None:
        columns["default_assignee_id"] = people.named(db, given["assignee"]).id if given["assignee"] else None
    return columns


def _detail_options(function: F) -> F:
    for option in (
        click.option("--internal/--public", "internal", default=None, help="Only technicians may see its tickets."),
        click.option("--from-name", "from_name", metavar="NAME", type=WORDS, help="From name of its system mail."),
        click.option("--from-address", "from_address", metavar="ADDRESS", type=WORDS, help="From address of its mail."),
        click.option("--assignee", metavar="USER", type=WORDS, help="Who gets its new tickets."),
        click.option("--section", metavar="TEXT", type=WORDS, help="A heading it is listed under."),
    ):
        function = option(function)
    return function


@verb('mailgate category add "Billing" --word billing')
@click.argument("name", metavar="NAME", type=WORDS)
@click.option("--word", metavar="WORD", type=WORDS, help="Its address word: mail to support+WORD@ lands here.")
@_detail_options
@as_option
@pass_session
def add(session: Session, name: str, word: str | None, as_: str | None, **given: Any) -> None:
    """Add a category.

    Prints its id. Mail to support+ID@ or support+WORD@ becomes a ticket of it.
    """
    if not name.strip():
        raise RefusedError("A category needs a name.")

    def work(tx: Tx) -> Category:
        session.need_administrator(tx, as_)
        return people.add_category(tx, name.strip(), _checked_word(word), **_details(tx, given))

    made = session.store.write(work)
    say(f'Category {made.id} "{made.name}" is added.')


@verb("mailgate category list\nmailgate category list --json")
@json_option
@pass_session
def list_categories(session: Session, as_json: bool) -> None:
    """List categories.

    With their address words and technicians.
    """
    with session.store.read() as db:
        found = [(category, people.technicians_of(db, category.id)) for category in people.categories(db)]
        assignees = {c.id: people.get(db, c.default_assignee_id) for c, _ in found if c.default_assignee_id}
    if as_json:
        print_json(
            [
                {
                    "id": category.id,
                    "name": category.name,
                    "word": category.word,
                    "section": category.section,
                    "default_assignee": _person(assignees.get(category.id)),
                    "technicians": [_person(user) for user in technicians],
                    "from_address": category.from_address,
                    "from_name": category.from_name,
                    "internal_only": category.internal_only,
                }
                for category, technicians in found
            ]
        )
        return
    print_table(
        [Column("ID", right=True), Column("NAME", flexible=True), Column("WORD"), Column("TECHNICIANS", flexible=True)],
        [[str(c.id), c.name, c.word or "", ", ".join(user.display for user in t)] for c, t in found],
    )


def _person(user: User | None) -> dict[str, str | None] | None:
    return person(user.name, user.address) if user else None


@verb("mailgate category set billing --technician caren@example.com --assignee caren@example.com")
@click.argument("category", metavar="CATEGORY", type=WORDS)
@click.option("--name", metavar="NAME", type=WORDS, help="A new name.")
@click.option("--word", metavar="WORD", type=WORDS, help='A new address word; "" for none.')
@click.option("--technician", "technicians", metavar="USER", multiple=True, type=WORDS, help="One more technician.")
@click.option(
    "--no-technician", "gone", metavar="USER", multiple=True, type=WORDS, help="No longer a technician of it."
)
@_detail_options
@as_option
@pass_session
def set_category(
    session: Session,
    category: str,
    name: str | None,
    word: str | None,
    technicians: tuple[str, ...],
    gone: tuple[str, ...],
    as_: str | None,
    **given: Any,
) -> None:
    """Change a category.

    What is not named stays as it is; an empty text empties a value.
    """

    def work(tx: Tx) -> Category:
        session.need_administrator(tx, as_)
        found = people.find_category(tx, category)
        if found is None:
            raise NotFoundError(f'There is no category "{category}". See: mailgate category list')
        columns = _details(tx, given)
        if name:
            columns["name"] = name.strip()
        if word is not None:
            columns["word"] = _checked_word(word)
        _refuse_taken(tx, found, columns)
        if columns:
            people.change_category(tx, found.id, **columns)
        for named in technicians:
            user = people.named(tx, named)
            people.set_categories(tx, user.id, user.category_ids | {found.id})
        for named in gone:
            user = people.named(tx, named)
            people.set_categories(tx, user.id, user.category_ids - {found.id})
        return people.get_category(tx, found.id)

    changed = session.store.write(work)
    say(f'Category {changed.id} "{changed.name}" is changed.')


def _refuse_taken(tx: Tx, own: Category, columns: dict[str, object]) -> None:
    for other in people.categories(tx):
        if other.id == own.id:
            continue
        if columns.get("name") == other.name or (columns.get("word") and columns["word"] == other.word):
            raise RefusedError(f'Category {other.id} "{other.name}" has this name or address word already.')
