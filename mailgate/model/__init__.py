"""The desk's nouns: people, categories, tickets, entries, events, letters; plain data that every room above may use."""

from mailgate.model.desk import (
    Attached,
    Category,
    Entry,
    EntryKind,
    Event,
    Priority,
    Role,
    Status,
    Ticket,
    User,
)

__all__ = ["Attached", "Category", "Entry", "EntryKind", "Event", "Priority", "Role", "Status", "Ticket", "User"]
