"""What may stand in a custom field: names, choices, and values by their kind.

Takes what somebody typed; gives it in the one form that is stored. Promises: a date is `2026-12-31`, a number has a point
and no separators, a checkbox is `yes` or `no`, a choice is spelled as it was defined; nothing holds control characters,
and all is bounded. Raises RefusedError with a sentence that says what would be right. Standards: ISO 8601 (dates).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from mailgate.errors import RefusedError
from mailgate.mail.fold import squeeze
from mailgate.model import Field, FieldKind

LONGEST_NAME = 60
LONGEST_CHOICE = 100
MOST_CHOICES = 200
LONGEST_TEXT = 500
LONGEST_LONG_TEXT = 20_000
_SHOWN = 60
_SHOWN_CHOICES = 20
_NUMBER = re.compile(r"([+-]?)(\d{1,30})(?:([.,])(\d{1,15}))?", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)", re.ASCII)
_DAY_FIRST = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})", re.ASCII)
_YES = frozenset(["yes", "y", "true", "on", "1", "x", "evet", "e"])
_NO = frozenset(["no", "n", "false", "off", "0", "hayir", "h"])
# What turns the direction of letters round, so that a line says something else than it shows (UAX 9).
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def checked_name(name: str) -> str:
    """A field's name in one line. Raises RefusedError."""
    clean = " ".join(name[: 10 * LONGEST_NAME].split())
    if not clean or len(clean) > LONGEST_NAME:
        raise RefusedError(f"A field needs a name of at most {LONGEST_NAME} letters.")
    _refuse_control(clean, "A field's name")
    if "=" in clean or clean.isdigit() or not squeeze(clean) or re.fullmatch(r"#?cf_\d+#?", clean, re.IGNORECASE):
        raise RefusedError(f'"{clean}" cannot be a field\'s name: not only digits, no =, and not like #CF_12#.')
    return clean


def checked_choices(kind: str, choices: Iterable[str]) -> list[str]:
    """The choices of a field, in one line each, in their order. Raises RefusedError."""
    given = list(choices)
    if kind != FieldKind.CHOICE:
        if given:
            raise RefusedError(f'Choices belong to fields of kind choice, not of kind {kind}. Add "--kind choice".')
        return []
    if not 1 < len(given) <= MOST_CHOICES:
        raise RefusedError(f"A choice needs 2 to {MOST_CHOICES} choices; name each with --choice TEXT.")
    seen: dict[str, str] = {}
    for choice in given:
        clean = " ".join(choice[: 10 * LONGEST_CHOICE].split())
        if not squeeze(clean) or len(clean) > LONGEST_CHOICE:
            raise RefusedError(f"A choice is 1 to {LONGEST_CHOICE} letters.")
        _refuse_control(clean, "A choice")
        other = seen.setdefault(squeeze(clean), clean)
        if other is not clean:
            raise RefusedError(f'"{clean}" and "{other}" are read as the same choice. Leave one out.')
    return list(seen.values())


def checked_value(field: Field, text: str) -> str:
    """A value in the form that is stored. Raises RefusedError."""
    longest = LONGEST_LONG_TEXT if field.kind == FieldKind.LONG_TEXT else LONGEST_TEXT
    if len(text) > longest:
        advice = " Make it a field of kind long_text, or attach" if field.kind == FieldKind.TEXT else " Attach"
        raise RefusedError(f'"{field.name}" takes at most {longest:,} letters.{advice} the rest to a note.')
    clean = text.replace("\r\n", "\n").strip()
    if not clean:
        raise RefusedError(f'The value of "{field.name}" is empty. To take it away give "" or --clear.')
    _refuse_control(clean, f'The value of "{field.name}"', "\n\t" if field.kind == FieldKind.LONG_TEXT else "\t")
    match field.kind:
        case FieldKind.NUMBER:
            return _number(field, clean)
        case FieldKind.DATE:
            return _date(field, clean)
        case FieldKind.CHOICE:
            return _choice(field, clean)
        case FieldKind.CHECKBOX:
            return _yes_or_no(field, clean)
    return clean


def _refuse_control(text: str, what: str, allowed: str = "") -> None:
    for letter in text:
        if letter not in allowed and (letter in _TURNING or unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")):
            kind = "a line end; it takes one line" if letter in "\r\n\u2028\u2029\x85" else "a control character"
            raise RefusedError(f"{what} holds {kind}. Write it without.")


def _number(field: Field, text: str) -> str:
    found = _NUMBER.fullmatch(text.replace("\u2212", "-"))
    if found is None:
        raise RefusedError(
            f'"{_short(text)}" is not a number for "{field.name}". Write it like 3, -2 or 3.5, without separators.'
        )
    sign, whole, point, rest = found.groups()
    if point == "," and len(rest) == 3:
        raise RefusedError(
            f'"{_short(text)}" can be read in two ways. Write {sign}{whole}{rest} or {sign}{whole}.{rest}.'
        )
    digits = whole.lstrip("0") or "0"
    number = f"{digits}.{rest}" if rest else digits
    return f"-{number}" if sign == "-" and number.strip("0.") else number


def _date(field: Field, text: str) -> str:
    import datetime

    found = _ISO_DATE.fullmatch(text)
    parts = found.groups() if found else None
    if parts is None and (found := _DAY_FIRST.fullmatch(text)):
        parts = (found[3], found[2], found[1])
    try:
        if parts is not None:
            return datetime.date(int(parts[0]), int(parts[1]), int(parts[2])).isoformat()
    except ValueError:
        raise RefusedError(
            f'There is no day {text}. "{field.name}" takes a day like 2026-12-31 or 31.12.2026.'
        ) from None
    raise RefusedError(f'"{_short(text)}" is not a date for "{field.name}". Write it like 2026-12-31 or 31.12.2026.')


def _choice(field: Field, text: str) -> str:
    wanted = squeeze(text)
    for choice in field.choices:
        if squeeze(choice) == wanted:
            return choice
    listed = ", ".join(field.choices[:_SHOWN_CHOICES]) + (" …" if len(field.choices) > _SHOWN_CHOICES else "")
    raise RefusedError(f'"{_short(text)}" is not a choice of "{field.name}". Choose one of: {listed}.')


def _yes_or_no(field: Field, text: str) -> str:
    word = squeeze(text)
    if word in _YES or word in _NO:
        return "yes" if word in _YES else "no"
    raise RefusedError(f'"{_short(text)}" is neither yes nor no. "{field.name}" takes yes or no (evet or hayır).')


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
