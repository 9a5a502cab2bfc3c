"""Attachments as downloads.

Takes an attachment's id and who asks, by session or by a link from mail; gives its bytes. Promises: the same right as to
see its entry; it is never shown as a page of ours (attachment, nosniff, sandbox), whatever it holds; its name is text in
a header and nothing else; where files do not go out by mail, no link from mail leads to one.
Standards: RFC 6266 and RFC 8187 (file names in Content-Disposition).
"""

from __future__ import annotations

import re
from urllib.parse import quote

from mailgate.errors import NotFoundError
from mailgate.model import Attached, User
from mailgate.notify.links import may_autologin
from mailgate.store import Reader, entries, tickets
from mailgate.web import sight, ticket
from mailgate.web.asking import Ask, Refused, Reply
from mailgate.web.bodies import IMAGES
from mailgate.web.room import Elsewhere, Room, find_person

_POLICY = "default-src 'none'; style-src 'none'; frame-ancestors 'none'; sandbox"


def download(room: Room, ask: Ask) -> Reply:
    """GET /a/ID, and with `?k=` the link from mail."""
    with room.store.read() as db:
        person = _reader(room, db, ask)
        item = _visible(room, db, ask.id, person)
        path = room.store.blobs.file_of(db, item.sha256)
        try:
            data = None if path is not None else room.store.blobs.get(db, item.sha256)
        except NotFoundError as error:  # retention has removed the bytes
            raise Refused(404) from error
    if path is not None and not path.exists():
        raise Refused(404)
    return Reply(path=path, data=data, content_type=_content_type(item), headers=_headers(item.filename))


def disposition(filename: str) -> str:
    """The Content-Disposition of a download: an ASCII name for old programs, the true one beside it."""
    plain = re.sub(r"[^A-Za-z0-9 ._()+,-]", "_", filename).strip() or "file"
    exact = quote(filename, safe="", encoding="utf-8", errors="replace")
    return f"attachment; filename=\"{plain[:150]}\"; filename*=UTF-8''{exact[:1000]}"


def _reader(room: Room, db: Reader, ask: Ask) -> User:
    """Who asks. A link from mail speaks for a regular user and this one file."""
    visit = room.visit(db, ask)
    settings = room.config.notifications
    allowed = settings.include_attachments and settings.autologin_links and not settings.one_mail_with_cc
    if allowed and "k" in ask.query:
        token = room.links.read_download(ask.query["k"])
        person = find_person(db, token.person_id) if token is not None and token.subject_id == ask.id else None
        if person is not None and token is not None and may_autologin(person) and token.is_valid_for(person):
            return person
    person = room.signed_in(visit, f"a{ask.id}")
    if not ticket.may_have_files(room, visit):
        raise Elsewhere(f"{room.root}/sign-in?to=a{ask.id}&why=files")
    return person


def _visible(room: Room, db: Reader, attachment_id: int, person: User) -> Attached:
    try:
        item, entry = entries.attachment(db, attachment_id)
    except NotFoundError as error:
        raise Refused(404) from error
    found = tickets.find(db, entry.ticket_id)
    if found is None or not sight.may_see(db, person, found):
        raise Refused(404)
    if not sight.may_see_entry(db, room.config, person, found, entry):
        raise Refused(404)
    return item


def _content_type(item: Attached) -> str:
    kind = item.content_type.lower()
    return kind if kind in IMAGES else "application/octet-stream"


def _headers(filename: str) -> dict[str, str]:
    return {
        "Content-Disposition": disposition(filename),
        "Content-Security-Policy": _POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
    }
