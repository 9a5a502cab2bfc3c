"""What is said in a session of SMTP: commands in, replies out.

Takes command lines from `connection.py`; gives transactions to `receive.py`. Promises: every reply carries an enhanced
status (RFC 3463); an address that is not hosted is refused at RCPT, from anyone, so that this is never an open relay
and never sends a bounce; a fault of ours is a 451 that tells nothing about our inside.
Standards: RFC 5321, 1870 (SIZE), 2034, 2920 (PIPELINING), 3207 (STARTTLS), 4954 (AUTH), 6152 (8BITMIME), 6531.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mailgate import clock, log
from mailgate.sources.smtp import xclient
from mailgate.sources.smtp.address import read_parameters, read_recipient, read_reverse_path, split_path
from mailgate.sources.smtp.connection import Connection, LineTooLong
from mailgate.sources.smtp.login import log_in
from mailgate.sources.smtp.opening import open_session
from mailgate.sources.smtp.receive import receive_message
from mailgate.store.spool import Client, new_queue_id

_log = log.get("smtp")
_LINE_LIMIT = 12 * 1024
"""RFC 4954 section 4 wants this much for AUTH; RFC 5321 wants 512."""
_NOT_MAIL = frozenset({"GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "DELETE"})


@dataclass(slots=True)
class Transaction:
    """What was said between MAIL and the end of the data; `started_at` is monotonic."""

    reverse_path: str | None
    utf8: bool
    queue_id: str = field(default_factory=new_queue_id)
    started_at: float = field(default_factory=clock.monotonic)
    recipients: list[str] = field(default_factory=list)


class Session(Connection):
    """One client's dialogue. The methods named `smtp_COMMAND` are the commands there are."""

    greeting = "ESMTP"

    def reset_identity(self) -> None:
        """Forgets what the client said of itself: at the start and after STARTTLS."""
        self.helo: str | None = None
        self.extended = False
        self.auth_user: str | None = None
        self.auth_failures = 0
        self.transaction: Transaction | None = None

    async def converse(self) -> None:
        self.reset_identity()
        self.origin_ip = self.client_ip = self.peer
        self.client_port = self.peer_port
        self.forwarded_helo: str | None = None
        self._commands = self._bad_commands = self._messages = 0
        if not await open_session(self):
            return
        self.greet()
        while not self.leaving:
            try:
                line = await self.read_line(_LINE_LIMIT, self.shared.settings.limits.command_timeout.total_seconds())
            except LineTooLong:
                self.bad("500 5.5.2 Line too long")
                continue
            if line is None:
                return
            await self._obey(line)
        if self.farewell:
            self.reply(self.farewell)

    def greet(self) -> None:
        """The 220 greeting (RFC 5321 section 4.2)."""
        self.reply(f"220 {self.hostname} {self.greeting} mailgate")

    def client(self) -> Client:
        """Who hands over the message, for the ledger and the checks."""
        return Client(
            ip=self.client_ip,
            helo=self.forwarded_helo or self.helo,
            tls=self.is_tls,
            auth_user=self.auth_user,
            port=self.client_port,
            trusted=self.shared.settings.trusts(self.client_ip),
        )

    def bad(self, text: str) -> None:
        """Replies to a command that is wrong; who makes too many of them is shown out."""
        self._bad_commands += 1
        if self._bad_commands > self.shared.settings.limits.errors:
            self.leave("421 4.7.0 Too many errors, goodbye")
        else:
            self.reply(text)

    def leave(self, text: str) -> None:
        """The last reply of this connection."""
        self.reply(text)
        self.leaving, self.farewell, self.lingers = True, "", text.startswith("4")
        if self.lingers:
            self.refused(text, "connection")

    def refused(self, text: str, why: str, **fields: object) -> None:
        """Counts and logs a refusal."""
        self.shared.counters["refused"] += 1
        transaction = self.transaction
        _log.info(
            "refused",
            queue_id=transaction.queue_id if transaction else None,
            reply_code=text[:3],
            why=why,
            client=self.client_ip,
            helo=self.helo,
            **fields,
        )

    def finished(self, accepted: bool) -> None:
        """The transaction is over; after a message the counts start again."""
        self.transaction = None
        if accepted:
            self._messages += 1
            self._commands = self._bad_commands = 0

    def final(self, text: str, recipients: int) -> None:
        """The reply to the end of the data."""
        self.reply(text)

    async def _obey(self, line: bytes) -> None:
        self._commands += 1
        if self._commands > self.shared.settings.limits.commands:
            self.leave("421 4.7.0 Too many commands without a message, goodbye")
            return
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            self.bad("501 5.5.2 Only ASCII is allowed here")
            return
        if not text.isprintable() and any(ord(c) < 32 or ord(c) == 127 for c in text):
            self.bad("501 5.5.2 Control characters are not allowed")
            return
        name, _, argument = text.partition(" ")
        name = name.upper()
        method = self.commands.get(name)
        if name in _NOT_MAIL:
            self.leave("421 4.7.0 This server speaks SMTP only")
        elif method is None:
            self.bad("500 5.5.2 Command not recognized")
        elif not text.isascii() and name not in ("MAIL", "RCPT", "VRFY"):
            self.bad("501 5.5.2 Only ASCII is allowed here")
        else:
            try:
                await method(self, argument.strip())
            except (OSError, EOFError):
                raise
            except Exception:  # noqa: BLE001 - unknown errors are temporary, and the client is owed a reply
                self.shared.counters["failed"] += 1
                _log.error("command failed", exc_info=True, command=name, client=self.client_ip)
                self.transaction = None
                self.reply("451 4.3.0 Something went wrong here, try again later")

    # -- who is there --------------------------------------------------------------------------------------------

    async def smtp_HELO(self, hostname: str) -> None:
        if not hostname:
            self.bad("501 5.5.2 Say HELO and your name")
            return
        self.helo, self.extended, self.transaction = hostname, False, None
        self.reply(f"250 {self.hostname}")

    async def smtp_EHLO(self, hostname: str) -> None:
        if not hostname:
            self.bad("501 5.5.2 Say EHLO and your name")
            return
        self.helo, self.extended, self.transaction = hostname, True, None
        settings = self.shared.settings
        lines = [self.hostname, "PIPELINING", f"SIZE {settings.max_size}"]
        if settings.tls is not None and not self.is_tls:
            lines.append("STARTTLS")
        if settings.users and self.is_tls:
            lines.append("AUTH PLAIN LOGIN")
        if settings.trusts(self.origin_ip):
            lines.append("XCLIENT " + " ".join(xclient.ATTRIBUTES))
        lines += ["8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        for line in lines[:-1]:
            self.reply(f"250-{line}")
        self.reply(f"250 {lines[-1]}")

    async def smtp_STARTTLS(self, arg: str) -> None:
        if arg:
            self.bad("501 5.5.4 STARTTLS takes no argument")
        elif self.is_tls:
            self.bad("503 5.5.1 TLS is on already")
        elif self.shared.settings.tls is None:
            self.bad("502 5.5.1 TLS is not available here")
        else:
            self.reply("220 2.0.0 Ready to start TLS")
            await self.flush()
            await self.start_tls()
            self.reset_identity()

    async def smtp_AUTH(self, arg: str) -> None:
        await log_in(self, arg)

    async def smtp_XCLIENT(self, arg: str) -> None:
        if not self.shared.settings.trusts(self.origin_ip):
            self.refused("550", "XCLIENT from an address that is not trusted")
            self.bad("550 5.7.0 You are not allowed to use XCLIENT")
            return
        if self.transaction is not None:
            self.bad("503 5.5.1 There is a message under way")
            return
        try:
            given = xclient.read_attributes(arg)
        except ValueError as error:
            self.bad(f"501 5.5.4 XCLIENT: {error}" if "\n" not in str(error) else "501 5.5.4 XCLIENT: bad attribute")
            return
        login = given.get("LOGIN", self.auth_user)
        self.reset_identity()
        self.auth_user = login
        self.client_ip = given.get("ADDR", self.client_ip)
        port = given.get("PORT")
        self.client_port = int(port) if port else (None if "ADDR" in given else self.client_port)
        self.forwarded_helo = given.get("HELO", self.forwarded_helo)
        self.greet()

    # -- a message -----------------------------------------------------------------------------------------------

    async def smtp_MAIL(self, arg: str) -> None:
        limits = self.shared.settings.limits
        if self.helo is None:
            self.bad("503 5.5.1 Say hello first")
        elif self.transaction is not None:
            self.bad("503 5.5.1 There is a message under way")
        elif self._messages >= limits.messages_per_connection:
            self.leave("421 4.7.0 Too many messages in one connection, connect again")
        else:
            self._start_transaction(arg)

    def _start_transaction(self, arg: str) -> None:
        parts = split_path(arg[5:]) if arg[:5].upper() == "FROM:" else None
        if parts is None:
            self.bad("501 5.5.2 Say MAIL FROM:<address>")
            return
        address = read_reverse_path(parts[0])
        if address is None:
            self.bad("501 5.1.7 That is no address")
            return
        parameters = read_parameters(parts[1])
        if parameters is None or (parameters and not self.extended):
            self.bad("501 5.5.4 Wrong parameters")
            return
        fault = self._mail_fault(parameters)
        if fault:
            self.bad(fault)
            return
        utf8 = "SMTPUTF8" in parameters
        if not utf8 and not address.isascii():
            self.bad("553 5.6.7 This address needs SMTPUTF8")
            return
        size = int(parameters.get("SIZE") or 0)
        if size > self.shared.settings.max_size:
            self.reply("552 5.3.4 Message too large")
            self.refused("552", "size", size=size, sender=address)
        elif not self.shared.has_room():
            self.reply("452 4.3.1 No space left, try again later")
            self.refused("452", "disk")
        else:
            self.transaction = Transaction(address or None, utf8)
            self.reply("250 2.1.0 Ok")

    def _mail_fault(self, parameters: dict[str, str | None]) -> str | None:
        """What is wrong with the parameters of MAIL."""
        for keyword, value in parameters.items():
            if keyword == "SIZE":
                if value is None or not (value.isascii() and value.isdigit()) or len(value) > 20:
                    return "501 5.5.4 SIZE takes a number"
            elif keyword == "BODY":
                if value is None or value.upper() not in ("7BIT", "8BITMIME"):
                    return "501 5.5.4 BODY is 7BIT or 8BITMIME"
            elif keyword == "SMTPUTF8":
                if value is not None:
                    return "501 5.5.4 SMTPUTF8 takes no value"
            elif keyword != "AUTH" or not (self.is_tls and self.shared.settings.users):
                return "555 5.5.4 Parameter not recognized"
        return None

    async def smtp_RCPT(self, arg: str) -> None:
        transaction = self.transaction
        if transaction is None:
            self.bad("503 5.5.1 Say MAIL first")
            return
        parts = split_path(arg[3:]) if arg[:3].upper() == "TO:" else None
        if parts is None:
            self.bad("501 5.5.2 Say RCPT TO:<address>")
        elif parts[1]:
            self.bad("555 5.5.4 Parameter not recognized")
        else:
            self._add_recipient(transaction, parts[0])

    def _add_recipient(self, transaction: Transaction, path: str) -> None:
        address = read_recipient(path)
        if address is None:
            self.bad("553 5.1.3 That is no address")
        elif not address.isascii() and not transaction.utf8:
            self.bad("553 5.6.7 This address needs SMTPUTF8")
        elif len(transaction.recipients) >= self.shared.settings.limits.recipients:
            self.reply("452 4.5.3 Too many recipients")
        elif self.shared.settings.hosted.match(address) is None:
            self.reply("550 5.1.1 No such mailbox here")
            self.refused("550", "no such mailbox", recipient=address, sender=transaction.reverse_path)
        else:
            self._commands -= 1  # bounded by the limit of recipients
            transaction.recipients.append(address)
            self.reply("250 2.1.5 Ok")

    async def smtp_DATA(self, arg: str) -> None:
        transaction = self.transaction
        if transaction is None:
            self.bad("503 5.5.1 Say MAIL first")
        elif arg:
            self.bad("501 5.5.4 DATA takes no argument")
        elif not transaction.recipients:
            self.bad(self.no_recipients)
        else:
            await receive_message(self, transaction)

    no_recipients = "554 5.5.1 No valid recipients"

    # -- the rest ------------------------------------------------------------------------------------------------

    async def smtp_RSET(self, arg: str) -> None:
        if arg:
            self.bad("501 5.5.4 RSET takes no argument")
            return
        self.transaction = None
        self.reply("250 2.0.0 Ok")

    async def smtp_NOOP(self, arg: str) -> None:
        self.reply("250 2.0.0 Ok")

    async def smtp_QUIT(self, arg: str) -> None:
        self.leave("221 2.0.0 Bye")

    async def smtp_VRFY(self, arg: str) -> None:
        if arg:
            self.reply("252 2.5.2 Send mail and see")
        else:
            self.bad("501 5.5.4 VRFY takes an address")

    async def smtp_EXPN(self, arg: str) -> None:
        self.bad("502 5.5.1 Not implemented")

    smtp_TURN = smtp_ETRN = smtp_BDAT = smtp_EXPN

    async def smtp_HELP(self, arg: str) -> None:
        self.reply("214 2.0.0 See RFC 5321; mail for hosted mailboxes is taken here")
