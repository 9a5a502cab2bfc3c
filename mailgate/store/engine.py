"""Connections to SQLite and the two ways to use them: a reader that sees one moment, a writer's transaction.

Takes the path of the database, gives `Reader` and `Tx` objects with named parameters and plain rows.
Promises: WAL, `synchronous=FULL` (what is committed is on disk), foreign keys on; every failure of the disk or a busy
database comes out as TemporaryError, so that callers keep what they have and try again.
This is the only module of the house that opens SQLite; `migrations.py` wraps the same connection with sqlite-utils.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mailgate.errors import DamagedError, TemporaryError

Params = Mapping[str, Any]
Row = sqlite3.Row

_BUSY_SECONDS = 30


def connect(path: Path, read_only: bool = False) -> sqlite3.Connection:
    """A connection with the house's settings. Raises TemporaryError where the file cannot be opened."""
    mode = "ro" if read_only else "rwc"
    try:
        connection = sqlite3.connect(
            f"file:{_quote(path)}?mode={mode}",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        connection.row_factory = sqlite3.Row
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA wal_autocheckpoint=4000")
            connection.execute("PRAGMA journal_size_limit=67108864")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA cache_size=-16000")
    except sqlite3.Error as error:
        raise as_house_error(error) from error
    return connection


def _quote(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def as_house_error(error: sqlite3.Error) -> Exception:
    """Trouble of disk and locks is temporary, and so is damage: an MTA keeps its mail until it is repaired.

    Anything else is a fault of the program and stays as it is.
    """
    text = str(error)
    if isinstance(error, sqlite3.DatabaseError) and any(sign in text for sign in ("not a database", "malformed")):
        return DamagedError(
            f"The database is damaged: {text}. Stop the daemon and restore a backup: mailgate db restore PATH"
        )
    if isinstance(error, sqlite3.OperationalError) and any(
        sign in text for sign in ("full", "locked", "busy", "disk I/O", "unable to open", "readonly")
    ):
        return TemporaryError(f"The database cannot be used right now: {text}. Check disk space and permissions.")
    return error


class Reader:
    """Reads rows. Every method takes SQL with named parameters (`:name`)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def all(self, sql: str, params: Params = {}) -> list[Row]:  # noqa: B006
        """All rows."""
        return self._run(sql, params).fetchall()

    def each(self, sql: str, params: Params = {}) -> Generator[Row]:  # noqa: B006
        """Rows one by one, in bounded memory."""
        cursor = self._run(sql, params)
        try:
            for row in cursor:  # noqa: UP028 - it would close the cursor itself, of a closed connection too
                yield row
        finally:
            with suppress(sqlite3.ProgrammingError):  # the connection may have been closed before
                cursor.close()

    def one(self, sql: str, params: Params = {}) -> Row | None:  # noqa: B006
        """The first row, or None."""
        row: Row | None = self._run(sql, params).fetchone()
        return row

    def value(self, sql: str, params: Params = {}) -> Any:  # noqa: B006
        """The first column of the first row, or None."""
        row = self._run(sql, params).fetchone()
        return None if row is None else row[0]

    def _run(self, sql: str, params: Params) -> sqlite3.Cursor:
        try:
            return self.connection.execute(sql, params)
        except sqlite3.Error as error:
            raise as_house_error(error) from error


class Tx(Reader):
    """One transaction of the writer; reads see its own writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.deferred: list[Callable[[Tx], None]] = []

    def at_end(self, work: Callable[[Tx], None]) -> None:
        """Runs `work` right before the commit, once for all jobs of a group, unless this job is rolled back.

        For full text: a savepoint makes FTS5 write out what it has gathered, and each such piece has to be merged later.
        """
        self.deferred.append(work)

    def run_deferred(self) -> None:
        """Runs what was put off to the end of the transaction."""
        for work in self.deferred:
            work(self)
        self.deferred.clear()

    def run(self, sql: str, params: Params = {}) -> int:  # noqa: B006
        """Runs a statement; gives the number of rows it touched."""
        return self._run(sql, params).rowcount

    def insert(self, sql: str, params: Params = {}) -> int:  # noqa: B006
        """Runs an INSERT; gives the new id."""
        rowid = self._run(sql, params).lastrowid
        assert rowid is not None
        return rowid

    def many(self, sql: str, rows: Sequence[Params]) -> None:
        """Runs one statement for many rows."""
        try:
            self.connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise as_house_error(error) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[Tx]:
    """BEGIN IMMEDIATE … COMMIT; anything raised rolls back. A deferred BEGIN could fail after it has read."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        raise as_house_error(error) from error
    try:
        tx = Tx(connection)
        yield tx
        tx.run_deferred()
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        rollback(connection)
        raise as_house_error(error) from error
    except BaseException:
        rollback(connection)
        raise


def rollback(connection: sqlite3.Connection) -> None:
    """Ends a transaction that failed; SQLite may have ended it itself (full disk)."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
