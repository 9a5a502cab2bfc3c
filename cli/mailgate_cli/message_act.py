"""`mailgate message release`, `delete`, `retry`, `reprocess`: what people decide about messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from mailgate.errors import PermanentError, RefusedError
from mailgate.store import Tx, ledger, spool
from mailgate_cli.message import find
from mailgate_cli.output import finding, say, warn
from mailgate_cli.session import Session, pass_session
from mailgate_cli.verb import WORDS, as_option, verb


def _on_each(session: Session, as_: str | None, idents: Sequence[str], work: Callable[[Tx, int], str]) -> list[int]:
    """Runs `work` for each message in a transaction of its own; names what was refused. Gives the ids that were done.

    `work` gives "" or the sentence of a refusal."""
    done: list[int] = []
    refused = 0
    with session.store.read() as db:
        actor = session.actor(db, as_)
    if not actor.is_staff:
        raise RefusedError(f"{actor.display} is not a technician or administrator. Name one with --as USER.")
    for ident in dict.fromkeys(idents):

        def job(tx: Tx, ident: str = ident) -> int:
            row = find(tx, ident)
            problem = work(tx, row["id"])
            if problem:
                raise RefusedError(problem)
            return int(row["id"])

        try:
            done.append(session.store.write(job))
        except PermanentError as error:
            warn(f"mailgate: {error}")
            refused += 1
    if refused and not done:
        finding()
    return done


def _look_again(session: Session, done: list[int], idents: Sequence[str]) -> None:
    """Has the messages filed, and says what became of each. Ends with 1 where some were refused."""
    if done:
        session.file_waiting()
    with session.store.read() as db:
        for message in done:
            row = find(db, str(message))
            if row["outcome"] is None:
                say(f"Message {message} waits for the daemon.")
            elif row["ticket_id"]:
                say(f"Message {message}: {row['outcome']}, ticket {row['ticket_id']}.")
            else:
                say(f"Message {message}: {row['outcome']}. See: mailgate message why {message}")
    if len(done) < len(dict.fromkeys(idents)):
        finding()


def _reopen(outcomes: Sequence[str], released: bool) -> Callable[[Tx, int], str]:
    def work(tx: Tx, message: int) -> str:
        row = spool.find(tx, message)
        assert row is not None  # found in the same transaction
        if row["outcome"] is None:
            return f"Message {message} waits already; the daemon will file it."
        if row["outcome"] not in outcomes:
            return f"Message {message} is not {' or '.join(outcomes)}; its outcome is {row['outcome']}."
        if not ledger.has_bytes(tx, row["sha256"]):
            return f"The bytes of message {message} are gone; retention has removed them."
        spool.reopen(tx, message, outcomes, released)
        return ""

    return work


@verb("mailgate message release 7 9")
@click.argument("messages", metavar="ID...", nargs=-1, required=True, type=WORDS)
@as_option
@pass_session
def release(session: Session, messages: tuple[str, ...], as_: str | None) -> None:
    """Make tickets of held messages.

    They are filed as if nothing had been found against them: as a new ticket or as a reply.
    """
    _look_again(session, _on_each(session, as_, messages, _reopen(("held",), released=True)), messages)


@verb("mailgate message retry 8")
@click.argument("messages", metavar="ID...", nargs=-1, required=True, type=WORDS)
@as_option
@pass_session
def retry(session: Session, messages: tuple[str, ...], as_: str | None) -> None:
    """Try failed messages again.

    For messages that were set aside after several tries, once what went wrong is put right.
    """
    _look_again(session, _on_each(session, as_, messages, _reopen(("failed",), released=False)), messages)


@verb("mailgate message reprocess 8")
@click.argument("messages", metavar="ID...", nargs=-1, required=True, type=WORDS)
@as_option
@pass_session
def reprocess(session: Session, messages: tuple[str, ...], as_: str | None) -> None:
    """Look at held, failed or duplicate messages again from their bytes.

    With today's configuration and program; what was held may be held again.
    """
    work = _reopen(("held", "failed", "duplicate"), released=False)
    _look_again(session, _on_each(session, as_, messages, work), messages)


@verb("mailgate message delete 7")
@click.argument("messages", metavar="ID...", nargs=-1, required=True, type=WORDS)
@as_option
@pass_session
def delete(session: Session, messages: tuple[str, ...], as_: str | None) -> None:
    """Delete held or failed messages.

    Their row stays in the ledger, so that the audit balances; the bytes go with the next sweep.
    """
    with session.store.read() as db:
        name = session.actor(db, as_).display

    def work(tx: Tx, message: int) -> str:
        row = spool.find(tx, message)
        assert row is not None  # found in the same transaction
        if spool.mark_deleted(tx, message, f"deleted by {name}"):
            return ""
        return f"Message {message} is not held or failed; its outcome is {row['outcome'] or 'still open'}."

    done = _on_each(session, as_, messages, work)
    for message in done:
        say(f"Message {message} is deleted.")
    if len(done) < len(dict.fromkeys(messages)):
        finding()
