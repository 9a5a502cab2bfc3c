"""Google's tokens: a person's sign-in by the installed-app flow, or a service account with domain-wide delegation.

Takes a credential and what is kept of it; gives a token with its end. Google's device code flow does not allow the mail
scope, so the person opens an address, signs in, and pastes the address that the browser ends at (on this machine nothing
listens there, and the page need not load). Promises: PKCE and a state, so that a pasted address of somebody else is
refused; every request ends in time. Raises TokenError.
Standards: RFC 8252 (native apps), RFC 7636 (PKCE), RFC 6749 sections 4.1 and 6, RFC 7523 (service accounts); Google,
"OAuth 2.0 for iOS & Desktop Apps", "Using OAuth 2.0 for Server to Server Applications".
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from mailgate import clock
from mailgate.oauth import words
from mailgate.oauth.credential import Credential, TokenError

IDLE_LIMIT = 180 * 86400.0
"""A refresh token that is not used for six months is void (Google, "Refresh token expiration")."""

_SIGN_IN = "https://accounts.google.com/o/oauth2/v2/auth"
_TOKEN = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
_REDIRECT = "http://127.0.0.1:8765/"
_ASSERTION_SECONDS = 3600

Token = tuple[str, float]


def sign_in(credential: Credential, show: Callable[[str], None], ask: Callable[[str], str]) -> dict[str, Any]:
    """The installed-app flow; `ask` gives the address that the person pastes. Gives what is to be kept."""
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    challenge = _base64(hashlib.sha256(verifier.encode()).digest())
    asked = {
        "client_id": credential.oauth.client_id,
        "redirect_uri": _REDIRECT,
        "response_type": "code",
        "scope": " ".join(credential.scopes),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "state": state,
        "access_type": "offline",
        "prompt": "consent",
        "login_hint": credential.username,
    }
    show(f"Open this address in any browser and sign in as {credential.username or 'the mailbox'}:")
    show(f"    {_place(credential, _SIGN_IN)}?{urlencode(asked)}")
    show(f"The browser ends at a page under {_REDIRECT} that does not load. That is right: copy its whole address.")
    code = _code(ask("Paste the address here: "), state)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _REDIRECT,
        "client_id": credential.oauth.client_id,
        "code_verifier": verifier,
    }
    got = _post(credential, form | _own_secret(credential))
    if not isinstance(got.get("refresh_token"), str):
        raise TokenError(
            "Google gave no refresh token. Remove the application's access in the account and sign in again."
        )
    return {
        "provider": "google",
        "client_id": credential.oauth.client_id,
        "username": credential.username,
        "signed_in_at": clock.now(),
        "used_at": clock.now(),
        "refresh_token": got["refresh_token"],
    }


def renew(credential: Credential, kept: dict[str, Any] | None, force: bool) -> tuple[Token, dict[str, Any] | None]:
    """A token by renewal, and what is to be kept now. `force` changes nothing: it always renews."""
    if credential.oauth.flow == "client_credentials":
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": _assertion(credential)}
        return _token(credential, _post(credential, form)), None
    refresh = (kept or {}).get("refresh_token")
    if kept is None or kept.get("client_id") != credential.oauth.client_id or not isinstance(refresh, str):
        raise TokenError(f"Nobody has signed in for {credential.shown} yet. Run: {credential.sign_in_command}")
    form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": credential.oauth.client_id}
    got = _post(credential, form | _own_secret(credential))
    newer = got.get("refresh_token")
    changed = {**kept, "used_at": clock.now(), "refresh_token": newer if isinstance(newer, str) else refresh}
    return _token(credential, got), changed


def _own_secret(credential: Credential) -> dict[str, str]:
    return {"client_secret": credential.secret()} if credential.has_secret() else {}


def _assertion(credential: Credential) -> str:
    """The signed claim of a service account that acts for the mailbox (RFC 7523 section 3)."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    wrong = TokenError(
        f"{credential.shown}: client_secret_file is not the JSON key of a Google service account. "
        "Make a key in Google's console and name its file."
    )
    try:
        key = json.loads(credential.secret())
        private = serialization.load_pem_private_key(key["private_key"].encode(), None)
        sender = str(key["client_email"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise wrong from None
    if not isinstance(private, rsa.RSAPrivateKey):
        raise wrong
    now = int(clock.now())
    head = {"alg": "RS256", "typ": "JWT", "kid": str(key.get("private_key_id", ""))}
    claims = {
        "iss": sender,
        "sub": credential.username,
        "scope": " ".join(credential.scopes),
        "aud": _TOKEN,
        "iat": now,
        "exp": now + _ASSERTION_SECONDS,
    }
    signed = f"{_base64(json.dumps(head).encode())}.{_base64(json.dumps(claims).encode())}"
    return f"{signed}.{_base64(private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _post(credential: Credential, form: Mapping[str, str]) -> Mapping[str, Any]:
    try:
        from mailgate.https.line import Line, TooLargeError, tls_context
    except ImportError as error:
        raise TokenError(f"OAuth2 needs more packages ({error}); install mailgate with the extra [oauth].") from error
    url = _place(credential, _TOKEN)
    line = Line(credential.timeout, tls_context(credential.ca_file, beside_system=True))
    line.limit = 256 * 1024
    try:
        answer = line.ask("POST", url, form=form)
    except (OSError, TooLargeError) as error:
        raise words.unreachable(credential, error, url) from None
    finally:
        line.close()
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise words.garbled(credential, url)
    if answer.status != 200:
        raise words.refused(credential, told.get("error"), told.get("error_description"))
    return told


def _token(credential: Credential, got: Mapping[str, Any]) -> Token:
    token, lasts = got.get("access_token"), got.get("expires_in")
    if not isinstance(token, str) or not isinstance(lasts, int | float):
        raise words.garbled(credential, _place(credential, _TOKEN))
    return token, clock.now() + lasts


def _place(credential: Credential, url: str) -> str:
    """The address at another sign-in server, where one is configured."""
    other = credential.oauth.authority
    return url if other is None else other.rstrip("/") + urlsplit(url).path


def _code(pasted: str, state: str) -> str:
    given = parse_qs(urlsplit(pasted.strip()).query)
    if given.get("error"):
        raise TokenError(f"The sign-in was declined ({words.one_line(given['error'][0])}). Nothing was changed.")
    if given.get("state") != [state]:
        raise TokenError("That is not the address of this sign-in. Run the command again and copy the whole address.")
    if not given.get("code"):
        raise TokenError("There is no code in that address. Run the command again and copy the whole address.")
    return given["code"][0]


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
