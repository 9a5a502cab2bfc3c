"""The SMTP and LMTP listener of the daemon.

Takes the configuration, the store and the hosted addresses; runs its event loop in a thread of its own, named "smtp".
Promises: `start` binds everything or nothing; `reload` drops no connection; `stop` takes no new connection, lets
messages in flight finish within its bound and tells everybody else 421; a message is never answered 250 before it is
on disk (see `receive.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mailgate import log
from mailgate.config.schema import Config
from mailgate.errors import ConfigError
from mailgate.route.hosted import HostedAddresses
from mailgate.sources.smtp.lmtp import LmtpSession
from mailgate.sources.smtp.session import Session
from mailgate.sources.smtp.shared import AtData, AtDataHook, Settings, Shared
from mailgate.sources.smtp.sockets import as_written, close_sockets, open_sockets
from mailgate.store import Store

__all__ = ["AtData", "AtDataHook", "SmtpListener"]

_log = log.get("smtp")
_KEEP_PATH: dict[str, Any] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}
"""A socket's file is removed by who made it, which may be systemd."""
_OPTIONS = {"smtp": "listen", "lmtp": "lmtp", "smtps": "listen_tls"}


class SmtpListener:
    """Serves SMTP, LMTP and SMTP inside TLS. `start` once, then `reload` as often as needed, then `stop` once.

    `at_data` is asked about every message after its data and before it is accepted. `sockets` are bound sockets by
    kind ("smtp", "lmtp", "smtps"), as `passed_sockets` gives them. `counters` only ever grow, but for "open".
    After `start`, `addresses`, `tls_addresses` and `lmtp_addresses` tell what is bound: (host, port), or a path.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        hosted: HostedAddresses,
        at_data: AtDataHook | None = None,
        sockets: Mapping[str, Sequence[socket.socket]] | None = None,
    ) -> None:
        self._config = config
        self._shared = Shared(Settings.of(config, hosted), store, at_data)
        self._passed = {kind: list(given) for kind, given in (sockets or {}).items()}
        self._paths: list[Path] = []
        self._servers: list[asyncio.Server] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self.addresses: list[tuple[str, int]] = []
        self.tls_addresses: list[tuple[str, int]] = []
        self.lmtp_addresses: list[tuple[str, int] | str] = []

    @property
    def counters(self) -> dict[str, int]:
        """Connections, messages received, refusals, faults, and connections open now."""
        return self._shared.counters

    def start(self) -> None:
        """Binds all places and begins to serve. Raises ConfigError where one cannot be had; then nothing is open."""
        sockets = self._open()
        self.addresses = [item.getsockname()[:2] for item in sockets["smtp"]]
        self.tls_addresses = [item.getsockname()[:2] for item in sockets["smtps"]]
        self.lmtp_addresses = [
            item.getsockname() if item.family == socket.AF_UNIX else item.getsockname()[:2] for item in sockets["lmtp"]
        ]
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_on_loop_trouble)
        self._thread = threading.Thread(target=self._run, args=(self._loop,), name="smtp", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._serve(sockets), self._loop).result()
        _log.info(
            "listening", smtp=as_written(self.addresses), lmtp=as_written(self.lmtp_addresses),
            smtps=as_written(self.tls_addresses),
        )  # fmt: skip

    def _open(self) -> dict[str, list[socket.socket]]:
        smtp = self._config.smtp
        options = {"smtp": smtp.listen, "lmtp": smtp.lmtp, "smtps": smtp.listen_tls}
        sockets = {kind: list(self._passed.get(kind, [])) for kind in options}
        if any("systemd" in places for places in options.values()) and not any(sockets.values()):
            raise ConfigError(
                'smtp.listen: systemd passed no sockets. Start mailgate by its socket unit, or replace "systemd" '
                'by an address such as "127.0.0.1:2525".'
            )
        opened: list[socket.socket] = []
        try:
            for kind, places in options.items():
                fresh = open_sockets(places, f"smtp.{_OPTIONS[kind]}")
                opened += fresh
                sockets[kind] += fresh
        except ConfigError:
            close_sockets(opened)
            raise
        self._paths = [Path(item.getsockname()) for item in opened if item.family == socket.AF_UNIX]
        return sockets

    def reload(self, config: Config, hosted: HostedAddresses) -> None:
        """Takes over certificate, limits, users, trusted networks and hosted addresses, without dropping a connection.

        Raises ConfigError where the new ones cannot be used; the old ones stay. Other listening places need a restart.
        """
        settings = Settings.of(config, hosted)
        self._shared.settings = settings
        old, new = self._config.smtp, config.smtp
        if (old.listen, old.lmtp, old.listen_tls) != (new.listen, new.lmtp, new.listen_tls):
            _log.warning("smtp.listen, smtp.lmtp or smtp.listen_tls changed; restart to listen at the new places")

    def stop(self, timeout: float) -> None:
        """Stops accepting, waits up to `timeout` seconds for messages in flight, then ends everything. Idempotent."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        self._loop = self._thread = None
        try:
            asyncio.run_coroutine_threadsafe(self._wind_down(timeout), loop).result()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            for path in self._paths:
                path.unlink(missing_ok=True)
            self._shared.close()
        _log.info("stopped", received=self.counters["received"])

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    async def _serve(self, sockets: dict[str, list[socket.socket]]) -> None:
        factories: dict[str, Callable[[], Session]] = {
            "smtp": lambda: Session(self._shared),
            "lmtp": lambda: LmtpSession(self._shared),
            "smtps": lambda: Session(self._shared, implicit_tls=True),
        }
        loop = asyncio.get_running_loop()
        for kind, given in sockets.items():
            for item in given:
                if item.family == socket.AF_UNIX:
                    server = await loop.create_unix_server(factories[kind], sock=item, **_KEEP_PATH)
                else:
                    server = await loop.create_server(factories[kind], sock=item)
                self._servers.append(server)

    async def _wind_down(self, timeout: float) -> None:
        shared = self._shared
        loop = asyncio.get_running_loop()
        for item in [item for server in self._servers for item in server.sockets]:
            loop.remove_reader(item.fileno())
        for _ in range(3):  # who was accepted already becomes a connection; a closed server would trip over it
            await asyncio.sleep(0)
        for server in self._servers:
            server.close()  # wait_closed() would wait for the clients (Python 3.12), without a bound
        tasks = [connection._handler_coroutine for connection in shared.connections]
        for connection in list(shared.connections):
            connection.stop()
        waiting = [task for task in tasks if task is not None and not task.done()]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=timeout)
            if late:
                _log.warning("stopped in the middle of messages", connections=len(late))
        for connection in list(shared.connections):
            connection.abort()
        await asyncio.sleep(0)


def _on_loop_trouble(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Out of file descriptors, most of the time: said once a second by asyncio, which tries again."""
    error = context.get("exception")
    with contextlib.suppress(Exception):
        _log.error("event loop trouble", what=context.get("message"), error=repr(error) if error else None)
