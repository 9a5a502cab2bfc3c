"""The verbs that work on tickets: assign, take, close, reopen, tag, move, merge, subscribe, accept.

Takes ticket numbers; each ticket is a transaction of its own. Where one is refused the others are done all the same, each
refusal is named, and the exit code is 1.
"""

from __future__ import annotations

import click

from mailgate.desk import Desk
from mailgate.errors import NotFoundError
from mailgate.store import people
from mailgate_cli.output import say
from mailgate_cli.people_named import person_or_new
from mailgate_cli.session import Session, pass_session
from mailgate_cli.verb import TICKET_ID, WORDS, as_option, id_argument, ids_argument, verb


@verb("mailgate ticket assign 12 13 --to caren@example.com\nmailgate ticket assign 12 --to none")
@ids_argument
@click.option("--to", "to", metavar="USER", required=True, type=WORDS, help="A technician, `me`, or `none`.")
@as_option
@pass_session
def assign(session: Session, ids: tuple[int, ...], to: str, as_: str | None) -> None:
    """Give tickets to a technician.

    The new assignee hears of it.
    """
    with session.store.read() as db:
        user = None if to == "none" else session.actor(db, as_) if to == "me" else people.named(db, to)
    who = user.display if user else "nobody"
    session.act_on_each(
        as_, ids, lambda desk, ticket_id: desk.assign(ticket_id, user), lambda n: f"Ticket {n} is assigned to {who}."
    )


@verb("mailgate ticket take 12")
@ids_argument
@as_option
@pass_session
def take(session: Session, ids: tuple[int, ...], as_: str | None) -> None:
    """Take tickets yourself.

    Refused with the other's name where somebody else took one a moment ago.
    """
    session.act_on_each(as_, ids, lambda desk, ticket_id: desk.take(ticket_id), lambda n: f"Ticket {n} is yours.")


@verb('mailgate ticket close 12 13\nmailgate ticket close 12 -m "The printer is fine again."')
@ids_argument
@click.option("-m", "--message", "message", metavar="TEXT", type=WORDS, help="A last public reply, Markdown.")
@click.option("--anyway", is_flag=True, help="Close even where required fields are empty.")
@as_option
@pass_session
def close(session: Session, ids: tuple[int, ...], message: str | None, anyway: bool, as_: str | None) -> None:
    """Close tickets, with a last answer if you like.

    Answer and closing make one mail. Tickets that are closed stay as they are.
    """
    session.act_on_each(
        as_, ids, lambda desk, ticket_id: desk.close(ticket_id, message, anyway), lambda n: f"Ticket {n} is closed."
    )


@verb("mailgate ticket reopen 12")
@ids_argument
@as_option
@pass_session
def reopen(session: Session, ids: tuple[int, ...], as_: str | None) -> None:
    """Open closed tickets again.

    A reply by mail does the same.
    """
    session.act_on_each(as_, ids, lambda desk, ticket_id: desk.reopen(ticket_id), lambda n: f"Ticket {n} is open.")


def _ids_and_tags(arguments: tuple[str, ...]) -> tuple[list[int], list[str]]:
    """Numbers at the front are tickets, the rest are tags; the last argument is always a tag."""
    count = 0
    while count < len(arguments) - 1 and arguments[count].strip("{}#").isdigit():
        count += 1
    if count == 0:
        raise click.UsageError("Name at least one ticket and one tag.")
    ids = [TICKET_ID.convert(argument, None, None) for argument in arguments[:count]]
    return ids, [WORDS.convert(argument, None, None) for argument in arguments[count:]]


@verb("mailgate ticket tag 12 13 printer urgent")
@click.argument("arguments", metavar="ID... TAG...", nargs=-1, required=True)
@as_option
@pass_session
def tag(session: Session, arguments: tuple[str, ...], as_: str | None) -> None:
    """Add tags to tickets.

    Numbers at the front are tickets, the rest are tags; the last one is always a tag.
    """
    ids, words = _ids_and_tags(arguments)
    session.act_on_each(
        as_,
        ids,
        lambda desk, ticket_id: desk.tag(ticket_id, words),
        lambda n: f"Ticket {n}: tagged {', '.join(words)}.",
    )


@verb("mailgate ticket untag 12 urgent")
@click.argument("arguments", metavar="ID... TAG...", nargs=-1, required=True)
@as_option
@pass_session
def untag(session: Session, arguments: tuple[str, ...], as_: str | None) -> None:
    """Take tags away from tickets.

    Numbers at the front are tickets, the rest are tags; the last one is always a tag.
    """
    ids, words = _ids_and_tags(arguments)
    session.act_on_each(
        as_, ids, lambda desk, ticket_id: desk.untag(ticket_id, words),
        lambda n: f"Ticket {n}: {', '.join(words)} taken away.",
    )  # fmt: skip


@verb("mailgate ticket move 12 13 --to billing")
@ids_argument
@click.option(
    "--to", "to", metavar="CATEGORY", required=True, type=WORDS, help="Id, address word or name of a category."
)
@as_option
@pass_session
def move(session: Session, ids: tuple[int, ...], to: str, as_: str | None) -> None:
    """Move tickets to another category.

    Its technicians hear of them, but for those who could see them before.
    """
    with session.store.read() as db:
        category = people.find_category(db, to)
    if category is None:
        raise NotFoundError(f'There is no category "{to}". See: mailgate category list')
    found = category
    session.act_on_each(
        as_, ids, lambda desk, ticket_id: desk.move(ticket_id, found), lambda n: f"Ticket {n} is in {found.name}."
    )


@verb("mailgate ticket merge 13 --into 12")
@ids_argument
@click.option("--into", "into", metavar="ID", required=True, type=TICKET_ID, help="The ticket that stays.")
@as_option
@pass_session
def merge(session: Session, ids: tuple[int, ...], into: int, as_: str | None) -> None:
    """Merge a ticket into another one.

    Its subscribers come along, values of custom fields that are empty there, and mail that still arrives for it. The merged
    ticket is closed and stays readable.
    """
    session.act_on_each(
        as_, ids, lambda desk, ticket_id: desk.merge(ticket_id, into), lambda n: f"Ticket {n} is merged into {into}."
    )


@verb("mailgate ticket subscribe 12 ada@example.com bob@example.com")
@id_argument
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True, type=WORDS)
@as_option
@pass_session
def subscribe(session: Session, ticket_id: int, addresses: tuple[str, ...], as_: str | None) -> None:
    """Let people hear of everything that happens on a ticket.

    An address that nobody has becomes a user. Either all of them subscribe or none.
    """

    def work(desk: Desk) -> None:
        for address in addresses:
            desk.subscribe(ticket_id, person_or_new(desk.tx, session.config, address))

    session.act(as_, work)
    say(f"Ticket {ticket_id}: {', '.join(addresses)} subscribed.")


@verb("mailgate ticket unsubscribe 12 bob@example.com")
@id_argument
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True, type=WORDS)
@as_option
@pass_session
def unsubscribe(session: Session, ticket_id: int, addresses: tuple[str, ...], as_: str | None) -> None:
    """Take people off a ticket's subscribers.

    They hear nothing more of it until they write again or are subscribed again.
    """

    def work(desk: Desk) -> None:
        for address in addresses:
            desk.unsubscribe(ticket_id, people.named(desk.tx, address))

    session.act(as_, work)
    say(f"Ticket {ticket_id}: {', '.join(addresses)} taken off.")


@verb("mailgate ticket accept 12 57")
@id_argument
@click.argument("entry", metavar="ENTRY", type=int)
@as_option
@pass_session
def accept(session: Session, ticket_id: int, entry: int, as_: str | None) -> None:
    """Accept what a stranger wrote, and subscribe the writer.

    Until then only technicians see the entry, which is marked non-subscriber. Answering the ticket accepts it too.
    """
    session.act(as_, lambda desk: desk.accept(ticket_id, entry))
    say(f"Ticket {ticket_id}: entry {entry} is accepted.")


@verb('mailgate ticket link 12 --to 13\nmailgate ticket link 12 --to 3 --kind "follow-up of"')
@id_argument
@click.option("--to", "to", metavar="ID", required=True, type=TICKET_ID, help="The other ticket.")
@click.option(
    "--kind", type=click.Choice(["related", "follow-up of"]), default="related", help="How they belong together."
)
@as_option
@pass_session
def link(session: Session, ticket_id: int, to: int, kind: str, as_: str | None) -> None:
    """Link a ticket to another one.

    `ticket show` names it; nothing else changes.
    """
    session.act(as_, lambda desk: desk.link(ticket_id, kind, to))
    say(f"Ticket {ticket_id}: {kind} {to}.")
