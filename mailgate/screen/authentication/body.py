"""The body of a message in the two forms in which DKIM hashes it, made once for all signatures.

Takes the bytes after the header section; gives canonical forms. Promises: linear in the size of the body, which the
library's own way is not (a line of a megabyte of spaces would take it hours); computed only when asked for.
Standard: RFC 6376 sections 3.4.3 and 3.4.4, with bare LF read as a line end.
"""

from __future__ import annotations

from functools import cached_property


class Body:
    """One body."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    @cached_property
    def simple(self) -> bytes:
        """Empty lines at the end are gone, one line end is left; an empty body stays empty."""
        return _trimmed(self._lines)

    @cached_property
    def relaxed(self) -> bytes:
        """The same with every run of spaces and tabs as one space, and none at the end of a line."""
        body = self._lines.replace(b"\t", b" ")
        while b"  " in body:  # halves every run: a few passes at the speed of memory, whatever the body holds
            body = body.replace(b"  ", b" ")
        return _trimmed(body.replace(b" \r\n", b"\r\n"))

    @cached_property
    def _lines(self) -> bytes:
        if self._raw.count(b"\n") == self._raw.count(b"\r\n"):
            return self._raw
        return self._raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _trimmed(body: bytes) -> bytes:
    """Without the CRLFs at the end but one. A lone CR is content."""
    tail = body[len(body.rstrip(b"\r\n")) :]
    if not tail.endswith(b"\r\n"):
        return body
    content = body[: len(body) - len(tail) + tail.rfind(b"\r\r") + 1]
    return content + b"\r\n" if content else b""
