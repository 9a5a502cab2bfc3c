"""Who gets what: the table of outbound.md section 3, in code that can be read beside it.

Takes a `Scene`; gives whom to tell, with which template and through whose eyes (`staff` sees notes).
Promises: the one who acted is not told; nobody is told twice for one event (the first row that names them wins); those
with mail off, disabled people, our own addresses and suppressed addresses are left out; notes and strangers' words never
reach anybody but staff; automatic mail is never answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mailgate.config.schema import Notifications
from mailgate.mail.compose_header import wire_address
from mailgate.model import Entry, EntryKind, Role, User
from mailgate.notify.scene import Scene
from mailgate.route.hosted import HostedAddresses, own_addresses
from mailgate.store import entries, events, outbox, people, suppressions

Who = Callable[[Scene, Notifications], Iterable[User]]


@dataclass(frozen=True, slots=True)
class Told:
    """One person to tell. `staff`: may see notes and strangers' words. `wordless`: the entry's text stays out."""

    person: User
    template: str
    staff: bool = False
    wordless: bool = False
    together: bool = False  # among the subscribers who share one mail with `one_mail_with_cc`


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: for this event, this template goes to these people, shown as staff or as others."""

    event: str
    template: str
    to: Who
    staff_only: bool = False  # whoever the row names, only technicians and administrators are told
    wordless: bool = False
    always: bool = False  # no notification, so `enabled` does not matter
    actor_too: bool = False  # a confirmation goes to the very person who acted


def tell(scene: Scene) -> list[Told]:
    """Everybody who hears of the event, once each, in the order of the table."""
    settings = scene.config.notifications
    if scene.told_by_closing or (scene.entry is not None and _is_old(scene, scene.entry)):
        return []
    told: dict[int, Told] = {}
    # Who is named as the author of words that may be forged has perhaps not acted at all, and should know of them.
    acted = None if scene.event.kind == "MessageAdded" and _is_strangers(scene) else scene.event.actor_id
    for row in TABLE:
        if row.event != scene.event.kind or not (settings.enabled or row.always):
            continue
        for person in row.to(scene, settings):
            if person.id in told or (person.id == acted and not row.actor_too):
                continue
            if person.is_staff or not row.staff_only:
                told[person.id] = Told(person, row.template, person.is_staff, row.wordless, row.to in _SUBSCRIBERS)
    hosted = HostedAddresses.of(scene.config)
    return [one for one in told.values() if can_be_written_to(scene, one.person, hosted, one.template)]


def can_be_written_to(scene: Scene, person: User, hosted: HostedAddresses, template: str = "") -> bool:
    """Not disabled, mail on, an address that is neither ours nor suppressed. A forgotten password always goes."""
    address, wire = person.address, wire_address(person.address)
    if person.disabled or wire is None or is_own(scene, address, hosted):
        return False
    if template == "password":
        return True
    return person.mail_on and not suppressions.is_suppressed(scene.db, wire)


def is_own(scene: Scene, address: str, hosted: HostedAddresses) -> bool:
    """Whether mail to an address would come back to us: hosted, polled, or one that we send from."""
    return hosted.is_own(address) or address.lower() in own_addresses(scene.config)


# -- the people of each row --------------------------------------------------------------------------------------------


def _new_user(scene: Scene, settings: Notifications) -> Iterator[User]:
    """Only users that a mail of their own made, never those made from Cc, and never in answer to automatic mail."""
    person = scene.person(scene.event.data.get("person"))
    if person is not None and scene.event.data.get("made_by") == "mail" and _wrote_as_a_person(scene, person):
        yield person


def _confirmed(scene: Scene, settings: Notifications) -> Iterator[User]:
    """The requester, if the ticket came by a mail that a person wrote."""
    data = scene.event.data
    by_mail = data.get("made_by_mail") is True and data.get("confirm") is not False
    wanted = settings.confirmation and by_mail and scene.entry is not None and _takes_answer(scene, scene.entry)
    if wanted and scene.requester is not None:
        yield scene.requester


def _hear_of_new(scene: Scene, settings: Notifications) -> Iterator[User]:
    """Technicians of the category, administrators, by settings; a person's own setting wins."""
    if scene.ticket is None:
        return
    for person in scene.technicians(scene.ticket.category_id):
        if person.new_ticket_mail if person.new_ticket_mail is not None else settings.technicians_new_tickets:
            yield person
    for person in scene.administrators:
        if person.new_ticket_mail if person.new_ticket_mail is not None else settings.admins_new_tickets:
            yield person


def _new_to_it(scene: Scene, settings: Notifications) -> Iterator[User]:
    """Technicians of the new category who could not see the ticket before; administrators always could."""
    data = scene.event.data
    if not settings.technicians_new_tickets or not data.get("to"):
        return
    before = {person.id for person in scene.technicians(int(data.get("from") or 0))}
    before.update(person.id for person in scene.administrators)
    for person in scene.technicians(int(data["to"])):
        if person.id not in before and person.new_ticket_mail is not False:
            yield person


def _all_concerned(scene: Scene, settings: Notifications) -> Iterator[User]:
    """Requester and subscribers. The requester subscribes when the ticket is made, and may have left."""
    requester = scene.requester
    if requester is not None and any(person.id == requester.id for person in scene.subscribers):
        yield requester
    yield from scene.subscribers


def _assignee(scene: Scene, settings: Notifications) -> Iterator[User]:
    if scene.assignee is not None:
        yield scene.assignee


def _handlers(scene: Scene, settings: Notifications) -> Iterator[User]:
    """Those who work on a customer's words: the assignee; all of the category where nobody is assigned, or by setting."""
    yield from _assignee(scene, settings)
    nobody = scene.assignee is None or scene.assignee.disabled
    if scene.ticket is not None and (nobody or settings.all_technicians_on_customer_update):
        yield from scene.technicians(scene.ticket.category_id)
    yield from (person for person in scene.subscribers if person.is_staff)


def _others(scene: Scene, settings: Notifications) -> Iterator[User]:
    """Subscribers who are no staff, unless customers' words go to technicians only or are a stranger's."""
    if not settings.updates_only_from_technicians and not _is_strangers(scene):
        yield from (person for person in _all_concerned(scene, settings) if not person.is_staff)


def _after_acceptance(scene: Scene, settings: Notifications) -> Iterator[User]:
    """Those who did not hear of a stranger's words when they came; not the stranger."""
    author = scene.entry.author_id if scene.entry is not None else None
    yield from (person for person in _others(scene, settings) if person.id != author)


def _staff_concerned(scene: Scene, settings: Notifications) -> Iterator[User]:
    """The assignee, and subscribed technicians and administrators, whatever the settings."""
    candidates = [*_assignee(scene, settings), *scene.subscribers]
    yield from (person for person in candidates if person.is_staff)


def _new_assignee(scene: Scene, settings: Notifications) -> Iterator[User]:
    person = scene.person(scene.event.data.get("to"))
    if person is not None:
        yield person


def _others_of_category(scene: Scene, settings: Notifications) -> Iterator[User]:
    taker = scene.event.data.get("to")
    if settings.all_technicians_on_take and scene.ticket is not None:
        yield from (person for person in scene.technicians(scene.ticket.category_id) if person.id != taker)


def _hear_of_closing(scene: Scene, settings: Notifications) -> Iterator[User]:
    """Requester and subscribers, with the words of the reply that closed it where they may read them."""
    if settings.ticket_closed and _closing_words_are_public(scene, settings):
        yield from _all_concerned(scene, settings)


def _hear_of_closing_only(scene: Scene, settings: Notifications) -> Iterator[User]:
    """The same people where the closing words are a customer's and go to technicians only."""
    if settings.ticket_closed:
        yield from _all_concerned(scene, settings)


def _hear_of_closing_reply(scene: Scene, settings: Notifications) -> Iterator[User]:
    """A reply that closes is a reply first: it goes out also where `ticket_closed` is off."""
    if scene.entry is not None and _closing_words_are_public(scene, settings):
        yield from _all_concerned(scene, settings)


def _handle_closing_words(scene: Scene, settings: Notifications) -> Iterator[User]:
    """Staff who would have heard of the reply or message had it not closed the ticket."""
    if scene.entry is not None and scene.entry.kind == EntryKind.MESSAGE:
        yield from _handlers(scene, settings)
    elif scene.entry is not None:
        yield from _assignee(scene, settings)


def _hear_of_article(scene: Scene, settings: Notifications) -> Iterator[User]:
    category = people.find_category(scene.db, scene.event.data.get("category"))
    if settings.all_technicians_on_article_update and category is not None:
        yield from scene.technicians(category.id)


def _forgetful(scene: Scene, settings: Notifications) -> Iterator[User]:
    person = scene.person(scene.event.data.get("person"))
    if person is not None:
        yield person


def _administrators(scene: Scene, settings: Notifications) -> Iterator[User]:
    """Administrators, and the addresses of `general.admin`."""
    yield from scene.administrators
    known = {address for person in scene.administrators for address in person.addresses}
    for number, address in enumerate(dict.fromkeys(map(str.lower, scene.config.general.admin)), 1):
        if address not in known:
            yield User(-number, "", None, Role.ADMINISTRATOR, [address])


def _unregistered(scene: Scene, settings: Notifications) -> Iterator[User]:
    """The sender of a held message, once."""
    address = str(scene.event.data.get("address") or "").lower()
    if scene.config.intake.answer_unregistered and not outbox.was_written(scene.db, address, "unregistered"):
        yield User(0, "", None, Role.USER, [address])


# -- conditions --------------------------------------------------------------------------------------------------------


IMPORTED = "imported"  # mail of an archive: nobody hears of it
# Marks of mail that is never answered: a machine wrote it, or its sender is forged and the answer would hit a bystander.
_UNANSWERED = frozenset(["automatic", "spoofed", IMPORTED])
_ANSWER_AGE = 5 * 86400.0  # as long as mail servers try: later, a confirmation only puzzles
_NEWS_AGE = 30 * 86400.0


def _takes_answer(scene: Scene, entry: Entry) -> bool:
    return _UNANSWERED.isdisjoint(entry.marks) and _age(scene, entry) <= _ANSWER_AGE


def _is_old(scene: Scene, entry: Entry) -> bool:
    return IMPORTED in entry.marks or _age(scene, entry) > _NEWS_AGE


def _age(scene: Scene, entry: Entry) -> float:
    """How old a mail was when it was filed: an import, or the first poll of a mailbox, brings mail of years ago."""
    return scene.event.at - entry.at if entry.message is not None else 0.0


def _is_strangers(scene: Scene) -> bool:
    """The event remembers that a stranger wrote, also where the words were accepted since: that is another event's."""
    stranger = scene.event.kind == "MessageAdded" and scene.event.data.get("stranger") is True
    return stranger or (scene.entry is not None and "non-subscriber" in scene.entry.marks)


def _closing_words_are_public(scene: Scene, settings: Notifications) -> bool:
    entry = scene.entry
    if entry is None or entry.kind == EntryKind.REPLY:
        return True
    return entry.public and not settings.updates_only_from_technicians


def _wrote_as_a_person(scene: Scene, person: User) -> bool:
    """Whether the mail that made a user is filed, and is one that is answered."""
    entry_id = events.entry_of_actor(scene.db, scene.event.id, person.id)
    return entry_id is not None and _takes_answer(scene, entries.get(scene.db, entry_id))


_SUBSCRIBERS = (
    _all_concerned,
    _others,
    _after_acceptance,
    _hear_of_closing,
    _hear_of_closing_only,
    _hear_of_closing_reply,
)
TABLE = (
    # event, template, to
    Row("UserMade", "welcome", _new_user, actor_too=True),
    Row("TicketOpened", "confirmation", _confirmed, actor_too=True),
    Row("TicketOpened", "new_ticket", _hear_of_new, staff_only=True),
    Row("TicketMoved", "new_ticket", _new_to_it, staff_only=True),
    Row("ReplyAdded", "updated", _all_concerned),
    Row("ReplyAdded", "updated", _assignee, staff_only=True),
    Row("MessageAdded", "updated", _handlers, staff_only=True),
    Row("MessageAdded", "updated", _others),
    Row("StrangerAccepted", "updated", _after_acceptance),
    Row("NoteAdded", "updated", _staff_concerned, staff_only=True),
    Row("TicketAssigned", "updated", _new_assignee, staff_only=True),
    Row("TicketTaken", "updated", _others_of_category, staff_only=True),
    Row("TicketClosed", "closed", _hear_of_closing),
    Row("TicketClosed", "updated", _hear_of_closing_reply),
    Row("TicketClosed", "updated", _handle_closing_words, staff_only=True),
    Row("TicketClosed", "closed", _hear_of_closing_only, wordless=True),
    Row("ArticleUpdated", "article_updated", _hear_of_article, staff_only=True),
    Row("PasswordForgotten", "password", _forgetful, always=True, actor_too=True),
    Row("UnregisteredHeld", "unregistered", _unregistered),
    Row("AccountDisabled", "operations", _administrators, staff_only=True, always=True),
    Row("OutboxStuck", "operations", _administrators, staff_only=True, always=True),
    Row("LoopHeld", "operations", _administrators, staff_only=True, always=True),
    Row("MailHeld", "operations", _administrators, staff_only=True, always=True),
)
