"""What is kept about one person, to be given out or erased, for data-protection law (GDPR articles 15 and 17).

Takes a reader or a transaction and a person; gives everything as plain data, or takes it away. Promises: tickets keep
their numbers and the ledger its rows, so that nothing else breaks and the audit still balances; what other people wrote
stays, quotations in it too; the bytes themselves go with the next sweep, because nothing names them any more.
"""

from __future__ import annotations

import json
from typing import Any

from mailgate import clock
from mailgate.errors import RefusedError
from mailgate.model import Entry, EntryKind, User
from mailgate.store import articles, entries, fields, search, spool
from mailgate.store.engine import Reader, Row, Tx

ERASED = "(erased)"


def export(db: Reader, user: User) -> dict[str, Any]:
    """Everything that is kept about a person: profile, tickets and their custom fields, whoever sees those otherwise,
    entries, received messages, letters, subscriptions."""
    addresses = _marks(user.addresses)
    own = {"p": user.id, **addresses}
    written = [entries.get(db, row["id"]) for row in db.all(_written(addresses), own)]
    return {
        "tickets": _rows(
            db, "SELECT id, subject, status, created_at, closed_at FROM ticket WHERE requester_id = :p", own
        ),
        "entries": [_entry(entry) for entry in written],
        "fields": _rows(
            db,
            "SELECT v.ticket_id, f.name, v.value FROM field_value v JOIN field f ON f.id = v.field_id"
            " JOIN ticket t ON t.id = v.ticket_id WHERE t.requester_id = :p ORDER BY v.ticket_id, f.id",
            own,
        ),
        "subscriptions": _rows(db, "SELECT ticket_id, since_at FROM subscriber WHERE person_id = :p", own),
        "messages": _rows(
            db,
            "SELECT id, queue_id, received_at, source, reverse_path, from_name, from_address, subject, outcome, ticket_id,"
            f" size, sha256 FROM message WHERE from_address IN ({_names(addresses)})",
            addresses,
        ),
        "letters": _rows(
            db,
            "SELECT o.id, o.ticket_id, o.subject, o.created_at, r.address, r.status FROM outbox_recipient r"
            f" JOIN outbox o ON o.id = r.outbox_id WHERE r.address IN ({_names(addresses)})",
            addresses,
        ),
        "ratings": _rows(
            db,
            "SELECT g.ticket_id, g.vote, g.comment, g.at FROM rating g JOIN ticket t ON t.id = g.ticket_id"
            " WHERE t.requester_id = :p",
            own,
        ),
        "articles": [_plain(row) for row in articles.written_by(db, user.id)],
        "suppressed": _rows(db, f"SELECT * FROM suppression WHERE address IN ({_names(addresses)})", addresses),
    }


def forget(tx: Tx, user: User) -> dict[str, int]:
    """Erases a person; gives how much of what was erased. Raises RefusedError for technicians and administrators."""
    if user.is_staff:
        raise RefusedError(
            f"{user.display} is a technician or administrator, whose answers belong to the tickets. "
            "Take role and categories away first: mailgate user set USER --role user --no-category CATEGORY"
        )
    addresses = _marks(user.addresses)
    own = {"p": user.id, **addresses}
    written = [entries.get(tx, row["id"]) for row in tx.all(_written(addresses), own)]
    touched = {entry.ticket_id for entry in written}
    touched |= {row["id"] for row in tx.all("SELECT id FROM ticket WHERE requester_id = :p", own)}
    touched |= {row["ticket_id"] for row in tx.all("SELECT ticket_id FROM subscriber WHERE person_id = :p", own)}
    for entry in written:
        _erase_entry(tx, entry)
    for ticket_id in touched:
        _erase_mentions(tx, ticket_id, user)
    for row in tx.all("SELECT id FROM ticket WHERE requester_id = :p", own):
        _erase_fields(tx, row["id"])
    messages = _erase_messages(tx, addresses, [entry.message for entry in written if entry.message])
    letters = _erase_letters(tx, user.addresses)
    subjects = tx.run("UPDATE ticket SET subject = :e WHERE requester_id = :p", {"p": user.id, "e": ERASED})
    tx.run("DELETE FROM subscriber WHERE person_id = :p", own)
    tx.run(
        "DELETE FROM rating WHERE ticket_id IN (SELECT id FROM ticket WHERE requester_id = :p)",
        own,
    )
    tx.run(f"DELETE FROM suppression WHERE address IN ({_names(addresses)})", addresses)
    tx.run("DELETE FROM address WHERE person_id = :p", own)
    tx.run(
        "UPDATE person SET name = :e, username = NULL, company_id = NULL, department = NULL, location = NULL,"
        " signature = NULL, language = NULL, time_zone = NULL, password_hash = NULL, mail_on = 0, disabled = 1"
        " WHERE id = :p",
        {"p": user.id, "e": ERASED},
    )
    return {"tickets": subjects, "entries": len(written), "messages": messages, "letters": letters}


def _written(addresses: dict[str, str]) -> str:
    # Entries have no index over their author: a scan, which a person's erasure is worth.
    return (
        f"SELECT id FROM entry WHERE kind <> 'event' AND (author_id = :p OR author_address IN ({_names(addresses)}))"
        " ORDER BY id"
    )


def _erase_entry(tx: Tx, entry: Entry) -> None:
    first = tx.value("SELECT MIN(id) FROM entry WHERE ticket_id = :t", {"t": entry.ticket_id}) == entry.id
    subject = tx.value("SELECT subject FROM ticket WHERE id = :t", {"t": entry.ticket_id}) if first else ""
    names = " ".join(item.filename for item in entry.attachments)
    search.remove(tx, entry.id, (subject, entry.author_name, entry.author_address, entry.reply_text, names))
    tx.run("DELETE FROM attachment WHERE entry_id = :e", {"e": entry.id})
    tx.run(
        "UPDATE entry SET author_name = :e, author_address = '', text = :e, reply_text = NULL, html = NULL,"
        " message_id = NULL, data = '{}' WHERE id = :id",
        {"id": entry.id, "e": ERASED},
    )


def _erase_mentions(tx: Tx, ticket_id: int, user: User) -> None:
    """Name and addresses in the log lines of a ticket ("subscribed: ada@example.com") and in its custom fields."""
    own = fields.values(tx, ticket_id)
    for word in (*user.addresses, *([user.name] if len(user.name) > 2 else [])):
        tx.run(
            "UPDATE entry SET text = REPLACE(text, :w, :e), data = REPLACE(data, :w, :e), author_name ="
            " REPLACE(author_name, :w, :e), author_address = REPLACE(author_address, :w, '')"
            " WHERE ticket_id = :t AND kind = :k",
            {"t": ticket_id, "w": word, "e": ERASED, "k": EntryKind.EVENT},
        )
        for found in own:
            if word in found.value:
                found.value = found.value.replace(word, ERASED)
                fields.put(tx, ticket_id, found.field, found.value)
    tx.run("UPDATE event SET data = '{}' WHERE ticket_id = :t AND handled_at IS NOT NULL", {"t": ticket_id})


def _erase_fields(tx: Tx, ticket_id: int) -> None:
    """What technicians noted about the request: the values of its custom fields, in the log too; that there were some stays."""
    tx.run("DELETE FROM field_value WHERE ticket_id = :t", {"t": ticket_id})
    events = {"t": ticket_id, "k": EntryKind.EVENT}
    for row in tx.all("SELECT id, data FROM entry WHERE ticket_id = :t AND kind = :k", events):
        data = json.loads(row["data"])
        if "field" not in data:
            continue
        data.update({name: ERASED for name in ("from", "to") if data[name] is not None})
        tx.run(
            "UPDATE entry SET text = :text, data = :data WHERE id = :id",
            {"id": row["id"], "text": f"{data['what']}: {ERASED}", "data": json.dumps(data, ensure_ascii=False)},
        )


def _erase_messages(tx: Tx, addresses: dict[str, str], filed: list[int]) -> int:
    rows = tx.all(f"SELECT id FROM message WHERE from_address IN ({_names(addresses)})", addresses)
    ids = {row["id"] for row in rows} | set(filed)
    for message in ids:
        spool.mark_deleted(tx, message, "erased")
        # 2 is what the sweep of orphans reads: the bytes of this message are not needed any more.
        tx.run(
            "UPDATE message SET from_name = NULL, from_address = NULL, subject = NULL, message_id = NULL,"
            " reverse_path = '', client = '{}', findings = '{}', trace = '[]', error = NULL, reason = 'erased',"
            " released = CASE WHEN outcome IS NULL THEN released ELSE 2 END WHERE id = :id",
            {"id": message},
        )
    return len(ids)


def _erase_letters(tx: Tx, addresses: list[str]) -> int:
    count = 0
    for address in addresses:
        for row in tx.all("SELECT outbox_id FROM outbox_recipient WHERE address = :a", {"a": address}):
            letter = {"o": row["outbox_id"], "a": address}
            tx.run("DELETE FROM outbox_recipient WHERE outbox_id = :o AND address = :a", letter)
            tx.run(
                "DELETE FROM outbox WHERE id = :o AND NOT EXISTS (SELECT 1 FROM outbox_recipient WHERE outbox_id = :o)",
                letter,
            )
            count += 1
    return count


def _marks(addresses: list[str]) -> dict[str, str]:
    return {f"a{number}": address.lower() for number, address in enumerate(addresses)}


def _names(addresses: dict[str, str]) -> str:
    return ", ".join(f":{name}" for name in addresses) or "NULL"


def _rows(db: Reader, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    return [_plain(row) for row in db.all(sql, params)]


def _plain(row: Row) -> dict[str, Any]:
    keys = row.keys()
    return {key: clock.iso(row[key]) if key.endswith("_at") or key == "at" else row[key] for key in keys}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "ticket": entry.ticket_id,
        "kind": entry.kind,
        "at": clock.iso(entry.at),
        "text": entry.text,
        "attachments": [
            {"filename": item.filename, "size": item.size, "sha256": item.sha256} for item in entry.attachments
        ],
        "data": json.loads(json.dumps(entry.data)),
    }
