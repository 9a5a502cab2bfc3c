"""From an event to the letters that go out: whom to tell, in which words, as which bytes.

Takes a store's reader and an event; gives `Letter`s. Promises: nothing is written here, so that letters can be made
outside any transaction and thrown away; the same event gives the same Message-IDs; a letter carries files only where
files may go out, and never more than bounded memory allows; References and In-Reply-To name the ticket's own messages,
so that mail programs show one conversation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from mailgate import clock
from mailgate.errors import NotFoundError
from mailgate.mail import tokens
from mailgate.mail.compose import Draft, Enclosed, compose
from mailgate.mail.compose_header import wire_address
from mailgate.mail.message import Address
from mailgate.mail.subject import strip_ticket_number
from mailgate.model import EntryKind, Event, User
from mailgate.notify.identity import Identity, identity
from mailgate.notify.links import Links
from mailgate.notify.mask_values import VALUES
from mailgate.notify.matrix import Told, is_own, tell
from mailgate.notify.scene import Scene, Suggest
from mailgate.notify.templates import Rendered, Templates
from mailgate.notify.view import Audience, View
from mailgate.notify.words import language_of
from mailgate.route.hosted import HostedAddresses
from mailgate.store import tickets
from mailgate.store.outbox import NewLetter

if TYPE_CHECKING:
    from mailgate.config import Config
    from mailgate.store import Reader
    from mailgate.store.blobs import BlobStore

_FILES_OF_ONE_LETTER = 10 * 1024**2
_FILES_OF_ONE_EVENT = 64 * 1024**2
_SUBJECT = 250
_REPEATED_RE = re.compile(r"\A(?:re:\s*){2,50}", re.IGNORECASE)
_ANSWERS = ("confirmation", "welcome", "unregistered")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter for the outbox. `readers` are the people it goes to; `capped`: automatic mail to outsiders is counted.

    `names_entry`: its Message-ID becomes the entry's own, as the letter that carries a technician's reply.
    """

    new: NewLetter
    readers: tuple[User, ...]
    draft: Draft
    rendered: Rendered
    capped: bool
    names_entry: bool


class Notifier:
    """Makes the letters of one installation. Templates, keys and the signer are prepared once."""

    def __init__(
        self,
        config: Config,
        blobs: BlobStore,
        keys: Sequence[bytes],
        installation: str,
        sign: Callable[[bytes], bytes] | None = None,
        suggest: Suggest | None = None,
    ) -> None:
        self.config = config
        self.templates = Templates(config.resolve(config.notifications.templates))
        self.links = Links(keys, config.web.base_url)
        self._blobs = blobs
        self._keys = tuple(keys)
        self._installation = installation
        self._sign = sign
        self._suggest = suggest
        self._domain = (wire_address(f"x@{config.hostname}") or "x@localhost.localdomain")[2:]

    def letters(self, db: Reader, event: Event, people: dict[int, User | None] | None = None) -> list[Letter]:
        """All letters of an event, in the order of the table. Raises what a broken template of the package raises."""
        self.templates.refresh()
        scene = Scene(db, self.config, event, people, self._suggest)
        told = tell(scene)
        return self.letters_for(scene, told)

    def letters_for(self, scene: Scene, told: Sequence[Told]) -> list[Letter]:
        """The letters of a scene to these people; automation rules call it with their own choice."""
        audiences = self._audiences(told)
        budget = min(_FILES_OF_ONE_LETTER, _FILES_OF_ONE_EVENT // max(1, len(audiences)))
        made = (self._letter(scene, audience, budget) for audience in audiences)
        return [letter for letter in made if letter is not None]

    def _audiences(self, told: Sequence[Told]) -> list[Audience]:
        """One letter each, or with `one_mail_with_cc` one for all subscribers."""
        together: dict[tuple[str, bool], list[User]] = {}
        audiences: list[Audience] = []
        for one in told:
            if self.config.notifications.one_mail_with_cc and one.together:
                together.setdefault((one.template, one.wordless), []).append(one.person)
            else:
                audiences.append(
                    Audience((one.person,), one.template, self._language(one.person), one.staff, True, one.wordless)
                )
        for (template, wordless), readers in together.items():
            audiences.append(
                Audience(tuple(readers), template, self._language(readers[0]), False, len(readers) == 1, wordless)
            )
        return audiences

    def _language(self, person: User) -> str:
        return language_of(person.language, self.config.general.language)

    def _letter(self, scene: Scene, audience: Audience, budget: int) -> Letter | None:
        view = View(scene, audience, self.links, VALUES, html=False)
        rendered = self.templates.render(audience.template, view)
        if rendered is None:
            return None
        draft = self._draft(scene, audience, view, rendered, budget)
        raw = compose(draft, self._sign)
        addresses = [address.address for address in (*draft.to, *draft.cc)]
        entry = view.content_entry
        new = NewLetter(
            message_id=draft.message_id,
            subject=draft.subject,
            sender=wire_address(draft.from_.address) or draft.from_.address,
            recipients=[wire_address(address) or address for address in addresses],
            raw=raw,
            template=audience.template,
            automatic=draft.automatic is not None,
            ticket_id=scene.event.ticket_id,
            entry_id=entry.id if entry is not None else scene.event.entry_id,
            event_id=scene.event.id or None,
        )
        outside = not audience.staff and audience.template != "operations"
        is_reply = entry is not None and entry.kind == EntryKind.REPLY
        return Letter(new, audience.readers, draft, rendered, new.automatic and outside, is_reply and outside)

    def _draft(self, scene: Scene, audience: Audience, view: View, rendered: Rendered, budget: int) -> Draft:
        entry = view.content_entry
        author = ""
        if entry is not None and scene.entry is not None and entry.id == scene.entry.id:
            author = entry.author_name or entry.author_address
            if " " not in author:  # an address for a name, not the one that sends, is what filters take for a forgery
                author = author.partition("@")[0]
        who = identity(self.config, self._keys, scene.ticket, scene.category, author)
        references = self._references(scene, audience)
        inline, files = self._enclosed(scene, view, budget)
        unsubscribe, one_click = self._unsubscribe(view, who)
        people = [Address(person.name, person.address) for person in audience.readers]
        ids = " ".join(str(person.id or person.address) for person in audience.readers)
        return Draft(
            from_=who.from_,
            reply_to=who.reply_to,
            to=people[:1],
            cc=people[1:],
            subject=subject_with_id(rendered.subject, view.ticket_id),
            message_id=tokens.make_message_id(
                scene.event.ticket_id, self._keys, self._domain, f"event {scene.event.id} {audience.template} to {ids}"
            ),
            date=clock.now(),
            text=rendered.text,
            html=rendered.html,
            in_reply_to=references[-1] if references else None,
            references=references,
            inline=inline,
            files=files,
            automatic=_automatic(view),
            installation=self._installation,
            unsubscribe=unsubscribe,
            one_click=one_click,
        )

    def _references(self, scene: Scene, audience: Audience) -> list[str]:
        """The ticket's messages before this one; a ticket that did not begin with a mail has an id of its own to hold on to."""
        ticket = scene.ticket
        if ticket is None:
            return []
        if scene.thread is None:
            scene.thread = tickets.message_ids(scene.db, ticket.id)
        first = scene.first_entry
        own = scene.entry.message_id if scene.entry is not None else None
        if own is not None and first is not None and scene.entry is not None and scene.entry.id == first.id:
            own = None  # the letter answers or passes on the message that the ticket began with
        root = [] if first is not None and first.message_id else [self._root(ticket.id)]
        return root + [found for found in scene.thread if found != own]

    def _root(self, ticket_id: int) -> str:
        return tokens.make_message_id(ticket_id, self._keys, self._domain, "root")

    def _enclosed(self, scene: Scene, view: View, budget: int) -> tuple[list[Enclosed], list[Enclosed]]:
        """Inline images and files of the entry, as long as they fit; what does not fit has its link in the text."""
        entry, content = view.content_entry, view.content
        if entry is None or content is None or not self.config.notifications.include_attachments:
            return [], []
        inline: list[Enclosed] = list(content.made)
        files: list[Enclosed] = []
        left = budget - sum(len(item.data) for item in inline)
        for item in sorted(entry.attachments, key=lambda item: item.content_id not in content.images):
            if item.size > left:
                continue
            try:
                data = self._blobs.get(scene.db, item.sha256)
            except NotFoundError:
                continue
            left -= len(data)
            shown = item.content_id is not None and item.content_id in content.images
            enclosed = Enclosed(item.filename, item.content_type, data, item.content_id if shown else None)
            (inline if shown else files).append(enclosed)
        return inline, files

    def _unsubscribe(self, view: View, who: Identity) -> tuple[list[str], bool]:
        """List-Unsubscribe: the one-click link of one reader, and the mail command that works for everybody."""
        subscribed = {person.id for person in view.scene.subscribers}
        if view.ticket_id is None or not any(reader.id in subscribed for reader in view.audience.readers):
            return [], False
        found = [view.unsubscribe_url] if view.unsubscribe_url and self.links.is_public else []
        one_click = bool(found) and self.links.takes_one_click
        address = wire_address(who.reply_to.address)
        if address is not None and is_own(view.scene, who.reply_to.address, HostedAddresses.of(self.config)):
            found.append(f"mailto:{quote(address, safe='@+')}?subject={quote(f'{{{view.ticket_id}}} #unsubscribe#')}")
        return found, one_click


def subject_with_id(subject: str, ticket_id: int | None) -> str:
    """The subject with `{ID}` exactly once, cut so that the number is never lost."""
    subject = _REPEATED_RE.sub("Re: ", subject)
    if ticket_id is None:
        return subject[:_SUBJECT]
    mark = f"{{{ticket_id}}}"
    if subject.count(mark) == 1 and len(re.findall(r"\{\s*#?\s*\d+\s*\}", subject)) == 1 and len(subject) <= _SUBJECT:
        return subject
    bare = strip_ticket_number(subject)
    if len(bare) > _SUBJECT:
        bare = bare[: _SUBJECT - 1].rstrip() + "…"
    return f"{bare} {mark}".strip()


def _automatic(view: View) -> str | None:
    """RFC 3834 section 5: what a technician wrote to a person is not automatic; everything else is."""
    entry = view.content_entry
    if entry is not None and entry.kind == EntryKind.REPLY and not view.audience.staff:
        return None
    return "auto-replied" if view.template in _ANSWERS else "auto-generated"
