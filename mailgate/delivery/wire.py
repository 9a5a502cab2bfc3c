"""The wire to a relay: lines out, replies in, TLS around both.

Takes a host and a port; gives replies. Promises: nothing waits longer than it was told, however slowly the other side
trickles; a reply is bounded in lines and bytes; what arrives in clear before TLS is never read as part of it.
Raises OSError or WireError; `listener` hears both sides of the dialogue.
Standards: RFC 5321 sections 4.2 and 4.5.3.1, RFC 3207 (STARTTLS).
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from mailgate import clock

Listener = Callable[[str, str], None]
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?")
_MAX_LINE = 8192
_MAX_LINES = 200
_PIECE = 64 * 1024


class WireError(Exception):
    """The other side closed, was too slow, or speaks something that is no SMTP."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: its code and the text of its lines."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.lines).split())[:500]

    @property
    def ok(self) -> bool:
        return 200 <= self.code < 300

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()


class Wire:
    """One TCP connection. `seconds` is the longest wait for a reply; `deadline` (monotonic) ends everything."""

    def __init__(self, host: str, port: int, seconds: float, listener: Listener | None = None) -> None:
        """Raises OSError."""
        self._seconds = seconds
        self._listener = listener
        self._buffer = b""
        self.deadline: float | None = None
        self.tls = False
        self._socket = socket.create_connection((host, port), seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start_tls(self, context: ssl.SSLContext, name: str) -> None:
        """Puts TLS around the connection; `name` is what the certificate must be for. Raises OSError, WireError."""
        if self._buffer:  # RFC 3207 section 6: whoever is between us could have put words into the relay's mouth
            raise WireError("it sent more than its answer before TLS began")
        until = clock.monotonic() + self._seconds
        tls = context.wrap_socket(self._socket, server_hostname=name, do_handshake_on_connect=False)
        self._socket = tls
        tls.settimeout(0)
        while True:
            left = until - clock.monotonic()
            if left <= 0:
                raise WireError("it did not finish the TLS handshake in time")
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                select.select([tls], [], [], left)
            except ssl.SSLWantWriteError:
                select.select([], [tls], [], left)
            else:
                break
        self.tls = True

    def say(self, *lines: str, shown: str | None = None) -> None:
        """Sends command lines in one piece; `shown` is what the listener hears instead of a secret."""
        if self._listener is not None:
            for line in lines:
                self._listener(">", shown if shown is not None else line)
        self.send("".join(line + "\r\n" for line in lines).encode("utf-8"))

    def ask(self, line: str, shown: str | None = None) -> Reply:
        """Sends a command and waits for its reply."""
        self.say(line, shown=shown)
        return self.reply()

    def send(self, data: bytes) -> None:
        """Sends bytes. Raises OSError where the other side does not take a piece of them in time."""
        view = memoryview(data)
        while view:
            self._socket.settimeout(self._left(self._seconds))
            self._socket.sendall(view[:_PIECE])
            view = view[_PIECE:]

    def show(self, words: str) -> None:
        """Tells the listener about what is too long to be shown."""
        if self._listener is not None:
            self._listener(">", words)

    def reply(self, seconds: float | None = None) -> Reply:
        """The next reply, whole within `seconds`. Raises WireError, OSError."""
        until = clock.monotonic() + (self._seconds if seconds is None else seconds)
        lines: list[str] = []
        while True:
            line = self._line(until)
            found = _LINE.fullmatch(line)
            if found is None:
                raise WireError(f"it answered with something that is no SMTP: {_plain(line)[:80]!r}")
            lines.append(_plain(found[3] or b""))
            if found[2] != b"-":
                break
            if len(lines) >= _MAX_LINES:
                raise WireError(f"its answer has more than {_MAX_LINES} lines")
        reply = Reply(int(found[1]), tuple(lines))
        if self._listener is not None:
            for number, text in enumerate(lines):
                self._listener("<", f"{reply.code}{' ' if number == len(lines) - 1 else '-'}{text}")
        return reply

    def abort(self) -> None:
        """Breaks the connection from another thread; whoever waits on it wakes up with an error."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()

    def _line(self, until: float) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > _MAX_LINE:
                raise WireError("its answer has a line without an end")
            left = until - clock.monotonic()
            if left <= 0:
                raise WireError("it did not answer in time")
            self._socket.settimeout(self._left(left))
            try:
                piece = self._socket.recv(16384)
            except TimeoutError as error:
                raise WireError("it did not answer in time") from error
            if not piece:
                raise WireError("it closed the connection")
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.removesuffix(b"\r")

    def _left(self, seconds: float) -> float:
        """The time for one step, so that all steps together end at the deadline."""
        if self.deadline is None:
            return seconds
        left = self.deadline - clock.monotonic()
        if left <= 0:
            raise WireError("it took too long in all")
        return min(seconds, left)


def _plain(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    return "".join(char if char.isprintable() else " " for char in text).strip()
