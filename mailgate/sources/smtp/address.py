"""Paths and parameters of MAIL and RCPT.

Takes the text behind `MAIL FROM:` and `RCPT TO:`; gives the address without brackets and source route, and the
parameters. Promises: linear time; senders are read leniently (real reverse-paths break the rules), recipients strictly.
Standards: RFC 5321 sections 3.3, 4.1.2 and 4.1.3, RFC 6531 section 3.3.
"""

from __future__ import annotations

import re

_BRACKETED = re.compile(r'<((?:[^<>"\\]|\\.|"(?:[^"\\]|\\.)*")*)>')
_BARE = re.compile(r"[^\s<>]+")
_ROUTE = re.compile(r"@[^\s:,<>@]+(?:,@[^\s:,<>@]+)*:")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LOCAL_PART = re.compile(rf'(?:{_ATOM}(?:\.{_ATOM})*|"(?:[^"\\]|\\.)+")')
_LABEL = r"[A-Za-z0-9_\u0080-\U0010ffff](?:[A-Za-z0-9_\u0080-\U0010ffff-]*[A-Za-z0-9_\u0080-\U0010ffff])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[A-Za-z0-9:.]+\])")
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\s=][^\s]*))?")
_MAX_PATH = 512
"""RFC 5321 section 4.5.3.1.3 says 256; SRS and VERP write longer ones."""


def split_path(text: str) -> tuple[str, list[str]] | None:
    """The path without its brackets, and the words behind it; None where there is no path.

    A space before the path and a path without brackets are let pass, as most servers do.
    """
    text = text.strip()
    found = _BRACKETED.match(text)
    path = found[1] if found else ""
    if found is None:
        found = _BARE.match(text)
        if found is None:
            return None
        path = found[0]
    rest = text[found.end() :]
    if (rest and not rest[0].isspace()) or len(path) > _MAX_PATH:
        return None
    return path, rest.split()


def read_parameters(words: list[str]) -> dict[str, str | None] | None:
    """ESMTP parameters by their upper-cased keyword; None where one is malformed or there twice."""
    parameters: dict[str, str | None] = {}
    for word in words:
        found = _PARAMETER.fullmatch(word)
        if found is None or found[1].upper() in parameters:
            return None
        parameters[found[1].upper()] = found[2]
    return parameters


def read_reverse_path(path: str) -> str | None:
    """The sender's address without source route; None where it cannot be one."""
    address = _without_route(path)
    if address is None or (address and (address.endswith("@") or address.startswith("@"))):
        return None
    if any(c.isspace() for c in address) and '"' not in address:
        return None
    return address


def read_recipient(path: str) -> str | None:
    """The recipient's address without source route and trailing dot; None where its syntax is wrong.

    Without a domain only `postmaster` is one (RFC 5321 section 4.5.1).
    """
    address = _without_route(path)
    if address is None:
        return None
    if address.lower() == "postmaster":
        return address
    local_part, at, domain = address.rpartition("@")
    domain = domain.removesuffix(".")
    if not at or _LOCAL_PART.fullmatch(local_part) is None or _DOMAIN.fullmatch(domain) is None:
        return None
    return f"{local_part}@{domain}"


def _without_route(path: str) -> str | None:
    """RFC 5321 appendix C: a source route is accepted and ignored."""
    path = path.strip()
    if not path.startswith("@"):
        return path
    found = _ROUTE.match(path)
    return path[found.end() :] if found else None
