"""What all sessions of a listener share: settings that a reload replaces, the store, places, threads and counters.

Takes the configuration; gives `Settings` (one moment's configuration, never changed) and `Shared`.
Promises: a session that asks for `shared.settings` sees a whole configuration, old or new, never a mixture.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mailgate import clock
from mailgate.config.schema import Config, SmtpLimits
from mailgate.mail.message import Envelope
from mailgate.route.hosted import HostedAddresses
from mailgate.sources.smtp.auth import Authenticator
from mailgate.sources.smtp.limits import Network, Places, is_within, read_networks
from mailgate.sources.smtp.tls import make_context
from mailgate.store import Store
from mailgate.store.blobs import StoredBlob
from mailgate.store.spool import Client

if TYPE_CHECKING:
    from mailgate.sources.smtp.connection import Connection

_SCREEN_THREADS = 32
_DISK_THREADS = 4


@dataclass(frozen=True, slots=True)
class AtData:
    """What the checks at the end of DATA say: a reply such as "550 5.7.1 ..." that refuses, or None, and findings.

    `log` are the fields of the line that tells of the checks; none, no line.
    """

    reply: str | None = None
    findings: dict[str, Any] = field(default_factory=dict)
    log: dict[str, Any] = field(default_factory=dict)


AtDataHook = Callable[[bytes | StoredBlob, Envelope, Client, str], AtData | Awaitable[AtData]]
"""Called with the raw bytes, or for a large message with the blob that holds them, and the queue id; in a thread, or
awaited."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The listener's part of one configuration."""

    hostname: str
    max_size: int
    limits: SmtpLimits
    trusted: tuple[Network, ...]
    proxy_protocol: bool
    users: dict[str, str]
    tls: ssl.SSLContext | None
    hosted: HostedAddresses

    @classmethod
    def of(cls, config: Config, hosted: HostedAddresses) -> Settings:
        """Reads networks and certificate. Raises ConfigError."""
        return cls(
            hostname=config.hostname,
            max_size=int(config.smtp.max_size),
            limits=config.smtp.limits,
            trusted=read_networks(config.smtp.trusted),
            proxy_protocol=config.smtp.proxy_protocol,
            users=dict(config.smtp.users),
            tls=make_context(config),
            hosted=hosted,
        )

    def trusts(self, address: str | None) -> bool:
        """Whether the address is one of `smtp.trusted`."""
        return is_within(address, self.trusted)


class Shared:
    """The common ground of the sessions; everything but `settings` and `counters` belongs to the loop's thread."""

    def __init__(self, settings: Settings, store: Store, at_data: AtDataHook | None) -> None:
        self.settings = settings
        self.store = store
        self.at_data = at_data
        self.places = Places()
        self.connections: set[Connection] = set()
        self._room_until = 0.0
        self.counters = {"connections": 0, "received": 0, "refused": 0, "failed": 0, "open": 0}
        self.screen_threads = ThreadPoolExecutor(_SCREEN_THREADS, "smtp-screen")
        self.disk_threads = ThreadPoolExecutor(_DISK_THREADS, "smtp-disk")
        self.authenticator = Authenticator(self.screen_threads)

    async def on_disk(self, work: Callable[[], Any]) -> Any:
        """Runs work that waits for the disk in a thread. It is finished even where the caller is cancelled."""
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self.disk_threads, work))

    def has_room(self) -> bool:
        """Whether the store has room; a yes holds for a second."""
        now = clock.monotonic()
        if now < self._room_until:
            return True
        try:
            has_room = self.store.has_room()
        except OSError:
            return False
        if has_room:
            self._room_until = now + 1.0
        return has_room

    def close(self) -> None:
        """Ends the threads; work that hangs does not hold up the end."""
        self.screen_threads.shutdown(wait=False, cancel_futures=True)
        self.disk_threads.shutdown(wait=True)
