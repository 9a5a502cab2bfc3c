"""A letter's bytes as they go over the wire: dots doubled, line ends right, in pieces.

Takes bytes, or the file of a large letter; gives pieces. Promises: bounded memory whatever the size; a bare CR or LF
never reaches the relay, so that nothing inside of a letter can be taken for its end (SMTP smuggling).
Standards: RFC 5321 section 4.5.2 (transparency) and 2.3.8 (line ends).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mailgate.errors import TemporaryError

_PIECE = 256 * 1024
_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")


class Content:
    """The whole message. `size` in bytes as stored; `header_is_ascii` and `is_ascii` say what the relay must be able to do."""

    def __init__(self, source: bytes | Path) -> None:
        """Raises TemporaryError where the file cannot be read."""
        self._source = source
        self.size = 0
        self.is_ascii = self.header_is_ascii = True
        in_header, tail = True, b""
        for block in self._blocks():
            self.size += len(block)
            if in_header:
                head, found, _ = (tail + block).partition(b"\r\n\r\n")
                self.header_is_ascii = self.header_is_ascii and head.isascii()
                in_header, tail = not found, block[-3:]
            self.is_ascii = self.is_ascii and block.isascii()

    def pieces(self) -> Iterator[bytes]:
        """The bytes between `354` and the final dot, always ending with a line end. Raises TemporaryError."""
        at_start, held = True, b""
        for block in self._blocks():
            data = held + block
            held = b"\r" if data.endswith(b"\r") else b""
            data = data.removesuffix(held)
            if not data:
                continue
            if not data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r"):
                data = _BARE.sub(b"\r\n", data)
            if at_start and data.startswith(b"."):
                data = b"." + data
            at_start = data.endswith(b"\r\n")
            yield data.replace(b"\r\n.", b"\r\n..")
        if not at_start or held:
            yield b"\r\n"

    def _blocks(self) -> Iterator[bytes]:
        if isinstance(self._source, bytes):
            for start in range(0, len(self._source), _PIECE):
                yield self._source[start : start + _PIECE]
            return
        try:
            with self._source.open("rb") as file:
                while block := file.read(_PIECE):
                    yield block
        except OSError as error:
            raise TemporaryError(f"The stored letter cannot be read: {error.strerror or error}.") from error
