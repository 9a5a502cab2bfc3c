"""Who may see what: a ticket, its entries, its files.

Takes a reader, a person and a ticket; gives yes or no, and the entries. Promises: the same rules as for letters (one
function decides for both); notes, strangers' words and events are shown to nobody here, not even to technicians, who
have the command line for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailgate import clock
from mailgate.config import Config
from mailgate.model import Entry, EntryKind, Event, Role, Ticket, User
from mailgate.notify.scene import Scene
from mailgate.store import Reader, entries, tickets

PAGE_ENTRIES = 50
_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in the order they were written. `first_id` is what the ticket began with; `earlier_id` where more are."""

    entries: list[Entry]
    first_id: int | None
    earlier_id: int | None


def may_see(db: Reader, person: User, ticket: Ticket) -> bool:
    """Requester, subscribers, administrators, the technicians of its category, its assignee."""
    if person.disabled:
        return False
    if person.id in (ticket.requester_id, ticket.assignee_id) or tickets.is_subscriber(db, ticket.id, person.id):
        return True
    return person.is_staff and (person.role == Role.ADMINISTRATOR or ticket.category_id in person.category_ids)


def acts_as_staff(person: User, ticket: Ticket) -> bool:
    """Whether what a person who sees a ticket writes in it is our answer: staff, but not in a ticket of their own."""
    return person.is_staff and person.id != ticket.requester_id


def may_close(config: Config, person: User, ticket: Ticket) -> bool:
    """The requester unless only technicians may, and technicians; as by mail."""
    if ticket.is_closed:
        return False
    own = person.id == ticket.requester_id and (person.is_staff or not config.intake.restrict_closing)
    return own or acts_as_staff(person, ticket)


def is_closed_too_long(config: Config, ticket: Ticket) -> bool:
    """Whether an answer becomes a new ticket, as by mail."""
    days = config.intake.new_ticket_after_closed_days
    return days is not None and ticket.closed_at is not None and clock.now() - ticket.closed_at > days * _DAY


def page_of(db: Reader, config: Config, person: User, ticket: Ticket, before_id: int | None = None) -> Page:
    """The latest entries that a person may see, or those before an entry."""
    kinds = [EntryKind.MESSAGE, EntryKind.REPLY]
    found = entries.latest(db, ticket.id, PAGE_ENTRIES + 1, kinds, before_id)
    scene = _scene(db, config, ticket)
    shown = [entry for entry in found[:PAGE_ENTRIES] if _is_shown(scene, entry, person, ticket)]
    earlier = found[PAGE_ENTRIES - 1].id if len(found) > PAGE_ENTRIES else None
    first = scene.first_entry
    return Page(list(reversed(shown)), first.id if first is not None else None, earlier)


def may_see_entry(db: Reader, config: Config, person: User, ticket: Ticket, entry: Entry) -> bool:
    """Whether an entry is shown to a person who may see its ticket."""
    return _is_shown(_scene(db, config, ticket), entry, person, ticket)


def may_read_history(person: User, ticket: Ticket, entry: Entry) -> bool:
    """Whether a person may unfold what an entry quotes: its author, and technicians."""
    return entry.author_id == person.id or acts_as_staff(person, ticket)


def newest(db: Reader, ticket: Ticket) -> int:
    """The id of the newest message or reply, whoever may see it; 0 for none."""
    found = entries.latest(db, ticket.id, 1, [EntryKind.MESSAGE, EntryKind.REPLY])
    return found[0].id if found else 0


def _scene(db: Reader, config: Config, ticket: Ticket) -> Scene:
    return Scene(db, config, Event(0, "PageVisited", clock.now(), ticket.id, None, None))


def _is_shown(scene: Scene, entry: Entry, person: User, ticket: Ticket) -> bool:
    return entry.public and scene.sees(entry, [person], acts_as_staff(person, ticket))
