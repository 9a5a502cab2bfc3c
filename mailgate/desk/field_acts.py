"""Custom fields on tickets: set and emptied by technicians, required before closing, carried along by a merge.

Takes what `Pen` has; every change is an entry in the ticket's log and a `FieldChanged` event. The entry's data name the
field and who might see it then, so that the log shows it to nobody else (`shown_to`).
Raises NotFoundError and RefusedError with a sentence.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from mailgate.desk.field_values import checked_value
from mailgate.desk.pen import Pen
from mailgate.errors import RefusedError
from mailgate.model import Entry, Field, Ticket, User, may_see
from mailgate.store import Reader, fields, people, tickets

_LISTED = 10


class FieldActs(Pen):
    """The acts on custom fields; `Desk` has them all."""

    def set_field(self, ticket_id: int, named: str, text: str | None) -> None:
        """Sets a custom field by name or id; None or an empty text takes its value away."""
        self._need_staff()
        ticket = self._live(ticket_id)
        field = seen_field(fields.named(self.tx, named), self.actor)
        given = checked_value(field, text) if text is not None and text.strip() else None
        if given is not None and not field.fits(ticket.category_id):
            own = people.get_category(self.tx, field.category_id or 0).name
            other = people.get_category(self.tx, ticket.category_id).name
            raise RefusedError(
                f'"{field.name}" belongs to tickets of {own}, and ticket {ticket.id} is in {other}. '
                f"Move it first: mailgate ticket move {ticket.id} --to {shlex.quote(own)}"
            )
        self._put(ticket, field, given)

    def refuse_unanswered(self, ticket: Ticket, act: str = "closed") -> None:
        """Refuses where required fields are empty which the actor may fill."""
        empty = [field for field in unanswered(self.tx, ticket) if field.seen_by(self.actor)]
        if not empty:
            return
        listed = ", ".join(f'"{field.name}"' for field in empty[:_LISTED]) + (" …" if len(empty) > _LISTED else "")
        name = shlex.quote(empty[0].name)
        how = (
            f"Set it with: mailgate ticket field {ticket.id} {name} VALUE"
            if act == "closed"
            else f"Add: --field {shlex.quote(empty[0].name + '=VALUE')}"
        )
        whose = f"Ticket {ticket.id}" if act == "closed" else "The ticket"
        raise RefusedError(
            f"{whose} cannot be {act} yet: {listed} {'is' if len(empty) == 1 else 'are'} required. {how}; "
            "or do it all the same with --anyway."
        )

    def _carry_fields(self, ticket: Ticket, target: Ticket) -> None:
        """Gives the target of a merge the values it does not have; its own ones win, whoever may see them."""
        own = {found.field.id for found in fields.values(self.tx, target.id)}
        for found in fields.values(self.tx, ticket.id):
            if found.field.id not in own and found.field.fits(target.category_id):
                self._put(target, found.field, found.value)

    def _put(self, ticket: Ticket, field: Field, given: str | None) -> None:
        before = fields.put(self.tx, ticket.id, field, given)
        if before == given:
            return
        tickets.change(self.tx, ticket.id, updated_at=self.at)
        self._log_field(ticket.id, field, before, given)
        self._event("FieldChanged", ticket.id, None, field=field.id, name=field.name, to=given, **{"from": before})

    def _log_field(self, ticket_id: int, field: Field, before: str | None, after: str | None) -> None:
        self._log(ticket_id, f"field {field.name}", before, after, field=field.id, visibility=str(field.visibility))

    def empty_for_deletion(self, field: Field, at_once: int) -> int:
        """Takes the values of a field that goes away from some tickets, a line in the log of each. Gives how many."""
        found = fields.holders(self.tx, field.id, at_once)
        for ticket_id, before in found:
            fields.put(self.tx, ticket_id, field, None)
            self._log_field(ticket_id, field, before, None)
        return len(found)


def seen_field(field: Field, actor: User | None) -> Field:
    """The field itself. Raises RefusedError where the person may not see it."""
    if not field.seen_by(actor):
        raise RefusedError(f'The field "{field.name}" is for {field.visibility} only. Name one of them with --as USER.')
    return field


def unanswered(db: Reader, ticket: Ticket) -> list[Field]:
    """The required fields of a ticket's category that have no value on it."""
    required = [field for field in fields.every(db) if field.required and field.fits(ticket.category_id)]
    if not required:
        return []
    filled = {found.field.id for found in fields.values(db, ticket.id)}
    return [field for field in required if field.id not in filled]


def shown_to(entry: Entry, actor: User | None, known: Mapping[int, Field]) -> bool:
    """Whether a line of the log is for a person: a field's only where field and line are theirs to see.

    `known` are today's fields by id; of one that is gone, the line itself says who might see it.
    """
    field_id = entry.data.get("field")
    if field_id is None:
        return True
    today = known.get(field_id)
    return may_see(actor, str(entry.data.get("visibility"))) and (today is None or today.seen_by(actor))
