"""The hand itself: waits for the bell, takes due events in batches, writes their letters.

Takes `Reactor(store, config)`; `react` handles what is due once (the command line calls it after each act), `run` does so
until it is stopped. Promises: as `mailgate.reactor`; several events share one write; rings "delivery" when there is mail.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgate import clock, log
from mailgate.errors import MailgateError, TemporaryError
from mailgate.model import Event, User
from mailgate.notify.letters import Letter, Notifier
from mailgate.notify.limits import holds_back
from mailgate.notify.signing import signer
from mailgate.notify.suggested import suggester
from mailgate.store import entries, events, keys, outbox, people, tickets

if TYPE_CHECKING:
    from mailgate.config import Config
    from mailgate.store import Reader, Store, Tx

_log = log.get("reactor")
_BATCH = 50
_BATCH_BYTES = 8 * 1024**2
_IDLE_SECONDS = 30.0


@dataclass(slots=True)
class _Handled:
    """An event with its letters, or with what went wrong while they were made."""

    event: Event
    letters: Sequence[Letter] = ()
    error: str | None = None

    @property
    def size(self) -> int:
        return sum(len(letter.new.raw) for letter in self.letters)


class Reactor:
    """Handles events of one installation. Not shared between threads."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._config = config
        self._notifier: Notifier | None = None
        self._signing_keys: list[bytes] = []
        self.beat_at = clock.monotonic()

    def reload(self, config: Config) -> None:
        """Takes a changed configuration over, from the next event on."""
        self._config, self._signing_keys = config, []

    def react(self, limit: int = 1000) -> int:
        """Handles events that are due now, at most `limit`; gives how many.

        Raises TemporaryError where the disk fails, ConfigError where mail cannot be signed: then nothing was handled.
        """
        notifier = self._ready()
        done = 0
        while done < limit:
            with self._store.read() as db:
                due = events.waiting(db, min(_BATCH, limit - done))
                batch = self._prepare(db, notifier, due)
            if not batch:
                break
            self._finish(batch)
            done += len(batch)
        return done

    def run(self, stop: threading.Event) -> None:
        """Reacts until `stop` is set; whoever sets it rings the bell "reactor"."""
        bell = self._store.bell.listen("reactor")
        while not stop.is_set():
            self.beat_at = clock.monotonic()
            try:
                done = self.react()
            except MailgateError as error:
                done = 0
                _log.warning("postponed", error=str(error))
            except Exception:  # noqa: BLE001 - the loop of the hand: nothing ends it
                done = 0
                _log.error("round failed", exc_info=True)
            if not done and not stop.is_set():
                bell.wait(_IDLE_SECONDS)

    def _prepare(self, db: Reader, notifier: Notifier, due: Sequence[Event]) -> list[_Handled]:
        """Makes letters until the batch is large; what is left is taken in the next one."""
        batch: list[_Handled] = []
        known: dict[int, User | None] = {}
        size = 0
        for event in due:
            handled = self._make(db, notifier, event, known)
            batch.append(handled)
            size += handled.size
            if size > _BATCH_BYTES:
                break
        return batch

    def _make(self, db: Reader, notifier: Notifier, event: Event, known: dict[int, User | None]) -> _Handled:
        try:
            return _Handled(event, notifier.letters(db, event, known))
        except TemporaryError:
            raise  # the disk's trouble is not the event's: it does not count against it
        except Exception as error:  # noqa: BLE001 - one event that cannot be told must not stop the others
            _log.error("event failed", exc_info=True, event_id=event.id, kind=event.kind, ticket=event.ticket_id)
            return _Handled(event, error=f"{type(error).__name__}: {error}")

    def _ready(self) -> Notifier:
        """The notifier; made anew where the signing keys have been rotated."""
        current = keys.signing_keys(self._store)
        if self._notifier is None or current != self._signing_keys:
            self._signing_keys = current
            self._notifier = Notifier(
                self._config,
                self._store.blobs,
                current,
                keys.installation(self._store),
                signer(self._config),
                suggester(self._store, self._config.web.base_url),
            )
        return self._notifier

    def _finish(self, batch: Sequence[_Handled]) -> None:
        """Writes a batch. Each event is a job of its own, so that one that fails takes no other with it."""
        jobs = [(handled, self._store.submit(self._work(handled))) for handled in batch]
        sent = 0
        for handled, future in jobs:
            try:
                sent += future.result()
            except MailgateError:
                raise
            except Exception as error:  # noqa: BLE001 - see `_make`
                _log.error("event failed", exc_info=True, event_id=handled.event.id, kind=handled.event.kind)
                failed = _Handled(handled.event, error=f"{type(error).__name__}: {error}")
                self._store.write(self._work(failed))
        if sent:
            self._store.bell.ring("delivery")

    def _work(self, handled: _Handled) -> _Work:
        return _Work(self._store, self._config, handled)


class _Work:
    """One event's transaction: claim it, write its letters; or count its failure."""

    def __init__(self, store: Store, config: Config, handled: _Handled) -> None:
        self._store = store
        self._config = config
        self._handled = handled

    def __call__(self, tx: Tx) -> int:
        event = self._handled.event
        if self._handled.error is not None:
            if events.postpone(tx, event.id, self._handled.error):
                _log.error("event set aside", event_id=event.id, kind=event.kind, error=self._handled.error)
            return 0
        if not events.claim(tx, event.id):
            return 0  # another process was first
        return sum(self._write(tx, letter) for letter in self._handled.letters)

    def _write(self, tx: Tx, letter: Letter) -> bool:
        new = letter.new
        if new.template == "welcome" and not people.claim_welcome(tx, letter.readers[0].id):
            return False
        if holds_back(tx, self._config, letter):
            return False
        outbox_id = outbox.add(tx, self._store, new)
        if new.ticket_id is not None:
            tickets.remember_id(tx, new.message_id, new.ticket_id, "out")
        if letter.names_entry and new.entry_id is not None:
            entries.set_message_id(tx, new.entry_id, new.message_id)
        _log.info("letter", outbox=outbox_id, ticket=new.ticket_id, template=new.template, to=len(new.recipients))
        return True
