"""The house: every hand with its thread, built from one configuration.

Takes a configuration and a store; `start` begins to serve or raises ConfigError with nothing left open, `reload` takes a
changed configuration over without dropping a connection, `stop` lets what is in flight finish within its bound.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from socket import socket
from typing import Any, Protocol

from mailgate import clock, log
from mailgate.config import Config
from mailgate.config.schema import Web
from mailgate.daemon.accounts import fetcher_maker, relay_token
from mailgate.daemon.gate import Gate
from mailgate.delivery import Delivery
from mailgate.errors import ConfigError
from mailgate.intake import Intake
from mailgate.janitor import Janitor
from mailgate.reactor import Reactor
from mailgate.route.hosted import HostedAddresses
from mailgate.sources.accounts.supervisor import Supervisor
from mailgate.sources.smtp.listener import SmtpListener
from mailgate.store import Store
from mailgate.web import WebServer
from mailgate.web.watching import Durations

_log = log.get("daemon")
_STUCK_SECONDS = 300.0
_SHUTDOWN_EXTRA = 10.0
_LONG_AGO = 86400.0


class Hand(Protocol):
    """A worker with a loop: its sign of life and its reload."""

    beat_at: float

    def run(self, stop: threading.Event) -> None: ...

    def reload(self, config: Config) -> None: ...


class House:
    """All that runs in the daemon."""

    def __init__(self, config: Config, store: Store, sockets: Mapping[str, Sequence[socket]] | None = None) -> None:
        self.config = config
        self.store = store
        self._stop = threading.Event()
        self.outcomes: dict[str, int] = {}
        self._durations = Durations("Seconds from arrival to ticket.")
        self.gate = Gate(config, store)
        self.listener = SmtpListener(config, store, HostedAddresses.of(config), self.gate.check, sockets)
        self.intake = Intake(store, config, self._count)
        self.reactor = Reactor(store, config)
        self.delivery = Delivery(store, config, relay_token(lambda: self.config, store))
        self.janitor = Janitor(store, config)
        self.web = WebServer(config, store, self.numbers)
        self._hands: dict[str, Hand] = {
            "intake": self.intake,
            "reactor": self.reactor,
            "delivery": self.delivery,
            "janitor": self.janitor,
        }
        self._threads: list[threading.Thread] = []
        self._accounts: Supervisor | None = None

    def start(self) -> None:
        """Binds, then starts every hand. Raises ConfigError."""
        self.listener.start()
        try:
            self._start_web()
        except BaseException:
            self.listener.stop(0.0)
            raise
        for name, hand in self._hands.items():
            hand.beat_at = clock.monotonic()
            thread = threading.Thread(target=hand.run, args=(self._stop,), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        self._accounts = Supervisor(self.store, fetcher_maker(lambda: self.config, self.store))
        self._accounts.start(self.config.account)

    def _start_web(self) -> None:
        """A place for the pages that nobody chose may be taken, as by a second installation: mail goes on without them."""
        try:
            self.web.start()
        except ConfigError as error:
            if self.config.web.listen != Web().listen:
                raise
            _log.warning("no web server", reason=str(error), next="choose a free place with web.listen, or [] for none")

    def reload(self, config: Config) -> None:
        """Takes a valid configuration over."""
        self.config = config
        self.gate.reload(config)
        self.listener.reload(config, HostedAddresses.of(config))
        for hand in self._hands.values():
            hand.reload(config)
        self.web.reload(config)
        if self._accounts is not None:
            self._accounts.reload(config.account)

    def stop(self) -> None:
        """Stops taking mail, lets the hands finish what they hold, closes the store."""
        seconds = self.config.smtp.shutdown_timeout.total_seconds()
        self.listener.stop(seconds)
        self._stop.set()
        for name in self._hands:
            self.store.bell.ring(name)
        if self._accounts is not None:
            self._accounts.stop(seconds)
        self.web.stop()
        self.gate.close()
        for thread in self._threads:
            thread.join(seconds + _SHUTDOWN_EXTRA)
        self.store.close()

    def stuck(self) -> list[str]:
        """Hands that have shown no sign of life for too long; the watchdog is not fed while there is one."""
        now = clock.monotonic()
        dead = [thread.name for thread in self._threads if not thread.is_alive()]
        return dead + [name for name, hand in self._hands.items() if now - hand.beat_at > _STUCK_SECONDS]

    def numbers(self) -> dict[str, Any]:
        """Counters for `/metrics` and the heartbeat."""
        return {
            "smtp": dict(self.listener.counters),
            "outcomes": dict(self.outcomes),
            "deliveries": dict(self.delivery.counters),
            "histograms": {"intake_seconds": self._durations.shown()},
            "stuck": self.stuck(),
        }

    def _count(self, outcome: str, seconds: float) -> None:
        if 0.0 <= seconds < _LONG_AGO:  # imported mail keeps its date, and a clock may have jumped
            self._durations.add(seconds)
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
