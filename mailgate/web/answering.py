"""What people do on the ticket's page: answer with files, close, rate, leave. Each is a POST with the session's token.

Takes a visit and a form; gives the way back to the page. Promises: the rights are looked at in the very transaction that
writes; a technician's answer cannot cross another message unseen; without rights nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable

from mailgate.desk import Desk, requests
from mailgate.errors import RefusedError
from mailgate.model import Ticket, User
from mailgate.store import Reader, Tx
from mailgate.store.blobs import StoredBlob
from mailgate.store.entries import NewAttachment
from mailgate.web import sight, ticket
from mailgate.web.asking import Ask, Refused, Reply, Upload, see_other
from mailgate.web.room import Room, Visit
from mailgate.web.words import say

LONGEST_TEXT = 100_000


def may_answer(room: Room, ask: Ask) -> Visit:
    """Before a body is read: who asks; raises where reading would be for nothing. The form's token is in the body."""
    room.check_origin(ask)
    with room.store.read() as db:
        visit = room.visit(db, ask)
        ticket.visible(db, ask.id, room.signed_in(visit, f"t{ask.id}"))
    return visit


def reply(room: Room, ask: Ask) -> Reply:
    """POST /t/ID/reply."""
    with room.store.read() as db:
        visit = room.visit(db, ask)
        person = room.signed_in(visit, f"t{ask.id}")
        room.check_form(ask, visit)
        found = ticket.visible(db, ask.id, person)
        fault = _fault(room, db, ask, visit, found)
        if fault is not None:
            return ticket.page(room, db, ask, visit, found, {"text": fault}, 422)
    text = ask.form.get("text", "").replace("\r\n", "\n").strip()
    seen = ask.form.get("seen", "")
    close = ask.form.get("act") == "close"

    def work(tx: Tx) -> int:
        live = _live(tx, ask.id, person)
        attached = [_store(room, tx, upload) for upload in ask.uploads]
        if sight.acts_as_staff(person, live):
            seen_id = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else 0
            closes = close and sight.may_close(room.config, person, live)
            # The page has no form for custom fields, so that required ones do not stand in the way.
            Desk(tx, room.store, person).reply(
                live.id, text, attachments=attached, close=closes, seen_entry=seen_id, anyway=True
            )
            return live.id
        if sight.is_closed_too_long(room.config, live):
            return requests.customer_follow_up(tx, room.store, live, person, text, attached)
        closes = close and sight.may_close(room.config, person, live)
        requests.customer_reply(tx, live, person, text, attached, closes)
        return live.id

    try:
        answered = room.store.write(work)
    except RefusedError:  # a newer message came in between
        with room.store.read() as db:
            return ticket.page(room, db, ask, visit, found, {"text": say(visit.language, "crossed")}, 409)
    room.store.bell.ring("reactor")
    return see_other(f"{room.root}/t/{answered}?done={'closed' if close else 'replied'}")


def close(room: Room, ask: Ask) -> Reply:
    """POST /t/ID/close."""

    def work(tx: Tx, person: User, live: Ticket) -> None:
        if not live.is_closed and not sight.may_close(room.config, person, live):
            raise Refused(403)
        if sight.acts_as_staff(person, live):
            Desk(tx, room.store, person).close(live.id, anyway=True)
        else:
            requests.customer_close(tx, live, person)

    return _act(room, ask, work, "closed")


def rate(room: Room, ask: Ask) -> Reply:
    """POST /t/ID/rate: the requester's vote for the latest closing."""
    if ask.form.get("vote") not in requests.VOTES:
        with room.store.read() as db:
            visit = room.visit(db, ask)
            found = ticket.visible(db, ask.id, room.signed_in(visit, f"t{ask.id}"))
            room.check_form(ask, visit)
            return ticket.page(room, db, ask, visit, found, {"vote": say(visit.language, "need_vote")}, 422)

    def work(tx: Tx, person: User, live: Ticket) -> None:
        if live.closed_at is None or person.id != live.requester_id:
            raise Refused(403)
        requests.rate(tx, live, person, live.closed_at, ask.form["vote"], ask.form.get("comment", ""))

    return _act(room, ask, work, "rated")


def unsubscribe(room: Room, ask: Ask) -> Reply:
    """POST /t/ID/unsubscribe: whoever loses the right to see the ticket by it is led to their list."""
    left_outside = False

    def work(tx: Tx, person: User, live: Ticket) -> None:
        nonlocal left_outside
        requests.leave(tx, live, person)
        left_outside = not sight.may_see(tx, person, live)

    done = _act(room, ask, work, "unsubscribed")
    return see_other(f"{room.root}/") if left_outside else done


def _act(room: Room, ask: Ask, work: Callable[[Tx, User, Ticket], None], done: str) -> Reply:
    with room.store.read() as db:
        visit = room.visit(db, ask)
        person = room.signed_in(visit, f"t{ask.id}")
        room.check_form(ask, visit)
        ticket.visible(db, ask.id, person)
    room.store.write(lambda tx: work(tx, person, _live(tx, ask.id, person)))
    room.store.bell.ring("reactor")
    return see_other(f"{room.root}/t/{ask.id}?done={done}")


def _live(tx: Tx, ticket_id: int, person: User) -> Ticket:
    return ticket.visible(tx, ticket_id, person)


def _fault(room: Room, db: Reader, ask: Ask, visit: Visit, found: Ticket) -> str | None:
    text = ask.form.get("text", "")
    if not text.strip() and not ask.uploads:
        return say(visit.language, "empty")
    if len(text) > LONGEST_TEXT:
        return say(visit.language, "text_long", count=LONGEST_TEXT)
    seen, person = ask.form.get("seen", ""), visit.person
    answers = person is not None and sight.acts_as_staff(person, found) and seen.isascii() and seen.isdigit()
    return say(visit.language, "crossed") if answers and sight.newest(db, found) > int(seen[:18]) else None


def _store(room: Room, tx: Tx, upload: Upload) -> NewAttachment:
    """Makes the bytes of an upload part of the transaction."""
    if upload.data is None:
        room.store.blobs.register(tx, StoredBlob(upload.attached.sha256, upload.attached.size))
    else:
        room.store.blobs.put(tx, upload.data, upload.attached.sha256)
    return upload.attached
