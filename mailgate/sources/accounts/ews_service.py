"""An Exchange server through exchangelib: built without asking around, every request bounded, every error in words.

Takes an account, a password or a token, a line; gives `EwsService`, which runs one piece of work at a time. Promises:
exchangelib is imported only when an account needs it; no autodiscover, no guessing of versions or ways to log in, no
cache shared with other accounts, no attribute of the whole process changed; a busy server is waited for as long as it
asks within the account's time limit, and not asked before its time; a token that was refused is renewed once; an answer
that brings a document type of its own is refused before it is parsed. Raises AccountError, and ServerTrouble where the
server failed at what may be one message's fault.
Standards: [MS-OXWSMSG], [MS-OXWSCORE], [MS-OXWSFOLD]; EWS web service reference, "ResponseCode", "EWS throttling in
Exchange" (ErrorServerBusy, BackOffMilliseconds); SOAP 1.1 section 3 (no DTD).
"""

from __future__ import annotations

import base64
import contextlib
import logging
import re
import threading
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from mailgate import clock
from mailgate.config.schema import Account
from mailgate.config.verify import is_exchange_online
from mailgate.https.line import Line, TooLargeError
from mailgate.sources.accounts import tls, web_words
from mailgate.sources.accounts.ews_ntlm import ntlm_auth
from mailgate.sources.accounts.fetcher import AccountError, Secret

FIRST_PAUSE = 1.0
LIST_LIMIT = 16 * 1024 * 1024
_TRIES = 4
_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']{1,40})[\"']")
_PATH = "/EWS/Exchange.asmx"
T = TypeVar("T")


class ServerTrouble(Exception):
    """The server failed at this request; another one may work. `cause` is what to say if it does not."""

    def __init__(self, cause: AccountError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class EwsService:
    """One mailbox on one server. One thread uses it; `abort` may be called by another."""

    def __init__(
        self,
        account: Account,
        line: Line,
        secret: Secret,
        token: Callable[[], str] | None,
        renew: Callable[[], None],
    ) -> None:
        self._account = account
        self._line = line
        self._secret = secret
        self._token = token
        self._renew = renew
        self._limit = account.timeout.total_seconds()
        self._not_before = 0.0
        self._aborted = threading.Event()
        self._ews: Any = None
        self.url = url_of(account)
        self.mailbox = account.mailbox or account.username

    def run(self, doing: str, work: Callable[[Any], T], limit: int = LIST_LIMIT) -> T:
        """Lets exchangelib work on its account object; an answer has at most `limit` bytes.

        Raises AccountError, ServerTrouble, and TooLargeError where an answer is larger.
        """
        if is_exchange_online(self.url):
            raise AccountError(
                "Exchange Online no longer serves EWS (Microsoft switched it off in October 2026). "
                'Use protocol = "graph" for Microsoft 365.'
            )
        left = self._not_before - clock.monotonic()
        if left > 0:
            raise AccountError(f"{self._host()} asked not to be asked for another {left:.0f} s (throttling).")
        self._line.limit = limit
        until = clock.monotonic() + self._limit
        renewed = False
        for tried in range(1, _TRIES + 1):
            try:
                return work(self._need_ews())
            except AccountError:
                raise
            except Exception as error:  # exchangelib raises what it likes
                if self._is_refused(error) and self._token is not None and not renewed:
                    renewed = True
                    self._renew()
                    self.close()
                    continue
                wait = self._pause(error, tried)
                cause = self._explain(error, doing)
                self.close()  # what is left of the session is not worth trusting
                if wait is None or tried == _TRIES or clock.monotonic() + wait > until or self._aborted.wait(wait):
                    raise cause from error
        raise AccountError(f"{self._host()} gave no answer while {doing}.")

    def close(self) -> None:
        """Ends the connection; never raises."""
        ews, self._ews = self._ews, None
        if ews is not None:
            with contextlib.suppress(Exception):
                ews.protocol.close()
        self._line.close()

    def abort(self) -> None:
        """Ends whatever waits; the service is not used any more."""
        self._aborted.set()
        self._line.abort()

    def _need_ews(self) -> Any:
        if self._ews is None:
            self._ews = self._build()
        return self._ews

    def _build(self) -> Any:
        try:
            import exchangelib
            from exchangelib.transport import BASIC, NOAUTH, NTLM
            from exchangelib.version import EXCHANGE_2013_SP1
        except ImportError as error:
            raise AccountError(f"EWS needs more packages ({error}); install mailgate with the extra [ews].") from error
        logging.getLogger("exchangelib").setLevel(logging.CRITICAL + 1)  # it logs requests and answers
        application = self._account.oauth is not None and self._account.oauth.flow == "client_credentials"
        credentials = None
        if self._token is None:
            credentials = exchangelib.Credentials(self._account.username, self._secret())
        config = exchangelib.Configuration(
            service_endpoint=self.url,
            credentials=credentials,
            auth_type=NOAUTH if self._token is not None else NTLM if self._account.auth == "ntlm" else BASIC,
            version=exchangelib.Version(build=EXCHANGE_2013_SP1),  # the server's answer tells the real one
            retry_policy=exchangelib.FailFast(),
            max_connections=1,
        )
        account = exchangelib.Account(
            self.mailbox,
            config=config,
            autodiscover=False,
            access_type=exchangelib.IMPERSONATION if application else exchangelib.DELEGATE,
            locale="en_US",
            default_timezone=exchangelib.UTC,
        )
        with contextlib.suppress(KeyError):
            del type(account.protocol)[config]  # it is kept for the whole process, with the password, by exchangelib
        account.protocol = self._protocol(config)
        return account

    def _protocol(self, config: Any) -> Any:
        """exchangelib's protocol on our line, past its cache: two accounts never wait for one session."""
        from exchangelib.protocol import Protocol
        from exchangelib.transport import DEFAULT_HEADERS

        line, limit = self._line, self._limit
        auth: Any
        if self._token is not None:
            auth = _bearer(self._token)
        elif self._account.auth == "ntlm":
            auth = ntlm_auth(self._account.username, config.credentials.password, lambda: line.certificate)
        else:
            auth = _basic(self._account.username, config.credentials.password)

        class Wired(Protocol):  # type: ignore[misc]  # exchangelib has no types
            TIMEOUT = limit
            RETRY_WAIT = 0

            @classmethod
            def raw_session(cls, prefix: str, *_: Any, **__: Any) -> Any:
                session = line.session(prefix)
                session.headers.update(DEFAULT_HEADERS)
                session.hooks["response"].append(_refuse_document_types)
                return session

            def create_session(self) -> Any:
                session = super().create_session()
                session.auth = auth
                return session

        return type.__call__(Wired, config=config)

    def _is_refused(self, error: Exception) -> bool:
        from exchangelib.errors import UnauthorizedError

        return isinstance(error, UnauthorizedError | PermissionError)

    def _pause(self, error: Exception, tried: int) -> float | None:
        """Seconds to wait before another try; None where there is no point in one."""
        from exchangelib import errors

        trouble = self._line.trouble
        if trouble is not None:
            again = isinstance(trouble, ConnectionError) and not isinstance(trouble, ConnectionRefusedError)
            return FIRST_PAUSE * (tried - 1) if again else None  # a kept connection that has died says nothing
        wait = FIRST_PAUSE * 2.0 ** (tried - 1)
        if isinstance(error, errors.ErrorServerBusy):
            asked = error.back_off if isinstance(error.back_off, int | float) else 0
            wait = max(wait, min(float(asked), 86400.0))
            if wait > self._limit:
                self._not_before = clock.monotonic() + wait
            return wait
        transient = (
            errors.ErrorInternalServerTransientError,
            errors.ErrorTooManyObjectsOpened,
            errors.ErrorExceededConnectionCount,
            errors.ErrorTimeoutExpired,
            errors.ErrorConnectionFailed,
            errors.ErrorMailboxStoreUnavailable,
            errors.ErrorInternalServerError,
        )
        return wait if isinstance(error, transient) or _status(error) >= 500 else None

    def _explain(self, error: Exception, doing: str) -> Exception:
        """What to raise: the server's failure may be one message's fault, a refusal is not."""
        from exchangelib import errors

        trouble, place = self._line.trouble, self._host()
        if isinstance(trouble, TooLargeError):
            return trouble
        if trouble is not None:
            return ServerTrouble(AccountError(web_words.explain(trouble, self._account, self.url, doing)))
        if self._is_refused(error):
            return AccountError(self._refused())
        if isinstance(error, errors.ErrorServerBusy):
            return AccountError(f"{place} is busy and throttles this account while {doing}; it is asked again later.")
        if isinstance(error, errors.RedirectError):
            return AccountError(f"{place} sends on to {tls.one_line(error.server, 80)}; set host to the right server.")
        hints: list[tuple[Any, str]] = [
            (
                (errors.ErrorNonExistentMailbox, errors.ErrorMissingEmailAddress),
                "There is no such mailbox; check mailbox.",
            ),
            (
                errors.ErrorImpersonateUserDenied,
                "The application has no right to impersonate (ApplicationImpersonation).",
            ),
            (
                (errors.ErrorAccessDenied, errors.ErrorFolderNotFound),
                "The login has no access to this mailbox or folder.",
            ),
        ]
        for kinds, hint in hints:
            if isinstance(error, kinds):
                return AccountError(f"{place} refused {self.mailbox} while {doing}: {hint}")
        status = _status(error)
        if status:
            if status == 404:
                return AccountError(f"{place} has no EWS at {urlsplit(self.url).path} (404); set host to the full URL.")
            return ServerTrouble(AccountError(f"{place} answered {status} while {doing}."))
        if isinstance(error, errors.ResponseMessageError):
            told = f"{type(error).__name__}: {tls.one_line(error, 160)}"
            return ServerTrouble(AccountError(f"{place} failed while {doing} ({told})."))
        return AccountError(
            f"{place} broke the protocol while {doing}: its answer is not EWS ({type(error).__name__})."
        )

    def _refused(self) -> str:
        if self._token is not None:
            return (
                f"{self._host()} refused the token of {self.mailbox}. Run: mailgate account login {self._account.name}"
            )
        other = "ntlm" if self._account.auth == "basic" else "basic"
        return (
            f"{self._host()} refused the login of {self._account.username}. Check username and password; if they are "
            f'right, the server may want auth = "{other}".'
        )

    def _host(self) -> str:
        return urlsplit(self.url).netloc


def url_of(account: Account) -> str:
    """The service's URL: `endpoint`, a full URL in `host`, or the usual path on the host."""
    if account.endpoint:
        return account.endpoint
    if "://" in account.host:
        return account.host
    scheme = "http" if account.tls == "none" else "https"
    port = f":{account.port}" if account.port is not None else ""
    return f"{scheme}://{account.host}{port}{_PATH}"


def _bearer(token: Callable[[], str]) -> Callable[[Any], Any]:
    """Puts the token of the moment on each request."""

    def authenticate(request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {token()}"
        return request

    return authenticate


def _basic(username: str, password: str) -> Callable[[Any], Any]:
    """Basic login in Latin-1 where it will do, as servers expect it, else in UTF-8 (RFC 7617 section 2.1)."""
    words = f"{username}:{password}"
    try:
        encoded = words.encode("latin-1")
    except UnicodeEncodeError:
        encoded = words.encode()

    def authenticate(request: Any) -> Any:
        request.headers["Authorization"] = "Basic " + base64.b64encode(encoded).decode()
        return request

    return authenticate


def _refuse_document_types(response: Any, **_: Any) -> None:
    """An entity of its own would let a small answer grow without bounds in the parser, which has its limits off."""
    start = bytes(response.content[:4096])
    encoding = _ENCODING.match(start)
    if encoding is not None and encoding[1].lower() not in (b"utf-8", b"us-ascii"):
        raise ValueError("another encoding than UTF-8")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in start:
        raise ValueError("another encoding than UTF-8")
    if b"<!DOCTYPE" in response.content[:1_000_000] or b"<!ENTITY" in response.content[:1_000_000]:
        if response.headers.get("Content-Type", "").startswith("text/html"):
            return  # an error page, which is not parsed
        raise ValueError("a document type in SOAP")


def _status(error: Exception) -> int:
    """The HTTP status that exchangelib hides in its words; 0 where there is none."""
    found = re.match(r"Unknown failure in response\. Code: (\d{3})", str(error))
    return int(found[1]) if found else 0
