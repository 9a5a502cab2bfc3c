"""The pages behind links in mail: a new password, leaving a ticket, rating its closing.

Takes a token from the address; gives a page, and by POST the deed. Promises: a GET changes nothing, because mail
scanners follow links; the token is the proof, so that the one click of RFC 8058 needs no cookie; a password link works
once and never signs a technician in; forged, old and foreign tokens all look the same.
Standards: RFC 8058 (one-click unsubscribe).
"""

from __future__ import annotations

from mailgate import log
from mailgate.desk import requests
from mailgate.errors import RefusedError
from mailgate.model import Ticket, User
from mailgate.notify.links import VOTES, may_autologin
from mailgate.store import Reader, Tx, people, tickets
from mailgate.store import requests as asked
from mailgate.web import limits, passwords, words
from mailgate.web.asking import Ask, Refused, Reply, see_other
from mailgate.web.room import Room, find_person
from mailgate.web.sessions import BY_LINK, BY_PASSWORD
from mailgate.web.ticket import subject_text

_log = log.get("web")

# -- a new password ----------------------------------------------------------------------------------------------------


def password_form(room: Room, ask: Ask) -> Reply:
    """GET /password/TOKEN."""
    with room.store.read() as db:
        person = _forgetful(room, db, ask)
    return _dead(room, ask) if person is None else _password(room, ask, person, {})


def set_password(room: Room, ask: Ask) -> Reply:
    """POST /password/TOKEN: sets the password, or signs a regular user in without one; each by one use of the link."""
    room.check_origin(ask)
    with room.store.read() as db:
        person = _forgetful(room, db, ask)
    if person is None:
        return _dead(room, ask)
    if ask.form.get("act") == "once" and may_autologin(person):
        first = room.store.write(lambda tx: limits.use_once(tx, ask.params["token"]))
        return room.sign_in(person, BY_LINK, f"{room.root}/") if first else _dead(room, ask)
    fault = passwords.fault(person, ask.form.get("password", ""), ask.form.get("again", ""))
    if fault is not None:
        language = room.language_for(person, ask)
        field = "again" if fault == "not_same" else "password"
        sentence = words.say(language, fault, count=passwords.SHORTEST)
        return _password(room, ask, person, {field: sentence}, 422)
    hashed = passwords.make_hash(ask.form["password"])

    def work(tx: Tx) -> User | None:
        again = _forgetful(room, tx, ask)  # another tab may have been quicker
        if again is None or not limits.use_once(tx, ask.params["token"]):
            return None
        people.change(tx, again.id, password_hash=hashed)
        limits.forget_wrong(tx, limits.who(again, ""))
        return people.get(tx, again.id)

    changed = room.store.write(work)
    if changed is None:
        return _dead(room, ask)
    _log.info("password changed", person=changed.id, client=ask.client)
    if may_autologin(changed):
        return room.sign_in(changed, BY_PASSWORD, f"{room.root}/")
    return see_other(f"{room.root}/sign-in?why=set", cookie="")


def _forgetful(room: Room, db: Reader, ask: Ask) -> User | None:
    token = room.links.read_password(ask.params["token"])
    person = find_person(db, token.person_id) if token is not None else None
    if person is None or token is None or not token.is_valid_for(person):
        return None
    return None if limits.was_used(db, ask.params["token"]) else person


def _password(room: Room, ask: Ask, person: User, errors: dict[str, str], status: int = 200) -> Reply:
    return room.plain_page(
        "password", room.language_for(person, ask), status, display=person.display, address=person.address,
        errors=errors, shortest=passwords.SHORTEST, longest=passwords.LONGEST, may_once=may_autologin(person),
        path=f"/password/{ask.params['token']}",
    )  # fmt: skip


def _dead(room: Room, ask: Ask) -> Reply:
    language = words.preferred(ask.languages, room.config.general.language)
    return room.plain_page(
        "notice", language, 410, heading="link_dead", lead="link_dead_lead", link="/forgot", link_text="forgot"
    )


# -- leaving a ticket --------------------------------------------------------------------------------------------------


def leave_form(room: Room, ask: Ask) -> Reply:
    """GET /u/TOKEN: asks; a GET takes nobody off."""
    with room.store.read() as db:
        ticket, person = _leaver(room, db, ask)
        language = room.language_for(person, ask)
        if not tickets.is_subscriber(db, ticket.id, person.id):
            return _left(room, language, person)
    return room.plain_page(
        "leave", language, address=person.address or person.display, ticket=ticket,
        subject=subject_text(ticket.subject, language), path=f"/u/{ask.params['token']}",
    )  # fmt: skip


def leave(room: Room, ask: Ask) -> Reply:
    """POST /u/TOKEN: by the page's button, or by a mail program's one click (RFC 8058 section 3.2)."""

    def work(tx: Tx) -> User:
        ticket, person = _leaver(room, tx, ask)
        requests.leave(tx, ticket, person)
        return person

    person = room.store.write(work)
    return _left(room, room.language_for(person, ask), person)


def _leaver(room: Room, db: Reader, ask: Ask) -> tuple[Ticket, User]:
    found = room.links.read_unsubscribe(ask.params["token"])
    if found is None:
        raise Refused(404)
    person = find_person(db, found[0])
    ticket = tickets.resolve_merged(db, found[1])
    if person is None or ticket is None:
        raise Refused(404)
    return ticket, person


def _left(room: Room, language: str, person: User) -> Reply:
    return room.plain_page("left", language, address=person.address or person.display)


# -- rating ------------------------------------------------------------------------------------------------------------


def rate_form(room: Room, ask: Ask) -> Reply:
    """GET /r/TOKEN/VOTE: the vote is chosen already and counts when it is sent."""
    with room.store.read() as db:
        ticket, person, closed_at = _rater(room, db, ask)
        kept = asked.rating(db, ticket.id, closed_at)
    comment = kept["comment"] if kept is not None else ""
    return _rating(room, ask, ticket, person, ask.params["vote"], comment, {})


def rate(room: Room, ask: Ask) -> Reply:
    """POST /r/TOKEN/VOTE."""
    room.check_origin(ask)
    vote = ask.form.get("vote", "")
    if vote not in VOTES:
        with room.store.read() as db:
            ticket, person, _ = _rater(room, db, ask)
        language = room.language_for(person, ask)
        errors = {"vote": words.say(language, "need_vote")}
        return _rating(room, ask, ticket, person, "", ask.form.get("comment", ""), errors, 422)

    def work(tx: Tx) -> User:
        ticket, person, closed_at = _rater(room, tx, ask)
        requests.rate(tx, ticket, person, closed_at, vote, ask.form.get("comment", ""))
        return person

    try:
        person = room.store.write(work)
    except RefusedError as error:
        raise Refused(404) from error
    room.store.bell.ring("reactor")
    return room.plain_page(
        "notice", room.language_for(person, ask), heading="done_rated", lead="", link="", link_text="home"
    )


def _rater(room: Room, db: Reader, ask: Ask) -> tuple[Ticket, User, float]:
    token = room.links.read_rating(ask.params["token"])
    if token is None or ask.params["vote"] not in VOTES:
        raise Refused(404)
    person = find_person(db, token.person_id)
    ticket = tickets.find(db, token.ticket_id)
    if person is None or person.disabled or ticket is None or ticket.requester_id != person.id:
        raise Refused(404)
    return ticket, person, token.closed_at


def _rating(
    room: Room, ask: Ask, ticket: Ticket, person: User, vote: str, comment: str, errors: dict[str, str], status: int = 200
) -> Reply:  # fmt: skip
    language = room.language_for(person, ask)
    return room.plain_page(
        "rate", language, status, ticket=ticket, subject=subject_text(ticket.subject, language), vote=vote,
        comment=comment, errors=errors, path=f"/r/{ask.params['token']}/{ask.params['vote']}",
    )  # fmt: skip
