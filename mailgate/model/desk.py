"""Tickets, people and what happens to them, as plain data.

Takes nothing; gives the dataclasses and words that store, desk, notify and the command line share.
Promises: times are UTC epoch seconds and end in `_at`; ids are integers; unknown is None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a person may do, beside the categories they are technicians of."""

    USER = "user"
    MANAGER = "manager"
    TECHNICIAN = "technician"
    ADMINISTRATOR = "administrator"


class Status(StrEnum):
    """The built-in statuses; an installation may add its own words."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


class Priority(StrEnum):
    """How urgent a ticket is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class FieldKind(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    CHECKBOX = "checkbox"


class Visibility(StrEnum):
    """Who sees a custom field and its values: everybody who sees the ticket, staff, or administrators."""

    PUBLIC = "public"
    TECHNICIANS = "technicians"
    ADMINISTRATORS = "administrators"


class EntryKind(StrEnum):
    """`message` comes from outside, `reply` is public and ours, `note` is internal, `event` is what changed."""

    MESSAGE = "message"
    REPLY = "reply"
    NOTE = "note"
    EVENT = "event"


@dataclass(slots=True)
class User:
    """A person. The first address is written to; all match. A technician is a user with at least one category.

    `epoch` grows with every change of role, password and being disabled: links that sign in belong to one epoch.
    """

    id: int
    name: str
    username: str | None
    role: Role
    addresses: list[str] = field(default_factory=list)
    company_id: int | None = None
    company: str | None = None
    department: str | None = None
    location: str | None = None
    language: str | None = None
    time_zone: str | None = None
    signature: str | None = None
    mail_on: bool = True
    new_ticket_mail: bool | None = None
    out_of_office: bool = False
    disabled: bool = False
    password_hash: str | None = None
    created_at: float = 0.0
    epoch: int = 0
    category_ids: frozenset[int] = frozenset()

    @property
    def address(self) -> str:
        return self.addresses[0] if self.addresses else ""

    @property
    def display(self) -> str:
        """The full name, else the user name, else the address."""
        return self.name or self.username or self.address

    @property
    def is_staff(self) -> bool:
        """Administrators, and those with the technician's role or a category of their own."""
        return not self.disabled and (self.role in (Role.ADMINISTRATOR, Role.TECHNICIAN) or bool(self.category_ids))


@dataclass(slots=True)
class Category:
    """Where tickets of one kind go; `word` is its word in addresses, such as support+billing@."""

    id: int
    name: str
    word: str | None = None
    section: str | None = None
    default_assignee_id: int | None = None
    from_address: str | None = None
    from_name: str | None = None
    internal_only: bool = False


def may_see(user: User | None, visibility: str) -> bool:
    """Whether a person may see a custom field of this visibility; None is mailgate itself, which sees all."""
    if user is None or visibility == Visibility.PUBLIC:
        return True
    if visibility == Visibility.TECHNICIANS:
        return user.is_staff
    return user.role == Role.ADMINISTRATOR and not user.disabled


@dataclass(slots=True)
class Field:
    """A custom field of tickets: of one category's, or of all. `required`: a technician fills it before closing."""

    id: int
    name: str
    kind: FieldKind
    visibility: Visibility
    category_id: int | None = None
    required: bool = False
    choices: list[str] = field(default_factory=list)

    def fits(self, category_id: int) -> bool:
        """Whether tickets of a category have this field."""
        return self.category_id is None or self.category_id == category_id

    def seen_by(self, user: User | None) -> bool:
        """Whether a person may see and set it."""
        return may_see(user, self.visibility)


@dataclass(slots=True)
class FieldValue:
    """The value of a custom field on one ticket, as text in one form: `2026-12-31`, `3.5`, `yes`."""

    field: Field
    value: str


@dataclass(slots=True)
class Ticket:
    """One request and its state; its words are in its entries."""

    id: int
    subject: str
    requester_id: int
    category_id: int
    status: str
    priority: str
    assignee_id: int | None
    via: str
    address_word: str | None
    created_at: float
    updated_at: float
    taken_at: float | None = None
    first_answered_at: float | None = None
    closed_at: float | None = None
    due_at: float | None = None
    time_spent_s: int = 0
    merged_into: int | None = None
    mailbox: str | None = None
    entries: int = 0
    tags: list[str] = field(default_factory=list)

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None


@dataclass(slots=True)
class Attached:
    """An attachment as stored: the bytes are in the blob store under `sha256`."""

    id: int
    entry_id: int
    filename: str
    content_type: str
    size: int
    inline: bool
    content_id: str | None
    sha256: str


@dataclass(slots=True)
class Entry:
    """One item of a ticket's log. `author_id` is None for strangers and for what mailgate did itself.

    `marks` are words such as "non-subscriber", "incomplete", "unscanned" (docs/messages.md). `data` belongs to events.
    """

    id: int
    ticket_id: int
    kind: str
    author_id: int | None
    author_name: str
    author_address: str
    at: float
    text: str
    reply_text: str
    html: str | None
    message_id: str | None
    queue_id: str | None
    message: int | None
    marks: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    attachments: list[Attached] = field(default_factory=list)
    time_spent_s: int = 0

    @property
    def public(self) -> bool:
        """Whether requesters and subscribers may see it: never notes, never what a stranger wrote unaccepted."""
        return self.kind in (EntryKind.MESSAGE, EntryKind.REPLY) and "non-subscriber" not in self.marks


@dataclass(slots=True)
class Event:
    """What happened, in the past tense, waiting for the reactor: `TicketOpened`, `ReplyAdded`, `AccountDisabled`..."""

    id: int
    kind: str
    at: float
    ticket_id: int | None
    entry_id: int | None
    actor_id: int | None
    data: dict[str, Any] = field(default_factory=dict)
