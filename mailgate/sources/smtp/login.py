"""The AUTH command: PLAIN and LOGIN, inside TLS only.

Takes a session and the command's argument; leaves the user's name in the session. Promises: without TLS or without
configured users nothing is asked; after three failures the connection ends. Standards: RFC 4954, RFC 4616.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from mailgate import log
from mailgate.errors import TemporaryError
from mailgate.sources.smtp.auth import decode_base64, split_plain
from mailgate.sources.smtp.connection import LineTooLong

if TYPE_CHECKING:
    from mailgate.sources.smtp.session import Session

_log = log.get("smtp")
_LIMIT = 12 * 1024
_MAX_FAILURES = 3


async def log_in(session: Session, argument: str) -> None:
    """Obeys AUTH."""
    fault = _fault(session)
    if fault:
        session.bad(fault)
        return
    mechanism, _, initial = argument.partition(" ")
    if mechanism.upper() == "PLAIN":
        credentials = await _plain(session, initial.strip())
    elif mechanism.upper() == "LOGIN":
        credentials = await _login(session, initial.strip())
    else:
        session.bad("504 5.5.4 PLAIN and LOGIN are the ways to log in")
        return
    if credentials is not None:
        await _check(session, *credentials)


def _fault(session: Session) -> str | None:
    if not session.extended:
        return "503 5.5.1 Say EHLO first"
    if not session.shared.settings.users:
        return "502 5.5.1 Nobody needs to log in here"
    if not session.is_tls:
        return "538 5.7.11 Encryption is required to log in"
    if session.auth_user is not None:
        return "503 5.5.1 You are logged in already"
    if session.transaction is not None:
        return "503 5.5.1 There is a message under way"
    return None


async def _plain(session: Session, initial: str) -> tuple[str, str] | None:
    message = _decoded(session, initial) if initial else await _ask(session, "")
    if message is None:
        return None
    credentials = split_plain(message)
    if credentials is None:
        session.bad("501 5.5.2 That is no PLAIN message")
    return credentials


async def _login(session: Session, initial: str) -> tuple[str, str] | None:
    user = _decoded(session, initial) if initial else await _ask(session, "Username:")
    if user is None:
        return None
    password = await _ask(session, "Password:")
    if password is None:
        return None
    return user.decode("utf-8", "replace"), password.decode("utf-8", "replace")


async def _ask(session: Session, prompt: str) -> bytes | None:
    """Sends a challenge and reads the answer; None where there is none and the client knows."""
    session.reply("334 " + base64.b64encode(prompt.encode()).decode())
    seconds = session.shared.settings.limits.command_timeout.total_seconds()
    try:
        line = await session.read_line(_LIMIT, seconds)
    except LineTooLong:
        session.bad("500 5.5.6 Line too long")
        return None
    if line is None:
        raise EOFError("the client left while logging in")
    if line == b"*":
        session.bad("501 5.7.0 Login given up")
        return None
    return _decoded(session, line.decode("ascii", "replace"))


def _decoded(session: Session, text: str) -> bytes | None:
    value = decode_base64(text)
    if value is None:
        session.bad("501 5.5.2 That is no base64")
    return value


async def _check(session: Session, user: str, password: str) -> None:
    shared = session.shared
    session.deadline.clear()
    try:
        right = await shared.authenticator.verify(shared.settings.users, user, password, session.client_ip or "")
    except TemporaryError as error:
        session.reply(f"454 4.7.0 {error}")
        session.refused("454", "login", user=user)
        return
    if right:
        session.auth_user = user
        session.reply("235 2.7.0 Welcome")
        _log.info("logged in", user=user, client=session.client_ip)
        return
    session.auth_failures += 1
    session.refused("535", "login", user=user)
    if session.auth_failures >= _MAX_FAILURES:
        session.leave("421 4.7.0 Too many failed logins, goodbye")
    else:
        session.bad("535 5.7.8 Wrong user or password")
