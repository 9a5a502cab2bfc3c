"""Addresses that mail no longer goes to, after repeated permanent failures, with reason and expiry.

Takes a transaction; gives rows. A first permanent failure only counts; the threshold is the caller's.
"""

from __future__ import annotations

from mailgate import clock
from mailgate.store.engine import Reader, Row, Tx

# How many permanent failures in a row end deliveries to an address, and for how long.
PERMANENT_FAILURES = 3
EXPIRY_SECONDS = 30 * 86400.0


def is_suppressed(db: Reader, address: str) -> bool:
    """Whether deliveries to an address have been stopped and the stop has not expired."""
    sql = (
        "SELECT 1 FROM suppression WHERE address = :a AND suppressed = 1 AND (expires_at IS NULL OR expires_at > :now)"
    )
    return db.value(sql, {"a": address.lower(), "now": clock.now()}) is not None


def note_failure(
    tx: Tx, address: str, reason: str, status: str | None, threshold: int, expires_at: float | None
) -> bool:
    """Counts a permanent failure; from `threshold` on the address is suppressed. True where that happened now."""
    now = clock.now()
    tx.run(
        "INSERT INTO suppression (address, reason, status, failures, suppressed, since_at, last_at, expires_at)"
        " VALUES (:a, :r, :s, 1, 0, :now, :now, :x) ON CONFLICT (address) DO UPDATE SET"
        " reason = :r, status = :s, failures = suppression.failures + 1, last_at = :now, expires_at = :x",
        {"a": address.lower(), "r": reason, "s": status, "now": now, "x": expires_at},
    )
    return bool(
        tx.run(
            "UPDATE suppression SET suppressed = 1, since_at = :now WHERE address = :a AND suppressed = 0 AND failures >= :n",
            {"a": address.lower(), "n": threshold, "now": now},
        )
    )


def note_success(tx: Tx, address: str) -> None:
    """Mail from or to the address worked: its failures no longer count in a row."""
    tx.run("DELETE FROM suppression WHERE address = :a AND suppressed = 0", {"a": address.lower()})


def add(tx: Tx, address: str, reason: str, expires_at: float | None = None) -> None:
    """Stops deliveries to an address by hand."""
    now = clock.now()
    tx.run(
        "INSERT INTO suppression (address, reason, failures, suppressed, since_at, last_at, expires_at)"
        " VALUES (:a, :r, 0, 1, :now, :now, :x) ON CONFLICT (address) DO UPDATE SET suppressed = 1, reason = :r,"
        " expires_at = :x",
        {"a": address.lower(), "r": reason, "now": now, "x": expires_at},
    )


def remove(tx: Tx, address: str) -> bool:
    """Lets mail go to an address again; False where it was not on the list."""
    return bool(tx.run("DELETE FROM suppression WHERE address = :a", {"a": address.lower()}))


def listed(db: Reader) -> list[Row]:
    """Suppressed addresses, the latest first."""
    return db.all("SELECT * FROM suppression WHERE suppressed = 1 ORDER BY since_at DESC, address")
