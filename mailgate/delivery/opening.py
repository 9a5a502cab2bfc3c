"""How a conversation with the relay begins: greeting, EHLO, TLS, login.

Takes the settings of `[outgoing]`; gives a `Session` that is ready for letters. Promises: the certificate is verified for
the configured name; a login never goes over a connection in clear but to this machine; secrets are never shown.
Raises RelayError (and OSError, WireError, which the caller puts into words).
Standards: RFC 5321 section 4.1.1.1, RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 2195 (CRAM-MD5), RFC 7628 (OAUTHBEARER).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from mailgate.config import Config
from mailgate.config.secrets import read_secret
from mailgate.delivery.answer import RelayError
from mailgate.delivery.wire import Listener, Reply, Wire
from mailgate.mail.compose_header import wire_address

_HERE = ("127.0.0.1", "::1", "localhost")
_HIDDEN = "(not shown)"


@dataclass(frozen=True, slots=True)
class Session:
    """An open connection and what the relay says it can do: keyword in lower case to its parameters."""

    wire: Wire
    extensions: dict[str, str]

    def has(self, keyword: str) -> bool:
        return keyword in self.extensions

    @property
    def max_size(self) -> int:
        """The largest letter in bytes (RFC 1870), 0 where the relay names none."""
        value = self.extensions.get("size", "").split(" ")[0]
        return int(value) if value.isdecimal() and len(value) < 20 else 0


def open_session(
    config: Config,
    wire: Wire,
    access_token: Callable[[], str] | None = None,
) -> Session:
    """Brings a fresh connection to the point where letters can be handed over."""
    out = config.outgoing
    if out.smtp_tls == "tls":
        wire.start_tls(tls_context(config), out.smtp_host)
    greeting = wire.reply()
    if greeting.code != 220:
        raise RelayError(f"the relay answered {greeting}")
    extensions = _ehlo(config, wire)
    if out.smtp_tls == "starttls":
        if "starttls" not in extensions:
            raise RelayError('the relay offers no STARTTLS; set outgoing.smtp_tls = "none" only for a relay you trust')
        reply = wire.ask("STARTTLS")
        if reply.code != 220:
            raise RelayError(f"the relay refused STARTTLS: {reply}")
        wire.start_tls(tls_context(config), out.smtp_host)
        extensions = _ehlo(config, wire)  # RFC 3207 section 4.2: what was said in clear is forgotten
    session = Session(wire, extensions)
    _log_in(config, session, access_token)
    return session


def connect(config: Config, listener: Listener | None = None) -> Wire:
    """A connection to the relay. Raises OSError."""
    out = config.outgoing
    return Wire(out.smtp_host, out.smtp_port, out.timeout.total_seconds(), listener)


def tls_context(config: Config) -> ssl.SSLContext:
    """TLS 1.2 or newer with a verified certificate. Raises RelayError where the authority's file cannot be read."""
    file = config.outgoing.smtp_ca_file
    try:
        context = ssl.create_default_context(cafile=str(config.resolve(file)) if file else None)
    except (OSError, ssl.SSLError) as error:
        raise RelayError(f"outgoing.smtp_ca_file {file} cannot be used: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _ehlo(config: Config, wire: Wire) -> dict[str, str]:
    name = (wire_address(f"x@{config.hostname}") or "x@localhost")[2:]
    reply = wire.ask(f"EHLO {name}")
    if reply.ok:
        extensions: dict[str, str] = {}
        for line in reply.lines[1:]:
            keyword, _, parameters = line.replace("=", " ", 1).partition(" ")  # old servers write AUTH=LOGIN
            before = extensions.get(keyword.lower(), "")
            extensions[keyword.lower()] = f"{before} {parameters}".strip()
        return extensions
    if reply.code == 421 or reply.code < 500:
        raise RelayError(f"the relay answered {reply} to EHLO")
    reply = wire.ask(f"HELO {name}")
    if not reply.ok:
        raise RelayError(f"the relay answered {reply} to HELO")
    return {}


def _log_in(config: Config, session: Session, access_token: Callable[[], str] | None) -> None:
    out = config.outgoing
    if not out.smtp_username:
        return
    if not session.wire.tls and out.smtp_host not in _HERE:
        raise RelayError("a login does not go over a connection without TLS; set outgoing.smtp_tls")
    offered = session.extensions.get("auth", "").upper().split()
    if not offered:
        raise RelayError("the relay offers no login; leave outgoing.smtp_username empty if it needs none")
    if out.oauth is not None:
        if access_token is None:
            raise RelayError("outgoing.oauth is set and there is no access token; sign in again or use a password")
        reply = _with_token(session.wire, offered, out.smtp_username, access_token(), out.smtp_host, out.smtp_port)
    else:
        file = config.resolve(out.smtp_password_file) if out.smtp_password_file else None
        password = read_secret(
            out.smtp_password, file, out.smtp_password_env, out.smtp_password_credential, "the relay's password"
        )
        reply = _with_password(session.wire, offered, out.smtp_username, password)
    if reply.code != 235:
        raise RelayError(f"the relay refused the login: {reply}")


def _with_token(wire: Wire, offered: list[str], user: str, token: str, host: str, port: int) -> Reply:
    """XOAUTH2, or OAUTHBEARER where only that is offered. A refusal comes as 334 with the reason, then as 5xx."""
    bearer = "XOAUTH2" not in offered and "OAUTHBEARER" in offered
    if bearer:
        mechanism, end = "OAUTHBEARER", "AQ=="
        words = f"n,a={user},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01"
    else:
        mechanism, end = "XOAUTH2", ""
        words = f"user={user}\x01auth=Bearer {token}\x01\x01"
    reply = wire.ask(f"AUTH {mechanism} {_base64(words)}", shown=f"AUTH {mechanism} {_HIDDEN}")
    if reply.code == 334:
        why = _challenge(reply)
        reply = wire.ask(end)
        reply = Reply(reply.code, (*reply.lines, why)) if why else reply
    return reply


def _with_password(wire: Wire, offered: list[str], user: str, password: str) -> Reply:
    if "PLAIN" in offered:
        words = _base64(f"\0{user}\0{password}")
        return wire.ask(f"AUTH PLAIN {words}", shown=f"AUTH PLAIN {_HIDDEN}")
    if "LOGIN" in offered:
        for line, shown in (
            ("AUTH LOGIN", "AUTH LOGIN"),
            (_base64(user), _HIDDEN),
            (_base64(password), _HIDDEN),
        ):
            reply = wire.ask(line, shown=shown)
            if reply.code != 334:
                break
        return reply
    if "CRAM-MD5" in offered:
        reply = wire.ask("AUTH CRAM-MD5")
        if reply.code != 334:
            return reply
        digest = hmac.new(password.encode(), _decoded(reply), "md5").hexdigest()
        return wire.ask(_base64(f"{user} {digest}"), shown=_HIDDEN)
    raise RelayError(f"the relay offers no login that is known here, only {' '.join(offered)[:100]}")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def _decoded(reply: Reply) -> bytes:
    try:
        return base64.b64decode("".join(reply.lines))
    except binascii.Error:
        return b""


def _challenge(reply: Reply) -> str:
    """The reason that a provider gives in its 334, such as `401`."""
    try:
        told = json.loads(_decoded(reply))
    except ValueError:
        return ""
    status = told.get("status") if isinstance(told, dict) else None
    return f"(status {str(status)[:60]})" if status else ""
