"""The ticket's page: what was written, and the forms to answer, close, rate and leave.

Takes a visit; gives the page or an error. Promises: somebody else's ticket looks like one that does not exist; a link
that signs in leaves its token behind at once; reading changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from mailgate import clock, log
from mailgate.mail.subject import read_commands, strip_ticket_number
from mailgate.model import Attached, Entry, EntryKind, Ticket, User, Visibility
from mailgate.notify import words as letter_words
from mailgate.notify.links import may_autologin
from mailgate.store import Reader, fields, requests, tickets
from mailgate.web import sight
from mailgate.web.asking import Ask, Refused, Reply, see_other
from mailgate.web.room import Elsewhere, Room, Visit, find_person
from mailgate.web.sessions import BY_LINK, BY_PASSWORD

_log = log.get("web")
_MOST_FIELDS = 200
_DONE = ("replied", "closed", "rated", "unsubscribed")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as the template shows it."""

    id: int
    author: str
    mine: bool
    ours: bool
    date: str
    at: str
    html: Markup
    whole: Markup | None
    files: list[tuple[str, str, str]]


def show(room: Room, ask: Ask) -> Reply:
    """GET /t/ID, and with `?k=` the link that signs a regular user in."""
    with room.store.read() as db:
        visit = room.visit(db, ask)
        if "k" in ask.query:
            return _enter(room, db, ask, visit)
        person = room.signed_in(visit, f"t{ask.id}")
        ticket = visible(db, ask.id, person)
        if ticket.id != ask.id:
            return see_other(f"{room.root}/t/{ticket.id}")
        return page(room, db, ask, visit, ticket)


def listing(room: Room, ask: Ask) -> Reply:
    """GET /: the tickets of the one who is signed in."""
    with room.store.read() as db:
        visit = room.visit(db, ask)
        if visit.person is None:
            raise Elsewhere(f"{room.root}/sign-in")
        rows = requests.tickets_of(db, visit.person.id, sight.PAGE_ENTRIES)
        listed = [
            (row["id"], subject_of(row["subject"], visit), row["status"], _date(visit, row["updated_at"]))
            for row in rows
        ]
        return room.page("tickets", visit, listed=listed)


def visible(db: Reader, ticket_id: int, person: User) -> Ticket:
    """The ticket, or the one it was merged into. Raises Refused (404) where the person may not see it."""
    ticket = tickets.resolve_merged(db, ticket_id)
    if ticket is None or not sight.may_see(db, person, ticket):
        raise Refused(404)
    return ticket


def page(
    room: Room, db: Reader, ask: Ask, visit: Visit, ticket: Ticket, errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Reply:  # fmt: skip
    """The page itself; with `errors` (field, sentence) and what was typed where a form was not good."""
    person = visit.person
    assert person is not None
    before = ask.query.get("before", "")
    before_id = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    found = sight.page_of(db, room.config, person, ticket, before_id)
    vote = requests.rating(db, ticket.id, ticket.closed_at) if ticket.closed_at is not None else None
    done = ask.query.get("done", "")
    values: dict[str, Any] = {
        "ticket": ticket,
        "subject": subject_of(ticket.subject, visit),
        "opened": _date(visit, ticket.created_at),
        "updated": _date(visit, ticket.updated_at),
        "fields": _fields(db, visit, ticket),
        "items": [_item(room, visit, ticket, entry, entry.id == found.first_id) for entry in found.entries],
        "earlier_id": found.earlier_id,
        "is_latest": before_id is None,
        "seen": sight.newest(db, ticket),
        "may_close": sight.may_close(room.config, person, ticket),
        "may_rate": ticket.is_closed and person.id == ticket.requester_id,
        "may_leave": tickets.is_subscriber(db, ticket.id, person.id),
        "follows_up": sight.is_closed_too_long(room.config, ticket) and not sight.acts_as_staff(person, ticket),
        "files_locked": not may_have_files(room, visit),
        "vote": vote["vote"] if vote is not None else "",
        "comment": vote["comment"] if vote is not None else "",
        "done": f"done_{done}" if done in _DONE else "",
        "errors": errors or {},
        "typed": ask.form.get("text", ""),
        "max_upload": letter_words.size(room.config.web.max_upload, visit.language),
    }
    return room.page("ticket", visit, status, **values)


def may_have_files(room: Room, visit: Visit) -> bool:
    """Where files do not go out by mail, a link from mail does not lead to them either: a password does."""
    return room.config.notifications.include_attachments or visit.session.by == BY_PASSWORD


def subject_of(subject: str, visit: Visit) -> str:
    """A subject in the visitor's language."""
    return subject_text(subject, visit.language)


def subject_text(subject: str, language: str) -> str:
    """A subject without numbers in braces and commands, never empty."""
    return read_commands(strip_ticket_number(subject))[0] or letter_words.say(language, "no_subject")


def _enter(room: Room, db: Reader, ask: Ask, visit: Visit) -> Reply:
    """A sign-in link: begins a session where it is still good, and leads to the address without the token."""
    clean = f"{room.root}/t/{ask.id}"
    ticket = tickets.resolve_merged(db, ask.id)
    if visit.person is not None and ticket is not None and sight.may_see(db, visit.person, ticket):
        return see_other(clean)
    token = room.links.read_autologin(ask.query["k"])
    settings = room.config.notifications
    allowed = settings.autologin_links and not settings.one_mail_with_cc  # the mail of one is read by all
    if allowed and token is not None and token.subject_id == ask.id:
        person = find_person(db, token.person_id)
        if person is not None and may_autologin(person) and token.is_valid_for(person):
            _log.info(
                "signed in", person=person.id, by=BY_LINK, ticket=ticket.id if ticket else None, client=ask.client
            )
            return room.sign_in(person, BY_LINK, clean)
    return see_other(f"{room.root}/sign-in?to=t{ask.id}&why=over")


def _item(room: Room, visit: Visit, ticket: Ticket, entry: Entry, is_first: bool) -> Item:
    person = visit.person
    assert person is not None
    with_images = room.config.notifications.include_attachments
    body = room.shown.body(entry, visit.language, with_images, is_first, room.root)
    quotes = not is_first and entry.reply_text.strip() != entry.text.strip()
    whole = None
    if quotes and sight.may_read_history(person, ticket, entry):
        whole = room.shown.body(entry, visit.language, with_images, True, room.root).html
    return Item(
        id=entry.id,
        author=entry.author_name or entry.author_address or letter_words.say(visit.language, "somebody"),
        mine=entry.author_id == person.id,
        ours=entry.kind == EntryKind.REPLY,
        date=_date(visit, entry.at),
        at=_iso(entry.at),
        html=body.html,
        whole=whole,
        files=[_file(room, visit, item) for item in body.files],
    )


def _fields(db: Reader, visit: Visit, ticket: Ticket) -> list[tuple[str, str]]:
    """Name and value of the public custom fields; the others are shown to nobody here, as notes are."""
    return [
        (found.field.name, letter_words.field_value(visit.language, found))
        for found in fields.values(db, ticket.id)
        if found.field.visibility == Visibility.PUBLIC
    ][:_MOST_FIELDS]


def _file(room: Room, visit: Visit, item: Attached) -> tuple[str, str, str]:
    return item.filename, letter_words.size(item.size, visit.language), f"{room.root}/a/{item.id}"


def _date(visit: Visit, at: float) -> str:
    return letter_words.date(visit.language, at, visit.person.time_zone if visit.person else None)


def _iso(at: float) -> str:

    return clock.iso(at) or ""
