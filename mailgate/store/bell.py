"""Bells: how one hand tells another, in this or another process, that a list has something for it.

Takes a name ("intake", "reactor", "delivery"); `ring` never blocks and never fails, `listen` gives a `Waiter` whose
`wait` returns at a ring or after the time-out. A lost ring only costs the time-out: the lists are the truth.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
from collections.abc import Iterator
from pathlib import Path


class Waiter:
    """One listener of a bell: a datagram socket with a name in the data folder, and a flag inside the process."""

    def __init__(self, path: Path) -> None:
        self._path: Path | None = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            with _short(path) as name:
                self._socket.bind(name)
        except OSError:  # a path too long or a file system without sockets: rings inside the process still work
            self._path = None
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def ring(self) -> None:
        """Wakes the waiter from inside the process."""
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._write, b"1")

    def wait(self, seconds: float) -> bool:
        """Waits for a ring, at most `seconds`; True where it rang. Rings that piled up count as one."""
        rung, _, _ = select.select([self._read, self._socket.fileno()], [], [], max(0.0, seconds))
        for descriptor in rung:
            with contextlib.suppress(BlockingIOError):
                while os.read(descriptor, 4096):
                    continue
        return bool(rung)

    def close(self) -> None:
        self._socket.close()
        os.close(self._read)
        os.close(self._write)
        if self._path is not None:
            self._path.unlink(missing_ok=True)


class Bell:
    """The bells of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiters: dict[str, Waiter] = {}
        self._lock = threading.Lock()

    def listen(self, name: str) -> Waiter:
        """Becomes the listener of a bell; one a process and name."""
        waiter = Waiter(self._folder / name)
        with self._lock:
            self._waiters[name] = waiter
        return waiter

    def ring(self, name: str) -> None:
        """Rings a bell, wherever its listener lives."""
        waiter = self._waiters.get(name)
        if waiter is not None:
            waiter.ring()
            return
        path = self._folder / name
        if not path.exists():
            return
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender,
            _short(path) as address,
        ):
            sender.setblocking(False)
            sender.sendto(b"1", address)

    def close(self) -> None:
        with self._lock:
            for waiter in self._waiters.values():
                waiter.close()
            self._waiters.clear()


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """UNIX socket names hold about 107 bytes: a long path is reached through its open folder."""
    text = str(path)
    if len(os.fsencode(text)) < 100:
        yield text
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
