"""Reads what a mail server in front found out: the Authentication-Results of configured hosts.

Takes a header section, the names (authserv-ids) that the configuration believes and the author's address; gives what
`check.py` would give, or None. Promises: never raises; linear in the fields; anybody can write such a field, so only
those count that name a configured host and stand in the topmost block of that host, below no hop but its own. A field
that is malformed is as good as none. Microsoft 365 writes no authserv-id: the configured name "" stands for it.
Standard: RFC 8601 (sections 2.2, 5 and 7.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from mailgate.mail.message import Header
from mailgate.screen.authentication.dmarc import is_aligned, organisational_domain

_FIELDS = 200
_LENGTH = 8192
_HOP_LENGTH = 1024
_READ_FIELDS = 20
_RESULTS = 50
_KNOWN = frozenset({"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror", "policy"})
_OLD_WORDS = {"hardfail": "fail", "error": "temperror", "unknown": "permerror", "bestguesspass": "none"}
_METHODS = frozenset({"spf", "dkim", "dmarc", "arc", "auth"})
_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,255}")
_POLICY = re.compile(r"\b(?:p|policy)=(none|quarantine|reject)\b", re.IGNORECASE)
_POLICY_NAMES = ("policy.dmarc", "policy.published-domain-policy")
_MICROSOFT = "outlook.com"


@dataclass(slots=True)
class _Result:
    """One resinfo of RFC 8601 section 2.2: `values` are its properties, "header.d" and their kin."""

    method: str
    result: str
    values: dict[str, str]
    comment: str


@dataclass(slots=True)
class _Field:
    """One Authentication-Results field."""

    authserv_id: str
    results: list[_Result] = field(default_factory=list)


def read_results(header: Header, trusted: Iterable[str], author: str) -> dict[str, Any] | None:
    """What the trusted host says of this message, or None where no field of its own is there.

    `aligned` is True where a proof speaks for the author: aligned SPF or DKIM, or a login at that host as the author.
    """
    author_domain = author.rpartition("@")[2].lower()
    names = {name.strip().lower().rstrip(".") for name in trusted}
    block = _topmost_block(header, names) if names else []
    results = [result for item in block for result in item.results]
    if not results:
        return None
    dmarc = next((item for item in results if item.method == "dmarc" and _is_about(item, author_domain)), None)
    found: dict[str, Any] = {
        "spf": _first(results, "spf"),
        "dkim": "pass" if _has(results, "dkim", "pass") else _first(results, "dkim"),
        "dmarc": None if dmarc is None else dmarc.result,
        "arc": _first(results, "arc"),
        "policy": None if dmarc is None else _policy(dmarc),
        "aligned": any(_proves(item, author_domain) or _is_login(item, author) for item in results),
        "domain": author_domain or None,
        "by": block[0].authserv_id or "Microsoft 365",
    }
    said = [f"{item.method}={item.result}" for item in results]
    found["detail"] = f"{found['by']} says {', '.join(said[:12])}"
    return found


def _topmost_block(header: Header, names: set[str]) -> list[_Field]:
    """The trusted fields that stand together: a hop (Received) below the first of them ends what is believed."""
    block: list[_Field] = []
    hop: str | None = None
    left = _READ_FIELDS
    for item in header.fields[:_FIELDS]:
        name = item.name.lower()
        if name == "received":
            if block:
                break
            hop = _host_of(item.value) or hop
        elif name == "authentication-results":
            left -= 1
            if left < 0:
                break
            found = _read_field(item.value)
            if found is None or found.authserv_id not in names:
                continue
            if not block and hop is not None and not _is_own_hop(hop, names):
                return []
            block.append(found)
    return block


def _host_of(received: str) -> str | None:
    """The host that wrote a Received field: the word after its last "by"."""
    words = _without_comments(received[:_HOP_LENGTH])[0][0].split()
    found = [after for word, after in pairwise(words) if word.lower() == "by"]
    return found[-1].lower().rstrip(".;") if found else None


def _is_own_hop(hop: str, names: set[str]) -> bool:
    """Whether a hop is the trusted host's own, or one inside its walls (a content filter on localhost)."""
    if hop in names or "." not in hop or hop.startswith("[") or ":" in hop:
        return True
    above = organisational_domain(hop)
    return above != "" and any(above == (organisational_domain(name) if name else _MICROSOFT) for name in names)


def _read_field(value: str) -> _Field | None:
    if len(value) > _LENGTH:
        return None
    segments = _without_comments(value)
    first = segments[0][0].split()
    name = first[0].lower().rstrip(".") if first else ""
    if "=" in name:  # no authserv-id: the first segment is a result already
        found = _Field("")
    elif _NAME.fullmatch(name) and len(first) <= 2:
        found = _Field(name)
        segments = segments[1:]
    else:
        return None
    for text, comment in segments[:_RESULTS]:
        result = _read_result(text, comment)
        if result is not None:
            found.results.append(result)
    return found


def _read_result(text: str, comment: str) -> _Result | None:
    """method[/version]=result, then property=value words. None for "none", for methods of no interest, for junk."""
    words = " ".join(text.split()).replace(" =", "=").replace("= ", "=").replace(" /", "/").replace("/ ", "/").split()
    method, equals, result = (words[0] if words else "").partition("=")
    method = method.partition("/")[0].lower()
    if not equals or method not in _METHODS:
        return None
    word = result.lower()
    values = {name.lower(): value.lower() for name, _, value in (item.partition("=") for item in words[1:])}
    if word == "bestguesspass":
        values["aligned"] = "yes"  # Microsoft: no policy is published, but DKIM or SPF would have passed one
    word = _OLD_WORDS.get(word, word)
    return _Result(method, word, values, comment) if word in _KNOWN else None


def _without_comments(value: str) -> list[tuple[str, str]]:
    """The text between semicolons, each with its comments taken out and given beside it (RFC 5322 section 3.2.2)."""
    segments: list[tuple[list[str], list[str]]] = [([], [])]
    depth, quoted, escaped = 0, False, False
    for letter in value:
        text, comment = segments[-1]
        if escaped:
            escaped = False
            (comment if depth else text).append(letter if depth or not letter.isspace() else "_")
        elif letter == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            if letter == '"':
                quoted = False
            else:
                text.append("_" if letter.isspace() or letter in "=/" else letter)
        elif letter == "(":
            depth += 1
            text.append(" ")
        elif letter == ")" and depth:
            depth -= 1
        elif depth:
            comment.append(letter)
        elif letter == '"':
            quoted = True
        elif letter == ";":
            segments.append(([], []))
        else:
            text.append(letter)
    if depth or quoted:
        return [("", "")]  # it never ends: malformed
    return [("".join(text), "".join(comment)) for text, comment in segments]


def _domain(value: str) -> str:
    return value.strip("<>").rpartition("@")[2].rstrip(".")


def _is_about(item: _Result, author_domain: str) -> bool:
    """Whether a DMARC result is about the author whom we see; one that does not say whom it is about is taken so."""
    about = _domain(item.values.get("header.from", ""))
    return not about or not author_domain or is_aligned(about, author_domain)


def _proves(item: _Result, author_domain: str) -> bool:
    if item.method == "dmarc":
        return (item.result == "pass" or "aligned" in item.values) and _is_about(item, author_domain)
    if item.result != "pass" or not author_domain:
        return False
    values = item.values
    if item.method == "dkim":
        return is_aligned(_domain(values.get("header.d") or values.get("header.i", "")), author_domain)
    return item.method == "spf" and is_aligned(_domain(values.get("smtp.mailfrom", "")), author_domain)


def _is_login(item: _Result, author: str) -> bool:
    """SMTP AUTH at the trusted host as the author (RFC 8601 section 2.7.4)."""
    return (
        item.method == "auth"
        and item.result == "pass"
        and "@" in author
        and item.values.get("smtp.auth") == author.lower()
    )


def _policy(item: _Result) -> str | None:
    """The published policy, where the host mentions it: in a comment, as a property, or as Microsoft's action."""
    for name in _POLICY_NAMES:
        if item.values.get(name) in ("none", "quarantine", "reject"):
            return item.values[name]
    found = _POLICY.search(item.comment)
    if found:
        return found[1].lower()
    return "none" if item.values.get("action") == "none" and item.result == "fail" else None


def _first(results: list[_Result], method: str) -> str | None:
    return next((item.result for item in results if item.method == method), None)


def _has(results: list[_Result], method: str, word: str) -> bool:
    return any(item.method == method and item.result == word for item in results)
