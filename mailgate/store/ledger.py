"""The ledger as people ask for it: received messages by outcome and class.

Takes a reader; gives rows, the latest first. Promises: the lists of held, failed and waiting messages go over an index;
rows come one by one, so that any number of them can be printed in bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterator

from mailgate.store.engine import Reader, Row


def each(db: Reader, outcome: str | None = None, class_: str | None = None, limit: int = -1) -> Iterator[Row]:
    """Ledger rows, the latest first. `outcome` "waiting" means those without one; limit -1 means all."""
    where, params = _conditions(outcome, class_)
    yield from db.each(f"SELECT * FROM message {where} ORDER BY id DESC LIMIT :limit", {**params, "limit": limit})


def count(db: Reader, outcome: str | None = None, class_: str | None = None) -> int:
    """How many messages there are."""
    where, params = _conditions(outcome, class_)
    return int(db.value(f"SELECT COUNT(*) FROM message {where}", params))


def has_bytes(db: Reader, sha256: str) -> bool:
    """Whether the raw bytes are still kept."""
    return db.value("SELECT 1 FROM blob WHERE sha256 = :s", {"s": sha256}) is not None


def noted_before(db: Reader, message: int, class_: str) -> int | None:
    """The ticket on which a message that is looked at again was noted when it was held as this class before.

    0 where an unregistered sender was told; None where nothing was done yet, so that it is done now, once.
    """
    ticket: int | None = db.value(
        "SELECT COALESCE(ticket_id, 0) FROM message WHERE id = :id AND class = :class"
        " AND (ticket_id IS NOT NULL OR class = 'unregistered')",
        {"id": message, "class": class_},
    )
    return ticket


def _conditions(outcome: str | None, class_: str | None) -> tuple[str, dict[str, str]]:
    parts: list[str] = []
    params: dict[str, str] = {}
    if outcome == "waiting":
        parts.append("outcome IS NULL")
    elif outcome in ("held", "failed"):
        # The partial index serves only queries that repeat its condition with literal words.
        parts.append(f"outcome = '{outcome}' AND outcome IN ('held', 'failed')")
    elif outcome is not None:
        parts.append("outcome = :outcome")
        params["outcome"] = outcome
    if class_ is not None:
        parts.append("class = :class")
        params["class"] = class_
    return ("WHERE " + " AND ".join(parts) if parts else "", params)


def depth(db: Reader) -> tuple[int, float | None]:
    """How many messages wait for intake, and when the oldest of them was received."""
    row = db.one("SELECT COUNT(*) AS n, MIN(received_at) AS oldest FROM message WHERE outcome IS NULL")
    assert row is not None
    return row["n"], row["oldest"]
