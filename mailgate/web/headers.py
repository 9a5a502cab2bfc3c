"""What stands in the header of every answer, and what is believed of the header of a request.

Takes answers and requests; gives header fields, and the client's address. Promises: no page is framed, cached, sniffed
or followed by its address to other sites; X-Forwarded-For is believed only from the proxies that the configuration names
and from UNIX sockets; the Host field is never used.
Standards: Content Security Policy Level 3, RFC 6797 (HSTS), Referrer Policy, RFC 6265 section 4.1 (cookies).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from mailgate.web import render

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Server": "mailgate",
}


def of_every_answer(is_https: bool) -> dict[str, str]:
    """The header fields of every answer, whatever it is."""
    found = {**_ALWAYS, "Content-Security-Policy": render.content_policy()}
    if is_https:
        found["Strict-Transport-Security"] = "max-age=31536000"
    return found


def cookie_name(is_https: bool) -> str:
    """`__Host-` binds the cookie to this very host, where TLS allows it."""
    return "__Host-mailgate" if is_https else "mailgate"


def set_cookie(value: str, is_https: bool) -> str:
    """The Set-Cookie field for a session, or with "" the one that removes it; gone when the browser closes."""
    over = "" if value else "; Max-Age=0"
    return f"{cookie_name(is_https)}={value}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if is_https else ''}{over}"


def is_clean(value: str) -> bool:
    """Whether a header value has no line ends or other controls."""
    return all(char >= " " and char != "\x7f" for char in value)


def client_address(peer: str | None, forwarded: Sequence[str], trusted: Sequence[str]) -> str:
    """The address to count attempts by; an IPv6 client is its /64, which is what one customer gets.

    `peer` None is a UNIX socket. Of X-Forwarded-For the last address that is no trusted proxy is the client.
    """
    if peer is not None and not _is_trusted(peer, trusted):
        return _network(peer)
    chain = [item.strip() for field in forwarded for item in field.split(",") if item.strip()][-20:]
    for item in reversed(chain):
        if not _is_trusted(item, trusted):
            return _network(item)
    return _network(chain[0] if chain else peer or "local")


def _is_trusted(address: str, trusted: Sequence[str]) -> bool:
    parsed = _parsed(address)
    if parsed is None:
        return False
    for item in trusted:
        try:
            if parsed in ipaddress.ip_network(item, strict=False):
                return True
        except ValueError:
            continue
    return False


def _network(address: str) -> str:
    parsed = _parsed(address)
    if parsed is None:
        return address[:64]
    return str(ipaddress.ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else str(parsed)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    bare = address.strip().partition("%")[0]
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(bare)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if parsed.version == 6 else None
    return mapped or parsed
