"""Which category, mailbox and address word a message gets from the addresses it was sent to (inbound.md section 2).

Takes the envelope's recipients, and the header fields where a forwarder rewrote them; gives a `Destination`.
The first recipient in envelope order that names a category decides; a number wins over a word.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mailgate.config import Config, Mailbox
from mailgate.mail.message import Envelope, ParsedMessage
from mailgate.model import Category
from mailgate.route.hosted import HostedAddresses, HostedMatch
from mailgate.store import Reader, people

_DELIVERY_FIELDS = ("Delivered-To", "X-Original-To", "Envelope-To")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a message goes. `missing` is a category number that was asked for and does not exist."""

    category: Category | None
    mailbox: Mailbox | None
    word: str | None
    missing: int | None
    matches: tuple[HostedMatch, ...]
    reason: str


def hosted_matches(hosted: HostedAddresses, envelope: Envelope, message: ParsedMessage) -> tuple[HostedMatch, ...]:
    """The hosted addresses a message was sent to: by envelope, else by Delivered-To and its kin, else by To and Cc."""
    found = _matching(hosted, envelope.recipients)
    for name in _DELIVERY_FIELDS:
        if found:
            break
        values = [field.value.strip("<> \t") for field in message.header.all(name)]
        found = _matching(hosted, values[:20])
    for addresses in (message.to, message.cc):
        if not found:
            found = _matching(hosted, (item.address for item in addresses))
    return found


def _matching(hosted: HostedAddresses, addresses: Iterable[str]) -> tuple[HostedMatch, ...]:
    return tuple(match for match in (hosted.match(address) for address in addresses if address) if match)


def destination(
    db: Reader | None, config: Config, matches: tuple[HostedMatch, ...], account_category: str | None = None
) -> Destination:
    """Chooses the category. Without a store (`explain` of a file) only numbers and words are known."""
    word = next((match.word for match in matches if match.word), None)
    mailbox = matches[0].mailbox if matches else None
    missing = None
    if db is None:
        return Destination(None, mailbox, word, None, matches, "no store to look in")
    for match in matches:
        if match.category_id is not None:
            chosen = people.find_category(db, match.category_id)
            if chosen is not None and chosen.id == match.category_id:
                return Destination(chosen, match.mailbox, word, None, matches, f"{match.recipient} names its number")
            missing = match.category_id if missing is None else missing
        if match.word:
            chosen = people.category_by_word(db, match.word)
            if chosen is not None:
                return Destination(chosen, match.mailbox, word, missing, matches, f"{match.recipient} names its word")
    named = [(account_category, "the account's category"), *((m.mailbox.category, "the mailbox's") for m in matches)]
    named.append((config.intake.default_category, "the default category"))
    asked = "" if missing is None else f"; category {missing}, which was asked for, does not exist"
    for name, reason in named:
        chosen = people.find_category(db, name)
        if chosen is not None:
            return Destination(chosen, mailbox, word, missing, matches, reason + asked)
    return Destination(people.first_category(db), mailbox, word, missing, matches, "the first category" + asked)
