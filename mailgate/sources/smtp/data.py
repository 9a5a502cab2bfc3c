"""Reads the data of a message in large pieces, and finds its end.

Takes pieces as they come from the network, cut anywhere; gives the content and what came after the end.
Promises: only CRLF "." CRLF ends the data, whatever bare CR or LF stands around other dots, so that nothing can be
smuggled; all bytes stay as sent, apart from the dots of RFC 5321 section 4.5.2; one pass, and at most four bytes are
kept between pieces.
"""

from __future__ import annotations

_END = b"\r\n.\r\n"


class DataParser:
    """One message's data. Feed it until `ended`; then `rest` holds the bytes behind the end."""

    def __init__(self, line_length: int) -> None:
        self.ended = False
        self.rest = b""
        self.overlong = False
        self._held = b"\r\n"  # the end of the line "DATA": a dot may stand right behind it
        self._prefix = 2
        self._line_length = line_length
        self._line = 0

    def feed(self, piece: bytes) -> bytes:
        """Takes the next piece and gives the content that is certain."""
        data = self._held + piece
        end = data.find(_END)
        if end >= 0:
            self.ended = True
            self.rest = data[end + len(_END) :]
            content, self._held = data[: end + 2], b""
        else:
            keep = _unfinished_end(data)
            content, self._held = data[: len(data) - keep], data[len(data) - keep :]
        if not content:
            return b""
        self._measure(content)
        if b"\r\n." in content:
            content = content.replace(b"\r\n.", b"\r\n")
        if self._prefix:
            content, self._prefix = content[self._prefix :], 0
        return content

    def _measure(self, content: bytes) -> None:
        """Notes a line longer than allowed. Lines are only looked at where one could be."""
        if self._line + len(content) <= self._line_length:
            last = content.rfind(b"\r\n")
            self._line = self._line + len(content) if last < 0 else len(content) - last - 2
            return
        lines = content.split(b"\r\n")
        lengths = [self._line + len(lines[0]), *map(len, lines[1:])]
        self.overlong = self.overlong or max(lengths) > self._line_length
        self._line = lengths[-1]


def _unfinished_end(data: bytes) -> int:
    """How many of the last bytes could be the beginning of the end."""
    for length in range(len(_END) - 1, 0, -1):
        if data.endswith(_END[:length]):
            return length
    return 0
