"""What people who are not technicians do with their tickets on the web: answer, close, rate, leave, forget a password.

Takes one transaction and the person; writes entries and events as mail does (`filing`), so that the same letters follow
whichever way somebody chose. Promises: nothing here gives a right: the caller has checked that the person may see the
ticket; an answer sent twice within minutes is written once; a vote belongs to one closing and the last one counts.
Raises RefusedError with a sentence where the act is not allowed, and leaves no trace then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mailgate import clock
from mailgate.desk.acts import Desk
from mailgate.errors import RefusedError
from mailgate.model import EntryKind, Status, Ticket, User
from mailgate.store import entries, events, people, tickets
from mailgate.store.entries import NewAttachment, NewEntry

if TYPE_CHECKING:
    from mailgate.store import Store, Tx

VIA = "web"
VOTES = ("good", "ok", "bad")
_TWICE_SECONDS = 600.0
_LONGEST_COMMENT = 4000


def customer_reply(
    tx: Tx, ticket: Ticket, person: User, text: str, attachments: Sequence[NewAttachment] = (), close: bool = False
) -> int:
    """Adds a customer's words; they open a closed ticket again, unless `close`. Gives the entry's id."""
    if not text.strip() and not attachments:
        raise RefusedError("The reply is empty. Write something, or add a file.")
    before = _said_just_now(tx, ticket, person, text, attachments)
    if before is not None:
        return before
    new = NewEntry(EntryKind.MESSAGE, _author(person), text, at=clock.now(), attachments=attachments)
    entry_id = entries.add(tx, ticket.id, new)
    changes: dict[str, object] = {"updated_at": clock.now()}
    reopened = ticket.is_closed and not close
    if reopened:
        changes.update(status=Status.OPEN, closed_at=None)
    elif ticket.status == Status.WAITING:
        changes["status"] = Status.OPEN
    tickets.change(tx, ticket.id, **changes)
    if reopened:
        _log(tx, ticket.id, person, "reopened", f"reopened on the web: {_name(person)}")
        events.add(tx, "TicketReopened", ticket.id, entry_id, person.id)
    if close and not ticket.is_closed:
        _close(tx, ticket, person, entry_id)
    else:
        events.add(tx, "MessageAdded", ticket.id, entry_id, person.id, stranger=False, reopened=reopened)
    return entry_id


def customer_follow_up(
    tx: Tx, store: Store, closed: Ticket, person: User, text: str, attachments: Sequence[NewAttachment] = ()
) -> int:
    """Opens a new ticket that follows one closed too long ago to be opened again. Gives the new ticket's id."""
    if not text.strip() and not attachments:
        raise RefusedError("The reply is empty. Write something, or add a file.")
    category = people.get_category(tx, closed.category_id)
    ticket_id = Desk(tx, store, person).open(closed.subject, text, person, category, VIA, attachments)
    tickets.link(tx, ticket_id, "follow-up of", closed.id)
    _log(tx, ticket_id, person, "linked", f"follow-up of closed ticket {closed.id}")
    return ticket_id


def customer_close(tx: Tx, ticket: Ticket, person: User) -> None:
    """Closes a ticket; a closed one stays as it is."""
    if not ticket.is_closed:
        _close(tx, ticket, person, None)


def leave(tx: Tx, ticket: Ticket, person: User) -> bool:
    """Takes a person off the subscribers; False where they were none."""
    if not tickets.unsubscribe(tx, ticket.id, person.id):
        return False
    _log(tx, ticket.id, person, "unsubscribed", f"unsubscribed on the web: {_name(person)}")
    return True


def rate(tx: Tx, ticket: Ticket, person: User, closed_at: float, vote: str, comment: str) -> None:
    """Keeps the requester's vote for one closing; the same vote again changes nothing but the comment."""
    if ticket.requester_id != person.id:
        raise RefusedError("Only the person who asked can rate the answer.")
    if vote not in VOTES:
        raise RefusedError(f'"{vote}" is no vote. Choose one of: {", ".join(VOTES)}.')
    comment = comment.strip()[:_LONGEST_COMMENT]
    tickets.rate(tx, ticket.id, closed_at, vote, comment)
    _log(tx, ticket.id, person, "rated", f"rated: {vote}" + (f" – {comment}" if comment else ""), vote)
    events.add(tx, "TicketRated", ticket.id, None, person.id, vote=vote, comment=comment, closed_at=closed_at)


def forget_password(tx: Tx, person: User) -> None:
    """Asks for the letter with the link that sets a new password."""
    events.add(tx, "PasswordForgotten", None, None, person.id, person=person.id)


def _said_just_now(tx: Tx, ticket: Ticket, person: User, text: str, attachments: Sequence[NewAttachment]) -> int | None:
    """The id of the same words by the same person, where a form was sent twice by an impatient hand."""
    found = entries.latest(tx, ticket.id, 1, [EntryKind.MESSAGE, EntryKind.REPLY])
    if not found or found[0].author_id != person.id or clock.now() - found[0].at > _TWICE_SECONDS:
        return None
    same_files = [item.sha256 for item in found[0].attachments] == [item.sha256 for item in attachments]
    return found[0].id if same_files and found[0].text == text else None


def _close(tx: Tx, ticket: Ticket, person: User, entry_id: int | None) -> None:
    now = clock.now()
    tickets.change(tx, ticket.id, status=Status.CLOSED, closed_at=now, updated_at=now)
    _log(tx, ticket.id, person, "closed", f"closed on the web: {ticket.status} → {Status.CLOSED}", str(Status.CLOSED))
    events.add(tx, "TicketClosed", ticket.id, entry_id, person.id, entry=entry_id)


def _log(tx: Tx, ticket_id: int, person: User, what: str, text: str, to: str | None = None) -> None:
    data = {"what": what, "from": None, "to": to, "via": VIA}
    entries.add(tx, ticket_id, NewEntry(EntryKind.EVENT, _author(person), text, data=data))


def _author(person: User) -> tuple[int, str, str]:
    return person.id, person.name or person.display, person.address


def _name(person: User) -> str:
    return person.address or person.display
