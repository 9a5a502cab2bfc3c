"""`mailgate message release`, `delete`, `retry`, `reprocess`: what people decide about messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from mailgate.errors import PermanentError, RefusedError
from mailgate.model import User
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
    _need_staff(actor)
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


def _need_staff(actor: User) -> None:
    if not actor.is_staff:
        raise RefusedError(f"{actor.display} is not a technician or administrator. Name one with --as USER.")


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
    """Look at messages again from their bytes, with today's program and configuration.

    Of a message that is part of a ticket, text and attachments are made again; it stays where it is. A held, failed or
    duplicate one is judged again; what was held may be held again.
    """
    with session.store.read() as db:
        rows = [row for row in (spool.find(db, ident.strip()) for ident in messages) if row is not None]
    filed = {row["id"]: row["queue_id"] for row in rows if row["outcome"] in ("new_ticket", "reply")}
    rest = [ident for ident in messages if not _names_one_of(ident, filed)]
    refused = _read_again(session, as_, list(filed))
    if rest:
        work = _reopen(("held", "failed", "duplicate"), released=False)
        _look_again(session, _on_each(session, as_, rest, work), rest)
    if refused:
        finding()


def _names_one_of(ident: str, filed: dict[int, str]) -> bool:
    return ident.strip().upper() in {str(message) for message in filed} | set(filed.values())


def _read_again(session: Session, as_: str | None, filed: Sequence[int]) -> int:
    """Makes the entries of filed messages again; gives how many could not be."""
    if not filed:
        return 0
    from mailgate.intake.again import read_again

    with session.store.read() as db:
        _need_staff(session.actor(db, as_))
    refused = 0
    for message in filed:
        try:
            changed = read_again(session.store, message)
        except PermanentError as error:
            warn(f"mailgate: {error}")
            refused += 1
        else:
            say(f"Message {message}: {'made again' if changed else 'nothing is different'}.")
    return refused


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
