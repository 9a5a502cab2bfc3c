"""The one sentence that says what happened, for each event.

Takes a `Scene`, a template and a language; gives text without the words of the entry. Promises: never empty.
"""

from __future__ import annotations

from mailgate.model import EntryKind
from mailgate.notify.scene import Scene
from mailgate.notify.words import say
from mailgate.store import people

_OPERATIONS = {
    "AccountDisabled": ("account_disabled", "next_account"),
    "OutboxStuck": ("outbox_stuck", "next_outbox"),
    "LoopHeld": ("loop_held", "next_loop"),
    "MailHeld": ("mail_held", "next_mail"),
}
_OF_EVENT = {"NoteAdded": "noted", "TicketAssigned": "assigned", "TicketTaken": "taken"}


def headline(scene: Scene, template: str, language: str) -> str:
    """The main sentence: "Jane replied", "Ticket closed"."""
    kind, who = scene.event.kind, _who(scene, language)
    if template == "operations":
        return _operations(scene, language, 0)
    if template == "article_updated":
        return say(language, "article_updated", title=_data(scene, "title"))
    if template in ("confirmation", "welcome", "password", "unregistered"):
        return say(language, template)
    if template == "new_ticket":
        return _moved(scene, language) if kind == "TicketMoved" else _new_ticket(scene, language)
    if template == "closed":
        return _closed(scene, language, who)
    if kind in _OF_EVENT:
        return say(language, _OF_EVENT[kind], who=who)
    if kind in ("MessageAdded", "StrangerAccepted", "ReplyAdded", "TicketClosed"):
        return _entry_added(scene, language)
    return say(language, "updated")


def next_step(scene: Scene, language: str) -> str:
    """What an administrator should do; empty where nothing."""
    return _operations(scene, language, 1) if scene.event.kind in _OPERATIONS else ""


def _operations(scene: Scene, language: str, which: int) -> str:
    keys = _OPERATIONS.get(scene.event.kind)
    if keys is None:
        return say(language, "operations")
    return say(
        language,
        keys[which],
        account=_data(scene, "account"),
        error=_data(scene, "error"),
        letters=_data(scene, "letters"),
        oldest=_data(scene, "oldest"),
        evidence=_data(scene, "evidence"),
        address=_data(scene, "address"),
        count=_data(scene, "count"),
    )


def _new_ticket(scene: Scene, language: str) -> str:
    return say(language, "new_ticket", who=scene.requester.display if scene.requester else say(language, "somebody"))


def _moved(scene: Scene, language: str) -> str:
    before = people.find_category(scene.db, scene.event.data.get("from"))
    after = people.find_category(scene.db, scene.event.data.get("to"))
    return say(language, "moved", before=before.name if before else "–", after=after.name if after else "–")


def _closed(scene: Scene, language: str, who: str) -> str:
    entry = scene.entry
    if entry is not None and entry.kind == EntryKind.REPLY:
        return say(language, "replied_closing", who=_author(scene, language))
    return say(language, "closed_by", who=who) if scene.actor is not None else say(language, "closed")


def _entry_added(scene: Scene, language: str) -> str:
    entry = scene.entry
    author = _author(scene, language)
    if entry is None:
        return say(language, "updated")
    if scene.event.kind == "TicketClosed":
        return say(language, "replied_closing", who=author)
    if entry.kind == EntryKind.REPLY:
        return say(language, "replied", who=author)
    if "non-subscriber" in entry.marks:
        return say(language, "stranger", who=author, ticket=entry.ticket_id, entry=entry.id)
    return say(language, "wrote_reopening" if scene.event.data.get("reopened") else "wrote", who=author)


def _who(scene: Scene, language: str) -> str:
    return scene.actor.display if scene.actor is not None else _author(scene, language)


def _author(scene: Scene, language: str) -> str:
    entry = scene.entry
    if entry is None:
        return say(language, "mailgate")
    return entry.author_name or entry.author_address or say(language, "somebody")


def _data(scene: Scene, key: str) -> str:
    value = scene.event.data.get(key)
    return " ".join(str(value).split())[:500] if value is not None else ""
