"""`mailgate field`: custom fields of tickets, and who sees them.

Takes names, kinds and choices; gives sentences and lists with the ids that templates use (`#CF_12#`). Promises: two
fields are never read as one; what has values is not deleted by accident, and the tickets' logs keep what was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from mailgate.desk import Desk
from mailgate.desk.field_acts import seen_field
from mailgate.desk.field_values import checked_choices, checked_name
from mailgate.errors import NotFoundError, RefusedError
from mailgate.model import Field, FieldKind, Visibility
from mailgate.store import Tx, fields, people
from mailgate_cli.output import Column, print_json, print_table, say
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe
from mailgate_cli.verb import WORDS, as_option, json_option, verb

F = TypeVar("F", bound=Callable[..., Any])
_MOST = 500
_AT_ONCE = 500
_VISIBILITY = click.Choice([str(word) for word in Visibility])
_SEEN_BY = {
    Visibility.PUBLIC: "all who see a ticket, requesters too",
    Visibility.TECHNICIANS: "technicians and administrators",
    Visibility.ADMINISTRATORS: "administrators",
}
_KIND = click.Choice([str(word) for word in FieldKind])


def _category_id(tx: Tx, named: str | None) -> int | None:
    if not named:
        return None
    found = people.find_category(tx, named)
    if found is None:
        raise NotFoundError(f'There is no category "{named}". See: mailgate category list')
    return found.id


def _free_name(tx: Tx, name: str, own: int | None = None) -> str:
    clean = checked_name(name)
    other = fields.like(tx, clean)
    if other is not None and other.id != own:
        raise RefusedError(f'Field {other.id} "{other.name}" is read as the same name. Choose another one.')
    return clean


def _named_as(field: Field) -> str:
    return f'Field {field.id} "{safe(field.name)}"'


@verb(
    'mailgate field add "Serial number"\n'
    "mailgate field add Model --kind choice --choice X100 --choice X200 --category Printers --required"
)
@click.argument("name", metavar="NAME", type=WORDS)
@click.option("--kind", type=_KIND, default="text", help="What it holds; else one line of text.")
@click.option("--choice", "choices", metavar="TEXT", multiple=True, type=WORDS, help="A choice; name each.")
@click.option("--visibility", type=_VISIBILITY, default="public", help="Who sees it; else all who see the ticket.")
@click.option("--category", metavar="CATEGORY", type=WORDS, help="Only tickets of this category have it; else all.")
@click.option("--required", is_flag=True, help="A technician fills it in before a ticket is closed.")
@as_option
@pass_session
def add(
    session: Session,
    name: str,
    kind: str,
    choices: tuple[str, ...],
    visibility: str,
    category: str | None,
    required: bool,
    as_: str | None,
) -> None:
    """Add a custom field to tickets.

    Prints its id, by which templates name it: #CF_12# with its name, #CF_VALUE_12# its value alone. Public fields are shown
    to requesters: on their page, and where a template says #Custom_Fields#.
    """

    def work(tx: Tx) -> Field:
        session.need_administrator(tx, as_)
        clean = _free_name(tx, name)
        if len(fields.every(tx)) >= _MOST:
            raise RefusedError(f"There are {_MOST} fields, which is the most. Delete one that is not needed any more.")
        listed = checked_choices(kind, choices)
        return fields.add(tx, clean, kind, visibility, _category_id(tx, category), required, listed)

    made = session.store.write(work)
    say(f"{_named_as(made)} is added, for {_SEEN_BY[made.visibility]}; in templates it is #CF_{made.id}#.")


@verb("mailgate field list\nmailgate field list --json")
@as_option
@json_option
@pass_session
def list_fields(session: Session, as_json: bool, as_: str | None) -> None:
    """List custom fields.

    Those that you may see, with the ids by which templates name them (#CF_12#).
    """
    with session.store.read() as db:
        asker = session.asker(db, as_)
        found = [(field, fields.count(db, field.id)) for field in fields.every(db) if field.seen_by(asker)]
        names = {category.id: category.name for category in people.categories(db)}
    if as_json:
        print_json(
            [
                {
                    "id": field.id,
                    "name": field.name,
                    "kind": field.kind,
                    "visibility": field.visibility,
                    "category": {"id": field.category_id, "name": names[field.category_id]}
                    if field.category_id is not None
                    else None,
                    "required": field.required,
                    "choices": field.choices,
                    "tickets": tickets,
                }
                for field, tickets in found
            ]
        )
        return
    print_table(
        [
            Column("ID", right=True),
            Column("NAME", flexible=True),
            Column("KIND"),
            Column("VISIBILITY"),
            Column("CATEGORY", flexible=True),
            Column("REQUIRED"),
            Column("TICKETS", right=True),
            Column("CHOICES", flexible=True),
        ],
        [
            [
                str(field.id),
                field.name,
                field.kind,
                field.visibility,
                names[field.category_id] if field.category_id is not None else "",
                "required" if field.required else "",
                str(tickets),
                ", ".join(field.choices),
            ]
            for field, tickets in found
        ],
    )


@verb(
    "mailgate field edit Model --choice X300 --no-choice X100\n"
    'mailgate field edit 12 --name "Serial number" --visibility public --category ""'
)
@click.argument("field", metavar="FIELD", type=WORDS)
@click.option("--name", metavar="NAME", type=WORDS, help="A new name.")
@click.option("--kind", type=_KIND, help="A new kind, while no ticket has a value; a text may become a long one.")
@click.option("--choice", "added", metavar="TEXT", multiple=True, type=WORDS, help="One more choice.")
@click.option("--no-choice", "gone", metavar="TEXT", multiple=True, type=WORDS, help="No longer a choice.")
@click.option("--visibility", type=_VISIBILITY, help="Who sees it.")
@click.option("--category", metavar="CATEGORY", type=WORDS, help='Its category; "" for all.')
@click.option("--required/--optional", "required", default=None, help="Whether a technician fills it in.")
@as_option
@pass_session
def edit(
    session: Session,
    field: str,
    added: tuple[str, ...],
    gone: tuple[str, ...],
    as_: str | None,
    **given: Any,
) -> None:
    """Change a custom field.

    What is not named stays as it is. Values that tickets have stay, those of a choice that is gone or of another category
    too.
    """

    def work(tx: Tx) -> Field:
        actor = session.need_administrator(tx, as_)
        found = seen_field(fields.named(tx, field), actor)
        columns: dict[str, Any] = {}
        if given["name"] is not None:
            columns["name"] = _free_name(tx, given["name"], found.id)
        kind = str(given["kind"] or found.kind)
        if kind != found.kind:
            columns["kind"] = _free_kind(tx, found, kind)
        if added or gone or kind != found.kind:
            columns["choices"] = checked_choices(kind, _choices(found, added, gone, kind))
        if given["visibility"] is not None:
            columns["visibility"] = given["visibility"]
        if given["category"] is not None:
            columns["category_id"] = _category_id(tx, given["category"])
        if given["required"] is not None:
            columns["required"] = int(given["required"])
        if columns:
            fields.change(tx, found.id, **columns)
        return fields.get(tx, found.id)

    say(f"{_named_as(session.store.write(work))} is changed.")


def _free_kind(tx: Tx, found: Field, kind: str) -> str:
    lengthened = (found.kind, kind) == (FieldKind.TEXT, FieldKind.LONG_TEXT)
    values = 0 if lengthened else fields.count(tx, found.id)
    if values:
        raise RefusedError(
            f'"{found.name}" has values of kind {found.kind} on {_tickets(values)}. Add another field instead.'
        )
    return kind


def _tickets(count: int) -> str:
    return f"{count} ticket{'' if count == 1 else 's'}"


def _choices(found: Field, added: tuple[str, ...], gone: tuple[str, ...], kind: str) -> list[str]:
    kept = found.choices if kind == FieldKind.CHOICE else []
    for choice in gone:
        if choice not in kept:
            raise NotFoundError(f'"{choice}" is not a choice of "{found.name}". See: mailgate field list')
    return [choice for choice in kept if choice not in gone] + list(added)


@verb("mailgate field delete 12")
@click.argument("field", metavar="FIELD", type=WORDS)
@click.option("--anyway", is_flag=True, help="Delete it with the values that tickets have.")
@as_option
@pass_session
def delete(session: Session, field: str, anyway: bool, as_: str | None) -> None:
    """Delete a custom field.

    Refused while tickets have values, unless --anyway is given. What was stays in the log of each ticket, and the id is not
    given again.
    """
    store = session.store
    with store.read() as db:
        actor = session.need_administrator(db, as_)
        found = seen_field(fields.named(db, field), actor)

    def work(tx: Tx) -> bool:
        still = fields.get(tx, found.id)
        values = fields.count(tx, still.id)
        if values and not anyway:
            raise RefusedError(
                f'"{still.name}" has values on {_tickets(values)}. Add --anyway to take them away; the logs keep them.'
            )
        return _emptied(Desk(tx, store, actor), still)

    # In pieces, so that mail is filed in between; what was begun goes on when the command is given again.
    while not store.write(work):
        continue
    say(f"{_named_as(found)} is deleted.")


def _emptied(desk: Desk, field: Field) -> bool:
    """Takes some of the values away, and the field with the last of them."""
    if desk.empty_for_deletion(field, _AT_ONCE) == _AT_ONCE:
        return False
    fields.remove(desk.tx, field.id)
    return True
