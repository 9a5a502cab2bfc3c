"""One TCP or TLS connection in which nothing can hang and nothing can grow.

Takes host, port, TLS context and a time limit; gives lines, literals and dot-stuffed blocks with a deadline for the
whole operation, not only for each byte (a server that drips one byte a second is cut), and a budget of bytes.
Promises: every call ends within its deadline with data, `TimeoutError` or `OSError`; a line, a reply or a literal never
takes more memory than its limit; `abort` from another thread ends whatever waits.
It serves imaplib and poplib in the place of their sockets and files.
Standards: RFC 1939 section 3 (dot-stuffing), RFC 3501 section 4.3 (literals).
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator

from mailgate import clock
from mailgate.https.names import resolve

MAX_LINE = 1024 * 1024
BUDGET = 16 * 1024 * 1024
SLOWEST = 16 * 1024  # bytes a second under which the transfer of a message counts as hanging
_PIECE = 256 * 1024


class BrokenRuleError(Exception):
    """The server broke the protocol; the text says how."""


class Connection:
    """A connection to one server, used by one thread; `abort` may be called by another."""

    def __init__(self, sock: socket.socket, host: str, timeout: float) -> None:
        self._sock = sock
        self._host = host
        self._timeout = timeout
        self._deadline = clock.monotonic() + timeout
        self._budget = BUDGET
        self._buffer = bytearray()
        self._at = 0
        self._piece = memoryview(bytearray(_PIECE))
        self._armed = 0.0

    @classmethod
    def dial(cls, host: str, port: int, timeout: float, context: ssl.SSLContext | None) -> Connection:
        """Resolves, connects and, with a context, speaks TLS at once. Raises OSError (TimeoutError, ssl.SSLError)."""
        deadline = clock.monotonic() + timeout
        error: OSError = OSError(f"{host} has no address")
        for family, kind, number, _, address in resolve(host, port, timeout):
            sock = socket.socket(family, kind, number)
            try:
                sock.settimeout(max(0.001, deadline - clock.monotonic()))
                sock.connect(address)
            except OSError as failed:
                sock.close()
                error = failed
                continue
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = cls(sock, host, timeout)
            if context is not None:
                connection.start_tls(context)
            return connection
        raise error

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Speaks TLS from here on; what the server sent in clear behind its reply is dropped (RFC 2595 section 3.1)."""
        self._buffer.clear()
        self._at = 0
        try:
            self._sock.settimeout(self._timeout)
            self._armed = self._timeout
            self._sock = context.wrap_socket(self._sock, server_hostname=self._host)
        except BaseException:
            self.close()
            raise

    def begin(self, seconds: float | None = None, budget: int = BUDGET) -> None:
        """Starts an operation that has to end within `seconds` (the account's limit) and `budget` bytes of replies."""
        self._deadline = clock.monotonic() + (self._timeout if seconds is None else seconds)
        self._budget = budget

    def progress(self, expected: int = 0) -> None:
        """Something complete arrived: the time starts anew, with more where `expected` bytes are announced."""
        self.begin(self._timeout + expected / SLOWEST, BUDGET + expected)

    def sendall(self, data: bytes) -> None:
        """Sends all of it."""
        self._arm()
        self._sock.sendall(data)

    def readline(self, limit: int = MAX_LINE) -> bytes:
        """A line with its line end; b"" where the server closed. Raises BrokenRuleError above `limit` bytes."""
        looked = self._at
        while True:
            end = self._buffer.find(b"\n", looked)
            if end >= 0:
                return self._take(end + 1 - self._at)
            if len(self._buffer) - self._at > limit:
                raise BrokenRuleError(f"it sent a line of more than {limit} bytes")
            waiting = len(self._buffer) - self._at
            if not self._fill():
                return b""
            looked = self._at + waiting

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, which the caller has judged to be few enough. Raises ConnectionError at the end."""
        while len(self._buffer) - self._at < size:
            if not self._fill():
                raise ConnectionError("the server closed the connection in the middle of a message")
        return self._take(size)

    def copy(self, size: int, write: Callable[[bytes], object]) -> None:
        """Hands exactly `size` bytes to `write`, in pieces."""
        while size:
            if len(self._buffer) == self._at and not self._fill():
                raise ConnectionError("the server closed the connection in the middle of a message")
            piece = self._take(min(size, len(self._buffer) - self._at))
            size -= len(piece)
            write(piece)

    def dotted(self) -> Iterator[bytes]:
        """The pieces of a multi-line reply, without dot-stuffing and without the final dot (RFC 1939 section 3)."""
        line_start = True
        while True:
            end = self._buffer.rfind(b"\n", self._at)
            if end < 0:
                if len(self._buffer) - self._at > _PIECE:  # a very long line: all but a CR that may belong to its end
                    text = self._take(len(self._buffer) - self._at - 1)
                    yield text[1:] if line_start and text.startswith(b"..") else text
                    line_start = False
                if not self._fill():
                    raise ConnectionError("the server closed the connection in the middle of a message")
                continue
            block = bytes(self._buffer[self._at : end + 1])
            stop = 0 if line_start and block.startswith(b".\r\n") else block.find(b"\n.\r\n") + 1
            done = stop > 0 or (line_start and block.startswith(b".\r\n"))
            text = block[:stop] if done else block
            self._take(stop + 3 if done else len(block))
            if line_start and text.startswith(b".."):
                text = text[1:]
            yield text.replace(b"\n..", b"\n.")
            if done:
                return
            line_start = True

    @property
    def buffered(self) -> bool:
        """Whether bytes have arrived that no call has taken yet."""
        pending = getattr(self._sock, "pending", None)
        return len(self._buffer) > self._at or bool(pending and pending())

    def fileno(self) -> int:
        return self._sock.fileno()

    def abort(self) -> None:
        """Cuts the connection; safe from another thread."""
        try:
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self) -> None:
        """Ends the connection at once; never raises."""
        self.abort()
        self._sock.close()

    # What imaplib and poplib ask of a socket and of its file:

    def makefile(self, _mode: str = "rb") -> Connection:
        return self

    def settimeout(self, _seconds: float | None) -> None:
        """The deadline rules; a library's own time-out is not needed."""

    def _arm(self) -> None:
        """Sets the socket's time-out to what is left; a tenth more or less is not worth the system call."""
        left = min(self._deadline - clock.monotonic(), self._timeout)  # silence is never suffered longer than that
        if left <= 0:
            raise TimeoutError("the server took too long")
        if not 0.9 * self._armed <= left <= 1.1 * self._armed:
            self._sock.settimeout(left)
            self._armed = left

    def _fill(self) -> int:
        self._arm()
        got = self._sock.recv_into(self._piece)
        self._budget -= got
        if self._budget < 0:
            raise BrokenRuleError("its reply does not end")
        if self._at:
            del self._buffer[: self._at]
            self._at = 0
        self._buffer += self._piece[:got]
        return got

    def _take(self, size: int) -> bytes:
        piece = bytes(memoryview(self._buffer)[self._at : self._at + size])
        self._at += size
        return piece
