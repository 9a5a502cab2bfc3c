"""Events: what happened, written with what caused it, waiting for the reactor.

Takes a transaction; gives `Event`. Promises: an event is handled once (its letters are written in the transaction that
marks it), one that keeps failing is set aside with its error and the rest goes on.
"""

from __future__ import annotations

import json
from typing import Any

from mailgate import clock
from mailgate.model import Event
from mailgate.store.engine import Reader, Row, Tx

MAX_ATTEMPTS = 5


def add(
    tx: Tx,
    kind: str,
    ticket_id: int | None = None,
    entry_id: int | None = None,
    actor_id: int | None = None,
    **data: Any,
) -> int:
    """Writes an event, such as `TicketOpened`; gives its id."""
    return tx.insert(
        "INSERT INTO event (kind, at, ticket_id, entry_id, actor_id, data) VALUES (:k, :at, :t, :e, :a, :d)",
        {
            "k": kind,
            "at": clock.now(),
            "t": ticket_id,
            "e": entry_id,
            "a": actor_id,
            "d": json.dumps(data, ensure_ascii=False, default=str),
        },
    )


def waiting(db: Reader, limit: int = 100) -> list[Event]:
    """Unhandled events that are due, oldest first."""
    rows = db.all(
        "SELECT * FROM event WHERE handled_at IS NULL AND (next_attempt_at IS NULL OR next_attempt_at <= :now)"
        " ORDER BY id LIMIT :limit",
        {"now": clock.now(), "limit": limit},
    )
    return [_event(row) for row in rows]


def claim(tx: Tx, event_id: int) -> bool:
    """Marks an event handled within the transaction that does what it asks; False where another was first."""
    sql = "UPDATE event SET handled_at = :at, error = NULL WHERE id = :id AND handled_at IS NULL"
    return bool(tx.run(sql, {"id": event_id, "at": clock.now()}))


def postpone(tx: Tx, event_id: int, error: str) -> bool:
    """Counts a failed try; after `MAX_ATTEMPTS` the event is set aside with its error. True where it was set aside."""
    attempts = int(tx.value("SELECT attempts FROM event WHERE id = :id", {"id": event_id}) or 0) + 1
    aside = attempts >= MAX_ATTEMPTS
    tx.run(
        "UPDATE event SET attempts = :n, error = :e, next_attempt_at = :next, handled_at = :handled WHERE id = :id",
        {
            "id": event_id,
            "n": attempts,
            "e": error,
            "next": clock.now() + 5 * 3**attempts,
            "handled": clock.now() if aside else None,
        },
    )
    return aside


def of_ticket(db: Reader, ticket_id: int) -> list[Event]:
    """All events of a ticket, oldest first."""
    return [_event(row) for row in db.all("SELECT * FROM event WHERE ticket_id = :t ORDER BY id", {"t": ticket_id})]


def closes_with(db: Reader, ticket_id: int, entry_id: int) -> bool:
    """Whether a ticket was closed by this very entry, so that its `TicketClosed` event tells of it."""
    sql = "SELECT 1 FROM event WHERE ticket_id = :t AND kind = 'TicketClosed' AND entry_id = :e"
    return db.value(sql, {"t": ticket_id, "e": entry_id}) is not None


def entry_of_actor(db: Reader, after_id: int, actor_id: int) -> int | None:
    """The first entry of an actor among the events that were written with event `after_id`: the mail that made a user."""
    sql = (
        "SELECT entry_id FROM event WHERE id > :id AND id <= :id + 100 AND actor_id = :a AND entry_id IS NOT NULL"
        " ORDER BY id LIMIT 1"
    )
    found: int | None = db.value(sql, {"id": after_id, "a": actor_id})
    return found


def failed_count(db: Reader) -> int:
    """Events that were set aside."""
    return int(db.value("SELECT COUNT(*) FROM event WHERE handled_at IS NOT NULL AND error IS NOT NULL"))


def set_aside(db: Reader) -> list[Row]:
    """Events whose letters could not be made, oldest first, with their error."""
    return db.all("SELECT * FROM event WHERE handled_at IS NOT NULL AND error IS NOT NULL ORDER BY id")


def retry_aside(tx: Tx) -> int:
    """Gives all events that were set aside back to the reactor; gives how many."""
    return tx.run(
        "UPDATE event SET handled_at = NULL, error = NULL, attempts = 0, next_attempt_at = NULL"
        " WHERE handled_at IS NOT NULL AND error IS NOT NULL"
    )


def _event(row: Row) -> Event:
    return Event(
        id=row["id"],
        kind=row["kind"],
        at=row["at"],
        ticket_id=row["ticket_id"],
        entry_id=row["entry_id"],
        actor_id=row["actor_id"],
        data=json.loads(row["data"]),
    )
