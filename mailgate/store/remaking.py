"""An entry made again from the bytes it came from: text, HTML and attachments, nothing else.

Takes a transaction, the entry as it stands and what was read; gives whether anything is different. Promises: who wrote
it, when, and its place in the ticket stay; attachments that are still there keep their ids, so that links to them live.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from mailgate.model import Attached, Entry
from mailgate.store import search
from mailgate.store.engine import Tx
from mailgate.store.entries import NewAttachment


@dataclass(frozen=True, slots=True)
class Remade:
    """What a message says, read anew."""

    text: str
    reply_text: str
    html: str | None
    attachments: Sequence[NewAttachment]
    complete: bool


def remake(tx: Tx, entry: Entry, remade: Remade) -> bool:
    """Writes what is different; False where nothing is."""
    marks = [mark for mark in entry.marks if mark != "incomplete"] + ([] if remade.complete else ["incomplete"])
    gone, added = _difference(entry.attachments, remade.attachments)
    same = (entry.text, entry.reply_text, entry.html) == (remade.text, remade.reply_text, remade.html)
    if same and not gone and not added and set(marks) == set(entry.marks):
        return False
    subject = _subject_of_first(tx, entry)
    old_names = " ".join(item.filename for item in entry.attachments)
    search.remove(tx, entry.id, (subject, entry.author_name, entry.author_address, entry.reply_text, old_names))
    for item in gone:
        tx.run("DELETE FROM attachment WHERE id = :id", {"id": item.id})
    tx.many(
        "INSERT INTO attachment (entry_id, filename, content_type, size, inline, content_id, sha256)"
        " VALUES (:entry, :filename, :content_type, :size, :inline, :content_id, :sha256)",
        [
            {
                "entry": entry.id,
                "filename": new.filename,
                "content_type": new.content_type,
                "size": new.size,
                "inline": int(new.inline),
                "content_id": new.content_id,
                "sha256": new.sha256,
            }
            for new in added
        ],
    )
    tx.run(
        "UPDATE entry SET text = :text, reply_text = :reply_text, html = :html, marks = :marks WHERE id = :id",
        {
            "id": entry.id,
            "text": remade.text,
            "reply_text": None if remade.reply_text == remade.text else remade.reply_text,
            "html": remade.html,
            "marks": json.dumps(marks, ensure_ascii=False),
        },
    )
    names = " ".join(item.filename for item in remade.attachments)
    words = (subject, entry.author_name, entry.author_address, remade.reply_text, names)
    search.add(tx, entry.id, words)
    return True


def _subject_of_first(tx: Tx, entry: Entry) -> str:
    """The ticket's subject where the entry is its first one, whose words hold it."""
    first = tx.value("SELECT MIN(id) FROM entry WHERE ticket_id = :t", {"t": entry.ticket_id})
    if first != entry.id:
        return ""
    subject: str = tx.value("SELECT subject FROM ticket WHERE id = :t", {"t": entry.ticket_id})
    return subject


def _difference(old: Sequence[Attached], new: Sequence[NewAttachment]) -> tuple[list[Attached], list[NewAttachment]]:
    """What goes and what comes; equal ones are those of equal name, bytes and place."""
    left = [*new]
    gone = []
    for item in old:
        same = next(
            (n for n in left if (n.sha256, n.filename, n.inline) == (item.sha256, item.filename, item.inline)), None
        )
        if same is None:
            gone.append(item)
        else:
            left.remove(same)
    return gone, left
