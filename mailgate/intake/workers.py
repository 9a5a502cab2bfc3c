"""Processes that read messages, so that parsing neither holds up the daemon nor can take it down.

Takes spooled messages, gives their readings in order. Promises: a message that takes longer than the limit, or kills
its process twice, costs only itself: the process is replaced and the message is read from its header alone; memory of a
process is bounded. With no workers the same reading happens in the calling thread.
"""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import resource
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from mailgate import allocator, log
from mailgate.config import Config
from mailgate.errors import MailgateError, NotFoundError
from mailgate.intake.late_scan import LateScan
from mailgate.intake.reading import ReadAttachment, Reading, read
from mailgate.mail.message import Attachment
from mailgate.store import Store
from mailgate.store.spool import Spooled

_MEMORY = 3 * 1024**3
_HEADER_ONLY = 16 * 1024
_log = log.get("intake")


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked for beyond the message itself: what scanners say, and the original senders of forwards."""

    scan: LateScan = field(default_factory=LateScan)
    forwards: bool = True

    @classmethod
    def of(cls, config: Config) -> Look:
        """As the configuration says."""
        return cls(LateScan.of(config), config.intake.extract_forwarded_sender)


class ReaderPool:
    """One worker process (or none) that reads batches; started at the first batch.

    `look` may be exchanged between two batches; the time scanners may take is added to the limit of reading.
    """

    def __init__(self, store: Store, workers: int, timeout: float, look: Look | None = None) -> None:
        self._store = store
        self._timeout = timeout
        self.look = look or Look()
        self._workers = workers
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None

    def read_all(self, batch: Sequence[Spooled]) -> Iterator[tuple[Spooled, Reading | Exception]]:
        """The readings of a batch, in order. An exception stands for a message whose bytes could not be had."""
        rest, suspect = list(batch), 0
        while rest:
            if self._workers < 1:
                here, rest = rest, []
                yield from zip(here, read_batch(self._store, here, self.look), strict=True)
                continue
            pipe = self._started()
            try:
                pipe.send((rest, self.look))
                while rest:
                    if not pipe.poll(self._timeout + self.look.scan.seconds):
                        raise TimeoutError(f"reading took longer than {self._timeout:g} seconds")
                    result = pipe.recv()
                    yield rest.pop(0), result
            except (OSError, EOFError, TimeoutError) as error:
                self.stop()
                if rest and rest[0].id != suspect and not isinstance(error, TimeoutError):
                    suspect = rest[0].id  # somebody else may have killed the process: once more
                elif rest:
                    yield rest[0], self._header_only(rest.pop(0), error)

    def stop(self) -> None:
        """Ends the process, whatever it does."""
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def _started(self) -> Connection:
        if self._pipe is None or self._process is None or not self._process.is_alive():
            self.stop()
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            process = context.Process(
                target=_work, args=(theirs, self._store.folder), name="mailgate-reader", daemon=True
            )
            process.start()  # may fail for want of memory: then there is none to end
            self._process = process
            theirs.close()
        return self._pipe

    def _header_only(self, item: Spooled, error: Exception) -> Reading | Exception:
        _log.warning("unreadable", queue_id=item.queue_id, error=str(error) or type(error).__name__)
        try:
            with self._store.read() as db:
                raw = self._store.blobs.get(db, item.sha256)
            head = raw[:_HEADER_ONLY].split(b"\r\n\r\n", 1)[0].split(b"\n\n", 1)[0] + b"\r\n\r\n"
            reading = read(head, item.envelope, lambda found: _keep(self._store, found), forwards=False)
        except MailgateError as trouble:
            return trouble
        reading.message.complete = False
        reading.fingerprint = None
        reading.faults.append(f"only the header was read: {error or type(error).__name__}")
        return reading


def read_batch(store: Store, batch: Sequence[Spooled], look: Look) -> Iterator[Reading | Exception]:
    """Reads spooled messages one after the other, while scanners look at those that nobody scanned yet."""
    with look.scan.ahead(store, batch) as scans_of:
        for item in batch:
            result = read_spooled(store, item, look.forwards)
            scans = scans_of(item)
            if isinstance(result, Reading) and scans is not None:
                result.findings["scans"] = scans
            yield result


def read_spooled(store: Store, item: Spooled, forwards: bool = True) -> Reading | Exception:
    """Reads one spooled message in this process; gives (never raises) what went wrong."""
    try:
        with store.read() as db:
            raw = store.blobs.get(db, item.sha256)
        if hashlib.sha256(raw).hexdigest() != item.sha256:
            return NotFoundError("The stored bytes are not those that came in. Find out more: mailgate db check --deep")
        return read(raw, item.envelope, lambda found: _keep(store, found), forwards=forwards)
    except Exception as error:  # noqa: BLE001 - travels to the hand, which decides
        return error


def _keep(store: Store, found: Attachment) -> ReadAttachment:
    """Large bytes go to the blob store at once; a message that is never filed leaves a blob for the janitor."""
    data: bytes | None = found.data
    if found.size > store.blobs.border:
        store.blobs.write_large(found.data)
        data = None
    return ReadAttachment(
        found.filename, found.content_type, found.size, found.sha256, found.inline, found.content_id, data
    )


def _work(pipe: Connection, folder: Path) -> None:
    """The worker: batches in, readings out, until the pipe ends (the daemon's death included)."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    allocator.settle()
    store = Store(folder)
    with contextlib.suppress(EOFError, OSError):
        while True:
            batch: list[Spooled]
            batch, look = pipe.recv()
            for result in read_batch(store, batch, look):
                try:
                    pipe.send(result)
                except (TypeError, ValueError, AttributeError) as error:  # what cannot travel is described instead
                    pipe.send(MailgateError(f"{type(result).__name__}: {result} ({error})"))
