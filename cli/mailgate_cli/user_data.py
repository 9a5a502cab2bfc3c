"""`mailgate user export` and `forget`: what is kept about a person, given out or erased, for data-protection law."""

from __future__ import annotations

import sys

import click

from mailgate.errors import RefusedError
from mailgate.store import Tx, people
from mailgate_cli.output import print_json, say
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe
from mailgate_cli.user import user_json
from mailgate_cli.verb import WORDS, as_option, verb


@verb("mailgate user export ada@example.com > ada.json")
@click.argument("user", metavar="USER", type=WORDS)
@pass_session
def export(session: Session, user: str) -> None:
    """Print everything that is kept about a person, as JSON.

    Profile, tickets, what the person wrote, received messages, letters and subscriptions.
    """
    from mailgate.store import erasure

    with session.store.read() as db:
        found = people.named(db, user)
        print_json({"person": user_json(found), **erasure.export(db, found)})


@verb("mailgate user forget ada@example.com")
@click.argument("user", metavar="USER", type=WORDS)
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_option
@pass_session
def forget(session: Session, user: str, yes: bool, as_: str | None) -> None:
    """Erase what is kept about a person.

    Name, addresses, what the person wrote, attachments and received messages go, for good; tickets keep their numbers.
    What other people wrote stays, quotations in it too. Backups are not changed.
    """
    from mailgate.store import erasure

    with session.store.read() as db:
        session.need_administrator(db, as_)
        found = people.named(db, user)
    if not yes:
        if not sys.stdin.isatty():
            raise RefusedError("Erasing cannot be undone. Add --yes to say that it is meant.")
        click.confirm(f"Erase {safe(found.display)} <{safe(found.address)}> for good?", abort=True)

    def work(tx: Tx) -> dict[str, int]:
        return erasure.forget(tx, people.get(tx, found.id))

    counts = session.store.write(work)
    listed = ", ".join(f"{number} {name}" for name, number in counts.items())
    say(f"{safe(found.address or found.display)} is erased: {listed}. The stored bytes go with the next sweep.")
