"""The reader of delivery status notifications: the fields that say which recipient failed, and why.

Takes the body of message/delivery-status as bytes, or any text in which such fields stand; gives one `Outcome` for
each recipient. Promises: never raises; reads 256 KB and 1,000 recipients at most, in linear time; takes reports
without blank lines between recipients, with too many of them, folded, cut off, or without types and actions.
Standards: RFC 3464 section 2.3 (per-recipient fields), RFC 6533 (international addresses), RFC 3463 (status codes).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailgate.mail.bounce_address import field_address

MAX_BYTES = 262_144
MAX_RECIPIENTS = 1000

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{2,40})[ \t]*:(.*)", re.S)
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_NAMED = frozenset({"final-recipient", "original-recipient"})
_RECIPIENT_FIELDS = _NAMED | {
    "action",
    "status",
    "diagnostic-code",
    "remote-mta",
    "last-attempt-date",
    "will-retry-until",
    "x-actual-recipient",
    "final-log-id",
}
_ACTIONS = {
    "failed": "failed",
    "failure": "failed",
    "fail": "failed",
    "undeliverable": "failed",
    "error": "failed",
    "expired": "failed",
    "deferred": "delayed",
    "delayed": "delayed",
    "delay": "delayed",
    "delivered": "delivered",
    "deliverable": "delivered",
    "relayed": "relayed",
    "relay": "relayed",
    "expanded": "expanded",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recipient. `action` is a word of RFC 3464 section 2.3.3; `status` "5.1.1" or None."""

    final: str | None
    original: str | None
    action: str
    status: str | None
    diagnostic: str
    remote: str = ""


@dataclass(slots=True)
class _Group:
    values: dict[str, str] = field(default_factory=dict)
    parted: bool = False

    def named(self) -> bool:
        return not _NAMED.isdisjoint(self.values)


def read_outcomes(data: bytes) -> list[Outcome]:
    """The outcomes in the body of a message/delivery-status part."""
    data = data[:MAX_BYTES]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("windows-1252", "replace")
    return read_outcomes_of_text(text)


def read_outcomes_of_text(text: str) -> list[Outcome]:
    """The same from text in which the fields stand among other words (a DSN sent as text/plain)."""
    groups: list[_Group] = [_Group()]
    for name, value in _fields(text[:MAX_BYTES]):
        group = groups[-1]
        if name is None:
            group.parted = group.parted or bool(group.values)
            continue
        if _begins_anew(group, name):
            if len(groups) > MAX_RECIPIENTS:
                break
            group = _Group()
            groups.append(group)
        group.values.setdefault(name, value)
    return [_outcome(group.values) for group in groups if group.named() or "action" in group.values]


def has_fields(text: str) -> bool:
    """Whether the text holds the fields of a delivery status at all (cheap)."""
    lowered = text.lower()
    return "final-recipient:" in lowered or "original-recipient:" in lowered


def find_status(text: str) -> str | None:
    """The first enhanced status code of the text."""
    found = _STATUS.search(text[:1000])
    return ".".join(str(int(part)) for part in found.groups()) if found else None


def _begins_anew(group: _Group, name: str) -> bool:
    """Another recipient begins at a name seen already, or at a recipient after a blank line where one is known."""
    if name in group.values and name in ("final-recipient", "original-recipient", "action", "status"):
        return True
    return group.parted and name in _NAMED and group.named() and "action" in group.values


def _fields(text: str) -> list[tuple[str | None, str]]:
    """The per-recipient fields in order, unfolded; (None, "") for a blank line."""
    found: list[tuple[str | None, list[str]]] = []
    taking = False
    for line in text.splitlines():
        if not line.strip():
            found.append((None, []))
            taking = False
            continue
        match = _FIELD.match(line.lstrip()[:4000])
        name = match.group(1).lower() if match else ""
        if match and name in _RECIPIENT_FIELDS:
            found.append((name, [match.group(2)]))
            taking = True
        elif taking and line[0] in " \t" and len(found[-1][1]) < 60:
            found[-1][1].append(line[:1000])
        elif match or not taking:
            taking = False
        elif len(found[-1][1]) < 60:
            # a line folded without the space that RFC 5322 wants
            found[-1][1].append(line[:1000])
    return [(name, " ".join(" ".join(parts).split())) for name, parts in found]


def _decoded(found: re.Match[str]) -> str:
    return chr(int(found.group(1), 16))


def _outcome(values: dict[str, str]) -> Outcome:
    diagnostic = values.get("diagnostic-code", "")
    status = find_status(values.get("status", "")) or find_status(diagnostic)
    word = re.match(r"\W{0,5}([A-Za-z]{3,20})", values.get("action", ""))
    action = _ACTIONS.get(word.group(1).lower(), "") if word else ""
    if not action:
        action = {"2": "delivered", "4": "delayed"}.get((status or "5")[0], "failed")
    kind, semicolon, words = diagnostic.partition(";")
    if semicolon and len(kind) < 30 and " " not in kind.strip():
        diagnostic = words
    final = field_address(values.get("final-recipient", "")) or field_address(values.get("x-actual-recipient", ""))
    original = field_address(values.get("original-recipient", ""))
    if original and final and _XTEXT.sub(_decoded, original).casefold() == final.casefold():
        original = final  # left encoded as it came with RCPT TO (RFC 3461 section 4.2)
    return Outcome(
        final=final,
        original=original,
        action=action,
        status=status,
        diagnostic=diagnostic.strip()[:500],
        remote=values.get("remote-mta", "")[:200],
    )
