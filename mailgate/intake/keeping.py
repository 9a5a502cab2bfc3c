"""The attachments of a message, stored with the entry that names them.

Takes the transaction of the entry and what was read; gives the rows that the entry holds. Promises: identical bytes are
stored once; what the reading process has already put on disk is only registered.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailgate.intake.reading import ReadAttachment
from mailgate.store import Store, Tx
from mailgate.store.blobs import StoredBlob
from mailgate.store.entries import NewAttachment


def keep_all(tx: Tx, store: Store, files: Iterable[ReadAttachment]) -> list[NewAttachment]:
    """Stores the files, in order. Raises TemporaryError where the disk fails."""
    return [_keep(tx, store, kept) for kept in files]


def _keep(tx: Tx, store: Store, kept: ReadAttachment) -> NewAttachment:
    if kept.data is None:
        store.blobs.register(tx, StoredBlob(kept.sha256, kept.size))
    else:
        store.blobs.put(tx, kept.data, kept.sha256)
    return NewAttachment(kept.filename, kept.content_type, kept.size, kept.sha256, kept.inline, kept.content_id)
