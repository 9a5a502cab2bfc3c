"""The ledger against the server: every message there that is not here, and every one here that is still there.

Takes a fetcher, the store and the account; gives a `Reconciliation` whose gaps are sentences. Promises: nothing is
fetched, settled or written; message numbers mean what the server says now; each gap is named, none is summed up.
Raises AccountError where the account cannot be reached.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailgate.config.schema import Account
from mailgate.sources.accounts.fetcher import Fetcher, Item
from mailgate.store import Store, accounts

_UID = slice(8, 12)


@dataclass(slots=True)
class Reconciliation:
    """What the comparison found. `gaps` call for action; `notes` explain numbers that are nowhere."""

    on_server: int = 0
    accepted: int = 0
    gaps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def reconcile(fetcher: Fetcher, store: Store, account: Account) -> Reconciliation:
    """Lists the server and looks each identity up in the ledger."""
    source = f"{account.protocol}:{account.name}"
    found = Reconciliation()
    keys: list[bytes] = []
    with store.read() as db:
        troubles = accounts.state(db, account.name).troubles
    fetcher.open()
    try:
        for batch in fetcher.pending({}):
            with store.read() as db:
                queue_ids = accounts.queue_ids(db, source, [item.key for item in batch])
            found.on_server += len(batch)
            found.accepted += len(queue_ids)
            for item in batch:
                gap = _gap(item, queue_ids.get(item.key), troubles.get(item.key.hex()), account)
                if gap:
                    found.gaps.append(gap)
            keys += [item.key for item in batch]
    finally:
        fetcher.close()
    if account.protocol == "imap":
        found.notes = _holes(store, source, keys)
    return found


def _gap(item: Item, queue_id: str | None, trouble: dict[str, object] | None, account: Account) -> str | None:
    size = "" if item.size is None else f" ({item.size} bytes)"
    if queue_id is None and trouble is not None:
        return f"{item.name}{size} is only on the server: {trouble['error']}; tried {trouble['tries']} times."
    if queue_id is None:
        return f"{item.name}{size} is only on the server: the next poll fetches it."
    if account.after_fetch == "delete" or account.after_fetch.startswith("move:"):
        done = "deleted" if account.after_fetch == "delete" else "moved"
        return f"{item.name}{size} is here as {queue_id} and still on the server: the next poll has it {done}."
    return None


def _holes(store: Store, source: str, on_server: Sequence[bytes]) -> list[str]:
    """UIDs between the remembered and the listed ones that are neither: somebody removed them before a poll."""
    if not on_server:
        return []
    prefix = on_server[0][:8]
    with store.read() as db:
        known = accounts.known_keys(db, source, prefix, prefix + b"\xff" * 5)
    uids = sorted({int.from_bytes(key[_UID], "big") for key in (*known, *on_server) if key[:8] == prefix})
    return [
        f"UID {a + 1}{f' to {b - 1}' if b - a > 2 else ''} is neither here nor there: "
        "it was removed on the server before a poll, or its memory has been given up."
        for a, b in itertools.pairwise(uids)
        if b - a > 1
    ]
