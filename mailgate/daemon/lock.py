"""One daemon for one data folder: a lock that the kernel drops when its holder dies.

Takes the data folder; gives a context that says whether the lock was free. Commands that file mail themselves where no
daemon runs take the same lock, so that intake is never in two processes at once.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailgate import clock


@contextmanager
def locked(data_dir: Path, wait_seconds: float = 0.0) -> Iterator[bool]:
    """Holds the lock for the block; yields False (and holds nothing) where another process has it after the wait."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data_dir / "daemon.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _take(descriptor, clock.monotonic() + wait_seconds)
    finally:
        os.close(descriptor)


def _take(descriptor: int, until: float) -> bool:
    import time

    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock.monotonic() >= until:
                return False
            time.sleep(0.05)
        else:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            return True


def is_running(data_dir: Path) -> bool:
    """Whether a daemon (or a command that files mail) holds the lock at this moment."""
    path = data_dir / "daemon.lock"
    if not path.exists():
        return False
    with locked(data_dir) as free:
        return not free
