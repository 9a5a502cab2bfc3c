"""POP3 accounts: identity by UIDL, pipelined where the server announces it, DELE only after the message is on disk.

Takes an account, its secret or token, the blob store; gives a `Fetcher`. Promises: a session that ends before QUIT
deletes nothing, and its messages are recognised when they come again; message numbers are used within one session only;
two messages that share a UIDL, or a server without UIDL, are told apart by their content, so that none is taken for
another; the maildrop is never locked while we wait.
Standards: RFC 1939, RFC 2449 (CAPA, PIPELINING), RFC 2595 (STLS), RFC 5034 and XOAUTH2 (tokens).
"""

from __future__ import annotations

import hashlib
import itertools
import ssl
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from mailgate import log
from mailgate.config.schema import Account
from mailgate.sources.accounts import tls
from mailgate.sources.accounts.connection import BrokenRuleError
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
from mailgate.sources.accounts.imap_wire import to_blob
from mailgate.sources.accounts.pop3_session import SERVER_ERRORS, Pop3Session, RefusedReplyError, connect
from mailgate.store.blobs import BlobStore

BATCH = 500
BATCH_BYTES = 32 * 1024 * 1024
_IN_FLIGHT = 64
_log = log.get("sources.pop3")


class Pop3Fetcher(Dialogue[Pop3Session]):
    """One POP3 maildrop. See `Fetcher` for the methods."""

    server_errors = SERVER_ERRORS
    refusals = (RefusedReplyError,)

    def __init__(
        self,
        account: Account,
        secret: Secret,
        blobs: BlobStore,
        context: ssl.SSLContext,
        access_token: Callable[[], str] | None = None,
        renew_token: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(account, secret, blobs, context, access_token, renew_token)
        self._listed: set[bytes] = set()
        self._deleted: set[bytes] = set()
        self._log = _log.bind(account=account.name)

    def open(self) -> None:
        self.close()
        self._log_in(connect)

    def pending(self, cursor: Cursor) -> Iterator[list[Item]]:
        self._listed = set()
        yield from batches(self._noting(self._list()), BATCH, BATCH_BYTES)

    def _noting(self, items: Iterable[Item]) -> Iterator[Item]:
        for item in items:
            self._listed.add(item.key)
            yield item

    def fetch(self, items: Sequence[Item]) -> Iterator[Fetched]:
        session = self._need_session()
        in_flight = _IN_FLIGHT if session.pipelining else 1
        asked = 0
        for number, item in enumerate(items):
            try:
                if asked - number <= in_flight // 2:  # half of what was asked for has come: ask for more
                    more = items[asked : number + in_flight]
                    session.connection.begin()
                    session.connection.sendall(b"".join(b"RETR %d\r\n" % each.ref for each in more))
                    asked += len(more)
                fetched = self._receive(session, item)
            except SERVER_ERRORS as error:
                self.close()
                cause = AccountError(tls.explain(error, self._account, "fetching messages"))
                raise Interrupted(item, cause) from error
            yield fetched

    def settle(self, items: Sequence[Item]) -> None:
        if self._account.after_fetch != "delete":
            return
        session = self._need_session()
        with self._step("deleting messages"):
            in_flight = _IN_FLIGHT if session.pipelining else 1
            for start in range(0, len(items), in_flight):
                group = items[start : start + in_flight]
                session.connection.begin()
                session.connection.sendall(b"".join(b"DELE %d\r\n" % item.ref for item in group))
                for item in group:
                    try:
                        session.reply()
                        self._deleted.add(item.key)
                    except RefusedReplyError as refused:  # it comes again and is known then
                        self._log.info("not deleted", message=item.name, answer=str(refused))

    def advance(self, cursor: Cursor, batch: Sequence[Item], left: Sequence[Item]) -> Cursor:
        return cursor

    def finish(self) -> Gone:
        session = self._need_session()
        with self._step("ending the session"):
            session.command(b"QUIT")  # only now the server deletes (RFC 1939 section 6)
        left = frozenset(self._listed - self._deleted)
        self.close()
        return Gone(all_but=left) if self._account.after_fetch == "delete" else Gone()

    def wait(self, seconds: float, wake: Wake) -> Waited:
        self.close()
        return "woken" if wake.wait(seconds) else "timeout"

    def close(self) -> None:
        super().close()
        self._deleted = set()

    def test(self) -> list[str]:
        self.open()
        try:
            session = self._need_session()
            how = {"tls": "TLS", "starttls": "STLS", "none": "no encryption"}[self._account.tls]
            with self._step("looking at the maildrop"):
                count = session.command(b"STAT").split()
                uidl = session.has_uidl()
            return [
                f"Connected to {self._account.host}:{tls.port_of(self._account)} with {how}.",
                f"Logged in as {self._account.username}; pipelining: {'yes' if session.pipelining else 'no'}.",
                f"The maildrop holds {count[1].decode('ascii', 'replace') if len(count) > 1 else '?'} messages.",
                "Messages are told apart by UIDL." if uidl else "No UIDL: messages are told apart by their content.",
            ]
        finally:
            self.close()

    def _list(self) -> Iterator[Item]:
        """All messages in order. The numbers are those of this session."""
        session = self._need_session()
        with self._step("listing messages"):
            sizes = session.sizes()
            names = session.unique_names()
        shared = {name for name, count in Counter(names.values()).items() if count > 1} if names else set()
        for number, size in sizes.items():
            name = names.get(number) if names is not None else None
            if name is None or name in shared:
                yield Item(self._content_key(number, size), f"message {number}", number, size)
            else:
                shown = tls.one_line(name, 40)
                yield Item(hashlib.sha256(name).digest()[:16], f"UIDL {shown}", number, size)

    def _content_key(self, number: int, size: int) -> bytes:
        """The identity of a message that has no name of its own: 17 bytes, so that it never equals a UIDL's.

        One that is too large or cannot be read gets a stand-in that is never accepted, so that it is reported.
        """
        session = self._need_session()
        stand_in = b"x" + hashlib.sha256(b"%d %d" % (number, size)).digest()[:16]
        if size > self._account.max_size:
            return stand_in
        digest = hashlib.sha256()
        with self._step("reading a message"):
            try:
                session.command(b"RETR %d" % number)
            except RefusedReplyError as refused:
                self._log.warning("not readable", message=number, answer=str(refused))
                return stand_in
            session.connection.progress(self._account.max_size)
            for piece in session.connection.dotted():
                digest.update(piece)
        return b"c" + digest.digest()[:16]

    def _receive(self, session: Pop3Session, item: Item) -> Fetched:
        """One answer to RETR: in memory up to the border, then on to disk. Above max_size the session ends."""
        try:
            session.reply()
        except RefusedReplyError as refused:
            return Fetched(item, error=f"the server did not deliver it ({refused})")
        session.connection.progress(min(item.size or 0, self._account.max_size) + self._blobs.border)
        pieces = session.connection.dotted()
        head: list[bytes] = []
        size = 0
        for piece in pieces:
            head.append(piece)
            size += len(piece)
            if size > self._blobs.border:
                blob = to_blob(self._blobs, lambda write: self._copy(itertools.chain(head, pieces), write))
                return Fetched(item, blob=blob)
        return Fetched(item, raw=b"".join(head))

    def _copy(self, pieces: Iterator[bytes], write: Callable[[bytes], object]) -> None:
        size = 0
        for piece in pieces:
            size += len(piece)
            if size > self._account.max_size:
                raise BrokenRuleError(f"a message is larger than announced and than max_size ({size} bytes so far)")
            write(piece)
