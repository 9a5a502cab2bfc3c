"""The installation's secret keys and its few lasting facts.

Takes a store; gives the keys that sign Message-IDs, reply addresses and links, newest first, so that keys can rotate:
the newest signs, all verify.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from mailgate import clock
from mailgate.store.engine import Reader, Tx

if TYPE_CHECKING:
    from mailgate.store import Store


def signing_keys(store: Store) -> list[bytes]:
    """All keys, newest first; the first call makes one."""
    with store.read() as db:
        found = _keys(db)
    return found or store.write(_first_key)


def installation(store: Store) -> str:
    """The lasting random name of this installation, which marks its mail; the first call makes it."""
    with store.read() as db:
        found = fact(db, "installation")
    return found or store.write(_make_installation)


def _make_installation(tx: Tx) -> str:
    if fact(tx, "installation") is None:
        set_fact(tx, "installation", secrets.token_hex(8))
    return fact(tx, "installation") or ""


def rotate(tx: Tx, keep: int = 3) -> None:
    """Makes a new key and forgets all but the newest `keep`."""
    _add_key(tx)
    tx.run(
        "DELETE FROM signing_key WHERE id NOT IN (SELECT id FROM signing_key ORDER BY id DESC LIMIT :k)", {"k": keep}
    )


def fact(db: Reader, key: str) -> str | None:
    """A lasting fact, such as the time of the last backup."""
    value: str | None = db.value("SELECT value FROM meta WHERE key = :k", {"k": key})
    return value


def set_fact(tx: Tx, key: str, value: str) -> None:
    """Writes a lasting fact."""
    tx.run(
        "INSERT INTO meta (key, value) VALUES (:k, :v) ON CONFLICT (key) DO UPDATE SET value = :v",
        {"k": key, "v": value},
    )


def _first_key(tx: Tx) -> list[bytes]:
    if not _keys(tx):
        _add_key(tx)
    return _keys(tx)


def _add_key(tx: Tx) -> None:
    sql = "INSERT INTO signing_key (secret, created_at) VALUES (:s, :at)"
    tx.insert(sql, {"s": secrets.token_hex(32), "at": clock.now()})


def _keys(db: Reader) -> list[bytes]:
    return [bytes.fromhex(row["secret"]) for row in db.all("SELECT secret FROM signing_key ORDER BY id DESC")]
