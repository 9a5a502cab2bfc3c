"""What one letter can say: the values behind masks and template variables, through the eyes of its readers.

Takes a `Scene` and an `Audience`; gives values as text or as safe HTML. Promises: readers who are not staff never get
notes, strangers' words, or what `updates_only_from_technicians` keeps from them, by whatever mask; values are escaped in
HTML; a value that does not exist is empty; sign-in links only for one regular user, alone.
"""

from __future__ import annotations

import html as html_escape
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mailgate.mail.compose import REPLY_MARKERS
from mailgate.mail.subject import read_commands, strip_ticket_number
from mailgate.model import Attached, Entry, EntryKind, FieldValue, User
from mailgate.notify import bodies, words
from mailgate.notify.bodies import Rich
from mailgate.notify.links import VOTES, Links, may_autologin
from mailgate.notify.masks import MOST_RECENT
from mailgate.notify.scene import MOST_LOOKED_AT, Scene
from mailgate.notify.sentences import headline, next_step
from mailgate.store import fields

if TYPE_CHECKING:
    from markupsafe import Markup

_SHORT = 100
_MOST_ARTICLES = 3
_EXCERPT = 4000
_LONGEST_SIGNATURE = 2000


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads one letter. `personal`: one reader, so that links may be theirs. `wordless`: without the entry's text."""

    readers: tuple[User, ...]
    template: str
    language: str
    staff: bool = False
    personal: bool = True
    wordless: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One earlier entry, for templates."""

    author: str
    date: str
    text: str
    html: Markup
    internal: bool
    stranger: bool


# What each mask says: `mask_values.VALUES`, handed in because those functions take a `View` themselves.
Values = Mapping[str, Callable[..., "str | Rich"]]


class Words:
    """The sentences of one language, as `mail.words.view_ticket`."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __getitem__(self, key: str) -> str:
        return words.say(self._language, key)


class View:
    """The `mail` of a template. `html` says in which of the two forms values come out."""

    def __init__(self, scene: Scene, audience: Audience, links: Links, values: Values, html: bool) -> None:
        self.scene = scene
        self.audience = audience
        self._links = links
        self._values = values
        self._html = html
        self._histories: dict[int, list[Item]] = {}
        self.words = Words(audience.language)
        self.language = audience.language
        self.template = audience.template

    def as_html(self) -> View:
        """The same letter's values as HTML."""
        other = copy(self)  # with what has been computed so far, links above all
        other._html = True
        return other

    def mask(self, name: str, *given: object) -> str:
        """The value of a mask, ready for the form of the template."""
        value = self._values[name](self, *given)
        if isinstance(value, Rich):
            return self.safe(value.html) if self._html else value.text
        if self._html:
            return self.safe(html_escape.escape(value).replace("\n", "<br>\n"))
        return value

    def attribute(self, name: str, *given: object) -> str:
        """The value of a mask as plain text in one line, for an attribute such as `href`."""
        value = self._values[name](self, *given)
        text = " ".join((value.text if isinstance(value, Rich) else value).split())
        return self.safe(html_escape.escape(text)) if self._html else text

    def safe(self, html: str) -> Markup:
        """HTML that needs no escaping any more."""
        from markupsafe import Markup

        return Markup(html)  # noqa: S704 - only for what was sanitised or escaped here

    # -- what happened ---------------------------------------------------------------------------------------------

    @cached_property
    def headline(self) -> str:
        """The main sentence without the text of the entry: "Jane replied"."""
        return headline(self.scene, self.audience.template, self.language)

    @cached_property
    def content_entry(self) -> Entry | None:
        """The entry whose words and files this letter carries; None where there is none or these readers may not see it."""
        entry = self.scene.entry
        template = self.audience.template
        if template not in ("updated", "closed", "new_ticket") or self.audience.wordless:
            return None
        if entry is None and template == "new_ticket":
            entry = self.scene.first_entry
        return entry if entry is not None and entry.kind != EntryKind.EVENT and self.sees(entry) else None

    @cached_property
    def content(self) -> Rich | None:
        """The words of that entry, made once for all letters of an event."""
        entry = self.content_entry
        if entry is None:
            return None
        key = (entry.id, self.language)
        found = self.scene.contents.get(key)
        if found is None:
            first = self.scene.first_entry
            with_images = self.scene.config.notifications.include_attachments
            whole = first is not None and entry.id == first.id
            found = bodies.rich(entry, with_images, whole, words.say(self.language, "image"))
            self.scene.contents[key] = found
        return found

    @property
    def message(self) -> str:
        """The words of the entry, in the form of the template; empty where there are none."""
        if self.content is None:
            return ""
        return self.safe(self.content.html) if self._html else self.content.text

    @property
    def signature(self) -> str:
        """The signature of the technician whose reply this letter carries, as plain text."""
        entry = self.content_entry
        author = self.scene.person(entry.author_id) if entry is not None and entry.kind == EntryKind.REPLY else None
        return ((author.signature if author is not None else None) or "").strip()[:_LONGEST_SIGNATURE]

    @property
    def next_step(self) -> str:
        """What to do, in mail to administrators."""
        return next_step(self.scene, self.language)

    # -- the ticket ------------------------------------------------------------------------------------------------

    @property
    def ticket_id(self) -> int | None:
        return self.scene.ticket.id if self.scene.ticket else None

    @cached_property
    def subject(self) -> str:
        """The ticket's subject, without numbers in braces and commands, in one line."""
        ticket = self.scene.ticket
        if ticket is None:
            return ""
        bare = read_commands(strip_ticket_number(ticket.subject))[0]
        return bare or words.say(self.language, "no_subject")

    @property
    def category(self) -> str:
        return self.scene.category.name if self.scene.category else ""

    @property
    def status(self) -> str:
        return words.word(self.language, "status", self.scene.ticket.status) if self.scene.ticket else ""

    @property
    def priority(self) -> str:
        ticket = self.scene.ticket
        return words.word(self.language, "priority", ticket.priority) if ticket else ""

    @property
    def requester(self) -> str:
        return self.scene.requester.display if self.scene.requester else ""

    @property
    def requester_address(self) -> str:
        return self.scene.requester.address if self.scene.requester else ""

    @property
    def technician(self) -> str:
        return self.scene.assignee.display if self.scene.assignee else ""

    @property
    def originator(self) -> str:
        """Who did it; the installation's own name where nobody did."""
        entry, actor = self.scene.entry, self.scene.actor
        if actor is not None:
            return actor.display
        if entry is not None and entry.kind != EntryKind.EVENT:
            return entry.author_name or entry.author_address
        return self.scene.config.outgoing.from_name or words.say(self.language, "mailgate")

    # -- links -----------------------------------------------------------------------------------------------------

    @cached_property
    def url(self) -> str:
        """The link to the ticket; signs a regular user in where that is allowed. Without a ticket, the site."""
        ticket = self.scene.ticket
        if self.audience.template == "password":
            return self._links.password(self.audience.readers[0])
        if self.audience.template == "article_updated":
            article = self.scene.event.data.get("article")
            return self._links.article(article) if isinstance(article, int) else f"{self._links.base_url}/"
        if ticket is None or self.audience.template == "welcome":
            return f"{self._links.base_url}/"
        return self._links.ticket(ticket.id, self._signed_in())

    @property
    def is_personal(self) -> bool:
        return self.audience.personal

    @property
    def expects_reply(self) -> bool:
        return self.scene.ticket is not None and self.audience.template not in ("welcome", "password", "operations")

    @property
    def marker(self) -> str:
        """The line above which replies belong; empty where no reply is expected."""
        return REPLY_MARKERS[self.language] if self.expects_reply else ""

    @cached_property
    def unsubscribe_url(self) -> str:
        """The link to leave; empty for those who have nothing to leave, and where several read one letter."""
        ticket = self.scene.ticket
        if ticket is None or not self.audience.personal or not self.audience.readers:
            return ""
        reader = self.audience.readers[0]
        subscribed = any(person.id == reader.id for person in self.scene.subscribers)
        return self._links.unsubscribe(ticket.id, reader) if subscribed else ""

    @cached_property
    def rating(self) -> list[tuple[str, str]]:
        """(word, link) of Good, OK and Bad: only in `closed`, only to the requester, never with `one_mail_with_cc`."""
        ticket, settings = self.scene.ticket, self.scene.config.notifications
        if ticket is None or self.audience.template != "closed" or settings.one_mail_with_cc:
            return []
        if not self.audience.personal or [p.id for p in self.audience.readers] != [ticket.requester_id]:
            return []
        closed_at = ticket.closed_at if ticket.closed_at is not None else self.scene.event.at
        reader = self.audience.readers[0]
        return [
            (words.say(self.language, vote), self._links.rating(ticket.id, reader, closed_at, vote)) for vote in VOTES
        ]

    def _signed_in(self) -> User | None:
        settings = self.scene.config.notifications
        if not settings.autologin_links or settings.one_mail_with_cc or not self.audience.personal:
            return None
        reader = self.audience.readers[0]
        return reader if may_autologin(reader) else None

    # -- history and files -----------------------------------------------------------------------------------------

    def sees(self, entry: Entry) -> bool:
        return self.scene.sees(entry, self.audience.readers, self.audience.staff)

    def entries(self, count: int) -> list[Entry]:
        """The latest entries that the readers may see, newest first."""
        wanted, looked_at = min(count, MOST_RECENT), 16
        while True:
            recent = self.scene.recent(looked_at)
            found = [entry for entry in recent if self.sees(entry)]
            if len(found) >= wanted or len(recent) < looked_at or looked_at >= MOST_LOOKED_AT:
                return found[:wanted]
            looked_at = min(4 * looked_at, MOST_LOOKED_AT)

    def history(self, count: int = 5) -> list[Item]:
        """The latest entries but the one that this letter is about."""
        if count not in self._histories:
            current = self.content_entry.id if self.content_entry is not None else None
            shown = [entry for entry in self.entries(count + 1) if entry.id != current][:count]
            self._histories[count] = [self.item(entry) for entry in shown]
        return self._histories[count]

    def item(self, entry: Entry) -> Item:
        """An entry as an excerpt: its text, cut at a length that no mail program minds."""
        text = bodies.plain(entry)
        if len(text) > _EXCERPT:
            text = text[:_EXCERPT].rstrip() + " […]"
        author = entry.author_name or entry.author_address or words.say(self.language, "mailgate")
        return Item(
            author=author,
            date=self.date(entry.at),
            text=text,
            html=self.safe(bodies.excerpt(entry, text)),
            internal=entry.kind == EntryKind.NOTE,
            stranger="non-subscriber" in entry.marks,
        )

    def date(self, at: float | None) -> str:
        """A time in the reader's language and time zone."""
        zone = self.audience.readers[0].time_zone if self.audience.readers else None
        return words.date(self.language, at, zone)

    def files(self, entries: Sequence[Entry]) -> list[tuple[Attached, str]]:
        """The attachments of entries with their links; a link needs no signing in only where the ticket's needs none."""
        signed_in = self._signed_in() if self.scene.config.notifications.include_attachments else None
        return [
            (item, self._links.attachment(item.id, signed_in))
            for entry in entries
            for item in entry.attachments
            if not item.inline
        ]

    @cached_property
    def attachments(self) -> list[tuple[str, str, str]]:
        """(name, size, link) of the files of the entry that this letter is about."""
        found = self.files([self.content_entry] if self.content_entry is not None else [])
        return [(item.filename, words.size(item.size, self.language), link) for item, link in found]

    @property
    def articles(self) -> list[tuple[str, str]]:
        """(title, link) of articles like the ticket that the readers may see, the best first."""
        return self.scene.suggested(self.audience.staff)[:_MOST_ARTICLES]

    # -- for the masks ---------------------------------------------------------------------------------------------

    def short(self, text: str) -> str:
        """At most 100 characters of one line."""
        line = " ".join(text.split())
        return line if len(line) <= _SHORT else line[: _SHORT - 1].rstrip() + "…"

    def field_values(self) -> list[FieldValue]:
        """The ticket's custom fields that have a value, whoever may see them."""
        return fields.values(self.scene.db, self.scene.ticket.id) if self.scene.ticket is not None else []
