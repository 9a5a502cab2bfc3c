"""Listing a folder of a server that sorts by time of receipt: oldest first, in pages, while messages leave it.

Takes a way to ask for one page; gives batches of items, the cursor and what may be forgotten. EWS and Graph have
neither numbers that only grow nor pages that stand still: a page is asked for by "not older than the last one seen", so
that deleting, moving and arriving in between hides nothing. Promises: memory is bounded; a server that does not sort,
or never ends, is an error; where messages stay on the server, a poll lists what is new, and once a day everything (a
message that somebody moved in may carry an old time).
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mailgate import clock
from mailgate.config.schema import Account
from mailgate.sources.accounts.fetcher import AccountError, Cursor, Gone, Item, Waited, Wake

PAGE = 200
_OVERLAP = 3600.0
_FULL_EVERY = 86400.0
_MOST_OF_ONE_SECOND = 1_000_000
_MOST_BARREN = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in a list: the server's id, the whole second it was received (epoch), its size and version if told."""

    id: str
    at: float | None
    size: int | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list, sorted by time; `more` where the server has further ones behind it."""

    entries: Sequence[Entry]
    more: bool


AskPage = Callable[[float | None, int], Page]
"""Asks for the messages received at or after an epoch time (None: all), leaving out a number of them."""


class Listing:
    """What a fetcher has to remember over its polls of one folder."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._stays = account.after_fetch in ("keep", "mark_read")
        self._listed: set[bytes] = set()
        self._full_since: float | None = None
        self._complete = False
        self._held: float | None = None
        self._passed_over = False

    def batches(self, cursor: Cursor, ask: AskPage) -> Iterator[list[Item]]:
        """All that may need fetching, oldest first. Raises AccountError where the server's list makes no sense."""
        self._listed = set()
        self._complete = False
        self._held = None
        self._passed_over = False
        since = self._start(cursor)
        for batch in self._walk(since, ask):
            items = [_item(entry) for entry in batch]
            if not self._stays:
                self._listed.update(item.key for item in items)
            yield items

    def advance(self, cursor: Cursor, batch: Sequence[Item], left: Sequence[Item]) -> Cursor:
        """The cursor after a batch; it never passes a message that is still to be had."""
        if not self._stays or not batch:
            return cursor
        for item in left:
            at = item.ref.at or 0.0
            self._held = at if self._held is None else min(self._held, at)
        times = [item.ref.at for item in batch if item.ref.at is not None]
        if not times:
            return cursor
        place = self._place(cursor)
        since = max(times) if self._held is None else min(max(times), self._held)
        full_at = self._full_since if self._complete and self._full_since is not None else place.get("full_at")
        return {**cursor, "by_time": {"folder": self._account.folder, "since": since, "full_at": full_at}}

    def gone(self) -> Gone:
        """What the ledger may forget: ids that a complete listing did not show. What was settled in this poll is kept
        until the next one, because a list may lag behind."""
        return Gone() if self._stays or self._passed_over else Gone(all_but=frozenset(self._listed))

    def _start(self, cursor: Cursor) -> float | None:
        place = self._place(cursor)
        now = clock.now()
        full_at, since = place.get("full_at"), place.get("since")
        if self._stays and full_at is not None and since is not None and 0 <= now - full_at < _FULL_EVERY:
            self._full_since = None
            return float(since) - _OVERLAP
        self._full_since = now
        return None

    def _place(self, cursor: Cursor) -> Cursor:
        place = cursor.get("by_time", {})
        return place if place.get("folder") == self._account.folder else {}

    def _walk(self, since: float | None, ask: AskPage) -> Iterator[Sequence[Entry]]:
        at, offset, barren = since, 0, 0
        seen: set[bytes] = set()
        while True:
            page = ask(at, offset)
            fresh = [entry for entry in page.entries if _key(entry.id) not in seen]
            self._complete = not page.more
            barren = 0 if fresh else barren + 1
            self._check(page, at, barren, seen)
            last = page.entries[-1].at if page.entries else None
            here = {_key(entry.id) for entry in page.entries if entry.at == last}
            if fresh:
                yield fresh
            if not page.more:
                return
            if last is not None and last != at:
                at, offset, seen = last, 0, here
            else:  # a crowd within one second: those that stay are passed over by their number
                seen |= {_key(entry.id) for entry in page.entries}
                offset += len(page.entries) if self._stays or not fresh else 0
                self._passed_over = self._passed_over or offset > 0  # while others leave, one may be missed until later

    def _check(self, page: Page, at: float | None, barren: int, seen: set[bytes]) -> None:
        times = [entry.at for entry in page.entries if entry.at is not None]
        if times != sorted(times) or (times and at is not None and times[0] < at):
            raise AccountError("The server does not sort messages by their time, although it was asked to.")
        if barren > _MOST_BARREN or len(seen) > _MOST_OF_ONE_SECOND or (page.more and not page.entries):
            raise AccountError("The server's list of messages does not end.")


class ByTime(ABC):
    """The part of a fetcher that walks its folder by time. The rest is a `_page`, `fetch`, `settle` and `close` of its own."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._action, _, self._target = account.after_fetch.partition(":")
        self._listing = Listing(account)

    def pending(self, cursor: Cursor) -> Iterator[list[Item]]:
        """What may need fetching. Raises AccountError."""
        return self._listing.batches(cursor, self._page)

    def advance(self, cursor: Cursor, batch: Sequence[Item], left: Sequence[Item]) -> Cursor:
        """The cursor after a batch."""
        return self._listing.advance(cursor, batch, left)

    def finish(self) -> Gone:
        """What the ledger may forget."""
        return self._listing.gone()

    def wait(self, seconds: float, wake: Wake) -> Waited:
        """Waits without a connection: neither protocol can announce mail over one."""
        self.close()
        return "woken" if wake.wait(seconds) else "timeout"

    @abstractmethod
    def close(self) -> None:
        """Closes the connection."""

    @abstractmethod
    def _page(self, since: float | None, offset: int) -> Page: ...


def _item(entry: Entry) -> Item:
    when = clock.iso(entry.at) or "without a time"
    return Item(_key(entry.id), f"received {when} (id …{entry.id[-12:]})", entry, entry.size)


def _key(identity: str) -> bytes:
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).digest()[:16]
