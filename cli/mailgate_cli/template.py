"""`mailgate template`: the words of outgoing mail."""

from __future__ import annotations

import click

from mailgate.store import fields
from mailgate_cli.output import Column, finding, print_bytes, print_json, print_table, say, styled
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe, safe_lines
from mailgate_cli.verb import TICKET_ID, WORDS, json_option, verb

_PARTS = ("subject", "html", "txt")


@verb("mailgate template list")
@json_option
@pass_session
def list_templates(session: Session, as_json: bool) -> None:
    """List templates and the files they come from.

    Files of the same name in the configuration's templates folder replace the ones that come with mailgate.
    """
    from mailgate.notify.catalogue import list_templates as find

    found = find(session.config)
    if as_json:
        print_json(
            [
                {
                    "event": item.event,
                    "language": item.language,
                    "part": item.part,
                    "path": str(item.path),
                    "own": item.own,
                    "blank": item.blank,
                }
                for item in found
            ]
        )
        return
    print_table(
        [
            Column("EVENT"),
            Column("LANGUAGE"),
            Column("PART"),
            Column("STATE"),
            Column("FILE", flexible=True, minimum=20),
        ],
        [
            [
                item.event,
                item.language,
                item.part,
                "blank" if item.blank else "yours" if item.own else "ours",
                str(item.path),
            ]
            for item in found
        ],
    )


@verb("mailgate template show updated --language tr > templates/updated.tr.html.j2")
@click.argument("event", metavar="EVENT", type=WORDS)
@click.option("--part", type=click.Choice(_PARTS), default="html", help="Which part of the mail.")
@click.option("--language", type=click.Choice(["en", "tr"]), help="Which language; else the configuration's.")
@pass_session
def show(session: Session, event: str, part: str, language: str | None) -> None:
    """Print the text of a template that is in force.

    A good start for one of your own.
    """
    from mailgate.notify.catalogue import show_template

    print_bytes(show_template(session.config, event, part, language).encode())


@verb("mailgate template check")
@pass_session
def check(session: Session) -> None:
    """Look all templates over.

    Names what does not compile, masks that are unknown, custom fields that do not exist, and files that nothing uses. Ends
    with 1 where there are faults.
    """
    from mailgate.notify.catalogue import check_templates

    ids = None
    if session.config.data_dir.exists():
        with session.store.read() as db:
            ids = {field.id for field in fields.every(db)}
    faults = check_templates(session.config, ids)
    for fault in faults:
        say(safe(fault))
    if faults:
        finding()
    say("The templates are right.")


@verb("mailgate template preview updated --ticket 12\nmailgate template preview closed --ticket 12 --raw > closed.eml")
@click.argument("event", metavar="EVENT", type=WORDS)
@click.option("--ticket", metavar="ID", required=True, type=TICKET_ID, help="The ticket it is about.")
@click.option("--raw", is_flag=True, help="Print the whole mails, as they would go out.")
@pass_session
def preview(session: Session, event: str, ticket: int, raw: bool) -> None:
    """Show what would be sent for an event of a ticket.

    Nothing is sent or kept; links in it open nothing.
    """
    from mailgate.mail.parse import parse
    from mailgate.notify.catalogue import preview as render

    letters = render(session.store, session.config, event, ticket)
    if not letters:
        say(f"Nothing would be sent for {event} of ticket {ticket}: its template is blank, or nobody is to be told.")
    for letter in letters:
        if raw:
            print_bytes(letter.new.raw)
            continue
        message = parse(letter.new.raw)
        say(styled(f"To: {safe(', '.join(letter.new.recipients))}", bold=True))
        say(styled(f"Subject: {safe(message.subject)}", bold=True))
        say()
        for line in safe_lines(message.text):
            say(line)
        say()
