"""The watch over one connection: a deadline that ends a request from outside, and the socket it is ended by.

Takes a time limit; gives sockets that are connected within it. Promises: whatever waits on such a socket when the time
is over, or when `cut` is called, ends at once; a name server that does not answer is not waited for; the deadline moves
on only with data, at the pace of the slowest transfer that is tolerated.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
from collections.abc import Callable
from typing import TypeVar

import requests
import urllib3

from mailgate import clock
from mailgate.https.names import resolve

SLOWEST = 4096  # bytes a second under which a transfer counts as hanging
_DEEPEST = 12
T = TypeVar("T")


class Watch:
    """Deadline and socket of one line."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.trouble: BaseException | None = None
        self.certificate: bytes | None = None
        self._deadline = 0.0
        self._expired = False
        self._running = False
        self._timer: threading.Timer | None = None
        self._twin: socket.socket | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Starts the time of one request."""
        self.end()
        with self._lock:
            self.trouble = None
            self._expired = False
            self._running = True
            self._deadline = clock.monotonic() + self.timeout
            self._arm()

    def end(self) -> None:
        """The request is over."""
        with self._lock:
            self._running = False
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def progress(self, size: int) -> None:
        """Data arrived: it earns the time that the slowest transfer would need for it."""
        self._deadline += size / SLOWEST

    def guard(self, work: Callable[[], T]) -> T:
        """Does one step; what goes wrong is kept as `trouble` and raised as an error that every library understands."""
        try:
            return work()
        except Exception as error:
            self.trouble = self._cause(error)
            raise requests.ConnectionError(str(self.trouble)) from error

    def dial(self, host: str, port: int) -> socket.socket:
        """Resolves and connects within the request's time. Raises OSError."""
        error: OSError = OSError(f"{host} has no address")
        for family, kind, number, _, address in resolve(host.strip("[]"), port, self._left()):
            sock = socket.socket(family, kind, number)
            try:
                sock.settimeout(self._left())
                sock.connect(address)
            except OSError as failed:
                sock.close()
                error = failed
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(self.timeout)
            self._remember(sock)
            return sock
        raise error

    def cut(self) -> None:
        """Shuts the connection down, so that whatever waits for it ends; TLS on it or not."""
        with self._lock:
            if self._twin is not None:
                try:
                    self._twin.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return

    def close(self) -> None:
        """Forgets the socket."""
        self.end()
        with self._lock:
            if self._twin is not None:
                self._twin.close()
                self._twin = None

    def _remember(self, sock: socket.socket) -> None:
        """A second descriptor of the same connection: the first one is taken over by TLS and by the library."""
        twin = socket.socket(fileno=os.dup(sock.fileno()))
        with self._lock:
            if self._twin is not None:
                self._twin.close()
            self._twin = twin

    def _left(self) -> float:
        return max(0.001, self._deadline - clock.monotonic())

    def _arm(self) -> None:
        self._timer = threading.Timer(self._left(), self._check)
        self._timer.daemon = True
        self._timer.start()

    def _check(self) -> None:
        with self._lock:
            if not self._running:
                return
            if clock.monotonic() < self._deadline:
                self._arm()
                return
            self._expired = True
        self.cut()

    def _cause(self, error: BaseException) -> BaseException:
        if self._expired:
            return TimeoutError("the time for the request is over")
        found = _root(error, 0)
        return found if found is not None else OSError(str(error)[:300])


def _root(error: BaseException, depth: int) -> BaseException | None:
    """The error of the operating system, of TLS or of HTTP under the libraries' wrappers."""
    if depth > _DEEPEST:
        return None
    if isinstance(error, ssl.SSLError | TimeoutError | socket.gaierror | ConnectionError):
        return error
    inner = [error.__cause__, error.__context__, getattr(error, "reason", None), *error.args]
    for candidate in inner:
        if isinstance(candidate, BaseException) and (found := _root(candidate, depth + 1)) is not None:
            return found
    if isinstance(error, urllib3.exceptions.TimeoutError | requests.Timeout):
        return TimeoutError("no answer")
    if isinstance(error, http.client.IncompleteRead | urllib3.exceptions.IncompleteRead):
        return ConnectionError("it ended in the middle of an answer")
    if isinstance(error, requests.RequestException | urllib3.exceptions.HTTPError):
        return None
    return error if isinstance(error, OSError) or hasattr(error, "too_large") else None
