"""The file that keeps what a sign-in gave: mode 0600, whole or not there, one process at a time.

Takes a path; gives what is kept as a dictionary. Promises: a crash leaves the old file or the new one; two processes
(the daemon and a command) never renew at once, so that neither throws away what the other got; nothing of the content
stands in an error. Raises TokenError.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mailgate import clock
from mailgate.oauth.credential import TokenError

_MAX_BYTES = 1024 * 1024
_LOOK_SECONDS = 0.1
_never = threading.Event()


def read(path: Path) -> dict[str, Any] | None:
    """What is kept, or None where nothing is. Raises TokenError where the file cannot be used."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as opened:
            content = opened.read(_MAX_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TokenError(f"{path} cannot be read: {error.strerror}. Check its owner and its mode (0600).") from None
    try:
        kept = json.loads(content)
    except ValueError:
        kept = None
    if not isinstance(kept, dict):
        raise TokenError(f"{path} is damaged. Remove it and sign in again.")
    return kept


def write(path: Path, kept: dict[str, Any]) -> None:
    """Replaces the file. Raises TokenError where the disk does not take it."""
    aside = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as opened:
                opened.write(json.dumps(kept).encode())
                opened.flush()
                os.fsync(descriptor)
            os.replace(aside, path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise TokenError(f"{path} cannot be written: {error.strerror}. Check space and permissions.") from None


def mark(path: Path) -> tuple[int, int] | None:
    """Something that changes with the file; None where it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


@contextlib.contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Keeps others from renewing meanwhile. Raises TokenError where they hold it longer than `seconds`."""
    lock = path.with_suffix(".lock")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise TokenError(f"{lock} cannot be made: {error.strerror}. Check space and permissions.") from None
    try:
        until = clock.monotonic() + seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if clock.monotonic() >= until:
                    raise TokenError(f"Another process has been renewing {path.name} for {seconds:g} s.") from None
                _never.wait(_LOOK_SECONDS)
        yield
    finally:
        os.close(descriptor)
