"""A sign-in server that speaks as much of Microsoft's and Google's OAuth 2.0 as mailgate's libraries ask for.

Written from: Microsoft identity platform, "OpenID Connect on the Microsoft identity platform" (discovery document),
"OAuth 2.0 device authorization grant flow", "OAuth 2.0 client credentials flow", "Refresh the access token"; Google,
"OAuth 2.0 for iOS & Desktop Apps" and "Using OAuth 2.0 for Server to Server Applications"; RFC 6749 (sections 4.4, 5, 6),
RFC 7523, RFC 7636, RFC 8628 (sections 3.2 to 3.5). Tokens are counted: `access-1`, `access-2`; `good(token)` tells
whether one is valid, `revoke_all()` makes none of them so.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs

from tests.support.fake_https import FakeHttps, Reply, Request

TENANT = "contoso.example"
CLIENT = "11111111-2222-3333-4444-555555555555"
SECRET = "the-application's-secret"
PERSON = "desk@contoso.example"


class FakeIdentity(FakeHttps):
    """Sign-in for both providers. `pending` device code polls are answered "not yet" first."""

    def __init__(self) -> None:
        super().__init__(self._reply)
        self.lifetime = 3600
        self.pending = 1
        self.declined = False
        self.scopes: list[str] = []
        self.assertions: list[dict[str, Any]] = []
        self.challenge = ""
        self.refresh_tokens = {"refresh-0"}
        self._count = 0
        self._valid: set[str] = set()

    def good(self, token: str) -> bool:
        return token in self._valid

    def revoke_all(self) -> None:
        self._valid.clear()

    def _reply(self, request: Request) -> Reply:
        path = request.path.partition("?")[0]
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if path.endswith("/.well-known/openid-configuration"):
            return self._discovery(path)
        if path == f"/{TENANT}/oauth2/v2.0/devicecode":
            return _json(
                {
                    "device_code": "the-device-code",
                    "user_code": "ABCD-1234",
                    "verification_uri": "https://microsoft.com/devicelogin",
                    "expires_in": 900,
                    "interval": 0,
                    "message": "To sign in ...",
                }
            )
        if path in (f"/{TENANT}/oauth2/v2.0/token", "/token"):
            return self._token(form)
        return _json({"error": "not_found"}, 404)

    def _discovery(self, path: str) -> Reply:
        if not path.startswith(f"/{TENANT}/"):
            told = "AADSTS90002: Tenant not found."
            return _json({"error": "invalid_tenant", "error_description": told}, 400)
        base = f"{self.url}/{TENANT}"
        return _json(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            }
        )

    def _token(self, form: dict[str, str]) -> Reply:
        self.scopes.append(form.get("scope", ""))
        kind = form.get("grant_type", "")
        if kind != "urn:ietf:params:oauth:grant-type:jwt-bearer" and form.get("client_id") != CLIENT:
            return _refuse("unauthorized_client", "AADSTS700016: Application was not found in the directory.")
        if "client_secret" in form and form["client_secret"] != SECRET:
            return _refuse("invalid_client", "AADSTS7000215: Invalid client secret provided. Trace ID: 1", 401)
        if kind == "client_credentials":
            return self._grant(refresh=False)
        if kind == "urn:ietf:params:oauth:grant-type:device_code":
            return self._device()
        if kind == "refresh_token":
            return self._refresh(form)
        if kind == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            right = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.challenge
            return self._grant() if right and form["code"] == "the-code" else _refuse("invalid_grant", "Bad code")
        if kind == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            claims = form["assertion"].split(".")[1]
            self.assertions.append(json.loads(base64.urlsafe_b64decode(claims + "==")))
            return self._grant(refresh=False)
        return _refuse("unsupported_grant_type", kind)

    def _device(self) -> Reply:
        if self.declined:
            return _refuse("authorization_declined", "AADSTS70001: the user declined")
        if self.pending > 0:
            self.pending -= 1
            return _refuse("authorization_pending", "AADSTS70016: not yet")
        return self._grant()

    def _refresh(self, form: dict[str, str]) -> Reply:
        if form.get("refresh_token") not in self.refresh_tokens:
            return _refuse("invalid_grant", "AADSTS70008: The refresh token has expired due to inactivity.")
        return self._grant()

    def _grant(self, refresh: bool = True) -> Reply:
        self._count += 1
        token = f"access-{self._count}"
        self._valid.add(token)
        answer: dict[str, Any] = {"token_type": "Bearer", "access_token": token, "expires_in": self.lifetime}
        if refresh:
            newer = f"refresh-{self._count}"
            self.refresh_tokens = {newer}
            claims = {"aud": CLIENT, "iss": self.url, "sub": "s", "oid": "o", "tid": "t", "preferred_username": PERSON}
            claims |= {"exp": 4102444800, "iat": 0}
            answer |= {"refresh_token": newer, "id_token": f"{_part({'alg': 'none'})}.{_part(claims)}."}
            info = base64.urlsafe_b64encode(json.dumps({"uid": "o", "utid": "t"}).encode()).rstrip(b"=").decode()
            answer["client_info"] = info
        return _json(answer)


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _refuse(error: str, description: str, status: int = 400) -> Reply:
    return _json({"error": error, "error_description": description}, status)


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"})
