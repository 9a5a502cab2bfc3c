"""One connection to the relay: connect, TLS, log in, hand letters over, one after the other.

Takes the settings of `[outgoing]`; gives each recipient's answer. Promises: a certificate is verified; a login never goes
over a plain connection; commands are pipelined where the relay announces it (RFC 2920); what is sent is the letter's bytes.
Raises RelayError where the connection or the relay as a whole is the trouble, which says nothing about the letter.
Standards: RFC 5321, RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 6531 (SMTPUTF8).
"""

from __future__ import annotations

import base64
import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailgate.config import Config
from mailgate.config.secrets import read_secret
from mailgate.errors import MailgateError, TemporaryError

_CRLF_DOT = re.compile(rb"(?m)^\.")


class RelayError(TemporaryError):
    """The relay cannot be used now; the letter keeps waiting."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the relay said about one recipient: the reply code and its text."""

    code: int
    text: str

    @property
    def sent(self) -> bool:
        return 200 <= self.code < 300

    @property
    def permanent(self) -> bool:
        return self.code >= 500

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class _Client(smtplib.SMTP):
    """smtplib with its dialogue handed to whoever wants to show it (`mailgate mail test`)."""

    listener: Callable[[str, str], None] | None = None

    def send(self, s: bytes | str) -> None:  # type: ignore[override]
        if self.listener is not None:
            self.listener(">", s if isinstance(s, str) else s.decode("utf-8", "replace"))
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        code, text = super().getreply()
        if self.listener is not None:
            self.listener("<", f"{code} {text.decode('utf-8', 'replace')}")
        return code, text


class _TlsClient(smtplib.SMTP_SSL, _Client):
    """The same inside TLS."""


class Relay:
    """A connection that is opened at its first use and again after it broke."""

    def __init__(
        self,
        config: Config,
        access_token: Callable[[], str] | None = None,
        listener: Callable[[str, str], None] | None = None,
    ) -> None:
        self._config = config
        self._outgoing = config.outgoing
        self._access_token = access_token
        self._listener = listener
        self._client: _Client | None = None
        self._count = 0

    def send(
        self, sender: str, recipients: Sequence[str], raw: bytes, before_end: Callable[[], None] | None = None
    ) -> dict[str, Answer]:
        """Hands one letter over; gives every recipient's answer.

        `before_end` runs when everything but the end of the data is sent. Raises RelayError; whatever was in doubt
        then is tried again with the same Message-ID.
        """
        if self._count >= self._outgoing.messages_per_connection:
            self.close()
        try:
            client = self._client or self._open()
            answers = self._hand_over(client, sender, recipients, raw, before_end)
        except RelayError:
            self.close()
            raise
        except (OSError, smtplib.SMTPException, MailgateError) as error:
            self.close()
            raise RelayError(self._words(error)) from error
        self._count += 1
        return answers

    def close(self) -> None:
        """Ends the connection politely where it still works."""
        client, self._client, self._count = self._client, None, 0
        if client is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.quit()
            client.close()

    def _open(self) -> _Client:
        out = self._outgoing
        context = ssl.create_default_context(
            cafile=str(self._config.resolve(out.smtp_ca_file)) if out.smtp_ca_file else None
        )
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        seconds = out.timeout.total_seconds()
        name = self._config.hostname
        client: _Client
        if out.smtp_tls == "tls":
            client = _TlsClient(local_hostname=name, timeout=seconds, context=context)
        else:
            client = _Client(local_hostname=name, timeout=seconds)
        client.listener = self._listener
        self._client = client
        client._host = out.smtp_host  # type: ignore[attr-defined] # the name that TLS verifies
        code, text = client.connect(out.smtp_host, out.smtp_port)
        if code != 220:
            raise RelayError(f"the relay answered {code} {text.decode('utf-8', 'replace')}")
        client.ehlo_or_helo_if_needed()
        if out.smtp_tls == "starttls":
            if not client.has_extn("starttls"):
                raise RelayError(
                    'the relay offers no STARTTLS; set outgoing.smtp_tls = "none" only for a relay you trust'
                )
            client.starttls(context=context)
            client.ehlo_or_helo_if_needed()
        self._log_in(client)
        return client

    def _log_in(self, client: _Client) -> None:
        out = self._outgoing
        if out.oauth is not None and self._access_token is not None:
            listener, client.listener = client.listener, None  # a token is not for showing
            words = f"user={out.smtp_username}\x01auth=Bearer {self._access_token()}\x01\x01"
            code, text = client.docmd("AUTH", "XOAUTH2 " + base64.b64encode(words.encode()).decode())
            if code == 334:
                code, text = client.docmd("")
            client.listener = listener
            if code != 235:
                raise RelayError(f"the relay refused the OAuth2 login: {code} {text.decode('utf-8', 'replace')}")
            return
        if not out.smtp_username:
            return
        file = self._config.resolve(out.smtp_password_file) if out.smtp_password_file else None
        password = read_secret(
            out.smtp_password, file, out.smtp_password_env, out.smtp_password_credential, "the relay's password"
        )
        if out.smtp_tls == "none" and out.smtp_host not in ("127.0.0.1", "::1", "localhost"):
            raise RelayError("a password does not go over a connection without TLS; set outgoing.smtp_tls")
        listener, client.listener = client.listener, None
        client.login(out.smtp_username, password)
        client.listener = listener

    def _hand_over(
        self,
        client: _Client,
        sender: str,
        recipients: Sequence[str],
        raw: bytes,
        before_end: Callable[[], None] | None,
    ) -> dict[str, Answer]:
        utf8 = not all(address.isascii() for address in (sender, *recipients))
        if utf8 and not client.has_extn("smtputf8"):
            return dict.fromkeys(recipients, Answer(550, "5.6.7 the relay does not take addresses in UTF-8"))
        options = " SMTPUTF8 BODY=8BITMIME" if utf8 else ""
        options += f" SIZE={len(raw)}" if client.has_extn("size") else ""
        client.command_encoding = "utf-8" if utf8 else "ascii"
        commands = [f"MAIL FROM:<{sender}>{options}", *(f"RCPT TO:<{address}>" for address in recipients), "DATA"]
        if any(c in command for command in commands for c in "\r\n"):
            return dict.fromkeys(recipients, Answer(553, "5.1.3 an address holds a line end"))
        replies = self._dialogue(client, commands)
        taken = {address: Answer(*reply) for address, reply in zip(recipients, replies[1:], strict=False)}
        mail, data = Answer(*replies[0]), Answer(*replies[-1])
        if not mail.sent:
            taken = dict.fromkeys(recipients, mail)
        good = [address for address, answer in taken.items() if answer.sent]
        if data.code == 354:
            body = b"" if not good else _CRLF_DOT.sub(b"..", raw) if b"\n." in raw or raw.startswith(b".") else raw
            self._stream(client, body)
            if before_end is not None:
                before_end()
            client.send(b".\r\n" if not body or body.endswith(b"\r\n") else b"\r\n.\r\n")
            data = _reply(client)
        elif not good:
            client.rset()
        if data.code == 421:
            raise RelayError(str(data))
        return {address: data if answer.sent else answer for address, answer in taken.items()}

    def _dialogue(self, client: _Client, commands: Sequence[str]) -> list[tuple[int, str]]:
        """Sends the commands before the data, all at once where the relay takes it; gives their replies."""
        if client.has_extn("pipelining"):
            client.send("".join(command + "\r\n" for command in commands).encode(client.command_encoding))
            answers = [_reply(client) for _ in commands]
        else:
            answers = []
            for command in commands:
                if command == "DATA" and not any(answer.sent for answer in answers[1:]):
                    answers.append(Answer(503, "no recipient"))
                    continue
                client.send(f"{command}\r\n".encode(client.command_encoding))
                answers.append(_reply(client))
        gone = next((answer for answer in answers if answer.code in (421, -1)), None)
        if gone is not None:
            raise RelayError(str(gone))
        return [(answer.code, answer.text) for answer in answers]

    def _stream(self, client: _Client, body: bytes) -> None:
        listener, client.listener = client.listener, None
        if listener is not None:
            listener(">", f"({len(body)} bytes of data)")
        client.send(body)
        client.listener = listener

    def _words(self, error: Exception) -> str:
        place = f"{self._outgoing.smtp_host}:{self._outgoing.smtp_port}"
        if isinstance(error, ssl.SSLCertVerificationError):
            return (
                f"the certificate of the relay {place} is not trusted ({error.verify_message}); "
                "name its authority with outgoing.smtp_ca_file"
            )
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return f"the relay {place} refused the login: {error.smtp_code} {_text(error.smtp_error)}"
        if isinstance(error, smtplib.SMTPResponseException):
            return f"the relay {place} answered {error.smtp_code} {_text(error.smtp_error)}"
        if isinstance(error, ConnectionRefusedError):
            return f"nothing answers at the relay {place}; check outgoing.smtp_host and smtp_port"
        return f"the relay {place} cannot be used: {error or type(error).__name__}"


def _reply(client: _Client) -> Answer:
    code, text = client.getreply()
    return Answer(code, _text(text))


def _text(value: bytes | str) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return " ".join(text.split())[:500]
