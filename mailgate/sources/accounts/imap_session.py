"""An IMAP session from the greeting to the login, with imapclient on a connection that cannot hang.

Takes an account, its secret or token and a TLS context; gives a logged-in `Session`. Promises: no password goes over a
connection that was to be encrypted and is not; STARTTLS that is missing is an error, never a downgrade; no name with a
line end is sent; imaplib's own reading is bounded in line length, literal size and total.
Standards: RFC 3501, RFC 2595 (STARTTLS), RFC 4616 (PLAIN), RFC 7628 and XOAUTH2 (tokens).
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Callable
from typing import Any

from imapclient import IMAPClient, imap_utf7

from mailgate.config.schema import Account
from mailgate.sources.accounts import tls
from mailgate.sources.accounts.connection import MAX_LINE, BrokenRuleError, Connection
from mailgate.sources.accounts.dialogue import opening
from mailgate.sources.accounts.fetcher import AccountError, Secret, TokenRefusedError

_SMALL_LITERAL = 256 * 1024
SERVER_ERRORS = (OSError, imaplib.IMAP4.error, BrokenRuleError, ValueError, LookupError, TypeError, AssertionError)


class _Imap4(imaplib.IMAP4):
    """imaplib on our connection; message bodies never pass through it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        super().__init__()

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self.sock: Any = self._connection

    def read(self, size: int) -> bytes:
        if size > _SMALL_LITERAL:
            raise self.abort(f"it announced {size} bytes where a few were expected")
        return self._connection.read(size)

    def readline(self) -> bytes:
        return self._connection.readline(MAX_LINE)

    def send(self, data: Any) -> None:
        self._connection.sendall(data)

    def shutdown(self) -> None:
        self._connection.close()


class _Client(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """imapclient on our connection, without the debug log that would repeat every message (dependencies: level 5)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        super().__init__("", port=1, ssl=False)
        self._imap.debug = 0

    def _create_IMAP4(self) -> _Imap4:
        return _Imap4(self._connection)


class Session:
    """A connection, the client on it and what the server can do after the login."""

    def __init__(self, connection: Connection, client: Any) -> None:
        self.connection = connection
        self.client = client
        self.capabilities: set[str] = set()

    def has(self, capability: str) -> bool:
        return capability in self.capabilities


def connect(
    account: Account,
    context: ssl.SSLContext,
    secret: Secret,
    access_token: Callable[[], str] | None,
    started: Callable[[Connection], None],
) -> Session:
    """Connects and logs in. `started` hears of the connection early, so that it can be cut. Raises AccountError."""
    with opening(account, context, started, SERVER_ERRORS) as way:
        session = Session(way.connection, _Client(way.connection))
        if account.tls == "starttls":
            way.step("starting TLS")
            _start_tls(session, context, account)
        way.step("logging in")
        _log_in(session, account, secret, access_token)
        session.capabilities = _capabilities(session)
        return session


def quote_folder(name: str) -> bytes:
    """A folder name in modified UTF-7 as a quoted string (RFC 3501 section 5.1.3). Refuses control characters."""
    if any(ord(c) < 32 or ord(c) == 127 for c in name):
        raise AccountError("A folder name must not hold control characters; correct folder or after_fetch.")
    encoded: bytes = imap_utf7.encode(name)
    return b'"' + encoded.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def folders(session: Session) -> list[str]:
    """The names of all folders that can be opened."""
    client = session.client
    client.folder_encode = False  # one name in bad UTF-7 must not hide the others
    try:
        found = client.list_folders()
    finally:
        client.folder_encode = True
    return sorted(_decoded(name) for flags, _, name in found if b"\\Noselect" not in flags)


def _decoded(name: object) -> str:
    if not isinstance(name, bytes):
        return str(name)
    try:
        return str(imap_utf7.decode(name))
    except ValueError:
        return name.decode("latin-1")


def _capabilities(session: Session) -> set[str]:
    _, data = session.client._imap.capability()
    return set((data[0] or b"").decode("ascii", "replace").upper().split())


def _start_tls(session: Session, context: ssl.SSLContext, account: Account) -> None:
    imap = session.client._imap
    if imap.state != "NONAUTH":  # RFC 2595: PREAUTH would leave STARTTLS impossible; somebody in between does this
        raise AccountError(f"{account.host} greets as if already logged in, which makes STARTTLS impossible.")
    if "STARTTLS" not in _capabilities(session):
        raise AccountError(f'{account.host} does not offer STARTTLS on this port; use tls = "tls" (usually port 993).')
    status, words = imap._simple_command("STARTTLS")
    if status != "OK":
        raise AccountError(f"{account.host} refuses STARTTLS: {tls.one_line(words[-1])}.")
    session.connection.start_tls(context)


def _log_in(session: Session, account: Account, secret: Secret, access_token: Callable[[], str] | None) -> None:
    offered = _capabilities(session)
    if session.client._imap.state != "NONAUTH":
        raise AccountError(f"{account.host} greets as if already logged in; such a server is not used.")
    told: list[bytes] = []
    try:
        if access_token is not None:
            if "AUTH=XOAUTH2" not in offered:
                raise AccountError(f"{account.host} does not offer login with a token (XOAUTH2).")
            session.client._imap.authenticate("XOAUTH2", _token_answers(account.username, access_token(), told))
        elif "AUTH=PLAIN" in offered:
            plain = f"\0{account.username}\0{secret()}".encode()
            session.client._imap.authenticate("PLAIN", lambda _challenge: plain)
        elif "LOGINDISABLED" in offered:
            raise AccountError(f'{account.host} allows no login without encryption; set tls = "tls" or "starttls".')
        else:
            _plain_old_login(session, account.username, secret())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        words = tls.one_line(b" ".join(told) or error).rstrip(". ")
        what = "the account's sign-in (`mailgate account login`)" if access_token is not None else "the password"
        kind = AccountError if access_token is None else TokenRefusedError
        raise kind(
            f"{account.host} refused the login of {account.username}: {words}. Check username and {what}."
        ) from error


def _token_answers(user: str, token: str, told: list[bytes]) -> Callable[[bytes], bytes]:
    """The two answers of XOAUTH2: the token, then an empty line to the server's JSON about why it was refused."""

    def answer(challenge: bytes) -> bytes:
        if challenge:
            told.append(challenge[:300])
            return b""
        return f"user={user}\x01auth=Bearer {token}\x01\x01".encode()

    return answer


def _plain_old_login(session: Session, user: str, password: str) -> None:
    if any(c in user + password for c in "\r\n\x00"):
        raise AccountError("Username and password must not hold line ends.")
    quoted = [b'"' + t.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"' for t in (user, password)]
    if not all(part.isascii() for part in quoted):
        raise AccountError("The server takes only ASCII in username and password (it does not offer AUTH=PLAIN).")
    imap = session.client._imap
    status, words = imap._simple_command("LOGIN", *(part.decode() for part in quoted))
    if status != "OK":
        raise imaplib.IMAP4.error(tls.one_line(words[-1]))
    imap.state = "AUTH"
