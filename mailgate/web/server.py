"""The web server: one thread with its own event loop, listening where the configuration says.

Takes a configuration, a store and a function that gives the daemon's numbers. `start` returns when all places listen
or raises ConfigError with nothing left open; `reload` takes changed settings over without dropping a connection and
binds anew only where `listen` changed; `stop` lets requests in flight finish, for a few seconds.
Standards: RFC 9110 and 9112, as aiohttp speaks them.
"""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mailgate import log
from mailgate.config import Config
from mailgate.errors import ConfigError
from mailgate.store import Store

if TYPE_CHECKING:
    from aiohttp import web

    from mailgate.web.house import Pages

T = TypeVar("T")
_log = log.get("web")
_FINISH_SECONDS = 5.0
_START_SECONDS = 60.0
_SLOWEST_HEADER_SECONDS = 20.0
_LONGEST_HEADER_FIELD = 8190
_MOST_HEADER_FIELDS = 100
_BACKLOG = 128

Numbers = Callable[[], dict[str, Any]]


class WebServer:
    """The requester's page, `/healthz` and `/metrics`. `addresses` says where it listens, once started."""

    def __init__(self, config: Config, store: Store, numbers: Numbers) -> None:
        self.config = config
        self.addresses: list[str] = []
        self._store = store
        self._numbers = numbers
        self._pages: Pages | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._runner: web.AppRunner | None = None
        self._sites: dict[str, tuple[web.BaseSite, str]] = {}

    def start(self) -> None:
        """Binds and serves; does nothing where `web.listen` is empty. Raises ConfigError."""
        if self.config.web.listen:
            self._begin(self.config)

    def reload(self, config: Config) -> None:
        """Takes a valid configuration over. A place that cannot be bound is logged; the others go on."""
        self.config = config
        try:
            if self._loop is not None:
                self._call(self._rebind(config), _START_SECONDS)
            elif config.web.listen:
                self._begin(config)
        except ConfigError as error:
            _log.error("cannot listen", reason=str(error), next="the places that were bound before stay in use")

    def stop(self) -> None:
        """Stops listening and ends the thread."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        try:
            self._call(self._close(), _FINISH_SECONDS + 10.0)
        except TimeoutError:
            _log.warning("stopped while requests were in flight")
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_FINISH_SECONDS)
        self._loop = self._thread = None
        self.addresses = []

    # -- inside ----------------------------------------------------------------------------------------------------

    def _begin(self, config: Config) -> None:
        from mailgate.web.house import Pages  # aiohttp and the templates are loaded here, not by commands

        self._pages = Pages(config, self._store, self._numbers)
        loop = asyncio.new_event_loop()
        self._loop = loop
        self._thread = threading.Thread(target=self._run, args=(loop,), name="web", daemon=True)
        self._thread.start()
        try:
            self._call(self._open(config), _START_SECONDS)
        except BaseException:
            self.stop()
            raise

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    def _call(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    async def _open(self, config: Config) -> None:
        from aiohttp import web

        assert self._pages is not None
        self._runner = web.AppRunner(
            self._pages.application(),
            access_log=None,
            handler_cancellation=True,
            keepalive_timeout=_SLOWEST_HEADER_SECONDS,
            max_line_size=_LONGEST_HEADER_FIELD,
            max_field_size=_LONGEST_HEADER_FIELD,
            max_headers=_MOST_HEADER_FIELDS,
            lingering_time=2.0,
            shutdown_timeout=_FINISH_SECONDS,
            auto_decompress=False,
        )
        await self._runner.setup()
        await self._bind(config.web.listen)

    async def _rebind(self, config: Config) -> None:
        assert self._pages is not None
        self._pages.reload(config)
        await self._bind([place for place in config.web.listen if place not in self._sites])
        for place in [place for place in self._sites if place not in config.web.listen]:
            site, _ = self._sites.pop(place)
            await site.stop()
        self.addresses = [address for _, address in self._sites.values()]

    async def _bind(self, places: list[str]) -> None:
        assert self._runner is not None
        for place in places:
            try:
                self._sites[place] = await _site(self._runner, place, self.config)
            except OSError as error:
                raise ConfigError(
                    f'web.listen: "{place}" cannot be bound: {error.strerror or error}. Is it in use already?'
                ) from error
        self.addresses = [address for _, address in self._sites.values()]

    async def _close(self) -> None:
        self._sites.clear()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._pages is not None:
            self._pages.close()


async def _site(runner: web.AppRunner, place: str, config: Config) -> tuple[web.BaseSite, str]:
    """Binds one place; gives the site and its address as people write it. Raises OSError, ConfigError."""
    from aiohttp import web

    if place.startswith("unix:"):
        path = config.resolve(place.removeprefix("unix:"))
        _remove_stale_socket(path)
        unix = web.UnixSite(runner, str(path), backlog=_BACKLOG)
        await unix.start()
        path.chmod(0o660)  # the proxy's group may connect; the folder decides who gets that far
        return unix, f"unix:{path}"
    host, port = _host_and_port(place)
    bound = socket.create_server(
        (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=_BACKLOG
    )
    site = web.SockSite(runner, bound, backlog=_BACKLOG)
    try:
        await site.start()
    except BaseException:
        bound.close()
        raise
    name = f"[{host}]" if ":" in host else host
    return site, f"{name}:{bound.getsockname()[1]}"


def _host_and_port(place: str) -> tuple[str, int]:
    host, colon, port = place.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise ConfigError(f'web.listen: "{place}" is neither host:port nor unix:PATH.')
    return host.strip("[]") or "127.0.0.1", int(port)


def _remove_stale_socket(path: Path) -> None:
    """A socket file outlives a killed daemon; only a socket is ever removed, and only one that nobody answers."""
    if not path.exists() or not stat.S_ISSOCK(path.stat().st_mode):
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            os.unlink(path)
