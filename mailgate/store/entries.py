"""The items of a ticket's log, with their attachments, as rows. Nothing here changes what was written, only its marks.

Takes a reader or a transaction; gives `Entry`. Adding an entry indexes its words in the same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mailgate import clock
from mailgate.errors import NotFoundError
from mailgate.model import Attached, Entry, EntryKind
from mailgate.store import search
from mailgate.store.engine import Reader, Row, Tx


@dataclass(slots=True)
class NewAttachment:
    """An attachment whose bytes are in the blob store."""

    filename: str
    content_type: str
    size: int
    sha256: str
    inline: bool = False
    content_id: str | None = None


@dataclass(slots=True)
class NewEntry:
    """What an entry holds when it is made. `author` is (id or None, name, address)."""

    kind: str
    author: tuple[int | None, str, str]
    text: str = ""
    reply_text: str | None = None
    html: str | None = None
    at: float | None = None
    message_id: str | None = None
    queue_id: str | None = None
    message: int | None = None
    marks: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    attachments: Sequence[NewAttachment] = ()
    time_spent_s: int = 0


def add(tx: Tx, ticket_id: int, new: NewEntry, subject: str = "") -> int:
    """Adds an entry to a ticket and indexes its words; `subject` is given with the first entry. Gives the id."""
    reply_text = None if new.reply_text == new.text else new.reply_text
    entry_id = tx.insert(
        "INSERT INTO entry (ticket_id, kind, author_id, author_name, author_address, at, text, reply_text, html,"
        " message_id, queue_id, message, marks, data, time_spent_s) VALUES (:ticket, :kind, :author_id, :author_name,"
        " :author_address, :at, :text, :reply_text, :html, :message_id, :queue_id, :message, :marks, :data, :time_spent)",
        {
            "ticket": ticket_id,
            "kind": new.kind,
            "author_id": new.author[0],
            "author_name": new.author[1],
            "author_address": new.author[2],
            "at": clock.now() if new.at is None else new.at,
            "text": new.text,
            "reply_text": reply_text,
            "html": new.html,
            "message_id": new.message_id,
            "queue_id": new.queue_id,
            "message": new.message,
            "marks": json.dumps(new.marks, ensure_ascii=False),
            "data": json.dumps(new.data, ensure_ascii=False, default=str),
            "time_spent": new.time_spent_s,
        },
    )
    for item in new.attachments:
        tx.run(
            "INSERT INTO attachment (entry_id, filename, content_type, size, inline, content_id, sha256)"
            " VALUES (:entry, :filename, :content_type, :size, :inline, :content_id, :sha256)",
            {
                "entry": entry_id,
                "filename": item.filename,
                "content_type": item.content_type,
                "size": item.size,
                "inline": int(item.inline),
                "content_id": item.content_id,
                "sha256": item.sha256,
            },
        )
    tx.run(
        "UPDATE ticket SET entries = entries + 1, time_spent_s = time_spent_s + :spent WHERE id = :t",
        {"t": ticket_id, "spent": new.time_spent_s},
    )
    if new.kind != EntryKind.EVENT:
        names = " ".join(item.filename for item in new.attachments)
        search.add(tx, entry_id, (subject, new.author[1], new.author[2], new.reply_text or new.text, names))
    return entry_id


def get(db: Reader, entry_id: int) -> Entry:
    """An entry by id, with attachments. Raises NotFoundError."""
    row = db.one("SELECT * FROM entry WHERE id = :id", {"id": entry_id})
    if row is None:
        raise NotFoundError(f"There is no entry {entry_id}. See: mailgate ticket show ID")
    return _entry(row, attachments(db, [entry_id]))


def of_ticket(db: Reader, ticket_id: int) -> list[Entry]:
    """All entries of a ticket in order, with attachments."""
    rows = db.all("SELECT * FROM entry WHERE ticket_id = :t ORDER BY id", {"t": ticket_id})
    attached: dict[int, list[Attached]] = {}
    sql = "SELECT a.* FROM attachment a JOIN entry e ON e.id = a.entry_id WHERE e.ticket_id = :t ORDER BY a.id"
    for row in db.all(sql, {"t": ticket_id}):
        attached.setdefault(row["entry_id"], []).append(_attached(row))
    return [_entry(row, attached.get(row["id"], [])) for row in rows]


def latest(db: Reader, ticket_id: int, limit: int, kinds: Sequence[str], before_id: int | None = None) -> list[Entry]:
    """The latest entries of some kinds, newest first; with `before_id` the latest of those before that one."""
    marks = ", ".join(f":k{n}" for n in range(len(kinds)))
    rows = db.all(
        f"SELECT * FROM entry WHERE ticket_id = :t AND kind IN ({marks}) AND (:b IS NULL OR id < :b)"
        " ORDER BY id DESC LIMIT :limit",
        {"t": ticket_id, "limit": limit, "b": before_id, **{f"k{n}": kind for n, kind in enumerate(kinds)}},
    )
    return [_entry(row, attachments(db, [row["id"]])) for row in rows]


def attachments(db: Reader, entry_ids: Sequence[int]) -> list[Attached]:
    """The attachments of entries."""
    found: list[Attached] = []
    for entry_id in entry_ids:
        rows = db.all("SELECT * FROM attachment WHERE entry_id = :e ORDER BY id", {"e": entry_id})
        found.extend(_attached(row) for row in rows)
    return found


def attachment(db: Reader, attachment_id: int) -> tuple[Attached, Entry]:
    """One attachment and its entry. Raises NotFoundError."""
    row = db.one("SELECT * FROM attachment WHERE id = :id", {"id": attachment_id})
    if row is None:
        raise NotFoundError(f"There is no attachment {attachment_id}.")
    return _attached(row), get(db, row["entry_id"])


def first(db: Reader, ticket_id: int) -> Entry | None:
    """What a ticket began with: its first message, reply or note."""
    row = db.one("SELECT * FROM entry WHERE ticket_id = :t AND kind <> 'event' ORDER BY id LIMIT 1", {"t": ticket_id})
    return None if row is None else _entry(row, attachments(db, [row["id"]]))


def set_message_id(tx: Tx, entry_id: int, message_id: str) -> None:
    """Notes the Message-ID under which an entry of ours went out; an entry that came by mail keeps its own."""
    sql = "UPDATE entry SET message_id = :m WHERE id = :id AND message_id IS NULL"
    tx.run(sql, {"id": entry_id, "m": message_id})


def set_marks(tx: Tx, entry_id: int, marks: Sequence[str]) -> None:
    """Changes the marks of an entry, as when a technician accepts a stranger's words."""
    tx.run("UPDATE entry SET marks = :m WHERE id = :id", {"id": entry_id, "m": json.dumps(list(marks))})


def _entry(row: Row, attached: list[Attached]) -> Entry:
    return Entry(
        id=row["id"],
        ticket_id=row["ticket_id"],
        kind=row["kind"],
        author_id=row["author_id"],
        author_name=row["author_name"],
        author_address=row["author_address"],
        at=row["at"],
        text=row["text"],
        reply_text=row["text"] if row["reply_text"] is None else row["reply_text"],
        html=row["html"],
        message_id=row["message_id"],
        queue_id=row["queue_id"],
        message=row["message"],
        marks=json.loads(row["marks"]),
        data=json.loads(row["data"]),
        attachments=attached,
        time_spent_s=row["time_spent_s"],
    )


def _attached(row: Row) -> Attached:
    return Attached(
        id=row["id"],
        entry_id=row["entry_id"],
        filename=row["filename"],
        content_type=row["content_type"],
        size=row["size"],
        inline=bool(row["inline"]),
        content_id=row["content_id"],
        sha256=row["sha256"],
    )
