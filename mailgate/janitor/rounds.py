"""The janitor's rounds: retention, old counters, orphaned bytes, a stuck outbox.

Takes store and configuration; runs in its own thread, one short transaction at a time. Promises: nothing that a ticket,
a waiting, held or failed message or a waiting letter needs is ever removed; a full disk or a crash in between only
postpones.
"""

from __future__ import annotations

import threading

from mailgate import clock, log
from mailgate.config import Config
from mailgate.errors import MailgateError
from mailgate.store import Store, Tx, events, meters, outbox, sweeping

_log = log.get("janitor")
_ROUND_SECONDS = 60.0
_SWEEP_EVERY = 3600.0
_FILES_EVERY = 86400.0
_STUCK_AFTER = 3600.0
_TELL_EVERY = 86400.0


class Janitor:
    """Makes its rounds until stopped."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._config = config
        self._next_sweep = clock.monotonic() + _ROUND_SECONDS
        self._next_files = self._next_sweep
        self.beat_at = clock.monotonic()

    def reload(self, config: Config) -> None:
        self._config = config

    def run(self, stop: threading.Event) -> None:
        """A round each minute until `stop` is set."""
        bell = self._store.bell.listen("janitor")
        while not stop.is_set():
            self.beat_at = clock.monotonic()
            try:
                self.watch_clock()
                self.watch_outbox()
                if clock.monotonic() >= self._next_sweep:
                    self._next_sweep = clock.monotonic() + _SWEEP_EVERY
                    self.sweep()
            except MailgateError as error:
                _log.warning("postponed", error=str(error))
            except Exception:  # noqa: BLE001 - the loop of the hand: nothing ends it
                _log.error("round failed", exc_info=True)
            bell.wait(_ROUND_SECONDS)

    def watch_clock(self) -> None:
        """Makes due what was put off while the clock was ahead; else it would wait until the clock is there again."""
        with self._store.read() as db:
            found = sweeping.far_off(db)
        if found:
            _log.warning("the clock went back", made_due=self._store.write(sweeping.call_back))
            for name in ("intake", "reactor", "delivery"):
                self._store.bell.ring(name)

    def watch_outbox(self) -> None:
        """Tells administrators once a day where letters have waited for too long."""
        with self._store.read() as db:
            waiting, oldest = outbox.depth(db)
        if oldest is None or clock.now() - oldest < _STUCK_AFTER:
            return
        _log.warning("outbox stuck", letters=waiting, oldest=clock.iso(oldest))

        def tell(tx: Tx) -> None:
            if meters.hit(tx, "outbox stuck", _TELL_EVERY) == 1:
                events.add(tx, "OutboxStuck", letters=waiting, oldest=clock.iso(oldest))

        self._store.write(tell)

    def sweep(self) -> None:
        """Applies retention, then removes bytes that nothing refers to."""
        retention = self._config.retention
        now = clock.now()
        window = self._config.screen.loop_window.total_seconds()
        self._store.write(lambda tx: meters.clean(tx, max(window, _TELL_EVERY)))
        if held := retention.held.total_seconds():
            self._repeat(lambda tx: sweeping.delete_held(tx, now - held))
        if kept := retention.events.total_seconds():
            self._repeat(lambda tx: sweeping.forget_events(tx, now - kept))
            self._repeat(lambda tx: sweeping.forget_letters(tx, now - kept))
        if raw := retention.raw.total_seconds():
            self._repeat(lambda tx: sweeping.forget_raw(tx, now - raw))
        files = sweeping.remove_orphans(self._store, now)
        if clock.monotonic() >= self._next_files:
            self._next_files = clock.monotonic() + _FILES_EVERY
            files += sweeping.remove_unregistered(self._store, now)
        _log.info("swept", orphans=files)

    def _repeat(self, step: sweeping.Step) -> None:
        while self._store.write(step):
            self.beat_at = clock.monotonic()
