"""Mail that came back: bounces are tied to their letter and ticket, and dead addresses are no longer written to.

Takes what the mail room read of a bounce; writes an entry on the ticket and counts against the addresses. Also notes
unregistered senders, who are told once where the installation wants it.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailgate import clock
from mailgate.config import Config
from mailgate.desk import filing as pen
from mailgate.intake.reading import Reading
from mailgate.mail.message import Bounce
from mailgate.mail.tokens import read_message_id
from mailgate.store import Reader, Tx, events, outbox, suppressions, tickets
from mailgate.store.spool import Spooled


def bounced_ticket(db: Reader, bounce: Bounce, keys: Sequence[bytes]) -> int | None:
    """The ticket whose mail bounced: by the returned Message-ID, else by the last letter to the failed address."""
    if bounce.original_message_id:
        signed = read_message_id(bounce.original_message_id, keys)
        if signed is not None and tickets.resolve_merged(db, signed) is not None:
            return signed
        letter = outbox.by_message_id(db, bounce.original_message_id)
        if letter is not None and letter["ticket_id"] is not None:
            return int(letter["ticket_id"])
    return None


def note_bounce(tx: Tx, bounce: Bounce, keys: Sequence[bytes], ticket_id: int | None) -> int | None:
    """Writes the failure on the ticket and counts it against the addresses. Gives the ticket.

    Only a bounce that returns a Message-ID of ours counts: anybody can write one that does not, and would silence others.
    """
    ours = bounced_ticket(tx, bounce, keys)
    found = ours or ticket_id
    target = None if found is None else tickets.resolve_merged(tx, found)
    if target is None:
        return None
    addresses = ", ".join(bounce.recipients) or "an unknown address"
    words = "delayed" if bounce.action == "delayed" else "failed"
    status = f" ({bounce.status})" if bounce.status else ""
    detail = f": {bounce.diagnostic}" if bounce.diagnostic else ""
    pen.log_event(
        tx, target.id, "delivery " + words, f"delivery to {addresses} {words}{status}{detail}"[:1000],
        recipients=list(bounce.recipients), status=bounce.status,
    )  # fmt: skip
    if ours is not None and bounce.action == "failed":
        for address in bounce.recipients:
            _count_failure(tx, target.id, address, bounce)
        events.add(tx, "DeliveryFailed", target.id, recipients=list(bounce.recipients), status=bounce.status)
    return target.id


def _count_failure(tx: Tx, ticket_id: int, address: str, bounce: Bounce) -> None:
    permanent = bounce.status is None or (bounce.status.startswith("5.") and not bounce.status.startswith("5.2.2"))
    if not permanent:
        return
    reason, times = bounce.diagnostic or bounce.reason, suppressions.PERMANENT_FAILURES
    now_suppressed = suppressions.note_failure(
        tx,
        address,
        reason[:500],
        bounce.status,
        suppressions.PERMANENT_FAILURES,
        clock.now() + suppressions.EXPIRY_SECONDS,
    )
    if now_suppressed:
        text = f"mail to {address} stops after {times} permanent failures (see: mailgate mail suppressed list)"
        pen.log_event(tx, ticket_id, "suppressed", text, address=address)


def note_unregistered(tx: Tx, config: Config, reading: Reading, item: Spooled) -> None:
    """Asks the reactor to tell an unregistered sender, where that is wanted and the mail is a person's."""
    author = reading.message.author
    wanted = config.intake.answer_unregistered and author is not None and item.envelope.reverse_path is not None
    if wanted and author is not None and reading.automatic is None and not reading.noreply:
        events.add(tx, "UnregisteredHeld", address=author.address, message=item.id, subject=reading.subject[:500])
