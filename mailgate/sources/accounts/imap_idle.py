"""IMAP IDLE: waiting until the server announces a message, for hours, without trusting that it will.

Takes a connection with a folder selected; gives "news", "woken", "timeout" or "lost". IDLE is a wake-up hint only: what
is there is always learnt by listing. Promises: it is renewed before servers and firewalls grow tired of it; a
closed connection is "lost", never a loop; a line that comes in two halves is one line; nothing grows.
Standards: RFC 2177 (renewal at least every 29 minutes; in practice much sooner).
"""

from __future__ import annotations

import select

from mailgate import clock
from mailgate.sources.accounts.connection import BrokenRuleError, Connection
from mailgate.sources.accounts.fetcher import Waited, Wake

RENEWAL = 9 * 60.0
_TAG = b"MGIDLE"
_MAX_LINES = 10_000


def idle(connection: Connection, seconds: float, renewal: float, wake: Wake) -> Waited:
    """Waits in IDLE. Raises OSError or BrokenRuleError where the connection fails; it is to be closed then."""
    end = clock.monotonic() + seconds
    while True:
        left = end - clock.monotonic()
        result = _idle_once(connection, min(left, renewal), wake)
        if result != "timeout" or clock.monotonic() >= end:
            return result


def _idle_once(connection: Connection, seconds: float, wake: Wake) -> Waited:
    connection.begin()
    connection.sendall(_TAG + b" IDLE\r\n")
    news = False
    for _ in range(_MAX_LINES):
        line = _line(connection)
        if line.startswith(b"+"):
            break
        if line.startswith(_TAG):  # NO or BAD: no IDLE after all
            return "lost"
        news = news or _is_news(line)
    result: Waited = "news" if news else _listen(connection, clock.monotonic() + seconds, wake)
    connection.begin()
    connection.sendall(b"DONE\r\n")
    for _ in range(_MAX_LINES):
        line = _line(connection)
        if line.startswith(_TAG):
            return result
        if _is_news(line) and result == "timeout":
            result = "news"
    raise BrokenRuleError("it does not end IDLE")


def _listen(connection: Connection, end: float, wake: Wake) -> Waited:
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    waiting.register(wake.fileno(), select.POLLIN)
    for _ in range(_MAX_LINES):
        if not connection.buffered:
            left = end - clock.monotonic()
            ready = {descriptor for descriptor, _ in waiting.poll(max(0, int(left * 1000)))} if left > 0 else set()
            if wake.fileno() in ready:
                wake.wait(0)
                return "woken"
            if not ready:
                return "timeout"
        connection.begin()
        if _is_news(_line(connection)):
            return "news"
    raise BrokenRuleError("it does not stop talking in IDLE")


def _line(connection: Connection) -> bytes:
    line = connection.readline()
    if not line:
        raise ConnectionError("the connection ended while waiting for mail")
    if line[:5].upper() == b"* BYE":
        raise ConnectionError("the server says goodbye")
    return line


def _is_news(line: bytes) -> bool:
    words = line.upper().split()
    return len(words) == 3 and words[0] == b"*" and words[2] == b"EXISTS" and words[1] != b"0"
