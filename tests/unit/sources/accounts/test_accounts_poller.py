"""The failure counter, the waits, the two passes and trouble with single messages, on a fetcher in memory."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailgate import clock
from mailgate.config.schema import Account
from mailgate.sources.accounts.fetcher import AccountError, Cursor, Fetched, Gone, Item, Waited, Wake
from mailgate.sources.accounts.poller import Poller
from mailgate.sources.accounts.supervisor import Supervisor
from mailgate.store import Store, accounts


class Box:
    """A mailbox in memory and a fetcher of it: what a test sets to fail, fails."""

    def __init__(self, *messages: bytes) -> None:
        self.messages = dict(enumerate(messages, 1))
        self.broken: str | None = None
        self.settle_fails = False
        self.opened = 0
        self.closed = 0
        self.bodies = 0
        self.at_fetch: Callable[[], object] = lambda: None
        self.at_settle: Callable[[Sequence[Item]], object] = lambda items: None

    def open(self) -> None:
        self.opened += 1
        if self.broken:
            raise AccountError(self.broken)

    def pending(self, _cursor: Cursor) -> Iterator[list[Item]]:
        uids = sorted(self.messages)
        for start in range(0, len(uids), 2):
            yield [Item(b"key%d" % u, f"UID {u}", u, len(self.messages[u])) for u in uids[start : start + 2]]

    def fetch(self, items: Sequence[Item]) -> Iterator[Fetched]:
        for item in items:
            self.bodies += 1
            self.at_fetch()
            yield Fetched(item, raw=self.messages[item.ref])

    def settle(self, items: Sequence[Item]) -> None:
        if self.settle_fails:
            raise AccountError("The server fell over.")
        self.at_settle(items)
        for item in items:
            del self.messages[item.ref]

    def advance(self, cursor: Cursor, batch: Sequence[Item], left: Sequence[Item]) -> Cursor:
        return cursor

    def finish(self) -> Gone:
        return Gone()

    def wait(self, seconds: float, wake: Wake) -> Waited:
        return "woken" if wake.wait(seconds) else "timeout"

    def close(self) -> None:
        self.closed += 1

    def abort(self) -> None:
        self.broken = "cut"

    def test(self) -> list[str]:
        return []


class EvenDice(random.Random):
    """No jitter."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path)
    yield opened
    opened.close()


def _account(**settings: Any) -> Account:
    return Account(name="post", protocol="imap", host="mail.example", username="u", password="p", **settings)


def _poller(box: Box, store: Store, dice: random.Random | None = None, **settings: Any) -> Poller:
    return Poller(_account(**settings), lambda: box, store, None, dice or EvenDice())


def _state(store: Store) -> accounts.AccountState:
    with store.read() as db:
        return accounts.state(db, "post")


def _ledger(store: Store) -> int:
    with store.read() as db:
        return int(db.value("SELECT COUNT(*) FROM message"))


def _events(store: Store) -> list[str]:
    with store.read() as db:
        return [row["kind"] for row in db.all("SELECT kind FROM event")]


def test_the_wait_doubles_and_the_fifth_failure_disables(store: Store) -> None:
    box = Box(b"one")
    box.broken = "No answer."
    poller = _poller(box, store)
    assert [poller.turn() for _ in range(4)] == [300, 600, 1200, 2400]
    assert poller.turn() == 3600
    state = _state(store)
    assert (state.enabled, state.failures, state.last_error) == (False, 5, "No answer.")
    assert _events(store) == ["AccountDisabled"]
    poller.turn()
    assert box.opened == 5


def test_the_wait_has_a_cap_and_jitter(store: Store) -> None:
    box = Box()
    box.broken = "No answer."
    waits = [_poller(box, store, random.Random(n), disable_after=100).turn() for n in range(20)]
    assert all(0.8 * 3600 <= wait <= 1.2 * 3600 for wait in waits[5:])
    assert len(set(waits[5:])) > 1


def test_a_poll_that_works_sets_the_counter_back(store: Store) -> None:
    box = Box()
    poller = _poller(box, store)
    box.broken = "No answer."
    for _ in range(4):
        poller.turn()
    box.broken = None
    poller.turn()
    assert _state(store).failures == 0
    box.broken = "No answer."
    poller.turn()
    assert (_state(store).enabled, _state(store).failures) == (True, 1)


def test_counter_and_wait_outlive_a_restart(store: Store) -> None:
    box = Box()
    box.broken = "No answer."
    with clock.frozen(1_000_000.0) as advance:
        for _ in range(3):
            _poller(box, store).turn()
        again = _poller(box, store)
        assert again._first_wait() == 1200
        advance(500)
        assert again._first_wait() == 700
        advance(1000)
        assert again._first_wait() == 0
        store.write(lambda tx: accounts.request_poll(tx, "post"))
        assert again._first_wait() == 0
    assert _state(store).failures == 3


def test_reenable_after_gives_one_try_and_no_second_mail(store: Store) -> None:
    box = Box(b"one")
    box.broken = "No answer."
    with clock.frozen(1_000_000.0) as advance:
        poller = _poller(box, store, reenable_after=timedelta(hours=2))
        for _ in range(5):
            poller.turn()
        assert poller.turn() == 7200
        advance(7200)
        assert poller.turn() == 7200
        assert (_state(store).enabled, box.opened) == (False, 6)
        assert _events(store) == ["AccountDisabled"]
        advance(7200)
        box.broken = None
        poller.turn()
    assert (_state(store).enabled, _state(store).failures, _state(store).fetched_total) == (True, 0, 1)


def test_enable_announces_again_and_a_person_who_disables_is_not_told(store: Store) -> None:
    box = Box()
    box.broken = "No answer."
    poller = _poller(box, store, disable_after=1)
    poller.turn()
    assert store.write(lambda tx: accounts.enable(tx, "post")) is True
    assert _state(store).poll_requested
    poller.turn()
    assert _events(store) == ["AccountDisabled"] * 2
    store.write(lambda tx: accounts.enable(tx, "post"))
    assert store.write(lambda tx: accounts.disable(tx, "post", clock.now())) is True
    poller.turn()
    assert (_state(store).enabled, len(_events(store))) == (False, 2)


def test_nothing_is_settled_before_it_is_accepted(store: Store) -> None:
    box = Box(*(b"%d" % n for n in range(7)))
    settled: list[bytes] = []

    def look(items: Sequence[Item]) -> None:
        keys = [item.key for item in items]
        assert store.spool.known("imap:post", keys) == set(keys)
        settled.extend(keys)

    box.at_settle = look
    _poller(box, store).turn()
    assert _state(store).last_error is None
    assert (_ledger(store), len(settled), box.messages) == (7, 7, {})


def test_what_was_accepted_and_not_settled_is_known_at_the_next_poll(store: Store) -> None:
    box = Box(b"one", b"two")
    box.settle_fails = True
    _poller(box, store).turn()
    assert (_ledger(store), len(box.messages), _state(store).failures) == (2, 2, 1)
    assert _state(store).fetched_total == 2
    box.settle_fails = False
    _poller(box, store).turn()
    assert (_ledger(store), box.messages, box.bodies, _state(store).fetched_total) == (2, {}, 2, 2)
    assert _state(store).failures == 0


def test_a_full_database_settles_nothing_and_counts_nothing(store: Store) -> None:
    box = Box(b"x" * 200, random.Random(1).randbytes(100_000))
    poller = _poller(box, store)
    pages = store.write(lambda tx: tx.value("PRAGMA page_count"))
    store.write(lambda tx: tx.value(f"PRAGMA max_page_count = {pages + 2}"))
    assert poller.turn() == 30
    assert len(box.messages) == 2
    assert _state(store).failures == 0
    store.write(lambda tx: tx.value("PRAGMA max_page_count = 1000000"))
    poller.turn()
    assert (_ledger(store), box.messages, _state(store).last_error) == (2, {}, None)


def test_too_little_free_disk_leaves_mail_on_the_server(tmp_path: Path) -> None:
    store = Store.open(tmp_path, min_free=1 << 60)
    box = Box(b"one")
    _poller(box, store).turn()
    assert (len(box.messages), _ledger(store), _state(store).failures) == (1, 0, 0)
    assert "nearly full" in (_state(store).last_error or "")
    store.close()


def test_one_message_that_cannot_be_stored_blocks_nothing(store: Store) -> None:
    box = Box(b"one", b"poisonous", b"three")
    store.write(
        lambda tx: tx.run(
            "CREATE TRIGGER poison BEFORE INSERT ON message WHEN NEW.size = 9"
            " BEGIN SELECT RAISE(ABORT, 'this one is poison'); END"
        )
    )
    poller = _poller(box, store, poll_interval=timedelta(0))
    for _ in range(3):
        poller.turn()
    state = _state(store)
    assert (_ledger(store), list(box.messages), state.failures) == (2, [2], 0)
    assert "message UID 2: it could not be stored" in (state.last_error or "")
    store.write(lambda tx: tx.run("DROP TRIGGER poison"))
    poller.turn()
    assert (_ledger(store), box.messages, _state(store).last_error) == (3, {}, None)


def test_a_message_in_trouble_rests_longer_each_time(store: Store) -> None:
    box = Box(b"poisonous")
    store.write(
        lambda tx: tx.run("CREATE TRIGGER poison BEFORE INSERT ON message BEGIN SELECT RAISE(ABORT, 'poison'); END")
    )
    poller = _poller(box, store)
    with clock.frozen(1_000_000.0) as advance:
        tried = []
        for _ in range(12):
            poller.turn()
            tried.append(box.bodies)
            advance(300)
    assert tried == [1, 2, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5]


def test_an_unknown_error_counts_and_says_so(store: Store) -> None:
    box = Box(b"one")

    def stumble() -> None:
        raise RuntimeError("surprise")

    box.at_fetch = stumble
    _poller(box, store).turn()
    assert _state(store).failures == 1
    assert "surprise" in (_state(store).last_error or "")


def test_stop_in_the_middle_loses_nothing(store: Store) -> None:
    box = Box(b"one", b"two", b"three")
    poller = _poller(box, store)
    box.at_fetch = poller.stop
    poller.run()
    assert len(box.messages) + _ledger(store) >= 3
    assert _state(store).failures == 0
    box.at_fetch = lambda: None
    _poller(box, store).turn()
    assert (_ledger(store), box.messages) == (3, {})


def test_a_server_that_keeps_announcing_nothing_is_not_listened_to(store: Store) -> None:
    box = Box()
    told: list[str] = []

    def wait(seconds: float, wake: Wake) -> Waited:
        if box.closed == 1:  # the poller gave up listening
            poller.stop()
            return "timeout"
        told.append("news")
        assert len(told) < 50
        return "news"

    box.wait = wait  # type: ignore[method-assign]
    poller = _poller(box, store)
    poller.run()
    assert len(told) == 3


def test_supervisor_reloads_only_what_changed(store: Store) -> None:
    boxes: dict[str, Box] = {}

    def make(account: Account) -> Box:
        boxes[account.name] = Box(b"one")
        return boxes[account.name]

    def named(name: str, **settings: Any) -> Account:
        return Account(name=name, protocol="imap", host="h", username="u", password="p", **settings)

    supervisor = Supervisor(store, make)
    supervisor.start([named("a"), named("b"), named("c", disabled=True)])
    threads = {name: thread for name, (_, thread) in supervisor._running.items()}
    assert set(threads) == {"a", "b"}
    supervisor.reload([named("a"), named("b", folder="Other"), named("c")])
    now = {name: thread for name, (_, thread) in supervisor._running.items()}
    assert now["a"] is threads["a"]
    assert now["b"] is not threads["b"]
    assert not threads["b"].is_alive()
    assert supervisor.poll_now("c") is True
    assert supervisor.poll_now("nobody") is False
    supervisor.reload([])
    assert not supervisor._running
    supervisor.stop()


def test_the_memory_of_seen_messages_is_asked_by_index_and_can_be_given_up(store: Store) -> None:
    import sqlite3

    source = "imap:post"
    store.spool.known(source, [b"x"])
    with sqlite3.connect(store.path) as raw:
        raw.execute("INSERT INTO source (id, name) VALUES (1, ?)", (source,))
        raw.executemany(
            "INSERT INTO seen (source_id, key, message) VALUES (1, ?, ?)",
            ((b"folder01" + n.to_bytes(4, "big"), n) for n in range(1, 200_001)),
        )
    raw.close()
    keys = [b"folder01" + n.to_bytes(4, "big") for n in range(150_000, 250_000, 100)]
    with store.read() as db:
        plan = db.one("EXPLAIN QUERY PLAN SELECT 1 FROM seen WHERE source_id = 1 AND key = x'00'")
    assert plan is not None
    assert "SEARCH" in plan["detail"]  # an index look-up, whatever the number
    assert len(store.spool.known(source, keys)) == 501
    low, high = b"folder01" + bytes(4), b"folder01" + (190_000).to_bytes(4, "big")
    with store.read() as db:
        below = accounts.known_keys(db, source, low, high)
        others = accounts.absent(db, source, {keys[400], *below})
    assert (len(below), len(others)) == (189_999, 10_000)
    store.spool.forget_known(source, below + others)
    assert store.spool.known(source, keys) == {keys[400]}
