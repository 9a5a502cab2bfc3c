"""Writes that never happen: a transaction that is always rolled back, for showing what would be.

Takes a store; `run` gives what the work gave. Promises: nothing of it stays; the writer waits only while one piece of
work runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from mailgate.store.engine import Tx, connect, rollback

if TYPE_CHECKING:
    from mailgate.store import Store

T = TypeVar("T")


class Rehearsal:
    """A connection of its own for rehearsed writes."""

    def __init__(self, store: Store) -> None:
        self._connection = connect(store.path)

    def run(self, work: Callable[[Tx], T]) -> T:
        """Runs work in a transaction and takes everything back. Raises what it raised, or TemporaryError."""
        tx = Tx(self._connection)
        tx.run("BEGIN IMMEDIATE")
        try:
            return work(tx)
        finally:
            rollback(self._connection)

    def close(self) -> None:
        self._connection.close()
