"""How often one may try: wrong passwords and letters with links, by person and by client address.

Takes the store's meters; gives yes or no. Promises: a name that does not exist is counted like one that does; once the
limit is reached an attempt costs one read and neither a password check nor a write; limits outlive restarts.
"""

from __future__ import annotations

import hashlib

from mailgate.config import Config
from mailgate.model import User
from mailgate.store import Reader, Store, Tx, meters
from mailgate.web.asking import Refused

WINDOW_SECONDS = 900.0
_LETTERS_PER_PERSON = 3
_LINK_SECONDS = 3600.0


def who(person: User | None, typed: str) -> str:
    """The name to count by: the person's id, so that several addresses are not several chances."""
    return f"person:{person.id}" if person is not None else f"name:{typed.casefold()}"


def check_sign_in(db: Reader, config: Config, name: str, client: str) -> None:
    """Raises Refused (429) where a person or a client address has failed too often."""
    limit = config.web.sign_in_attempts
    for counted in _sign_in_meters(name, client):
        if meters.read(db, counted, WINDOW_SECONDS) >= limit:
            raise Refused(429, retry_after=int(WINDOW_SECONDS))


def count_wrong(store: Store, name: str, client: str) -> None:
    """Counts a wrong password."""

    def work(tx: Tx) -> None:
        for counted in _sign_in_meters(name, client):
            meters.hit(tx, counted, WINDOW_SECONDS)

    store.write(work)


def forget_wrong(tx: Tx, name: str) -> None:
    """A right password clears the person's counter, and not the client's, which may be guessing at others."""
    meters.clear(tx, f"web sign-in {name}")


def check_letters(db: Reader, config: Config, client: str) -> None:
    """Raises Refused (429) where a client address asked for too many letters."""
    if meters.read(db, f"web letters {client}", WINDOW_SECONDS) >= config.web.sign_in_attempts:
        raise Refused(429, retry_after=int(WINDOW_SECONDS))


def count_letter(tx: Tx, name: str, client: str) -> bool:
    """Counts a request for a letter; False where this person has been sent enough of them."""
    meters.hit(tx, f"web letters {client}", WINDOW_SECONDS)
    return meters.hit(tx, f"web letters {name}", WINDOW_SECONDS) <= _LETTERS_PER_PERSON


def use_once(tx: Tx, token: str) -> bool:
    """Whether a link that lives an hour is used for the first time now."""
    return meters.hit(tx, _link(token), 2 * _LINK_SECONDS) == 1


def was_used(db: Reader, token: str) -> bool:
    """Whether such a link was used before."""
    return meters.read(db, _link(token), 2 * _LINK_SECONDS) > 0


def _link(token: str) -> str:
    """Of the signed part alone: the last letter of a signature can be written in several ways."""
    return f"web link {hashlib.sha256(token.rpartition('.')[0].encode()).hexdigest()}"


def _sign_in_meters(name: str, client: str) -> tuple[str, str]:
    return f"web sign-in {name}", f"web sign-in from {client}"
