"""The writer: one transaction for many jobs, each alone in its failure."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.errors import PermanentError, TemporaryError
from mailgate.store import Store, Tx
from mailgate.store.engine import as_house_error
from mailgate.store.migrations import SCHEMA_VERSION


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "data")
    yield store
    store.close()


def _add(tx: Tx, name: str) -> None:
    tx.run("INSERT INTO meta (key, value) VALUES (:k, '')", {"k": name})


def _names(store: Store) -> set[str]:
    with store.read() as db:
        return {row["key"] for row in db.all("SELECT key FROM meta")}


def test_a_job_that_fails_takes_no_other_with_it(store: Store) -> None:
    gate, begun = threading.Event(), threading.Event()
    store.submit(lambda tx: (begun.set(), gate.wait(30)))
    begun.wait(30)  # what follows gathers in one group

    def fail(tx: Tx) -> None:
        _add(tx, "half")
        tx.at_end(lambda end: _add(end, "half at the end"))
        raise ValueError("no")

    futures = [store.submit(lambda tx: _add(tx, "a")), store.submit(fail), store.submit(lambda tx: _add(tx, "b"))]
    gate.set()
    futures[0].result()
    futures[2].result()
    with pytest.raises(ValueError, match="no"):
        futures[1].result()
    assert _names(store) == {"a", "b"}


def test_what_is_put_off_runs_before_the_commit(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.at_end(lambda end: _add(end, "late"))
        assert tx.value("SELECT COUNT(*) FROM meta") == 0

    store.write(work)
    assert _names(store) == {"late"}


def test_many_threads_write_at_once(store: Store) -> None:
    threads = [threading.Thread(target=lambda n=n: store.write(lambda tx: _add(tx, f"{n}"))) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_names(store)) == 50


def test_two_processes_do_not_lock_each_other_out(store: Store) -> None:
    other = Store.open(store.folder)
    for number in range(30):
        (store if number % 2 else other).write(lambda tx, number=number: _add(tx, f"{number}"))
    other.close()
    assert len(_names(store)) == 30


def test_a_reader_sees_one_moment(store: Store) -> None:
    with store.read() as db:
        assert db.value("SELECT COUNT(*) FROM meta") == 0
        store.write(lambda tx: _add(tx, "later"))
        assert db.value("SELECT COUNT(*) FROM meta") == 0
    assert _names(store) == {"later"}


def test_after_close_nothing_is_taken(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data")
    store.close()
    with pytest.raises(TemporaryError):
        store.write(lambda tx: _add(tx, "x"))


@pytest.mark.parametrize("text", ["database or disk is full", "database is locked", "disk I/O error"])
def test_trouble_with_the_disk_is_temporary(text: str) -> None:
    assert isinstance(as_house_error(sqlite3.OperationalError(text)), TemporaryError)
    assert not isinstance(as_house_error(sqlite3.IntegrityError("UNIQUE constraint failed")), TemporaryError)


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data")
    store.write(lambda tx: _add(tx, "x"))
    store.close()
    connection = sqlite3.connect(store.path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(PermanentError, match="newer mailgate"):
        Store.open(tmp_path / "data")


def test_urgent_jobs_go_first_and_leave_room_for_others(store: Store) -> None:
    gate, begun = threading.Event(), threading.Event()
    order: list[str] = []
    store.submit(lambda tx: (begun.set(), gate.wait(30)))
    begun.wait(30)
    others = [store.submit(lambda tx: order.append("other")) for _ in range(100)]
    urgent = [store.submit(lambda tx: order.append("urgent"), urgent=True) for _ in range(3)]
    gate.set()
    for future in (*others, *urgent):
        future.result()
    assert order[:4] == ["urgent", "urgent", "urgent", "other"]
    assert len(order) == 103
