"""Databases of every earlier schema, opened by this program: all that was in them is there, and a backup beside them.

Each `schema_N.sql` is what sqlite3's `.dump` gave of a database that the program of that schema had made and filled.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from mailgate.desk import Desk
from mailgate.errors import TemporaryError
from mailgate.model import EntryKind
from mailgate.store import Store, entries, events, fields, ledger, maintenance, migrations, outbox, people, tickets
from mailgate.store.migrations import SCHEMA_VERSION, ensure_schema
from mailgate.store.tickets import TicketFilter

DUMPS = sorted(Path(__file__).parent.glob("schema_*.sql"))
every_schema = pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.stem)


def old_database(dump: Path, folder: Path) -> Path:
    """The database of a dump, in write-ahead mode as mailgate leaves it."""
    folder.mkdir(parents=True)
    path = folder / "mailgate.db"
    connection = sqlite3.connect(path)
    connection.executescript(dump.read_text("utf-8"))
    connection.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return path


def version_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    connection.close()
    return found


def rows_of(path: Path) -> dict[str, list[Any]]:
    """Every row of every table that is not a full-text index's own."""
    connection = sqlite3.connect(path)
    names = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not name.startswith(("sqlite_", "_sqlite_", "search", "article"))
    ]
    found = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
    connection.close()
    return found


def backup_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.before-{SCHEMA_VERSION}")


def test_there_is_a_dump_of_every_earlier_schema() -> None:
    assert [int(path.stem.removeprefix("schema_")) for path in DUMPS] == list(range(1, SCHEMA_VERSION))


@every_schema
def test_everything_is_there_after_an_upgrade(dump: Path, tmp_path: Path) -> None:
    path = old_database(dump, tmp_path / "data")
    before = rows_of(path)
    assert len(before["ticket"]) == 2
    store = Store.open(path.parent)
    try:
        after = rows_of(path)
        same = {name: [row[: len(rows[0])] for row in after[name]] for name, rows in before.items() if rows}
        assert same == {name: rows for name, rows in before.items() if rows}
        assert maintenance.check(store, deep=True) == []
        assert maintenance.stats(store)["schema"] == SCHEMA_VERSION == version_of(path)
        _look_round(store)
        _work_on(store)
    finally:
        store.close()


def _look_round(store: Store) -> None:
    with store.read() as db:
        assert [row["id"] for row in tickets.select(db, TicketFilter(search="yazici"))] == [1]
        ticket = tickets.get(db, 1)
        assert (ticket.priority, ticket.tags, ticket.assignee_id) == ("high", ["printer"], 2)
        said = [entry.text.strip() for entry in entries.of_ticket(db, 1) if entry.kind != EntryKind.EVENT]
        assert said == ["Merhaba, yazıcı çalışmıyor.", "Is it **switched on**?", "The one in the hall.", "Evet, açık."]
        assert [found.value for found in fields.values(db, 1)] == ["HX-12"]
        assert [row["id"] for row in tickets.select(db, TicketFilter(fields=((1, "hx-12"),)))] == [1]
        assert people.named(db, "customer@example.org").name == "Carl Customer"
        letters = outbox.listed(db, "pending")
        assert b"switched on" in b"".join(store.blobs.get(db, row["raw"]) for row in letters)
        assert ledger.count(db, "waiting") == 0
        assert [event.kind for event in events.waiting(db)] == ["TicketReopened"]


def _work_on(store: Store) -> None:
    with store.read() as db:
        tess = people.named(db, "tess@help.example.com")
    entry_id = store.write(lambda tx: Desk(tx, store, tess).reply(2, "Here it is again."))
    with store.read() as db:
        assert entries.get(db, entry_id).text == "Here it is again."
        assert [row["id"] for row in tickets.select(db, TicketFilter(search="again"))] == [2]


@every_schema
def test_a_backup_lies_beside_it(dump: Path, tmp_path: Path) -> None:
    path = old_database(dump, tmp_path / "data")
    before = rows_of(path)
    ensure_schema(path)
    assert version_of(backup_of(path)) == int(dump.stem.removeprefix("schema_"))
    assert rows_of(backup_of(path)) == before
    assert backup_of(path).stat().st_mode & 0o777 == 0o600
    assert not path.with_name(f"{backup_of(path).name}.unfinished").exists()


@every_schema
def test_twice_is_once(dump: Path, tmp_path: Path) -> None:
    path = old_database(dump, tmp_path / "data")
    ensure_schema(path)
    first = backup_of(path).stat()
    whole = rows_of(path)
    ensure_schema(path)
    assert (backup_of(path).stat().st_ino, backup_of(path).stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
    assert rows_of(path) == whole


@every_schema
def test_two_processes_at_the_same_time(dump: Path, tmp_path: Path) -> None:
    path = old_database(dump, tmp_path / "data")
    before = rows_of(path)
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Event()
    workers = [spawn.Process(target=_upgrade, args=(start, path)) for _ in range(3)]
    for worker in workers:
        worker.start()
    start.set()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert version_of(path) == SCHEMA_VERSION
    assert version_of(backup_of(path)) < SCHEMA_VERSION, "the backup is of the database before the upgrade"
    assert rows_of(backup_of(path)) == before


def _upgrade(start: Any, path: Path) -> None:
    start.wait(60)
    ensure_schema(path)


@every_schema
def test_who_waited_for_the_lock_makes_no_second_backup(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process upgrades between our look at the version and our lock."""
    path = old_database(dump, tmp_path / "data")
    real = migrations._migrate

    def late(connection: sqlite3.Connection, database: Path) -> None:
        monkeypatch.setattr(migrations, "_migrate", real)
        ensure_schema(database)
        real(connection, database)

    monkeypatch.setattr(migrations, "_migrate", late)
    ensure_schema(path)
    assert version_of(backup_of(path)) < SCHEMA_VERSION


@every_schema
def test_an_upgrade_that_cannot_keep_a_backup_changes_nothing(dump: Path, tmp_path: Path) -> None:
    path = old_database(dump, tmp_path / "data")
    before = version_of(path)
    path.with_name(f"{backup_of(path).name}.unfinished").mkdir()
    with pytest.raises(TemporaryError):
        ensure_schema(path)
    assert version_of(path) == before
    assert not backup_of(path).exists()
