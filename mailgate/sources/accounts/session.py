"""One poll: everything that is pending comes here, then it is settled there.

Takes a fetcher, the store, the messages in trouble; gives the number of messages fetched. Promises: accept first, settle
after the commit, batch by batch (two passes, so that a server that renumbers loses nothing; a batch is settled while the
next one is on its way to the disk); a session that dies at one message is followed by another that leaves this message
for last; what is known is settled and not fetched again.
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
from mailgate.sources.accounts.fetcher import AccountError, Cursor, Fetched, Fetcher, Gone, Interrupted, Item
from mailgate.sources.accounts.troubles import Troubles
from mailgate.store import Store, accounts
from mailgate.store.spool import Accepted

_IN_FLIGHT = 16 * 1024 * 1024
_BARREN = 2
_MOST_SESSIONS = 20
_BITE = 2000
_TELL = 5000
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
    unsettled: deque[_Batch] = field(default_factory=deque)

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
        try:
            for batch in self.fetcher.pending(self.cursor):
                present |= {item.key.hex() for item in batch} & before if before else set()
                self._first_pass(batch, later)
            for item in later:
                self._first_pass([item], None)
            self._second_pass(leave=0)
        except (Interrupted, AccountError):
            self._salvage()
            raise
        self._forget(self.fetcher.finish())
        self.troubles.keep_only(present | (self.troubles.keys() - before))

    def _first_pass(self, items: list[Item], later: list[Item] | None) -> None:
        """Fetches and hands to the store; while the store is at it, the batch before is settled.

        What is in trouble goes to `later`; where that is None, it is later now.
        """
        self._check()
        if not self.store.has_room():
            raise TemporaryError("The disk is nearly full (general.min_free_disk).")
        batch = _Batch(self, items, self.store.spool.known(self.source, [item.key for item in items]))
        self.unsettled.append(batch)
        todo = []
        for item in items:
            if item.key in batch.known:
                continue
            if item.size is not None and item.size > self.account.max_size:
                self.troubles.add(item, f"{item.size} bytes are more than max_size allows", at_once=True)
                batch.failed.append(item)
            elif later is None or item not in self.troubles:
                todo.append(item)
            else:
                batch.failed.append(item)
                if item.key not in self.tried and not self.troubles.resting(item):
                    later.append(item)
        if todo:
            for fetched in self.fetcher.fetch(todo):
                self._check()
                batch.add(fetched)
        self._second_pass(leave=1)

    def _second_pass(self, leave: int) -> None:
        """Settles what is on disk here, but for the `leave` newest batches, and moves the cursor."""
        while len(self.unsettled) > leave:
            batch = self.unsettled[0]
            self._count(batch)
            done = [item for item in batch.items if item.key in batch.known] + batch.done
            if done:
                self.fetcher.settle(done)
            self.unsettled.popleft()
            cursor = self.fetcher.advance(self.cursor, batch.items, batch.failed)
            if cursor != self.cursor:
                self.cursor = cursor
                self._progress(0)

    def _salvage(self) -> None:
        """The session is dead: what was accepted is counted; the next session knows and settles it."""
        while self.unsettled:
            self._count(self.unsettled.popleft())

    def _count(self, batch: _Batch) -> None:
        """Waits until a batch is on disk and adds it to the account's total, once."""
        batch.finish()
        if batch.done and not batch.counted:
            batch.counted = True
            self._progress(len(batch.done))
            if self.fetched // _TELL != (self.fetched - len(batch.done)) // _TELL:
                _log.info("still fetching", account=self.account.name, messages=self.fetched)

    def _forget(self, gone: Gone) -> None:
        """Gives up the memory of what the server has no more, in bites that hold up no other writer."""
        keys: list[bytes] = []
        with self.store.read() as db:
            if gone.below is not None:
                keys += accounts.known_keys(db, self.source, *gone.below)
            if gone.all_but is not None:
                keys += accounts.absent(db, self.source, gone.all_but)
        for start in range(0, len(keys), _BITE):
            self.store.spool.forget_known(self.source, keys[start : start + _BITE])

    def _progress(self, count: int) -> None:
        name, cursor = self.account.name, self.cursor
        self.store.write(lambda tx: accounts.progress(tx, name, count, cursor))

    def _check(self) -> None:
        if self.stopping.is_set():
            raise Stopped


class _Batch:
    """A batch on its way to the disk: many messages at once, a bounded number of bytes.

    `known` were accepted before; `done` are on disk now; `failed` could not be had.
    """

    def __init__(self, work: _Work, items: Sequence[Item], known: set[bytes]) -> None:
        self.items = items
        self.known = known
        self.counted = False
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
