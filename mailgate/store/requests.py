"""What a requester's page asks: a person's tickets, newest change first, and the vote of a closing.

Takes a reader; gives rows. Promises: every question goes over an index and has a limit.
"""

from __future__ import annotations

from mailgate.store.engine import Reader, Row


def tickets_of(db: Reader, person_id: int, limit: int) -> list[Row]:
    """Tickets that a person requested, subscribes to or is assigned to: id, subject, status, updated_at, closed_at."""
    return db.all(
        "SELECT t.id, t.subject, t.status, t.updated_at, t.closed_at FROM ticket t WHERE t.id IN ("
        " SELECT id FROM (SELECT id FROM ticket WHERE requester_id = :p ORDER BY id DESC LIMIT :most)"
        " UNION SELECT id FROM (SELECT ticket_id AS id FROM subscriber WHERE person_id = :p ORDER BY ticket_id DESC LIMIT :most)"
        " UNION SELECT id FROM (SELECT id FROM ticket WHERE assignee_id = :p ORDER BY updated_at DESC LIMIT :most))"
        " AND t.merged_into IS NULL ORDER BY t.updated_at DESC, t.id DESC LIMIT :limit",
        {"p": person_id, "limit": limit, "most": 10 * limit},
    )


def rating(db: Reader, ticket_id: int, closed_at: float) -> Row | None:
    """The vote and the comment for one closing."""
    sql = "SELECT vote, comment FROM rating WHERE ticket_id = :t AND closed_at = :c"
    return db.one(sql, {"t": ticket_id, "c": closed_at})
