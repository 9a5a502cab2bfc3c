"""A desk whose letters are looked at: a real store with people, tickets and events, and what the reactor makes of them.

Takes a folder and changes to the settings; gives `PostRoom`. Made for tests of notify and reactor: intake is not in it.
"""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec

from mailgate import clock
from mailgate.config.schema import Config, Mailbox, Notifications, Outgoing, Web
from mailgate.desk.acts import Desk
from mailgate.desk.filing import Filing, add_to_ticket, open_ticket
from mailgate.model import Category, Role, User
from mailgate.reactor import Reactor
from mailgate.store import Store, events, outbox, people
from mailgate.store.entries import NewAttachment


@dataclass(frozen=True)
class Sent:
    """One letter as it stands in the outbox."""

    template: str
    to: list[str]
    message: EmailMessage
    raw: bytes
    automatic: bool
    ticket: int | None

    def text(self) -> str:
        return self._body("plain")

    def html(self) -> str:
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None
        content = part.get_content()
        assert isinstance(content, str)
        return content.replace("\r\n", "\n")

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])


class PostRoom:
    """People: rita (requester), sam (subscriber), tess, tom and tina (technicians; tina of Sales only), ada (administrator)."""

    def __init__(self, folder: Path, **notifications: Any) -> None:
        self.folder = folder
        self.config = Config(
            path=str(folder / "config.toml"),
            outgoing=Outgoing(from_address="support@help.example.com", from_name="Acme Support"),
            mailbox=[Mailbox(address="support@help.example.com"), Mailbox(address="sales@help.example.com")],
            web=Web(base_url="https://desk.example.com"),
            notifications=Notifications(**notifications),
        )
        self.store = Store.open(folder / "data")
        self.general, self.sales = self.store.write(
            lambda tx: (people.add_category(tx, "General"), people.add_category(tx, "Sales", "sales"))
        )
        self.rita = self.person("rita@example.com", "Rita Requester")
        self.sam = self.person("sam@example.com", "Sam Subscriber")
        self.tess = self.person("tess@help.example.net", "Tess Tech", Role.TECHNICIAN, [self.general])
        self.tom = self.person("tom@help.example.net", "Tom Tech", Role.TECHNICIAN, [self.general])
        self.tina = self.person("tina@help.example.net", "Tina Tech", Role.TECHNICIAN, [self.sales])
        self.ada = self.person("ada@help.example.net", "Ada Admin", Role.ADMINISTRATOR)
        self.reactor = Reactor(self.store, self.config)
        self._number = 0

    def set(self, section: str, **values: Any) -> None:
        """Changes settings of one section, as a reload would."""
        for name, value in values.items():
            setattr(getattr(self.config, section), name, value)
        self.config = msgspec.structs.replace(self.config)
        self.reactor = Reactor(self.store, self.config)

    def person(
        self,
        address: str,
        name: str = "",
        role: Role = Role.USER,
        categories: list[Category] | None = None,
        **columns: Any,
    ) -> User:
        def work(tx: Any) -> User:
            user = people.add(tx, [address], name, role)
            if columns:
                people.change(tx, user.id, **columns)
            if categories:
                people.set_categories(tx, user.id, [category.id for category in categories])
            return people.get(tx, user.id)

        return self.store.write(work)

    def change(self, person: User, **columns: Any) -> None:
        self.store.write(lambda tx: people.change(tx, person.id, **columns))

    def filing(self, author: User, text: str = "It burns.", **changes: Any) -> Filing:
        self._number += 1
        values: dict[str, Any] = {
            "author": author, "subject": "Printer on fire", "text": text, "new_text": text, "html": None, "attachments": [],
            "marks": [], "received_at": clock.now(), "queue_id": f"Q{self._number}",
            "message": self._number, "message_id": f"<in{self._number}@example.com>", "category": self.general,
            "mailbox": "support@help.example.com", **changes,
        }  # fmt: skip
        return Filing(**values)

    def ticket(
        self, author: User | None = None, quiet: bool = True, subscribers: list[User] | None = None, **changes: Any
    ) -> int:
        """A ticket that came by mail; `quiet` throws its letters away."""
        joined = [person.id for person in ([self.sam] if subscribers is None else subscribers)]
        filing = self.filing(author or self.rita, to_subscribe=joined, **changes)
        ticket_id, _ = self.store.write(lambda tx: open_ticket(tx, filing))
        if quiet:
            self.letters()
        return ticket_id

    def mail(self, ticket_id: int, author: User, text: str = "More smoke.", **changes: Any) -> int:
        """A mail to a ticket; gives the entry."""
        from mailgate.store import tickets

        filing = self.filing(author, text, **changes)
        return self.store.write(lambda tx: add_to_ticket(tx, tickets.get(tx, ticket_id), filing))

    def act(self, actor: User, work: Any) -> Any:
        """An act of the desk: `act(tess, lambda desk: desk.reply(1, "Hello"))`."""
        with self.store.read() as db:
            actor = people.get(db, actor.id)
        return self.store.write(lambda tx: work(Desk(tx, self.store, actor)))

    def event(
        self,
        kind: str,
        ticket_id: int | None = None,
        entry_id: int | None = None,
        actor: User | None = None,
        **data: Any,
    ) -> int:
        who = actor.id if actor else None
        return self.store.write(lambda tx: events.add(tx, kind, ticket_id, entry_id, who, **data))

    def attach(self, name: str, data: bytes, kind: str = "text/plain", content_id: str | None = None) -> NewAttachment:
        sha256 = self.store.write(lambda tx: self.store.blobs.put(tx, data))
        return NewAttachment(name, kind, len(data), sha256, content_id is not None, content_id)

    def letters(self) -> list[Sent]:
        """Reacts, and takes the letters that this made out of the outbox, oldest first."""
        self.reactor.react()
        found: list[Sent] = []
        with self.store.read() as db:
            for row in reversed(outbox.listed(db, "pending")):
                raw = self.store.blobs.get(db, row["raw"])
                message = email.message_from_bytes(raw, policy=email.policy.default)
                assert isinstance(message, EmailMessage)
                to = sorted(row["to_list"].split("\n"))
                found.append(Sent(row["template"], to, message, raw, bool(row["automatic"]), row["ticket_id"]))
            ids = [row["id"] for row in outbox.listed(db, "pending")]
        for outbox_id in ids:
            self.store.write(lambda tx, which=outbox_id: outbox.cancel(tx, which))
        return found

    def told(self) -> list[tuple[str, str]]:
        """(template, first part of the address) of every letter of `letters`, sorted."""
        return sorted((sent.template, address.partition("@")[0]) for sent in self.letters() for address in sent.to)

    def close(self) -> None:
        self.store.close()
