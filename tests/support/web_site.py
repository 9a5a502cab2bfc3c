"""A web server on a real store, and a browser of the simplest kind: it keeps one cookie and reads forms.

`WebSite` holds people and a ticket to visit; `Browser` asks over real HTTP and never follows a redirect by itself.
"""

from __future__ import annotations

import http.client
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from argon2 import PasswordHasher

from mailgate.config import Config
from mailgate.config.schema import Mailbox
from mailgate.model import Role, Ticket, User
from mailgate.notify.links import Links
from mailgate.store import Store, entries, events, keys, people, tickets
from mailgate.store.entries import NewAttachment, NewEntry
from mailgate.web import WebServer

PASSWORD = "correct horse battery"
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Page:
    """An answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def words(self) -> str:
        """The text without markup, in one line."""
        bare = re.sub(r"<style>.*?</style>", " ", self.text, flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())

    @property
    def location(self) -> str:
        return self.headers["Location"] or ""

    @property
    def token(self) -> str:
        found = re.search(r'name="token" value="([0-9a-f]+)"', self.text)
        assert found, self.words
        return found.group(1)


@dataclass
class Browser:
    """One visitor. `headers` go with every request."""

    address: str
    headers: dict[str, str] = field(default_factory=dict)
    cookie: str = ""

    def ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Page:
        """One request; a cookie that comes back is kept."""
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            cookie = {"Cookie": f"mailgate={self.cookie}"} if self.cookie else {}
            connection.request(method, path, body, {**cookie, **self.headers, **(headers or {})})
            response = connection.getresponse()
            page = Page(response.status, response.headers, response.read())
        finally:
            connection.close()
        found = re.match(r"(?:__Host-)?mailgate=([^;]*)", page.headers["Set-Cookie"] or "")
        if found:
            self.cookie = found.group(1)
        return page

    def get(self, path: str, **headers: str) -> Page:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Page:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        form = {"Content-Type": "application/x-www-form-urlencoded", **given}
        return self.ask("POST", path, urlencode(fields).encode(), form)

    def send(self, path: str, fields: Sequence[tuple[str, str]], files: Sequence[tuple[str, str, bytes]] = ()) -> Page:
        """A form with files, each as (name, content type, bytes)."""
        body, kind = multipart(fields, files)
        return self.ask("POST", path, body, {"Content-Type": kind})

    def sign_in(self, who: str, password: str = PASSWORD, to: str = "") -> Page:
        """Signs in by the form."""
        token = self.get(f"/sign-in?to={to}").token
        return self.post("/sign-in", {"who": who, "password": password, "token": token, "to": to})


def multipart(fields: Sequence[tuple[str, str]], files: Sequence[tuple[str, str, bytes]]) -> tuple[bytes, str]:
    """A body and its content type."""
    border = secrets.token_hex(8)
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    parts += [
        f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        f"Content-Type: {kind}\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, kind, data in files
    ]
    return b"".join(parts) + f"--{border}--\r\n".encode(), f"multipart/form-data; boundary={border}"


class WebSite:
    """A started server with people: a requester, a subscriber, a stranger, a technician, an administrator."""

    def __init__(self, folder: Path, **web: Any) -> None:
        self.config = Config(path=str(folder / "config.toml"))
        self.config.general.data_dir = str(folder / "data")
        self.config.mailbox = [Mailbox(address="help@help.example.com")]
        self.config.outgoing.from_name = "Example Help"
        self.config.web.listen = ["127.0.0.1:0"]
        for name, value in web.items():
            setattr(self.config.web, name, value)
        self.store = Store.open(folder / "data")
        self.numbers: dict[str, Any] = {"stuck": [], "smtp": {"received": 7}, "outcomes": {"reply": 2}}
        self.server = WebServer(self.config, self.store, lambda: self.numbers)
        self.store.write(self._people)
        self.ticket_id = self.store.write(self._ticket)
        self.links = Links(keys.signing_keys(self.store), self.config.web.base_url)
        self.server.start()

    @property
    def address(self) -> str:
        return self.server.addresses[0]

    def browser(self, language: str = "en", **headers: str) -> Browser:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return Browser(self.address, {"Accept-Language": language, **given})

    def close(self) -> None:
        self.server.stop()
        self.store.close()

    def person(self, name: str) -> User:
        """A person as stored now: requester, subscriber, stranger, technician, administrator."""
        with self.store.read() as db:
            return people.named(db, f"{name}@example.com")

    def ticket(self, ticket_id: int | None = None) -> Ticket:
        with self.store.read() as db:
            return tickets.get(db, ticket_id or self.ticket_id)

    def entries(self, ticket_id: int | None = None) -> list[Any]:
        with self.store.read() as db:
            return entries.of_ticket(db, ticket_id or self.ticket_id)

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        with self.store.read() as db:
            return [(event.kind, event.data) for event in events.waiting(db)]

    def change(self, name: str, /, **columns: object) -> None:
        person = self.person(name)
        self.store.write(lambda tx: people.change(tx, person.id, **columns))

    def add_entry(self, kind: str, author: str, text: str, **more: Any) -> int:
        person = self.person(author)
        new = NewEntry(kind, (person.id, person.name, person.address), text, **more)
        return self.store.write(lambda tx: entries.add(tx, self.ticket_id, new))

    def add_file(self, name: str, data: bytes, kind: str = "application/octet-stream", **more: Any) -> int:
        """A message of the requester's with one file; gives the attachment's id."""

        def work(tx: Any) -> int:
            item = NewAttachment(name, kind, len(data), self.store.blobs.put(tx, data), **more)
            person = people.named(tx, "requester@example.com")
            author = (person.id, person.name, person.address)
            html = f'<p>Look: <img src="cid:{item.content_id}" alt="screen"></p>' if item.content_id else None
            entry = entries.add(tx, self.ticket_id, NewEntry("message", author, "Look:", html=html, attachments=[item]))
            return entries.attachments(tx, [entry])[0].id

        return self.store.write(work)

    def _people(self, tx: Any) -> None:
        category = people.add_category(tx, "Support")
        people.add_category(tx, "Other")
        hashed = _QUICK.hash(PASSWORD)
        for name, display, role in (
            ("requester", "Jane Requester", Role.USER),
            ("subscriber", "Sam Subscriber", Role.USER),
            ("stranger", "Olga Other", Role.USER),
            ("technician", "Caren Tech", Role.USER),
            ("administrator", "Ada Admin", Role.ADMINISTRATOR),
        ):
            made = people.add(tx, [f"{name}@example.com"], display, role, username=name)
            people.change(tx, made.id, password_hash=hashed)
            if name == "technician":
                people.set_categories(tx, made.id, [category.id])

    def _ticket(self, tx: Any) -> int:
        requester, subscriber = people.named(tx, "requester"), people.named(tx, "subscriber")
        technician = people.named(tx, "technician")
        ticket_id = tickets.add(tx, "Printer on fire {}", requester.id, 1, "email", 1_790_000_000.0)
        author = (requester.id, requester.name, requester.address)
        entries.add(tx, ticket_id, NewEntry("message", author, "It burns.", at=1_790_000_000.0), "Printer on fire")
        ours = (technician.id, technician.name, technician.address)
        entries.add(tx, ticket_id, NewEntry("reply", ours, "Use **water**.", at=1_790_000_600.0))
        tickets.subscribe(tx, ticket_id, requester.id)
        tickets.subscribe(tx, ticket_id, subscriber.id)
        return ticket_id
