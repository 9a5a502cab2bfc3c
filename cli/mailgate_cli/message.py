"""`mailgate message list`, `show`, `raw`, `why`: what was received, and what became of it."""

from __future__ import annotations

import json
from typing import Any

import click

from mailgate import clock
from mailgate.errors import NotFoundError
from mailgate.store import Reader, ledger, spool
from mailgate.store.engine import Row
from mailgate_cli.output import (
    Column,
    age,
    more,
    on_terminal,
    person,
    print_bytes,
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
from mailgate_cli.text import safe, safe_lines, wrap
from mailgate_cli.verb import WORDS, json_option, verb

_PIPED_ROWS = 50


def find(db: Reader, ident: str) -> Row:
    """A message by its id or queue id. Raises NotFoundError."""
    row = spool.find(db, ident.strip())
    if row is None:
        raise NotFoundError(f'There is no message "{ident}". See: mailgate message list')
    return row


def message_json(row: Row) -> dict[str, Any]:
    """A row of the ledger as the contract's JSON."""
    return {
        "id": row["id"],
        "queue_id": row["queue_id"],
        "received_at": clock.iso(row["received_at"]),
        "source": row["source"],
        "reverse_path": row["reverse_path"],
        "recipients": json.loads(row["recipients"]),
        "from": person(row["from_name"], row["from_address"]),
        "subject": row["subject"],
        "message_id": row["message_id"],
        "class": row["class"],
        "outcome": row["outcome"],
        "ticket": row["ticket_id"],
        "reason": row["reason"],
        "size": row["size"],
        "sha256": row["sha256"],
    }


@verb("mailgate message list --held\nmailgate message list --failed --json")
@click.option("--held", "outcome", flag_value="held", help="Held ones: junk, loops, bounces, unregistered senders.")
@click.option("--failed", "outcome", flag_value="failed", help="Those that were set aside after several tries.")
@click.option("--waiting", "outcome", flag_value="waiting", help="Those without an outcome yet.")
@click.option(
    "--outcome",
    "outcome",
    metavar="OUTCOME",
    type=click.Choice([*spool.OUTCOMES, "waiting"]),
    help="Those with this outcome.",
)
@click.option("--class", "class_", metavar="CLASS", type=WORDS, help="Those of this class, such as spam or bounce.")
@click.option("--limit", metavar="N", type=click.IntRange(0), help="At most so many; 0 for all.")
@json_option
@pass_session
def list_messages(session: Session, outcome: str | None, class_: str | None, limit: int | None, as_json: bool) -> None:
    """List received messages, the latest first.

    A terminal shows as many as fit; --json prints all, unless --limit says otherwise.
    """
    with session.store.read() as db:
        if as_json:
            print_json_list(message_json(row) for row in ledger.each(db, outcome, class_, limit or -1))
            return
        room = (limit or -1) if limit is not None else screen()[1] - 4 if on_terminal() else _PIPED_ROWS
        rows = list(ledger.each(db, outcome, class_, room))
        if not rows and on_terminal():
            say("No messages.")
        print_table(
            [Column("ID", right=True), Column("QUEUE ID"), Column("FROM", flexible=True, minimum=12),
             Column("SUBJECT", flexible=True, minimum=16), Column("OUTCOME"), Column("CLASS"), Column("RECEIVED", right=True)],
            [
                [str(row["id"]), row["queue_id"], _sender(row), row["subject"] or "", _outcome(row), row["class"] or "",
                 age(row["received_at"])]
                for row in rows
            ],
            {n: "red" for n, row in enumerate(rows) if row["outcome"] == "failed"},
        )  # fmt: skip
        if 0 <= room == len(rows):
            more(len(rows), ledger.count(db, outcome, class_))


def _sender(row: Row) -> str:
    """The author, else the reverse-path; <> is the null one."""
    return str(row["from_address"] or ("<>" if row["reverse_path"] is None else row["reverse_path"]))


def _outcome(row: Row) -> str:
    if row["outcome"] is None:
        return "waiting"
    if row["ticket_id"] and row["outcome"] in ("new_ticket", "reply"):
        return f"{row['outcome']} {{{row['ticket_id']}}}"
    return str(row["outcome"])


@verb("mailgate message show 7\nmailgate message show MFRGGZDFMZ --json")
@click.argument("message", metavar="ID", type=WORDS)
@json_option
@pass_session
def show(session: Session, message: str, as_json: bool) -> None:
    """Show what is known about a received message.

    By id or queue id. `raw` prints the message itself, `why` explains what became of it.
    """
    with session.store.read() as db:
        row = find(db, message)
    if as_json:
        print_json(
            {
                **message_json(row),
                "client": json.loads(row["client"]),
                "findings": json.loads(row["findings"]),
                "attempts": row["attempts"],
                "next_attempt_at": clock.iso(row["next_attempt_at"]),
                "error": row["error"],
                "finished_at": clock.iso(row["finished_at"]),
                "duplicate_of": row["duplicate_of"],
                "entry": row["entry_id"],
                "released": bool(row["released"]),
            }
        )
        return
    for name, value in _facts(row).items():
        if value:
            say(f"{name:<12} {safe(value)}")
    if row["error"]:
        say(styled("Error", fg="red"))
        for line in safe_lines(row["error"]):
            say(f"  {line}")


def _facts(row: Row) -> dict[str, str]:
    client = json.loads(row["client"])
    sender = person(row["from_name"], row["from_address"])
    return {
        "Id": f"{row['id']}, queue id {row['queue_id']}",
        "Received": f"{when(row['received_at'])} by {row['source']}, {size(row['size'])}",
        "Client": " ".join(str(client[name]) for name in ("ip", "helo") if client.get(name)),
        "Reverse path": "<>" if row["reverse_path"] is None else row["reverse_path"],
        "Recipients": ", ".join(json.loads(row["recipients"])),
        "From": f"{sender['name'] or ''} <{sender['address'] or ''}>".strip() if sender else "",
        "Subject": row["subject"] or "",
        "Message-ID": row["message_id"] or "",
        "Class": row["class"] or "",
        "Outcome": _outcome(row),
        "Reason": row["reason"] or "",
        "Tries": str(row["attempts"]) if row["attempts"] else "",
        "Next try": when(row["next_attempt_at"]),
    }


@verb("mailgate message raw 7 > message.eml")
@click.argument("message", metavar="ID", type=WORDS)
@pass_session
def raw(session: Session, message: str) -> None:
    """Print a message byte for byte, as it was received.

    It goes to a file or a program; on a terminal, what would control it is shown as escapes.
    """
    with session.store.read() as db:
        data = session.store.blobs.get(db, find(db, message)["sha256"])
    if on_terminal():
        for line in safe_lines(data.decode("utf-8", "replace")):
            say(line)
        return
    print_bytes(data)


@verb("mailgate message why 7\nmailgate message why MFRGGZDFMZ --json")
@click.argument("message", metavar="ID", type=WORDS)
@json_option
@pass_session
def why(session: Session, message: str, as_json: bool) -> None:
    """Explain what became of a message, step by step.

    Each step says what it saw and what followed.
    """
    with session.store.read() as db:
        row = find(db, message)
    steps = json.loads(row["trace"])
    if as_json:
        print_json({**message_json(row), "trace": steps})
        return
    say(f"Message {row['id']} ({row['queue_id']}) from {safe(row['from_address'] or row['reverse_path'] or 'nobody')}")
    say(
        f"  was received {when(row['received_at'])} by {row['source']} for {safe(', '.join(json.loads(row['recipients'])))}"
    )
    print_steps(steps)
    verdict = "waits" if row["outcome"] is None else f"{_outcome(row)}, class {row['class'] or 'normal'}"
    say(styled(f"Outcome: {verdict}", bold=True) + (f": {safe(row['reason'])}" if row["reason"] else ""))
    if row["error"]:
        say(f"The last try failed; see: mailgate message show {row['id']}")


def print_steps(steps: list[dict[str, Any]]) -> None:
    """Prints the steps of a trace, one a line, wrapped below itself."""
    columns = screen()[0]
    for step in steps:
        head = f"  {safe(step.get('step', '')):<16} {safe(step.get('result', '')):<14} "
        lines = wrap(safe(_detail(step.get("detail"))), max(columns - len(head), 30))
        say(styled(head, dim=not lines[0]) + lines[0])
        for line in lines[1:]:
            say(" " * len(head) + line)


def _detail(detail: Any) -> str:
    if detail is None:
        return ""
    return detail if isinstance(detail, str) else json.dumps(detail, ensure_ascii=False)
