"""Signing in by password, asking for a link by mail, signing out.

Takes a form; gives the way on, or the form again. Promises: the answer to a wrong name and to a wrong password are the
same in words, status and time; where a limit is reached no password is checked; asking for a link answers the same
whether the address is known or not; the way back leads only to a ticket, a file or an article of ours.
"""

from __future__ import annotations

import re

from mailgate import log
from mailgate.desk import requests
from mailgate.model import User
from mailgate.store import Reader, Tx, people
from mailgate.web import limits, passwords
from mailgate.web.asking import Ask, Reply, see_other
from mailgate.web.room import Room, Visit
from mailgate.web.sessions import BY_PASSWORD
from mailgate.web.words import say

_log = log.get("web")
_WHY = {
    "over": "link_over",
    "first": "sign_in_first",
    "files": "files_need_password",
    "out": "signed_out",
    "set": "password_set",
}
_LONGEST_NAME = 320
_TO = re.compile(r"(t|a|kb)([0-9]{1,18})\Z")


def form(room: Room, ask: Ask) -> Reply:
    """GET /sign-in?to=t12: the form; whoever is signed in already goes straight on."""
    with room.store.read() as db:
        visit = room.visit(db, ask)
    why = ask.query.get("why", "")
    if visit.person is not None and why not in ("files", "over"):
        return see_other(_way(room, ask.query.get("to", "")))
    return _form(room, visit, ask, ask.query.get("to", ""), why=_WHY.get(why, ""))


def sign_in(room: Room, ask: Ask) -> Reply:
    """POST /sign-in. Raises Refused (429) where this person or this client has failed too often."""
    typed = " ".join(ask.form.get("who", "").split())[:_LONGEST_NAME]
    password = ask.form.get("password", "")
    to = ask.form.get("to", "")
    with room.store.read() as db:
        visit = room.visit(db, ask)
        room.check_form(ask, visit)
        errors = {}
        if not typed:
            errors["who"] = say(visit.language, "need_who")
        if not password:
            errors["password"] = say(visit.language, "need_password")
        if errors:
            return _form(room, visit, ask, to, errors=errors, status=422)
        person = _find(db, typed)
        counted = limits.who(person, typed)
        limits.check_sign_in(db, room.config, counted, ask.client)
    if not passwords.is_right(person, password) or person is None:
        limits.count_wrong(room.store, counted, ask.client)
        _log.info("wrong password", person=person.id if person is not None else None, client=ask.client)
        return _form(room, visit, ask, to, errors={"who": say(visit.language, "wrong")}, status=403)
    room.store.write(lambda tx: limits.forget_wrong(tx, counted))
    _log.info("signed in", person=person.id, by=BY_PASSWORD, client=ask.client)
    return room.sign_in(person, BY_PASSWORD, _way(room, to))


def sign_out(room: Room, ask: Ask) -> Reply:
    """POST /sign-out."""
    with room.store.read() as db:
        visit = room.visit(db, ask)
    room.check_form(ask, visit)
    room.sessions.end(visit.session)
    return see_other(f"{room.root}/sign-in?why=out", cookie="")


def forgot_form(room: Room, ask: Ask) -> Reply:
    """GET /forgot."""
    with room.store.read() as db:
        return _forgot(room, room.visit(db, ask), "", {})


def forgot(room: Room, ask: Ask) -> Reply:
    """POST /forgot: a letter with a link for those whom we know; the same answer for everybody."""
    typed = " ".join(ask.form.get("who", "").split())[:_LONGEST_NAME]
    with room.store.read() as db:
        visit = room.visit(db, ask)
        room.check_form(ask, visit)
        if not typed:
            return _forgot(room, visit, "", {"who": say(visit.language, "need_address")}, 422)
        limits.check_letters(db, room.config, ask.client)
        person = _find(db, typed)

    def work(tx: Tx) -> None:
        allowed = limits.count_letter(tx, limits.who(person, typed), ask.client)
        if allowed and person is not None and not person.disabled and person.address:
            requests.forget_password(tx, person)

    room.store.write(work)
    room.store.bell.ring("reactor")
    return room.page(
        "notice", visit, heading="forgot_sent", lead="forgot_sent_lead", link="/sign-in", link_text="back_to_sign_in"
    )


def _find(db: Reader, typed: str) -> User | None:
    return people.by_address(db, typed) or people.by_username(db, typed)


def _way(room: Room, to: str) -> str:
    """Where to go after signing in: a ticket, a file, an article, or the list; never anywhere else."""
    found = _TO.match(to)
    return f"{room.root}/{found.group(1)}/{int(found.group(2))}" if found else f"{room.root}/"


def _form(
    room: Room, visit: Visit, ask: Ask, to: str, errors: dict[str, str] | None = None, status: int = 200, why: str = ""
) -> Reply:
    return room.page(
        "sign_in", visit, status, to=to if _TO.match(to) else "", why=why, errors=errors or {},
        who=ask.form.get("who", "")[:_LONGEST_NAME],
    )  # fmt: skip


def _forgot(room: Room, visit: Visit, who: str, errors: dict[str, str], status: int = 200) -> Reply:
    return room.page("forgot", visit, status, who=who, errors=errors)
