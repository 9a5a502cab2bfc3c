"""Access tokens by their credential: from memory, from the file, or renewed ahead of time.

Takes a credential; gives a token that is good for some minutes at the least, and says how long the credential itself
still lasts. Promises: one renewal at a time for each credential, over threads and processes; a token that was refused
is renewed once (`forget`); a disk that is full does not stop mail, only the remembering. Raises TokenError.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from mailgate import clock, log
from mailgate.oauth import google, microsoft, tokens
from mailgate.oauth.credential import Credential, TokenError

_AHEAD = 300.0
_log = log.get("oauth")


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a credential lasts: until `until` (epoch seconds), None where that is not known; `text` says what it is.

    `missing` where nobody has signed in.
    """

    text: str
    until: float | None = None
    missing: bool = False


@dataclass(slots=True)
class _Kept:
    token: str
    renew_at: float
    mark: tuple[int, int] | None


_memory: dict[str, _Kept] = {}
_forced: set[str] = set()
_lock = threading.Lock()


def access_token(credential: Credential) -> str:
    """A token to log in with. Raises TokenError."""
    key = _key(credential)
    kept = _remembered(credential, key)
    if kept is not None:
        return kept.token
    with tokens.locked(credential.file, 2 * credential.timeout):
        kept = _remembered(credential, key)  # another thread was faster
        if kept is not None:
            return kept.token
        return _renew(credential, key)


def forget(credential: Credential) -> None:
    """The token was refused: the next one is a new one."""
    key = _key(credential)
    with _lock:
        _memory.pop(key, None)
        _forced.add(key)


def sign_in(credential: Credential, show: Callable[[str], None], ask: Callable[[str], str] | None = None) -> str:
    """A person signs in; `show` gets what to do, line by line, `ask` an answer to a question (Google). Gives a sentence."""
    if credential.oauth.flow == "client_credentials":
        forget(credential)
        access_token(credential)
        return f"Nobody needs to sign in for {credential.shown}: the application's own rights gave a token."
    if not credential.oauth.client_id:
        raise TokenError(
            f"oauth.client_id of {credential.shown} is empty. Register an application and put its id there."
        )
    if credential.oauth.provider == "google":
        if ask is None:
            raise TokenError("Google's sign-in needs an answer; run the command on a terminal.")
        kept = google.sign_in(credential, show, ask)
    else:
        kept = microsoft.sign_in(credential, show)
    with tokens.locked(credential.file, 2 * credential.timeout):
        tokens.write(credential.file, kept)
    forget(credential)
    access_token(credential)
    who = kept.get("username") or credential.username
    other = f" (the account is configured for {credential.username})" if _differs(who, credential.username) else ""
    return f"Signed in as {who}{other}; what was given is kept in {credential.file}."


def expires(credential: Credential) -> Lasting:
    """How long the credential lasts without anybody doing something. Asks no network. Raises TokenError."""
    if credential.oauth.flow == "client_credentials":
        until = _secret_end(credential)
        if until is None:
            return Lasting("the end of the application's secret is not known; set oauth.client_secret_expires")
        return Lasting("the application's secret", until)
    kept = tokens.read(credential.file)
    if kept is None:
        return Lasting(f"nobody has signed in; run: {credential.sign_in_command}", missing=True)
    idle = google.IDLE_LIMIT if credential.oauth.provider == "google" else microsoft.IDLE_LIMIT
    used = kept.get("used_at")
    if not isinstance(used, int | float):
        raise TokenError(f"{credential.file} is damaged. Remove it and run: {credential.sign_in_command}")
    until = _secret_end(credential) if credential.oauth.provider == "google" else None
    if until is not None and until < used + idle:
        return Lasting("the application's secret", until)
    return Lasting("the sign-in, unless it is used", used + idle)


def _remembered(credential: Credential, key: str) -> _Kept | None:
    """The token in memory, where it is good for long enough and nobody has signed in anew."""
    with _lock:
        kept = _memory.get(key)
    if kept is None or kept.renew_at <= clock.now() or kept.mark != tokens.mark(credential.file):
        return None
    return kept


def _renew(credential: Credential, key: str) -> str:
    renew = google.renew if credential.oauth.provider == "google" else microsoft.renew
    with _lock:
        force = key in _forced
    (token, until), changed = renew(credential, tokens.read(credential.file), force)
    if changed is not None:
        try:
            tokens.write(credential.file, changed)
        except TokenError as error:
            _log.warning("renewed sign-in not kept", credential=credential.shown, error=str(error))
    with _lock:
        _forced.discard(key)
        ahead = min(_AHEAD, max(0.0, until - clock.now()) / 2)  # a short-lived token must not be renewed at each use
        _memory[key] = _Kept(token, until - ahead, tokens.mark(credential.file))
    return token


def _key(credential: Credential) -> str:
    oauth = credential.oauth
    parts = (
        credential.file,
        oauth.provider,
        oauth.flow,
        oauth.client_id,
        oauth.tenant,
        oauth.authority,
        credential.scopes,
    )
    return repr((*parts, credential.username))


def _secret_end(credential: Credential) -> float | None:
    given = credential.oauth.client_secret_expires
    if given is None:
        return None
    try:
        return datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise TokenError(f'oauth.client_secret_expires: "{given}" is not a day such as 2027-01-31.') from None


def _differs(who: object, wanted: str) -> bool:
    return isinstance(who, str) and bool(wanted) and bool(who) and who.casefold() != wanted.casefold()
