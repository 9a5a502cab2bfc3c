"""IMAP accounts: UIDs only, oldest first, many messages for one round trip, settled only after they are on disk.

Takes an account, its secret or token, the blob store; gives a `Fetcher`. Promises: reading sets no flag (BODY.PEEK);
what happened before is judged by UIDVALIDITY and UID, never by flags; deleting never removes what others marked as
deleted; a folder of 100,000 messages, or with gaps of millions between UIDs, is listed in windows of bounded memory.
Standards: RFC 3501 (IMAP4rev1), RFC 4315 (UIDPLUS), RFC 6851 (MOVE), RFC 2177 (IDLE).
"""

from __future__ import annotations

import contextlib
import hashlib
import imaplib
import ssl
import struct
from collections.abc import Callable, Iterator, Sequence

from mailgate import log
from mailgate.config.schema import Account
from mailgate.sources.accounts import imap_idle, tls
from mailgate.sources.accounts.dialogue import Dialogue
from mailgate.sources.accounts.fetcher import (
    AccountError,
    Cursor,
    Fetched,
    Gone,
    Interrupted,
    Item,
    Secret,
    Waited,
    Wake,
    batches,
)
from mailgate.sources.accounts.imap_session import SERVER_ERRORS, Session, connect, folders, quote_folder
from mailgate.sources.accounts.imap_wire import NoError, Response, Wire, uid_sets
from mailgate.store.blobs import BlobStore

BATCH = 2000  # each costs the server a look through the whole folder when it expunges
BATCH_BYTES = 32 * 1024 * 1024
_WINDOW = 2000
_WIDEST = 1 << 30
_MAX_UID = 0xFFFFFFFF
_MAX_RETRIES = 1000
_log = log.get("sources.imap")


class ImapFetcher(Dialogue[Session]):
    """One IMAP folder. See `Fetcher` for the methods."""

    server_errors = SERVER_ERRORS
    refusals = (NoError,)

    def __init__(
        self,
        account: Account,
        secret: Secret,
        blobs: BlobStore,
        context: ssl.SSLContext,
        access_token: Callable[[], str] | None = None,
        renew_token: Callable[[], None] = lambda: None,
        idle_renewal: float = imap_idle.RENEWAL,
    ) -> None:
        super().__init__(account, secret, blobs, context, access_token, renew_token)
        self._idle_renewal = idle_renewal
        self._action, _, self._target = account.after_fetch.partition(":")
        self._folder_mark = hashlib.sha256(account.folder.encode()).digest()[:4]
        self._wire: Wire | None = None
        self._validity = 0
        self._exists = 0
        self._uid_next = 1
        self._listed = 0
        self._lowest: int | None = None
        self._log = _log.bind(account=account.name)

    def open(self) -> None:
        if self._session is not None:
            try:
                self._select()
                return
            except AccountError:  # the kept connection is gone, as they go: a new one decides
                self.close()
        self._connect()
        self._select()

    def pending(self, cursor: Cursor) -> Iterator[list[Item]]:
        place = cursor.get("imap", {})
        start = 1
        if self._action in ("keep", "mark_read") and self._is_here(place):
            start = int(place["uid"]) + 1
            if place["retry"]:
                yield from batches(self._list_set([int(uid) for uid in place["retry"]]), BATCH, BATCH_BYTES)
        width = _WINDOW
        self._lowest = None
        while start <= _MAX_UID:
            last: int | None = start + width - 1
            if start + width >= self._uid_next:
                last = None  # to the end, with what has arrived since
            items, cut = self._list_window(start, last)
            if items and self._lowest is None:
                self._lowest = items[0].ref
            yield from batches(items, BATCH, BATCH_BYTES)
            if cut:
                start, width = items[-1].ref + 1, _WINDOW
            elif last is None:
                break
            else:
                start = last + 1
                width = min(width * 4, _WIDEST) if len(items) < _WINDOW // 4 else _WINDOW
        self._listed = max(self._listed, self._uid_next - 1)

    def fetch(self, items: Sequence[Item]) -> Iterator[Fetched]:
        waiting: dict[int, Item] = {item.ref: item for item in items}
        answer: str | None = None
        try:
            for response in self._fetch_bodies(list(waiting), len(items)):
                if response.uid is None or not (response.empty or response.body is not None or response.blob):
                    continue
                item = waiting.pop(response.uid, None)
                if item is not None:
                    yield _fetched(item, response)
        except NoError as error:
            answer = tls.one_line(error)
        except SERVER_ERRORS as error:
            self.close()
            cause = AccountError(tls.explain(error, self._account, "fetching messages"))
            if not waiting:
                raise cause from error
            raise Interrupted(next(iter(waiting.values())), cause) from error
        if answer is not None and len(items) > 1:
            for item in list(waiting.values()):  # one of them is to blame; the others come when asked for alone
                yield from self.fetch([item])
            return
        for item in waiting.values():
            yield Fetched(item, error=f"the server did not deliver it ({answer or 'it sent nothing'})")

    def settle(self, items: Sequence[Item]) -> None:
        uids = sorted(item.ref for item in items)
        if not uids or self._action == "keep":
            return
        with self._step(f"doing {self._account.after_fetch}"):
            for numbers in uid_sets(uids):
                self._settle(numbers)

    def advance(self, cursor: Cursor, batch: Sequence[Item], left: Sequence[Item]) -> Cursor:
        if self._action not in ("keep", "mark_read") or not batch:
            return cursor
        place = cursor.get("imap", {})
        here = self._is_here(place)
        done = {item.ref for item in batch} - {item.ref for item in left}
        retry = (set(place["retry"]) if here else set()) - done | {item.ref for item in left}
        if len(retry) > _MAX_RETRIES:
            return cursor
        uid = max(int(place["uid"]) if here else 0, max(item.ref for item in batch))
        state = {"folder": self._account.folder, "uidvalidity": self._validity, "uid": uid, "retry": sorted(retry)}
        return {**cursor, "imap": state}

    def finish(self) -> Gone:
        if self._action not in ("delete", "move") or self._lowest is None:
            return Gone()  # UIDs ascend: below the lowest that was listed nothing comes any more
        return Gone(below=(self._key(0), self._key(self._lowest)))

    def wait(self, seconds: float, wake: Wake) -> Waited:
        session = self._session
        if session is None or not self._account.idle or not session.has("IDLE"):
            self.close()
            return "woken" if wake.wait(seconds) else "timeout"
        try:
            self._select()  # what came between the last list and now would not be announced by IDLE
            if self._uid_next - 1 > self._listed:
                return "news"
            result = imap_idle.idle(session.connection, seconds, self._idle_renewal, wake)
        except (AccountError, *SERVER_ERRORS):
            result = "lost"
        if result == "lost":
            self.close()
        return result

    def close(self) -> None:
        super().close()
        self._wire = None

    def test(self) -> list[str]:
        self._connect()
        try:
            session = self._need_session()
            how = {"tls": "TLS", "starttls": "STARTTLS", "none": "no encryption"}[self._account.tls]
            known = [name for name in ("IDLE", "MOVE", "UIDPLUS") if session.has(name)]
            said = [
                f"Connected to {self._account.host}:{tls.port_of(self._account)} with {how}.",
                f"Logged in as {self._account.username}; the server offers {', '.join(known) or 'no extensions'}.",
            ]
            self._select(readonly=True)
            said.append(f'The folder "{self._account.folder}" holds {self._exists} messages.')
            with self._step("listing the folders"):
                names = folders(session)
            said.append(f"Folders: {', '.join(tls.one_line(name, 60) for name in names[:50])}.")
            if self._target and self._target not in names:
                said.append(f'The folder "{self._target}" does not exist yet; it is made when it is needed.')
            return said
        finally:
            self.close()

    def _connect(self) -> None:
        self._wire = Wire(self._log_in(connect).connection, self._blobs, self._account.max_size)

    def _select(self, readonly: bool = False) -> None:
        session = self._need_session()
        quote_folder(self._account.folder)
        with self._step("opening the folder"):
            try:
                told = session.client.select_folder(self._account.folder, readonly or self._action == "keep")
            except imaplib.IMAP4.readonly as error:
                raise AccountError(
                    f'The folder "{self._account.folder}" is read-only for {self._account.username}: '
                    'use after_fetch = "keep", or give the account the right to change it.'
                ) from error
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                raise AccountError(self._missing_folder(session, tls.one_line(error))) from error
            validity = int(told.get(b"UIDVALIDITY") or 0)
            if not 0 < validity <= _MAX_UID:
                raise AccountError(f"{self._account.host} gives no UIDVALIDITY; its messages cannot be told apart.")
            if validity != self._validity:
                self._validity, self._listed = validity, 0
            self._exists = int(told.get(b"EXISTS") or 0)
            self._uid_next = int(told.get(b"UIDNEXT") or 0) or self._highest() + 1

    def _highest(self) -> int:
        """The last message's UID, for servers that do not tell UIDNEXT; 0 in an empty folder."""
        found = self._need_wire().fetch(b"*", b"(UID)", 1000) if self._exists else ()
        return max((response.uid or 0 for response in found), default=0)

    def _missing_folder(self, session: Session, words: str) -> str:
        known: list[str] = []
        with contextlib.suppress(*SERVER_ERRORS):
            known = [tls.one_line(name, 60) for name in folders(session)[:50]]
        there = f" The server has: {', '.join(known)}." if known else ""
        return f'The folder "{self._account.folder}" cannot be opened on {self._account.host} ({words}); check folder.{there}'

    def _list_window(self, start: int, last: int | None) -> tuple[list[Item], bool]:
        """Messages with UIDs from `start` to `last`, ascending; True where there were more than memory should hold."""
        wanted = b"%d:%s" % (start, b"*" if last is None else b"%d" % last)
        most = min(2 * self._exists + 1000, 4_000_000)
        found: dict[int, Item] = {}
        end = _MAX_UID if last is None else min(last, _MAX_UID)
        cut = False
        with self._step("listing messages"):
            for response in self._need_wire().fetch(wanted, b"(UID RFC822.SIZE)", most):
                uid = response.uid
                if uid is None or not start <= uid <= end:
                    continue  # `n:*` gives the last message even where its UID is below n
                found[uid] = self._item(uid, response.size)
                if len(found) > 4 * _WINDOW:  # keep the lowest; from the highest of them on it is asked again
                    found, cut = {u: found[u] for u in sorted(found)[: 2 * _WINDOW]}, True
                    end = max(found)
        self._listed = max(self._listed, *found, 0)
        return [found[uid] for uid in sorted(found)], cut

    def _list_set(self, uids: list[int]) -> list[Item]:
        found: dict[int, Item] = {}
        with self._step("listing messages"):
            for numbers in uid_sets(uids):
                for response in self._need_wire().fetch(numbers, b"(UID RFC822.SIZE)", 2 * len(uids) + 1000):
                    if response.uid in uids:
                        found[response.uid] = self._item(response.uid, response.size)
        return [found[uid] for uid in sorted(found)]

    def _item(self, uid: int, size: int | None) -> Item:
        return Item(self._key(uid), f"UID {uid}", uid, size)

    def _key(self, uid: int) -> bytes:
        """12 bytes that ascend with the UID: folder, UIDVALIDITY, UID."""
        return struct.pack(">4sII", self._folder_mark, self._validity, uid)

    def _fetch_bodies(self, uids: list[int], count: int) -> Iterator[Response]:
        for numbers in uid_sets(sorted(uids)):
            yield from self._need_wire().fetch(numbers, b"(UID INTERNALDATE BODY.PEEK[])", 2 * count + 1000)

    def _settle(self, numbers: bytes) -> None:
        if self._action == "mark_read":
            self._need_wire().run(b"UID STORE " + numbers + rb" +FLAGS.SILENT (\Seen)")
        elif self._action == "delete":
            self._delete(numbers)
        elif self._need_session().has("MOVE"):
            self._to_target(b"UID MOVE ", numbers)
        else:
            for fresh in uid_sets(self._search(b"UID " + numbers + b" UNDELETED")):  # others were copied before a crash
                self._to_target(b"UID COPY ", fresh)
            self._delete(numbers)

    def _to_target(self, command: bytes, numbers: bytes) -> None:
        whole = command + numbers + b" " + quote_folder(self._target)
        wire = self._need_wire()
        try:
            wire.run(whole)
        except NoError:
            with contextlib.suppress(NoError):  # it may exist, and the refusal have another reason: the retry says it
                wire.run(b"CREATE " + quote_folder(self._target))
            wire.run(whole)

    def _delete(self, numbers: bytes) -> None:
        wire = self._need_wire()
        mark = b"UID STORE " + numbers + rb" +FLAGS.SILENT (\Deleted)"
        if self._need_session().has("UIDPLUS"):
            wire.run(mark)  # not in one go: Dovecot 2.3 may expunge before it has marked
            wire.run(b"UID EXPUNGE " + numbers)
            return
        ours = self._search(b"UID " + numbers + b" DELETED")
        foreign = len(self._search(b"DELETED")) - len(ours)
        wire.run(mark)
        if foreign:  # EXPUNGE would remove what somebody else marked and may want back
            self._log.info("left marked as deleted", marked_by_others=foreign)
        else:
            wire.run(b"EXPUNGE")

    def _search(self, criteria: bytes) -> list[int]:
        found = self._need_session().client.search(criteria)
        return sorted(int(uid) for uid in found)

    def _is_here(self, place: Cursor) -> bool:
        return place.get("folder") == self._account.folder and place.get("uidvalidity") == self._validity

    def _need_wire(self) -> Wire:
        if self._wire is None:
            raise AccountError("The connection is closed.")
        return self._wire

    def _refused(self) -> None:
        """NO refuses one command; the session goes on (RFC 3501 section 7.1.2)."""


def _fetched(item: Item, response: Response) -> Fetched:
    if response.empty:
        return Fetched(item, error="the server sent no content for it")
    return Fetched(item, response.body, response.blob, response.internal_date)
