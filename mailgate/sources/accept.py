"""The one way into the house: every source ends here.

Takes the raw bytes of a message (or pieces of them), its envelope and where it came from; gives a future that resolves
once message and ledger row are on disk. Promises: the bytes are not touched; nothing is refused here; a large message
never sits in memory as a whole.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from mailgate.mail.message import Envelope
from mailgate.store import Store
from mailgate.store.blobs import BlobStore, BlobWriter, StoredBlob
from mailgate.store.spool import Accepted, Client, Incoming

_PIECE = 256 * 1024
"""Bytes that are gathered before they are written to the file of a large message."""


def accept(
    store: Store,
    envelope: Envelope,
    source: str,
    raw: bytes | StoredBlob,
    *,
    queue_id: str = "",
    client: Client | None = None,
    source_key: bytes | None = None,
    received_at: float | None = None,
    findings: dict[str, Any] | None = None,
) -> Future[Accepted]:
    """Hands a message to the spool. The future resolves after the fsync, or raises TemporaryError.

    `source` is "smtp", "lmtp", "pipe", "import", "imap:NAME" and its kin; with a `source_key` (the identity on that
    source) a message is accepted at most once. `received_at` is in UTC seconds; not given, it is now.
    """
    incoming = Incoming(
        envelope=envelope,
        source=source,
        raw=raw if isinstance(raw, bytes) else None,
        blob=None if isinstance(raw, bytes) else raw,
        queue_id=queue_id,
        client=client or Client(),
        source_key=source_key,
        received_at=received_at,
        findings=findings or {},
    )
    return store.spool.submit(incoming)


class Gathering:
    """The raw bytes of one message while they come in: in memory up to the store's border, then in a file.

    `add` never blocks and says when `flush` is due; `flush`, `finish` and `abort` touch the disk once the message is
    large (`on_disk`), so that an event loop runs them in a thread.
    """

    def __init__(self, blobs: BlobStore) -> None:
        self.size = 0
        self._blobs = blobs
        self._waiting = bytearray()  # one buffer: a list of tiny pieces would cost fifty times their size
        self._writer: BlobWriter | None = None

    @property
    def on_disk(self) -> bool:
        """Whether the message has outgrown memory."""
        return self._writer is not None or self.size > self._blobs.border

    def add(self, piece: bytes) -> bool:
        """Takes the next bytes; True where `flush` is due."""
        self._waiting += piece
        self.size += len(piece)
        return self.on_disk and len(self._waiting) >= _PIECE

    def flush(self) -> None:
        """Writes what waits to the file. Raises TemporaryError where the disk is full."""
        if self._writer is None:
            self._writer = self._blobs.writer()
        waiting, self._waiting = self._waiting, bytearray()
        self._writer.write(waiting)

    def finish(self) -> bytes | StoredBlob:
        """The whole message: bytes, or a blob that is synced to disk. Raises TemporaryError."""
        if not self.on_disk:
            return bytes(self._waiting)
        self.flush()
        assert self._writer is not None
        return self._writer.commit()

    def abort(self) -> None:
        """Forgets the message."""
        self._waiting = bytearray()
        if self._writer is not None:
            self._writer.abort()
