"""People as the command line names them: found, or made from an address that nobody has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgate.errors import RefusedError
from mailgate.route.hosted import HostedAddresses
from mailgate.store import people

if TYPE_CHECKING:
    from mailgate.config import Config
    from mailgate.model import User
    from mailgate.store import Tx

_FORBIDDEN = set(' \t\r\n<>(),;:\\"[]')


def plain_address(given: str) -> str:
    """An address without display name. Raises RefusedError with what is wrong."""
    address = given.strip()
    local_part, at, domain = address.rpartition("@")
    if not at or not local_part or not domain or not address.isprintable() or set(address) & _FORBIDDEN:
        raise RefusedError(f'"{given}" is not a mail address. Write it like ada@example.com')
    if (
        len(address.encode()) > 254
        or "@" in local_part
        or ".." in domain
        or domain.startswith(".")
        or domain.endswith(".")
    ):
        raise RefusedError(f'"{given}" is not a mail address. Write it like ada@example.com')
    return address


def checked_address(config: Config, given: str) -> str:
    """An address that can be a person's: a plain one, and none of our own. Raises RefusedError."""
    address = plain_address(given)
    if HostedAddresses.of(config).is_own(address):
        raise RefusedError(f"{address} is an address of this installation; mail to it would come back as a ticket.")
    return address


def person_or_new(tx: Tx, config: Config, named: str) -> User:
    """The person of an address, user name or id; an unknown address becomes a user. Raises NotFoundError, RefusedError."""
    if "@" not in named or people.by_address(tx, named) is not None:
        return people.named(tx, named)
    return people.add(tx, [checked_address(config, named)], made_by="cli")
