"""Microsoft Graph as a service that refuses, throttles and breaks: each request with its token, its patience, its words.

Takes an account, a token and a line; gives answers. Promises: the token goes to the configured host alone; a token that
was refused is renewed once; 429, 503 and 504 are waited out as long as the server asks, within the account's time
limit, and beyond it nothing is asked before the server's time; other 5xx and cut connections are tried again a few
times; JSON that makes no sense is an error. Raises AccountError, and MessageTrouble where one message is to blame.
Standards: Microsoft Graph REST API v1.0, "Microsoft Graph error responses", "Microsoft Graph throttling guidance",
"Paging Microsoft Graph data", "Obtain immutable identifiers for Outlook resources"; RFC 9110 section 10.2.3 (Retry-After).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from mailgate import clock
from mailgate.config.schema import Account
from mailgate.https.line import Answer, Line, TooLargeError
from mailgate.sources.accounts import tls, web_words
from mailgate.sources.accounts.fetcher import AccountError

ENDPOINT = "https://graph.microsoft.com/v1.0"
FIRST_PAUSE = 1.0
_TRIES = 4
_MOST_PAGES = 200
_BUSY = (429, 503, 504)
_HEADERS = {"Prefer": 'IdType="ImmutableId"', "Accept": "application/json"}


class MessageTrouble(Exception):
    """One message cannot be had; the text says why. The account is not to blame."""


class ServerTrouble(Exception):
    """The server failed at one message; others may work. `cause` is what to say if they do not."""

    def __init__(self, cause: AccountError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class GraphService:
    """Requests to one mailbox. One thread uses it; `abort` may be called by another."""

    def __init__(self, account: Account, line: Line, token: Callable[[], str], renew: Callable[[], None]) -> None:
        self._account = account
        self._line = line
        self._token = token
        self._renew = renew
        self._limit = account.timeout.total_seconds()
        self._not_before = 0.0
        self._aborted = threading.Event()
        self.base = (account.endpoint or ENDPOINT).rstrip("/")
        self.mailbox = f"{self.base}/{self._owner()}"

    def get(self, path: str, doing: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """One JSON object below the mailbox. Raises AccountError."""
        return self._json(self._try("GET", self.mailbox + path, doing, params=params), doing)

    def pages(self, path: str, doing: str, params: Mapping[str, str]) -> Iterator[tuple[list[dict[str, Any]], bool]]:
        """The parts of a list, with whether there are more. Links lead to the same host or nowhere."""
        url, asked = self.mailbox + path, dict(params)
        for _ in range(_MOST_PAGES):
            told = self._json(self._try("GET", url, doing, params=asked), doing)
            values, link = told.get("value"), told.get("@odata.nextLink")
            if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
                raise self._broken(doing)
            if link is not None and not self._is_ours(link):
                raise AccountError(f"{self._host()} sends on to another place while {doing}; that is not followed.")
            yield values, link is not None
            if link is None:
                return
            url, asked = str(link), {}
        raise AccountError(f"{self._host()} does not end its list while {doing}.")

    def change(
        self, method: str, path: str, doing: str, body: Any = None, known: tuple[int, ...] = ()
    ) -> dict[str, Any]:
        """DELETE, PATCH or POST; the statuses of `known` are fine as well and give an empty answer."""
        answer = self._try(method, self.mailbox + path, doing, json=body, known=known)
        if answer.status in known or not answer.body:
            return {}
        return self._json(answer, doing)

    def download(self, path: str, doing: str, receive: Callable[[], Callable[[bytes], object]], limit: int) -> None:
        """The bytes at a path; `receive` gives a fresh receiver for each try.

        Raises MessageTrouble, ServerTrouble or AccountError.
        """
        url = self.mailbox + path

        def fetch(headers: Mapping[str, str]) -> Answer:
            return self._line.download(url, receive(), headers=headers, limit=limit)

        try:
            answer = self._attempts(url, doing, fetch, known=(400, 404, 410, 413, 422), soft=True)
        except TooLargeError:
            raise MessageTrouble(f"it is larger than max_size ({limit} bytes)") from None
        if answer.status != 200:
            raise MessageTrouble(f"the server did not deliver it ({answer.status} {_reason(answer)})")

    def abort(self) -> None:
        """Ends whatever waits; the service is not used any more."""
        self._aborted.set()
        self._line.abort()

    def _try(
        self,
        method: str,
        url: str,
        doing: str,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        known: tuple[int, ...] = (),
    ) -> Answer:
        def ask(headers: Mapping[str, str]) -> Answer:
            return self._line.ask(method, url, headers=headers, params=params, json=json)

        try:
            return self._attempts(url, doing, ask, known)
        except TooLargeError as error:
            raise AccountError(f"{self._host()} broke the protocol while {doing}: {error}.") from None

    def _attempts(
        self,
        url: str,
        doing: str,
        ask: Callable[[Mapping[str, str]], Answer],
        known: tuple[int, ...],
        soft: bool = False,
    ) -> Answer:
        """Asks until there is an answer to give back or a reason to stop. `soft`: the failure may be of one message."""
        self._check_pause()
        until = clock.monotonic() + self._limit
        renewed, cause = False, None
        for tried in range(1, _TRIES + 1):
            try:
                answer = ask({**_HEADERS, "Authorization": f"Bearer {self._token()}"})
            except OSError as error:
                cause = AccountError(web_words.explain(error, self._account, url, doing))
                if not isinstance(error, ConnectionError) or isinstance(error, ConnectionRefusedError):
                    raise self._failure(cause, soft) from error
                wait = FIRST_PAUSE * (tried - 1)  # a kept connection that has died says nothing about the server
            else:
                if 200 <= answer.status < 300 or answer.status in known:
                    return answer
                if answer.status == 401 and not renewed:
                    renewed = True
                    self._renew()
                    continue
                cause = AccountError(self._refusal(answer, doing))
                if answer.status < 500 and answer.status != 429:
                    raise cause
                wait = self._asked_pause(answer, tried)
            if tried == _TRIES or clock.monotonic() + wait > until or self._aborted.wait(wait):
                break
        if cause is None:
            raise AccountError(f"{self._host()} gave no answer while {doing}.")
        raise self._failure(cause, soft and clock.monotonic() >= self._not_before)

    def _failure(self, cause: AccountError, soft: bool) -> Exception:
        return ServerTrouble(cause) if soft and not self._aborted.is_set() else cause

    def _asked_pause(self, answer: Answer, tried: int) -> float:
        """Seconds to wait; a time beyond our limit is kept, and nothing is asked before it."""
        wait = FIRST_PAUSE * 2.0 ** (tried - 1)
        if answer.status in _BUSY:
            given = answer.headers.get("Retry-After", "").strip()
            if given.isascii() and given.isdigit():
                wait = min(float(given[:6]), 86400.0)
                if wait > self._limit:
                    self._not_before = clock.monotonic() + wait
        return wait

    def _check_pause(self) -> None:
        left = self._not_before - clock.monotonic()
        if left > 0:
            raise AccountError(f"{self._host()} asked not to be asked for another {left:.0f} s (throttling).")

    def _refusal(self, answer: Answer, doing: str) -> str:
        told = f"{answer.status} {_reason(answer)}".strip()
        who = f"{self._account.mailbox or self._account.username}"
        if answer.status == 401:
            return (
                f"{self._host()} refused the token of {who} ({told}). Run: mailgate account login {self._account.name}"
            )
        if answer.status == 403:
            return (
                f"{self._host()} denied access to the mailbox {who} while {doing} ({told}). The application needs the "
                "permission Mail.ReadWrite with an administrator's consent, and access to this mailbox."
            )
        if answer.status == 404:
            return f"{self._host()} knows no such mailbox or folder while {doing} ({told}). Check mailbox and folder."
        if answer.status == 429:
            return f"{self._host()} is throttling this application while {doing} ({told}); it is asked again later."
        if 300 <= answer.status < 400:
            return f"{self._host()} sends on to another place while {doing} ({told}); check endpoint."
        return f"{self._host()} failed while {doing}: {told}."

    def _json(self, answer: Answer, doing: str) -> dict[str, Any]:
        try:
            told = json.loads(answer.body)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise self._broken(doing)
        return told

    def _broken(self, doing: str) -> AccountError:
        return AccountError(f"{self._host()} broke the protocol while {doing}: its answer is not Graph's JSON.")

    def _is_ours(self, link: object) -> bool:
        try:
            mine, other = urlsplit(self.base), urlsplit(str(link))
            return (mine.scheme, mine.hostname, mine.port) == (other.scheme, other.hostname, other.port)
        except ValueError:
            return False

    def _host(self) -> str:
        return urlsplit(self.base).netloc

    def _owner(self) -> str:
        """`me` where a person signed in for the own mailbox, else the mailbox by its address."""
        account = self._account
        application = account.oauth is not None and account.oauth.flow == "client_credentials"
        if not application and account.mailbox.casefold() in ("", account.username.casefold()):
            return "me"
        return f"users/{quote(account.mailbox or account.username, safe='@')}"


def _reason(answer: Answer) -> str:
    """Graph's error code and words, `{"error": {"code", "message"}}`, where they are there."""
    try:
        error = json.loads(answer.body)["error"]
        return tls.one_line(f"{error['code']}: {error['message']}", 200)
    except (ValueError, RecursionError, LookupError, TypeError):
        return tls.one_line(answer.body[:100], 100)
