"""What a protocol must offer so that an account can be polled, and the errors that it may raise.

Takes nothing; gives the `Fetcher` protocol, the plain data that passes between it and the poller, and its exceptions.
Promises that every fetcher keeps: nothing on the server changes but by `settle`; every network operation ends within
the account's time limit; memory does not grow with the mailbox or with what a server claims; messages come oldest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from mailgate.errors import TemporaryError
from mailgate.store.blobs import StoredBlob

Cursor = Mapping[str, Any]
Secret = Callable[[], str]
Waited = Literal["news", "woken", "timeout", "lost"]


class AccountError(TemporaryError):
    """The account could not be polled: connection, TLS, login, token or protocol. It counts on the failure counter.

    The text is a sentence for the administrator that says what to look at; it never holds a secret.
    """


class TokenRefusedError(AccountError):
    """The server did not take the access token: the next one must not come from a cache."""


class Interrupted(Exception):
    """The session died at one message; the poller opens a new one and leaves that message for last."""

    def __init__(self, item: Item, cause: AccountError) -> None:
        super().__init__(str(cause))
        self.item = item
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Item:
    """One message on the server: `key` is its identity in the ledger, `name` how a person finds it ("UID 12").

    `ref` is the protocol's own handle; `size` in bytes as the server claims it, None where it did not say.
    """

    key: bytes
    name: str
    ref: Any
    size: int | None = None


@dataclass(slots=True)
class Fetched:
    """A message that came over the network: `raw` or `blob` (already on disk), or why it did not come (`error`).

    `received_at` is when the server received it (epoch seconds), where it says so.
    """

    item: Item
    raw: bytes | None = None
    blob: StoredBlob | None = None
    received_at: float | None = None
    error: str | None = None

    @property
    def size(self) -> int:
        return self.blob.size if self.blob else len(self.raw or b"")


@dataclass(frozen=True, slots=True)
class Gone:
    """Identities that the ledger's memory may forget, because the server has them no more.

    `below` is a range of keys (from, up to); `all_but` the only keys of the source that are still there. Forgetting
    keeps the memory small, and for POP3 it is a must: some servers give the UIDL of a deleted message to a new one.
    """

    below: tuple[bytes, bytes] | None = None
    all_but: frozenset[bytes] | None = None


class Wake(Protocol):
    """What a waiting fetcher can be woken by."""

    def fileno(self) -> int:
        """Readable while the wake-up is set."""

    def wait(self, seconds: float) -> bool:
        """Waits for the wake-up, at most `seconds`; True where it came."""


class Fetcher(Protocol):
    """One account's connection. All methods but `abort` are called by one thread, the poller's."""

    def open(self) -> None:
        """Connects and logs in, or refreshes a connection that was kept. Raises AccountError."""

    def pending(self, cursor: Cursor) -> Iterator[list[Item]]:
        """Batches of what may need fetching, oldest first, each small enough for memory and for one round trip."""

    def fetch(self, items: Sequence[Item]) -> Iterator[Fetched]:
        """The messages, one after the other. Raises Interrupted where the session dies at one of them."""

    def settle(self, items: Sequence[Item]) -> None:
        """Deletes, marks or moves messages that are on disk here. Repeating it does no harm. Raises AccountError."""

    def advance(self, cursor: Cursor, batch: Sequence[Item], left: Sequence[Item]) -> Cursor:
        """The cursor after a batch of which `left` could not be had yet; unchanged where the protocol needs none."""

    def finish(self) -> Gone:
        """Commits what was settled, after everything pending was seen. Says what may be forgotten."""

    def wait(self, seconds: float, wake: Wake) -> Waited:
        """Waits for news, a wake-up or the time's end; "lost" where the connection was lost meanwhile."""

    def close(self) -> None:
        """Ends the connection; never raises."""

    def abort(self) -> None:
        """Cuts the connection from another thread, so that whatever waits for the network ends at once."""

    def test(self) -> list[str]:
        """Connects, logs in, looks, changes nothing; gives sentences. Raises AccountError in plain words."""


def batches(items: Iterable[Item], most: int, most_bytes: int) -> Iterator[list[Item]]:
    """Items in groups of a bounded number and claimed size, as they come."""
    batch: list[Item] = []
    size = 0
    for item in items:
        if batch and (len(batch) >= most or size + (item.size or 0) > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += item.size or 0
    if batch:
        yield batch
