"""A POP3 session from the greeting to the login, and its lists, with poplib on a connection that cannot hang.

Takes an account, its secret or token and a TLS context; gives a logged-in `Pop3Session`. Promises: no password goes over
a connection that was to be encrypted and is not; a refused token is a refused login, though the server's answer begins
with a plus; lists are read line by line with a bound on lines and bytes.
Standards: RFC 1939, RFC 2449 (CAPA), RFC 2595 (STLS), XOAUTH2.
"""

from __future__ import annotations

import base64
import binascii
import poplib
import re
import ssl
from collections.abc import Callable, Iterator
from typing import Any

from mailgate.config.schema import Account
from mailgate.sources.accounts import tls
from mailgate.sources.accounts.connection import BrokenRuleError, Connection
from mailgate.sources.accounts.dialogue import opening
from mailgate.sources.accounts.fetcher import AccountError, Secret, TokenRefusedError

SERVER_ERRORS = (OSError, poplib.error_proto, BrokenRuleError, ValueError, LookupError, TypeError)
_MAX_LINE = 8192
_MAX_MESSAGES = 2_000_000
_LIST_LINE = re.compile(rb"(\d{1,9}) (\d{1,15})(?: .*)?")
_UIDL_LINE = re.compile(rb"(\d{1,9}) ([\x21-\xff]{1,512})\s*")


class RefusedReplyError(Exception):
    """The server answered -ERR; the text is the server's."""


class _Pop3(poplib.POP3):
    """poplib on our connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        super().__init__("")

    def _create_socket(self, timeout: float | None) -> Any:
        return self._connection


class Pop3Session:
    """A connection and what the server can do."""

    def __init__(self, connection: Connection, client: poplib.POP3) -> None:
        self.connection = connection
        self.client = client
        self.capabilities: dict[str, list[str]] = {}

    @property
    def pipelining(self) -> bool:
        return "PIPELINING" in self.capabilities

    def learn(self) -> None:
        """Asks for the capabilities (RFC 2449); a server that does not know the command has none."""
        try:
            self.command(b"CAPA")
        except RefusedReplyError:
            self.capabilities = {}
            return
        words = [line.decode("ascii", "replace").upper().split() for line in self._lines(1000)]
        self.capabilities = {line[0]: line[1:] for line in words if line}

    def command(self, command: bytes) -> bytes:
        """Sends a command; gives the line of the answer. Raises RefusedReplyError at -ERR."""
        self.connection.sendall(command + b"\r\n")
        return self.reply()

    def reply(self) -> bytes:
        """Reads one status line."""
        line = self.connection.readline(_MAX_LINE)
        if not line:
            raise ConnectionError("the connection ended without a word")
        if line.startswith(b"+"):
            return line.rstrip(b"\r\n")
        if line.startswith(b"-"):
            raise RefusedReplyError(tls.one_line(line[4:] if line.upper().startswith(b"-ERR") else line))
        raise BrokenRuleError(f"it answered {line[:60]!r}")

    def sizes(self) -> dict[int, int]:
        """Message numbers and sizes in order (LIST)."""
        self.command(b"LIST")
        return {int(number): int(size) for number, size in self._pairs(_LIST_LINE)}

    def unique_names(self) -> dict[int, bytes] | None:
        """Message numbers and their names that last (UIDL); None where the server has no UIDL."""
        try:
            self.command(b"UIDL")
        except RefusedReplyError:
            return None
        return {int(number): name for number, name in self._pairs(_UIDL_LINE)}

    def has_uidl(self) -> bool:
        return self.unique_names() is not None

    def _pairs(self, form: re.Pattern[bytes]) -> Iterator[tuple[bytes, bytes]]:
        for line in self._lines(_MAX_MESSAGES):
            match = form.fullmatch(line)
            if match is None:
                raise BrokenRuleError(f"it sent {line[:60]!r} in a list of messages")
            yield match[1], match[2]

    def _lines(self, most: int) -> Iterator[bytes]:
        """The lines of a multi-line answer, at most `most`; every 2048 lines the time starts anew."""
        for number in range(most):
            line = self.connection.readline(_MAX_LINE)
            if not line:
                raise ConnectionError("the connection ended in the middle of a list")
            if line in (b".\r\n", b".\n"):
                return
            if number % 2048 == 2047:
                self.connection.progress()
            yield (line[1:] if line.startswith(b"..") else line).rstrip(b"\r\n")
        raise BrokenRuleError("its list does not end")


def connect(
    account: Account,
    context: ssl.SSLContext,
    secret: Secret,
    access_token: Callable[[], str] | None,
    started: Callable[[Connection], None],
) -> Pop3Session:
    """Connects and logs in. `started` hears of the connection early, so that it can be cut. Raises AccountError."""
    with opening(account, context, started, SERVER_ERRORS) as way:
        session = Pop3Session(way.connection, _Pop3(way.connection))
        way.step("asking for capabilities")
        session.learn()
        if account.tls == "starttls":
            way.step("starting TLS")
            _start_tls(session, context, account)
        way.step("logging in")
        _log_in(session, account, secret, access_token)
        way.step("asking for capabilities")
        session.learn()
        return session


def _start_tls(session: Pop3Session, context: ssl.SSLContext, account: Account) -> None:
    try:
        session.command(b"STLS")
    except RefusedReplyError as error:
        raise AccountError(
            f'{account.host} refuses STLS on this port ({error}); use tls = "tls" (usually port 995).'
        ) from error
    session.connection.start_tls(context)
    session.connection.begin()
    session.learn()


def _log_in(session: Pop3Session, account: Account, secret: Secret, access_token: Callable[[], str] | None) -> None:
    what = "the account's sign-in (`mailgate account login`)" if access_token is not None else "the password"
    try:
        if access_token is not None:
            _token_login(session, account.username, access_token())
        else:
            _password_login(session, account.username, secret())
    except RefusedReplyError as error:
        kind = AccountError if access_token is None else TokenRefusedError
        raise kind(
            f"{account.host} refused the login of {account.username}: {str(error).rstrip('. ')}. Check username and {what}."
        ) from error


def _password_login(session: Pop3Session, user: str, password: str) -> None:
    if any(c in user + password for c in "\r\n\x00"):
        raise AccountError("Username and password must not hold line ends.")
    if "PLAIN" in session.capabilities.get("SASL", []):
        plain = base64.b64encode(f"\0{user}\0{password}".encode())
        if session.command(b"AUTH PLAIN").startswith(b"+"):
            session.command(plain)
        return
    session.command(b"USER " + user.encode())
    session.command(b"PASS " + password.encode())


def _token_login(session: Pop3Session, user: str, token: str) -> None:
    """XOAUTH2: a refusal comes as a continuation with JSON, which wants an empty line before it becomes -ERR."""
    session.command(b"AUTH XOAUTH2")
    answer = session.command(base64.b64encode(f"user={user}\x01auth=Bearer {token}\x01\x01".encode()))
    if not answer.startswith(b"+ "):
        return
    try:
        words = base64.b64decode(answer[2:], validate=True)
    except (binascii.Error, ValueError):
        words = answer[2:]
    try:
        session.command(b"")
    except RefusedReplyError as error:
        raise RefusedReplyError(tls.one_line(words) or str(error)) from error
    raise RefusedReplyError(tls.one_line(words))
