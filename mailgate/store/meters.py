"""Counters over a sliding time, for the loop breaker and for sign-in attempts.

Takes a name such as "from:a@example.com"; gives how often it was hit within a window. The window slides in eight slots,
each named by the second it began, so that counters with windows of any length can be cleaned together; names are kept as
digests, so that neither their length nor their content matters.
"""

from __future__ import annotations

import hashlib

from mailgate import clock
from mailgate.store.engine import Reader, Tx

_SLOTS = 8


def hit(tx: Tx, name: str, window_seconds: float) -> int:
    """Counts one more; gives the count within the window, this one included."""
    slot = _slot(window_seconds)
    tx.run(
        "INSERT INTO meter (name, slot, count) VALUES (:n, :s, 1) ON CONFLICT (name, slot) DO UPDATE SET"
        " count = meter.count + 1",
        {"n": _key(name), "s": slot},
    )
    return read(tx, name, window_seconds)


def read(db: Reader, name: str, window_seconds: float) -> int:
    """The count within the window."""
    slot = _slot(window_seconds)
    sql = "SELECT COALESCE(SUM(count), 0) FROM meter WHERE name = :n AND slot > :from AND slot <= :to"
    return int(db.value(sql, {"n": _key(name), "from": slot - int(window_seconds), "to": slot}))


def clear(tx: Tx, name: str) -> None:
    """Forgets a counter, as after a right password."""
    tx.run("DELETE FROM meter WHERE name = :n", {"n": _key(name)})


def clean(tx: Tx, window_seconds: float) -> None:
    """Removes slots that no window up to this length reaches any more."""
    tx.run("DELETE FROM meter WHERE slot < :s", {"s": int(clock.now() - 2 * window_seconds)})


def _slot(window_seconds: float) -> int:
    width = max(window_seconds / _SLOTS, 1.0)
    return int(int(clock.now() / width) * width)


def _key(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:24]
