"""`mailgate ticket show` and `history`: one ticket to read, and what else its requester asked.

Takes a ticket's number; gives text that fits the terminal, or the contract's JSON. Promises: what came by mail cannot
control the terminal; notes are visibly internal; quoted text is folded away, never gone (`--full`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mailgate import clock
from mailgate.desk.field_acts import shown_to
from mailgate.errors import NotFoundError
from mailgate.model import Entry, EntryKind, FieldValue, User
from mailgate.store import entries, fields, people, tickets
from mailgate.store.engine import Reader, Row
from mailgate.store.tickets import TicketFilter
from mailgate_cli.output import (
    Column,
    age,
    person,
    print_json,
    print_json_list,
    print_table,
    say,
    screen,
    size,
    styled,
    when,
)
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import cut, pad, safe, safe_lines, width, wrap
from mailgate_cli.ticket_field import fields_json, fields_to_show
from mailgate_cli.ticket_list import ticket_json
from mailgate_cli.verb import as_option, id_argument, json_option, verb

if TYPE_CHECKING:
    from mailgate.desk.suggestions import Suggestion

_OTHERS = 200
_LONGEST = 100_000
_LONGEST_EVENT = 400
_WIDEST = 100
"""Longer lines are hard to read, however wide the terminal is."""


@verb("mailgate ticket show 12\nmailgate ticket show 12 --json")
@id_argument
@click.option("--full", is_flag=True, help="Quoted text and signatures too.")
@as_option
@json_option
@pass_session
def show(session: Session, ticket_id: int, full: bool, as_json: bool, as_: str | None) -> None:
    """Show a ticket with everything that was said and done.

    Quoted text is folded away; --full shows it. Internal notes are marked as such; only technicians see them. Custom fields
    are shown to those who may see them. Articles that may answer it are named; ticket reply --article ID answers with one.
    """
    with session.store.read() as db:
        row = _row(db, ticket_id)
        asker = session.asker(db, as_)
        if as_json:
            suggested = [
                {"id": one.id, "title": one.title, "visibility": "public" if one.public else "internal"}
                for one in _suggested(db, row["id"], asker)
            ]
            print_json({**ticket_with_entries(db, row, asker), "suggested_articles": suggested})
            return
        log = _log(db, ticket_id, asker)
        columns = min(screen()[0], _WIDEST)
        _head(db, row, columns, asker)
        for entry in log:
            _entry(entry, full, columns)


@verb("mailgate ticket history 12")
@id_argument
@json_option
@pass_session
def history(session: Session, ticket_id: int, as_json: bool) -> None:
    """List the other tickets of a ticket's requester and company.

    The latest come first.
    """
    with session.store.read() as db:
        row = _row(db, ticket_id)
        around = tickets.select(db, TicketFilter(circle_of=row["requester_id"], limit=_OTHERS))
        found = [other for other in around if other["id"] != ticket_id]
        if as_json:
            print_json_list(ticket_json(item) for item in found)
            return
        if not found:
            say("There is nothing earlier.")
        print_table(
            [Column("ID", right=True), Column("STATUS"), Column("SUBJECT", flexible=True, minimum=20),
             Column("REQUESTER", flexible=True), Column("CHANGED", right=True)],
            [
                [str(item["id"]), item["status"], item["subject"],
                 item["requester_name"] or item["requester_address"] or "", age(item["updated_at"])]
                for item in found
            ],
        )  # fmt: skip


def _row(db: Reader, ticket_id: int) -> Row:
    found = tickets.select(db, TicketFilter(ticket_id=ticket_id))
    if not found:
        raise NotFoundError(f"There is no ticket {ticket_id}. See: mailgate ticket list")
    return found[0]


def _log(db: Reader, ticket_id: int, asker: User | None) -> list[Entry]:
    found = entries.of_ticket(db, ticket_id)
    if asker is not None and not asker.is_staff:
        return [entry for entry in found if entry.public]
    known = {field.id: field for field in fields.every(db)}
    return [entry for entry in found if shown_to(entry, asker, known)]


def ticket_with_entries(db: Reader, row: Row, asker: User | None = None) -> dict[str, Any]:
    """The contract's JSON of `ticket show`, for a row of `tickets.select`; without an asker with all custom fields."""
    log = _log(db, row["id"], asker)
    subscribers = people.several(db, tickets.subscribers(db, row["id"]))
    return {
        **ticket_json(row),
        "entries": [_entry_json(entry) for entry in log],
        "subscribers": [person(user.name, user.address) for user in subscribers],
        "fields": fields_json(db, row["id"], row["category_id"], asker),
        "links": tickets.links(db, row["id"]),
        "address_word": row["address_word"],
    }


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "author": person(entry.author_name, entry.author_address),
        "at": clock.iso(entry.at),
        "text": entry.text,
        "reply_text": entry.reply_text,
        "html": entry.html,
        "attachments": [
            {
                "id": item.id,
                "filename": item.filename,
                "content_type": item.content_type,
                "size": item.size,
                "inline": item.inline,
                "content_id": item.content_id,
                "sha256": item.sha256,
            }
            for item in entry.attachments
        ],
        "message_id": entry.message_id,
        "queue_id": entry.queue_id,
        "marks": entry.marks,
    }


def _head(db: Reader, row: Row, columns: int, asker: User | None) -> None:
    state = f"{row['status']} · {row['priority']}"
    title = cut(f"{{{row['id']}}} {safe(row['subject'])}", columns - width(state) - 2)
    gap = " " * (columns - width(title) - width(state))
    say(styled(title, bold=True) + gap + styled(state, fg="red" if row["priority"] == "critical" else "cyan"))
    requester = people.get(db, row["requester_id"])
    _fact("Requester", _named(requester) + (f", {safe(requester.company)}" if requester.company else ""), columns)
    assignee = people.get(db, row["assignee_id"]) if row["assignee_id"] else None
    _fact("Assignee", _named(assignee) if assignee else "nobody", columns)
    word = f" (address word {safe(row['address_word'])})" if row["address_word"] else ""
    _fact("Category", safe(row["category_name"]) + word, columns)
    _fact("Created", f"{when(row['created_at'])} via {row['via']}, changed {when(row['updated_at'])}", columns)
    if row["closed_at"]:
        _fact("Closed", when(row["closed_at"]), columns)
    if row["due_at"]:
        late = not row["closed_at"] and row["due_at"] < clock.now()
        _fact("Due", when(row["due_at"]) + (styled(" OVERDUE", fg="red", bold=True) if late else ""), columns)
    if row["time_spent_s"]:
        _fact("Time spent", _spent(row["time_spent_s"]), columns)
    if row["tag_list"]:
        _fact("Tags", ", ".join(safe(tag) for tag in sorted(row["tag_list"].split("\n"))), columns)
    for found in fields_to_show(db, row["id"], row["category_id"], asker):
        _field(found, columns)
    subscribers = people.several(db, tickets.subscribers(db, row["id"]))
    if subscribers:
        _fact("Subscribers", ", ".join(_named(user) for user in subscribers), columns)
    for link in tickets.links(db, row["id"]):
        _fact("Link", f"{link['kind']} {{{link['ticket']}}}", columns)
    _earlier(db, row, columns)
    for number, one in enumerate(_suggested(db, row["id"], asker)):
        line = f"{one.id}: {'' if one.public else '(internal) '}{safe(one.title)}"
        _fact("" if number else "Articles", cut(line, columns - 13), columns)


def _suggested(db: Reader, ticket_id: int, asker: User | None) -> list[Suggestion]:
    """Articles that may answer a ticket and that the asker may see; where there are none, nothing slow is loaded."""
    from mailgate.desk import suggestions

    return suggestions.for_ticket(db, tickets.get(db, ticket_id), staff=asker is None or asker.is_staff)


def _earlier(db: Reader, row: Row, columns: int) -> None:
    earlier = tickets.earlier(db, tickets.get(db, row["id"]), limit=4)
    for number, item in enumerate(earlier[:3]):
        line = f"{{{item['id']}}} {item['status']}, {when(item['created_at'])[:10]}: {safe(item['subject'])}"
        _fact("Other" if number == 0 else "", cut(line, columns - 13), columns)
    if len(earlier) > 3:
        _fact("", f"… all of them: mailgate ticket history {row['id']}", columns)


def _fact(name: str, value: str, columns: int) -> None:
    lines = wrap(value, columns - 13)
    say(styled(f"{name:<12} ", dim=True) + lines[0])
    for line in lines[1:]:
        say(" " * 13 + line)


def _field(found: FieldValue, columns: int) -> None:
    """A custom field: name and value in one line where the name is short, else the value below it."""
    name = safe(found.field.name)
    lines = [piece for line in safe_lines(found.value or "– (required)") for piece in wrap(line, columns - 13)]
    if len(lines) == 1 and width(name) + width(lines[0]) < columns - 2:
        say(styled(pad(name, max(12, width(name))), dim=True) + " " + lines[0])
        return
    if width(name) > 12:
        say(styled(name, dim=True))
        name = ""
    say(styled(pad(name, 12), dim=True) + " " + lines[0])
    for line in lines[1:]:
        say(" " * 13 + line)


def _named(user: User) -> str:
    return f"{safe(user.name)} <{safe(user.address)}>" if user.name else safe(user.display)


def _entry(entry: Entry, full: bool, columns: int) -> None:
    who = safe(entry.author_name or entry.author_address or "mailgate")
    if entry.kind == EntryKind.EVENT:
        told = entry.text if full else entry.text[:_LONGEST_EVENT] + ("…" if len(entry.text) > _LONGEST_EVENT else "")
        for number, line in enumerate(wrap(f"{when(entry.at)}  {who}: {safe(' '.join(told.split()))}", columns - 2)):
            say(styled(("· " if number == 0 else "  ") + line, dim=True))
        return
    note = entry.kind == EntryKind.NOTE
    label = "INTERNAL NOTE" if note else str(entry.kind)
    if entry.author_address and entry.author_name not in ("", entry.author_address):
        who += f" <{safe(entry.author_address)}>"
    head = f"── {entry.id} · {label} · {who} · {when(entry.at)} "
    say()
    colour = "yellow" if note else "green" if entry.kind == EntryKind.REPLY else "blue"
    head = cut(head, columns)
    say(styled(head + "─" * (columns - width(head)), fg=colour, bold=True))
    if entry.marks:
        say(styled("[" + ", ".join(safe(mark) for mark in entry.marks) + "]", fg="red"))
    _body(entry, full, columns, "┃ " if note else "")
    for item in entry.attachments:
        where = "inline" if item.inline else "file"
        say(
            styled(f"  {where} {item.id}: ", dim=True)
            + f"{safe(item.filename)}, {size(item.size)}, {safe(item.content_type)}"
        )
    if entry.time_spent_s:
        say(styled(f"  time spent: {_spent(entry.time_spent_s)}", dim=True))


def _body(entry: Entry, full: bool, columns: int, edge: str) -> None:
    """The text, wrapped; `edge` stands before every line of a note, so that colours are not needed to see what it is."""
    text = entry.text if full else entry.reply_text[:_LONGEST]
    for line in safe_lines(text.strip("\r\n")):
        for piece in wrap(line, columns - len(edge)):
            say(styled(edge, fg="yellow") + piece if edge else piece)
    if not full and len(entry.reply_text) > _LONGEST:
        say(styled(f"… {len(entry.reply_text) - _LONGEST:,} more letters (--full)", dim=True))
    folded = 0 if full else _lines(entry.text) - _lines(entry.reply_text)
    if folded > 0:
        say(styled(f"… {folded} quoted line{'s' if folded > 1 else ''} (--full)", dim=True))


def _lines(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip())


def _spent(seconds: int) -> str:
    hours, minutes = divmod(max(seconds, 0) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if seconds >= 60 else f"{seconds} s"
