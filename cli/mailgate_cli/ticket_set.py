"""The verbs that set one value of tickets: priority, status, due time, time spent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from mailgate import clock
from mailgate.model import Priority, Status
from mailgate_cli.output import say, when
from mailgate_cli.session import Session, pass_session
from mailgate_cli.verb import SPAN, as_option, id_argument, ids_argument, verb


class Moment(click.ParamType[Any]):
    """A time: `2026-12-01`, `2026-12-01 17:00` (this machine's time zone), ISO 8601, a duration from now, or `none`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float | None:
        text = str(value).strip()
        if text == "none":
            return None
        if text[:1].isdigit() and text[-1:] in "smhdw":
            span: timedelta = SPAN.convert(text, param, ctx)
            return clock.now() + span.total_seconds()
        try:
            moment = datetime.fromisoformat(text)
            if len(text) <= 10:  # a day alone means its end
                moment = moment.replace(hour=23, minute=59)
            return moment.astimezone(UTC).timestamp()
        except (ValueError, OverflowError, OSError):
            self.fail(f'"{text}" is not a time; write 2026-12-01, "2026-12-01 17:00", 2d or none.', param, ctx)


@verb("mailgate ticket priority 12 --to high")
@ids_argument
@click.option("--to", "to", required=True, type=click.Choice([str(word) for word in Priority]), help="The priority.")
@as_option
@pass_session
def priority(session: Session, ids: tuple[int, ...], to: str, as_: str | None) -> None:
    """Set how urgent tickets are.

    The change is in the ticket's log.
    """
    session.act_on_each(as_, ids, lambda desk, n: desk.priority(n, to), lambda n: f"Ticket {n} has priority {to}.")


@verb("mailgate ticket status 12 --to waiting")
@ids_argument
@click.option("--to", "to", required=True, type=click.Choice([str(word) for word in Status]), help="The status.")
@click.option("--anyway", is_flag=True, help="Close even where required fields are empty.")
@as_option
@pass_session
def status(session: Session, ids: tuple[int, ...], to: str, anyway: bool, as_: str | None) -> None:
    """Set the status of tickets.

    "closed" closes them; any other status opens a closed ticket again.
    """
    session.act_on_each(as_, ids, lambda desk, n: desk.status(n, to, anyway), lambda n: f"Ticket {n} is {to}.")


@verb(
    'mailgate ticket due 12 --to "2026-12-01 17:00"\nmailgate ticket due 12 --to 2d\nmailgate ticket due 12 --to none'
)
@ids_argument
@click.option(
    "--to", "to", metavar="TIME", required=True, type=Moment(), help="A day, a time, a duration from now, or none."
)
@as_option
@pass_session
def due(session: Session, ids: tuple[int, ...], to: float | None, as_: str | None) -> None:
    """Set when tickets are due.

    Overdue tickets stand out in lists; see also: mailgate ticket list --overdue.
    """
    done = f"due {when(to)}" if to is not None else "due at no time"
    session.act_on_each(as_, ids, lambda desk, n: desk.due(n, to), lambda n: f"Ticket {n} is {done}.")


@verb(
    "mailgate ticket time 12 +15m\nmailgate ticket time 12 -5m",
    # Without -h, which -1h would be taken for.
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
)
@id_argument
@click.argument("spent", metavar="TIME", type=SPAN)
@as_option
@pass_session
def time(session: Session, ticket_id: int, spent: timedelta, as_: str | None) -> None:
    """Add the time that was spent on a ticket.

    A minus takes time back.
    """
    session.act(as_, lambda desk: desk.time(ticket_id, int(spent.total_seconds())))
    say(f"Ticket {ticket_id}: {int(spent.total_seconds() / 60):+d} min.")
