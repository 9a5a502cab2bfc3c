"""Retention and orphans: what may go, in small transactions.

Takes a transaction and a time (epoch seconds); gives how many rows a step removed, 0 when there is nothing more.
Promises: a blob goes only when no message, attachment or letter names it and it is older than a day, so that bytes on
their way in are never taken; its file goes after its row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mailgate import clock
from mailgate.store import spool
from mailgate.store.engine import Reader, Tx

if TYPE_CHECKING:
    from mailgate.store import Store

Step = Callable[[Tx], int]
_CHUNK = 200
_YOUNG_SECONDS = 86400.0


def far_off(db: Reader) -> bool:
    """Whether something waits for a time that no wait reaches: it was put down while the clock was ahead."""
    params = _horizons()
    return any(db.value(f"SELECT 1 FROM {table} WHERE {when} LIMIT 1", params) for table, _, when in _FAR_OFF)


def call_back(tx: Tx) -> int:
    """Makes due what `far_off` found; gives how many rows."""
    params = _horizons()
    return sum(tx.run(f"UPDATE {table} SET {change} WHERE {when}", params) for table, change, when in _FAR_OFF)


# The longest waits: of a letter that was never tried, of one that was (delivery.schedule), of messages and events.
_FAR_OFF = (
    ("outbox", "next_attempt_at = :now", "status = 'pending' AND attempts = 0 AND next_attempt_at > :minute"),
    ("outbox", "next_attempt_at = :now", "status = 'pending' AND next_attempt_at > :hours"),
    ("outbox", "claimed_until = NULL", "status = 'pending' AND claimed_until > :hours"),
    ("message", "next_attempt_at = :now", "outcome IS NULL AND attempts < 8 AND next_attempt_at > :hours"),
    ("event", "next_attempt_at = :now", "handled_at IS NULL AND next_attempt_at > :hours"),
)


def _horizons() -> dict[str, float]:
    now = clock.now()
    return {"now": now, "minute": now + 60.0, "hours": now + 6 * 3600.0}


def delete_held(tx: Tx, before: float) -> int:
    """Held and failed messages whose time is over; their ledger rows stay."""
    rows = tx.all(
        "SELECT id FROM message WHERE outcome IN ('held', 'failed') AND finished_at < :b ORDER BY id LIMIT :n",
        {"b": before, "n": _CHUNK},
    )
    for row in rows:
        spool.mark_deleted(tx, row["id"], "retention: its time was over")
    return len(rows)


def forget_events(tx: Tx, before: float) -> int:
    """Events handled long ago."""
    return tx.run(
        "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE handled_at < :b ORDER BY id LIMIT :n)",
        {"b": before, "n": _CHUNK},
    )


def forget_letters(tx: Tx, before: float) -> int:
    """Letters finished long ago; the Message-IDs they had stay known to their tickets."""
    params = {"b": before, "n": _CHUNK}
    chosen = "SELECT id FROM outbox WHERE finished_at < :b ORDER BY id LIMIT :n"
    tx.run(f"DELETE FROM outbox_recipient WHERE outbox_id IN ({chosen})", params)
    return tx.run(f"DELETE FROM outbox WHERE id IN ({chosen})", params)


def forget_raw(tx: Tx, before: float) -> int:
    """Raw bytes of messages that became tickets long ago: the row says so, the sweep of orphans removes them."""
    return tx.run(
        "UPDATE message SET released = 2 WHERE id IN (SELECT id FROM message WHERE finished_at < :b AND released <> 2"
        " AND outcome IN ('new_ticket', 'reply', 'duplicate', 'deleted') ORDER BY id LIMIT :n)",
        {"b": before, "n": _CHUNK},
    )


_ORPHANS = (
    "SELECT sha256 FROM blob b WHERE b.created_at < :young AND b.sha256 > :after"
    " AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.sha256 = b.sha256)"
    " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.raw = b.sha256)"
    " AND NOT EXISTS (SELECT 1 FROM message m WHERE m.sha256 = b.sha256 AND m.released <> 2"
    " AND COALESCE(m.outcome, '') <> 'deleted')"
    " ORDER BY b.sha256 LIMIT :n"
)


def remove_orphans(store: Store, now: float) -> int:
    """Removes bytes that nothing names, and pieces that crashes left behind. Gives how many."""
    removed, after = 0, ""
    while True:
        files: list[str] = []
        chosen: list[str] = []

        def work(tx: Tx, after: str = after, files: list[str] = files, chosen: list[str] = chosen) -> None:
            rows = tx.all(_ORPHANS, {"young": now - _YOUNG_SECONDS, "after": after, "n": _CHUNK})
            for row in rows:
                chosen.append(row["sha256"])
                if store.blobs.remove(tx, row["sha256"]):
                    files.append(row["sha256"])

        store.write(work)
        for sha256 in files:
            store.blobs.discard_file(sha256, now - _YOUNG_SECONDS)
        if not chosen:
            break
        removed += len(chosen)
        after = chosen[-1]
    return removed + store.blobs.clean_incoming(clock.now() - _YOUNG_SECONDS)


def remove_unregistered(store: Store, now: float) -> int:
    """Removes files that no row names: of messages that the checks refused, or that a crash left. Gives how many."""
    removed = 0
    for sha256 in store.blobs.old_files(now - _YOUNG_SECONDS):
        with store.read() as db:
            known = db.value("SELECT 1 FROM blob WHERE sha256 = :s", {"s": sha256})
        if known is None:
            store.blobs.discard_file(sha256, now - _YOUNG_SECONDS)
            removed += 1
    return removed
