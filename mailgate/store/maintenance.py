"""Looking after the database: is it whole, how large is it, can it be smaller.

Takes a store; gives findings and numbers. Promises: checking changes nothing and needs no rest of the daemon; blobs are
read one by one, in bounded memory.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mailgate.errors import MailgateError
from mailgate.store.engine import as_house_error, connect
from mailgate.store.migrations import SCHEMA_VERSION

if TYPE_CHECKING:
    from mailgate.store import Store

_MOST_FAULTS = 100
_COUNTED = (
    "person", "company", "category", "ticket", "entry", "attachment", "article", "message", "event", "outbox", "blob",
)  # fmt: skip


def check(store: Store, deep: bool = False, progress: Callable[[int, int], None] | None = None) -> list[str]:
    """Faults as sentences, at most a hundred: SQLite's own check, references, and large blobs by existence and size.

    `deep` reads and hashes every blob too. Raises TemporaryError.
    """
    faults: list[str] = []
    with store.read() as db:
        for row in db.all(f"PRAGMA integrity_check({_MOST_FAULTS})"):
            if row[0] != "ok":
                faults.append(f"database: {row[0]}")
        for row in db.all("PRAGMA foreign_key_check"):
            faults.append(f"{row[0]} row {row[1]} refers to a row of {row[2]} that is not there")
        total = int(db.value("SELECT COUNT(*) FROM blob"))
        for number, row in enumerate(db.each("SELECT sha256, size, packing FROM blob"), 1):
            fault = _blob_fault(store, row["sha256"], row["size"], row["packing"], deep)
            if fault:
                faults.append(fault)
            if progress is not None and (number % 100 == 0 or number == total):
                progress(number, total)
            if len(faults) >= _MOST_FAULTS:
                break
    return faults


def _blob_fault(store: Store, sha256: str, size: int, packing: str, deep: bool) -> str:
    if packing == "file" and not deep:
        path = store.blobs.folder / sha256[:2] / sha256[2:]
        if not path.is_file():
            return f"blob {sha256[:12]}…: the file is missing"
        actual = path.stat().st_size
        return "" if actual == size else f"blob {sha256[:12]}…: {actual} bytes instead of {size}"
    if not deep:
        return ""
    try:
        with store.read() as db:
            data = store.blobs.get(db, sha256)
    except (MailgateError, ValueError, EOFError) as error:
        return f"blob {sha256[:12]}…: {error}"
    except Exception as error:  # noqa: BLE001 - zstd's own error has no common ancestor in all versions
        return f"blob {sha256[:12]}…: cannot be unpacked ({error})"
    return "" if hashlib.sha256(data).hexdigest() == sha256 else f"blob {sha256[:12]}…: the bytes have changed"


def vacuum(store: Store) -> tuple[int, int]:
    """Gives free pages back to the disk; sizes in bytes before and after. Raises TemporaryError where it is in use."""
    before = store.path.stat().st_size
    connection = connect(store.path)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA optimize")
    except sqlite3.Error as error:
        raise as_house_error(error) from error
    finally:
        connection.close()
    return before, store.path.stat().st_size


def stats(store: Store) -> dict[str, Any]:
    """Rows of the main tables, sizes in bytes, and the schema's version."""
    with store.read() as db:
        rows = {name: int(db.value(f"SELECT COUNT(*) FROM {name}")) for name in _COUNTED}
        files = db.one("SELECT COUNT(*) AS n, COALESCE(SUM(size), 0) AS bytes FROM blob WHERE packing = 'file'")
        page, pages, free = (int(db.value(f"PRAGMA {name}")) for name in ("page_size", "page_count", "freelist_count"))
    assert files is not None  # an aggregate always has a row
    wal = store.path.with_name(f"{store.path.name}-wal")
    return {
        "schema": SCHEMA_VERSION,
        "rows": rows,
        "database_bytes": page * pages,
        "free_bytes_inside": page * free,
        "log_bytes": wal.stat().st_size if wal.exists() else 0,
        "large_blobs": files["n"],
        "large_blob_bytes": files["bytes"],
        "free_disk_bytes": store.blobs.free_bytes(),
    }
