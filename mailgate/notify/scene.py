"""What is known about one event: its ticket, its entry, the people round it; read once, used for all its letters.

Takes a reader, the configuration and an event; gives a `Scene`. Promises: people are read once each; what is not
needed is not read (technicians, administrators, history); nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from mailgate.errors import NotFoundError
from mailgate.model import Category, Entry, EntryKind, Event, Ticket, User
from mailgate.store import entries, events, people, tickets

if TYPE_CHECKING:
    from mailgate.config import Config
    from mailgate.notify.bodies import Rich
    from mailgate.store import Reader

# Articles like a ticket, as (title, URL); the second argument says whether internal ones may be named.
Suggest = Callable[[Ticket, bool], list[tuple[str, str]]]
MOST_LOOKED_AT = 200


class Scene:
    """One event and what belongs to it, as it is now."""

    def __init__(
        self,
        db: Reader,
        config: Config,
        event: Event,
        cache: dict[int, User | None] | None = None,
        suggest: Suggest | None = None,
    ) -> None:
        self.db = db
        self.config = config
        self.event = event
        self.contents: dict[tuple[int, str], Rich] = {}
        self.thread: list[str] | None = None
        self._recent: dict[int, list[Entry]] = {}
        self._suggest = suggest
        self._suggested: dict[bool, list[tuple[str, str]]] = {}
        self._people: dict[int, User | None] = {} if cache is None else cache

    def person(self, person_id: int | None) -> User | None:
        """A person by id; None for nobody and for those who are gone."""
        if person_id is None:
            return None
        if person_id not in self._people:
            try:
                self._people[person_id] = people.get(self.db, person_id)
            except NotFoundError:
                self._people[person_id] = None
        return self._people[person_id]

    def several(self, ids: Iterable[int]) -> list[User]:
        """The people with these ids, without those who are gone."""
        return [found for found in map(self.person, ids) if found is not None]

    @cached_property
    def ticket(self) -> Ticket | None:
        return None if self.event.ticket_id is None else tickets.find(self.db, self.event.ticket_id)

    @cached_property
    def entry(self) -> Entry | None:
        """The message, reply or note that the event is about; for `TicketClosed` the one that closed it."""
        entry_id = self.event.entry_id or self.event.data.get("entry")
        if not entry_id:
            return None
        try:
            return entries.get(self.db, int(entry_id))
        except NotFoundError:
            return None

    @cached_property
    def first_entry(self) -> Entry | None:
        """What the ticket began with."""
        if self.ticket is None:
            return None
        if self.event.kind == "TicketOpened" and self.entry is not None:
            return self.entry
        return entries.first(self.db, self.ticket.id)

    def recent(self, limit: int) -> list[Entry]:
        """The latest messages, replies and notes, newest first, for staff and others alike: filter with `sees`."""
        if self.ticket is None:
            return []
        if limit not in self._recent:
            kinds = [EntryKind.MESSAGE, EntryKind.REPLY, EntryKind.NOTE]
            self._recent[limit] = entries.latest(self.db, self.ticket.id, limit, kinds)
        return self._recent[limit]

    @cached_property
    def category(self) -> Category | None:
        return people.find_category(self.db, self.ticket.category_id) if self.ticket else None

    @property
    def requester(self) -> User | None:
        return self.person(self.ticket.requester_id) if self.ticket else None

    @property
    def assignee(self) -> User | None:
        return self.person(self.ticket.assignee_id) if self.ticket else None

    @property
    def actor(self) -> User | None:
        return self.person(self.event.actor_id)

    @cached_property
    def subscribers(self) -> list[User]:
        return self.several(tickets.subscribers(self.db, self.ticket.id)) if self.ticket else []

    @cached_property
    def administrators(self) -> list[User]:
        return people.administrators(self.db)

    def technicians(self, category_id: int) -> list[User]:
        """The technicians of a category."""
        return people.technicians_of(self.db, category_id)

    @cached_property
    def told_by_closing(self) -> bool:
        """Whether a `TicketClosed` event tells of the same entry: then it makes the one mail, and this event none."""
        if self.ticket is None or self.event.entry_id is None or self.event.kind == "TicketClosed":
            return False
        return events.closes_with(self.db, self.ticket.id, self.event.entry_id)

    def suggested(self, staff: bool) -> list[tuple[str, str]]:
        """Articles like the ticket, as (title, URL); none where there is no knowledge base."""
        if self._suggest is None or self.ticket is None:
            return []
        if staff not in self._suggested:
            self._suggested[staff] = self._suggest(self.ticket, staff)
        return self._suggested[staff]

    def sees(self, entry: Entry, readers: Iterable[User], staff: bool) -> bool:
        """Whether everybody who reads a letter may see an entry in it.

        Staff see all. Others never see notes and strangers' words, and with `updates_only_from_technicians` no customer's
        message but their own and the one that the ticket began with.
        """
        if staff:
            return True
        if not entry.public:
            return False
        if not self.config.notifications.updates_only_from_technicians or entry.kind != EntryKind.MESSAGE:
            return True
        if self.first_entry is not None and entry.id == self.first_entry.id:
            return True
        return all(reader.id == entry.author_id for reader in readers)
