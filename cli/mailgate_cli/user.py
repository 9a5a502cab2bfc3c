"""`mailgate user add`, `list`, `show`: people, their roles and categories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from mailgate import clock
from mailgate.errors import NotFoundError
from mailgate.model import Role, User
from mailgate.store import Reader, Tx, people
from mailgate_cli.output import Column, more, on_terminal, print_json, print_json_list, print_table, say, screen, when
from mailgate_cli.people_named import checked_address
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe
from mailgate_cli.verb import WORDS, as_option, json_option, verb

ROLES = click.Choice([str(role) for role in Role])


def category_ids(db: Reader, names: Iterable[str]) -> set[int]:
    """The ids of categories by id, word or name. Raises NotFoundError."""
    found = set()
    for name in names:
        category = people.find_category(db, name)
        if category is None:
            raise NotFoundError(f'There is no category "{name}". See: mailgate category list')
        found.add(category.id)
    return found


@verb("mailgate user add caren@example.com --name Caren --role technician --category Billing")
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True, type=WORDS)
@click.option("--name", metavar="NAME", default="", type=WORDS, help="The full name.")
@click.option(
    "--username", metavar="NAME", type=WORDS, help="The login name; commands of that system user act as this person."
)
@click.option("--role", type=ROLES, help="What the person may do. Else user, or technician where a category is given.")
@click.option(
    "--category", "categories", metavar="CATEGORY", multiple=True, type=WORDS, help="Technician of this category."
)
@click.option("--language", metavar="LANGUAGE", type=click.Choice(["en", "tr"]), help="Language of mail to the person.")
@as_option
@pass_session
def add(
    session: Session,
    addresses: tuple[str, ...],
    name: str,
    username: str | None,
    role: str | None,
    categories: tuple[str, ...],
    language: str | None,
    as_: str | None,
) -> None:
    """Add a person.

    The first address is written to; mail from all of them is the person's. No mail is sent.
    """
    checked = [checked_address(session.config, address) for address in addresses]
    chosen = role or (Role.TECHNICIAN if categories else Role.USER)

    def work(tx: Tx) -> User:
        session.need_administrator(tx, as_)
        ids = category_ids(tx, categories)
        made = people.add(tx, checked, name.strip(), chosen, username, language=language)
        if ids:
            people.set_categories(tx, made.id, ids)
        return made

    made = session.store.write(work)
    say(f"User {made.id} is added: {safe(made.display)}, {made.role}.")


@verb("mailgate user list --role technician")
@click.option("--role", type=ROLES, help="Only people of this role.")
@click.option("--staff", is_flag=True, help="Technicians and administrators.")
@click.option("--limit", metavar="N", type=click.IntRange(0), help="At most so many; 0 for all.")
@json_option
@pass_session
def list_users(session: Session, role: str | None, staff: bool, limit: int | None, as_json: bool) -> None:
    """List people.

    A terminal shows as many as fit; --json prints all.
    """
    with session.store.read() as db:
        if as_json:
            found = people.everyone(db, role, limit or -1)
            print_json_list(user_json(user) for user in found if user.is_staff or not staff)
            return
        room = (limit or -1) if limit is not None else screen()[1] - 4 if on_terminal() else 50
        found = [user for user in people.everyone(db, role) if user.is_staff or not staff]
        shown = found if room < 0 else found[:room]
        names = {category.id: category.name for category in people.categories(db)}
    print_table(
        [Column("ID", right=True), Column("NAME", flexible=True), Column("ADDRESS", flexible=True, minimum=16),
         Column("ROLE"), Column("CATEGORIES", flexible=True)],
        [
            [str(user.id), user.name, user.address, f"{user.role}, disabled" if user.disabled else user.role,
             ", ".join(names[c] for c in sorted(user.category_ids))]
            for user in shown
        ],
        {number: "bright_black" for number, user in enumerate(shown) if user.disabled},
    )  # fmt: skip
    more(len(shown), len(found))


def user_json(user: User) -> dict[str, Any]:
    """A person as JSON; the password's hash is never printed."""
    return {
        "id": user.id,
        "name": user.name,
        "username": user.username,
        "address": user.address,
        "addresses": user.addresses,
        "role": user.role,
        "company": user.company,
        "department": user.department,
        "location": user.location,
        "language": user.language,
        "time_zone": user.time_zone,
        "signature": user.signature,
        "mail_on": user.mail_on,
        "new_ticket_mail": user.new_ticket_mail,
        "out_of_office": user.out_of_office,
        "disabled": user.disabled,
        "has_password": user.password_hash is not None,
        "categories": sorted(user.category_ids),
        "created_at": clock.iso(user.created_at),
    }


@verb("mailgate user show caren@example.com")
@click.argument("user", metavar="USER", type=WORDS)
@json_option
@pass_session
def show(session: Session, user: str, as_json: bool) -> None:
    """Show a person.

    By address, user name or id.
    """
    with session.store.read() as db:
        found = people.named(db, user)
        names = {category.id: category.name for category in people.categories(db)}
    if as_json:
        print_json(user_json(found))
        return
    facts = {
        "Id": str(found.id),
        "Name": found.name,
        "User name": found.username or "",
        "Addresses": ", ".join(found.addresses),
        "Role": f"{found.role}, disabled" if found.disabled else str(found.role),
        "Categories": ", ".join(names[c] for c in sorted(found.category_ids)),
        "Company": found.company or "",
        "Department": found.department or "",
        "Location": found.location or "",
        "Language": found.language or "",
        "Time zone": found.time_zone or "",
        "Signature": found.signature or "",
        "Mail": "on" if found.mail_on else "off",
        "Away": "out of office" if found.out_of_office else "",
        "Password": "set" if found.password_hash else "none",
        "Since": when(found.created_at),
    }
    for name, value in facts.items():
        if value:
            say(f"{name:<12} {safe(value)}")
