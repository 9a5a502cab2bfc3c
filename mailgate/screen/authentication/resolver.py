"""The only way to the DNS: one resolver for a configuration, and for each message a budget of time and questions.

Takes the servers of `screen.resolver` ("address" or "address:port"; none: the system's) and `screen.dns_timeout`; gives
plain values. Promises: all look-ups about one message end within the bound, however many servers are slow; a name that
does not exist or cannot exist is an empty answer; everything else that goes wrong is `DnsTrouble`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mailgate import clock
from mailgate.config.verify_screen import name_server
from mailgate.errors import ConfigError

_QUESTIONS = 150
"""For one message: SPF may need 111 (RFC 7208 section 4.6.4), the rest a few."""
_TRY_SECONDS = 3.0
_CACHE_ENTRIES = 1000  # an answer may have 64 kB, and strangers choose what is asked
_UDP_BYTES = 1232
"""DKIM keys are longer than the 512 bytes of old; more than this would be split on the way (DNS flag day 2020)."""


class DnsTrouble(Exception):
    """No answer that could be trusted: a time-out, a server that failed, or too many questions."""


class Resolver:
    """Shared by all messages; safe in threads."""

    def __init__(self, servers: Sequence[str], seconds: float) -> None:
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration:
            resolver = dns.resolver.Resolver(configure=False)
        if servers:
            resolver.nameservers = [_server(text) for text in servers]
        resolver.timeout = min(_TRY_SECONDS, seconds)
        resolver.use_edns(0, 0, _UDP_BYTES)
        resolver.cache = dns.resolver.LRUCache(_CACHE_ENTRIES)
        self._resolver = resolver
        self._seconds = seconds

    def lookups(self) -> Lookups:
        """The budget for one message; the clock starts now."""
        return Lookups(self._resolver, clock.monotonic() + self._seconds)


class Lookups:
    """Questions about one message."""

    def __init__(self, resolver: Any, ends_at: float) -> None:
        self._resolver = resolver
        self._ends_at = ends_at
        self._left = _QUESTIONS

    def records(self, name: str, kind: str) -> list[Any]:
        """Answers of one kind (A, AAAA, MX, PTR, TXT) as dnspython's rdata; aliases are followed. Raises DnsTrouble."""
        import dns.exception
        import dns.resolver

        self._left -= 1
        seconds = self._ends_at - clock.monotonic()
        if self._left < 0 or seconds <= 0:
            raise DnsTrouble("too many questions" if self._left < 0 else "no time left for the DNS")
        try:
            answer = self._resolver.resolve(name, kind, lifetime=seconds, search=False, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return []
        except (dns.resolver.YXDOMAIN, dns.resolver.NoNameservers, dns.exception.Timeout, OSError) as error:
            raise DnsTrouble(f"{name}: {type(error).__name__}") from error
        except (dns.exception.DNSException, ValueError):
            return []  # a name that cannot exist: too long, an empty label, letters that no IDNA allows
        return list(answer.rrset or ())

    def texts(self, name: str) -> list[bytes]:
        """The TXT records of a name, the strings of each joined. Raises DnsTrouble."""
        return [b"".join(record.strings) for record in self.records(name, "TXT")]


def ascii_domain(domain: str) -> str | None:
    """A domain as the DNS writes it: lower case, IDNA; None where it is none."""
    domain = domain.strip().rstrip(".").lower()
    try:
        name = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        return None
    labels = name.split(".")
    if len(name) > 253 or len(labels) < 2 or not all(0 < len(label) < 64 for label in labels):
        return None
    return name if all(c.isalnum() or c in "-_." for c in name) else None


def _server(text: str) -> Any:
    import dns.nameserver

    place = name_server(text)
    if place is None:
        raise ConfigError(f'screen.resolver: "{text}" is no address; write one such as 127.0.0.1 or 127.0.0.1:5353')
    return dns.nameserver.Do53Nameserver(*place)
