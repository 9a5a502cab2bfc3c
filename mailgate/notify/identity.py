"""Who a letter is from, and where its answer goes (outbound.md section 1).

Takes the configuration, the ticket's category and mailbox, and who wrote; gives From and Reply-To.
Promises: the From address is never a person's; a category's own identity wins over the mailbox's, and both over the
general one; a mail that a person wrote carries that person's name unless `from_name_for_all`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailgate.config.schema import Config, Mailbox
from mailgate.mail import tokens
from mailgate.mail.message import Address
from mailgate.model import Category, Ticket
from mailgate.route.hosted import HostedAddresses


@dataclass(frozen=True, slots=True)
class Identity:
    """The From and Reply-To of one letter."""

    from_: Address
    reply_to: Address


def identity(
    config: Config, keys: Sequence[bytes], ticket: Ticket | None, category: Category | None, author: str
) -> Identity:
    """The identity of a letter about a ticket (None: about none); `author` is "" for system mail."""
    outgoing = config.outgoing
    box = _mailbox(config, ticket)
    address = _first(
        category.from_address if category else None, box.from_address if box else None, outgoing.from_address
    )
    system_name = _first(category.from_name if category else None, box.from_name if box else None, outgoing.from_name)
    name = system_name if outgoing.from_name_for_all or not author else author
    reply_to = outgoing.reply_to or address
    if ticket is not None and config.intake.signed_reply_address:
        reply_to = _signed(config, keys, ticket, reply_to)
    return Identity(Address(name, address), Address(system_name, reply_to))


def _signed(config: Config, keys: Sequence[bytes], ticket: Ticket, address: str) -> str:
    """The signed reply address, where its mail comes back to us; polled mailboxes may not know subaddresses."""
    match = HostedAddresses.of(config).match(address)
    if match is None:
        return address
    return tokens.reply_address(match.mailbox.address, ticket.id, keys, config.smtp.recipient_delimiter)


def _mailbox(config: Config, ticket: Ticket | None) -> Mailbox | None:
    name = (ticket.mailbox or "").lower() if ticket else ""
    return next((box for box in config.mailbox if box.address.lower() == name), None) if name else None


def _first(*candidates: str | None) -> str:
    return next((text for text in candidates if text), "")
