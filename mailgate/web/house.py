"""The pages as one aiohttp application: which address is answered by what.

Takes a configuration, a store and the daemon's numbers; gives the application. Promises: the event loop never waits for
the disk or a password (both have threads of their own, and a bounded queue); every answer carries the strict header
fields; an error page says nothing of what went wrong, the log says it without the address, which may hold a token.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from mailgate import clock, log
from mailgate.config import Config
from mailgate.errors import TemporaryError
from mailgate.notify import words as letter_words
from mailgate.store import Store
from mailgate.web import answering, article, files, forms, headers, links_in_mail, signing_in, ticket, watching, words
from mailgate.web.asking import Ask, Refused, Reply
from mailgate.web.room import Elsewhere, Room, Visit

T = TypeVar("T")
Page = Callable[[Room, Ask], Reply]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_log = log.get("web")
_THREADS = 4
_PASSWORDS_AT_ONCE = 2
_MOST_WAITING = 20
_MOST_UPLOADS = 20
_PAGE_SECONDS = 60.0
_FILE_SECONDS = 3600.0
_RETRY_SECONDS = 30

_GET: dict[str, Page] = {
    "/": ticket.listing,
    "/sign-in": signing_in.form,
    "/forgot": signing_in.forgot_form,
    "/t/{id:[0-9]{1,18}}": ticket.show,
    "/a/{id:[0-9]{1,18}}": files.download,
    "/kb/{id:[0-9]{1,18}}": article.show,
    "/u/{token}": links_in_mail.leave_form,
    "/r/{token}/{vote}": links_in_mail.rate_form,
    "/password/{token}": links_in_mail.password_form,
}
_POST: dict[str, Page] = {
    "/sign-out": signing_in.sign_out,
    "/forgot": signing_in.forgot,
    "/t/{id:[0-9]{1,18}}/close": answering.close,
    "/t/{id:[0-9]{1,18}}/rate": answering.rate,
    "/t/{id:[0-9]{1,18}}/unsubscribe": answering.unsubscribe,
    "/u/{token}": links_in_mail.leave,
    "/r/{token}/{vote}": links_in_mail.rate,
}
_WITH_PASSWORDS: dict[str, Page] = {
    "/sign-in": signing_in.sign_in,
    "/password/{token}": links_in_mail.set_password,
}
_ANSWER = "/t/{id:[0-9]{1,18}}/reply"


class Pages:
    """All that the web server shows."""

    def __init__(self, config: Config, store: Store, numbers: Callable[[], dict[str, Any]]) -> None:
        self.room = Room(config, store, numbers)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="web-store")
        self._passwords = ThreadPoolExecutor(_PASSWORDS_AT_ONCE, thread_name_prefix="web-password")
        self._durations = watching.Durations("Time from a web request to the end of its answer.")
        self._asking_passwords = 0
        self._uploading = 0

    def reload(self, config: Config) -> None:
        """Takes changed settings over. A changed path of `web.base_url` needs a restart."""
        self.room.reload(config)

    def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._passwords.shutdown(wait=True, cancel_futures=True)

    def application(self) -> web.Application:
        """The application; made once for each start. Proxies may take the base URL's path away, or leave it."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guard(request, handler)

        app = web.Application(middlewares=[guard], client_max_size=forms.SMALL)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/metrics", self._metrics)
        for root in dict.fromkeys(("", self.room.root)):
            for path, page in _GET.items():
                app.router.add_get(root + path, self._page(page))
            for path, page in _POST.items():
                app.router.add_post(root + path, self._page(page))
            for path, page in _WITH_PASSWORDS.items():
                app.router.add_post(root + path, self._password_page(page))
            app.router.add_post(root + _ANSWER, self._answer)
        return app

    # -- handlers --------------------------------------------------------------------------------------------------

    async def _healthz(self, _request: web.Request) -> web.Response:
        status, body = await self._run(lambda: watching.health(self.room.store, self.room.numbers()))
        return web.json_response(body, status=status)

    async def _metrics(self, request: web.Request) -> web.Response:
        if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
            raise Refused(404)  # for monitoring beside the daemon, not for whoever comes through the proxy
        room = self.room
        text = await self._run(
            lambda: watching.metrics(room.store, room.config, room.numbers(), room.counters, self._durations)
        )
        return web.Response(body=text.encode(), headers={"Content-Type": watching.CONTENT_TYPE})

    def _page(self, page: Page) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            ask = self._ask(request)
            if request.method == "POST":
                ask.form = await forms.read_form(request)
            return await self._send(request, await self._run(lambda: page(self.room, ask)))

        return handle

    def _password_page(self, page: Page) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            ask = self._ask(request)
            ask.form = await forms.read_form(request)
            if self._asking_passwords >= _MOST_WAITING:
                raise Refused(503, retry_after=_RETRY_SECONDS)
            self._asking_passwords += 1
            try:
                reply = await asyncio.get_running_loop().run_in_executor(self._passwords, page, self.room, ask)
            finally:
                self._asking_passwords -= 1
            return await self._send(request, reply)

        return handle

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        """An answer with files: rights first, then the form's token, then the bytes, then the ticket."""
        ask = self._ask(request)
        visit: Visit = await self._run(lambda: answering.may_answer(self.room, ask))
        if self._uploading >= _MOST_UPLOADS or not self.room.store.has_room():
            raise Refused(503, retry_after=_RETRY_SECONDS)

        def check(fields: dict[str, str]) -> None:
            ask.form = fields
            self.room.check_form(ask, visit)

        reading = forms.Reading(self.room.store, self._run, check, int(self.room.config.web.max_upload))
        self._uploading += 1
        try:
            await reading.read(request)
        finally:
            self._uploading -= 1
        ask.form, ask.uploads = reading.fields, reading.uploads
        return await self._send(request, await self._run(lambda: answering.reply(self.room, ask)))

    # -- in and out ------------------------------------------------------------------------------------------------

    async def _run(self, work: Callable[[], T]) -> T:
        """Runs what may wait for the disk in a thread of the pool."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _ask(self, request: web.Request) -> Ask:
        peer = request.transport.get_extra_info("peername") if request.transport is not None else None
        return Ask(
            method=request.method,
            params=dict(request.match_info),
            query=dict(request.query),
            cookie=request.cookies.get(headers.cookie_name(self.room.is_https)),
            languages=request.headers.get("Accept-Language", ""),
            client=headers.client_address(
                peer[0] if isinstance(peer, tuple) else None,
                request.headers.getall("X-Forwarded-For", []),
                self.room.config.web.trusted_proxies,
            ),
            origin=request.headers.get("Origin"),
            fetch_site=request.headers.get("Sec-Fetch-Site"),
        )

    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Around every request: errors become pages, answers are counted."""
        began = clock.monotonic()
        try:
            response = await self._guarded(request, handler)
        except (ConnectionError, asyncio.CancelledError, TimeoutError):
            self._count("aborted")
            raise
        self._count(f"{response.status // 100}xx")
        self._durations.add(clock.monotonic() - began)
        return response

    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
            if not response.prepared:
                response.headers.update(headers.of_every_answer(self.room.is_https))
            return response
        except Elsewhere as elsewhere:
            return await self._send(request, Reply(status=303, location=elsewhere.location))
        except Refused as refused:
            return await self._send(request, self._error(request, refused))
        except (web.RequestPayloadError, HttpProcessingError):
            return await self._send(request, self._error(request, Refused(400)))
        except web.HTTPException as error:
            status = error.status if error.status in (404, 405, 413) else 400
            return await self._send(request, self._error(request, Refused(status)))
        except TemporaryError as error:
            _log.error("page put off", page=_name(request), error=str(error))
            return await self._send(request, self._error(request, Refused(503, retry_after=_RETRY_SECONDS)))
        except (ConnectionError, asyncio.CancelledError, TimeoutError):
            raise
        except Exception:  # noqa: BLE001 - the loop of a hand: the fault is written down, the others go on
            _log.error("page failed", page=_name(request), exc_info=True)
            return await self._send(request, self._error(request, Refused(500)))

    def _error(self, request: web.Request, refused: Refused) -> Reply:
        language = words.preferred(request.headers.get("Accept-Language", ""), self.room.config.general.language)
        lead = words.say(
            language, f"{refused.key}_lead", size=letter_words.size(self.room.config.web.max_upload, language)
        )
        reply = self.room.plain_page("error", language, refused.status, heading=refused.key, lead=lead)
        if refused.retry_after is not None:
            reply.headers["Retry-After"] = str(refused.retry_after)
        return reply

    async def _send(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        """Sends an answer within its time, so that a reader who never reads holds nothing for ever."""
        is_https = self.room.is_https
        fields = {**headers.of_every_answer(is_https), **reply.headers}
        if reply.location is not None:
            fields["Location"] = reply.location
        if reply.cookie is not None:
            fields["Set-Cookie"] = headers.set_cookie(reply.cookie, is_https)
        if not all(headers.is_clean(value) for value in fields.values()):
            raise ValueError("a header field with a line end")
        response: web.StreamResponse
        if reply.path is not None:
            fields["Content-Type"] = reply.content_type
            response = web.FileResponse(reply.path, headers=fields)
        elif reply.data is not None:
            fields["Content-Type"] = reply.content_type
            response = web.Response(body=reply.data, headers=fields)
        else:
            response = web.Response(
                text=reply.html, status=reply.status, headers=fields, content_type=reply.content_type
            )
        async with asyncio.timeout(_PAGE_SECONDS if reply.path is None else _FILE_SECONDS):
            await response.prepare(request)
            await response.write_eof()
        return response

    def _count(self, status: str) -> None:
        self.room.counters[status] = self.room.counters.get(status, 0) + 1


def _name(request: web.Request) -> str:
    """The page's name without what was in its address."""
    resource = request.match_info.route.resource
    return f"{request.method} {resource.canonical if resource is not None else '-'}"
