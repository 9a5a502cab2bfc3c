"""Numbers about the installation, for metrics: what was received, what waits, for how long.

Takes a reader; gives counts. Promises: each comes from a tally or over a partial index, so that asking every few seconds
costs nothing, however many tickets there are.
"""

from __future__ import annotations

from mailgate.store.engine import Reader


def tallies(db: Reader) -> dict[str, int]:
    """The ledger's totals: "received", and one for each outcome."""
    return {row["name"]: row["count"] for row in db.all("SELECT name, count FROM tally ORDER BY name")}


def events_waiting(db: Reader) -> tuple[int, float | None]:
    """How many events wait for the reactor, and when the oldest of them happened."""
    row = db.one("SELECT COUNT(*) AS n, MIN(at) AS oldest FROM event WHERE handled_at IS NULL")
    assert row is not None
    return row["n"], row["oldest"]


def answers(db: Reader) -> bool:
    """Whether the database can be read."""
    return db.value("SELECT COUNT(*) FROM category") is not None
