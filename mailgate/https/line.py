"""A line to an HTTP server: every request ends, whatever the server does.

Takes a time limit and a TLS context; gives answers, downloads, and `requests` sessions for libraries that bring their
own protocol (msal, exchangelib). Promises: a request ends within its limit, with an answer or an error, also where the
server drips single bytes; the limit grows only as data arrives; no answer takes more memory than was allowed; `abort`
from another thread cuts whatever waits; redirects are not followed, so that a token goes to no other host; `.netrc` and
the libraries' own certificate bundle are not looked at. A proxy of the environment is used.
Raises OSError (TimeoutError, ssl.SSLError, ConnectionError) and TooLargeError.
Standards: RFC 9110, RFC 9112.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from requests.utils import get_environ_proxies

from mailgate.https.adapter import PIECE, Adapter, TooLargeError
from mailgate.https.watch import Watch

__all__ = ["Answer", "Line", "TooLargeError", "tls_context"]

ANSWER_LIMIT = 8 * 1024 * 1024
_ERROR_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said. Names in `headers` compare without case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def tls_context(ca_file: Path | None = None, beside_system: bool = False) -> ssl.SSLContext:
    """A verifying context for the system's authorities, for those of `ca_file` alone, or for both.

    Raises OSError or ssl.SSLError where `ca_file` cannot be read.
    """
    if ca_file is None:
        context = ssl.create_default_context()
    elif beside_system:
        context = ssl.create_default_context()
        context.load_verify_locations(str(ca_file))
    else:
        context = ssl.create_default_context(cafile=str(ca_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Line:
    """One connection's worth of HTTP, used by one thread; `abort` may be called by another.

    `timeout` in seconds is for each request, from the name's resolution to the last byte.
    """

    def __init__(self, timeout: float, context: ssl.SSLContext) -> None:
        self._watch = Watch(timeout)
        self._context = context
        self._session: requests.Session | None = None
        self.limit = ANSWER_LIMIT

    @property
    def trouble(self) -> BaseException | None:
        """What really went wrong in the last request, for libraries that hide it."""
        return self._watch.trouble

    @property
    def certificate(self) -> bytes | None:
        """The server's certificate (DER) of the last connection inside TLS."""
        return self._watch.certificate

    def session(self, url: str) -> requests.Session:
        """A new session whose requests go over this line; `url` says for which server a proxy is looked up."""
        session = _Session()
        session.trust_env = False
        session.proxies = get_environ_proxies(url)
        session.headers["Accept-Encoding"] = "gzip"
        session.headers["User-Agent"] = "mailgate"
        adapter = self.adapter()
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    def adapter(self) -> Adapter:
        """A transport for a session that somebody else makes."""
        return Adapter(self._watch, self._context, lambda: self.limit)

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request and its whole answer, of at most `limit` bytes."""
        with self._plain_errors():
            response = self._need_session(url).request(
                method, url, headers=dict(headers or {}), params=params, json=json, data=form, allow_redirects=False
            )
        return Answer(response.status_code, response.headers, response.content)

    def download(
        self, url: str, receive: Callable[[bytes], object], *, headers: Mapping[str, str] | None = None, limit: int
    ) -> Answer:
        """GET whose content is handed to `receive` in pieces, at most `limit` bytes. Another answer than 200 is given
        back with its body, and `receive` is not called. What `receive` raises goes through."""
        with self._plain_errors():
            response = self._need_session(url).get(url, headers=dict(headers or {}), allow_redirects=False, stream=True)
        size = 0
        try:
            wanted = response.status_code == 200
            kept: list[bytes] = []
            while True:
                with self._plain_errors():
                    piece = self._watch.guard(lambda: response.raw.read1(PIECE, decode_content=True))
                if not piece:
                    break
                size += len(piece)
                if size > (limit if wanted else _ERROR_LIMIT):
                    raise TooLargeError(f"it sent more than {limit} bytes")
                self._watch.progress(len(piece))
                if wanted:
                    receive(piece)
                else:
                    kept.append(piece)
            response.raw.release_conn()
            return Answer(response.status_code, response.headers, b"".join(kept))
        except BaseException:
            response.raw.close()
            raise
        finally:
            self._watch.end()

    def abort(self) -> None:
        """Cuts the connection; safe from another thread. A request that waits ends with an error."""
        self._watch.cut()

    def close(self) -> None:
        """Ends the connection; never raises."""
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(Exception):
                session.close()
        self._watch.close()

    def _need_session(self, url: str) -> requests.Session:
        if self._session is None:
            self._session = self.session(url)
        return self._session

    @contextlib.contextmanager
    def _plain_errors(self) -> Any:
        try:
            yield
        except requests.RequestException as error:
            cause = self._watch.trouble
            raise (cause if cause is not None else OSError(type(error).__name__)) from error


class _Session(requests.Session):
    """A session that follows no redirect, whoever uses it: a secret goes to the place that was configured."""

    def resolve_redirects(self, *_: Any, **__: Any) -> Iterator[Any]:
        return iter(())
