"""What technicians do with tickets: reply, note, assign, take, close, reopen, tag, move, merge and the rest.

Takes one transaction and one actor; gives ids. Promises: every change is an entry in the ticket's log (who, when, from
what to what) and an event for the reactor, in the same transaction; nothing overwrites history.
Raises NotFoundError and RefusedError with a sentence; then the transaction leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mailgate import clock
from mailgate.desk.field_acts import FieldActs
from mailgate.errors import NotFoundError, RefusedError
from mailgate.model import Category, EntryKind, Priority, Role, Status, Ticket, User
from mailgate.store import entries, people, tickets
from mailgate.store.entries import NewAttachment, NewEntry

_OUR_STATUSES = (Status.NEW, Status.OPEN, Status.WAITING, Status.CLOSED)
_JUST_NOW = 15 * 60.0


class Desk(FieldActs):
    """The acts of one person (`actor`; None is mailgate itself) in one transaction."""

    # -- writing ---------------------------------------------------------------------------------------------------

    def open(
        self,
        subject: str,
        text: str,
        requester: User,
        category: Category | None = None,
        via: str = "cli",
        attachments: Sequence[NewAttachment] = (),
    ) -> int:
        """Makes a ticket for a requester, who subscribes to it. Gives its id."""
        chosen = category or self._default_category()
        ticket_id = tickets.add(
            self.tx, subject.strip() or "(no subject)", requester.id, chosen.id, via, self.at,
            assignee_id=chosen.default_assignee_id,
        )  # fmt: skip
        author = (requester.id, requester.name, requester.address)
        entry_id = entries.add(
            self.tx, ticket_id, NewEntry(EntryKind.MESSAGE, author, text, at=self.at, attachments=attachments), subject
        )
        tickets.subscribe(self.tx, ticket_id, requester.id)
        self._event("TicketOpened", ticket_id, entry_id, via=via, made_by_mail=False)
        return ticket_id

    def reply(
        self,
        ticket_id: int,
        text: str,
        *,
        attachments: Sequence[NewAttachment] = (),
        close: bool = False,
        time_spent_s: int = 0,
        seen_entry: int | None = None,
        anyway: bool = False,
    ) -> int:
        """Answers in public. Gives the entry's id.

        `seen_entry` is the newest entry the writer had seen: where a newer message or reply has come since, the reply is
        refused. `anyway`: it closes even where required fields are empty. Answering accepts strangers' messages that were
        waiting (inbound.md section 5).
        """
        self._need_staff()
        ticket = self._live(ticket_id)
        self._refuse_crossing(ticket, seen_entry)
        if not text.strip() and not attachments:
            raise RefusedError("The reply is empty. Give its text with -m TEXT, a file, or the editor.")
        if close and not anyway:
            self.refuse_unanswered(ticket)
        entry_id = entries.add(
            self.tx,
            ticket.id,
            NewEntry(
                EntryKind.REPLY, self._author(), text, at=self.at, attachments=attachments, time_spent_s=time_spent_s
            ),
        )
        changes: dict[str, object] = {"updated_at": self.at}
        if ticket.first_answered_at is None:
            changes["first_answered_at"] = self.at
        if not close and ticket.status in (Status.NEW, Status.OPEN):
            changes["status"] = Status.WAITING
        tickets.change(self.tx, ticket.id, **changes)
        self._accept_waiting_strangers(ticket)
        if close:
            self._close(ticket, entry_id)
        else:
            self._event("ReplyAdded", ticket.id, entry_id, closes=False)
        return entry_id

    def note(
        self, ticket_id: int, text: str, *, attachments: Sequence[NewAttachment] = (), time_spent_s: int = 0
    ) -> int:
        """Writes an internal note. Gives the entry's id."""
        self._need_staff()
        ticket = self._live(ticket_id)
        if not text.strip() and not attachments:
            raise RefusedError("The note is empty. Give its text with -m TEXT.")
        new = NewEntry(
            EntryKind.NOTE, self._author(), text, at=self.at, attachments=attachments, time_spent_s=time_spent_s
        )
        entry_id = entries.add(self.tx, ticket.id, new)
        tickets.change(self.tx, ticket.id, updated_at=self.at)
        self._event("NoteAdded", ticket.id, entry_id)
        return entry_id

    # -- who works on it -------------------------------------------------------------------------------------------

    def assign(self, ticket_id: int, to: User | None) -> None:
        """Gives a ticket to a technician, or to nobody."""
        self._need_staff()
        ticket = self._live(ticket_id)
        if to is not None and not to.is_staff:
            raise RefusedError(
                f"{to.display} is not a technician. Make them one with: mailgate user set {to.address} --category NAME"
            )
        if ticket.assignee_id == (to.id if to else None):
            return
        taking = to is not None and self.actor is not None and to.id == self.actor.id
        self._hand_over(ticket, to, "taken" if taking else "assigned")

    def take(self, ticket_id: int) -> None:
        """Takes a ticket. Refused with the other's name where somebody else took it a moment ago."""
        actor = self._need_staff()
        ticket = self._live(ticket_id)
        if ticket.assignee_id == actor.id:
            return
        if ticket.assignee_id is not None and ticket.taken_at is not None and self.at - ticket.taken_at < _JUST_NOW:
            other = people.get(self.tx, ticket.assignee_id)
            raise RefusedError(
                f"{other.display} took ticket {ticket.id} a moment ago. "
                f"To take it over all the same: mailgate ticket assign {ticket.id} --to {actor.address}"
            )
        self._hand_over(ticket, actor, "taken")

    def _hand_over(self, ticket: Ticket, to: User | None, what: str) -> None:
        changes: dict[str, object] = {"assignee_id": to.id if to else None, "updated_at": self.at}
        if to is not None:
            changes["taken_at"] = self.at
            if ticket.status == Status.NEW:
                changes["status"] = Status.OPEN
        tickets.change(self.tx, ticket.id, **changes)
        before = people.get(self.tx, ticket.assignee_id).display if ticket.assignee_id else None
        self._log(ticket.id, what, before, to.display if to else None)
        kind = "TicketTaken" if what == "taken" else "TicketAssigned"
        self._event(kind, ticket.id, None, to=to.id if to else None, **{"from": ticket.assignee_id})

    # -- status ----------------------------------------------------------------------------------------------------

    def close(self, ticket_id: int, text: str | None = None, anyway: bool = False) -> None:
        """Closes a ticket, with a last public reply where there is text; closed tickets stay as they are.

        Refused where required fields are empty, unless `anyway`.
        """
        if text and text.strip():
            self.reply(ticket_id, text, close=True, anyway=anyway)
            return
        self._need_staff()
        ticket = self._live(ticket_id)
        if ticket.is_closed:
            return
        if not anyway:
            self.refuse_unanswered(ticket)
        self._close(ticket, None)

    def _close(self, ticket: Ticket, entry_id: int | None) -> None:
        self._accept_waiting_strangers(ticket)
        tickets.change(self.tx, ticket.id, status=Status.CLOSED, closed_at=self.at, updated_at=self.at)
        self._log(ticket.id, "closed", ticket.status, Status.CLOSED)
        self._event("TicketClosed", ticket.id, entry_id, entry=entry_id)

    def reopen(self, ticket_id: int) -> None:
        """Opens a closed ticket again."""
        self._need_staff()
        ticket = self._live(ticket_id)
        if not ticket.is_closed:
            raise RefusedError(f"Ticket {ticket.id} is not closed; its status is {ticket.status}.")
        tickets.change(self.tx, ticket.id, status=Status.OPEN, closed_at=None, updated_at=self.at)
        self._log(ticket.id, "reopened", Status.CLOSED, Status.OPEN)
        self._event("TicketReopened", ticket.id, None)

    def status(self, ticket_id: int, word: str, anyway: bool = False) -> None:
        """Sets the status; "closed" closes, any other word opens a closed ticket."""
        self._need_staff()
        word = word.strip().lower()
        ticket = self._live(ticket_id)
        if word == Status.CLOSED:
            self.close(ticket_id, anyway=anyway)
            return
        if word not in _OUR_STATUSES:
            raise RefusedError(f'There is no status "{word}". Choose one of: {", ".join(_OUR_STATUSES)}.')
        if word == ticket.status:
            return
        tickets.change(self.tx, ticket.id, status=word, closed_at=None, updated_at=self.at)
        self._log(ticket.id, "status", ticket.status, word)
        self._event("TicketReopened" if ticket.is_closed else "StatusChanged", ticket.id, None, to=word)

    def priority(self, ticket_id: int, word: str) -> None:
        """Sets the priority."""
        self._need_staff()
        ticket = self._live(ticket_id)
        if word not in list(Priority):
            raise RefusedError(f'There is no priority "{word}". Choose one of: {", ".join(Priority)}.')
        if word != ticket.priority:
            tickets.change(self.tx, ticket.id, priority=word, updated_at=self.at)
            self._log(ticket.id, "priority", ticket.priority, word)
            self._event("PriorityChanged", ticket.id, None, to=word)

    def due(self, ticket_id: int, at: float | None) -> None:
        """Sets or removes the due time (epoch seconds)."""
        self._need_staff()
        ticket = self._live(ticket_id)
        tickets.change(self.tx, ticket.id, due_at=at, updated_at=self.at)
        self._log(ticket.id, "due", clock.iso(ticket.due_at), clock.iso(at))

    def time(self, ticket_id: int, seconds: int) -> None:
        """Adds time spent; a negative number takes it back."""
        self._need_staff()
        ticket = self._live(ticket_id)
        total = ticket.time_spent_s + seconds
        if total < 0:
            raise RefusedError(f"Ticket {ticket.id} has only {ticket.time_spent_s} seconds of time spent.")
        tickets.change(self.tx, ticket.id, time_spent_s=total, updated_at=self.at)
        self._log(ticket.id, "time spent", str(ticket.time_spent_s), str(total))

    # -- order -----------------------------------------------------------------------------------------------------

    def tag(self, ticket_id: int, words: Iterable[str]) -> None:
        """Adds tags."""
        self._change_tags(ticket_id, words, add=True)

    def untag(self, ticket_id: int, words: Iterable[str]) -> None:
        """Takes tags away."""
        self._change_tags(ticket_id, words, add=False)

    def _change_tags(self, ticket_id: int, words: Iterable[str], add: bool) -> None:
        self._need_staff()
        ticket = self._live(ticket_id)
        cleaned = [" ".join(word.split())[:100] for word in words]
        changed = [w for w in cleaned if w and (tickets.tag if add else tickets.untag)(self.tx, ticket.id, w)]
        if changed:
            tickets.change(self.tx, ticket.id, updated_at=self.at)
            listed = ", ".join(changed)
            self._log(ticket.id, "tagged" if add else "untagged", None if add else listed, listed if add else None)
            self._event("TagsChanged", ticket.id, None, added=changed if add else [], removed=[] if add else changed)

    def move(self, ticket_id: int, category: Category) -> None:
        """Moves a ticket to another category."""
        self._need_staff()
        ticket = self._live(ticket_id)
        if ticket.category_id == category.id:
            return
        before = people.get_category(self.tx, ticket.category_id)
        tickets.change(self.tx, ticket.id, category_id=category.id, updated_at=self.at)
        self._log(ticket.id, "moved", before.name, category.name)
        self._event("TicketMoved", ticket.id, None, to=category.id, **{"from": before.id})

    def merge(self, ticket_id: int, into: int) -> None:
        """Hands a ticket over to another one: later mail goes there, its subscribers subscribe there.

        Custom fields that are empty there take its values; both tickets keep what they hold otherwise.
        """
        self._need_staff()
        ticket = self._live(ticket_id)
        target = tickets.resolve_merged(self.tx, into)
        if target is None:
            raise NotFoundError(f"There is no ticket {into}. See: mailgate ticket list")
        if target.id == ticket.id:
            raise RefusedError(f"Ticket {ticket.id} cannot be merged into itself.")
        tickets.change(
            self.tx, ticket.id, merged_into=target.id, status=Status.CLOSED, closed_at=self.at, updated_at=self.at
        )
        tickets.link(self.tx, ticket.id, "merged into", target.id)
        for person_id in tickets.subscribers(self.tx, ticket.id):
            tickets.subscribe(self.tx, target.id, person_id)
        self._log(ticket.id, "merged into", None, str(target.id))
        self._log(target.id, "merged from", str(ticket.id), None)
        self._carry_fields(ticket, target)
        tickets.change(self.tx, target.id, updated_at=self.at)
        self._event("TicketMerged", ticket.id, None, into=target.id)

    def link(self, ticket_id: int, kind: str, other_id: int) -> None:
        """Links two tickets ("related", "follow-up of")."""
        self._need_staff()
        ticket, other = tickets.get(self.tx, ticket_id), tickets.get(self.tx, other_id)
        tickets.link(self.tx, ticket.id, kind, other.id)
        self._log(ticket.id, "linked", None, f"{kind} {other.id}")

    # -- people ----------------------------------------------------------------------------------------------------

    def subscribe(self, ticket_id: int, user: User) -> None:
        """Adds a subscriber."""
        self._need_staff()
        ticket = self._live(ticket_id)
        if tickets.subscribe(self.tx, ticket.id, user.id):
            self._log(ticket.id, "subscribed", None, user.address)

    def unsubscribe(self, ticket_id: int, user: User) -> None:
        """Removes a subscriber; people may remove themselves."""
        if self.actor is None or self.actor.id != user.id:
            self._need_staff()
        ticket = self._live(ticket_id)
        if tickets.unsubscribe(self.tx, ticket.id, user.id):
            self._log(ticket.id, "unsubscribed", user.address, None)

    def accept(self, ticket_id: int, entry_id: int) -> None:
        """Accepts a stranger's message: it becomes public and its sender subscribes."""
        self._need_staff()
        ticket = self._live(ticket_id)
        entry = entries.get(self.tx, entry_id)
        if entry.ticket_id != ticket.id or "non-subscriber" not in entry.marks:
            raise RefusedError(f"Entry {entry_id} is not a stranger's message of ticket {ticket.id} that waits.")
        self._accept(ticket, entry.id, entry.marks, entry.author_id, entry.author_address)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _accept_waiting_strangers(self, ticket: Ticket) -> None:
        for entry in entries.latest(self.tx, ticket.id, 50, [EntryKind.MESSAGE]):
            if "non-subscriber" in entry.marks and "spoofed" not in entry.marks:
                self._accept(ticket, entry.id, entry.marks, entry.author_id, entry.author_address)

    def _accept(self, ticket: Ticket, entry_id: int, marks: Sequence[str], author_id: int | None, address: str) -> None:
        entries.set_marks(self.tx, entry_id, [mark for mark in marks if mark != "non-subscriber"])
        if author_id is not None:
            tickets.subscribe(self.tx, ticket.id, author_id)
        self._log(ticket.id, "accepted", None, address)
        self._event("StrangerAccepted", ticket.id, entry_id)

    def _refuse_crossing(self, ticket: Ticket, seen_entry: int | None) -> None:
        if seen_entry is None:
            return
        newer = [e for e in entries.latest(self.tx, ticket.id, 1, ["message", "reply"]) if e.id > seen_entry]
        if newer:
            who = newer[0].author_name or newer[0].author_address
            raise RefusedError(
                f"{who} wrote in ticket {ticket.id} since you looked. Read it with: mailgate ticket show {ticket.id}; "
                "then send again, or add --anyway."
            )

    def _default_category(self) -> Category:
        found = people.categories(self.tx)
        if not found:
            raise RefusedError("There is no category yet. Add one with: mailgate category add NAME")
        return found[0]


def is_administrator(user: User | None) -> bool:
    """Whether a person may change the installation."""
    return user is not None and not user.disabled and user.role == Role.ADMINISTRATOR
