"""One poll: everything that is pending comes here, then it is settled there.

Takes a fetcher, the store, the messages in trouble; gives the number of messages fetched. Promises: accept first, settle
after the commit, batch by batch (two passes, so that a server that renumbers loses nothing); a session that dies at one
message is followed by another that leaves this message for last; what is known is settled and not fetched again.
Raises AccountError where the account is to blame, TemporaryError where the store is, Stopped on request.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Event

from mailgate import clock, log
from mailgate.config.schema import Account
from mailgate.errors import TemporaryError
from mailgate.mail.message import Envelope
from mailgate.sources.accept import accept
from mailgate.sources.accounts.fetcher import Cursor, Fetched, Fetcher, Interrupted, Item
from mailgate.sources.accounts.troubles import Troubles
from mailgate.store import Store, accounts
from mailgate.store.spool import Accepted

_IN_FLIGHT = 32 * 1024 * 1024
_BARREN = 2
_MOST_SESSIONS = 20
_log = log.get("sources.accounts")


class Stopped(Exception):
    """The daemon stops; what was accepted and not settled is recognised at the next start."""


def run_session(fetcher: Fetcher, store: Store, account: Account, troubles: Troubles, stopping: Event) -> int:
    """Fetches everything pending, over as many sessions as it takes; gives the number of messages."""
    work = _Work(fetcher, store, account, troubles, stopping)
    barren = 0
    for _ in range(_MOST_SESSIONS):
        before = work.fetched
        try:
            work.session()
        except Interrupted as lost:
            fetcher.close()
            fresh = lost.item not in troubles
            troubles.add(lost.item, f"the session ended at it ({lost.cause})")
            work.tried.add(lost.item.key)
            if work.fetched > before:
                barren = 0
            elif fresh:
                barren += 1
            if barren >= _BARREN:
                raise lost.cause from lost
        else:
            break
    return work.fetched


@dataclass(slots=True)
class _Work:
    fetcher: Fetcher
    store: Store
    account: Account
    troubles: Troubles
    stopping: Event
    fetched: int = 0
    tried: set[bytes] = field(default_factory=set)
    cursor: Cursor = field(default_factory=dict)

    @property
    def source(self) -> str:
        return f"{self.account.protocol}:{self.account.name}"

    def session(self) -> None:
        """One session over all that is pending. Raises Interrupted where it dies at a message."""
        with self.store.read() as db:
            self.cursor = accounts.state(db, self.account.name).cursor
        self.fetcher.open()
        later: list[Item] = []
        before, present = self.troubles.keys(), set[str]()
        for batch in self.fetcher.pending(self.cursor):
            self._check()
            present |= {item.key.hex() for item in batch} & before if before else set()
            self._batch(batch, later)
        for item in later:
            self._check()
            done, failed = self._take([item])
            self._settle([item], done, failed)
        gone = self.fetcher.finish()
        self.troubles.keep_only(present | (self.troubles.keys() - before))
        if gone.below is not None:
            low, high = gone.below
            self.store.write(lambda tx: accounts.forget_below(tx, self.source, low, high))
        if gone.all_but is not None:
            left = gone.all_but
            self.store.write(lambda tx: accounts.forget_all_but(tx, self.source, left))

    def _batch(self, batch: list[Item], later: list[Item]) -> None:
        if not self.store.has_room():
            raise TemporaryError("The disk is nearly full (general.min_free_disk).")
        known = self.store.spool.known(self.source, [item.key for item in batch])
        todo: list[Item] = []
        left: list[Item] = []
        for item in batch:
            if item.key in known:
                continue
            if item.size is not None and item.size > self.account.max_size:
                self.troubles.add(item, f"{item.size} bytes are more than max_size allows", at_once=True)
                left.append(item)
            elif item not in self.troubles:
                todo.append(item)
            else:
                left.append(item)
                if item.key not in self.tried and not self.troubles.resting(item):
                    later.append(item)
        done, failed = self._take(todo)
        self._settle(batch, [item for item in batch if item.key in known] + done, left + failed, len(done))

    def _settle(
        self, batch: Sequence[Item], done: Sequence[Item], left: Sequence[Item], fetched: int | None = None
    ) -> None:
        """The second pass: what is on disk here is settled there, and the cursor moves."""
        if done:
            self.fetcher.settle(done)
        cursor = self.fetcher.advance(self.cursor, batch, left)
        count = len(done) if fetched is None else fetched
        if cursor != self.cursor or count:
            self.cursor = cursor
            self.store.write(lambda tx: accounts.progress(tx, self.account.name, count, cursor))

    def _take(self, items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
        """The first pass: fetches and accepts; gives what is on disk and what could not be had."""
        if not items:
            return [], []
        accepting = _Accepting(self)
        try:
            for fetched in self.fetcher.fetch(items):
                self._check()
                accepting.add(fetched)
        except Interrupted:
            accepting.finish()  # they are on disk; the next session knows and settles them
            count = len(accepting.done)
            self.store.write(lambda tx: accounts.progress(tx, self.account.name, count, self.cursor))
            raise
        accepting.finish()
        return accepting.done, accepting.failed

    def _check(self) -> None:
        if self.stopping.is_set():
            raise Stopped


class _Accepting:
    """Messages on their way to the disk: many at once, a bounded number of bytes."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._waiting: deque[tuple[Item, int, Future[Accepted]]] = deque()
        self._bytes = 0
        self.done: list[Item] = []
        self.failed: list[Item] = []

    def add(self, fetched: Fetched) -> None:
        """Hands a message to the store, or notes why it did not come."""
        if fetched.error is not None:
            self._trouble(fetched.item, fetched.error)
            return
        at = fetched.received_at
        size = fetched.size
        future = accept(
            self._work.store,
            Envelope(""),
            self._work.source,
            fetched.blob or fetched.raw or b"",
            source_key=fetched.item.key,
            received_at=at if at is not None and 0 < at <= clock.now() else None,
        )
        self._waiting.append((fetched.item, size, future))
        self._bytes += size
        while self._bytes > _IN_FLIGHT:
            self._collect()

    def finish(self) -> None:
        """Waits until all are on disk. Raises TemporaryError where the store cannot take them."""
        while self._waiting:
            self._collect()
        if self.done:
            self._work.store.bell.ring("intake")

    def _collect(self) -> None:
        item, size, future = self._waiting.popleft()
        self._bytes -= size
        try:
            accepted = future.result()
        except TemporaryError:
            raise
        except Exception as error:  # noqa: BLE001 - one message that cannot be stored must not stop the others
            _log.error("message not accepted", account=self._work.account.name, message=item.name, exc_info=True)
            self._trouble(item, f"it could not be stored ({error})")
            return
        self.done.append(item)
        self._work.troubles.solved(item)
        if not accepted.known:
            self._work.fetched += 1
            _log.debug("accepted", account=self._work.account.name, message=item.name, queue_id=accepted.queue_id)

    def _trouble(self, item: Item, error: str) -> None:
        self._work.troubles.add(item, error)
        self.failed.append(item)
