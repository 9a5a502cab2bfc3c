"""Microsoft Graph accounts: Microsoft 365 mailboxes, raw MIME, settled only after the message is on disk.

Takes an account, its token, the blob store; gives a `Fetcher`. Promises: ids are immutable ones, so that a message keeps
its identity when somebody moves it; a large message goes to disk as it arrives; a message that Graph cannot deliver is
reported and stands in nobody's way; deleting what is gone already is no error.
Standards: Microsoft Graph REST API v1.0: list messages, get message `/$value` (MIME), move, update, delete, list
mailFolders and childFolders, create mailFolder.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from mailgate import clock
from mailgate.config.schema import Account
from mailgate.https.line import Line
from mailgate.sources.accounts import graph_folders
from mailgate.sources.accounts.by_time import PAGE, ByTime, Entry, Page
from mailgate.sources.accounts.fetcher import (
    AccountError,
    Fetched,
    Interrupted,
    Item,
)
from mailgate.sources.accounts.graph_service import GraphService, MessageTrouble, ServerTrouble
from mailgate.store.blobs import BlobStore, BlobWriter


class GraphFetcher(ByTime):
    """One folder of a Microsoft 365 mailbox. See `Fetcher` for the methods."""

    def __init__(
        self,
        account: Account,
        blobs: BlobStore,
        context: ssl.SSLContext,
        token: Callable[[], str],
        renew: Callable[[], None],
    ) -> None:
        super().__init__(account)
        self._blobs = blobs
        self._line = Line(account.timeout.total_seconds(), context)
        self._service = GraphService(account, self._line, token, renew)
        self._folder = ""
        self._target_id = ""

    def open(self) -> None:
        self._folder = graph_folders.find(self._service, self._account.folder)
        self._target_id = ""

    def fetch(self, items: Sequence[Item]) -> Iterator[Fetched]:
        for item in items:
            receiver = _Receiver(self._blobs)
            try:
                path = f"/messages/{quote(item.ref.id, safe='')}/$value"
                self._service.download(path, "fetching a message", receiver.again, self._account.max_size)
                yield receiver.fetched(item)
            except MessageTrouble as trouble:
                yield Fetched(item, error=str(trouble))
            except ServerTrouble as trouble:
                raise Interrupted(item, trouble.cause) from trouble
            finally:
                receiver.close()

    def settle(self, items: Sequence[Item]) -> None:
        if self._action == "keep":
            return
        if self._action == "move" and not self._target_id:
            self._target_id = graph_folders.find(self._service, self._target, create=True)
        for item in items:
            path = f"/messages/{quote(item.ref.id, safe='')}"
            doing = f"doing {self._account.after_fetch}"
            if self._action == "delete":
                self._service.change("DELETE", path, doing, known=(404, 410))
            elif self._action == "mark_read":
                self._service.change("PATCH", path, doing, {"isRead": True}, known=(404, 410))
            else:
                body = {"destinationId": self._target_id}
                self._service.change("POST", f"{path}/move", doing, body, known=(404, 410))

    def close(self) -> None:
        self._line.close()

    def abort(self) -> None:
        self._service.abort()

    def test(self) -> list[str]:
        try:
            self.open()
            told = self._service.get(f"/mailFolders/{quote(self._folder, safe='')}", "looking at the folder")
            names = graph_folders.names(self._service)
            said = [
                f"Connected to {self._service.base}; the token was accepted.",
                f'The folder "{self._account.folder}" of {self._account.mailbox or self._account.username} holds '
                f"{told.get('totalItemCount', '?')} messages, {told.get('unreadItemCount', '?')} of them unread.",
                f"Folders: {', '.join(names[:50])}.",
            ]
            if self._target and graph_folders.look(self._service, self._target) is None:
                said.append(f'The folder "{self._target}" does not exist yet; it is made when it is needed.')
            return said
        finally:
            self.close()

    def _page(self, since: float | None, offset: int) -> Page:
        params = {"$select": "id,receivedDateTime", "$orderby": "receivedDateTime", "$top": str(PAGE)}
        if since is not None:  # "$orderby" with "$filter" wants the same property first in both
            params["$filter"] = f"receivedDateTime ge {clock.iso(since)}"
        if offset:
            params["$skip"] = str(offset)
        entries: list[Entry] = []
        path = f"/mailFolders/{quote(self._folder, safe='')}/messages"
        for values, more in self._service.pages(path, "listing messages", params):
            entries += [_entry(value) for value in values]
            if len(entries) >= PAGE or not more:  # a page may hold fewer than asked for, and still not be the last
                return Page(entries, more)
        return Page(entries, False)


class _Receiver:
    """The bytes of one message: in memory up to the border, then on to disk."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._pieces: list[bytes] = []
        self._size = 0
        self._writer: BlobWriter | None = None

    def again(self) -> Callable[[bytes], object]:
        """Forgets what a broken try brought, and receives anew."""
        self.close()
        return self._receive

    def _receive(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._writer is not None:
            self._writer.write(piece)
            return
        self._pieces.append(piece)
        if self._size > self._blobs.border:
            self._writer = self._blobs.writer()
            for kept in self._pieces:
                self._writer.write(kept)
            self._pieces = []

    def fetched(self, item: Item) -> Fetched:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            return Fetched(item, blob=writer.commit(), received_at=item.ref.at)
        if not self._size:
            return Fetched(item, error="the server sent no content for it")
        return Fetched(item, raw=b"".join(self._pieces), received_at=item.ref.at)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.abort()
        self._writer, self._pieces, self._size = None, [], 0


def _entry(value: dict[str, Any]) -> Entry:
    identity, at = value.get("id"), value.get("receivedDateTime")
    if not isinstance(identity, str) or not identity or len(identity) > 2000:
        raise AccountError("Graph listed a message without an id.")
    return Entry(identity, _epoch(at))


def _epoch(text: object) -> float | None:
    """Graph's DateTimeOffset in whole seconds: `2026-11-25T22:15:00Z`."""
    try:
        return float(int(datetime.strptime(str(text)[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp()))
    except ValueError:
        return None
