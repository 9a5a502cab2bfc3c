"""Microsoft's tokens, by msal: a person's device code, the application's own secret, and renewal.

Takes a credential and what is kept of it; gives a token with its end. Promises: msal is imported and asks the network
only here and when a token is needed, never when the daemon starts; every request ends in time; nothing is logged.
Raises TokenError.
Standards: RFC 8628 (device code), RFC 6749 sections 4.4 and 6 (client credentials, refresh), as "Microsoft identity
platform and the OAuth 2.0 device authorization grant flow" describes them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from mailgate import clock
from mailgate.oauth import words
from mailgate.oauth.credential import Credential, TokenError

AUTHORITY = "https://login.microsoftonline.com"
IDLE_LIMIT = 90 * 86400.0
"""A refresh token that is not used for so long is void ("Refresh tokens in the Microsoft identity platform")."""

Token = tuple[str, float]


def sign_in(credential: Credential, show: Callable[[str], None]) -> dict[str, Any]:
    """The device code flow: shows the address and the code, waits until the person is done; gives what is to be kept."""
    with _Msal(credential, None) as msal:
        flow = msal.ask(lambda app: app.initiate_device_flow(scopes=list(credential.scopes)))
        if "user_code" not in flow:
            raise words.refused(credential, flow.get("error"), flow.get("error_description"))
        minutes = max(1, int(flow.get("expires_in", 900)) // 60)
        show(f"Open {words.one_line(flow.get('verification_uri'))} in any browser, enter the code")
        show(f"    {words.one_line(flow['user_code'])}")
        show(f"and sign in as {credential.username or 'the mailbox'}. Waiting for at most {minutes} minutes.")
        result = msal.ask(lambda app: app.acquire_token_by_device_flow(flow))
        if "access_token" not in result:
            raise _not_signed_in(credential, result)
        claims = result.get("id_token_claims") or {}
        return {
            "provider": "microsoft",
            "client_id": credential.oauth.client_id,
            "username": words.one_line(claims.get("preferred_username")),
            "signed_in_at": clock.now(),
            "used_at": clock.now(),
            "cache": json.loads(msal.cache.serialize()),
        }


def renew(credential: Credential, kept: dict[str, Any] | None, force: bool) -> tuple[Token, dict[str, Any] | None]:
    """A token, from what is kept or with a renewal, and what is to be kept now (None where nothing changed).

    `force` renews although the token at hand looks good.
    """
    if credential.oauth.flow == "client_credentials":
        with _Msal(credential, None) as msal:
            result = msal.ask(lambda app: app.acquire_token_for_client(scopes=list(credential.scopes)))
            return _token(credential, result), None
    cache = (kept or {}).get("cache")
    if kept is None or kept.get("client_id") != credential.oauth.client_id or not isinstance(cache, dict):
        raise TokenError(f"Nobody has signed in for {credential.shown} yet. Run: {credential.sign_in_command}")
    with _Msal(credential, cache) as msal:
        people = msal.ask(lambda app: app.get_accounts())
        person = people[0] if people else None
        if person is None:
            raise TokenError(
                f"What is kept of the sign-in of {credential.shown} is void. Run: {credential.sign_in_command}"
            )
        scopes = list(credential.scopes)
        result = msal.ask(lambda app: app.acquire_token_silent_with_error(scopes, person, force_refresh=force))
        if not result:
            raise words.refused(credential, "invalid_grant", "")
        token = _token(credential, result)
        if not msal.cache.has_state_changed:
            return token, None
        return token, {**kept, "used_at": clock.now(), "cache": json.loads(msal.cache.serialize())}


class _Msal:
    """msal's application over a line of ours."""

    def __init__(self, credential: Credential, cache: dict[str, Any] | None) -> None:
        try:
            import msal

            from mailgate.https.line import Line, tls_context
        except ImportError as error:
            raise TokenError(
                f"OAuth2 needs more packages ({error}); install mailgate with the extra [oauth]."
            ) from error

        logging.getLogger("msal").setLevel(logging.CRITICAL + 1)  # our own errors say it, without tokens
        self._credential = credential
        self._url = f"{(credential.oauth.authority or AUTHORITY).rstrip('/')}/{credential.oauth.tenant}"
        self._module = msal
        self._app: Any = None
        self.cache: Any = msal.SerializableTokenCache()
        if cache is not None:
            self.cache.deserialize(json.dumps(cache))
        self._line = Line(credential.timeout, tls_context(credential.ca_file, beside_system=True))

    def __enter__(self) -> _Msal:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def ask(self, work: Callable[[Any], Any]) -> Any:
        """Lets msal work; its constructor asks the network too."""
        try:
            if self._app is None:
                self._app = self._build()
            return work(self._app)
        except TokenError:
            raise
        except Exception as error:  # noqa: BLE001 - msal raises what it likes
            raise self._explain(error) from None  # msal's own error may repeat what was sent

    def _build(self) -> Any:
        credential = self._credential
        settings: dict[str, Any] = {
            "authority": self._url,
            "http_client": self._line.session(self._url),
            "instance_discovery": False,
            "token_cache": self.cache,
        }
        if credential.oauth.flow == "device_code":  # a public client: a secret is neither needed nor sent
            return self._module.PublicClientApplication(credential.oauth.client_id, **settings)
        if not credential.has_secret():
            raise TokenError(f"{credential.shown}: client_credentials needs client_secret_file in its oauth table.")
        return self._module.ConfidentialClientApplication(
            credential.oauth.client_id, client_credential=credential.secret(), **settings
        )

    def _explain(self, error: Exception) -> TokenError:
        if self._line.trouble is not None:
            return words.unreachable(self._credential, self._line.trouble, self._url)
        if isinstance(error, ValueError) and "OIDC" in str(error.__context__ or error):
            return TokenError(
                f"The tenant {self._credential.oauth.tenant} of {self._credential.shown} is unknown; check it."
            )
        return words.garbled(self._credential, self._url)


def _token(credential: Credential, result: Any) -> Token:
    if not isinstance(result, Mapping) or not isinstance(result.get("access_token"), str):
        told = result if isinstance(result, Mapping) else {}
        raise words.refused(credential, told.get("error"), told.get("error_description"))
    try:
        lasts = float(result.get("expires_in") or 0)
    except (TypeError, ValueError):
        lasts = 0.0
    return result["access_token"], clock.now() + lasts


def _not_signed_in(credential: Credential, result: Mapping[str, Any]) -> TokenError:
    error = result.get("error")
    if error in ("authorization_declined", "access_denied"):
        return TokenError("The sign-in was declined. Nothing was changed.")
    if error in ("expired_token", "code_expired", "authorization_pending"):
        return TokenError("The code has expired before anybody signed in. Run the command again.")
    return words.refused(credential, error, result.get("error_description"))
