"""What must fit together in `[screen]`: places of scanners, scores in their order, name servers.

Takes a filled `Screen`, gives a list of faults, each a sentence with its place. Touches no file and no network.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from mailgate.config.schema import Rspamd, Screen, SpamAssassin


def find_screen_faults(screen: Screen) -> list[str]:
    """Every fault between the options of `[screen]`."""
    faults = [
        f'screen.resolver: "{text}" is no address; write one such as 127.0.0.1 or 127.0.0.1:5353'
        for text in screen.resolver
        if name_server(text) is None
    ]
    if screen.dns_timeout.total_seconds() <= 0:
        faults.append("screen.dns_timeout: more than nothing; authenticate = false asks nobody")
    if screen.rspamd.enabled and not _is_url(screen.rspamd.url):
        faults.append(f'screen.rspamd.url: "{screen.rspamd.url}" is neither http://HOST:PORT nor unix:PATH')
    scored: list[tuple[str, Rspamd | SpamAssassin]] = [
        ("rspamd", screen.rspamd), ("spamassassin", screen.spamassassin),
    ]  # fmt: skip
    for name, scores in scored:
        reject = scores.hold_score if scores.reject_score is None else scores.reject_score
        if scores.enabled and not scores.tag_score <= scores.hold_score <= reject:
            faults.append(f"screen.{name}: tag_score, hold_score and reject_score must not fall in this order")
    for name, part in (("spamassassin", screen.spamassassin), ("clamav", screen.clamav)):
        if part.enabled and not _is_place(part.address):
            faults.append(f'screen.{name}.address: "{part.address}" is neither HOST:PORT nor unix:PATH')
    for name, any_part in (("rspamd", screen.rspamd), ("spamassassin", screen.spamassassin), ("clamav", screen.clamav)):
        if any_part.enabled and any_part.timeout.total_seconds() <= 0:
            faults.append(f"screen.{name}.timeout: more than nothing, such as 10s")
    return faults


def name_server(text: str) -> tuple[str, int] | None:
    """Address and port of a name server ("127.0.0.1", "127.0.0.1:5353", "[::1]:53"); None where it is no address."""
    address, port = text.strip(), "53"
    if address.startswith("["):
        address, _, rest = address[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif address.count(":") == 1:
        address, _, port = address.partition(":")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return None
    return (address, int(port)) if _is_port(port) else None


def _is_url(url: str) -> bool:
    if url.startswith("unix:"):
        return len(url) > len("unix:")
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _is_place(text: str) -> bool:
    if text.startswith("unix:"):
        return len(text) > len("unix:")
    host, colon, port = text.rpartition(":")
    return bool(host and colon) and _is_port(port)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 65536
