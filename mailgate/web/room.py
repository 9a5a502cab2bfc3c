"""What all pages share: settings, store, keys, templates, and who is visiting.

Takes a configuration, a store and the daemon's numbers. Promises: a changed configuration and rotated keys are taken
over while pages are being made; a form is obeyed only with its session's token and never when another site sent it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mailgate import clock
from mailgate.config import Config
from mailgate.errors import NotFoundError
from mailgate.model import User
from mailgate.notify.links import Links
from mailgate.notify.words import language_of
from mailgate.store import Reader, Store, keys, people
from mailgate.web import render, words
from mailgate.web.asking import Ask, Refused, Reply
from mailgate.web.bodies import Shown
from mailgate.web.sessions import Session, Sessions

_KEYS_SECONDS = 60.0


@dataclass(slots=True)
class Visit:
    """Who asks: a person or nobody, their session and language. `fresh`: the browser does not hold the session yet."""

    session: Session
    person: User | None
    language: str
    fresh: bool


class Room:
    """The ground that pages stand on; used by several threads."""

    def __init__(self, config: Config, store: Store, numbers: Callable[[], dict[str, Any]]) -> None:
        self.config = config
        self.store = store
        self.numbers = numbers
        self.counters: dict[str, int] = {}
        self.shown = Shown()
        found = keys.signing_keys(store)
        self._keys = found
        self._keys_at = clock.monotonic()
        self.links = Links(found, config.web.base_url)
        self.sessions = Sessions(found)

    def reload(self, config: Config) -> None:
        """Takes changed settings over."""
        self.config = config
        self.links = Links(self._keys, config.web.base_url)

    @property
    def is_https(self) -> bool:
        """Whether people reach the pages over TLS."""
        return self.config.web.base_url.lower().startswith("https://")

    @property
    def root(self) -> str:
        """The path of the base URL, before every address of ours; empty for a site of its own."""
        return urlsplit(self.config.web.base_url).path.rstrip("/")

    @property
    def brand(self) -> str:
        """The name above every page; empty where none is configured."""
        return self.config.outgoing.from_name

    def visit(self, db: Reader, ask: Ask) -> Visit:
        """Who asks, by their cookie as it is valid now."""
        self._renew_keys()
        session = self.sessions.read(ask.cookie)
        person: User | None = None
        if session is not None and session.person_id:
            person = find_person(db, session.person_id)
            if person is None or not session.is_valid_for(person):
                session = person = None
        language = words.preferred(ask.languages, self.config.general.language)
        if person is not None:
            language = language_of(person.language, language)
        fresh = session is None
        return Visit(session or self.sessions.anonymous(), person, language, fresh)

    def language_for(self, person: User, ask: Ask) -> str:
        """The language for a person who holds a link, signed in or not."""
        return language_of(person.language, words.preferred(ask.languages, self.config.general.language))

    def signed_in(self, visit: Visit, to: str) -> User:
        """The person who asks. Raises `Elsewhere` to the sign-in page, which leads back to `to`."""
        if visit.person is None:
            raise Elsewhere(f"{self.root}/sign-in?to={to}&why=first")
        return visit.person

    def check_form(self, ask: Ask, visit: Visit) -> None:
        """Raises Refused unless the form is one that this session was given."""
        self.check_origin(ask)
        if visit.fresh or not self.sessions.is_form_token(visit.session, ask.form.get("token", "")):
            raise Refused(403, "error_form")

    def check_origin(self, ask: Ask) -> None:
        """Raises Refused where the browser says that another site sent the form.

        Under our Referrer-Policy browsers say `Origin: null`, so that word alone is no reason to refuse.
        """
        if ask.fetch_site is not None and ask.fetch_site not in ("same-origin", "none"):
            raise Refused(403, "error_form")
        if ask.origin is not None and ask.origin != "null" and ask.origin.lower() != self._origin():
            raise Refused(403, "error_form")

    def page(self, name: str, visit: Visit, status: int = 200, **values: Any) -> Reply:
        """A page from its template; the browser gets the session's cookie where it lacks it or holds an old one."""
        html = render.page(
            name, visit.language, root=self.root, brand=self.brand, person=visit.person,
            token=self.sessions.form_token(visit.session), **values,
        )  # fmt: skip
        renew = visit.fresh or visit.session.is_old
        return Reply(html, status, cookie=self.sessions.write(visit.session) if renew else None)

    def plain_page(self, name: str, language: str, status: int = 200, **values: Any) -> Reply:
        """A page that belongs to no session."""
        return Reply(
            render.page(name, language, root=self.root, brand=self.brand, person=None, token="", **values), status
        )

    def sign_in(self, person: User, by: str, location: str) -> Reply:
        """Begins a session and sends the browser on."""
        return Reply(status=303, location=location, cookie=self.sessions.write(self.sessions.begin(person, by)))

    def _origin(self) -> str:
        parts = urlsplit(self.config.web.base_url.lower())
        return f"{parts.scheme}://{parts.netloc}"

    def _renew_keys(self) -> None:
        if clock.monotonic() - self._keys_at < _KEYS_SECONDS:
            return
        found = keys.signing_keys(self.store)
        self._keys_at = clock.monotonic()
        if found != self._keys:
            self._keys = found
            self.links = Links(found, self.config.web.base_url)
            self.sessions = self.sessions.with_keys(found)


class Elsewhere(Exception):
    """The browser is sent to another page first."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def find_person(db: Reader, person_id: int) -> User | None:
    """A person by id; None for one who is gone."""
    try:
        return people.get(db, person_id)
    except NotFoundError:
        return None
