"""The pages as one aiohttp application: which address is answered by what.

Takes a configuration, a store and the daemon's numbers; gives the application. Promises: the event loop never waits for
the disk (store calls run in a small pool of threads).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from aiohttp import web

from mailgate.config import Config
from mailgate.store import Store
from mailgate.web import watching

T = TypeVar("T")
_THREADS = 4


class Pages:
    """All that the web server shows."""

    def __init__(self, config: Config, store: Store, numbers: Callable[[], dict[str, Any]]) -> None:
        self.config = config
        self.store = store
        self.numbers = numbers
        self.counters: dict[str, int] = {}
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="web-store")

    def reload(self, config: Config) -> None:
        """Takes changed settings over."""
        self.config = config

    def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def run(self, work: Callable[[], T]) -> T:
        """Runs what may wait for the disk in a thread of the pool."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def application(self) -> web.Application:
        """The application; made once for each start."""
        app = web.Application()
        app.router.add_get("/healthz", self.healthz)
        app.router.add_get("/metrics", self.metrics)
        return app

    async def healthz(self, _request: web.Request) -> web.Response:
        """200 while the hands live and the database answers, else 503 (operations.md section 4)."""
        status, body = await self.run(lambda: watching.health(self.store, self.numbers()))
        return web.json_response(body, status=status)

    async def metrics(self, _request: web.Request) -> web.Response:
        """Prometheus text."""
        text = await self.run(lambda: watching.metrics(self.store, self.config, self.numbers(), self.counters))
        return web.Response(text=text, content_type="text/plain", charset="utf-8")
