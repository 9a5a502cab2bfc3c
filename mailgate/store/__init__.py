"""The store: the only room that speaks SQL or touches blobs.

Takes the data folder; gives one `Store` with a writer thread, readers beside it, blobs and the spool. The modules of
this room hold functions for one noun each (`tickets`, `people`, `events`, `outbox` ...) that take a reader or a
transaction. Promises: what `write` returned is on disk.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from mailgate.store.bell import Bell
from mailgate.store.blobs import BlobStore
from mailgate.store.engine import Reader, Tx, connect
from mailgate.store.migrations import ensure_schema
from mailgate.store.spool import Spool
from mailgate.store.writer import Writer

T = TypeVar("T")

__all__ = ["Reader", "Store", "Tx"]


class Store:
    """One installation's data. Made by `Store.open`; closed once. `is_new`: opening it made the database."""

    def __init__(self, folder: Path, min_free: int = 0) -> None:
        self.folder = folder
        self.path = folder / "mailgate.db"
        self.blobs = BlobStore(folder / "blobs")
        self.spool = Spool(self)
        self.bell = Bell(folder / "bells")
        self.is_new = False
        self._min_free = min_free
        self._writer = Writer(self.path)
        self._readers = threading.local()
        self._opened: list[Reader] = []
        self._lock = threading.Lock()

    @classmethod
    def open(cls, folder: Path, min_free: int = 0) -> Store:
        """Opens the data folder, making or upgrading the database. Raises TemporaryError or PermanentError."""
        os.umask(0o077)
        store = cls(folder, min_free)
        store.is_new = ensure_schema(store.path)
        return store

    def submit(self, work: Callable[[Tx], T], urgent: bool = False) -> Future[T]:
        """Queues work for the writer; the future resolves after the commit is on disk. Urgent work goes first."""
        return self._writer.submit(work, urgent)

    def write(self, work: Callable[[Tx], T]) -> T:
        """Runs work in the writer's transaction and waits for the disk. Raises what it raised, or TemporaryError."""
        if self._writer.is_me():
            raise RuntimeError("a job of the writer must not wait for another one; use the transaction it was given")
        return self._writer.submit(work).result()

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """A reader that sees one moment of the database for the length of the block; nested blocks share it."""
        reader: Reader | None = getattr(self._readers, "reader", None)
        if reader is None:
            reader = Reader(connect(self.path))
            self._readers.reader = reader
            with self._lock:
                self._opened.append(reader)
        if reader.connection.in_transaction:
            yield reader
            return
        reader.connection.execute("BEGIN")
        try:
            yield reader
        finally:
            reader.connection.execute("COMMIT")

    def has_room(self) -> bool:
        """Whether there is more free disk than the configured minimum."""
        return self.blobs.free_bytes() > self._min_free

    def close(self) -> None:
        """Finishes queued writes and closes every connection."""
        self._writer.close()
        with self._lock:
            for reader in self._opened:
                reader.connection.close()
            self._opened.clear()
        self._readers = threading.local()
        self.bell.close()
