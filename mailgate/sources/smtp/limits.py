"""Who may connect: networks that are trusted, and places for connections.

Takes addresses as text; gives yes or no. Promises: constant time and memory bounded by the connections there are;
one client with a whole IPv6 network counts as one.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable

from mailgate.config.schema import SmtpLimits
from mailgate.errors import ConfigError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_IPV6_CUSTOMER = 64
"""Bits of an IPv6 address that tell customers apart; the rest is theirs to change."""


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks of the configuration. Raises ConfigError that names the wrong one."""
    networks = []
    for text in texts:
        try:
            networks.append(ipaddress.ip_network(text.strip(), strict=False))
        except ValueError:
            raise ConfigError(
                f'smtp.trusted: "{text}" is no address or network; write one such as 192.0.2.1 or 10.0.0.0/8'
            ) from None
    return tuple(networks)


def plain_address(text: str) -> str:
    """An address as clients know themselves: no zone, and no IPv6 dress on an IPv4 address."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def is_within(text: str | None, networks: tuple[Network, ...]) -> bool:
    """Whether an address lies in one of the networks."""
    if text is None or not networks:
        return False
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in networks)


class Places:
    """Counts connections, in all and by address."""

    def __init__(self) -> None:
        self.total = 0
        self._by_address: Counter[str] = Counter()

    def enter(self) -> None:
        """Counts a connection."""
        self.total += 1

    def leave(self, key: str | None) -> None:
        """Counts it out; `key` is what `claim` gave."""
        self.total -= 1
        if key is not None:
            self._by_address[key] -= 1
            if self._by_address[key] <= 0:
                del self._by_address[key]

    def is_full(self, limits: SmtpLimits) -> bool:
        """Whether there are more connections than allowed."""
        return self.total > limits.connections

    def claim(self, address: str, limits: SmtpLimits) -> str | None:
        """Takes a place for the address; None where it has as many as allowed."""
        key = address
        if ":" in address:
            key = str(ipaddress.ip_network(f"{address}/{_IPV6_CUSTOMER}", strict=False))
        if self._by_address[key] >= limits.connections_per_address:
            return None
        self._by_address[key] += 1
        return key
