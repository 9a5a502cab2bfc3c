"""The lines of the text that an HTML document becomes: white space, quotes, lists, cells and links.

Takes text and what stands around it, in document order; gives lines.
Promises: never raises; linear; at most two empty lines follow each other.
Standards: CSS Text section 4 (white space processing), reduced to what plain text can show.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SCHEMES = ("http:", "https:", "mailto:", "ftp:", "tel:")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_SPACES = " \t\n\r\f"
_INVISIBLE = re.compile("[\u200b\ufeff\u00ad\u2060\u034f]|[\u200c\u200d\u2007](?=[\\s\u200c\u200d\u2007\u034f])")
_FILLER = re.compile("(?:[\u200c\u200d\u2007\u034f\u00ad]\\s*+){3,}+")
"""What newsletters put behind their preview line so that nothing else is previewed."""
_EMPTY_LINES = re.compile("\n{4,}")
_MARGIN = 100
"""Deeper quotes and lists are not indented further: lines must not grow with the depth of a hostile document."""


class LineWriter:
    """Builds lines; `quote` is the depth of blockquotes, `indent` that of lists in columns."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.size = 0
        self.quote = 0
        self.indent = 0
        self._current: list[str] = []
        self._prefix = ""
        self._marker = ""
        self._items: list[int] = []
        self._need = 0
        self._need_quote = _MARGIN
        self._space = False
        self._separator = False
        self._cells: list[_Cell] = []
        self._link: list[str] | None = None

    def text(self, text: str, pre: bool) -> None:
        """Words; white space collapses unless `pre`."""
        if text.isascii():
            words = "" if pre else " ".join(text.split())
        else:
            if _INVISIBLE.search(text) is not None:
                text = _INVISIBLE.sub("", _FILLER.sub(" ", text))
            words = "" if pre else _SPACE.sub(" ", text).strip(" ")
        if pre:
            self._pre(text.replace("\r\n", "\n"))
            return
        if not words:
            self._space = self._space or bool(text)
            return
        if text[0] in _SPACES:
            self._space = True
        self._write(words)
        self._space = text[-1] in _SPACES

    def _pre(self, text: str) -> None:
        first = True
        for line in text.split("\n"):
            if not first:
                self.line_break()
            first = False
            if line:
                self._space = False
                self._write(line)

    def _write(self, words: str) -> None:
        if self._separator:
            self._current.append(" | ")
            self._separator = self._space = False
            self._need = 0
        elif self._need:
            self._start_line()
        if not self._current:
            self._prefix = self._make_prefix()
        elif self._space:
            self._current.append(" ")
        self._space = False
        self._current.append(words)
        for cell in reversed(self._cells):
            if cell.first_line is not None:
                break
            cell.first_line = len(self.lines)
        if self._link is not None:
            self._link.append(words)
        self.size += len(words)

    def _start_line(self) -> None:
        if self._current:
            self._flush()
        if self._need > 1 and self.lines and self.lines[-1].strip("> "):
            self.lines.append(_quote_prefix(min(self._need_quote, self.quote)).rstrip())
        self._need, self._need_quote, self._space = 0, _MARGIN, False

    def _make_prefix(self) -> str:
        indent, marker = self.indent, self._marker
        self._marker = ""
        if marker:
            return _quote_prefix(self.quote) + " " * min(_MARGIN, max(0, indent - len(marker))) + marker
        return _quote_prefix(self.quote) + " " * min(_MARGIN, indent)

    def _flush(self) -> None:
        line = "".join(self._current).replace("\xa0", " ")
        if line.strip() == "--":
            self.lines.append(self._prefix + "-- ")  # RFC 3676 section 4.3: HTML cannot keep the space at its end
        else:
            self.lines.append((self._prefix + line).rstrip())
        self.size += len(self._prefix) + 1
        self._current = []

    def line_break(self) -> None:
        """`<br>`: ends the line; on an empty line it makes an empty one."""
        if self._need:
            self._start_line()
        if self._current:
            self._flush()
        elif len(self.lines) < 2 or self.lines[-1].strip("> ") or self.lines[-2].strip("> "):
            self.lines.append(self._make_prefix().rstrip())
        self._space = self._separator = False

    def block(self, size: int) -> None:
        """A block begins or ends: the next words stand on a new line (1) or after an empty one (2)."""
        if self._separator or not (self._current or self.lines):
            return
        if self._cells and self._cells[-1].first_line is None:
            size = 1  # a paragraph at the head of a cell does not part it from the row above
        if self._current or size > 1:
            self._need = max(self._need, size)
            self._need_quote = min(self._need_quote, self.quote)
        self._space = False

    def item(self, marker: str, level: int) -> None:
        """A list item begins."""
        self._items.append(self.indent)
        self.indent = min(_MARGIN, self.indent + len(marker)) if level < _MARGIN else self.indent
        self._marker = marker

    def leave_item(self) -> None:
        """A list item ends; one without words leaves no mark."""
        if self._items:
            self.indent = self._items.pop()
        self._marker = ""

    def enter_cell(self, follows: bool) -> None:
        """A table cell begins; `follows` says that the row has a cell on the current line already."""
        self._cells.append(_Cell(self._need))
        if follows and self._current and not self._need:
            self._separator = True
        elif self._current and not self._separator:
            self._need = max(self._need, 1)
        self._space = False

    def leave_cell(self) -> bool | None:
        """A table cell ends: True where the next may stand on the same line, None where it had no words."""
        cell = self._cells.pop()
        if self._separator or cell.first_line is None:
            self._separator = False
            self._need = cell.need_before
            return None
        if cell.first_line == len(self.lines) and self._current:
            self._need, self._need_quote = 0, _MARGIN
            return True
        return False

    def begin_link(self) -> None:
        """A link begins: its words are remembered."""
        self._link = []

    def end_link(self, href: str) -> None:
        """A link ends: its address follows where it differs from the words."""
        words, self._link = "".join(self._link or []), None
        href = "".join(href.split())
        if not words or not href or len(href) > 2000 or not href.lower().startswith(_SCHEMES):
            return
        if _bare(words) != _bare(href):
            trailing = self._space
            self._space = True
            self._write(f"<{href.removeprefix('mailto:')}>")
            self._space = trailing

    def finish(self) -> str:
        """All lines; empty ones at the ends go."""
        if self._current:
            self._flush()
        return _EMPTY_LINES.sub("\n\n\n", "\n".join(self.lines)).strip("\n")  # &nbsp; made lines of their own


@dataclass(slots=True)
class _Cell:
    need_before: int
    first_line: int | None = None


def _quote_prefix(depth: int) -> str:
    return "> " * min(depth, _MARGIN // 4)


def _bare(text: str) -> str:
    """An address without what people leave out when they write it."""
    text = text.strip().lower()
    for prefix in ("https://", "http://", "mailto:", "tel:", "www."):
        text = text.removeprefix(prefix)
    return text.partition("?")[0].rstrip("/.") if "@" in text else text.rstrip("/")
