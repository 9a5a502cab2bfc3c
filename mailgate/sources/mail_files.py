"""Messages in files: mbox, Maildir, single messages, and folders of all of these.

Takes paths; gives the files that hold mail, and their messages one by one in pieces. Promises: memory does not grow
with a file or a message; the order is the same every time; links to folders, pipes and devices are not followed.
Standards: RFC 4155 (mbox, "mboxrd" and "mboxo" quoting), Maildir and Maildir++.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from mailgate.errors import NotFoundError
from mailgate.mail.dates import read_date

_LINE = 64 * 1024
_PIECE = 64 * 1024
_FROM = re.compile(
    rb"From .*(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} +[A-Z][a-z]{2}) .*\d\d:\d\d"
)
_QUOTED_FROM = re.compile(rb">+From ")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_OLDEST = 315532800.0
"""1980: a date before is a clock that was never set."""


@dataclass(slots=True)
class FoundMessage:
    """One message: `pieces` are its bytes (to be read before the next message); `from_line` is its mbox line, or empty."""

    pieces: Iterator[bytes]
    from_line: bytes = b""


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files below the paths that hold mail, in a fixed order. Raises NotFoundError where a path does not exist.

    A file that is named itself is always one of them. In folders, those of a Maildir count, and those that are called
    `.eml`, `.mbox`, `.mbx` or a number (MH), or begin with an mbox line.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files.extend(_walk(path))
        elif path.is_file():
            files.append(path)
        else:
            raise NotFoundError(
                f"{path} does not exist or is no file. Name an mbox, a Maildir, an .eml file or a folder."
            )
    return files


def read_messages(path: Path) -> Iterator[FoundMessage]:
    """The messages of a file. Raises OSError; gives nothing for a file that is neither message nor mbox."""
    with path.open("rb") as stream:
        first = stream.readline(_LINE)
        stream.seek(0)
        if first.startswith(b"From "):
            yield from read_mbox(stream)
        elif first.strip() and (_FIELD.match(first) or path.parent.name in ("cur", "new") or path.suffix == ".eml"):
            yield FoundMessage(iter(lambda: stream.read(_PIECE), b""))


def read_mbox(stream: BinaryIO) -> Iterator[FoundMessage]:
    """The messages of an mbox, without separators, their quoting of "From " undone.

    A separator follows an empty line and carries a date; where the first one carries none, none needs to.
    """
    reader = _Mbox(stream)
    while reader.from_line:
        message = FoundMessage(reader.pieces(), reader.from_line)
        yield message
        for _ in message.pieces:  # what the caller left unread
            continue


def date_of_from_line(line: bytes) -> float | None:
    """The time in an mbox line, in UTC seconds; None where there is none that can be true."""
    words = line.decode("latin-1").split(None, 2)
    return plausible(read_date(words[2])) if len(words) == 3 else None


def plausible(date: datetime | None, latest: float | None = None) -> float | None:
    """UTC seconds of a date that can be true: not before 1980 and not after `latest`."""
    if date is None or not 1980 <= date.year <= 9000:
        return None
    at = date.timestamp()
    return at if at >= _OLDEST and (latest is None or at <= latest) else None


class _Mbox:
    """Reads lines, and stops at each separator."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.from_line = stream.readline(_LINE)
        self._with_dates = bool(_FROM.match(self.from_line))

    def pieces(self) -> Iterator[bytes]:
        """The bytes up to the next separator, which is then in `from_line` (empty at the end)."""
        gathered: list[bytes] = []
        size, waiting, blank, fresh = 0, 0, b"", True
        for line in iter(lambda: self._stream.readline(_LINE), b""):
            if fresh and line[:5] == b"From " and (blank or not size) and self._separates(line):
                self.from_line = line
                break
            if blank:
                gathered.append(blank)
                blank = b""
            if fresh and line in (b"\n", b"\r\n"):
                blank = line
                size += len(line)
                continue
            if fresh and line[:1] == b">" and _QUOTED_FROM.match(line):
                line = line[1:]
            fresh = line.endswith(b"\n")
            gathered.append(line)
            size += len(line)
            waiting += len(line)
            if waiting >= _PIECE:
                yield b"".join(gathered)
                gathered.clear()
                waiting = 0
        else:
            self.from_line = b""
        yield b"".join(gathered)

    def _separates(self, line: bytes) -> bool:
        return not self._with_dates or bool(_FROM.match(line))


def _walk(folder: Path) -> Iterator[Path]:
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    folders = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
    is_maildir = any(entry.name in ("cur", "new") for entry in folders)
    takes_all = folder.name in ("cur", "new")
    for entry in entries:
        if entry.is_file() and (takes_all or _holds_mail(Path(entry.path))):
            yield Path(entry.path)
    for entry in sorted(folders, key=lambda entry: (entry.name not in ("cur", "new"), entry.name)):
        if not (is_maildir and entry.name == "tmp"):
            yield from _walk(Path(entry.path))


def _holds_mail(path: Path) -> bool:
    if path.suffix.lower() in (".eml", ".mbox", ".mbx") or path.name.isdecimal():
        return True
    if path.suffix:
        return False
    try:
        with path.open("rb") as stream:
            return stream.read(5) == b"From "
    except OSError:
        return False
