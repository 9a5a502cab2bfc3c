"""The schema and its changes, through sqlite-utils' migrations; forwards only, after a backup.

Takes the path of a database; gives one that has the current schema. Promises: an up-to-date database is recognised by
one pragma, without importing sqlite-utils; an older one is copied to `*.before-VERSION` before it is changed; a newer one is
refused with a sentence.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from mailgate.errors import PermanentError
from mailgate.store.engine import as_house_error, connect
from mailgate.store.schema import FULL_TEXT, TABLES

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

SCHEMA_VERSION = 1


def ensure_schema(path: Path) -> None:
    """Creates or upgrades the database. Raises PermanentError where it is newer than this program, TemporaryError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    existed = path.exists()
    connection = connect(path)
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version == SCHEMA_VERSION:
            return
        if version > SCHEMA_VERSION:
            raise PermanentError(
                f"{path} was written by a newer mailgate (schema {version}, this program knows {SCHEMA_VERSION}). "
                "Install that version again, or restore the backup that was made before the upgrade."
            )
        if not existed:
            path.chmod(0o600)
        if version:
            _backup(connection, path.with_name(f"{path.name}.before-{SCHEMA_VERSION}"))
        _migrate(connection)
    except sqlite3.Error as error:
        raise as_house_error(error) from error
    finally:
        connection.close()


def _backup(connection: sqlite3.Connection, target: Path) -> None:
    copy = sqlite3.connect(target)
    with copy:
        connection.backup(copy)
    copy.close()
    target.chmod(0o600)


def _migrate(connection: sqlite3.Connection) -> None:
    from sqlite_utils import Database

    connection.execute("BEGIN IMMEDIATE")  # two processes at the first start: the second one waits and finds it done
    try:
        if int(connection.execute("PRAGMA user_version").fetchone()[0]) == SCHEMA_VERSION:
            connection.execute("COMMIT")
            return
        database = Database(connection, execute_plugins=False)
        _migrations().apply(database)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _migrations() -> Migrations:
    from sqlite_utils import Migrations

    migrations = Migrations("mailgate")

    @migrations()
    def m001_the_house(db: Database) -> None:
        for statement in (*TABLES, *FULL_TEXT):
            db.execute(statement)

    return migrations
