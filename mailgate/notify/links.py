"""Links that stand in mail: made here with signatures, read back by the web room.

Takes the installation's keys (newest first: the newest signs, all verify) and the base URL; gives URLs, and from tokens
what they were made for. Promises: a token of one purpose is worthless for another (a salt each); it dies with its time,
and where it speaks for a person, with a changed password, a changed role, or a disabled person; reading gives None for
anything forged, expired or foreign and never raises. A token is no secret store: what it names can be read by its holder.

| URL | token |
| --- | --- |
| `/t/ID`, `/t/ID?k=TOKEN` | autologin: this person, this ticket, three days |
| `/a/ATTACHMENT`, `/a/ATTACHMENT?k=TOKEN` | download: this person, this attachment, three days |
| `/u/TOKEN` | unsubscribe: this person from this ticket, 60 days |
| `/r/TOKEN/VOTE` | rating: this person, this closing of this ticket, 30 days; VOTE is good, ok or bad |
| `/password/TOKEN` | new password: this person, one hour |
| `/kb/ID` | none: an article is public, or its reader signs in |
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mailgate import clock
from mailgate.model import Role, User

if TYPE_CHECKING:
    from itsdangerous import Signer

AUTOLOGIN_AGE = timedelta(days=3)
UNSUBSCRIBE_AGE = timedelta(days=60)
RATING_AGE = timedelta(days=30)
PASSWORD_AGE = timedelta(hours=1)
VOTES = ("good", "ok", "bad")
_LONGEST = 1000
# RFC 6761 (with RFC 2606), 6762, 8375; `internal` is set aside by ICANN, `lan` and `intranet` are no public names either.
_NOT_PUBLIC = frozenset(
    [
        "localhost", "test", "example", "invalid", "local", "internal", "lan", "intranet", "home.arpa",
        "example.com", "example.net", "example.org",
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonToken:
    """What a token names: a person, and a ticket or attachment (0 for none). Valid only with `is_valid_for`."""

    person_id: int
    subject_id: int
    fingerprint: str

    def is_valid_for(self, person: User) -> bool:
        """Whether it still speaks for the person as they are now: same password, same role, not disabled."""
        return not person.disabled and hmac.compare_digest(self.fingerprint, person_fingerprint(person))


@dataclass(frozen=True, slots=True)
class RatingToken:
    """One closing of one ticket, to be rated by one person."""

    person_id: int
    ticket_id: int
    closed_at: float


class Links:
    """Makes and reads the links of one installation."""

    def __init__(self, keys: Sequence[bytes], base_url: str) -> None:
        self._keys = tuple(keys)
        self._signers: dict[str, Signer] = {}
        self.base_url = base_url.rstrip("/")

    @property
    def is_public(self) -> bool:
        """Whether the base URL is one that mail may carry in List-Unsubscribe (RFC 2369 section 3.2)."""
        return self.base_url.startswith(("https://", "http://"))

    @cached_property
    def takes_one_click(self) -> bool:
        """Whether mail may promise that a POST to the unsubscribe link is enough (List-Unsubscribe-Post).

        RFC 8058 section 3.1 asks for an HTTPS URI, so that nobody on the way reads the link and nobody answers in our
        name. Over plain HTTP it is promised only where there is no public way to eavesdrop on: on this machine, in a
        private network, under a name that the internet does not have. Trials and sites behind a wall keep the one click.
        """
        if self.base_url.startswith("https://"):
            return True
        return self.base_url.startswith("http://") and not _is_on_the_internet(self.base_url)

    # -- URLs ------------------------------------------------------------------------------------------------------

    def ticket(self, ticket_id: int, person: User | None = None) -> str:
        """The ticket's page; with a person, an autologin link. Raises ValueError for anybody but a regular user."""
        url = f"{self.base_url}/t/{ticket_id}"
        return f"{url}?k={self.make_autologin(person, ticket_id)}" if person is not None else url

    def article(self, article_id: int) -> str:
        """The page of an article of the knowledge base."""
        return article_url(self.base_url, article_id)

    def attachment(self, attachment_id: int, person: User | None = None) -> str:
        """An attachment's download; with a person, one that needs no signing in (regular users only)."""
        url = f"{self.base_url}/a/{attachment_id}"
        return f"{url}?k={self.make_download(person, attachment_id)}" if person is not None else url

    def unsubscribe(self, ticket_id: int, person: User) -> str:
        """The page, and by POST the one click, that takes a person off a ticket's subscribers."""
        return f"{self.base_url}/u/{self.make_unsubscribe(person, ticket_id)}"

    def rating(self, ticket_id: int, person: User, closed_at: float, vote: str) -> str:
        """The page that asks to confirm a vote: a GET counts nothing."""
        return f"{self.base_url}/r/{self.make_rating(person, ticket_id, closed_at)}/{vote}"

    def password(self, person: User) -> str:
        """The page that sets a new password."""
        return f"{self.base_url}/password/{self.make_password(person)}"

    # -- tokens ----------------------------------------------------------------------------------------------------

    def make_autologin(self, person: User, ticket_id: int) -> str:
        _regular(person)
        return self._person_token("autologin", person, ticket_id)

    def read_autologin(self, token: str) -> PersonToken | None:
        """The person and the ticket; check `is_valid_for` the person as stored."""
        return self._read_person("autologin", token, AUTOLOGIN_AGE)

    def make_download(self, person: User, attachment_id: int) -> str:
        _regular(person)
        return self._person_token("download", person, attachment_id)

    def read_download(self, token: str) -> PersonToken | None:
        """The person and the attachment; check `is_valid_for` the person as stored."""
        return self._read_person("download", token, AUTOLOGIN_AGE)

    def make_password(self, person: User) -> str:
        return self._person_token("password", person, 0)

    def read_password(self, token: str) -> PersonToken | None:
        """The person; `is_valid_for` is False once the password has been changed, so that a link works once."""
        return self._read_person("password", token, PASSWORD_AGE)

    def make_unsubscribe(self, person: User, ticket_id: int) -> str:
        return self._make("unsubscribe", [person.id, ticket_id])

    def read_unsubscribe(self, token: str) -> tuple[int, int] | None:
        """(person id, ticket id)."""
        found = self._read("unsubscribe", token, UNSUBSCRIBE_AGE, 2)
        return (int(found[0]), int(found[1])) if found else None

    def make_rating(self, person: User, ticket_id: int, closed_at: float) -> str:
        return self._make("rating", [person.id, ticket_id, closed_at])

    def read_rating(self, token: str) -> RatingToken | None:
        found = self._read("rating", token, RATING_AGE, 3)
        return RatingToken(int(found[0]), int(found[1]), float(found[2])) if found else None

    # -- inside ----------------------------------------------------------------------------------------------------

    def _person_token(self, purpose: str, person: User, subject_id: int) -> str:
        return self._make(purpose, [person.id, subject_id, person_fingerprint(person)])

    def _read_person(self, purpose: str, token: str, age: timedelta) -> PersonToken | None:
        found = self._read(purpose, token, age, 3)
        return PersonToken(int(found[0]), int(found[1]), str(found[2])) if found else None

    def _make(self, purpose: str, values: list[Any]) -> str:
        """base64url of JSON, a dot, the signature; it never begins with a dot, which many proxies refuse in a path."""
        payload = json.dumps([int(clock.now()), *values], separators=(",", ":")).encode("ascii")
        return self._signer(purpose).sign(base64.urlsafe_b64encode(payload).rstrip(b"=")).decode("ascii")

    def _read(self, purpose: str, token: str, age: timedelta, length: int) -> list[Any] | None:
        from itsdangerous import BadSignature

        if len(token) > _LONGEST or not token.isascii():
            return None
        try:
            payload = self._signer(purpose).unsign(token)
            made_at, *values = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
        except (BadSignature, ValueError, TypeError):
            return None
        is_fresh = -60 <= clock.now() - made_at <= age.total_seconds()
        return values if is_fresh and len(values) == length else None

    def _signer(self, purpose: str) -> Signer:
        found = self._signers.get(purpose)
        if found is None:
            from itsdangerous import Signer  # lazily: commands that send nothing do not pay for it

            keys = list(reversed(self._keys))  # it signs with the last and verifies with all
            found = Signer(keys, salt=f"mailgate {purpose}", digest_method=hashlib.sha256, key_derivation="hmac")
            self._signers[purpose] = found
        return found


def person_fingerprint(person: User) -> str:
    """Changes with the password and the role; says nothing about either."""
    standing = "staff" if person.is_staff else person.role
    digest = hashlib.sha256(f"{person.id}\0{person.epoch}\0{standing}\0{person.password_hash or ''}".encode())
    return digest.hexdigest()[:20]


def article_url(base_url: str, article_id: int) -> str:
    """The address of an article's page."""
    return f"{base_url.rstrip('/')}/kb/{article_id}"


def may_autologin(person: User) -> bool:
    """Regular users only, never managers, technicians or administrators."""
    return person.role == Role.USER and not person.is_staff and not person.disabled


def _is_on_the_internet(url: str) -> bool:
    """Whether a host can be a public one: no private address (RFC 1918, 4193), no name reserved for other uses."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return True  # what is no address is none of ours
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        labels = host.split(".")
    return len(labels) > 1 and labels[-1] not in _NOT_PUBLIC and ".".join(labels[-2:]) not in _NOT_PUBLIC


def _regular(person: User) -> None:
    if not may_autologin(person):
        raise ValueError(f"no link signs in user {person.id}: only regular users get one")
