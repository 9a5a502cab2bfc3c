"""The hand that empties the outbox: takes due letters, sends them over several connections, writes what became of each.

Takes store and configuration; runs in its own thread, with one thread for each connection. Promises: a letter is never
in two connections at once; a letter that the relay took is written down before the next one on that connection is
completed, so that a crash repeats at most one for each connection, with the same Message-ID; a letter that cannot be
sent never blocks another.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future

from mailgate import clock, log
from mailgate.config import Config
from mailgate.delivery.relay import Answer, Relay, RelayError
from mailgate.delivery.schedule import next_attempt
from mailgate.desk.filing import log_event
from mailgate.errors import MailgateError
from mailgate.store import Store, Tx, events, keys, outbox
from mailgate.store.outbox import Claimed

_CLAIM_SECONDS = 900.0
_IDLE_SECONDS = 5.0
_TROUBLE_SECONDS = 5.0
RELAY_ERROR = "relay_error"
_log = log.get("delivery")


class Delivery:
    """Sends what is in the outbox. `access_token` gives OAuth2 tokens for the relay."""

    def __init__(self, store: Store, config: Config, access_token: Callable[[], str] | None = None) -> None:
        self._store = store
        self._config = config
        self._access_token = access_token
        self._letters: queue.SimpleQueue[Claimed | None] = queue.SimpleQueue()
        self._busy: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._in_flight = 0
        self._generation = 0
        self._relay_error: str | None = None
        self._pause_until = 0.0
        self.counters: Counter[str] = Counter()
        self.beat_at = clock.monotonic()

    def reload(self, config: Config) -> None:
        """Takes a changed configuration over; connections are opened anew."""
        self._config = config
        self._generation += 1

    def run(self, stop: threading.Event) -> None:
        """The loop of the hand: claims due letters and feeds the connections until `stop` is set."""
        bell = self._store.bell.listen("delivery")
        self._store.write(outbox.release_all)  # the daemon is alone: what is claimed was claimed by a dead one
        workers = [
            threading.Thread(target=self._work, name=f"relay-{number}", daemon=True)
            for number in range(max(1, self._config.outgoing.connections))
        ]
        for worker in workers:
            worker.start()
        while not stop.is_set():
            self.beat_at = clock.monotonic()
            try:
                if not self._feed(len(workers)):
                    bell.wait(_IDLE_SECONDS)
            except MailgateError as error:
                _log.warning("waiting", error=str(error))
                stop.wait(_TROUBLE_SECONDS)
            except Exception:  # noqa: BLE001 - the loop of the hand: nothing ends it
                _log.error("delivery failed", exc_info=True)
                stop.wait(_TROUBLE_SECONDS)
        for _ in workers:
            self._letters.put(None)
        for worker in workers:
            worker.join(self._config.smtp.shutdown_timeout.total_seconds())
        self._store.write(outbox.release_all)

    def _feed(self, connections: int) -> int:
        """Claims letters for the connections that are free; gives how many."""
        if clock.monotonic() < self._pause_until:
            return 0
        with self._lock:
            room = connections * 4 - self._in_flight
            limit = self._config.outgoing.connections_per_domain
            full = [domain for domain, count in self._busy.items() if count >= limit * 4]
        if room <= 0:
            return 0
        claimed = self._store.write(lambda tx: outbox.claim(tx, room, _CLAIM_SECONDS, full))
        for letter in claimed:
            with self._lock:
                self._in_flight += 1
                self._busy.update(_domains(letter))
            self._letters.put(letter)
        return len(claimed)

    def _work(self) -> None:
        """One connection: sends letters until told to end."""
        relay, generation = self._new_relay(), self._generation
        unsettled: Future[None] | None = None
        while True:
            try:
                letter = self._letters.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                relay.close()
                continue
            if letter is None:
                break
            if generation != self._generation:
                relay.close()
                relay, generation = self._new_relay(), self._generation
            unsettled = self._deliver(relay, letter, unsettled)
        relay.close()

    def _deliver(self, relay: Relay, letter: Claimed, before: Future[None] | None) -> Future[None] | None:
        """Sends one letter; gives the future of its settlement, for which the next letter waits before its end."""
        try:
            with self._store.read() as db:
                raw = self._store.blobs.get(db, letter.raw)

            def settled() -> None:
                if before is not None:
                    before.result()

            answers = relay.send(letter.sender, letter.recipients, raw, settled)
        except RelayError as error:
            answers = {address: Answer(0, str(error)) for address in letter.recipients}
            self._note_relay(str(error))
        except Exception as error:  # noqa: BLE001 - one letter's trouble is not the others'
            _log.error("not sent", outbox=letter.id, exc_info=True)
            answers = {address: Answer(0, f"{type(error).__name__}: {error}") for address in letter.recipients}
        else:
            self._note_relay(None)
        future = self._store.submit(lambda tx: self._settle(tx, letter, answers))
        future.add_done_callback(lambda done: self._done(letter, done))
        return future

    def _settle(self, tx: Tx, letter: Claimed, answers: dict[str, Answer]) -> None:
        now = clock.now()
        again = next_attempt(
            letter.attempts + 1, letter.created_at, now, self._config.outgoing.give_up_after.total_seconds()
        )
        words = {
            address: ("sent" if answer.sent else "failed" if answer.permanent else "pending", str(answer))
            for address, answer in answers.items()
        }
        status = outbox.settle(tx, letter.id, words, again)
        failed = [
            address for address, (word, _) in words.items() if word == "failed" or (word == "pending" and not again)
        ]
        for address in failed:
            reason = "given up: " + str(answers[address]) if not answers[address].permanent else str(answers[address])
            if letter.ticket_id is not None:
                log_event(
                    tx, letter.ticket_id, "delivery failed", f"mail to {address} was not delivered: {reason}",
                    recipients=[address], outbox=letter.id,
                )  # fmt: skip
        if failed and letter.ticket_id is not None:
            events.add(tx, "DeliveryFailed", letter.ticket_id, recipients=failed)
        self.counters[status] += 1
        _log.info(
            status if status != "pending" else "deferred", outbox=letter.id, ticket=letter.ticket_id,
            message_id=letter.message_id, to=len(letter.recipients), reply=next(iter(words.values()), ("", ""))[1],
        )  # fmt: skip

    def _done(self, letter: Claimed, future: Future[None]) -> None:
        with self._lock:
            self._in_flight -= 1
            self._busy.subtract(_domains(letter))
            self._busy += Counter()
        if future.exception() is not None:
            _log.error("not settled", outbox=letter.id, error=str(future.exception()))
        self._store.bell.ring("delivery")

    def _note_relay(self, error: str | None) -> None:
        """Remembers trouble with the relay for `mailgate check`, and pauses so that a dead relay is not hammered."""
        self._pause_until = clock.monotonic() + _TROUBLE_SECONDS if error else 0.0
        if error == self._relay_error:
            return
        self._relay_error = error
        if error:
            _log.warning("relay", error=error)
        self._store.submit(lambda tx: keys.set_fact(tx, RELAY_ERROR, error or ""))

    def _new_relay(self) -> Relay:
        return Relay(self._config, self._access_token)


def _domains(letter: Claimed) -> set[str]:
    return {address.rpartition("@")[2].lower() for address in letter.recipients}
