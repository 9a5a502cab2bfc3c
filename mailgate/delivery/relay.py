"""One connection to the relay: opened when needed, kept for many letters, hands them over one after the other.

Takes the settings of `[outgoing]`; gives every recipient's answer. Promises: commands are pipelined where the relay
announces it; what is sent is the letter's bytes, in bounded memory; a transaction ends within a time that only depends on
the settings and the size; a connection that died while it was idle is opened anew without the letter noticing.
Raises RelayError where the relay as a whole is the trouble, Interrupted where the connection broke around a letter.
Standards: RFC 5321, RFC 2920 (pipelining), RFC 1870 (SIZE), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8).
"""

from __future__ import annotations

import contextlib
import itertools
import ssl
from collections.abc import Callable, Sequence

from mailgate import clock
from mailgate.config import Config
from mailgate.delivery.answer import Answer, Interrupted, RelayError
from mailgate.delivery.content import Content
from mailgate.delivery.opening import Session, connect, open_session
from mailgate.delivery.wire import Listener, Reply, Wire, WireError
from mailgate.errors import MailgateError
from mailgate.mail.compose_header import wire_address

__all__ = ["Answer", "Interrupted", "Relay", "RelayError"]

# RFC 5321 section 4.5.3.2.6: the answer to the final dot may take ten times as long as any other.
_END_FACTOR = 10
_WHOLE_FACTOR = 20
_SLOWEST_BYTES_PER_SECOND = 10_000
_MOST_RECIPIENTS = 100
# The relay wants us to log in or to use TLS first: a fault of the configuration, not of the letter.
_NOT_LET_IN = (530, 534, 535, 538)


class Relay:
    """A connection that is opened at its first use and again after it broke. Used by one thread, but for `abort`."""

    def __init__(
        self,
        config: Config,
        access_token: Callable[[], str] | None = None,
        listener: Listener | None = None,
    ) -> None:
        self._config = config
        self._outgoing = config.outgoing
        self._access_token = access_token
        self._listener = listener
        self._wire: Wire | None = None
        self._session: Session | None = None
        self._count = 0
        self.deadline: float | None = None

    def send(
        self,
        sender: str,
        recipients: Sequence[str],
        raw: bytes | Content,
        before_end: Callable[[], None] | None = None,
    ) -> dict[str, Answer]:
        """Hands one letter over; gives an answer for every recipient.

        `before_end` runs when everything but the end of the data is sent; what it raises ends the connection, so that
        the relay does not take the letter. Recipients beyond the hundredth get a temporary answer.
        """
        content = Content(raw) if isinstance(raw, bytes) else raw
        seconds = self._outgoing.timeout.total_seconds()
        self.deadline = clock.monotonic() + _WHOLE_FACTOR * seconds + content.size / _SLOWEST_BYTES_PER_SECOND
        if self._count >= self._outgoing.messages_per_connection:
            self.close()
        try:
            session = self._session or self._open()
            session.wire.deadline = self.deadline
            try:
                return self._hand_over(sender, recipients, content, before_end)
            except _DiedIdle:
                self._drop()
                session = self._open()
                session.wire.deadline = self.deadline
                return self._hand_over(sender, recipients, content, before_end)
        except BaseException:
            self._drop()
            raise
        finally:
            self.deadline = None

    def close(self) -> None:
        """Ends the connection politely where it still works."""
        if self._session is not None:
            with contextlib.suppress(OSError, WireError):
                self._session.wire.say("QUIT")
        self._drop()

    def abort(self) -> None:
        """Breaks the connection from another thread."""
        wire = self._wire
        if wire is not None:
            wire.abort()

    def _drop(self) -> None:
        wire, self._wire, self._session, self._count = self._wire, None, None, 0
        if wire is not None:
            wire.close()

    def _open(self) -> Session:
        try:
            self._wire = connect(self._config, self._listener)
            self._wire.deadline = self.deadline
            self._session, self._count = open_session(self._config, self._wire, self._access_token), 0
        except RelayError:
            raise
        except (OSError, WireError, MailgateError) as error:
            raise RelayError(self._words(error)) from error
        return self._session

    def _hand_over(
        self, sender: str, recipients: Sequence[str], content: Content, before_end: Callable[[], None] | None
    ) -> dict[str, Answer]:
        """One letter over the open connection."""
        session = self._session
        assert session is not None
        answers = dict.fromkeys(recipients[_MOST_RECIPIENTS:], Answer(452, "4.5.3 next time", "rcpt"))
        answers |= _impossible(session, sender, recipients[:_MOST_RECIPIENTS], content)
        possible = [address for address in recipients if address not in answers]
        if not possible:
            return answers
        try:
            answers |= self._transaction(session, sender, possible, content, before_end)
        except (OSError, WireError) as error:
            raise Interrupted(self._words(error)) from error
        self._count += 1
        return answers

    def _transaction(
        self,
        session: Session,
        sender: str,
        recipients: list[str],
        content: Content,
        before_end: Callable[[], None] | None,
    ) -> dict[str, Answer]:
        wire = session.wire
        commands = [_mail_command(session, sender, recipients, content)]
        commands += [f"RCPT TO:<{wire_address(address) or address}>" for address in recipients]
        mail, taken, data = self._dialogue(session, commands)
        if not mail.ok:
            answers = dict.fromkeys(recipients, Answer(mail.code, mail.text, "mail"))
        else:
            answers = {
                address: Answer(reply.code, reply.text, "rcpt")
                for address, reply in zip(recipients, taken, strict=True)
            }
        good = [address for address, answer in answers.items() if answer.sent]
        if data is None or data.code != 354:
            if good and (data is None or data.code < 400):
                raise WireError(f"it answered {data} to DATA")
            answers |= {address: Answer(data.code, data.text, "data") for address in good if data is not None}
            if not wire.ask("RSET").ok:
                self._drop()
            return answers
        # RFC 2920 section 3.1: where the relay takes no recipient and wants the data all the same, it gets none
        end = self._data(wire, content, before_end) if good else wire.ask(".")
        if good and (end.code == 421 or not (end.ok or end.code >= 400)):
            raise WireError(f"it answered {end} to the letter")
        return answers | {address: Answer(end.code, end.text, "data") for address in good}

    def _dialogue(self, session: Session, commands: list[str]) -> tuple[Reply, list[Reply], Reply | None]:
        """The replies to MAIL, to each RCPT and to DATA (None where it was not worth asking)."""
        wire, first = session.wire, self._count == 0
        pipelining = session.has("pipelining")
        try:
            wire.say(*([*commands, "DATA"] if pipelining else commands[:1]))
            mail = wire.reply()
            if mail.code == 421:
                raise WireError(f"it answered {mail}")
        except (OSError, WireError) as error:
            if first:
                raise
            raise _DiedIdle from error
        if mail.code in _NOT_LET_IN:
            raise RelayError(f"the relay does not let us in: {mail}; see outgoing.smtp_username and smtp_tls")
        taken = [wire.reply() if pipelining else wire.ask(command) for command in commands[1:] if mail.ok or pipelining]
        data: Reply | None = None
        if pipelining:
            data = wire.reply()
        elif any(reply.ok for reply in taken):
            data = wire.ask("DATA")
        gone = next((reply for reply in [*taken, data] if reply is not None and reply.code == 421), None)
        if gone is not None:
            raise WireError(f"it answered {gone}")
        return mail, taken, data

    def _data(self, wire: Wire, content: Content, before_end: Callable[[], None] | None) -> Reply:
        """The letter and its final dot. A relay may refuse before it has read everything (552)."""
        wire.show(f"({content.size} bytes of data)")
        pieces = content.pieces()
        piece = next(pieces, b"")
        try:
            for following in pieces:
                wire.send(piece)
                piece = following
            if before_end is not None:
                before_end()
            wire.send(piece + b".\r\n")
        except OSError:
            with contextlib.suppress(OSError, WireError):
                early = wire.reply(1.0)
                if early.code >= 400 and early.code != 421:
                    self._count = self._outgoing.messages_per_connection  # nothing more over this connection
                    return early
            raise
        return wire.reply(_END_FACTOR * self._outgoing.timeout.total_seconds())

    def _words(self, error: Exception) -> str:
        """What went wrong, and what to look at."""
        place = f"{self._outgoing.smtp_host}:{self._outgoing.smtp_port}"
        if isinstance(error, ssl.SSLCertVerificationError):
            return (
                f"the certificate of the relay {place} is not trusted ({error.verify_message}); "
                "name its authority with outgoing.smtp_ca_file, and the relay as its certificate does"
            )
        if isinstance(error, ssl.SSLError):
            return f"TLS with the relay {place} failed ({error.reason or error}); check outgoing.smtp_tls and smtp_port"
        if isinstance(error, ConnectionRefusedError):
            return f"nothing answers at the relay {place}; check outgoing.smtp_host and smtp_port"
        if isinstance(error, TimeoutError):
            return f"the relay {place} did not answer in time"
        if isinstance(error, WireError):
            return f"the relay {place} failed: {error}"
        return f"the relay {place} cannot be used: {error or type(error).__name__}"


class _DiedIdle(Exception):
    """A connection that had been used before was gone when the next letter began."""


def _impossible(session: Session, sender: str, recipients: Sequence[str], content: Content) -> dict[str, Answer]:
    """Recipients for whom it is known without asking that the relay cannot take the letter."""
    if session.max_size and content.size > session.max_size:
        words = f"5.3.4 the letter has {content.size} bytes, the relay takes {session.max_size}"
        return dict.fromkeys(recipients, Answer(552, words, "size"))
    if sender and wire_address(sender) is None:
        return dict.fromkeys(recipients, Answer(553, f"5.1.7 the sender {sender[:100]!r} is no address", "mail"))
    utf8, eight = session.has("smtputf8"), session.has("8bitmime")
    if not utf8 and not (sender.isascii() and content.header_is_ascii):
        return dict.fromkeys(recipients, Answer(550, "5.6.7 the relay takes no addresses in UTF-8", "mail"))
    if not content.is_ascii and not (eight or utf8):
        return dict.fromkeys(recipients, Answer(554, "5.6.3 the relay takes no 8-bit letters", "mail"))
    answers: dict[str, Answer] = {}
    for address in recipients:
        wire = wire_address(address)
        if wire is None:
            answers[address] = Answer(553, "5.1.3 this is no address", "rcpt")
        elif not utf8 and not wire.isascii():
            answers[address] = Answer(550, "5.6.7 the relay takes no addresses in UTF-8", "rcpt")
    return answers


def _mail_command(session: Session, sender: str, recipients: Sequence[str], content: Content) -> str:
    reverse_path = (wire_address(sender) or sender) if sender else ""
    command = f"MAIL FROM:<{reverse_path}>"
    if session.has("size"):
        command += f" SIZE={content.size}"
    names = itertools.chain([reverse_path], (wire_address(address) or address for address in recipients))
    utf8 = not (content.header_is_ascii and all(name.isascii() for name in names))
    if session.has("8bitmime") and (utf8 or not content.is_ascii):
        command += " BODY=8BITMIME"
    return command + (" SMTPUTF8" if utf8 else "")
