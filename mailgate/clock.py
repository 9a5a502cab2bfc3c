"""The time, as the one thing in the house that says what time it is, so that tests can move it.

Gives `now()` (wall clock, UTC seconds since the epoch as float) and `monotonic()` (never jumps; for waits).
Promises: no other module calls `time.time()` or `datetime.now()`; durations are measured with `monotonic()`,
so a clock that jumps cannot end or stretch a wait.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_wall: Callable[[], float] = time.time
monotonic: Callable[[], float] = time.monotonic


def now() -> float:
    """The wall clock in UTC seconds since the epoch."""
    return _wall()


def iso(at: float | None) -> str | None:
    """An epoch time as ISO 8601 UTC with seconds, `2026-11-25T22:15:00Z`; None stays None."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@contextmanager
def frozen(at: float) -> Iterator[Callable[[float], None]]:
    """For tests: the clock stands at `at`; the yielded function moves it by seconds."""
    global _wall
    before, current = _wall, [at]

    def advance(seconds: float) -> None:
        current[0] += seconds

    _wall = lambda: current[0]  # noqa: E731
    try:
        yield advance
    finally:
        _wall = before
