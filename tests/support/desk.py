"""A whole inbound house in one process for flow tests: real store, real intake, mail made by hand.

Takes a folder; gives `Office`, which receives raw messages as a source would and files them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mailgate.config import Config, parse_config
from mailgate.desk import Desk
from mailgate.intake import Intake
from mailgate.mail.message import Envelope
from mailgate.model import Entry, Role, Ticket, User
from mailgate.store import Store, entries, events, people, tickets
from mailgate.store.engine import Row
from mailgate.store.spool import Client, Incoming, find

BASE = """
[general]
parse_workers = 0
[[mailbox]]
address = "support@help.example.com"
[[mailbox]]
address = "sales@help.example.com"
category = "Sales"
[outgoing]
from_address = "support@help.example.com"
"""


class Office:
    """One installation: categories General (1), Billing (2, word billing), Sales (3); an administrator; a technician."""

    def __init__(self, folder: Path, extra: str = "") -> None:
        self.config: Config = parse_config(BASE + extra, str(folder / "config.toml"))
        self.store = Store.open(folder / "data")
        self.store.write(self._furnish)
        self.intake = Intake(self.store, self.config)
        with self.store.read() as db:
            self.technician = people.named(db, "tess@help.example.com")

    def _furnish(self, tx: Any) -> None:
        people.add_category(tx, "General")
        people.add_category(tx, "Billing", "billing")
        people.add_category(tx, "Sales", "sales")
        people.add(tx, ["admin@help.example.com"], "Ada Admin", Role.ADMINISTRATOR)
        technician = people.add(tx, ["tess@help.example.com"], "Tess Technician", Role.TECHNICIAN)
        people.set_categories(tx, technician.id, [1, 2])

    def close(self) -> None:
        self.store.close()

    def receive(
        self,
        raw: bytes | str,
        to: Sequence[str] = ("support@help.example.com",),
        sender: str | None = "customer@example.org",
        source: str = "smtp",
        **incoming: Any,
    ) -> Row:
        """Accepts a message, files it, gives its ledger row."""
        data = raw if isinstance(raw, bytes) else raw.replace("\r\n", "\n").replace("\n", "\r\n").encode()
        accepted = self.store.spool.submit(Incoming(Envelope(sender, tuple(to)), source, raw=data, **incoming)).result()
        self.intake.run_all()
        return self.row(accepted.message)

    def row(self, message: int) -> Row:
        with self.store.read() as db:
            row = find(db, message)
        assert row is not None
        return row

    def ticket(self, ticket_id: int) -> Ticket:
        with self.store.read() as db:
            return tickets.get(db, ticket_id)

    def entries(self, ticket_id: int, *kinds: str) -> list[Entry]:
        with self.store.read() as db:
            found = entries.of_ticket(db, ticket_id)
        return [entry for entry in found if not kinds or entry.kind in kinds]

    def subscribers(self, ticket_id: int) -> list[str]:
        with self.store.read() as db:
            return [people.get(db, person).address for person in tickets.subscribers(db, ticket_id)]

    def user(self, address: str) -> User | None:
        with self.store.read() as db:
            return people.by_address(db, address)

    def event_kinds(self, ticket_id: int) -> list[str]:
        with self.store.read() as db:
            return [event.kind for event in events.of_ticket(db, ticket_id)]

    def act(self, work: Any, actor: User | None = None) -> Any:
        """Runs a desk act as the technician (or another)."""
        return self.store.write(lambda tx: work(Desk(tx, self.store, actor or self.technician)))


_number = 0


def mail(
    subject: str = "Printer on fire",
    body: str = "It burns.",
    sender: str = "Carl Customer <customer@example.org>",
    to: str = "support@help.example.com",
    message_id: str | None = None,
    **fields: str,
) -> str:
    """A plain message with a Message-ID of its own; `fields` are further header fields (`in_reply_to="<a@b>"`)."""
    global _number
    _number += 1
    lines = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Date: Wed, 25 Nov 2026 10:{_number % 60:02d}:00 +0300",
        f"Message-ID: {message_id or f'<n{_number}@example.org>'}",
    ]
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in fields.items()]
    return "\n".join([*lines, "", body, ""])


def trusted() -> Client:
    """A client that is configured as trusted: its senders are who they say."""
    return Client(ip="192.0.2.1", trusted=True)
