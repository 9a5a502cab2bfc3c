"""What mail does to tickets: opens them, adds to them, reopens, closes, unsubscribes; one transaction for each message.

Takes a `Filing` (everything that intake decided) and writes it; gives the ticket and the entry. Promises: bytes of
attachments and the ledger's link are written in the same transaction; a name from mail is only ever text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mailgate import clock
from mailgate.model import Category, EntryKind, Status, Ticket, User
from mailgate.store import entries, events, people, tickets
from mailgate.store.entries import NewAttachment, NewEntry

if TYPE_CHECKING:
    from mailgate.store import Tx

_MAX_SUBJECT = 500
_MAX_REFERENCES = 20
NO_SUBJECT = "(no subject)"
UNKNOWN_SENDER = "unknown-sender"


@dataclass(slots=True)
class Filing:
    """A message about to be filed.

    `author` is who wrote it, `requester` whose ticket it becomes (they differ for forwards); `note` is an internal note
    that goes with a new ticket. `powers` says that the author acts as a technician. `to_subscribe` joins new tickets.
    """

    author: User
    subject: str
    text: str
    new_text: str
    html: str | None
    attachments: Sequence[NewAttachment]
    marks: list[str]
    received_at: float
    queue_id: str
    message: int
    message_id: str | None
    references: Sequence[str] = ()
    requester: User | None = None
    note: str = ""
    powers: bool = False
    stranger: bool = False
    close: bool = False
    internal: bool = False
    unsubscribe: bool = False
    category: Category | None = None
    missing_category: int | None = None
    word: str | None = None
    mailbox: str | None = None
    via: str = "email"
    to_subscribe: Sequence[int] = ()
    follow_up_of: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


def open_ticket(tx: Tx, filing: Filing) -> tuple[int, int]:
    """Makes a ticket from a message. Gives (ticket id, entry id)."""
    requester = filing.requester or filing.author
    category = filing.category
    assert category is not None
    ticket_id = tickets.add(
        tx,
        clip_subject(filing.subject),
        requester.id,
        category.id,
        filing.via,
        filing.received_at,
        address_word=filing.word,
        mailbox=filing.mailbox,
        assignee_id=category.default_assignee_id,
    )
    entry_id = entries.add(tx, ticket_id, _entry(filing, EntryKind.MESSAGE, requester), clip_subject(filing.subject))
    tickets.subscribe(tx, ticket_id, requester.id)
    for person_id in filing.to_subscribe:
        tickets.subscribe(tx, ticket_id, person_id)
    _remember(tx, ticket_id, filing)
    if filing.missing_category is not None:
        text = f"category {filing.missing_category} was asked for by address and does not exist"
        _log(tx, ticket_id, "category missing", text, asked=filing.missing_category)
    if filing.follow_up_of is not None:
        tickets.link(tx, ticket_id, "follow-up of", filing.follow_up_of)
        _log(tx, ticket_id, "linked", f"follow-up of closed ticket {filing.follow_up_of}", to=filing.follow_up_of)
    if filing.note:
        note = NewEntry(EntryKind.NOTE, _author(filing.author), filing.note, at=filing.received_at)
        entries.add(tx, ticket_id, note)
    events.add(
        tx, "TicketOpened", ticket_id, entry_id, filing.author.id, via=filing.via, made_by_mail=True,
        confirm="automatic" not in filing.marks and filing.requester is None,
    )  # fmt: skip
    if filing.close:
        _close(tx, tickets.get(tx, ticket_id), filing, None)
    return ticket_id, entry_id


def add_to_ticket(tx: Tx, ticket: Ticket, filing: Filing) -> int:
    """Adds a message to its ticket. Gives the entry's id.

    An authenticated technician's is a public reply of ours, or a note with `internal`; anybody else's is a message that
    reopens a closed ticket; a stranger's is only for technicians until one accepts it.
    """
    _remember(tx, ticket.id, filing)
    if filing.unsubscribe:
        return _leave(tx, ticket, filing)
    said = bool(filing.new_text.strip() or filing.attachments)
    if filing.close and not said:
        return _close(tx, ticket, filing, None)
    kind = EntryKind.MESSAGE
    if filing.powers:
        kind = EntryKind.NOTE if filing.internal else EntryKind.REPLY
    entry_id = entries.add(tx, ticket.id, _entry(filing, kind, filing.author))
    changes: dict[str, object] = {"updated_at": clock.now()}
    if kind == EntryKind.REPLY and ticket.first_answered_at is None:
        changes["first_answered_at"] = filing.received_at
    if kind == EntryKind.REPLY and not ticket.is_closed and not filing.close:
        changes["status"] = Status.WAITING
    reopened = kind != EntryKind.NOTE and ticket.is_closed and not filing.close
    if reopened:
        changes.update(status=Status.OPEN, closed_at=None)
    elif kind == EntryKind.MESSAGE and ticket.status == Status.WAITING:
        changes["status"] = Status.OPEN
    tickets.change(tx, ticket.id, **changes)
    if reopened:
        _log(tx, ticket.id, "reopened", f"reopened: mail of {filing.author.address or filing.author.display}")
        events.add(tx, "TicketReopened", ticket.id, entry_id, filing.author.id)
    if filing.close:
        _close(tx, ticket, filing, entry_id)
    elif kind == EntryKind.NOTE:
        events.add(tx, "NoteAdded", ticket.id, entry_id, filing.author.id)
    elif kind == EntryKind.REPLY:
        events.add(tx, "ReplyAdded", ticket.id, entry_id, filing.author.id, closes=False)
    else:
        events.add(
            tx, "MessageAdded", ticket.id, entry_id, filing.author.id, stranger=filing.stranger, reopened=reopened
        )
    return entry_id


def log_event(tx: Tx, ticket_id: int, what: str, text: str, **data: Any) -> int:
    """Writes down on a ticket what mail did without adding to it: a bounce, an automatic reply. Gives the entry's id."""
    return _log(tx, ticket_id, what, text, **data)


def unknown_sender(tx: Tx) -> User:
    """The person who stands for messages without any sender."""
    return people.by_username(tx, UNKNOWN_SENDER) or people.add(
        tx, [], "(unknown sender)", username=UNKNOWN_SENDER, made_by="mailgate"
    )


def clip_subject(subject: str) -> str:
    """A subject as a ticket keeps it: one line, bounded, never empty."""
    line = " ".join(subject.split())
    return (line if len(line) <= _MAX_SUBJECT else line[: _MAX_SUBJECT - 1] + "…") or NO_SUBJECT


def _entry(filing: Filing, kind: EntryKind, author: User) -> NewEntry:
    return NewEntry(
        kind=kind,
        author=_author(author),
        text=filing.text,
        reply_text=filing.new_text,
        html=filing.html,
        at=filing.received_at,
        message_id=filing.message_id,
        queue_id=filing.queue_id,
        message=filing.message,
        marks=filing.marks,
        data=filing.data,
        attachments=filing.attachments,
    )


def _author(user: User) -> tuple[int, str, str]:
    return user.id, user.name or user.display, user.address


def _close(tx: Tx, ticket: Ticket, filing: Filing, entry_id: int | None) -> int:
    if ticket.is_closed:
        return entry_id or _log(tx, ticket.id, "closed", f"closed again by mail of {filing.author.display}")
    now = clock.now()
    tickets.change(tx, ticket.id, status=Status.CLOSED, closed_at=now, updated_at=now)
    log_id = entries.add(
        tx,
        ticket.id,
        NewEntry(
            EntryKind.EVENT,
            _author(filing.author),
            f"closed by mail: {ticket.status} → {Status.CLOSED}",
            queue_id=filing.queue_id,
            message=filing.message if entry_id is None else None,
            data={"what": "closed", "from": ticket.status, "to": str(Status.CLOSED)},
        ),
    )
    events.add(tx, "TicketClosed", ticket.id, entry_id, filing.author.id, entry=entry_id)
    return entry_id or log_id


def _leave(tx: Tx, ticket: Ticket, filing: Filing) -> int:
    left = tickets.unsubscribe(tx, ticket.id, filing.author.id)
    who = filing.author.address or filing.author.display
    text = f"unsubscribed by mail: {who}" if left else f"asked to unsubscribe, and was no subscriber: {who}"
    return entries.add(
        tx,
        ticket.id,
        NewEntry(
            EntryKind.EVENT,
            _author(filing.author),
            text,
            queue_id=filing.queue_id,
            message=filing.message,
            data={"what": "unsubscribed", "from": who, "to": None},
        ),
    )


def _remember(tx: Tx, ticket_id: int, filing: Filing) -> None:
    for message_id in filing.references[-_MAX_REFERENCES:]:
        tickets.remember_id(tx, message_id, ticket_id, "ref")
    if filing.message_id:
        tickets.remember_id(tx, filing.message_id, ticket_id, "in")


def _log(tx: Tx, ticket_id: int, what: str, text: str, **data: Any) -> int:
    return entries.add(
        tx, ticket_id, NewEntry(EntryKind.EVENT, (None, "mailgate", ""), text, data={"what": what, **data})
    )
