"""A filed message read again from its bytes, with today's program (operations.md section 5, promise 2).

Takes a message that is part of a ticket; gives whether its entry is different now. Promises: the message stays where it
was filed, and nobody is told; only what the entry holds of it (text, HTML, attachments) is made again.
"""

from __future__ import annotations

from mailgate.errors import NotFoundError, RefusedError
from mailgate.intake.keeping import keep_all
from mailgate.intake.reading import Reading
from mailgate.intake.workers import read_spooled
from mailgate.model import Entry, EntryKind
from mailgate.store import Store, Tx, entries, spool
from mailgate.store.entries import NewAttachment
from mailgate.store.remaking import Remade, remake
from mailgate.store.spool import Spooled

_FORGOTTEN = 2
"""In the ledger's `released`: retention or erasure has given the bytes up."""


def read_again(store: Store, message: int) -> bool:
    """Makes the entry of a filed message again; False where nothing is different.

    Raises NotFoundError where message or bytes are gone, RefusedError where it is not part of a ticket, TemporaryError.
    """
    with store.read() as db:
        row = spool.find(db, message)
        if row is None:
            raise NotFoundError(f"There is no message {message}. See: mailgate message list")
        if row["entry_id"] is None or row["outcome"] not in ("new_ticket", "reply"):
            raise RefusedError(f"Message {message} is not part of a ticket; its outcome is {row['outcome']}.")
        if row["released"] == _FORGOTTEN:
            raise NotFoundError(f"The bytes of message {message} are gone; retention or erasure has given them up.")
        item, entry = spool.spooled(row), entries.get(db, row["entry_id"])
    if entry.kind == EntryKind.EVENT:  # a command alone, such as #unsubscribe#: its text was never posted
        return False
    reading = read_spooled(store, item)
    if isinstance(reading, Exception):
        raise reading
    opened = row["outcome"] == "new_ticket"
    return store.write(lambda tx: remake(tx, entry, _remade(tx, store, item, entry, reading, opened)))


def _remade(tx: Tx, store: Store, item: Spooled, entry: Entry, reading: Reading, opened: bool) -> Remade:
    message, forwarded = reading.message, reading.forwarded
    author = message.author.address.lower() if message.author else ""
    if forwarded is not None and opened and entry.author_address == forwarded.sender.address.lower() != author:
        # A technician's forward, filed as the original sender's: its entry holds the original message.
        own = [
            kept
            for kept in reading.attachments
            if forwarded.via != "attachment" or kept.content_type != "message/rfc822"
        ]
        known = {kept.sha256 for kept in reading.forwarded_attachments}
        files = [*reading.forwarded_attachments, *(kept for kept in own if kept.sha256 not in known)]
        return Remade(
            forwarded.text, forwarded.text, reading.forwarded_html, keep_all(tx, store, files), message.complete
        )
    attachments = keep_all(tx, store, reading.attachments)
    if not message.complete:
        attachments.append(NewAttachment("message.eml", "message/rfc822", item.size, item.sha256))
    new_text = message.text if opened else reading.new_text
    return Remade(message.text, new_text, reading.html, attachments, message.complete)
