"""Sentence shapes: many alternatives of many languages as one question to a text.

Takes a block with alternatives a line, regular expressions of folded words; gives a `Shape` to search squeezed text
(`fold.squeeze`) with. Promises: as fast as such a list can be: what begins at a word is tried at words only, and what is
not ASCII is tried on text that is not; linear where every gap in the block is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailgate.mail.fold import fold

_NEVER = re.compile(r"(?!)")


class Shape:
    """A compiled block; searched like a regular expression."""

    __slots__ = ("_other", "_plain", "pattern")

    def __init__(self, alternatives: list[str]) -> None:
        self.pattern = "|".join(alternatives)
        self._plain = _compile([each for each in alternatives if each.isascii()])
        self._other = _compile([each for each in alternatives if not each.isascii()])

    def search(self, text: str, start: int = 0, end: int = 1 << 30) -> re.Match[str] | None:
        """The first place in the text, between two offsets, that is of this shape."""
        found = self._plain.search(text, start, end)
        if text.isascii():
            return found
        other = self._other.search(text, start, end)
        if found is None or other is None:
            return found or other
        return found if found.start() <= other.start() else other


def shape(block: str) -> Shape:
    """The shape of a block with an alternative a line, folded like the text, but for escapes.

    A line that ends with a backslash goes on in the next one.
    """
    lines = re.sub(r"\\\n *", "", block).splitlines()
    return Shape([each for line in lines for each in _alternatives(_fold_words(line.strip()))])


def _compile(alternatives: list[str]) -> re.Pattern[str]:
    """One expression in which the boundary of a word is asked for once and not by every alternative."""
    words = [each[2:] for each in alternatives if each.startswith(r"\b")]
    rest = [each for each in alternatives if not each.startswith(r"\b")]
    parts = ([rf"\b(?:{'|'.join(words)})"] if words else []) + rest
    return re.compile("|".join(parts)) if parts else _NEVER


def _alternatives(line: str) -> Iterator[str]:
    """The alternatives of a line: what "|" parts outside brackets."""
    depth = start = 0
    for place, sign in _signs(line):
        if sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif sign == "|" and depth == 0:
            yield line[start:place]
            start = place + 1
    if line[start:]:
        yield line[start:]


def _signs(line: str) -> Iterator[tuple[int, str]]:
    """The signs of a line that mean something, and where: none behind a backslash, and in a set only its end."""
    escaped = inside = False
    for place, sign in enumerate(line):
        if escaped:
            escaped = False
        elif sign == "\\":
            escaped = True
        elif inside:
            inside = sign != "]"
            if not inside:
                yield place, sign
        else:
            inside = sign == "["
            yield place, sign


def _fold_words(line: str) -> str:
    """The line folded, its escapes as they are: `fold` would make white space of what is none."""
    return "".join(part if part.startswith("\\") else fold(part) for part in re.split(r"(\\.)", line))
