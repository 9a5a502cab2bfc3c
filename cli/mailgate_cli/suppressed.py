"""`mailgate mail suppressed`: addresses that mail no longer goes to, after repeated failures or by hand."""

from __future__ import annotations

from datetime import timedelta

import click

from mailgate import clock
from mailgate.errors import RefusedError
from mailgate.store import Tx, suppressions
from mailgate_cli.output import Column, finding, on_terminal, print_json, print_table, say, warn, when
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe
from mailgate_cli.verb import SPAN, WORDS, as_option, json_option, verb


@verb("mailgate mail suppressed list")
@json_option
@pass_session
def list_suppressed(session: Session, as_json: bool) -> None:
    """List addresses that mail no longer goes to, and why.

    The latest come first.
    """
    with session.store.read() as db:
        rows = suppressions.listed(db)
    if as_json:
        print_json(
            [
                {
                    "address": row["address"],
                    "reason": row["reason"],
                    "status": row["status"],
                    "failures": row["failures"],
                    "since_at": clock.iso(row["since_at"]),
                    "expires_at": clock.iso(row["expires_at"]),
                }
                for row in rows
            ]
        )
        return
    if not rows and on_terminal():
        say("Mail goes to every address.")
    print_table(
        [
            Column("ADDRESS", flexible=True, minimum=20),
            Column("SINCE"),
            Column("UNTIL"),
            Column("REASON", flexible=True),
        ],
        [[row["address"], when(row["since_at"]), when(row["expires_at"]) or "for good", row["reason"]] for row in rows],
    )


@verb('mailgate mail suppressed add bob@example.com --reason "asked for it" --until 30d')
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True, type=WORDS)
@click.option("--reason", metavar="TEXT", default="by hand", type=WORDS, help="Why, for the list.")
@click.option("--until", "span", metavar="TIME", type=SPAN, help="For how long, such as 30d. Else for good.")
@as_option
@pass_session
def add(session: Session, addresses: tuple[str, ...], reason: str, span: timedelta | None, as_: str | None) -> None:
    """Stop mail to addresses.

    Tickets go on; the person hears nothing by mail.
    """
    for address in addresses:
        if "@" not in address:
            raise RefusedError(f'"{address}" is not a mail address. Write it like ada@example.com')
    expires = clock.now() + span.total_seconds() if span else None

    def work(tx: Tx) -> None:
        session.need_administrator(tx, as_)
        for address in addresses:
            suppressions.add(tx, address, reason, expires)

    session.store.write(work)
    say(f"No mail goes to {safe(', '.join(addresses))}.")


@verb("mailgate mail suppressed remove bob@example.com")
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True, type=WORDS)
@as_option
@pass_session
def remove(session: Session, addresses: tuple[str, ...], as_: str | None) -> None:
    """Let mail go to addresses again.

    Their failures are forgotten.
    """

    def work(tx: Tx) -> list[str]:
        session.need_administrator(tx, as_)
        return [address for address in addresses if not suppressions.remove(tx, address)]

    unknown = session.store.write(work)
    for address in addresses:
        if address in unknown:
            warn(f"mailgate: {safe(address)} is not on the list. See: mailgate mail suppressed list")
        else:
            say(f"Mail goes to {safe(address)} again.")
    if unknown:
        finding()
