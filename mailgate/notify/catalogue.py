"""The templates as the command line shows them: which file is used, what is wrong in it, what it would send.

Takes the configuration, and for a preview the store; gives plain data. Promises: nothing is written or sent; a preview's
links and Message-IDs are signed with a key that is thrown away, so that what stands on a screen opens nothing.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mailgate import clock
from mailgate.errors import NotFoundError
from mailgate.model import EntryKind, Event, Status, Ticket
from mailgate.notify import masks
from mailgate.notify.letters import Letter, Notifier
from mailgate.notify.matrix import Told, tell
from mailgate.notify.scene import Scene
from mailgate.notify.suggested import suggester
from mailgate.notify.templates import ALLOWED, EVENTS, PARTS, Source, Templates, make_environment
from mailgate.notify.words import LANGUAGES, WORDS
from mailgate.store import entries, keys, tickets

if TYPE_CHECKING:
    from mailgate.config import Config
    from mailgate.store import Reader, Store

_FIELD = re.compile(r"mail\.(?:mask|attribute)\('CF', (\d+)", re.ASCII)
_LAYOUTS = ("layout.html.j2", "layout.txt.j2", "history.html.j2", "history.txt.j2")


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """One part of one event in one language, and the file it comes from. `own`: from your folder. `blank`: sends nothing."""

    event: str
    language: str
    part: str
    path: Path
    own: bool
    blank: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a template; `line` is 0 where it is about the whole file."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}" if self.line else f"{self.path}: {self.text}"


def list_templates(config: Config) -> list[TemplateFile]:
    """Every part of every event in every language."""
    templates = Templates(config.resolve(config.notifications.templates))
    return [_describe(templates, event, part, language) for event in EVENTS for language in LANGUAGES for part in PARTS]


def show_template(config: Config, event: str, part: str = "html", language: str | None = None) -> str:
    """The source of a template that is in use. Raises NotFoundError."""
    chosen = language or config.general.language
    if event not in EVENTS or part not in PARTS or chosen not in LANGUAGES:
        raise NotFoundError(
            f"There is no template {event}.{part} in {chosen}. Events: {', '.join(EVENTS)}; parts: {', '.join(PARTS)}; "
            f"languages: {', '.join(LANGUAGES)}."
        )
    return Templates(config.resolve(config.notifications.templates)).source(event, part, chosen).read()


def check_templates(config: Config, field_ids: Collection[int] | None = None) -> list[Fault]:
    """What is wrong in the templates: unknown masks, syntax errors, unknown variables, files that nothing uses; with the
    ids of custom fields also masks of those that do not exist."""
    templates = Templates(config.resolve(config.notifications.templates))
    faults: dict[Fault, None] = {}
    for event in EVENTS:
        for language in LANGUAGES:
            for part in PARTS:
                faults.update(dict.fromkeys(_faults_of(templates, event, part, language)))
                if field_ids is not None:
                    faults.update(
                        dict.fromkeys(_missing_fields(templates.source(event, part, language), event, field_ids))
                    )
            faults.update(dict.fromkeys(_missing_halves(templates, event, language)))
    faults.update(dict.fromkeys(_unused_files(templates.folder)))
    return list(faults)


def preview(store: Store, config: Config, event: str, ticket_id: int) -> list[Letter]:
    """The letters that an event (a template's name) would make for a ticket as it is now; `closed`: as it were closed.

    Raises NotFoundError.
    """
    if event not in EVENTS:
        raise NotFoundError(f"There is no template {event}. Choose one of: {', '.join(EVENTS)}.")
    suggest = suggester(store, config.web.base_url)
    notifier = Notifier(config, store.blobs, [secrets.token_bytes(32)], keys.installation(store))
    with store.read() as db:
        ticket = tickets.get(db, ticket_id)
        scene = Scene(db, config, _event_for(db, ticket, event), suggest=suggest)
        if event == "closed" and not ticket.is_closed:
            scene.ticket = replace(ticket, status=Status.CLOSED, closed_at=clock.now())
        return notifier.letters_for(scene, _told(scene, event))


def _told(scene: Scene, event: str) -> list[Told]:
    told = [one for one in tell(scene) if one.template == event]
    if not told and event in ("welcome", "password", "unregistered") and scene.requester is not None:
        told = [Told(scene.requester, event)]
    return told


def _event_for(db: Reader, ticket: Ticket, template: str) -> Event:
    """The event that would make this template, from what the ticket holds."""
    first = entries.first(db, ticket.id)
    latest = entries.latest(db, ticket.id, 1, [EntryKind.MESSAGE, EntryKind.REPLY, EntryKind.NOTE])
    entry = latest[0] if latest else None
    kind, entry_id, actor, data = (
        "TicketOpened",
        first.id if first else None,
        ticket.requester_id,
        {"made_by_mail": True},
    )
    if template == "updated" and entry is not None:
        kind = {EntryKind.REPLY: "ReplyAdded", EntryKind.NOTE: "NoteAdded"}.get(EntryKind(entry.kind), "MessageAdded")
        return Event(0, kind, clock.now(), ticket.id, entry.id, entry.author_id, {})
    if template == "closed":
        closing = entry.id if entry is not None and entry.kind == EntryKind.REPLY and ticket.is_closed else None
        actor_id = entry.author_id if closing is not None and entry is not None else ticket.assignee_id
        return Event(0, "TicketClosed", clock.now(), ticket.id, closing, actor_id, {"entry": closing})
    if template in ("welcome", "password", "unregistered"):
        kind, entry_id, data = "UserMade", None, {}
    if template == "article_updated":
        written = {"category": ticket.category_id, "title": "…", "article": 1}
        return Event(0, "ArticleUpdated", clock.now(), None, None, None, written)
    if template == "operations":
        example = {"account": "example", "error": "example"}
        return Event(0, "AccountDisabled", clock.now(), None, None, None, dict(example))
    return Event(0, kind, clock.now(), ticket.id, entry_id, actor, data)


def _describe(templates: Templates, event: str, part: str, language: str) -> TemplateFile:
    source = templates.source(event, part, language)
    return TemplateFile(event, language, part, source.path, source.own, source.own and not source.read().strip())


def _faults_of(templates: Templates, event: str, part: str, language: str) -> Iterator[Fault]:
    from jinja2 import TemplateSyntaxError, meta, nodes

    source = templates.source(event, part, language)
    text = source.read()
    if not source.own or not text.strip():
        return
    content = source.path.read_bytes()
    try:
        content.decode()
    except UnicodeDecodeError as error:
        yield Fault(source.path, content.count(b"\n", 0, error.start) + 1, "is not UTF-8; save it as UTF-8")
    for line, mask in masks.unknown(text, event):
        yield Fault(source.path, line, f"{mask} is no mask that works in {event}; it stays as it is")
    try:
        tree = make_environment(templates).parse(masks.to_jinja(text, event))
    except TemplateSyntaxError as error:
        yield Fault(source.path, error.lineno, error.message or "syntax error")
        return
    for name in sorted(meta.find_undeclared_variables(tree) - {"mail"}):
        yield Fault(source.path, 0, f"{{{{ {name} }}}} does not exist; values are {{{{ mail.NAME }}}}")
    for found in tree.find_all(nodes.Getattr):
        if isinstance(found.node, nodes.Name) and found.node.name == "mail" and found.attr not in ALLOWED:
            yield Fault(source.path, found.lineno, f"mail.{found.attr} does not exist")
        inner = found.node
        if isinstance(inner, nodes.Getattr) and inner.attr == "words" and found.attr not in WORDS[language]:
            yield Fault(source.path, found.lineno, f"mail.words.{found.attr} does not exist")
    for reference in meta.find_referenced_templates(tree):
        if reference is not None and not templates.find(reference, language).path.is_file():
            yield Fault(source.path, 0, f"{reference} does not exist")


def _missing_fields(source: Source, event: str, field_ids: Collection[int]) -> Iterator[Fault]:
    text = masks.to_jinja(source.read(), event) if source.own else ""
    for found in _FIELD.finditer(text):
        if int(found[1]) not in field_ids:
            line = text.count("\n", 0, found.start()) + 1
            yield Fault(
                source.path, line, f"#CF_{found[1]}# names a field that does not exist; see: mailgate field list"
            )


def _missing_halves(templates: Templates, event: str, language: str) -> Iterator[Fault]:
    """Who writes their own HTML and forgets the text sends two different letters."""
    html, text = (templates.source(event, part, language) for part in ("html", "txt"))
    if html.own and html.read().strip() and not text.own:
        yield Fault(html.path, 0, f"there is no {event}.txt.j2 beside it: the text half stays mailgate's own")
    if text.own and text.read().strip() and not html.own:
        yield Fault(text.path, 0, f"there is no {event}.html.j2 beside it: the HTML half stays mailgate's own")


def _unused_files(folder: Path) -> Iterator[Fault]:
    known = {f"{event}.{part}.j2" for event in EVENTS for part in PARTS} | set(_LAYOUTS)
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if path.is_dir() or path.name.startswith(".") or path.name.endswith("~"):
            continue
        in_place = len(inside) == 1 or (len(inside) == 2 and inside[0] in LANGUAGES)
        if re.search(r"\.(?:j2|html|txt|subject)\Z", path.name) and not (in_place and path.name in known):
            yield Fault(path, 0, "nothing uses this file; names are EVENT.subject.j2, EVENT.html.j2 and EVENT.txt.j2")
