"""New ticket or reply: which ticket a message belongs to, by whose evidence (inbound.md section 5).

Takes what the mail room read of a message; gives a `Match` or None. Order, the first that finds a ticket wins: the signed
reply address, `{123}` in the subject, In-Reply-To, References from the last to the first, the message's own Message-ID.
Never by subject text alone, never by Thread-Index. Promises: every look-up goes over an index; a merged ticket hands over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mailgate.mail.message import ParsedMessage
from mailgate.mail.tokens import read_message_id, verify_reply_address
from mailgate.model import Ticket
from mailgate.route.hosted import HostedMatch
from mailgate.store import Reader, tickets

_MAX_REFERENCES = 50


@dataclass(slots=True)
class Match:
    """The ticket, what found it, and whether the message carries our signature for it (`proof`)."""

    ticket: Ticket
    matched_by: str
    proof: bool


@dataclass(slots=True)
class Threading:
    """The match, if any, and the candidates that were tried, for the trace."""

    match: Match | None = None
    trace: list[dict[str, Any]] = field(default_factory=list)

    def note(self, result: str, detail: str) -> None:
        self.trace.append({"step": "thread", "result": result, "detail": detail})


def find_ticket(
    db: Reader,
    message: ParsedMessage,
    numbers: Sequence[int],
    matches: Sequence[HostedMatch],
    keys: Sequence[bytes],
    sender_id: int | None,
) -> Threading:
    """Looks for the ticket of a message; `numbers` are those in braces in its subject, in order."""
    threading = Threading()
    signed = _signed_tickets(message, matches, keys)
    for ticket_id in (m.reply_ticket for m in matches if m.reply_ticket is not None and m.reply_ticket in signed):
        if _found(db, threading, ticket_id, "reply_address", f"signed reply address of ticket {ticket_id}", signed):
            return threading
    for number in reversed(numbers):
        if _found(db, threading, number, "subject", f"{{{number}}} in the subject", signed):
            return threading
        threading.note("none", f"{{{number}}} in the subject names no ticket")
    named = [("in_reply_to", item) for item in message.in_reply_to]
    named += [("references", item) for item in reversed(message.references[-_MAX_REFERENCES:])]
    for how, message_id in named:
        if _known(db, threading, message_id, how, keys, sender_id, signed):
            return threading
    if message.message_id:
        for ticket_id, direction in tickets.by_message_id(db, message.message_id):
            detail = f"{message.message_id} was {'named by' if direction == 'ref' else 'seen in'} ticket {ticket_id}"
            if _found(db, threading, ticket_id, "message_id", detail, signed):
                return threading
    threading.note("new ticket", "nothing in the message names a ticket")
    return threading


def _known(
    db: Reader,
    threading: Threading,
    message_id: str,
    how: str,
    keys: Sequence[bytes],
    sender_id: int | None,
    signed: set[int],
) -> bool:
    """Whether a Message-ID leads to a ticket: by our signature in it, or because it was received or sent for one."""
    ours = read_message_id(message_id, keys)
    if ours is not None and _found(db, threading, ours, how, f"{message_id} carries our signature", signed):
        return True
    for ticket_id, direction in tickets.by_message_id(db, message_id):
        # An id that was only named so far may be the newsletter that many strangers answer: it joins people who
        # already belong to the ticket, and nobody else.
        if direction == "ref" and not _takes_part(db, ticket_id, sender_id):
            threading.note("none", f"{message_id} was only named in ticket {ticket_id}, where the sender has no part")
            continue
        if _found(db, threading, ticket_id, how, f"{message_id} belongs to ticket {ticket_id}", signed):
            return True
    return False


def _found(db: Reader, threading: Threading, ticket_id: int, how: str, detail: str, signed: set[int]) -> bool:
    ticket = tickets.resolve_merged(db, ticket_id)
    if ticket is None:
        return False
    if ticket.id != ticket_id:
        detail = f"{detail}, merged into {ticket.id}"
    proof = ticket_id in signed or ticket.id in signed
    threading.match = Match(ticket, how, proof)
    threading.note(how, detail + (", with our signature" if proof else ""))
    return True


def _signed_tickets(message: ParsedMessage, matches: Sequence[HostedMatch], keys: Sequence[bytes]) -> set[int]:
    """Tickets that the message proves to know: the sender had our mail."""
    signed = set()
    for message_id in (*message.in_reply_to, *message.references[-_MAX_REFERENCES:]):
        ticket_id = read_message_id(message_id, keys)
        if ticket_id is not None:
            signed.add(ticket_id)
    for match in matches:
        ticket_id, signature = match.reply_ticket, match.reply_signature
        if ticket_id is not None and signature is not None and verify_reply_address(ticket_id, signature, keys):
            signed.add(ticket_id)
    return signed


def _takes_part(db: Reader, ticket_id: int, sender_id: int | None) -> bool:
    if sender_id is None:
        return False
    ticket = tickets.resolve_merged(db, ticket_id)
    return ticket is not None and (ticket.requester_id == sender_id or tickets.is_subscriber(db, ticket.id, sender_id))
