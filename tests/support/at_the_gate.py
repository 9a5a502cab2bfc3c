"""The gate of the daemon before a real listener: what a client at the SMTP port hears, and what is found in the ledger.

Takes a folder and configuration text; gives `Door`, to which a test sends messages as a client of any address.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mailgate.config import Config, parse_config
from mailgate.daemon.gate import Gate
from mailgate.route.hosted import HostedAddresses
from mailgate.sources.smtp.listener import SmtpListener
from mailgate.store import Store, spool
from tests.support.smtp_dialogue import MAILBOXES, Dialogue

_SMTP = '[smtp]\nlisten = ["127.0.0.1:0"]\ntrusted = ["127.0.0.1"]\n'


class Door:
    """A listener with the gate behind it."""

    def __init__(self, folder: Path, extra: str = "") -> None:
        self._path = str(folder / "config.toml")
        self.config = self._parse(extra)
        self.store = Store.open(folder / "data")
        self.gate = Gate(self.config, self.store)
        self.listener = SmtpListener(self.config, self.store, HostedAddresses.of(self.config), self.gate.check)
        self.listener.start()

    def _parse(self, extra: str) -> Config:
        return parse_config(MAILBOXES + _SMTP + extra, self._path)

    def reload(self, extra: str) -> None:
        self.gate.reload(self._parse(extra))

    def send(self, raw: bytes, client: str | None = None, sender: str = "jo@sender.example") -> str:
        """One message; with a `client` address it comes from there (XCLIENT). Gives the last reply."""
        with Dialogue(self.listener.addresses[0]) as talk:
            talk.ehlo()
            if client is not None:
                assert talk.say(f"XCLIENT ADDR={client} HELO=out.sender.example").startswith("220")
                talk.ehlo()
            return talk.envelope(sender).data(raw + b".\r\n")

    def findings(self) -> dict[str, Any]:
        """What was found about the last message that was accepted."""
        with self.store.read() as db:
            row = spool.waiting(db, float("inf"), 1000)[-1]
        return row.findings

    def close(self) -> None:
        self.listener.stop(5)
        self.gate.close()
        self.store.close()


@contextmanager
def door(folder: Path, extra: str = "") -> Iterator[Door]:
    """An open door for the length of the block."""
    opened = Door(folder, extra)
    try:
        yield opened
    finally:
        opened.close()
