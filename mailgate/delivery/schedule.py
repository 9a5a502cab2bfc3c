"""When a letter is tried again, and when a relay that cannot be used is asked again.

Takes the number of tries and an age; gives times in seconds. Waits grow, with jitter, so that letters which failed together
do not come back together. RFC 5321 section 4.5.4.1 asks for 30 minutes between tries after the first ones and for four
to five days in all.
"""

from __future__ import annotations

import random

_WAITS_MINUTES = (1, 3, 10, 30, 60, 120, 240)
LONGEST_WAIT = max(_WAITS_MINUTES) * 60 * 1.1
"""Seconds, jitter included: what lies further away was put there by a clock that was wrong."""
_PAUSES_SECONDS = (2.0, 5.0, 10.0, 20.0, 40.0)


def next_attempt(attempts: int, created_at: float, now: float, give_up_after: float) -> float | None:
    """The time of the next try after `attempts` failed ones; None where the letter is too old for another."""
    minutes = _WAITS_MINUTES[min(max(attempts, 1), len(_WAITS_MINUTES)) - 1]
    at = now + minutes * 60 * random.uniform(0.9, 1.1)
    return at if at - created_at <= give_up_after else None


def relay_pause(failures: int) -> float:
    """Seconds until a relay that failed so many times in a row is asked again; short, so that mail flows soon after."""
    return _PAUSES_SECONDS[min(max(failures, 1), len(_PAUSES_SECONDS)) - 1] * random.uniform(0.9, 1.1)
