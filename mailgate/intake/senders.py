"""Who wrote a message and what standing they have with its ticket (inbound.md sections 5 and 6).

Takes From, envelope, the matched ticket and what is known about authenticity; gives people and a `Standing`.
Promises: never a user for one of our own addresses; a name in From gives no powers without proof.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mailgate.config import Config
from mailgate.desk.filing import unknown_sender
from mailgate.mail.autoreply import is_noreply
from mailgate.mail.message import Address, Envelope, ParsedMessage
from mailgate.model import User
from mailgate.route.hosted import HostedAddresses
from mailgate.route.threads import Match
from mailgate.screen.authentication.results import read_results
from mailgate.screen.authenticity import dmarc_failed, is_authenticated
from mailgate.screen.case import is_outside
from mailgate.store import Reader, Tx, events, people, tickets
from mailgate.store.spool import Spooled

_MAX_SUBSCRIBERS = 50
_MAX_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class Standing:
    """The sender's standing: the user (None: not known yet), whether a stranger to the ticket, whether a technician's
    powers are proven, whether DMARC failed; `word` and `reason` are for the trace."""

    user: User | None
    stranger: bool
    powers: bool
    spoofed: bool
    word: str
    reason: str


def find(db: Reader, message: ParsedMessage, envelope: Envelope) -> User | None:
    """The user whose address the message is from; without From and Sender, by the reverse-path."""
    author = message.author or _from_envelope(envelope)
    return people.by_address(db, author.address) if author and "@" in author.address else None


def make(tx: Tx, message: ParsedMessage, envelope: Envelope, own: frozenset[str]) -> User:
    """Makes the user for a sender nobody knew; one stands for all messages without a usable sender."""
    author = message.author or _from_envelope(envelope)
    if author is None or not is_usable(author.address) or author.address.lower() in own:
        return unknown_sender(tx)
    return find_or_add(tx, author, "mail")


def find_or_add(tx: Tx, author: Address, made_by: str) -> User:
    """The user of an address, made where there is none; a name is learnt where none was known."""
    known = people.by_address(tx, author.address)
    if known is not None:
        if not known.name and author.name and author.name.lower() != author.address.lower():
            people.change(tx, known.id, name=_person_name(author))
        return known
    user = people.add(tx, [author.address], _person_name(author), made_by=made_by)
    events.add(tx, "UserMade", actor_id=user.id, person=user.id, made_by=made_by)
    return user


def subscribers(
    tx: Tx, addresses: Iterable[Address], own: frozenset[str], hosted: HostedAddresses, may_make: bool
) -> list[int]:
    """People of To and Cc who join a new ticket: our own addresses skipped, at most 50."""
    found: dict[int, None] = {}
    for item in addresses:
        address = item.address.lower()
        if len(found) >= _MAX_SUBSCRIBERS:
            break
        if not is_usable(address) or address in own or hosted.is_own(address) or is_noreply(address):
            continue
        known = people.by_address(tx, address)
        if known is None and may_make:
            known = find_or_add(tx, item, "cc")
        if known is not None and not known.disabled:
            found[known.id] = None
    return list(found)


def with_trust(item: Spooled, config: Config, message: ParsedMessage, sender: User | None) -> dict[str, Any]:
    """The findings of SMTP time, with SMTP AUTH and trusted sources told apart from mere words in From.

    Where nothing was checked here, a configured host's Authentication-Results are believed, but for a client from outside
    that writes such a field itself.
    """
    findings = dict(item.findings)
    direct = item.source in ("smtp", "lmtp") and is_outside(item.client)
    if "authentication" not in findings and not direct:
        author = message.author or _from_envelope(item.envelope)
        results = read_results(message.header, config.screen.trusted_authserv_ids, author.address if author else "")
        if results is not None:
            findings["authentication"] = results
    if item.client.auth_user and sender is not None:
        names = {sender.username, *sender.addresses}
        findings["smtp_auth"] = item.client.auth_user in names
    account = config.account_named(item.source.partition(":")[2]) if ":" in item.source else None
    by_mta = item.client.trusted and "authentication" not in findings  # where it says what it found, that decides
    findings["trusted_source"] = by_mta or bool(account and account.trusted)
    return findings


def standing(db: Reader, user: User | None, match: Match | None, findings: dict[str, Any], trust: bool) -> Standing:
    """What the sender may do, and whether the ticket knows them."""
    spoofed = dmarc_failed(findings) and not trust
    proven = trust or is_authenticated(findings)
    powers = (trust or (user is not None and user.is_staff)) and proven
    if match is None:
        word = "technician" if powers else "known" if user else "unknown"
        return Standing(user, False, powers, spoofed, word, _reason(user, proven))
    if spoofed:
        return Standing(user, True, False, True, "stranger", "the message failed its domain's DMARC policy")
    if powers:
        return Standing(user, False, True, False, "technician", "an authenticated technician")
    if match.proof:
        return Standing(
            user, False, False, False, "subscriber", "the message carries our signature: the sender had our mail"
        )
    if user is not None:
        ticket = match.ticket
        if user.id == ticket.requester_id:
            return Standing(user, False, False, False, "requester", "the sender is the requester")
        if tickets.is_subscriber(db, ticket.id, user.id):
            return Standing(user, False, False, False, "subscriber", "the sender subscribes to the ticket")
        if user.company_id is not None and user.company_id == people.get(db, ticket.requester_id).company_id:
            return Standing(user, False, False, False, "company", "the sender is of the requester's company")
    return Standing(user, True, False, False, "stranger", "the sender has no part in the ticket")


def is_usable(address: str) -> bool:
    """Whether mail could be sent to an address and a user made of it."""
    local_part, at, domain = address.rpartition("@")
    plain = address.isprintable() and not any(c in address for c in ' <>"')
    return plain and bool(local_part and at and domain) and len(address) <= _MAX_ADDRESS


def _from_envelope(envelope: Envelope) -> Address | None:
    return Address("", envelope.reverse_path.lower()) if envelope.reverse_path else None


def _person_name(author: Address) -> str:
    """The display name as a person's name: one line, bounded, and not the address again."""
    name = " ".join(author.name.split())[:200]
    return "" if name.lower() == author.address.lower() else name


def _reason(user: User | None, proven: bool) -> str:
    if user is None:
        return "the sender is not known yet"
    role = "a technician" if user.is_staff else "a user"
    return f"{role} ({user.display}), {'authenticated' if proven else 'not authenticated'}"
