"""The hand that empties the outbox: takes due letters, sends them over several connections, writes what became of each.

Takes store and configuration; runs in its own thread, with one thread for each connection. Promises: a letter is never
in two connections at once; what became of a letter is on disk before the next one on that connection is completed, so
that a crash repeats at most one for each connection, with the same Message-ID; a letter that cannot be sent never blocks
another; while the relay cannot be used letters wait untouched, and flow within a minute after it can.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from mailgate import clock, log
from mailgate.config import Config
from mailgate.delivery.connection import Connection
from mailgate.delivery.line import Line
from mailgate.delivery.relay import Relay
from mailgate.delivery.schedule import LONGEST_WAIT, relay_pause
from mailgate.delivery.settlement import give_up
from mailgate.errors import MailgateError
from mailgate.store import Reader, Store, Tx, keys, outbox
from mailgate.store.outbox import Claimed

_CLAIM_SECONDS = 900.0
_IDLE_SECONDS = 5.0
_CLAIM_PAUSE_SECONDS = 0.25
_TROUBLE_SECONDS = 5.0
_GIVEN_UP_AT_ONCE = 200
RELAY_ERROR = "relay_error"
_log = log.get("delivery")


class Delivery:
    """Sends what is in the outbox. `access_token` gives OAuth2 tokens for the relay."""

    def __init__(self, store: Store, config: Config, access_token: Callable[[], str] | None = None) -> None:
        self.store = store
        self.config = config
        self.generation = 0
        self.counters: Counter[str] = Counter()
        self.line = Line(max(1, config.outgoing.connections), max(1, config.outgoing.connections_per_domain))
        self.stop = threading.Event()
        self.beat_at = clock.monotonic()
        self._access_token = access_token
        self._connections: list[Connection] = []
        self._lock = threading.Lock()
        self._relay_error: str | None = None
        self._failures = 0
        self._pause_until = 0.0
        self._claim_at = 0.0
        self._renewed_at = clock.monotonic()

    def reload(self, config: Config) -> None:
        """Takes a changed configuration over; connections are opened anew with the next letter."""
        self.config = config
        self.line.connections = max(1, config.outgoing.connections)
        self.line.per_domain = max(1, config.outgoing.connections_per_domain)
        self.generation += 1
        self.relay_works()
        self.store.bell.ring("delivery")

    def run(self, stop: threading.Event) -> None:
        """The loop of the hand: claims due letters and feeds the connections until `stop` is set."""
        self.stop = stop
        bell = self.store.bell.listen("delivery")
        started = False
        while not stop.is_set():
            self.beat_at = clock.monotonic()
            try:
                if not started:  # the daemon is alone: what is claimed was claimed by a dead one
                    self.store.write(_begin)
                    started = True
                self._man_the_connections()
                self._watch()
                if not self._feed():
                    bell.wait(self._idle_seconds())
            except MailgateError as error:
                _log.warning("waiting", error=str(error))
                stop.wait(_TROUBLE_SECONDS)
            except Exception:  # noqa: BLE001 - the loop of the hand: nothing ends it
                _log.error("delivery failed", exc_info=True)
                stop.wait(_TROUBLE_SECONDS)
        self._end()

    def new_relay(self) -> Relay:
        """A connection under the configuration of now."""
        return Relay(self.config, self._access_token)

    def paused(self) -> bool:
        """Whether the relay failed a moment ago, so that asking it again would only cost time."""
        return clock.monotonic() < self._pause_until

    def relay_works(self) -> None:
        """The relay has answered: whatever was wrong is over."""
        if self._relay_error is not None or self._failures:
            self._note(None)
            self.store.bell.ring("delivery")

    def relay_failed(self, error: str) -> None:
        """The relay cannot be used: letters wait, one of them asks again later."""
        if not self.paused():
            self._note(error)

    def _note(self, error: str | None) -> None:
        """Remembers trouble with the relay for `mailgate check`."""
        with self._lock:
            self._failures = self._failures + 1 if error else 0
            self._pause_until = clock.monotonic() + relay_pause(self._failures) if error else 0.0
            changed, self._relay_error = error != self._relay_error, error
        if changed:
            _log.warning("relay", error=error) if error else _log.info("relay works again")
            self.store.submit(lambda tx: keys.set_fact(tx, RELAY_ERROR, error or ""))

    def _man_the_connections(self) -> None:
        """As many connections as configured, and one more for each whose thread a fault has ended."""
        self._connections = [one for one in self._connections if one.is_alive()]
        for number in range(len(self._connections), self.line.connections):
            one = Connection(self, number)
            self._connections.append(one)
            one.start()

    def _feed(self) -> int:
        """Claims letters for the connections that are free; gives how many."""
        if self.paused() or not (self.line.is_low() or clock.monotonic() >= self._claim_at):
            return 0
        room = self.line.room() if self._relay_error is None else min(1, self.line.room())
        if room <= 0 or not self._is_due():
            return 0
        if self._relay_error is not None:
            self._give_up_old()
        in_hand, share = self.line.in_hand(), self.line.share
        claimed = self.store.write(lambda tx: outbox.claim(tx, room, _CLAIM_SECONDS, in_hand, share))
        self._claim_at = clock.monotonic() + _CLAIM_PAUSE_SECONDS
        self.line.put(claimed)
        return len(claimed)

    def _is_due(self) -> bool:
        with self.store.read() as db:
            at = outbox.due(db)
        return at is not None and at <= clock.now()

    def _idle_seconds(self) -> float:
        """Until the next letter is due or the pause ends, at most a few seconds: a clock may jump."""
        if self.paused():
            return min(_IDLE_SECONDS, max(0.0, self._pause_until - clock.monotonic()))
        with self.store.read() as db:
            at = outbox.due(db)
        if at is None:
            return _IDLE_SECONDS
        if at <= clock.now():  # it waits for room, or until claiming is worth while
            return _CLAIM_PAUSE_SECONDS if self.line.room() else _IDLE_SECONDS
        return min(_IDLE_SECONDS, at - clock.now())

    def _give_up_old(self) -> None:
        """Letters grow old while the relay cannot be used, too."""
        before = clock.now() - self.config.outgoing.give_up_after.total_seconds()
        reason = f"given up, the relay could not be used: {self._relay_error}"

        def work(tx: Tx) -> list[Claimed]:
            old = outbox.claim(tx, _GIVEN_UP_AT_ONCE, _CLAIM_SECONDS, created_before=before)
            for letter in old:
                give_up(tx, letter, reason)
            return old

        for letter in self.store.write(work):
            self.counters["failed"] += 1
            _log.warning("given up", outbox=letter.id, ticket=letter.ticket_id, message_id=letter.message_id)

    def _watch(self) -> None:
        """Keeps claims alive, and breaks connections that a relay holds for longer than any letter can take."""
        now = clock.monotonic()
        for one in self._connections:
            one.break_if_overdue(now)
        if now - self._renewed_at > _CLAIM_SECONDS / 3:
            self._renewed_at = now
            held = self.line.held()
            self.store.write(lambda tx: _keep(tx, held))

    def _end(self) -> None:
        """Letters on the wire may finish within the time to shut down; all others are given back."""
        waiting = [letter.id for letter in self.line.empty()]
        self.line.close()
        until = clock.monotonic() + self.config.smtp.shutdown_timeout.total_seconds()
        for one in self._connections:
            one.join(max(0.0, until - clock.monotonic()))
        for one in self._connections:
            one.abort()
        for one in self._connections:
            one.join(1.0)
        try:
            self.store.write(lambda tx: outbox.release(tx, waiting))
        except MailgateError as error:  # the next start releases them
            _log.warning("not released", letters=len(waiting), error=str(error))


def _keep(tx: Tx, held: list[int]) -> None:
    outbox.renew(tx, held, _CLAIM_SECONDS)
    outbox.bring_near(tx, LONGEST_WAIT)


def _begin(tx: Tx) -> None:
    outbox.release_all(tx)
    outbox.bring_near(tx, LONGEST_WAIT)
    keys.set_fact(tx, RELAY_ERROR, "")


def relay_error(db: Reader) -> str | None:
    """What is wrong with the relay now, for `mailgate check`."""
    return keys.fact(db, RELAY_ERROR) or None
