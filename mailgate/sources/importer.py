"""Old mail into the spool: mbox, Maildir and .eml files, with their original dates.

Takes paths; gives counts while it goes. Promises: a killed import can be run again and adds nothing twice, because each
message is known by its bytes (and by how many equal ones came before it); memory does not grow with the files, apart
from a few bytes for each message; what cannot be read is counted and named, and the rest goes on.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from mailgate import clock, log
from mailgate.errors import TemporaryError
from mailgate.mail.dates import read_date
from mailgate.mail.header import read_header, split_message
from mailgate.mail.message import Envelope
from mailgate.sources.accept import Gathering, accept
from mailgate.sources.mail_files import FoundMessage, date_of_from_line, find_files, plausible, read_messages
from mailgate.store import Store
from mailgate.store.spool import Accepted

_log = log.get("import")
_WAITING_MESSAGES = 200
_WAITING_BYTES = 8 * 1024**2
_HEAD = 64 * 1024
_DAY = 86400.0
_MAX_FAULTS = 100


@dataclass(slots=True)
class Imported:
    """How far an import is. `faults` names the first hundred files or messages that could not be taken."""

    added: int = 0
    known: int = 0
    failed: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    path: str = ""
    faults: list[str] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """Messages read so far."""
        return self.added + self.known + self.failed

    def fault(self, words: str) -> None:
        """Counts what could not be taken."""
        self.failed += 1
        if len(self.faults) < _MAX_FAULTS:
            self.faults.append(words)


def import_paths(
    store: Store,
    paths: Iterable[Path],
    progress: Callable[[Imported], None] = lambda imported: None,
    account: str | None = None,
    max_size: int = 1024**3,
) -> Imported:
    """Imports everything below the paths; `progress` is called after every batch and every file.

    With `account` the messages count as that account's (source "import:NAME"). Messages above `max_size` bytes fail.
    Raises NotFoundError before anything is read, and TemporaryError where the disk fails: run it again then.
    """
    files = find_files(paths)
    run = _Run(store, f"import:{account}" if account else "import", max_size, progress)
    run.imported.bytes_total = sum(_size(path) for path in files)
    try:
        for path in files:
            run.import_file(path)
        run.wait(0)
    except TemporaryError as error:
        raise TemporaryError(f"{error} Then run the same import again; nothing is added twice.") from error
    progress(run.imported)
    return run.imported


class _Run:
    """One import: the messages that wait for the disk, and how often equal bytes were seen."""

    def __init__(self, store: Store, source: str, max_size: int, progress: Callable[[Imported], None]) -> None:
        self.imported = Imported()
        self._store, self._source, self._max_size, self._progress = store, source, max_size, progress
        self._waiting: deque[tuple[Future[Accepted], int]] = deque()
        self._waiting_bytes = 0
        self._ordinals: Counter[bytes] = Counter()

    def import_file(self, path: Path) -> None:
        """All messages of one file."""
        self.imported.path = str(path)
        number = 0
        try:
            for number, message in enumerate(read_messages(path), 1):
                self._import_message(message, f"{path}, message {number}", _date_in_name(path))
        except OSError as error:
            self.imported.fault(f"{path}: {error.strerror or error}")
        else:
            if number == 0 and _size(path):
                self.imported.fault(f"{path}: neither a message nor an mbox")
        self.imported.bytes_done += _size(path)
        self._progress(self.imported)

    def _import_message(self, message: FoundMessage, place: str, named_at: float | None) -> None:
        gathering, digest, head = Gathering(self._store.blobs), hashlib.sha256(), b""
        try:
            for piece in message.pieces:
                digest.update(piece)
                if len(head) < _HEAD:
                    head += piece[: _HEAD - len(head)]
                if gathering.size <= self._max_size and gathering.add(piece):
                    gathering.flush()
            if gathering.size > self._max_size:
                self.imported.fault(f"{place}: larger than {self._max_size} bytes")
                return
            if gathering.size == 0:
                return
            key = self._key(digest.digest())
            if gathering.on_disk and self._store.spool.known(self._source, [key]):
                self.imported.known += 1
                return
            raw = gathering.finish()
        finally:
            gathering.abort()
        at = _received_at(message.from_line, head, named_at)
        future = accept(self._store, Envelope(""), self._source, raw, source_key=key, received_at=at)
        self._waiting.append((future, gathering.size))
        self._waiting_bytes += gathering.size
        self.wait(_WAITING_MESSAGES)

    def wait(self, allowed: int) -> None:
        """Waits for the disk once more than `allowed` messages, or too many bytes, are on their way."""
        if len(self._waiting) <= allowed and (self._waiting_bytes <= _WAITING_BYTES or not self._waiting):
            return
        while self._waiting:
            future, size = self._waiting.popleft()
            accepted = future.result()
            self._waiting_bytes -= size
            if accepted.known:
                self.imported.known += 1
            else:
                self.imported.added += 1
                _log.debug("accepted", queue_id=accepted.queue_id, size=size)
        self._progress(self.imported)

    def _key(self, digest: bytes) -> bytes:
        """The identity of a message: its bytes, and its number among equal ones, which are interchangeable."""
        short = digest[:12]
        ordinal = self._ordinals[short]
        self._ordinals[short] += 1
        return hashlib.sha256(digest + ordinal.to_bytes(8, "big")).digest()


def _received_at(from_line: bytes, head: bytes, named_at: float | None) -> float:
    """When the message came in: its mbox line, else the last Received, else the name in a Maildir, else Date, else now."""
    latest = clock.now() + _DAY
    at = date_of_from_line(from_line) if from_line else None
    if at is not None and at <= latest:
        return at
    end, _ = split_message(head, 0, len(head))
    header, _, _ = read_header(head, 0, end, _HEAD, 1000)
    received = (header.first("Received") or "").rpartition(";")[2]
    for candidate in (plausible(read_date(received), latest), named_at):
        if candidate is not None:
            return candidate
    return plausible(read_date(header.first("Date") or ""), latest) or clock.now()


def _date_in_name(path: Path) -> float | None:
    """The delivery time that begins a file name in a Maildir."""
    seconds = path.name.partition(".")[0]
    if path.parent.name not in ("cur", "new") or not (seconds.isascii() and seconds.isdigit() and len(seconds) < 12):
        return None
    return float(seconds) if 315532800 <= int(seconds) <= clock.now() + _DAY else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
