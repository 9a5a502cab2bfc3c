"""IMAP's FETCH as a stream: many messages for one round trip, one message in memory at a time.

Takes a `Connection` in the selected state and a set of UIDs; gives one `Response` after the other as they arrive.
imaplib would gather all of them, and imapclient would parse each byte; this reads lines and literals only.
Promises: a literal is judged before it is read: small ones become bytes, large ones go to disk piece by piece, one that
is larger than the account allows is refused unread; a line or a list that does not end is refused.
Standards: RFC 3501 sections 6.4.5 (FETCH), 6.4.8 (UID), 7 (responses), 4.3 (literals).
"""

from __future__ import annotations

import calendar
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mailgate.sources.accounts.connection import BrokenRuleError, Connection
from mailgate.store.blobs import BlobStore, StoredBlob

_LITERAL = re.compile(rb"~?\{(\d{1,20})\+?\}\r?\n$")
_NO_LITERAL_BODY = re.compile(rb'BODY\[\] (?:(NIL)|"((?:[^"\\]|\\.)*)")', re.IGNORECASE)
_UID = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,20})\b", re.IGNORECASE)
_DATE = re.compile(
    rb'\bINTERNALDATE " ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"', re.IGNORECASE
)
_MONTHS = {m: n for n, m in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_SMALL = 64 * 1024
_MAX_TEXT = 1024 * 1024
_MAX_LITERALS = 100
_MAX_SET = 7000


class NoError(Exception):
    """The server answered a command with NO or BAD; the text is the server's."""


@dataclass(slots=True)
class Response:
    """One FETCH response. `body` or `blob` is the message; `empty` says that the server sent NIL instead of one."""

    uid: int | None = None
    size: int | None = None
    internal_date: float | None = None
    body: bytes | None = None
    blob: StoredBlob | None = None
    empty: bool = False


class Wire:
    """Sends FETCH and other tagged commands beside imaplib, with tags of its own; each is read to its end."""

    def __init__(self, connection: Connection, blobs: BlobStore, max_size: int) -> None:
        self._connection = connection
        self._blobs = blobs
        self._max_size = max_size
        self._tags = itertools.count(1)

    def send(self, command: bytes) -> bytes:
        """Sends a command; gives its tag."""
        tag = b"MG%d" % next(self._tags)
        self._connection.sendall(tag + b" " + command + b"\r\n")
        return tag

    def fetch(self, uids: bytes, what: bytes, most: int) -> Iterator[Response]:
        """Streams the responses of UID FETCH, at most `most` (a server may add some about flags).

        Raises NoError where the server refuses, after what it did send.
        """
        self._connection.begin()
        tag = self.send(b"UID FETCH " + uids + b" " + what)
        while True:
            text, response = self._read_response()
            if text.startswith(b"* "):
                if b" FETCH (" in text[:24].upper():
                    most -= 1
                    if most < 0:
                        raise BrokenRuleError("it sends more messages than it was asked for")
                    self._connection.progress()
                    yield _understand(text, response)
                elif text[2:5].upper() == b"BYE":
                    raise ConnectionError("it says " + text[5:].strip().decode("ascii", "replace"))
            elif text.startswith(tag + b" "):
                _check(text[len(tag) + 1 :])
                return
            else:
                raise BrokenRuleError(f"unexpected answer {text[:60]!r}")

    def run(self, command: bytes) -> None:
        """Sends one command and reads its answer. Raises NoError where the server refuses."""
        self._connection.begin()
        tag = self.send(command)
        while True:
            text, _ = self._read_response()
            if text.startswith(tag + b" "):
                _check(text[len(tag) + 1 :])
                return
            if not text.startswith(b"* ") or text[2:5].upper() == b"BYE":
                raise BrokenRuleError(f"unexpected answer {text[:60]!r}")

    def _read_response(self) -> tuple[bytes, Response]:
        """One response: its text without literals, and the message body if it held one."""
        text = b""
        response = Response()
        for _ in range(_MAX_LITERALS):
            line = self._connection.readline()
            if not line:
                raise ConnectionError("the connection ended without a word")
            literal = _LITERAL.search(line)
            if literal is None:
                return text + line, response
            text += line[: literal.start()]
            if len(text) > _MAX_TEXT:
                break
            size = int(literal[1])
            if text[-7:].upper() == b"BODY[] ":
                self._read_body(size, response)
            elif size > _SMALL:
                raise BrokenRuleError(f"it announced {size} bytes where a few were expected")
            else:
                self._connection.read(size)
                text += b'""'
        raise BrokenRuleError("its answer does not end")

    def _read_body(self, size: int, response: Response) -> None:
        if size > self._max_size:
            raise BrokenRuleError(f"it announced a message of {size} bytes; max_size is {self._max_size}")
        if response.body is not None or response.blob is not None:
            raise BrokenRuleError("it sent two messages in one answer")
        self._connection.progress(size)
        if size <= self._blobs.border:
            response.body = self._connection.read(size)
            return
        response.blob = to_blob(self._blobs, lambda write: self._connection.copy(size, write))


def to_blob(blobs: BlobStore, copy: Callable[[Callable[[bytes], object]], object]) -> StoredBlob:
    """Lets `copy` write a large message to disk; half of one is removed. Raises TemporaryError where the disk is full."""
    writer = blobs.writer()
    try:
        copy(writer.write)
        return writer.commit()
    except BaseException:
        writer.abort()
        raise


def uid_sets(uids: Sequence[int]) -> list[bytes]:
    """Ascending UIDs as sequence sets with ranges: 1,2,3,7 is `1:3,7` (RFC 3501 section 9).

    Several where one would make a command of more than 8,000 bytes, which not every server takes (RFC 7162 section 4).
    """
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    sets: list[bytes] = []
    for first, last in runs:
        part = b"%d" % first if first == last else b"%d:%d" % (first, last)
        if sets and len(sets[-1]) + len(part) < _MAX_SET:
            sets[-1] += b"," + part
        else:
            sets.append(part)
    return sets


def _understand(text: bytes, response: Response) -> Response:
    inline = _NO_LITERAL_BODY.search(text)
    if inline is not None:
        text = text[: inline.start()] + text[inline.end() :]
        if inline[1] is not None:
            response.empty = True
        else:
            response.body = re.sub(rb"\\(.)", rb"\1", inline[2])
    if uid := _UID.search(text):
        response.uid = int(uid[1])
    if size := _SIZE.search(text):
        response.size = int(size[1])
    if date := _DATE.search(text):
        response.internal_date = _epoch(date)
    return response


def _epoch(date: re.Match[bytes]) -> float | None:
    """INTERNALDATE (RFC 3501 section 2.3.3) as epoch seconds; None where it is no date."""
    day, month, year, hour, minute, second = date.group(1, 2, 3, 4, 5, 6)
    number = _MONTHS.get(month.lower())
    if number is None or not 1 <= int(day) <= 31 or int(hour) > 23:
        return None
    offset = (int(date[8]) * 60 + int(date[9])) * 60 * (-1 if date[7] == b"-" else 1)
    at = calendar.timegm((int(year), number, int(day), int(hour), int(minute), int(second))) - offset
    return float(at)


def _check(answer: bytes) -> None:
    status, _, words = answer.partition(b" ")
    if status.upper() != b"OK":
        raise NoError(words.strip().decode("utf-8", "replace") or "the server refused")
