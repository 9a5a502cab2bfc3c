"""The desk's nouns: people, categories, tickets, entries, events, letters; plain data that every room above may use."""

from mailgate.model.desk import (
    Attached,
    Category,
    Entry,
    EntryKind,
    Event,
    Field,
    FieldKind,
    FieldValue,
    Priority,
    Role,
    Status,
    Ticket,
    User,
    Visibility,
    may_see,
)

__all__ = [
    "Attached",
    "Category",
    "Entry",
    "EntryKind",
    "Event",
    "Field",
    "FieldKind",
    "FieldValue",
    "Priority",
    "Role",
    "Status",
    "Ticket",
    "User",
    "Visibility",
    "may_see",
]
