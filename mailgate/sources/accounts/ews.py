"""EWS accounts: on-premises Exchange, raw MIME, settled only after the message is on disk.

Takes an account, its password or token, the blob store; gives a `Fetcher`. Promises: messages come in groups of bounded
size, a large one alone; an answer that does not fit its request is an error, never another message's content; one that
the server cannot give (gone, damaged, not to be converted) is reported and stands in nobody's way; deleting what is
gone already is no error. Exchange gives a moved message a new id: it counts as a new one where it is moved back in.
Standards: EWS web service reference: FindItem, GetItem, DeleteItem (HardDelete), UpdateItem (message:IsRead), MoveItem
operations, MimeContent; [MS-OXWSMSG].
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from mailgate import clock
from mailgate.config.schema import Account
from mailgate.https.line import Line, TooLargeError
from mailgate.sources.accounts import ews_folders, tls
from mailgate.sources.accounts.by_time import PAGE, ByTime, Entry, Page
from mailgate.sources.accounts.ews_service import EwsService, ServerTrouble
from mailgate.sources.accounts.fetcher import (
    AccountError,
    Fetched,
    Interrupted,
    Item,
    Secret,
    batches,
)
from mailgate.store.blobs import BlobStore

_GROUP = 20
_GROUP_BYTES = 4 * 1024 * 1024
_ANSWER_ROOM = 4 * 1024 * 1024
_SETTLE_GROUP = 100


class EwsFetcher(ByTime):
    """One folder of an Exchange mailbox. See `Fetcher` for the methods."""

    def __init__(
        self,
        account: Account,
        blobs: BlobStore,
        context: ssl.SSLContext,
        secret: Secret,
        token: Callable[[], str] | None = None,
        renew: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(account)
        self._blobs = blobs
        self._line = Line(account.timeout.total_seconds(), context)
        self._service = EwsService(account, self._line, secret, token, renew)
        self._folder: Any = None
        self._target_id: Any = None

    def open(self) -> None:
        self._target_id = None
        self._folder = self._run("opening the folder", lambda ews: ews_folders.find(ews, self._account.folder))

    def fetch(self, items: Sequence[Item]) -> Iterator[Fetched]:
        for group in batches(items, _GROUP, _GROUP_BYTES):
            yield from self._fetch(group)

    def settle(self, items: Sequence[Item]) -> None:
        if self._action == "keep":
            return
        if self._action == "move" and self._target_id is None:
            self._target_id = self._run(
                "making the folder", lambda ews: ews_folders.find(ews, self._target, create=True)
            )
        for start in range(0, len(items), _SETTLE_GROUP):
            group = items[start : start + _SETTLE_GROUP]
            self._run(f"doing {self._account.after_fetch}", partial(self._settle, group))

    def close(self) -> None:
        self._service.close()

    def abort(self) -> None:
        self._service.abort()

    def test(self) -> list[str]:
        try:
            self.open()
            total, unread = self._run("looking at the folder", lambda ews: ews_folders.counts(ews, self._folder))
            names = self._run("listing folders", ews_folders.names)
            how = "a token" if self._account.oauth is not None else self._account.auth
            said = [
                f"Connected to {self._service.url}; the login with {how} was accepted.",
                f'The folder "{self._account.folder}" of {self._service.mailbox} holds {total} messages, '
                f"{unread} of them unread.",
                f"Folders: {', '.join(names[:50])}.",
            ]
            target = self._target
            if target and self._run("listing folders", lambda ews: ews_folders.look(ews, target)) is None:
                said.append(f'The folder "{target}" does not exist yet; it is made when it is needed.')
            return said
        finally:
            self.close()

    def _run(self, doing: str, work: Callable[[Any], Any]) -> Any:
        try:
            return self._service.run(doing, work)
        except ServerTrouble as trouble:
            raise trouble.cause from trouble
        except TooLargeError as error:
            raise AccountError(f"{self._service.url} broke the protocol while {doing}: {error}.") from error

    def _page(self, since: float | None, offset: int) -> Page:
        entries = self._run("listing messages", lambda ews: _list(ews, self._folder, since, offset))
        return Page(entries, len(entries) >= PAGE)

    def _fetch(self, group: Sequence[Item]) -> Iterator[Fetched]:
        alone = len(group) == 1
        limit = 2 * self._account.max_size if alone else 8 * _GROUP_BYTES  # base64, and sizes are only claims
        try:
            got = self._service.run("fetching messages", lambda ews: _mime(ews, group), limit + _ANSWER_ROOM)
        except TooLargeError:
            if alone:
                yield Fetched(group[0], error=f"it is larger than max_size ({self._account.max_size} bytes)")
                return
            got = None
        except ServerTrouble as trouble:
            if alone:
                raise Interrupted(group[0], trouble.cause) from trouble
            got = None
        if got is None:  # one of them is to blame; the others come when asked for alone
            for item in group:
                yield from self._fetch([item])
            return
        for item, content in zip(group, got, strict=True):
            yield self._fetched(item, content)

    def _fetched(self, item: Item, content: bytes | str) -> Fetched:
        if isinstance(content, str):
            return Fetched(item, error=content)
        if len(content) > self._account.max_size:
            return Fetched(item, error=f"it is larger than max_size ({self._account.max_size} bytes)")
        if len(content) > self._blobs.border:
            return Fetched(item, blob=self._blobs.write_large(content), received_at=item.ref.at)
        return Fetched(item, raw=content, received_at=item.ref.at)

    def _settle(self, group: Sequence[Item], ews: Any) -> None:
        from exchangelib import errors
        from exchangelib.items import ALL_OCCURRENCES, ALWAYS_OVERWRITE, HARD_DELETE, SAVE_ONLY, SEND_TO_NONE, Message
        from exchangelib.properties import ItemId
        from exchangelib.services import DeleteItem, MoveItem, UpdateItem

        ids = [ItemId(id=item.ref.id) for item in group]
        if self._action == "delete":
            done = DeleteItem(account=ews).call(
                items=ids,
                delete_type=HARD_DELETE,
                send_meeting_cancellations=SEND_TO_NONE,
                affected_task_occurrences=ALL_OCCURRENCES,
                suppress_read_receipts=True,
            )
        elif self._action == "mark_read":
            read = [Message(id=item.ref.id, changekey=item.ref.version or None, is_read=True) for item in group]
            done = UpdateItem(account=ews).call(
                items=[(message, ["is_read"]) for message in read],
                conflict_resolution=ALWAYS_OVERWRITE,
                message_disposition=SAVE_ONLY,
                send_meeting_invitations_or_cancellations=SEND_TO_NONE,
                suppress_read_receipts=True,
            )
        else:
            done = MoveItem(account=ews).call(items=ids, to_folder=self._target_id)
        for result in done:
            if isinstance(result, Exception) and not isinstance(result, errors.ErrorItemNotFound):
                raise result


def _list(ews: Any, folder: Any, since: float | None, offset: int) -> list[Entry]:
    """One page of FindItem, oldest first."""
    from exchangelib.fields import FieldOrder, FieldPath
    from exchangelib.items import ID_ONLY, SHALLOW, Message
    from exchangelib.services import FindItem

    received = FieldPath(field=Message.get_field_by_fieldname("datetime_received"))
    size = FieldPath(field=Message.get_field_by_fieldname("size"))
    found = FindItem(account=ews, page_size=PAGE).call(
        folders=[folder],
        additional_fields=[received, size],
        restriction=None if since is None else _Since(since),
        order_fields=[FieldOrder(field_path=received)],
        shape=ID_ONLY,
        query_string=None,
        depth=SHALLOW,
        calendar_view=None,
        max_items=PAGE,
        offset=offset,
    )
    entries = []
    for item in found:
        if isinstance(item, Exception):
            raise item
        if not isinstance(item.id, str) or not item.id or len(item.id) > 2000:
            raise AccountError("The server listed a message without an id.")
        at = item.datetime_received
        seconds = None if at is None else float(int(at.timestamp()))
        entries.append(Entry(item.id, seconds, item.size, item.changekey or ""))
    return entries


def _mime(ews: Any, group: Sequence[Item]) -> list[bytes | str]:
    """The raw messages in the order of the group, or why one did not come. Raises what is no single message's fault."""
    from exchangelib.fields import FieldPath
    from exchangelib.items import ID_ONLY, Message
    from exchangelib.properties import ItemId
    from exchangelib.services import GetItem

    mime = FieldPath(field=Message.get_field_by_fieldname("mime_content"))
    ids = [ItemId(id=item.ref.id) for item in group]
    got = list(GetItem(account=ews).call(items=ids, additional_fields=[mime], shape=ID_ONLY))
    if len(got) != len(group):
        raise AccountError("The server gave another number of messages than it was asked for.")
    contents: list[bytes | str] = []
    for item, result in zip(group, got, strict=True):
        if isinstance(result, Exception):
            words = tls.one_line(result, 120)
            contents.append(f"the server did not deliver it ({type(result).__name__}: {words})")
        elif result.id != item.ref.id:
            raise AccountError("The server gave another message than it was asked for.")
        else:
            contents.append(result.mime_content or "the server sent no content for it")
    return contents


class _Since:
    """The restriction "received at or after"."""

    def __init__(self, at: float) -> None:
        self._at = at

    def to_xml(self, version: Any) -> Any:
        from exchangelib.util import create_element

        restriction = create_element("m:Restriction")
        compare = create_element("t:IsGreaterThanOrEqualTo")
        compare.append(create_element("t:FieldURI", attrs={"FieldURI": "item:DateTimeReceived"}))
        constant = create_element("t:FieldURIOrConstant")
        constant.append(create_element("t:Constant", attrs={"Value": clock.iso(self._at)}))
        compare.append(constant)
        restriction.append(compare)
        return restriction
