"""Who somebody is from one request to the next: a signed cookie, and the token in every form.

Takes the installation's keys (newest first); gives sessions, cookies and form tokens. Promises: a session ends with its
idle time, with its whole time, when its person's password or role changes, and when it is signed out (for as long as
this process runs; then by its time); an anonymous session is worth nothing but to bind a form to a browser.
Standards: RFC 6265; OWASP session and CSRF guidance (signed double-submit, bound to the session).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from itsdangerous import BadData, URLSafeSerializer

from mailgate import clock
from mailgate.model import User
from mailgate.notify.links import person_fingerprint

BY_PASSWORD, BY_LINK, ANONYMOUS = "password", "link", ""
_HOUR = 3600.0
_IDLE = {BY_PASSWORD: 12 * _HOUR, BY_LINK: 2 * _HOUR, ANONYMOUS: 12 * _HOUR}
_WHOLE = {BY_PASSWORD: 7 * 24 * _HOUR, BY_LINK: 24 * _HOUR, ANONYMOUS: 12 * _HOUR}
_STAFF_IDLE, _STAFF_WHOLE = 2 * _HOUR, 12 * _HOUR
_RENEW_AFTER = 300.0
_LONGEST = 1000
_MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Session:
    """One browser. `person_id` is 0 for nobody; `by` says how the person proved who they are."""

    sid: str
    person_id: int
    fingerprint: str
    by: str
    made_at: float
    seen_at: float

    @property
    def is_old(self) -> bool:
        """Whether its cookie is due to be written again, so that the idle time starts anew."""
        return clock.now() - self.seen_at > _RENEW_AFTER

    def is_valid_for(self, person: User) -> bool:
        """Whether it still speaks for the person as stored now."""
        if person.disabled or not hmac.compare_digest(self.fingerprint, person_fingerprint(person)):
            return False
        if not person.is_staff:
            return True
        now = clock.now()
        is_fresh = now - self.seen_at <= _STAFF_IDLE and now - self.made_at <= _STAFF_WHOLE
        return self.by == BY_PASSWORD and is_fresh  # staff never come in by a link


class Sessions:
    """Makes and reads the sessions of one installation."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)
        self._serializer = URLSafeSerializer(
            list(reversed(self._keys)),  # it signs with the last and verifies with all
            salt="mailgate session",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )
        self._ended: dict[str, float] = {}
        self._lock = threading.Lock()

    def with_keys(self, keys: Sequence[bytes]) -> Sessions:
        """The same sessions after the keys were rotated."""
        fresh = Sessions(keys)
        fresh._ended = self._ended
        return fresh

    def anonymous(self) -> Session:
        """A session of nobody."""
        now = clock.now()
        return Session(secrets.token_urlsafe(18), 0, "", ANONYMOUS, now, now)

    def begin(self, person: User, by: str) -> Session:
        """A new session of a person, with a new name, so that one planted beforehand is worth nothing."""
        now = clock.now()
        return Session(secrets.token_urlsafe(18), person.id, person_fingerprint(person), by, now, now)

    def read(self, cookie: str | None) -> Session | None:
        """The session of a cookie; None for anything forged, over or signed out."""
        if not cookie or len(cookie) > _LONGEST or not cookie.isascii():
            return None
        try:
            sid, person_id, fingerprint, by, made_at, seen_at = self._serializer.loads(cookie)
            session = Session(str(sid), int(person_id), str(fingerprint), str(by), float(made_at), float(seen_at))
        except (BadData, ValueError, TypeError):
            return None
        now = clock.now()
        if session.by not in _IDLE or session.sid in self._ended:
            return None
        fresh = now - session.seen_at <= _IDLE[session.by] and now - session.made_at <= _WHOLE[session.by]
        return session if fresh else None

    def write(self, session: Session) -> str:
        """The cookie of a session that is used now."""
        now = replace(session, seen_at=clock.now())
        values = [now.sid, now.person_id, now.fingerprint, now.by, int(now.made_at), int(now.seen_at)]
        cookie: str = self._serializer.dumps(values)
        return cookie

    def end(self, session: Session) -> None:
        """Signs a session out, so that a copy of its cookie is worth nothing."""
        with self._lock:
            self._ended[session.sid] = clock.now()
            while len(self._ended) > _MOST_REMEMBERED:
                del self._ended[next(iter(self._ended))]

    def form_token(self, session: Session) -> str:
        """The token that every form of this session carries."""
        return self._form_token(self._keys[0], session)

    def is_form_token(self, session: Session, given: str) -> bool:
        """Whether a form carried its session's token, under any key that is still known."""
        if len(given) > 100 or not given.isascii():
            return False
        return any(hmac.compare_digest(self._form_token(key, session), given) for key in self._keys)

    @staticmethod
    def _form_token(key: bytes, session: Session) -> str:
        return hmac.new(key, f"mailgate form\0{session.sid}".encode(), hashlib.sha256).hexdigest()[:40]
