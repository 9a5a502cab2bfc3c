"""Tickets, their tags, subscribers, links and the message ids that belong to them, as rows.

Takes a reader or a transaction; gives `Ticket`. Every look-up on the way in goes over an index, so that the cost of a
message does not grow with the number of tickets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mailgate import clock
from mailgate.errors import NotFoundError
from mailgate.model import Priority, Status, Ticket
from mailgate.store import search
from mailgate.store.engine import Reader, Row, Tx

_COLUMNS = frozenset(
    [
        "subject",
        "requester_id",
        "category_id",
        "status",
        "priority",
        "assignee_id",
        "address_word",
        "updated_at",
        "taken_at",
        "first_answered_at",
        "closed_at",
        "due_at",
        "time_spent_s",
        "merged_into",
    ]
)


def add(
    tx: Tx,
    subject: str,
    requester_id: int,
    category_id: int,
    via: str,
    at: float,
    address_word: str | None = None,
    mailbox: str | None = None,
    priority: str = Priority.NORMAL,
    assignee_id: int | None = None,
) -> int:
    """Makes a ticket; gives its id."""
    return tx.insert(
        "INSERT INTO ticket (subject, requester_id, category_id, status, priority, assignee_id, via, address_word, mailbox,"
        " created_at, updated_at) VALUES (:subject, :requester, :category, :status, :priority, :assignee, :via, :word,"
        " :mailbox, :at, :at)",
        {
            "subject": subject,
            "requester": requester_id,
            "category": category_id,
            "status": Status.NEW,
            "priority": priority,
            "assignee": assignee_id,
            "via": via,
            "word": address_word,
            "mailbox": mailbox,
            "at": at,
        },
    )


def get(db: Reader, ticket_id: int) -> Ticket:
    """A ticket by id. Raises NotFoundError."""
    found = find(db, ticket_id)
    if found is None:
        raise NotFoundError(f"There is no ticket {ticket_id}. See: mailgate ticket list")
    return found


def find(db: Reader, ticket_id: int) -> Ticket | None:
    """A ticket by id, or None."""
    row = db.one("SELECT * FROM ticket WHERE id = :id", {"id": ticket_id})
    return None if row is None else _ticket(db, row)


def resolve_merged(db: Reader, ticket_id: int) -> Ticket | None:
    """The ticket itself, or the one it was merged into (and so on, bounded); None where there is none."""
    for _ in range(100):
        row = db.one("SELECT * FROM ticket WHERE id = :id", {"id": ticket_id})
        if row is None or row["merged_into"] is None:
            return None if row is None else _ticket(db, row)
        ticket_id = row["merged_into"]
    return None


def change(tx: Tx, ticket_id: int, **columns: object) -> None:
    """Changes columns of a ticket, and `updated_at`."""
    unknown = set(columns) - _COLUMNS
    if unknown:
        raise ValueError(f"ticket has no column {', '.join(sorted(unknown))}")
    columns.setdefault("updated_at", clock.now())
    sets = ", ".join(f"{name} = :{name}" for name in columns)
    tx.run(f"UPDATE ticket SET {sets} WHERE id = :id", {**columns, "id": ticket_id})


def tags(db: Reader, ticket_id: int) -> list[str]:
    """The tags of a ticket, sorted."""
    return [r["tag"] for r in db.all("SELECT tag FROM ticket_tag WHERE ticket_id = :t ORDER BY tag", {"t": ticket_id})]


def tag(tx: Tx, ticket_id: int, word: str) -> bool:
    """Adds a tag; False where it was there."""
    return bool(
        tx.run(
            "INSERT INTO ticket_tag (ticket_id, tag) VALUES (:t, :w) ON CONFLICT (ticket_id, tag) DO NOTHING",
            {"t": ticket_id, "w": word},
        )
    )


def untag(tx: Tx, ticket_id: int, word: str) -> bool:
    """Takes a tag away; False where it was not there."""
    return bool(tx.run("DELETE FROM ticket_tag WHERE ticket_id = :t AND tag = :w", {"t": ticket_id, "w": word}))


def subscribers(db: Reader, ticket_id: int) -> list[int]:
    """Ids of the people who get all updates, in the order they joined."""
    sql = "SELECT person_id FROM subscriber WHERE ticket_id = :t ORDER BY since_at, person_id"
    return [row["person_id"] for row in db.all(sql, {"t": ticket_id})]


def is_subscriber(db: Reader, ticket_id: int, person_id: int) -> bool:
    """Whether a person subscribes to a ticket."""
    sql = "SELECT 1 FROM subscriber WHERE ticket_id = :t AND person_id = :p"
    return db.value(sql, {"t": ticket_id, "p": person_id}) is not None


def subscribe(tx: Tx, ticket_id: int, person_id: int) -> bool:
    """Adds a subscriber; False where the person was one."""
    return bool(
        tx.run(
            "INSERT INTO subscriber (ticket_id, person_id, since_at) VALUES (:t, :p, :at)"
            " ON CONFLICT (ticket_id, person_id) DO NOTHING",
            {"t": ticket_id, "p": person_id, "at": clock.now()},
        )
    )


def unsubscribe(tx: Tx, ticket_id: int, person_id: int) -> bool:
    """Removes a subscriber; False where the person was none."""
    return bool(
        tx.run("DELETE FROM subscriber WHERE ticket_id = :t AND person_id = :p", {"t": ticket_id, "p": person_id})
    )


def link(tx: Tx, ticket_id: int, kind: str, other_id: int) -> None:
    """Links two tickets: "merged into", "follow-up of", "related"."""
    tx.run(
        "INSERT INTO ticket_link (ticket_id, kind, other_id) VALUES (:t, :k, :o)"
        " ON CONFLICT (ticket_id, kind, other_id) DO NOTHING",
        {"t": ticket_id, "k": kind, "o": other_id},
    )


def links(db: Reader, ticket_id: int) -> list[dict[str, Any]]:
    """The links of a ticket, as `{kind, ticket}`."""
    sql = "SELECT kind, other_id FROM ticket_link WHERE ticket_id = :t ORDER BY kind, other_id"
    return [{"kind": row["kind"], "ticket": row["other_id"]} for row in db.all(sql, {"t": ticket_id})]


def remember_id(tx: Tx, message_id: str, ticket_id: int, direction: str) -> None:
    """Notes that a Message-ID belongs to a ticket: `in`, `out`, or `ref` where it was only named so far."""
    tx.run(
        "INSERT INTO thread_id (message_id, ticket_id, direction) VALUES (:m, :t, :d)"
        " ON CONFLICT (message_id, ticket_id) DO UPDATE SET direction = :d WHERE thread_id.direction = 'ref'",
        {"m": message_id, "t": ticket_id, "d": direction},
    )


def by_message_id(db: Reader, message_id: str) -> list[tuple[int, str]]:
    """Tickets that know a Message-ID, as (ticket id, direction), those that received or sent it first."""
    rows = db.all(
        "SELECT ticket_id, direction FROM thread_id WHERE message_id = :m"
        " ORDER BY CASE direction WHEN 'ref' THEN 1 ELSE 0 END, ticket_id DESC LIMIT 10",
        {"m": message_id},
    )
    return [(row["ticket_id"], row["direction"]) for row in rows]


def message_ids(db: Reader, ticket_id: int, limit: int = 20) -> list[str]:
    """Message-IDs of a ticket's own messages, oldest first: the first one and the latest, for References."""
    rows = db.all(
        "SELECT message_id FROM entry WHERE ticket_id = :t AND message_id IS NOT NULL ORDER BY id", {"t": ticket_id}
    )
    found = [row["message_id"] for row in rows]
    return found if len(found) <= limit else [found[0], *found[-(limit - 1) :]]


@dataclass(slots=True)
class TicketFilter:
    """What `ticket list` may ask for. `assignee_id` 0 means nobody; `circle_of` is a person and all of the same company.

    `fields` are pairs of a custom field's id and `fields.key` of the value it has; None where it has no value.
    """

    status: str | None = None
    category_id: int | None = None
    assignee_id: int | None = None
    requester_id: int | None = None
    circle_of: int | None = None
    tag: str | None = None
    search: str | None = None
    open_only: bool = False
    overdue: bool = False
    unanswered: bool = False
    ticket_id: int | None = None
    fields: tuple[tuple[int, str | None], ...] = ()
    order: str = "updated"
    limit: int = -1
    before_id: int | None = None


_ORDER = {"updated": "t.updated_at DESC, t.id DESC", "created": "t.id DESC", "id": "t.id"}


def select(db: Reader, wanted: TicketFilter) -> list[Row]:
    """Rows for a list: the ticket's columns with category, requester and assignee names. Newest change first."""
    return list(each(db, wanted))


def each(db: Reader, wanted: TicketFilter) -> Iterator[Row]:
    """The same rows one by one, in bounded memory."""
    where, params = _conditions(wanted)
    if wanted.limit >= 0 and (wanted.fields or wanted.tag is not None):
        # Sorted before names and addresses are fetched, or half of all tickets would be fetched to show a page.
        where = f"WHERE t.id IN (SELECT t.id FROM ticket t {where} ORDER BY {_ORDER[wanted.order]} LIMIT :limit)"
    yield from db.each(
        "SELECT t.*, c.name AS category_name, c.word AS category_word, r.name AS requester_name,"
        " (SELECT address FROM address WHERE person_id = t.requester_id ORDER BY position LIMIT 1) AS requester_address,"
        " a.name AS assignee_name,"
        " (SELECT address FROM address WHERE person_id = t.assignee_id ORDER BY position LIMIT 1) AS assignee_address,"
        " (SELECT GROUP_CONCAT(g.tag, char(10)) FROM ticket_tag g WHERE g.ticket_id = t.id) AS tag_list"
        " FROM ticket t JOIN category c ON c.id = t.category_id JOIN person r ON r.id = t.requester_id"
        f" LEFT JOIN person a ON a.id = t.assignee_id {where} ORDER BY {_ORDER[wanted.order]} LIMIT :limit",
        {**params, "limit": wanted.limit},
    )


def count(db: Reader, wanted: TicketFilter) -> int:
    """How many tickets a filter has, without its limit."""
    where, params = _conditions(wanted)
    return int(db.value(f"SELECT COUNT(*) FROM ticket t {where}", params))


def _conditions(wanted: TicketFilter) -> tuple[str, dict[str, Any]]:
    parts: list[str] = []
    params: dict[str, Any] = {}
    for column in ("status", "category_id", "requester_id"):
        value = getattr(wanted, column)
        if value is not None:
            parts.append(f"t.{column} = :{column}")
            params[column] = value
    if wanted.assignee_id is not None:
        parts.append("t.assignee_id = :assignee" if wanted.assignee_id else "t.assignee_id IS NULL")
        params["assignee"] = wanted.assignee_id
    if wanted.circle_of is not None:
        parts.append(
            "t.requester_id IN (SELECT :circle UNION SELECT p.id FROM person p JOIN person o ON o.company_id = p.company_id"
            " WHERE o.id = :circle)"
        )
        params["circle"] = wanted.circle_of
    if wanted.open_only:
        parts.append("t.closed_at IS NULL")
    if wanted.overdue:
        parts.append("t.closed_at IS NULL AND t.due_at < :now")
        params["now"] = clock.now()
    if wanted.unanswered:
        parts.append("t.closed_at IS NULL AND t.first_answered_at IS NULL")
    if wanted.ticket_id is not None:
        parts.append("t.id = :ticket")
        params["ticket"] = wanted.ticket_id
    if wanted.tag is not None:
        parts.append("t.id IN (SELECT ticket_id FROM ticket_tag WHERE tag = :tag)")
        params["tag"] = wanted.tag
    for number, (field_id, key) in enumerate(wanted.fields):
        has = "NOT IN" if key is None else "IN"
        same = "" if key is None else f" AND key = :key{number}"
        parts.append(f"t.id {has} (SELECT ticket_id FROM field_value WHERE field_id = :field{number}{same})")
        params.update({f"field{number}": field_id, f"key{number}": key})
    if wanted.before_id is not None:
        parts.append("t.id < :before")
        params["before"] = wanted.before_id
    if wanted.search is not None:
        parts.append(
            "t.id IN (SELECT e.ticket_id FROM search s JOIN entry e ON e.id = s.rowid WHERE s.words MATCH :search)"
        )
        params["search"] = search.query(wanted.search)
    return ("WHERE " + " AND ".join(parts) if parts else "", params)


def earlier(db: Reader, ticket: Ticket, limit: int = 5) -> list[Row]:
    """Earlier tickets of the requester, newest first: id, subject, status, created_at."""
    return db.all(
        "SELECT id, subject, status, created_at FROM ticket WHERE requester_id = :r AND id <> :t"
        " ORDER BY id DESC LIMIT :limit",
        {"r": ticket.requester_id, "t": ticket.id, "limit": limit},
    )


def rate(tx: Tx, ticket_id: int, closed_at: float, vote: str, comment: str) -> None:
    """Keeps a vote for one closing; the last one counts."""
    tx.run(
        "INSERT INTO rating (ticket_id, closed_at, vote, comment, at) VALUES (:t, :c, :v, :m, :at)"
        " ON CONFLICT (ticket_id, closed_at) DO UPDATE SET vote = :v, comment = :m, at = :at",
        {"t": ticket_id, "c": closed_at, "v": vote, "m": comment, "at": clock.now()},
    )


def category_ids(db: Reader, ticket_ids: Iterable[int]) -> list[int]:
    """The categories of tickets, in order."""
    return [get(db, ticket_id).category_id for ticket_id in ticket_ids]


def _ticket(db: Reader, row: Row) -> Ticket:
    return Ticket(**{name: row[name] for name in row.keys()}, tags=tags(db, row["id"]))  # noqa: SIM118 - a Row is no dict
