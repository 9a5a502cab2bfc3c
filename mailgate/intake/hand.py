"""The hand that empties the spool: reads what waits, decides, files, writes the outcome.

Takes the store and the configuration; runs in its own thread until stopped, or once for a command. Promises: each
message is one transaction with one outcome; a message that keeps failing is set aside with its traceback and the rest
goes on; a full disk only waits; two intakes at once cannot file a message twice.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future

from mailgate import clock, log
from mailgate.config import Config
from mailgate.errors import NotFoundError, TemporaryError
from mailgate.intake.decide import Decider
from mailgate.intake.reading import Reading
from mailgate.intake.workers import Look, ReaderPool
from mailgate.store import Store, Tx, spool
from mailgate.store.spool import Outcome, Spooled

_BATCH = 200
_FEW = 20
_POURING = 25  # messages in a quarter of a second
_GIVE_WAY_SECONDS = 2.0
_IDLE_SECONDS = 2.0
_FULL_DISK_SECONDS = 5.0
_log = log.get("intake")


class Intake:
    """Files spooled messages. `on_filed` hears of each outcome and how many seconds after its arrival it came."""

    def __init__(self, store: Store, config: Config, on_filed: Callable[[str, float], None] | None = None) -> None:
        self._store = store
        self._decider = Decider(store, config)
        self._config = config
        self._on_filed = on_filed
        self._pool = ReaderPool(store, config.general.parse_workers, config.intake.parse_timeout.total_seconds())
        self._pool.look = Look.of(config)
        self.beat_at = clock.monotonic()

    def reload(self, config: Config) -> None:
        """Takes a changed configuration over, from the next batch on."""
        self._config = config
        self._decider = Decider(self._store, config)
        self._pool.look = Look.of(config)

    def run(self, stop: threading.Event) -> None:
        """The loop of the hand: empties the spool at every ring of the bell "intake" until `stop` is set."""
        bell = self._store.bell.listen("intake")
        try:
            while not stop.is_set():
                self.beat_at = clock.monotonic()
                try:
                    self._give_way(stop)
                    if self.run_waiting(_BATCH, stop):
                        continue
                    bell.wait(_IDLE_SECONDS)
                except TemporaryError as error:
                    _log.warning("waiting", error=str(error))
                    stop.wait(_FULL_DISK_SECONDS)
                except Exception:  # noqa: BLE001 - the loop of the hand: nothing ends it
                    _log.error("intake failed", exc_info=True)
                    stop.wait(_FULL_DISK_SECONDS)
        finally:
            self._pool.stop()

    def _give_way(self, stop: threading.Event) -> None:
        """While mail pours in, accepting it comes first; filing goes on in between and catches up afterwards."""
        until = clock.monotonic() + _GIVE_WAY_SECONDS
        while self._store.spool.pressure() >= _POURING and clock.monotonic() < until and not stop.is_set():
            stop.wait(0.05)

    def run_waiting(self, limit: int = _BATCH, stop: threading.Event | None = None) -> int:
        """Files what waits, at most `limit` messages; gives how many it took. Raises TemporaryError (full disk)."""
        with self._store.read() as db:
            batch = spool.waiting(db, clock.now(), limit)
        filed: list[tuple[Spooled, Future[Outcome | None]]] = []
        for item, reading in self._pool.read_all(batch):
            self.beat_at = clock.monotonic()
            filed.append((item, self._store.submit(self._work(item, reading))))
            if stop is not None and stop.is_set():
                break
        trouble: TemporaryError | None = None
        for item, future in filed:
            try:
                self._settle(item, future)
            except TemporaryError as error:  # the others of the batch may have been written all the same
                trouble = error
        if filed:
            self._store.bell.ring("reactor")
        if trouble is not None:
            raise trouble
        return len(filed)

    def run_all(self) -> int:
        """Files everything that waits, for commands that run without a daemon."""
        total = 0
        with self._store.read() as db:
            few = len(spool.waiting(db, clock.now(), _FEW)) < _FEW
        if few:  # a process of its own would cost more than it protects
            self._pool = ReaderPool(self._store, 0, 0.0, Look.of(self._config))
        try:
            while taken := self.run_waiting():
                total += taken
        finally:
            self._pool.stop()
        return total

    def _work(self, item: Spooled, reading: Reading | Exception) -> Callable[[Tx], Outcome | None]:
        def work(tx: Tx) -> Outcome | None:
            row = spool.find(tx, item.id)
            if row is None or row["outcome"] is not None:
                return None
            if isinstance(reading, Exception):
                raise reading
            outcome, seen = self._decider.file(tx, item, reading)
            spool.finish(tx, item.id, outcome, seen)
            return outcome

        return work

    def _settle(self, item: Spooled, future: Future[Outcome | None]) -> None:
        try:
            outcome = future.result()
        except TemporaryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a message did, it is set aside and the rest goes on
            self._failed(item, error)
            return
        if outcome is not None:
            _log.info(
                "filed", queue_id=item.queue_id, outcome=outcome.outcome, ticket=outcome.ticket_id,
                entry=outcome.entry_id, class_=outcome.class_, reason=outcome.reason,
            )  # fmt: skip
            if self._on_filed is not None:
                self._on_filed(outcome.outcome, clock.now() - item.received_at)

    def _failed(self, item: Spooled, error: Exception) -> None:
        text = "".join(traceback.format_exception(error))[-8000:]
        last = item.attempts + 1 >= self._config.intake.max_attempts or isinstance(error, NotFoundError)
        _log.error(
            "set aside" if last else "will retry", queue_id=item.queue_id, error=f"{type(error).__name__}: {error}"
        )
        if last:
            reason = f"it failed {item.attempts + 1} times; see: mailgate message why {item.queue_id}"
            self._store.write(lambda tx: spool.set_aside(tx, item.id, text, reason))
            if self._on_filed is not None:
                self._on_filed("failed", clock.now() - item.received_at)
            return
        again = clock.now() + 2 * 3**item.attempts
        self._store.write(lambda tx: spool.postpone(tx, item.id, text, again))
