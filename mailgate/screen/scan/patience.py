"""How long a scanner is waited for: less while it hangs, so that one broken scanner does not slow down all mail.

Takes what became of each question; gives the seconds for the next one. Promises: a scanner is always asked, so that no
sender can buy himself a time without a scanner; one answer gives it back the whole time of the configuration; once a
minute it has that time anyway, because one that works again may be slower than the short time.
"""

from __future__ import annotations

import threading

from mailgate import clock

_HANGS = 3
"""So many questions in a row without an answer in time mean that the scanner hangs, not that a message is hard."""
_SHORT_SECONDS = 2.0
_WHOLE_TIME_EVERY = 60.0


class Patience:
    """Counts unanswered questions in a row, for each scanner. Safe between threads."""

    def __init__(self) -> None:
        self._unanswered: dict[str, int] = {}
        self._whole_time_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def seconds(self, name: str, configured: float) -> float:
        """The time-out for the next question to a scanner."""
        now = clock.monotonic()
        with self._lock:
            hangs = self._unanswered.get(name, 0) >= _HANGS
            if not hangs or now - self._whole_time_at.get(name, now) >= _WHOLE_TIME_EVERY:
                self._whole_time_at[name] = now
                return configured
            self._whole_time_at.setdefault(name, now)
        return min(configured, _SHORT_SECONDS)

    def note(self, name: str, timed_out: bool) -> bool | None:
        """Takes the end of a question; True where the scanner has begun to hang with it, False where it works again."""
        with self._lock:
            before = self._unanswered.get(name, 0)
            self._unanswered[name] = before + 1 if timed_out else 0
        if timed_out:
            return True if before + 1 == _HANGS else None
        return False if before >= _HANGS else None
