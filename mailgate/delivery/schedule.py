"""When a letter is tried again: growing waits with jitter, until it is given up.

Takes the number of tries and the letter's age; gives an epoch time or None. RFC 5321 section 4.5.4.1 asks for at least
30 minutes between tries after the first ones and for four to five days in all.
"""

from __future__ import annotations

import random

_WAITS_MINUTES = (1, 3, 10, 30, 60, 120, 240)


def next_attempt(attempts: int, created_at: float, now: float, give_up_after: float) -> float | None:
    """The time of the next try after `attempts` failed ones; None where the letter is too old for another."""
    minutes = _WAITS_MINUTES[min(attempts, len(_WAITS_MINUTES)) - 1]
    at = now + minutes * 60 * random.uniform(0.9, 1.1)
    return at if at - created_at <= give_up_after else None
