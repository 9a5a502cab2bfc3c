"""A client that says exactly what a test wants, byte for byte, and a listener with a real store behind it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mailgate import clock
from mailgate.config.load import parse_config
from mailgate.config.schema import Config
from mailgate.route.hosted import HostedAddresses
from mailgate.sources.smtp.listener import SmtpListener
from mailgate.store import Store
from mailgate.store.spool import Spooled, waiting

MAILBOXES = """
[[mailbox]]
address = "support@help.example.com"
[[mailbox]]
address = "sales@shop.example.com"
"""
RECIPIENT = "support@help.example.com"


class Dialogue:
    """One connection. Replies come back whole, lines joined by a newline."""

    def __init__(self, address: Any, *, greeting: bool = True, tls: ssl.SSLContext | None = None) -> None:
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(30)
            self.socket.connect(address)
        else:
            self.socket = socket.create_connection(address[:2], timeout=30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self.greeting = ""
        try:
            if tls is not None:
                self.wrap(tls)
            if greeting:
                self.greeting = self.reply()
        except BaseException:
            self.close()
            raise

    def wrap(self, context: ssl.SSLContext) -> None:
        tls = context.wrap_socket(self.socket, server_hostname="mail.example.com", do_handshake_on_connect=False)
        self.socket = tls
        tls.do_handshake()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reply(self) -> str:
        lines = []
        while True:
            line = self._line()
            lines.append(line)
            if line[3:4] != "-":
                return "\n".join(lines)

    def say(self, line: str | bytes) -> str:
        self.send((line if isinstance(line, bytes) else line.encode()) + b"\r\n")
        return self.reply()

    def ehlo(self, name: str = "client.example.org") -> Dialogue:
        assert self.say(f"EHLO {name}").startswith("250")
        return self

    def envelope(self, sender: str = "a@example.org", recipient: str = RECIPIENT) -> Dialogue:
        assert self.say(f"MAIL FROM:<{sender}>").startswith("250 2.1.0")
        assert self.say(f"RCPT TO:<{recipient}>").startswith("250 2.1.5")
        return self

    def data(self, content: bytes) -> str:
        """DATA and its content as given; the test writes dots and ends itself."""
        assert self.say("DATA").startswith("354")
        self.send(content)
        return self.reply()

    def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        data = self._buffer
        while True:
            try:
                piece = self.socket.recv(65536)
            except (ConnectionResetError, ssl.SSLError):
                return data
            if not piece:
                return data
            data += piece

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Dialogue:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _line(self) -> str:
        while b"\n" not in self._buffer:
            piece = self.socket.recv(65536)
            if not piece:
                raise EOFError(f"the server closed; unfinished: {self._buffer!r}")
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        assert line.endswith(b"\r"), line
        return line[:-1].decode()


def make_config(folder: Path, smtp: str = "", mailboxes: str = MAILBOXES) -> Config:
    """A configuration whose `[smtp]` table holds the given lines."""
    listen = "" if "listen =" in smtp else 'listen = ["127.0.0.1:0"]\n'
    return parse_config(f"{mailboxes}\n[smtp]\n{listen}{smtp}", str(folder / "config.toml"))


class House:
    """A listener on free ports and its store."""

    def __init__(
        self, folder: Path, smtp: str = "", min_free: int = 0, mailboxes: str = MAILBOXES, **options: Any
    ) -> None:
        self.folder = folder
        self.config = make_config(folder, smtp, mailboxes)
        self.store = Store.open(folder / "data", min_free)
        self.listener = SmtpListener(self.config, self.store, HostedAddresses.of(self.config), **options)
        self.listener.start()

    def connect(self, **options: Any) -> Dialogue:
        return Dialogue(self.listener.addresses[0], **options)

    def reload(self, smtp: str, mailboxes: str = MAILBOXES) -> None:
        config = make_config(self.folder, smtp, mailboxes)
        self.listener.reload(config, HostedAddresses.of(config))

    def spooled(self) -> list[tuple[Spooled, bytes]]:
        """Ledger rows with their raw bytes, oldest first."""
        with self.store.read() as db:
            return [(row, self.store.blobs.get(db, row.sha256)) for row in waiting(db, clock.now() + 60, 10_000)]

    def raw(self) -> list[bytes]:
        return [raw for _, raw in self.spooled()]

    def deliver(self, content: bytes = b"Subject: ok\r\n\r\nok\r\n.\r\n") -> str:
        """A normal message in a connection of its own; gives the last reply."""
        with self.connect() as client:
            reply = client.ehlo().envelope().data(content)
            client.say("QUIT")
            return reply

    def close(self) -> None:
        self.listener.stop(5)
        self.store.close()


@contextmanager
def house(folder: Path, smtp: str = "", **options: Any) -> Iterator[House]:
    """A running listener for the length of the block."""
    running = House(folder, smtp, **options)
    try:
        yield running
    finally:
        running.close()
