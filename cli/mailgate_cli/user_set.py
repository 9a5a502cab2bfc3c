"""`mailgate user set`, `disable`, `enable`, `password`, `hash`: what changes about a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from mailgate.errors import RefusedError
from mailgate.model import Role, User
from mailgate.store import Tx, people
from mailgate_cli.output import say
from mailgate_cli.people_named import checked_address
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe
from mailgate_cli.ticket_text import read_stdin_line
from mailgate_cli.user import ROLES, category_ids
from mailgate_cli.verb import WORDS, as_option, verb

F = TypeVar("F", bound=Callable[..., Any])
_SHORTEST_PASSWORD = 10
_TEXTS = ("name", "username", "department", "location", "language", "time_zone", "signature")


def _text(name: str, meaning: str) -> Callable[[F], F]:
    return click.option(
        f"--{name.replace('_', '-')}", name, metavar="TEXT", type=WORDS, help=f'{meaning}; "" for none.'
    )


@verb("mailgate user set caren@example.com --name \"Caren Smith\" --category Billing\n"
      "mailgate user set caren@example.com --mail off")  # fmt: skip
@click.argument("user", metavar="USER", type=WORDS)
@_text("name", "The full name")
@_text("username", "The login name")
@_text("department", "The department")
@_text("location", "Where the person is")
@_text("language", "Language of mail to the person, en or tr")
@_text("time_zone", "Time zone, such as Europe/Istanbul")
@_text("signature", "What stands below replies")
@click.option("--role", type=ROLES, help="What the person may do.")
@click.option(
    "--category", "categories", metavar="CATEGORY", multiple=True, type=WORDS, help="One more category as technician."
)
@click.option(
    "--no-category", "gone", metavar="CATEGORY", multiple=True, type=WORDS, help="No longer a technician of it."
)
@click.option("--address", "addresses", metavar="ADDRESS", multiple=True, type=WORDS, help="One more address.")
@click.option("--mail", "mail_on", type=click.Choice(["on", "off"]), help="Whether mail goes to the person at all.")
@click.option(
    "--new-ticket-mail", "new_ticket_mail", type=click.Choice(["on", "off", "default"]), help="Mail about new tickets."
)
@click.option("--away", "out_of_office", type=click.Choice(["on", "off"]), help="Whether the person is out of office.")
@as_option
@pass_session
def set_user(
    session: Session,
    user: str,
    categories: tuple[str, ...],
    gone: tuple[str, ...],
    addresses: tuple[str, ...],
    as_: str | None,
    **given: str | None,
) -> None:
    """Change a person.

    What is not named stays as it is; an empty text empties a value.
    """
    columns = _columns(given)
    checked = [checked_address(session.config, address) for address in addresses]

    def work(tx: Tx) -> User:
        session.need_administrator(tx, as_)
        found = people.named(tx, user)
        _refuse_taken(tx, found, columns)
        if given["role"] and given["role"] != Role.ADMINISTRATOR:
            _keep_one_administrator(tx, found)
        if columns:
            people.change(tx, found.id, **columns)
        for address in checked:
            people.add_address(tx, found.id, address)
        ids = (found.category_ids | category_ids(tx, categories)) - category_ids(tx, gone)
        if ids != found.category_ids:
            people.set_categories(tx, found.id, ids)
        return people.get(tx, found.id)

    say(f"User {session.store.write(work).id} is changed.")


def _columns(given: dict[str, str | None]) -> dict[str, object]:
    columns: dict[str, object] = {name: given[name] or None for name in _TEXTS if given[name] is not None}
    if "name" in columns:
        columns["name"] = given["name"]
    if given["language"] and given["language"] not in ("en", "tr"):
        raise click.UsageError("--language is en or tr.")
    if given["time_zone"]:
        import zoneinfo

        if given["time_zone"] not in zoneinfo.available_timezones():
            raise click.UsageError(f'"{given["time_zone"]}" is not a time zone; write it like Europe/Istanbul.')
    if given["role"]:
        columns["role"] = given["role"]
    if given["mail_on"]:
        columns["mail_on"] = int(given["mail_on"] == "on")
    if given["out_of_office"]:
        columns["out_of_office"] = int(given["out_of_office"] == "on")
    if given["new_ticket_mail"]:
        columns["new_ticket_mail"] = {"on": 1, "off": 0, "default": None}[given["new_ticket_mail"]]
    return columns


def _refuse_taken(tx: Tx, own: User, columns: dict[str, object]) -> None:
    username = columns.get("username")
    other = people.by_username(tx, str(username)) if username else None
    if other is not None and other.id != own.id:
        raise RefusedError(f'The user name "{username}" is user {other.id}\'s ({other.display}). Choose another.')


def _keep_one_administrator(tx: Tx, user: User) -> None:
    if user.role == Role.ADMINISTRATOR and [other.id for other in people.administrators(tx)] == [user.id]:
        raise RefusedError(
            f"{user.display} is the only administrator. Add another one first: mailgate user add --role administrator"
        )


@verb("mailgate user disable bob@example.com")
@click.argument("user", metavar="USER", type=WORDS)
@as_option
@pass_session
def disable(session: Session, user: str, as_: str | None) -> None:
    """Disable a person: no mail to them, and theirs is held.

    Tickets and entries stay. Links in mails that were sent to the person stop working.
    """

    def work(tx: Tx) -> User:
        session.need_administrator(tx, as_)
        found = people.named(tx, user)
        _keep_one_administrator(tx, found)
        people.change(tx, found.id, disabled=1)
        return found

    say(f"{safe(session.store.write(work).display)} is disabled.")


@verb("mailgate user enable bob@example.com")
@click.argument("user", metavar="USER", type=WORDS)
@as_option
@pass_session
def enable(session: Session, user: str, as_: str | None) -> None:
    """Enable a disabled person again.

    Mail that was held meanwhile stays held; see: mailgate message list --held.
    """

    def work(tx: Tx) -> User:
        session.need_administrator(tx, as_)
        found = people.named(tx, user)
        people.change(tx, found.id, disabled=0)
        return found

    say(f"{safe(session.store.write(work).display)} is enabled.")


def _new_password() -> str:
    secret = read_stdin_line("Password")
    if len(secret) < _SHORTEST_PASSWORD:
        raise RefusedError(f"The password is too short; at least {_SHORTEST_PASSWORD} characters.")
    return secret


def _hash(secret: str) -> str:
    from argon2 import PasswordHasher

    return PasswordHasher().hash(secret)


@verb("mailgate user password caren@example.com < password.txt")
@click.argument("user", metavar="USER", type=WORDS)
@as_option
@pass_session
def password(session: Session, user: str, as_: str | None) -> None:
    """Set a person's password for the web page.

    Asked for on a terminal, else the first line of standard input. Links that sign the person in stop working.
    """
    with session.store.read() as db:
        session.need_administrator(db, as_)
        found = people.named(db, user)
    hashed = _hash(_new_password())
    session.store.write(lambda tx: people.change(tx, found.id, password_hash=hashed))
    say(f"The password of {safe(found.display)} is set.")


@verb("mailgate user hash < password.txt")
def hash_password() -> None:
    """Print the hash of a password, for the configuration.

    For [smtp] users. Asked for on a terminal, else the first line of standard input; it is stored nowhere.
    """
    say(_hash(_new_password()))
