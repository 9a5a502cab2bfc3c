"""The outbox: letters with their bytes, their recipients and what became of each.

Takes a transaction; gives rows. Promises: a letter is written in the transaction that marks its cause handled; its
Message-ID never changes between tries; a letter is claimed by one sender at a time, and a claim ends by itself; what one
person is told about one ticket leaves in the order in which it was written, for as long as that holds nobody up for long.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgate import clock
from mailgate.store.engine import Reader, Row, Tx

if TYPE_CHECKING:
    from mailgate.store import Store


# How many letters to busy domains are passed over in search of one that can go now.
_PASSED_OVER = 1000
# A letter waits for the oldest one of the same ticket to the same address that has failed, until that has failed so often
# (some minutes): a letter that cannot be sent must not hold up others for days. Nor for longer than this, where a clock
# that was wrong has put its next try far away. While it is tried again the others are looked at every so many seconds.
_FIRST_TRIES = 3
_LONGEST_TURN = 600.0
_TURN_SECONDS = 2.0


# By address: the id of the letter whose turn it is, and when it is tried again.
_Heads = dict[str, tuple[int, float]]


@dataclass(slots=True)
class NewLetter:
    """A mail ready to go: `raw` is the whole message with CRLF line ends; `sender` the reverse-path ("" for null)."""

    message_id: str
    subject: str
    sender: str
    recipients: Sequence[str]
    raw: bytes
    template: str
    automatic: bool
    ticket_id: int | None = None
    entry_id: int | None = None
    event_id: int | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that a sender has taken, with the recipients that still wait."""

    id: int
    ticket_id: int | None
    message_id: str
    sender: str
    recipients: tuple[str, ...]
    raw: str
    attempts: int
    created_at: float
    template: str


def add(tx: Tx, store: Store, letter: NewLetter) -> int:
    """Puts a letter in the outbox; gives its id."""
    now = clock.now()
    outbox_id = tx.insert(
        "INSERT INTO outbox (ticket_id, entry_id, event_id, template, message_id, subject, sender, automatic, raw, status,"
        " created_at, next_attempt_at) VALUES (:ticket, :entry, :event, :template, :message_id, :subject, :sender,"
        " :automatic, :raw, 'pending', :now, :now)",
        {
            "ticket": letter.ticket_id,
            "entry": letter.entry_id,
            "event": letter.event_id,
            "template": letter.template,
            "message_id": letter.message_id,
            "subject": letter.subject,
            "sender": letter.sender,
            "automatic": int(letter.automatic),
            "raw": store.blobs.put(tx, letter.raw),
            "now": now,
        },
    )
    for address in dict.fromkeys(letter.recipients):
        tx.run(
            "INSERT INTO outbox_recipient (outbox_id, address, status) VALUES (:o, :a, 'pending')",
            {"o": outbox_id, "a": address},
        )
    return outbox_id


def claim(
    tx: Tx,
    limit: int,
    seconds: float,
    in_hand: Mapping[str, int] | None = None,
    share: int | None = None,
    created_before: float | None = None,
) -> list[Claimed]:
    """Takes due letters for `seconds`; afterwards another sender may take them again. Oldest due first.

    With `share`, letters to a domain are passed over once the caller has so many of them (`in_hand`: how many it has
    already, by domain in lower case). With `created_before` only letters older than that epoch time are taken.
    Letters to one person about one ticket may be taken together: the caller keeps their order, and asks `turn` of each.
    """
    now = clock.now()
    rows = tx.each(
        "SELECT o.id, o.ticket_id, o.message_id, o.sender, o.raw, o.attempts, o.created_at, o.template,"
        " (SELECT GROUP_CONCAT(r.address, char(10)) FROM outbox_recipient r"
        "   WHERE r.outbox_id = o.id AND r.status = 'pending') AS waiting"
        " FROM outbox o WHERE o.status = 'pending' AND o.next_attempt_at <= :now"
        " AND (o.claimed_until IS NULL OR o.claimed_until <= :now) AND (:before IS NULL OR o.created_at < :before)"
        " ORDER BY o.next_attempt_at, o.id LIMIT :limit",
        {"now": now, "limit": limit + (_PASSED_OVER if share else 0), "before": created_before},
    )
    count = Counter(in_hand or {})
    taken: list[Claimed] = []
    later: list[dict[str, object]] = []
    passed: set[tuple[int | None, str]] = set()
    heads: dict[int, _Heads] = {}
    with contextlib.closing(rows):
        for row in rows:
            recipients = tuple(row["waiting"].split("\n")) if row["waiting"] else ()
            domains = {address.rpartition("@")[2].lower() for address in recipients}
            told = {(row["ticket_id"], address) for address in recipients}
            if (share and any(count[domain] >= share for domain in domains)) or not passed.isdisjoint(told):
                passed |= told if row["ticket_id"] is not None else set()
                continue
            if created_before is None and (ticket_id := row["ticket_id"]) is not None:
                if ticket_id not in heads:
                    heads[ticket_id] = _heads(tx, ticket_id)
                if (turn_at := _turn(heads[ticket_id], row["id"], recipients)) is not None:
                    later.append({"id": row["id"], "at": max(turn_at, now + _TURN_SECONDS)})
                    continue
            count.update(domains)
            columns = {name: row[name] for name in Claimed.__dataclass_fields__ if name != "recipients"}
            taken.append(Claimed(recipients=recipients, **columns))
            if len(taken) >= limit:
                break
    until = now + seconds
    tx.many("UPDATE outbox SET claimed_until = :u WHERE id = :id", [{"u": until, "id": letter.id} for letter in taken])
    tx.many("UPDATE outbox SET next_attempt_at = :at WHERE id = :id", later)
    return taken


def turn(db: Reader, letter: Claimed) -> float | None:
    """When an older letter of the ticket to one of the same people is tried again; None where this one may go now."""
    return None if letter.ticket_id is None else _turn(_heads(db, letter.ticket_id), letter.id, letter.recipients)


def _turn(heads: _Heads, outbox_id: int, recipients: Sequence[str]) -> float | None:
    behind = [heads[address] for address in recipients if address in heads]
    return max((at for head, at in behind if head < outbox_id), default=None)


def _heads(db: Reader, ticket_id: int) -> _Heads:
    """The letters of a ticket that others wait for."""
    rows = db.all(
        "SELECT r.address, p.id, p.attempts, p.next_attempt_at FROM outbox p"
        " JOIN outbox_recipient r ON r.outbox_id = p.id AND r.status = 'pending'"
        " WHERE p.ticket_id = :t AND p.status = 'pending' AND p.attempts > 0 ORDER BY p.id",
        {"t": ticket_id},
    )
    oldest: dict[str, Row] = {}
    for row in rows:
        oldest.setdefault(row["address"], row)
    until = clock.now() + _LONGEST_TURN
    return {
        address: (row["id"], row["next_attempt_at"])
        for address, row in oldest.items()
        if row["attempts"] < _FIRST_TRIES and row["next_attempt_at"] <= until
    }


def renew(tx: Tx, ids: Sequence[int], seconds: float) -> None:
    """Makes claims last longer, for letters that are still in hand."""
    until = clock.now() + seconds
    tx.many(
        "UPDATE outbox SET claimed_until = :u WHERE id = :id AND status = 'pending'",
        [{"u": until, "id": outbox_id} for outbox_id in ids],
    )


def release(tx: Tx, ids: Sequence[int], reason: str | None = None) -> None:
    """Gives claimed letters back as if they had not been tried; `reason` is shown as their last answer."""
    tx.many(
        "UPDATE outbox SET claimed_until = NULL, last_reply = COALESCE(:r, last_reply)"
        " WHERE id = :id AND status = 'pending'",
        [{"r": reason, "id": outbox_id} for outbox_id in ids],
    )


def pending_recipients(db: Reader, outbox_id: int) -> tuple[str, ...]:
    """Recipients of a letter that have no final answer yet."""
    rows = db.all(
        "SELECT address FROM outbox_recipient WHERE outbox_id = :o AND status = 'pending' ORDER BY rowid",
        {"o": outbox_id},
    )
    return tuple(row["address"] for row in rows)


def settle(tx: Tx, outbox_id: int, answers: Mapping[str, tuple[str, str]], next_attempt_at: float | None) -> str:
    """Writes each recipient's (status, reply); gives the letter's status.

    Statuses are "sent", "failed", "pending". With `next_attempt_at` None what is pending fails too (given up).
    """
    last_reply = ""
    for address, (status, reply) in answers.items():
        last_reply = reply or last_reply
        final = "failed" if status == "pending" and next_attempt_at is None else status
        tx.run(
            "UPDATE outbox_recipient SET status = :s, last_reply = :r WHERE outbox_id = :o AND address = :a",
            {"s": final, "r": reply, "o": outbox_id, "a": address},
        )
    rows = tx.all("SELECT status FROM outbox_recipient WHERE outbox_id = :o", {"o": outbox_id})
    left = {row["status"] for row in rows}
    status = "pending" if "pending" in left else "failed" if left == {"failed"} or "failed" in left else "sent"
    if status != "pending":
        _let_go(tx, outbox_id)
    tx.run(
        "UPDATE outbox SET status = :s, attempts = attempts + 1, last_reply = :r, claimed_until = NULL,"
        " next_attempt_at = COALESCE(:next, next_attempt_at), finished_at = :done WHERE id = :id AND status = 'pending'",
        {
            "id": outbox_id,
            "s": status,
            "r": last_reply,
            "next": next_attempt_at if status == "pending" else None,
            "done": None if status == "pending" else clock.now(),
        },
    )
    return status


def _let_go(tx: Tx, outbox_id: int) -> None:
    """Makes due what has waited for a letter that was deferred and that nobody waits for any more."""
    tx.run(
        "UPDATE outbox SET next_attempt_at = :now WHERE status = 'pending' AND attempts = 0 AND next_attempt_at > :now"
        " AND ticket_id = (SELECT ticket_id FROM outbox WHERE id = :id AND attempts > 0)",
        {"id": outbox_id, "now": clock.now()},
    )


def release_all(tx: Tx) -> None:
    """Gives claimed letters back untouched, at the daemon's start and end: nobody else sends."""
    tx.run("UPDATE outbox SET claimed_until = NULL WHERE status = 'pending' AND claimed_until IS NOT NULL")


def bring_near(tx: Tx, longest_wait: float) -> int:
    """Makes letters due whose next try lies further away than any wait is: a clock that was wrong put it there."""
    now = clock.now()
    return tx.run(
        "UPDATE outbox SET next_attempt_at = :now WHERE status = 'pending' AND next_attempt_at > :far",
        {"now": now, "far": now + longest_wait},
    )


def retry(tx: Tx, outbox_id: int) -> bool:
    """Makes a failed, cancelled or waiting letter due now; False where it was sent or does not exist.

    A letter that is being sent at this moment stays claimed, so that nobody else sends it too. The time in which it is
    retried begins anew; what was sent to some of its recipients is not sent to them again. What it waits for is due too.
    """
    now = clock.now()
    tx.run(
        "UPDATE outbox SET next_attempt_at = :now WHERE status = 'pending' AND attempts > 0 AND id < :id"
        " AND ticket_id = (SELECT ticket_id FROM outbox WHERE id = :id AND status <> 'sent') AND EXISTS ("
        "  SELECT 1 FROM outbox_recipient a JOIN outbox_recipient b ON b.outbox_id = :id AND b.address = a.address"
        "  WHERE a.outbox_id = outbox.id AND a.status = 'pending' AND b.status <> 'sent')",
        {"id": outbox_id, "now": now},
    )
    waits = tx.run(
        "UPDATE outbox SET next_attempt_at = :now, created_at = :now, attempts = 0"
        " WHERE id = :id AND status = 'pending'",
        {"id": outbox_id, "now": now},
    )
    if waits:
        return True
    tx.run(
        "UPDATE outbox_recipient SET status = 'pending' WHERE outbox_id = :o AND status <> 'sent'"
        " AND EXISTS (SELECT 1 FROM outbox WHERE id = :o AND status <> 'sent')",
        {"o": outbox_id},
    )
    return bool(
        tx.run(
            "UPDATE outbox SET status = 'pending', next_attempt_at = :now, created_at = :now, claimed_until = NULL,"
            " attempts = 0, finished_at = NULL WHERE id = :id AND status <> 'sent'",
            {"id": outbox_id, "now": now},
        )
    )


def cancel(tx: Tx, outbox_id: int) -> bool:
    """Cancels a letter that waits; False where it is not waiting or is being sent at this moment."""
    now = clock.now()
    cancelled = tx.run(
        "UPDATE outbox SET status = 'cancelled', finished_at = :now WHERE id = :id AND status = 'pending'"
        " AND (claimed_until IS NULL OR claimed_until <= :now)",
        {"id": outbox_id, "now": now},
    )
    if cancelled:
        _let_go(tx, outbox_id)
    return bool(cancelled)


def listed(db: Reader, status: str | None = None, ticket_id: int | None = None, limit: int = -1) -> list[Row]:
    """Letters, newest first, with `to_list` (addresses separated by line ends)."""
    return db.all(
        "SELECT o.*, (SELECT GROUP_CONCAT(r.address, char(10)) FROM outbox_recipient r WHERE r.outbox_id = o.id) AS to_list"
        " FROM outbox o WHERE (:s IS NULL OR o.status = :s) AND (:t IS NULL OR o.ticket_id = :t)"
        " ORDER BY o.id DESC LIMIT :limit",
        {"s": status, "t": ticket_id, "limit": limit},
    )


def count(db: Reader, status: str | None = None, ticket_id: int | None = None) -> int:
    """How many letters `listed` has without its limit."""
    sql = "SELECT COUNT(*) FROM outbox WHERE (:s IS NULL OR status = :s) AND (:t IS NULL OR ticket_id = :t)"
    return int(db.value(sql, {"s": status, "t": ticket_id}))


def find(db: Reader, outbox_id: int) -> Row | None:
    """A letter by id, with `to_list`."""
    return db.one(
        "SELECT o.*, (SELECT GROUP_CONCAT(r.address, char(10)) FROM outbox_recipient r WHERE r.outbox_id = o.id) AS to_list"
        " FROM outbox o WHERE o.id = :id",
        {"id": outbox_id},
    )


def by_message_id(db: Reader, message_id: str) -> Row | None:
    """The letter that had this Message-ID, for matching bounces."""
    return db.one("SELECT * FROM outbox WHERE message_id = :m", {"m": message_id})


def last_to(db: Reader, address: str) -> Row | None:
    """The latest letter about a ticket that went to an address, for bounces that name nothing else."""
    return db.one(
        "SELECT o.* FROM outbox_recipient r JOIN outbox o ON o.id = r.outbox_id"
        " WHERE r.address = :a AND o.ticket_id IS NOT NULL ORDER BY o.id DESC LIMIT 1",
        {"a": address.lower()},
    )


def was_written(db: Reader, address: str, template: str) -> bool:
    """Whether a letter of this template was ever put in the outbox for an address, for what is said only once."""
    sql = (
        "SELECT 1 FROM outbox_recipient r JOIN outbox o ON o.id = r.outbox_id"
        " WHERE r.address = :a AND o.template = :t LIMIT 1"
    )
    return db.value(sql, {"a": address, "t": template}) is not None


def depth(db: Reader) -> tuple[int, float | None]:
    """How many letters wait and when the oldest of them was written."""
    row = db.one("SELECT COUNT(*) AS n, MIN(created_at) AS oldest FROM outbox WHERE status = 'pending'")
    assert row is not None
    return row["n"], row["oldest"]


def due(db: Reader) -> float | None:
    """When the first letter is or was due that nobody has claimed; None where nothing waits."""
    value = db.value(
        "SELECT MIN(next_attempt_at) FROM outbox WHERE status = 'pending' AND (claimed_until IS NULL OR claimed_until <= :now)",
        {"now": clock.now()},
    )
    return None if value is None else float(value)
