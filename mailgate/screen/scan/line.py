"""A connection to a scanner whose every wait ends at one deadline.

Takes "host:port" or "unix:PATH" and seconds; gives a socket. Promises: connecting, sending and receiving together never
take longer, however slowly the other side drips its answer (the name look-up of a host is bounded by the system alone;
`scan` does not wait for it). Raises TimeoutError and OSError.
"""

from __future__ import annotations

import socket
from typing import Any

from mailgate import clock

_UNIX = "unix:"


class Line(socket.socket):
    """A socket with a deadline (monotonic seconds) instead of a time-out for each operation."""

    ends_at: float = 0.0

    def _allow(self) -> None:
        left = self.ends_at - clock.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.settimeout(left)

    def connect(self, address: Any, /) -> None:
        self._allow()
        super().connect(address)

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        self._allow()
        super().sendall(data, flags)

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        self._allow()
        return super().recv(bufsize, flags)

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        self._allow()
        return super().recv_into(buffer, nbytes, flags)


def open_line(place: str, seconds: float) -> Line:
    """Connects. Raises OSError where nobody listens, TimeoutError where the time is over, ValueError for a bad place."""
    ends_at = clock.monotonic() + seconds
    if place.startswith(_UNIX):
        return _connected(Line(socket.AF_UNIX, socket.SOCK_STREAM), place.removeprefix(_UNIX), ends_at)
    host, port = split_place(place)
    trouble: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            return _connected(Line(family, kind, protocol), address, ends_at)
        except OSError as error:
            trouble = error
    raise trouble or OSError(f"{host} has no address")


def split_place(place: str) -> tuple[str, int]:
    """Host and port of "host:port" or "[::1]:port". Raises ValueError with a sentence."""
    host, colon, port = place.rpartition(":")
    host = host.strip("[]")
    if not colon or not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f'"{place}" is neither host:port nor unix:PATH')
    return host, int(port)


def read_to_end(line: Line, limit: int) -> bytes:
    """What comes until the other side closes, at most `limit` bytes. Raises OSError."""
    found = bytearray()
    while len(found) < limit and (piece := line.recv(min(65536, limit - len(found)))):
        found += piece
    return bytes(found)


def _connected(line: Line, address: Any, ends_at: float) -> Line:
    line.ends_at = ends_at
    try:
        line.connect(address)
    except BaseException:
        line.close()
        raise
    return line
