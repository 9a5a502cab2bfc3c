"""`mailgate ticket field`, and custom fields as other commands take and show them.

Takes `NAME=VALUE` and words of the command line; gives filters, lines and JSON. Promises: what a person may not see is
neither shown nor found.
"""

from __future__ import annotations

from pathlib import Path

import click

from mailgate.desk.field_acts import seen_field
from mailgate.desk.field_values import checked_value
from mailgate.model import Field, FieldKind, FieldValue, User
from mailgate.store import Reader, fields
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe
from mailgate_cli.ticket_text import given_text
from mailgate_cli.verb import TICKET_ID, WORDS, as_option, verb

_MOST_PAIRS = 100


@verb(
    "mailgate ticket field 12 13 Model X100\nmailgate ticket field 12 Warranty 31.12.2027\n"
    "mailgate ticket field 12 Notes --file notes.txt\nmailgate ticket field 12 Model --clear",
    # So that -3 is a value, and -h with it.
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
)
@click.argument("arguments", metavar="ID... NAME VALUE", nargs=-1, required=True)
@click.option("--file", "file", metavar="FILE", type=click.Path(allow_dash=True, path_type=Path),
              help="Read the value from a file instead; - is standard input.")  # fmt: skip
@click.option("--clear", is_flag=True, help='Take the value away; the same as the value "".')
@as_option
@pass_session
def field(session: Session, arguments: tuple[str, ...], file: Path | None, clear: bool, as_: str | None) -> None:
    """Set a custom field of tickets.

    The last two words are the field's name (or id) and the value, those before are tickets. A date is 2026-12-31 or
    31.12.2026, a number 3, -2 or 3.5, a checkbox yes or no. What it was before stays in the ticket's log.
    """
    if clear and file is not None:
        raise click.UsageError("Give either --clear or --file, not both.")
    words = [WORDS.convert(argument, None, None) for argument in arguments]
    value = words.pop() if file is None and not clear else None
    if file is not None:
        value = given_text(None, file)
    if len(words) < 2:
        raise click.UsageError("Name at least one ticket, then the field and its value.")
    name = words.pop()
    ids = [_ticket_id(word, name) for word in words]
    with session.store.read() as db:
        found = seen_field(fields.named(db, name), session.asker(db, as_))
    shown = safe(found.name)
    done = "is set" if value is not None and value.strip() else "is empty"
    session.act_on_each(
        as_, ids, lambda desk, n: desk.set_field(n, str(found.id), value), lambda n: f"Ticket {n}: {shown} {done}."
    )


def _ticket_id(word: str, name: str) -> int:
    try:
        number: int = TICKET_ID.convert(word, None, None)
    except click.UsageError:
        raise click.UsageError(
            f'"{word}" is not a ticket\'s number. A name or a value of several words stands in quotes: '
            f'mailgate ticket field 12 "{word} {name}" VALUE'
        ) from None
    return number


def pairs(given: tuple[str, ...]) -> list[tuple[str, str]]:
    """`NAME=VALUE` as (name, value). Raises UsageError."""
    if len(given) > _MOST_PAIRS:
        raise click.UsageError(f"--field may be given {_MOST_PAIRS} times.")
    split = [(name, value) for name, sign, value in (text.partition("=") for text in given) if sign and name.strip()]
    if len(split) != len(given):
        raise click.UsageError('--field is NAME=VALUE, such as --field "Serial number=4711".')
    return split


def wanted_fields(db: Reader, given: tuple[str, ...], asker: User | None) -> tuple[tuple[int, str | None], ...]:
    """What `TicketFilter.fields` looks for; an empty value means tickets that have none. Raises RefusedError."""
    found = []
    for name, value in pairs(given):
        field = seen_field(fields.named(db, name), asker)
        found.append((field.id, fields.key(field.kind, _as_stored(field, value)) if value.strip() else None))
    return tuple(found)


def _as_stored(field: Field, value: str) -> str:
    """The value as its kind has it; an old choice is still looked for as it was."""
    if field.kind in (FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.CHOICE):
        return value
    return checked_value(field, value)


def fields_json(db: Reader, ticket_id: int, category_id: int, asker: User | None) -> dict[str, str | None]:
    """The contract's `fields`: those of the ticket's category and those with a value, by name; null where empty."""
    by_id = {found.field.id: found for found in fields.values(db, ticket_id)}
    listed: dict[str, str | None] = {}
    for field in fields.every(db):
        found = by_id.get(field.id)
        if field.seen_by(asker) and (found is not None or field.fits(category_id)):
            listed[field.name] = found.value if found is not None else None
    return listed


def fields_to_show(db: Reader, ticket_id: int, category_id: int, asker: User | None) -> list[FieldValue]:
    """The fields with a value, and required ones without, whose value is empty then."""
    found = {one.field.id: one for one in fields.values(db, ticket_id)}
    for field in fields.every(db):
        if field.required and field.fits(category_id) and field.id not in found:
            found[field.id] = FieldValue(field, "")
    return [found[number] for number in sorted(found) if found[number].field.seen_by(asker)]
