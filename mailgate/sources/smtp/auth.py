"""AUTH: passwords of the configured users.

Takes user, password and client address; gives yes or no. Promises: argon2 runs in a thread, two at a time at most and
with a bounded queue, so that guessing cannot occupy the processor; an address that guesses is turned away without
work; an unknown user takes as long as a wrong password. Standards: RFC 4954, RFC 4616.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping
from concurrent.futures import Executor

from mailgate import clock
from mailgate.errors import TemporaryError

_AT_ONCE = 2
_MAX_WAITING = 20
_MAX_FAILURES = 10
_FORGET_AFTER = 900.0
_MAX_REMEMBERED = 10_000
_NOBODY = (  # the hash of a random password that nobody knows, with argon2-cffi's defaults
    "$argon2id$v=19$m=65536,t=3,p=4$g77r2d7Ri00wSl4Qa2vNbw$JQHPRrEBY9U2JFHIqxzUwqvySJT4z+HnyB/yFRH7OoE"
)


class Authenticator:
    """Checks passwords; lives as long as the listener, so that a new connection does not forget failures."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._failures: dict[str, tuple[int, float]] = {}

    async def verify(self, users: Mapping[str, str], user: str, password: str, address: str) -> bool:
        """Whether the password is right. Raises TemporaryError where too many ask, or this address failed too often."""
        if self._failed(address) >= _MAX_FAILURES:
            raise TemporaryError("Too many failed logins from your address, try again later")
        if self._waiting >= _MAX_WAITING:
            raise TemporaryError("Too many logins at once, try again later")
        self._waiting += 1
        try:
            async with self._slots:
                loop = asyncio.get_running_loop()
                right = await loop.run_in_executor(self._executor, _matches, users.get(user), password)
        finally:
            self._waiting -= 1
        if right:
            self._failures.pop(address, None)
        else:
            self._remember(address)
        return right

    def _failed(self, address: str) -> int:
        count, at = self._failures.get(address, (0, 0.0))
        return count if clock.monotonic() - at < _FORGET_AFTER else 0

    def _remember(self, address: str) -> None:
        count = self._failed(address) + 1
        self._failures.pop(address, None)
        self._failures[address] = (count, clock.monotonic())
        if len(self._failures) > _MAX_REMEMBERED:
            del self._failures[next(iter(self._failures))]


def decode_base64(text: str) -> bytes | None:
    """The bytes; None where it is no base64. `=` alone is the empty string (RFC 4954 section 4)."""
    try:
        return b"" if text == "=" else base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def split_plain(message: bytes) -> tuple[str, str] | None:
    """User and password of a PLAIN message: authzid NUL authcid NUL passwd; None where it is none."""
    parts = message.split(b"\x00")
    if len(parts) != 3:
        return None
    authzid, user, password = (part.decode("utf-8", "replace") for part in parts)
    return (user, password) if user and authzid in ("", user) else None


def _matches(stored: str | None, password: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(stored or _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
