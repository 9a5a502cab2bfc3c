"""What IMAP and POP3 have in common: one line to a server, opened step by step, and a session that ends with any trouble.

Takes an account, its secret or token, and a protocol's way to log in; gives the base of both fetchers and the opening of
their sessions. Promises: each step has one time limit of its own; the line can be cut from another thread while it is
being opened, too; whatever goes wrong is closed first and becomes one sentence (`AccountError`).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from mailgate.config.schema import Account
from mailgate.errors import TemporaryError
from mailgate.sources.accounts import tls
from mailgate.sources.accounts.connection import Connection
from mailgate.sources.accounts.fetcher import AccountError, Secret, TokenRefusedError
from mailgate.store.blobs import BlobStore

Errors = tuple[type[Exception], ...]
Started = Callable[[Connection], None]


class Spoken(Protocol):
    """A session that is logged in."""

    @property
    def connection(self) -> Connection:
        """The line it goes over."""


S = TypeVar("S", bound=Spoken)
Connect = Callable[[Account, ssl.SSLContext, Secret, Callable[[], str] | None, Started], S]


class Opening:
    """A line that is being opened. `step` begins the next part of it, in words such as "logging in"."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.doing = ""
        self.step("waiting for the greeting")

    def step(self, doing: str) -> None:
        """Names what is done next, and gives it its own time."""
        self.doing = doing
        self.connection.begin()


@contextmanager
def opening(account: Account, context: ssl.SSLContext, started: Started, errors: Errors) -> Iterator[Opening]:
    """Dials; `started` hears of the line early, so that it can be cut. Raises AccountError, with the line closed."""
    line: Connection | None = None
    way: Opening | None = None
    try:
        line = Connection.dial(
            account.host,
            tls.port_of(account),
            account.timeout.total_seconds(),
            context if account.tls == "tls" else None,
        )
        started(line)
        way = Opening(line)
        yield way
    except AccountError:
        if line is not None:
            line.close()
        raise
    except errors as error:
        if line is not None:
            line.close()
        raise AccountError(tls.explain(error, account, way.doing if way else "connecting")) from error


class Dialogue(Generic[S]):
    """The line and the session of a fetcher."""

    server_errors: Errors
    refusals: Errors

    def __init__(
        self,
        account: Account,
        secret: Secret,
        blobs: BlobStore,
        context: ssl.SSLContext,
        access_token: Callable[[], str] | None = None,
        renew_token: Callable[[], None] = lambda: None,
    ) -> None:
        self._account = account
        self._secret = secret
        self._blobs = blobs
        self._context = context
        self._access_token = access_token
        self._renew_token = renew_token
        self._line: Connection | None = None
        self._session: S | None = None

    def close(self) -> None:
        """Ends the session at once; what was not settled comes again."""
        if self._line is not None:
            self._line.close()
        self._line = self._session = None

    def abort(self) -> None:
        """Cuts the line, from another thread."""
        line = self._line
        if line is not None:
            line.abort()

    def _log_in(self, connect: Connect[S]) -> S:
        """A new session. A token that is refused is renewed for the next try."""

        def started(connection: Connection) -> None:
            self._line = connection

        try:
            self._session = connect(self._account, self._context, self._secret, self._access_token, started)
        except AccountError as error:
            self._line = None
            if isinstance(error, TokenRefusedError):
                self._renew_token()
            raise
        return self._session

    def _need_session(self) -> S:
        if self._session is None:
            raise AccountError("The connection is closed.")
        return self._session

    @contextmanager
    def _step(self, doing: str) -> Iterator[None]:
        """One operation with one time limit; what goes wrong becomes a sentence."""
        self._need_session().connection.begin()
        try:
            yield
        except TemporaryError:
            self.close()
            raise
        except self.refusals as error:
            self._refused()
            raise AccountError(f"{self._account.host} refused while {doing}: {tls.one_line(error)}.") from error
        except self.server_errors as error:
            self.close()
            raise AccountError(tls.explain(error, self._account, doing)) from error

    def _refused(self) -> None:
        """What a refusal does to the session."""
        self.close()
