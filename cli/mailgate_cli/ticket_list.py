"""`mailgate ticket list`: tickets by filters, as a table, JSON or CSV.

Takes filters; gives rows, the latest change first. Promises: starts and answers at once whatever the number of tickets
(a table is bounded, JSON and CSV are printed as they come); nothing heavy is imported.
"""

from __future__ import annotations

from typing import Any

import click

from mailgate import clock
from mailgate.errors import NotFoundError
from mailgate.store import people, tickets
from mailgate.store.engine import Reader, Row
from mailgate.store.tickets import TicketFilter
from mailgate_cli.output import (
    Column,
    age,
    more,
    on_terminal,
    person,
    print_csv,
    print_json_list,
    print_table,
    say,
    screen,
)
from mailgate_cli.session import Session, pass_session
from mailgate_cli.ticket_field import wanted_fields
from mailgate_cli.verb import WORDS, as_option, json_option, verb

_PIPED_ROWS = 50
_PRIORITY = Column("PRIORITY")
_COLUMNS = [
    Column("ID", right=True),
    Column("STATUS"),
    _PRIORITY,
    Column("SUBJECT", flexible=True, minimum=20),
    Column("REQUESTER", flexible=True, minimum=10),
    Column("ASSIGNEE", flexible=True, minimum=8),
    Column("CHANGED", right=True),
]
_CSV = [
    "id", "subject", "status", "priority", "category", "requester", "requester_address", "assignee", "tags", "via",
    "created_at", "updated_at", "closed_at", "due_at", "entries", "time_spent_s",
]  # fmt: skip


@verb('mailgate ticket list --status open --assignee none\nmailgate ticket list --search "yazıcı çalışmıyor" --json')
@click.option("--status", metavar="STATUS", type=WORDS, help="new, open, waiting or closed.")
@click.option("--open", "open_only", is_flag=True, help="All that are not closed.")
@click.option("--category", metavar="CATEGORY", type=WORDS, help="Id, address word or name of a category.")
@click.option("--assignee", metavar="WHO", type=WORDS, help="A technician, `me`, or `none`.")
@click.option("--requester", metavar="WHO", type=WORDS, help="Address, user name or id of a person.")
@click.option("--tag", metavar="TAG", type=WORDS, help="Tickets with this tag.")
@click.option(
    "--field",
    "fields",
    metavar="NAME=VALUE",
    multiple=True,
    type=WORDS,
    help='Tickets whose custom field has this value; "NAME=" those where it is empty.',
)
@click.option("--search", metavar="TEXT", type=WORDS, help="All words must be there; put quotes around a phrase.")
@click.option("--overdue", is_flag=True, help="Due before now and not closed.")
@click.option("--unanswered", is_flag=True, help="No technician has answered yet, and not closed.")
@click.option("--limit", metavar="N", type=click.IntRange(0), help="At most so many; 0 for all.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@as_option
@json_option
@pass_session
def list_tickets(
    session: Session, limit: int | None, as_csv: bool, as_json: bool, as_: str | None, **filters: Any
) -> None:
    """List tickets, the latest change first.

    A terminal shows as many as fit; --json and --csv print all, unless --limit says otherwise. Elsewhere the columns are
    separated by tabs. Merged tickets are listed as closed.
    """
    with session.store.read() as db:
        wanted = _filter(session, db, as_, filters)
        wanted.limit = _limit(limit, as_json or as_csv)
        if as_json:
            print_json_list(ticket_json(row) for row in tickets.each(db, wanted))
        elif as_csv:
            print_csv(_CSV, (_csv_row(row) for row in tickets.each(db, wanted)))
        else:
            rows = tickets.select(db, wanted)
            _table(rows)
            if wanted.limit >= 0 and len(rows) == wanted.limit:
                more(len(rows), tickets.count(db, wanted))


def _limit(given: int | None, all_of_them: bool) -> int:
    if given is not None:
        return given or -1
    if all_of_them:
        return -1
    # The header, the line that tells of more, and the prompt need three lines.
    return screen()[1] - 4 if on_terminal() else _PIPED_ROWS


def _filter(session: Session, db: Reader, as_: str | None, given: dict[str, Any]) -> TicketFilter:
    wanted = TicketFilter(
        status=given["status"].strip().lower() if given["status"] else None,
        tag=given["tag"],
        search=given["search"],
        open_only=given["open_only"],
        overdue=given["overdue"],
        unanswered=given["unanswered"],
    )
    if given["fields"]:
        wanted.fields = wanted_fields(db, given["fields"], session.asker(db, as_))
    if given["category"] is not None:
        category = people.find_category(db, given["category"])
        if category is None:
            raise NotFoundError(f'There is no category "{given["category"]}". See: mailgate category list')
        wanted.category_id = category.id
    if given["requester"] is not None:
        wanted.requester_id = people.named(db, given["requester"]).id
    match given["assignee"]:
        case None:
            pass
        case "none":
            wanted.assignee_id = 0
        case "me":
            wanted.assignee_id = session.actor(db, as_).id
        case name:
            wanted.assignee_id = people.named(db, name).id
    return wanted


def ticket_json(row: Row) -> dict[str, Any]:
    """A row of `tickets.select` as the contract's JSON."""
    return {
        "id": row["id"],
        "subject": row["subject"],
        "status": row["status"],
        "priority": row["priority"],
        "category": {"id": row["category_id"], "name": row["category_name"], "word": row["category_word"]},
        "requester": person(row["requester_name"], row["requester_address"]),
        "assignee": person(row["assignee_name"], row["assignee_address"]),
        "tags": sorted(row["tag_list"].split("\n")) if row["tag_list"] else [],
        "via": row["via"],
        "created_at": clock.iso(row["created_at"]),
        "updated_at": clock.iso(row["updated_at"]),
        "closed_at": clock.iso(row["closed_at"]),
        "due_at": clock.iso(row["due_at"]),
        "entries": row["entries"],
        "time_spent_s": row["time_spent_s"],
        "merged_into": row["merged_into"],
    }


def _csv_row(row: Row) -> list[object]:
    ticket = ticket_json(row)
    requester, assignee = ticket["requester"] or {}, ticket["assignee"] or {}
    return [
        *(ticket[name] for name in ("id", "subject", "status", "priority")),
        ticket["category"]["name"],
        requester.get("name"),
        requester.get("address"),
        assignee.get("name") or assignee.get("address"),
        " ".join(ticket["tags"]),
        *(ticket[name] for name in _CSV[9:]),
    ]


def _table(rows: list[Row]) -> None:
    if not rows and on_terminal():
        say("No tickets.")
    # On a terminal a column in which every ticket says the same only takes room from the subjects.
    all_normal = on_terminal() and all(row["priority"] == "normal" for row in rows)
    cells, marks = [], {}
    for number, row in enumerate(rows):
        overdue = row["due_at"] is not None and row["closed_at"] is None and row["due_at"] < clock.now()
        if overdue or row["priority"] == "critical":
            marks[number] = "red"
        elif row["status"] == "closed":
            marks[number] = "bright_black"
        elif row["status"] == "new":
            marks[number] = "green"
        cells.append(
            [
                str(row["id"]),
                "overdue" if overdue and on_terminal() else row["status"],
                *([] if all_normal else [row["priority"]]),
                row["subject"],
                row["requester_name"] or row["requester_address"] or "",
                row["assignee_name"] or row["assignee_address"] or "",
                age(row["updated_at"]),
            ]
        )
    print_table([column for column in _COLUMNS if not (all_normal and column is _PRIORITY)], cells, marks)
