"""A wake-up that can be waited for together with a socket.

Takes `set()` from any thread; `wait` returns at once while it is set and clears it. Promises: no wake-up is lost
between two waits, any number of them counts as one.
"""

from __future__ import annotations

import contextlib
import os
import select


class WakeUp:
    """A flag in a pipe, so that IDLE can wait for the server and for us at once."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def set(self) -> None:
        """Wakes the waiting thread, or the next one that waits."""
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._write, b"1")

    def fileno(self) -> int:
        return self._read

    def wait(self, seconds: float) -> bool:
        """Waits at most `seconds`; True where it was woken."""
        waiting = select.poll()
        waiting.register(self._read, select.POLLIN)
        if not waiting.poll(max(0, int(seconds * 1000))):
            return False
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read, 4096):
                continue
        return True

    def __del__(self) -> None:  # not earlier: another thread might still set it, and the number be somebody else's
        os.close(self._read)
        os.close(self._write)
