"""What every act of the desk rests on: who acts, on which ticket, and the two lines that each change leaves behind.

Takes one transaction and one actor; gives checks, an entry for the ticket's log and an event for the reactor.
Raises NotFoundError and RefusedError with a sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailgate import clock
from mailgate.errors import RefusedError
from mailgate.model import EntryKind, Ticket, User
from mailgate.store import entries, events, tickets
from mailgate.store.entries import NewEntry

if TYPE_CHECKING:
    from mailgate.store import Store, Tx


def need_staff(actor: User | None) -> User:
    """The actor, who must be a technician or administrator. Raises RefusedError."""
    if actor is None or not actor.is_staff:
        who = actor.display if actor else "Nobody"
        raise RefusedError(
            f"{who} is not a technician or administrator. Name one with --as USER, or see: mailgate user list"
        )
    return actor


class Pen:
    """One person (`actor`; None is mailgate itself) who writes in one transaction."""

    def __init__(self, tx: Tx, store: Store, actor: User | None) -> None:
        self.tx = tx
        self.store = store
        self.actor = actor
        self.at = clock.now()

    def _live(self, ticket_id: int) -> Ticket:
        ticket = tickets.get(self.tx, ticket_id)
        if ticket.merged_into is not None:
            target = tickets.resolve_merged(self.tx, ticket_id)
            raise RefusedError(
                f"Ticket {ticket_id} was merged into {target.id if target else ticket.merged_into}. Use that one."
            )
        return ticket

    def _need_staff(self) -> User:
        return need_staff(self.actor)

    def _author(self) -> tuple[int | None, str, str]:
        return (self.actor.id, self.actor.display, self.actor.address) if self.actor else (None, "mailgate", "")

    def _log(self, ticket_id: int, what: str, before: str | None, after: str | None, **more: Any) -> None:
        """Writes what changed into the ticket's log; `more` goes into the entry's data."""
        text = what if before is None and after is None else f"{what}: {before or '–'} → {after or '–'}"
        data: dict[str, Any] = {"what": what, "from": before, "to": after, **more}
        entries.add(self.tx, ticket_id, NewEntry(EntryKind.EVENT, self._author(), text, at=self.at, data=data))

    def _event(self, kind: str, ticket_id: int, entry_id: int | None, **data: Any) -> None:
        events.add(self.tx, kind, ticket_id, entry_id, self.actor.id if self.actor else None, **data)
