"""`mailgate ticket new`, `reply` and `note`: what people write."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import click

from mailgate.desk import Desk
from mailgate.errors import NotFoundError
from mailgate.model import EntryKind, User
from mailgate.store import entries, people, tickets
from mailgate_cli.output import say
from mailgate_cli.people_named import person_or_new
from mailgate_cli.session import Session, pass_session
from mailgate_cli.ticket_field import pairs
from mailgate_cli.ticket_text import attach, edited_text, given_text, kept, text_options, time_option
from mailgate_cli.verb import WORDS, as_option, id_argument, verb

_PUBLIC = (EntryKind.MESSAGE, EntryKind.REPLY)


@verb('mailgate ticket new --subject "Printer" --requester ada@example.com -m "It is on fire."')
@click.option("--subject", metavar="TEXT", required=True, type=WORDS, help="The subject.")
@click.option(
    "--requester", metavar="WHO", type=WORDS, help="Whose ticket it is; an unknown address becomes a user. Else you."
)
@click.option("--category", metavar="CATEGORY", type=WORDS, help="Id, address word or name. Else the first one.")
@click.option("--field", "fields", metavar="NAME=VALUE", multiple=True, type=WORDS, help="Set a custom field.")
@click.option("--anyway", is_flag=True, help="Open it even where required fields are empty.")
@text_options
@as_option
@pass_session
def new(
    session: Session,
    subject: str,
    requester: str | None,
    category: str | None,
    fields: tuple[str, ...],
    anyway: bool,
    message: str | None,
    file: Path | None,
    files: tuple[Path, ...],
    as_: str | None,
) -> None:
    """Open a ticket.

    Prints its number. The technicians of the category hear of it as of one that came by mail. A technician fills in the
    category's required fields, or says --anyway.
    """
    values = pairs(fields)
    text = given_text(message, file)
    typed = text is None
    if text is None:
        text = edited_text([])
    words = text
    rows = attach(session.store, files, session.config.smtp.max_size)

    def work(desk: Desk) -> int:
        chosen = people.find_category(desk.tx, category or session.config.intake.default_category)
        if category and chosen is None:
            raise NotFoundError(f'There is no category "{category}". See: mailgate category list')
        whose = person_or_new(desk.tx, session.config, requester) if requester else _acting(desk)
        made = desk.open(subject, words, whose, chosen, "cli", rows(desk.tx))
        for name, value in values:
            desk.set_field(made, name, value)
        if _acting(desk).is_staff and not anyway:
            desk.refuse_unanswered(tickets.get(desk.tx, made), "opened")
        return made

    with kept(words, typed):
        say(str(session.act(as_, work)))


def _acting(desk: Desk) -> User:
    assert desk.actor is not None  # Session.act never acts as nobody
    return desk.actor


@verb(
    'mailgate ticket reply 12 -m "The printer is fine again." --close\nmailgate ticket reply 12 --attach manual.pdf\n'
    'mailgate ticket reply 12 --article 3 -m "Please try this:"'
)
@id_argument
@text_options
@click.option(
    "--article",
    "named",
    metavar="ARTICLE",
    multiple=True,
    type=WORDS,
    help="Answer with an article, after your words if there are any; may be given several times.",
)
@click.option("--even-internal", is_flag=True, help="Send an article, too, that requesters may not see.")
@click.option("--close", is_flag=True, help="Close the ticket with this reply; one mail goes out, not two.")
@time_option
@click.option("--seen", metavar="ENTRY", type=int, help="The newest entry you have read; newer ones refuse the reply.")
@click.option(
    "--anyway",
    is_flag=True,
    help="Send even where a newer entry has come, and close where required fields are empty.",
)
@as_option
@pass_session
def reply(
    session: Session,
    ticket_id: int,
    message: str | None,
    file: Path | None,
    files: tuple[Path, ...],
    named: tuple[str, ...],
    even_internal: bool,
    close: bool,
    spent: timedelta | None,
    seen: int | None,
    anyway: bool,
    as_: str | None,
) -> None:
    """Answer the requester and the subscribers.

    The text is Markdown. On a terminal without -m the editor opens with the latest entries below a line; the reply is
    refused where somebody else has written in the meantime, and with --close where required fields are empty, unless
    --anyway is given. With --article nothing is read from standard input, unless --file - asks for it.
    """
    begun = _article_texts(session, named, even_internal)
    alone = bool(begun) and message is None and file is None and not _is_terminal()
    text = "" if alone else given_text(message, file)
    typed = text is None
    if text is None:
        with session.store.read() as db:
            tickets.get(db, ticket_id)
            log = [entry for entry in entries.of_ticket(db, ticket_id) if entry.kind in _PUBLIC]
        seen = seen or (log[-1].id if log else 0)
        text, begun = edited_text(log, begun), ""
    words = "\n\n".join(part for part in (text, begun) if part.strip())
    rows = attach(session.store, files, session.config.smtp.max_size)

    def work(desk: Desk) -> int:
        return desk.reply(
            ticket_id,
            words,
            attachments=rows(desk.tx),
            close=close,
            time_spent_s=int(spent.total_seconds()) if spent else 0,
            seen_entry=None if anyway else seen,
            anyway=anyway,
        )

    with kept(words, typed):
        entry_id = session.act(as_, work)
    say(f"Ticket {ticket_id}: reply {entry_id} is on its way{', the ticket is closed' if close else ''}.")


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _article_texts(session: Session, named: tuple[str, ...], even_internal: bool) -> str:
    """The articles to answer with, as Markdown. Raises NotFoundError, and RefusedError for internal ones."""
    if not named:
        return ""
    from mailgate.desk.articles import text_for_reply

    with session.store.read() as db:
        return "\n\n".join(text_for_reply(db, one, even_internal) for one in named)


@verb('mailgate ticket note 12 -m "Waiting for the spare part."')
@id_argument
@text_options
@time_option
@as_option
@pass_session
def note(
    session: Session,
    ticket_id: int,
    message: str | None,
    file: Path | None,
    files: tuple[Path, ...],
    spent: timedelta | None,
    as_: str | None,
) -> None:
    """Add an internal note, which only technicians see.

    The assignee and subscribed technicians hear of it; requesters never do.
    """
    text = given_text(message, file)
    typed = text is None
    if text is None:
        text = edited_text([])
    words = text
    rows = attach(session.store, files, session.config.smtp.max_size)
    seconds = int(spent.total_seconds()) if spent else 0
    with kept(words, typed):
        entry_id = session.act(
            as_, lambda desk: desk.note(ticket_id, words, attachments=rows(desk.tx), time_spent_s=seconds)
        )
    say(f"Ticket {ticket_id}: note {entry_id} is added.")
