"""The schema and its changes, through sqlite-utils' migrations; forwards only, after a backup.

Takes the path of a database; gives one that has the current schema. Promises: an up-to-date database is recognised by
one pragma, without importing sqlite-utils; an older one is copied to `*.before-VERSION` before it is changed; a newer one is
refused with a sentence.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from mailgate.errors import PermanentError, TemporaryError
from mailgate.store.engine import as_house_error, connect
from mailgate.store.schema import ARTICLES, FIELD_KEYS, FULL_TEXT, TABLES

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

SCHEMA_VERSION = 3


def ensure_schema(path: Path) -> bool:
    """Creates or upgrades the database; True where there was none.

    Raises PermanentError where it is newer than this program, TemporaryError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    existed = path.exists()
    connection = connect(path)
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version == SCHEMA_VERSION:
            return False
        if version > SCHEMA_VERSION:
            raise PermanentError(
                f"{path} was written by a newer mailgate (schema {version}, this program knows {SCHEMA_VERSION}). "
                "Install that version again, or restore the backup that was made before the upgrade."
            )
        if not existed:
            path.chmod(0o600)
        _migrate(connection, path)
        return not existed
    except sqlite3.Error as error:
        raise as_house_error(error) from error
    finally:
        connection.close()


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    from sqlite_utils import Database

    connection.execute("BEGIN IMMEDIATE")  # two processes at the first start: the second one waits and finds it done
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version == SCHEMA_VERSION:
            connection.execute("COMMIT")
            return
        if version:  # in the lock, so that nobody can copy what another process has changed already
            _backup(path, path.with_name(f"{path.name}.before-{SCHEMA_VERSION}"))
        database = Database(connection, execute_plugins=False)
        _migrations().apply(database)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _backup(path: Path, target: Path) -> None:
    """Copies the database as it is on disk; a copy that was not finished never bears the name of one that was."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        source, copy = connect(path), sqlite3.connect(unfinished)
        try:
            source.backup(copy)
        finally:
            copy.close()
            source.close()
        unfinished.chmod(0o600)
        unfinished.replace(target)
    except OSError as error:
        raise TemporaryError(
            f"The database cannot be copied before it is upgraded: {error}. Look at its folder."
        ) from error


def _migrations() -> Migrations:
    from sqlite_utils import Migrations

    migrations = Migrations("mailgate")

    @migrations()
    def m001_the_house(db: Database) -> None:
        for statement in (*TABLES, *FULL_TEXT):
            db.execute(statement)

    @migrations()
    def m002_articles(db: Database) -> None:
        for statement in ARTICLES:
            db.execute(statement)

    @migrations()
    def m003_field_keys(db: Database) -> None:
        from mailgate.store.fields import key

        for statement in FIELD_KEYS:
            db.execute(statement)
        sql = "SELECT v.ticket_id, v.field_id, f.kind, v.value FROM field_value v JOIN field f ON f.id = v.field_id"
        for ticket_id, field_id, kind, value in db.execute(sql).fetchall():
            db.execute(
                "UPDATE field_value SET key = ? WHERE ticket_id = ? AND field_id = ?",
                [key(kind, value), ticket_id, field_id],
            )

    return migrations
