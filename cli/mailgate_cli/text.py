"""Text for a terminal: what came by mail made harmless, measured in columns, cut and wrapped.

Takes any text; gives text that cannot move the cursor, change colours, reorder letters or forge a line.
Promises: letters of every script stay as they are; what a terminal would obey is shown as `\\x1b`; widths count
columns, so that Turkish, Chinese and combining letters line up. Standards: ECMA-48 (control), UAX 9 and 11.
"""

from __future__ import annotations

import re
import unicodedata

# C0 without tab and line feed, C1, bidirectional marks and overrides, line separators, tags, lone surrogates.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_SPACE = re.compile(r"\s+")
_ADDRESS_OF_PAGE = re.compile(r"[a-z]{3,8}://", re.IGNORECASE)


def safe(text: object) -> str:
    """One line: white space runs become one space, what a terminal would obey is shown as an escape."""
    return _OBEYED.sub(_shown, _SPACE.sub(" ", str(text))).strip()


def safe_lines(text: str) -> list[str]:
    """The lines of a text, each harmless; carriage returns that end lines go, tabs become spaces."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    return [_OBEYED.sub(_shown, line).rstrip() for line in plain.split("\n")]


def _shown(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def width(text: str) -> int:
    """Columns that a terminal needs for one line."""
    if text.isascii():
        return len(text)
    return sum(_columns(letter) for letter in text)


def _columns(letter: str) -> int:
    if letter < "\u0300":
        return 1
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def cut(text: str, columns: int) -> str:
    """The text in at most so many columns, with "…" where it was longer."""
    if width(text) <= columns:
        return text
    kept, used = [], 0
    for letter in text:
        used += _columns(letter)
        if used > columns - 1:
            break
        kept.append(letter)
    return "".join(kept).rstrip() + "…" if columns > 0 else ""


def pad(text: str, columns: int, right: bool = False) -> str:
    """The text cut and filled to exactly so many columns."""
    short = cut(text, columns)
    space = " " * (columns - width(short))
    return space + short if right else short + space


def wrap(line: str, columns: int) -> list[str]:
    """One line as several of at most so many columns; indents stay, links are not broken so that they can be clicked."""
    if width(line) <= columns:
        return [line]
    indent = line[: min(len(line) - len(line.lstrip(" ")), columns // 2)]
    lines: list[str] = []
    current = indent
    for word in line.split():
        candidate = current + word if not current.strip() else f"{current} {word}"
        if width(candidate) <= columns:
            current = candidate
            continue
        if current.strip():
            lines.append(current)
        pieces = [word] if _ADDRESS_OF_PAGE.match(word) else _broken(word, columns - len(indent))
        lines += [indent + piece for piece in pieces[:-1]]
        current = indent + pieces[-1]
    return [*lines, current]


def _broken(word: str, columns: int) -> list[str]:
    pieces, current, used = [], "", 0
    for letter in word:
        size = _columns(letter)
        if used + size > columns and current:
            pieces.append(current)
            current, used = "", 0
        current += letter
        used += size
    return [*pieces, current]
