"""Backup and restore: a verified copy of the database with every large blob, made while the daemon runs.

Takes a store or a data folder, and a folder for the copy (`mailgate.db` and `blobs/`); gives what was copied.
Promises: the copy is one moment of the database, proven by SQLite's own check; every blob is hashed while it is copied;
a backup that fails leaves the last good one as it was; a restore replaces the database in one step, after everything it
needs is on disk, and keeps the one that was there.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mailgate import clock
from mailgate.errors import DamagedError, PermanentError, RefusedError, TemporaryError
from mailgate.store import keys
from mailgate.store.engine import as_house_error, connect
from mailgate.store.migrations import SCHEMA_VERSION

if TYPE_CHECKING:
    from mailgate.store import Store

Progress = Callable[[int, int], None]
LAST_BACKUP = "backup_at"
"""The fact (epoch seconds) that health checks read."""

_DATABASE = "mailgate.db"
_PIECE = 1024 * 1024


@dataclass(slots=True)
class Copied:
    """What a backup or a restore copied. `faults` are sentences; a backup with faults is kept, and incomplete."""

    database_bytes: int = 0
    blobs: int = 0
    blob_bytes: int = 0
    kept_aside: Path | None = None
    faults: list[str] = field(default_factory=list)


def backup(store: Store, target: Path, progress: Progress | None = None) -> Copied:
    """Copies the installation to a folder, which is made; one that holds an older backup is brought up to date.

    Raises RefusedError where the folder holds something else, TemporaryError where the disk fails.
    """
    if target.exists() and (not target.is_dir() or (any(target.iterdir()) and not (target / _DATABASE).exists())):
        raise RefusedError(f"{target} is there and is no backup of mailgate. Name another folder.")
    draft = target / f".{_DATABASE}.new"
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove(draft)
        copied = Copied()
        with store.read() as db:
            _copy_database(db.connection, draft)
        _verify(draft, "The copy")
        kept = _copy_blobs(store.blobs.folder, target / "blobs", draft, copied, store, progress)
        _sync(draft)
        os.replace(draft, target / _DATABASE)
        _sync(target)
        _prune(target / "blobs", kept)
        copied.database_bytes = (target / _DATABASE).stat().st_size
    except OSError as error:
        _remove(draft)
        raise _disk(error) from error
    except BaseException:
        _remove(draft)
        raise
    if not copied.faults:
        store.write(lambda tx: keys.set_fact(tx, LAST_BACKUP, str(clock.now())))
    return copied


def restore(source: Path, folder: Path, progress: Progress | None = None, anyway: bool = False) -> Copied:
    """Makes the data folder what the backup was. No daemon may run; the caller holds its lock.

    What was there is kept beside it (`kept_aside`). With `anyway` a backup that lacks large blobs is taken too: `faults`
    names them. Raises RefusedError where the backup cannot be used, TemporaryError where the disk fails or another
    command uses the database.
    """
    if not (source / _DATABASE).is_file():
        raise RefusedError(f"{source} is no backup of mailgate: it holds no {_DATABASE}.")
    draft, copied = folder / f".{_DATABASE}.restoring", Copied()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove(draft)
        _copy_file(source / _DATABASE, draft)
        version = _verify(draft, f"The backup {source}")
        if version > SCHEMA_VERSION:
            raise RefusedError(f"{source} was made by a newer mailgate. Install that version first.")
        _copy_blobs(source / "blobs", folder / "blobs", draft, copied, None, progress)
        if copied.faults and not anyway:
            others = f" ({len(copied.faults) - 1} more like this)" if len(copied.faults) > 1 else ""
            raise RefusedError(
                f"The backup is not whole: {copied.faults[0]}{others} Take another one, or restore all the rest of this one"
                " with --anyway."
            )
        copied.database_bytes = draft.stat().st_size
        copied.kept_aside = _set_aside(folder)
        os.replace(draft, folder / _DATABASE)
        _sync(folder)
    except OSError as error:
        raise _disk(error) from error
    finally:
        _remove(draft)
    return copied


def _copy_database(live: sqlite3.Connection, target: Path) -> None:
    copy = connect(target)
    try:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    except sqlite3.Error as error:
        raise as_house_error(error) from error
    finally:
        copy.close()
    target.chmod(0o600)


def _verify(path: Path, what: str) -> int:
    """SQLite's own check of a database; gives its schema version. Raises PermanentError."""
    try:
        connection = connect(path)
        try:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            connection.execute("PRAGMA journal_mode=DELETE")
        finally:
            connection.close()
    except (sqlite3.Error, DamagedError) as error:
        raise PermanentError(f"{what} is damaged: {error.__cause__ or error}. Use another one.") from error
    if found != "ok":
        raise PermanentError(f"{what} is damaged: {found}. Run `mailgate db check`, or use another backup.")
    return version


def _copy_blobs(
    source: Path, target: Path, database: Path, copied: Copied, live: Store | None, progress: Progress | None
) -> set[str]:
    """Copies every large blob that a database names; gives their digests. What retention removed meanwhile goes there too."""
    connection = connect(database)
    try:
        rows = connection.execute("SELECT sha256, size FROM blob WHERE packing = 'file' ORDER BY sha256").fetchall()
        for number, (sha256, size) in enumerate(rows, 1):
            name = Path(sha256[:2]) / sha256[2:]
            there = target / name
            if not (there.exists() and there.stat().st_size == size):
                fault = _copy_blob(source / name, there, sha256)
                if fault and live is not None and _is_gone(live, sha256):
                    connection.execute("DELETE FROM blob WHERE sha256 = ?", (sha256,))
                    continue
                if fault:
                    copied.faults.append(fault)
                    continue
            copied.blobs += 1
            copied.blob_bytes += size
            if progress is not None:
                progress(number, len(rows))
        connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise as_house_error(error) from error
    finally:
        connection.close()
    return {row[0] for row in rows}


def _copy_blob(source: Path, target: Path, sha256: str) -> str:
    """Copies one blob and proves its digest; gives "" or the sentence of a fault."""
    if not source.is_file():
        return f"The bytes {sha256[:12]}… are missing in {source.parent.parent}."
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.new")
    if _copy_file(source, draft) != sha256:
        draft.unlink()
        return f"The bytes {sha256[:12]}… in {source.parent.parent} are damaged."
    os.replace(draft, target)
    _sync(target.parent)
    return ""


def _copy_file(source: Path, target: Path) -> str:
    """Copies bytes to a new file that is on disk afterwards; gives their digest."""
    digest = hashlib.sha256()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with source.open("rb") as reader, os.fdopen(descriptor, "wb") as writer:
        while piece := reader.read(_PIECE):
            digest.update(piece)
            writer.write(piece)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest()


def _is_gone(store: Store, sha256: str) -> bool:
    # A second connection: the reader of this thread may still see the moment of the copy.
    connection = connect(store.path, read_only=True)
    try:
        return connection.execute("SELECT 1 FROM blob WHERE sha256 = ?", (sha256,)).fetchone() is None
    finally:
        connection.close()


def _set_aside(folder: Path) -> Path | None:
    """Keeps the database that is there under another name, and leaves no log that could be taken for the new one's."""
    present = folder / _DATABASE
    if not present.exists():
        return None
    aside = folder / f"{_DATABASE}.before-restore-{int(clock.now())}"
    try:
        connection = connect(present)
        try:
            connection.execute("PRAGMA busy_timeout=2000")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode=DELETE")  # fails while another process has it open
        finally:
            connection.close()
        os.link(present, aside)
    except sqlite3.OperationalError as error:
        raise as_house_error(error) from error
    except (sqlite3.DatabaseError, DamagedError):  # damaged: that may be why it is restored
        os.replace(present, aside)
        for log in (f"{_DATABASE}-wal", f"{_DATABASE}-shm"):
            if (folder / log).exists():
                os.replace(folder / log, folder / log.replace(_DATABASE, aside.name))
    return aside


def _prune(blobs: Path, kept: set[str]) -> None:
    """Removes what an older backup had and this one has not."""
    for path in blobs.glob("??/*") if blobs.exists() else ():
        if path.parent.name + path.name not in kept:
            path.unlink()


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _disk(error: OSError) -> TemporaryError:
    named = f"{error.filename}: " if error.filename else ""
    return TemporaryError(f"{named}{error.strerror or error}. Check the disk's space and permissions, then try again.")
