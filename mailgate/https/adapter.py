"""What `requests` sends and reads through: a transport whose connections are watched and whose answers are bounded.

Takes the watch, a TLS context and the limit of an answer; gives `Adapter`, for any session. Promises: the context alone
decides whom to trust; an answer that is read at once has its bytes counted after decompression; every error leaves as
`requests.ConnectionError`, with the cause kept by the watch.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from mailgate.https.watch import Watch

PIECE = 64 * 1024
_STEP = 16 * 1024


class TooLargeError(Exception):
    """The server sent more than was allowed; the text says how much that is."""

    too_large = True


class Adapter(HTTPAdapter):
    """The transport of one line."""

    def __init__(self, watch: Watch, context: ssl.SSLContext, limit: Callable[[], int]) -> None:
        self._watch = watch
        self._context = context
        self._limit = limit
        self._pools = _pools(watch)
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **pool)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **proxy_kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Adds no authorities to those of the context, and never turns verification off."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        self._watch.begin()
        done = False
        try:
            seconds = self._watch.timeout
            response = self._watch.guard(lambda: super(Adapter, self).send(request, True, seconds, True, None, proxies))
            if not stream:
                content = self._watch.guard(lambda: self._read(response))
                response._content = content
                response._content_consumed = True  # type: ignore[attr-defined]
                response.iter_content = lambda *_, **__: _pieces(content)  # type: ignore[method-assign]
            done = True
            return response
        finally:
            if not (done and stream):
                self._watch.end()

    def _read(self, response: requests.Response) -> bytes:
        pieces: list[bytes] = []
        size, limit = 0, self._limit()
        try:
            while piece := response.raw.read1(PIECE, decode_content=True):
                size += len(piece)
                if size > limit:
                    raise TooLargeError(f"it sent more than {limit} bytes")
                self._watch.progress(len(piece))
                pieces.append(piece)
        except BaseException:
            pieces.clear()  # the error is kept, and with it this frame
            response.raw.close()
            raise
        response.raw.release_conn()
        return b"".join(pieces)


def _pieces(content: bytes) -> Iterator[bytes]:
    """For exchangelib, which asks for single bytes, and whose reader is quadratic in large pieces."""
    for start in range(0, len(content), _STEP):
        yield content[start : start + _STEP]


def _pools(watch: Watch) -> dict[str, Any]:
    """urllib3's connections, dialled by the watch."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return watch.dial(self.host, self.port)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return watch.dial(self.host, self.port)

        def connect(self) -> None:
            super().connect()
            watch.certificate = self.sock.getpeercert(True) if isinstance(self.sock, ssl.SSLSocket) else None

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
