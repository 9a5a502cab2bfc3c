"""The line of claimed letters before the connections: who goes next.

Takes letters; gives them to the connections, the first one first whose recipients' domains are not busy enough already.
Promises: a domain has at most its share of the connections; a letter that must wait for its domain lets others pass;
letters to one address go one after the other, in the order in which they came, so that a welcome is there before the
confirmation; the next one about the same ticket only when what became of the one before is on disk; bounded, because only
as many letters are claimed as there is `room`. Safe between threads.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable

from mailgate.store.outbox import Claimed

_LETTERS_PER_CONNECTION = 16


class Line:
    """`connections` take from it; `per_domain` of them at once may send to one domain."""

    def __init__(self, connections: int, per_domain: int) -> None:
        self.connections = connections
        self.per_domain = per_domain
        self._changed = threading.Condition()
        self._waiting: dict[int, Claimed] = {}
        self._sending: dict[int, Claimed] = {}
        self._busy: Counter[str] = Counter()
        self._written_to: set[str] = set()
        self._unsettled: set[tuple[int, str]] = set()
        self._filled = 0
        self._closed = False

    def room(self) -> int:
        """How many more letters may wait here."""
        return max(0, self.connections * _LETTERS_PER_CONNECTION - len(self._waiting))

    def is_low(self) -> bool:
        """Whether half of what was put here last has gone: claiming many at once costs as much as claiming one."""
        return len(self._waiting) <= self._filled // 2

    @property
    def share(self) -> int:
        """How many letters to one domain may wait here, so that a slow domain leaves room for the others."""
        return self.connections * _LETTERS_PER_CONNECTION // 2

    def in_hand(self) -> Counter[str]:
        """How many letters wait here, by domain."""
        with self._changed:
            return Counter(name for letter in self._waiting.values() for name in domains(letter))

    def put(self, letters: Iterable[Claimed]) -> None:
        with self._changed:
            self._waiting.update((letter.id, letter) for letter in letters)
            self._filled = len(self._waiting)
            self._changed.notify_all()

    def take(self, seconds: float) -> Claimed | None:
        """The next letter, or None after `seconds` or at the end; the taker says `done` afterwards."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._next() is not None, seconds)
            letter = None if self._closed else self._next()
            if letter is not None:
                del self._waiting[letter.id]
                self._sending[letter.id] = letter
                self._busy.update(domains(letter))
                self._written_to |= addresses(letter)
                self._unsettled |= told(letter)
            return letter

    def done(self, letter: Claimed) -> None:
        """The letter is off the connection. It stays `held` until it is `forgotten`."""
        with self._changed:
            self._busy.subtract(domains(letter))
            self._busy += Counter()
            self._written_to -= addresses(letter)
            self._changed.notify_all()

    def forget(self, letter: Claimed) -> None:
        """What became of the letter is on disk; now the next one about its ticket may go to its readers."""
        with self._changed:
            if self._sending.pop(letter.id, None) is not None:
                self._unsettled -= told(letter)
                self._changed.notify_all()

    def empty(self) -> list[Claimed]:
        """Takes out all that wait, to be given back."""
        with self._changed:
            waiting = list(self._waiting.values())
            self._waiting.clear()
            return waiting

    def held(self) -> list[int]:
        """The ids of all letters that are claimed here."""
        with self._changed:
            return [*self._waiting, *self._sending]

    def __len__(self) -> int:
        return len(self._waiting)

    def close(self) -> None:
        """Every taker gets None from now on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        return self._closed

    def _next(self) -> Claimed | None:
        not_yet = set(self._written_to)
        for letter in self._waiting.values():
            readers = addresses(letter)
            may_go = not_yet.isdisjoint(readers) and self._unsettled.isdisjoint(told(letter))
            if may_go and all(self._busy[name] < self.per_domain for name in domains(letter)):
                return letter
            not_yet |= readers
        return None


def addresses(letter: Claimed) -> set[str]:
    """The recipients that still wait."""
    return {address.lower() for address in letter.recipients}


def told(letter: Claimed) -> set[tuple[int, str]]:
    """Who is told about which ticket."""
    return {(letter.ticket_id, address) for address in addresses(letter)} if letter.ticket_id is not None else set()


def domains(letter: Claimed) -> set[str]:
    """The domains of the recipients that still wait."""
    return {address.rpartition("@")[2].lower() for address in letter.recipients}
