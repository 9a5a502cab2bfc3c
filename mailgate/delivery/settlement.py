"""What became of a letter, written down: recipients, the ticket's log, dead addresses.

Takes a transaction, a claimed letter and the answers; gives the letter's new status. Promises: everything about one try
is one transaction; each recipient that fails for good is one entry on the ticket, and one event tells of all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailgate import clock
from mailgate.config import Config
from mailgate.delivery.answer import Answer
from mailgate.delivery.schedule import next_attempt
from mailgate.desk.filing import log_event
from mailgate.store import Tx, events, outbox, suppressions
from mailgate.store.outbox import Claimed

_TEXT = 400


def settle(tx: Tx, config: Config, letter: Claimed, answers: Mapping[str, Answer]) -> str:
    """Writes one try down. Gives "sent", "pending" or "failed"; what is pending is tried again later or given up."""
    limit = config.outgoing.give_up_after.total_seconds()
    again = next_attempt(letter.attempts + 1, letter.created_at, clock.now(), limit)
    words = {address: (_word(answer), str(answer)) for address, answer in answers.items()}
    status = outbox.settle(tx, letter.id, words, again)
    failed = [address for address, (word, _) in words.items() if word == "failed" or (word == "pending" and not again)]
    _tell(tx, letter, {address: answers[address] for address in failed})
    return status


def give_up(tx: Tx, letter: Claimed, reason: str) -> str:
    """Ends a letter that has waited too long for a relay that cannot be used."""
    answers = {address: Answer(0, reason) for address in letter.recipients}
    outbox.settle(tx, letter.id, dict.fromkeys(answers, ("failed", reason)), None)
    _tell(tx, letter, answers)
    return "failed"


def _word(answer: Answer) -> str:
    return "sent" if answer.sent else "failed" if answer.permanent else "pending"


def _tell(tx: Tx, letter: Claimed, failed: Mapping[str, Answer]) -> None:
    for address, answer in failed.items():
        if answer.unknown_address:
            suppressions.note_failure(
                tx, address, str(answer)[:_TEXT], answer.status, suppressions.PERMANENT_FAILURES,
                clock.now() + suppressions.EXPIRY_SECONDS,
            )  # fmt: skip
        if letter.ticket_id is not None:
            given_up = "" if answer.permanent else "given up after the last answer: "
            log_event(
                tx, letter.ticket_id, "delivery failed",
                f"mail to {address} was not delivered: {given_up}{str(answer)[:_TEXT]}",
                recipients=[address], outbox=letter.id, status=answer.status,
            )  # fmt: skip
    if failed and letter.ticket_id is not None:
        events.add(tx, "DeliveryFailed", letter.ticket_id, recipients=list(failed), outbox=letter.id)
