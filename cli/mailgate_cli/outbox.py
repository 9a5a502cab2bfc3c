"""`mailgate outbox`: mail on its way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from mailgate import clock
from mailgate.errors import NotFoundError, RefusedError
from mailgate.store import Tx, events, outbox
from mailgate.store.engine import Row
from mailgate_cli.output import Column, age, finding, more, on_terminal, print_json_list, print_table, say, screen, warn
from mailgate_cli.session import Session, pass_session
from mailgate_cli.verb import TICKET_ID, as_option, json_option, verb

_STATUSES = ("pending", "sent", "failed", "cancelled")


def outbox_json(row: Row) -> dict[str, Any]:
    """A row of the outbox as the contract's JSON."""
    return {
        "id": row["id"],
        "ticket": row["ticket_id"],
        "to": row["to_list"].split("\n") if row["to_list"] else [],
        "subject": row["subject"],
        "message_id": row["message_id"],
        "status": row["status"],
        "attempts": row["attempts"],
        "next_attempt_at": clock.iso(row["next_attempt_at"]) if row["status"] == "pending" else None,
        "last_reply": row["last_reply"],
        "template": row["template"],
        "created_at": clock.iso(row["created_at"]),
    }


@verb("mailgate outbox list --status pending\nmailgate outbox list --ticket 12 --json")
@click.option("--status", type=click.Choice(_STATUSES), help="Only mail of this status.")
@click.option("--ticket", metavar="ID", type=TICKET_ID, help="Only mail about this ticket.")
@click.option("--limit", metavar="N", type=click.IntRange(0), help="At most so many; 0 for all.")
@json_option
@pass_session
def list_outbox(session: Session, status: str | None, ticket: int | None, limit: int | None, as_json: bool) -> None:
    """List mail on its way out, the latest first.

    With what the relay said last. A terminal shows as many as fit; --json prints all.
    """
    with session.store.read() as db:
        if as_json:
            print_json_list(outbox_json(row) for row in outbox.listed(db, status, ticket, limit or -1))
            return
        room = (limit or -1) if limit is not None else screen()[1] - 4 if on_terminal() else 50
        shown = outbox.listed(db, status, ticket, room)
        total = outbox.count(db, status, ticket)
    if not shown and on_terminal():
        say("Nothing is on its way.")
    print_table(
        [Column("ID", right=True), Column("STATUS"), Column("TRIES", right=True), Column("TO", flexible=True, minimum=16),
         Column("SUBJECT", flexible=True, minimum=16), Column("LAST REPLY", flexible=True), Column("WRITTEN", right=True)],
        [
            [str(row["id"]), row["status"], str(row["attempts"]), (row["to_list"] or "").replace("\n", ", "),
             row["subject"], row["last_reply"] or "", age(row["created_at"])]
            for row in shown
        ],
        {n: "red" for n, row in enumerate(shown) if row["status"] == "failed"},
    )  # fmt: skip
    more(len(shown), total)


def _on_each(
    session: Session, as_: str | None, ids: tuple[int, ...], act: Callable[[Tx, int], bool], done: str, not_done: str
) -> None:
    refused = 0
    with session.store.read() as db:
        actor = session.actor(db, as_)
    if not actor.is_staff:
        raise RefusedError(f"{actor.display} is not a technician or administrator. Name one with --as USER.")

    def work(tx: Tx, outbox_id: int) -> str | None:
        row = outbox.find(tx, outbox_id)
        if row is None:
            raise NotFoundError(f"There is no mail {outbox_id} in the outbox. See: mailgate outbox list")
        return None if act(tx, outbox_id) else str(row["status"])

    for outbox_id in dict.fromkeys(ids):

        def job(tx: Tx, one: int = outbox_id) -> str | None:
            return work(tx, one)

        try:
            status = session.store.write(job)
        except NotFoundError as error:
            warn(f"mailgate: {error}")
            refused += 1
            continue
        if status is None:
            say(f"Mail {outbox_id} {done}.")
        else:
            warn(f"mailgate: Mail {outbox_id} {not_done}; its status is {status}.")
            refused += 1
    session.store.bell.ring("delivery")
    if refused:
        finding()


@verb("mailgate outbox retry 31 32")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=int)
@as_option
@pass_session
def retry(session: Session, ids: tuple[int, ...], as_: str | None) -> None:
    """Send mail now that waits, failed or was cancelled.

    Recipients that have it already do not get it again.
    """
    _on_each(session, as_, ids, outbox.retry, "is sent at once", "cannot be sent again")


@verb("mailgate outbox cancel 31")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=int)
@as_option
@pass_session
def cancel(session: Session, ids: tuple[int, ...], as_: str | None) -> None:
    """Cancel mail that waits.

    What is being sent at this moment cannot be called back.
    """
    _on_each(session, as_, ids, outbox.cancel, "is cancelled", "cannot be cancelled")


@verb("mailgate outbox unwritten\nmailgate outbox unwritten --retry")
@click.option("--retry", "again", is_flag=True, help="Write them now, as after a template was repaired.")
@as_option
@json_option
@pass_session
def unwritten(session: Session, again: bool, as_: str | None, as_json: bool) -> None:
    """List letters that could not be written, and try them again.

    An event whose letters fail five times (a broken template, say) is set aside with its error, and the rest goes on.
    """
    with session.store.read() as db:
        rows = events.set_aside(db)
    if again:
        with session.store.read() as db:
            session.need_administrator(db, as_)
        count = session.store.write(events.retry_aside)
        session.settle()
        say(f"{count} events are tried again.")
        return
    if as_json:
        print_json_list(
            {
                "id": row["id"],
                "kind": row["kind"],
                "at": clock.iso(row["at"]),
                "ticket": row["ticket_id"],
                "error": row["error"],
            }
            for row in rows
        )
        return
    if not rows and on_terminal():
        say("Every letter was written.")
    print_table(
        [
            Column("ID", right=True),
            Column("EVENT"),
            Column("TICKET", right=True),
            Column("ERROR", flexible=True),
            Column("AT", right=True),
        ],
        [[str(row["id"]), row["kind"], str(row["ticket_id"] or ""), row["error"], age(row["at"])] for row in rows],
    )
