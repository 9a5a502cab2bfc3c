"""The load: messages with a Message-ID of their own, sent over a few connections as fast as they are taken.

Takes a port and a count; gives seconds. One process with plain sockets and prepared bytes, because on two cores the
generator must cost less than what it measures.
"""

from __future__ import annotations

import random
import selectors
import socket
import time

_WORDS = [
    "".join(random.Random(n).choices("abcdefghiklmnoprstuvyz", k=2 + n % 9)) for n in range(3000)
]  # a language of three thousand words


def body(size: int, seed: int) -> bytes:
    """Text of about `size` bytes, in lines, as a person's mail has it."""
    dice = random.Random(seed)
    lines: list[str] = []
    while size > 0:
        line = " ".join(dice.choices(_WORDS, k=11))
        lines.append(line)
        size -= len(line) + 2
    return "\r\n".join(lines).encode()


def message(number: int, text: bytes, domain: str = "example.org") -> bytes:
    """One message; equal numbers give equal Message-IDs."""
    return (
        (
            f"From: User {number % 500} <user{number % 500}@{domain}>\r\nTo: support@help.example.com\r\n"
            f"Subject: request {number}\r\nMessage-ID: <bench.{number}.{len(text)}@{domain}>\r\n"
            "Date: Wed, 25 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n\r\n"
        ).encode()
        + b"%d " % number
        + text
        + b"\r\n"
    )


class _Connection:
    """One SMTP session as a machine of states, so that one thread can drive many."""

    def __init__(self, port: int, recipient: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._recipient = recipient.encode()
        self._expected = 1
        self._stage = "greeting"
        self._got = b""

    def ready(self, take: list[bytes]) -> bool:
        """Reads replies and sends what comes next; False when there is nothing more to send."""
        self._got += self.socket.recv(65536)
        while self._expected and (end := self._complete()):
            self._check(self._got[:end])
            self._got = self._got[end:]
            self._expected -= 1
        if self._expected:
            return True
        if self._stage == "greeting":
            self._say(b"EHLO bench\r\n", "next", 1)
        elif self._stage == "next":
            if not take:
                self.socket.close()
                return False
            self._data = take.pop() + b".\r\n"
            self._say(b"MAIL FROM:<load@example.org>\r\nRCPT TO:<" + self._recipient + b">\r\nDATA\r\n", "data", 3)
        else:
            self._say(self._data, "next", 1)
        return True

    def _say(self, data: bytes, stage: str, replies: int) -> None:
        self._stage, self._expected = stage, replies
        self.socket.sendall(data)

    def _complete(self) -> int:
        """Where the first whole reply ends, 0 where there is none (continuation lines have a hyphen)."""
        start = 0
        while (end := self._got.find(b"\r\n", start)) >= 0:
            if self._got[start + 3 : start + 4] != b"-":
                return end + 2
            start = end + 2
        return 0

    def _check(self, reply: bytes) -> None:
        if reply[:1] not in b"23":
            raise RuntimeError(f"the server answered {reply.decode(errors='replace')}")


def send(port: int, messages: list[bytes], sessions: int, recipient: str = "support@help.example.com") -> float:
    """Sends all messages over `sessions` connections; gives the seconds until the last 250."""
    take = list(reversed(messages))
    selector = selectors.DefaultSelector()
    started = time.perf_counter()
    for _ in range(sessions):
        connection = _Connection(port, recipient)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    while selector.get_map():
        for key, _ in selector.select():
            if not key.data.ready(take):
                selector.unregister(key.fileobj)
    return time.perf_counter() - started
