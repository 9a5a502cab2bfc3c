"""Hosted addresses and the details behind the delimiter: `support+billing+1234@help.example.com`.

Takes the mailboxes of the configuration and one recipient; gives the mailbox it reaches and what its details say.
Promises: an address that is not hosted gives None, so the daemon is never an open relay; case does not matter;
details never make an address unknown. Standard: RFC 5233 (subaddress).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailgate.config.schema import Config, Mailbox

_REPLY_DETAIL = re.compile(r"t(\d{1,15})\.([a-z2-7]{16,64})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HostedMatch:
    """A hosted recipient: its mailbox and what its subaddress says.

    `category_id` is the last number among the details, `word` the last other detail (lower-cased),
    `reply_ticket` and `reply_signature` the parts of a signed reply address (`t12.SIGNATURE`), unverified.
    """

    mailbox: Mailbox
    recipient: str
    category_id: int | None = None
    word: str | None = None
    reply_ticket: int | None = None
    reply_signature: str | None = None


class HostedAddresses:
    """The hosted addresses of one configuration, looked up in constant time."""

    def __init__(self, mailboxes: Iterable[Mailbox], delimiter: str = "+") -> None:
        self._delimiter = delimiter
        self._mailboxes = {_comparable(box.address): box for box in mailboxes}
        self._domains: dict[str, Mailbox] = {}
        for address, box in self._mailboxes.items():
            self._domains.setdefault(address.rpartition("@")[2], box)

    @classmethod
    def of(cls, config: Config) -> "HostedAddresses":
        return cls(config.mailbox, config.smtp.recipient_delimiter)

    def match(self, recipient: str) -> HostedMatch | None:
        """The mailbox that a recipient reaches, or None where it is not ours.

        `postmaster` (RFC 5321 section 4.5.1), bare or at a hosted domain, reaches the first mailbox of the domain.
        """
        local_part, _, domain = _comparable(recipient.strip()).rpartition("@")
        if domain == "postmaster" and not local_part:
            local_part, domain = domain, next(iter(self._domains), "")
        if local_part.startswith('"') and local_part.endswith('"'):
            local_part = local_part[1:-1]
        exact = self._mailboxes.get(f"{local_part}@{domain}")
        if exact:
            return HostedMatch(exact, recipient)
        base, found, details = local_part.partition(self._delimiter)
        mailbox = self._mailboxes.get(f"{base}@{domain}") if found else None
        if mailbox:
            return self._read_details(mailbox, recipient, details)
        if base == "postmaster" and domain in self._domains:
            return HostedMatch(self._domains[domain], recipient)
        return None

    def is_own(self, address: str) -> bool:
        """Whether mail to this address comes back to us."""
        return self.match(address) is not None if "@" in address else False

    def _read_details(self, mailbox: Mailbox, recipient: str, details: str) -> HostedMatch:
        category_id, word, ticket, signature = None, None, None, None
        for detail in details.split(self._delimiter):
            signed = _REPLY_DETAIL.fullmatch(detail)
            if signed:
                ticket, signature = int(signed[1]), signed[2]
            elif detail.isascii() and detail.isdigit() and len(detail) <= 15:
                category_id = int(detail)
            elif detail:
                word = detail
        return HostedMatch(mailbox, recipient, category_id, word, ticket, signature)


def own_addresses(config: Config) -> frozenset[str]:
    """Addresses whose mail comes back to us, in lower case: hosted, polled, and those that we send from."""
    found = {box.address for box in config.mailbox}
    found |= {account.username for account in config.account}
    found |= {config.outgoing.from_address, config.outgoing.reply_to}
    found |= {box.from_address for box in config.mailbox if box.from_address}
    return frozenset(address.lower() for address in found if "@" in address)


def _comparable(address: str) -> str:
    """Lower case, and an internationalised domain as its A-label (RFC 5890), so that both spellings are one."""
    local_part, at, domain = address.lower().rpartition("@")
    if domain.isascii():
        return address.lower()
    try:
        return f"{local_part}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        return address.lower()
