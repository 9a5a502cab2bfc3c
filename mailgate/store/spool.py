"""The spool and its ledger: raw messages with one row each, from acceptance to outcome.

Takes what a source received, gives an `Accepted` after it is on disk; takes an outcome from intake, once.
Promises (operations.md section 5): on disk before acknowledged; one row and one outcome for every message ever received;
a server identity (`source`, `source_key`) is accepted at most once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mailgate import clock
from mailgate.mail.message import Envelope
from mailgate.store.blobs import StoredBlob
from mailgate.store.engine import Reader, Row, Tx

if TYPE_CHECKING:
    from mailgate.store import Store

_MOMENTS = 4.0
OUTCOMES = ("new_ticket", "reply", "held", "duplicate", "failed", "deleted")


@dataclass(frozen=True, slots=True)
class Client:
    """Who handed a message over; everything unknown for pipe, import and polled accounts."""

    ip: str | None = None
    helo: str | None = None
    tls: bool = False
    auth_user: str | None = None
    port: int | None = None
    trusted: bool = False


@dataclass(slots=True)
class Incoming:
    """A message as received: `raw` bytes, or a `blob` that a `BlobWriter` has already put on disk.

    `source` is "smtp", "lmtp", "pipe", "import" or "imap:NAME" and its kin; `source_key` the identity on that source.
    `findings` are results of checks at SMTP time.
    """

    envelope: Envelope
    source: str
    raw: bytes | None = None
    blob: StoredBlob | None = None
    queue_id: str = ""
    client: Client = Client()
    source_key: bytes | None = None
    received_at: float | None = None
    findings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The ledger row. `known` is True where this server identity had been accepted before and nothing was added."""

    message: int
    queue_id: str
    known: bool = False


@dataclass(slots=True)
class Spooled:
    """A ledger row as intake needs it."""

    id: int
    queue_id: str
    received_at: float
    source: str
    envelope: Envelope
    client: Client
    findings: dict[str, Any]
    sha256: str
    size: int
    attempts: int
    released: bool


@dataclass(slots=True)
class Outcome:
    """What became of a message, with the reasons that `message why` shows."""

    outcome: str
    reason: str
    class_: str = "normal"
    ticket_id: int | None = None
    entry_id: int | None = None
    duplicate_of: int | None = None
    trace: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Seen:
    """What was read of a message, for the ledger: it stays readable when the raw bytes are gone."""

    message_id: str | None = None
    from_name: str | None = None
    from_address: str | None = None
    subject: str | None = None
    fingerprint: str | None = None


def new_queue_id() -> str:
    """A name for one message in replies, logs and commands: 10 letters and digits that read aloud well."""
    return base64.b32encode(secrets.token_bytes(7)).decode()[:10]


class Spool:
    """The way in. Everything else about the ledger is in the functions below, which take a reader or a transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._moment = 0
        self._now_count = self._before_count = 0

    def pressure(self) -> int:
        """How many messages came in within the last moment (a quarter of a second) of this process."""
        passed = int(clock.monotonic() * _MOMENTS) - self._moment
        return max(self._now_count, self._before_count) if passed == 0 else self._now_count if passed == 1 else 0

    def _feel(self) -> None:
        moment = int(clock.monotonic() * _MOMENTS)
        if moment != self._moment:
            self._before_count = self._now_count if moment == self._moment + 1 else 0
            self._moment, self._now_count = moment, 0
        self._now_count += 1

    def submit(self, incoming: Incoming) -> Future[Accepted]:
        """Stores message and ledger row; the future resolves after the fsync. It may raise TemporaryError."""
        self._feel()
        if incoming.raw is not None and len(incoming.raw) > self._store.blobs.border:
            incoming.blob, incoming.raw = self._store.blobs.write_large(incoming.raw), None
        sha256 = incoming.blob.sha256 if incoming.blob else hashlib.sha256(incoming.raw or b"").hexdigest()
        future = self._store.submit(lambda tx: self._add(tx, incoming, sha256), urgent=True)
        future.add_done_callback(self._ring)
        return future

    def _ring(self, future: Future[Accepted]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._store.bell.ring("intake")

    def known(self, source: str, keys: Sequence[bytes]) -> set[bytes]:
        """Which of these server identities were accepted before."""
        with self._store.read() as db:
            source_id = db.value("SELECT id FROM source WHERE name = :n", {"n": source})
            if source_id is None:
                return set()
            sql = "SELECT 1 FROM seen WHERE source_id = :s AND key = :k"
            return {key for key in keys if db.value(sql, {"s": source_id, "k": key})}

    def forget_known(self, source: str, keys: Sequence[bytes]) -> None:
        """Forgets identities that are gone from the server, so that the memory stays small."""

        def work(tx: Tx) -> None:
            source_id = _source_id(tx, source)
            tx.many("DELETE FROM seen WHERE source_id = :s AND key = :k", [{"s": source_id, "k": k} for k in keys])

        self._store.write(work)

    def _add(self, tx: Tx, incoming: Incoming, sha256: str) -> Accepted:
        source_id = 0
        if incoming.source_key is not None:
            source_id = _source_id(tx, incoming.source)
            row = tx.one(
                "SELECT s.message AS id, m.queue_id AS queue_id FROM seen s JOIN message m ON m.id = s.message"
                " WHERE s.source_id = :s AND s.key = :k",
                {"s": source_id, "k": incoming.source_key},
            )
            if row is not None:
                return Accepted(row["id"], row["queue_id"], known=True)
        if incoming.blob is not None:
            self._store.blobs.register(tx, incoming.blob)
            size = incoming.blob.size
        else:
            raw = incoming.raw or b""
            self._store.blobs.put(tx, raw, sha256)
            size = len(raw)
        queue_id = incoming.queue_id or new_queue_id()
        message = tx.insert(
            "INSERT INTO message (queue_id, received_at, source, reverse_path, recipients, client, findings, sha256, size)"
            " VALUES (:queue_id, :at, :source, :reverse_path, :recipients, :client, :findings, :sha256, :size)",
            {
                "queue_id": queue_id,
                "at": clock.now() if incoming.received_at is None else incoming.received_at,
                "source": incoming.source,
                "reverse_path": incoming.envelope.reverse_path,
                "recipients": json.dumps(incoming.envelope.recipients, ensure_ascii=False),
                "client": json.dumps({name: getattr(incoming.client, name) for name in Client.__slots__}),
                "findings": json.dumps(incoming.findings, ensure_ascii=False, default=str),
                "sha256": sha256,
                "size": size,
            },
        )
        if incoming.source_key is not None:
            tx.run(
                "INSERT INTO seen (source_id, key, message) VALUES (:s, :k, :m)",
                {"s": source_id, "k": incoming.source_key, "m": message},
            )
        count(tx, "received")
        return Accepted(message, queue_id)


def _source_id(tx: Tx, name: str) -> int:
    tx.run("INSERT INTO source (name) VALUES (:n) ON CONFLICT (name) DO NOTHING", {"n": name})
    return int(tx.value("SELECT id FROM source WHERE name = :n", {"n": name}))


def count(tx: Tx, name: str, by: int = 1) -> None:
    """Adds to a tally."""
    tx.run(
        "INSERT INTO tally (name, count) VALUES (:n, :by) ON CONFLICT (name) DO UPDATE SET count = tally.count + :by",
        {"n": name, "by": by},
    )


def waiting(db: Reader, now: float, limit: int, after: int = 0) -> list[Spooled]:
    """Messages without an outcome that are due, oldest first, with ids above `after`."""
    rows = db.all(
        "SELECT * FROM message WHERE outcome IS NULL AND id > :after"
        " AND (next_attempt_at IS NULL OR next_attempt_at <= :now) ORDER BY id LIMIT :limit",
        {"now": now, "limit": limit, "after": after},
    )
    return [spooled(row) for row in rows]


def spooled(row: Row) -> Spooled:
    """A ledger row as an object."""
    return Spooled(
        id=row["id"],
        queue_id=row["queue_id"],
        received_at=row["received_at"],
        source=row["source"],
        envelope=Envelope(row["reverse_path"], tuple(json.loads(row["recipients"]))),
        client=Client(**json.loads(row["client"])),
        findings=json.loads(row["findings"]),
        sha256=row["sha256"],
        size=row["size"],
        attempts=row["attempts"],
        released=bool(row["released"]),
    )


def find(db: Reader, ident: str | int) -> Row | None:
    """A ledger row by its id or queue id."""
    if isinstance(ident, int) or (ident.isascii() and ident.isdigit() and len(ident) < 16):
        row = db.one("SELECT * FROM message WHERE id = :id", {"id": int(ident)})
        if row is not None:
            return row
    return db.one("SELECT * FROM message WHERE queue_id = :q", {"q": str(ident).upper()})


def duplicate_of(tx: Reader, fingerprint: str, message: int) -> Row | None:
    """An earlier message with the same fingerprint that is (part of) a ticket or held."""
    return tx.one(
        "SELECT id, queue_id, ticket_id, entry_id, outcome FROM message WHERE fingerprint = :f AND id <> :id"
        " AND outcome IN ('new_ticket', 'reply', 'held') ORDER BY id LIMIT 1",
        {"f": fingerprint, "id": message},
    )


def finish(tx: Tx, message: int, outcome: Outcome, seen: Seen | None = None) -> bool:
    """Writes the outcome of a message that has none yet; False where another process was first."""
    seen = seen or Seen()
    changed = tx.run(
        "UPDATE message SET outcome = :outcome, reason = :reason, class = :class, ticket_id = :ticket,"
        " entry_id = :entry, duplicate_of = :duplicate, trace = :trace, finished_at = :at, error = NULL,"
        " next_attempt_at = NULL, message_id = COALESCE(:message_id, message_id),"
        " from_name = COALESCE(:from_name, from_name), from_address = COALESCE(:from_address, from_address),"
        " subject = COALESCE(:subject, subject), fingerprint = COALESCE(:fingerprint, fingerprint)"
        " WHERE id = :id AND outcome IS NULL",
        {
            "id": message,
            "outcome": outcome.outcome,
            "reason": outcome.reason,
            "class": outcome.class_,
            "ticket": outcome.ticket_id,
            "entry": outcome.entry_id,
            "duplicate": outcome.duplicate_of,
            "trace": json.dumps(outcome.trace, ensure_ascii=False, default=str),
            "at": clock.now(),
            **{name: getattr(seen, name) for name in Seen.__slots__},
        },
    )
    if changed:
        count(tx, outcome.outcome)
    return bool(changed)


def keep_findings(tx: Tx, message: int, findings: dict[str, Any]) -> None:
    """Keeps what was found about a message after it was accepted, beside what was found at SMTP time."""
    text = json.dumps(findings, ensure_ascii=False, default=str)
    tx.run("UPDATE message SET findings = :f WHERE id = :id AND outcome IS NULL", {"f": text, "id": message})


def postpone(tx: Tx, message: int, error: str, next_attempt_at: float) -> None:
    """Counts a failed try; the message is taken again at `next_attempt_at`."""
    tx.run(
        "UPDATE message SET attempts = attempts + 1, error = :e, next_attempt_at = :at WHERE id = :id AND outcome IS NULL",
        {"id": message, "e": error, "at": next_attempt_at},
    )


def set_aside(tx: Tx, message: int, error: str, reason: str) -> None:
    """Gives up: outcome `failed` with the traceback, until `message retry`."""
    if finish(tx, message, Outcome("failed", reason)):
        tx.run("UPDATE message SET attempts = attempts + 1, error = :e WHERE id = :id", {"id": message, "e": error})


def reopen(tx: Tx, message: int, outcomes: Sequence[str], released: bool = False) -> bool:
    """Takes an outcome back so that intake looks again: for release, retry and reprocess. False where it does not apply."""
    row = tx.one("SELECT outcome FROM message WHERE id = :id", {"id": message})
    if row is None or row["outcome"] not in outcomes:
        return False
    count(tx, row["outcome"], -1)
    tx.run(
        "UPDATE message SET outcome = NULL, attempts = 0, next_attempt_at = NULL, released = :r, finished_at = NULL"
        " WHERE id = :id",
        {"id": message, "r": int(released)},
    )
    return True


def mark_deleted(tx: Tx, message: int, reason: str) -> bool:
    """A held or failed message is deleted: the ledger row stays, its bytes may go."""
    row = tx.one("SELECT outcome FROM message WHERE id = :id", {"id": message})
    if row is None or row["outcome"] not in ("held", "failed"):
        return False
    count(tx, row["outcome"], -1)
    count(tx, "deleted")
    tx.run(
        "UPDATE message SET outcome = 'deleted', reason = :r, finished_at = :at WHERE id = :id",
        {"id": message, "r": reason, "at": clock.now()},
    )
    return True


@dataclass(frozen=True, slots=True)
class Audit:
    """The conservation law: what came in against what became of it, counted from the rows and from the tallies."""

    received: int
    tickets: int
    replies: int
    held: int
    duplicates: int
    failed: int
    deleted: int
    waiting: int
    faults: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        return not self.faults


def audit(db: Reader) -> Audit:
    """Counts the ledger. A fault is named where the sums do not agree or a ticket's entry is missing."""
    rows = {row["outcome"]: row["n"] for row in db.all("SELECT outcome, COUNT(*) AS n FROM message GROUP BY outcome")}
    tallies = {row["name"]: row["count"] for row in db.all("SELECT name, count FROM tally")}
    total = sum(rows.values())
    faults = []
    if tallies.get("received", 0) != total:
        faults.append(f"{tallies.get('received', 0)} messages were received, but the ledger has {total} rows")
    for outcome in OUTCOMES:
        if rows.get(outcome, 0) != tallies.get(outcome, 0):
            faults.append(f"{outcome}: {tallies.get(outcome, 0)} were written, {rows.get(outcome, 0)} are there")
    orphans = db.value(
        "SELECT COUNT(*) FROM message m WHERE m.outcome IN ('new_ticket', 'reply')"
        " AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.id = m.entry_id)"
    )
    if orphans:
        faults.append(f"{orphans} messages have an outcome but no entry")
    missing = db.value(
        "SELECT COUNT(*) FROM message m WHERE (m.outcome IS NULL OR m.outcome IN ('held', 'failed'))"
        " AND NOT EXISTS (SELECT 1 FROM blob b WHERE b.sha256 = m.sha256)"
    )
    if missing:
        faults.append(f"{missing} messages that are still needed have lost their bytes")
    return Audit(
        received=total,
        tickets=rows.get("new_ticket", 0),
        replies=rows.get("reply", 0),
        held=rows.get("held", 0),
        duplicates=rows.get("duplicate", 0),
        failed=rows.get("failed", 0),
        deleted=rows.get("deleted", 0),
        waiting=rows.get(None, 0),
        faults=tuple(faults),
    )
