"""One connection's thread: takes letters from the line, sends them, has them settled.

Takes the hand it works for; gives nothing. Promises: the next letter's final dot waits until the one before is on disk;
where the disk refuses, the connection sends nothing more until it is written down, so that nothing is sent twice;
addresses on the suppression list are not written to, even when the letter was queued before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from mailgate import clock, log
from mailgate.delivery.answer import Answer, Interrupted, RelayError
from mailgate.delivery.content import Content
from mailgate.delivery.settlement import settle
from mailgate.errors import NotFoundError, TemporaryError
from mailgate.store import Reader, Tx, outbox, suppressions
from mailgate.store.outbox import Claimed

if TYPE_CHECKING:
    from mailgate.delivery.hand import Delivery

_IDLE_SECONDS = 5.0
_DISK_SECONDS = 5.0
_OVERDUE_SECONDS = 30.0
_SUPPRESSED = Answer(0, "mail to this address is stopped; see: mailgate mail suppressed list", final=True)
_ALWAYS = ("password",)  # a person asked for it a moment ago
_log = log.get("delivery")


class _Unsettled:
    """A letter that the relay has answered and that is not yet written down."""

    def __init__(self, letter: Claimed, answers: dict[str, Answer], future: Future[str]) -> None:
        self.letter = letter
        self.answers = answers
        self.future = future


class Connection(threading.Thread):
    """Runs until the line is closed, or until fewer connections are wanted."""

    def __init__(self, hand: Delivery, number: int) -> None:
        super().__init__(name=f"relay-{number}", daemon=True)
        self._hand = hand
        self._number = number
        self._relay = hand.new_relay()
        self._generation = hand.generation
        self._before: _Unsettled | None = None

    def run(self) -> None:
        """The loop: nothing that a letter does ends it."""
        line = self._hand.line
        while not line.closed and self._number < line.connections:
            letter = line.take(_IDLE_SECONDS)
            if letter is None:
                self._relay.close()
                self._written()
                continue
            if self._generation != self._hand.generation:
                self._relay.close()
                self._relay, self._generation = self._hand.new_relay(), self._hand.generation
            try:
                self._deliver(letter)
            except Exception:  # noqa: BLE001 - the loop of the hand: one letter's trouble is not the others'
                _log.error("not sent", outbox=letter.id, exc_info=True)
                self._relay.close()
                self._give_back([letter], None)
            finally:
                line.done(letter)
                if line.is_low():
                    self._hand.store.bell.ring("delivery")
        self._relay.close()
        self._written()

    def break_if_overdue(self, now: float) -> None:
        """Ends a transaction from outside that outlived its own deadline."""
        deadline = self._relay.deadline
        if deadline is not None and now > deadline + _OVERDUE_SECONDS:
            _log.error("connection broken: the relay holds it too long", thread=self.name)
            self._relay.abort()

    def abort(self) -> None:
        self._relay.abort()

    def _deliver(self, letter: Claimed) -> None:
        """Sends one letter and has its answers written down while the next one begins."""
        if self._hand.paused():
            self._give_back([letter], None)
            return
        if self._before is not None and self._before.future.done() and not self._written():
            self._give_back([letter], None)
            return
        try:
            if self._has_to_wait(letter):
                self._give_back([letter], None)
                return
            answers = self._send(letter)
        except Interrupted as error:
            answers = {address: Answer(0, str(error)) for address in letter.recipients}
        except RelayError as error:
            self._hand.relay_failed(str(error))
            self._give_back([letter], str(error))
            return
        except TemporaryError as error:  # the disk: neither the relay's trouble nor the letter's
            _log.warning("waiting", outbox=letter.id, error=str(error))
            self._give_back([letter], None)
            self._hand.stop.wait(_DISK_SECONDS)
            return
        except NotFoundError as error:
            answers = {address: Answer(0, str(error), final=True) for address in letter.recipients}
        except Exception as error:  # noqa: BLE001 - counts as a try, so that it cannot come back at once for ever
            _log.error("not sent", outbox=letter.id, exc_info=True)
            answers = {address: Answer(0, f"{type(error).__name__}: {error}") for address in letter.recipients}
        else:
            self._hand.relay_works()
        if not self._written():
            _log.error("stopped before it could be written down", outbox=letter.id)
            return
        self._before = _Unsettled(letter, answers, self._submit(letter, answers, self._settle(letter, answers)))

    def _has_to_wait(self, letter: Claimed) -> bool:
        """Whether a letter before it, which was taken together with it, was not accepted: the outbox says until when."""
        if letter.ticket_id is None:
            return False
        with self._hand.store.read() as db:
            return outbox.turn(db, letter) is not None

    def _send(self, letter: Claimed) -> dict[str, Answer]:
        with self._hand.store.read() as db:
            answers = {address: _SUPPRESSED for address in letter.recipients if suppressions.is_suppressed(db, address)}
            wanted = [address for address in letter.recipients if address not in answers]
            if not wanted:
                return answers
            blobs = self._hand.store.blobs
            content = Content(blobs.file_of(db, letter.raw) or blobs.get(db, letter.raw))
        return answers | self._relay.send(letter.sender, wanted, content, self._before_end)

    def _before_end(self) -> None:
        """Holds the final dot back until the letter before is on disk. Raises TemporaryError where it cannot be."""
        if self._before is not None:
            self._before.future.result()
            self._written()

    def _settle(self, letter: Claimed, answers: dict[str, Answer]) -> Callable[[Tx], str]:
        config = self._hand.config
        return lambda tx: settle(tx, config, letter, answers)

    def _submit(self, letter: Claimed, answers: dict[str, Answer], work: Callable[[Tx], str]) -> Future[str]:
        """Has a letter written down; once that is on disk it is counted, logged and forgotten."""

        def on_disk(done: Future[str]) -> None:
            if done.exception() is None:
                self._on_disk(letter, answers, done.result())

        future = self._hand.store.submit(work)
        future.add_done_callback(on_disk)
        return future

    def _written(self) -> bool:
        """Waits until the letter before is on disk, as long as that takes; False where the daemon ends first."""
        while self._before is not None:
            letter, answers = self._before.letter, self._before.answers
            try:
                self._before.future.result()
            except TemporaryError as error:
                _log.error("sent and not written down; waiting for the disk", outbox=letter.id, error=str(error))
                if self._hand.stop.wait(_DISK_SECONDS):
                    return False
                self._before.future = self._submit(letter, answers, self._settle(letter, answers))
            except Exception:  # noqa: BLE001 - a fault in the ticket's log must not send the letter again and again
                _log.error("not settled", outbox=letter.id, exc_info=True)
                self._before.future = self._submit(letter, answers, _bare(letter, answers))
            else:
                self._before = None
        return True

    def _on_disk(self, letter: Claimed, answers: dict[str, Answer], status: str) -> None:
        self._hand.line.forget(letter)
        self._hand.counters[status] += 1
        _log.info(
            "deferred" if status == "pending" else status, outbox=letter.id, ticket=letter.ticket_id,
            message_id=letter.message_id, to=len(letter.recipients), waited_s=round(clock.now() - letter.created_at, 1),
            reply=str(next(iter(answers.values()), "")),
        )  # fmt: skip

    def _give_back(self, letters: list[Claimed], reason: str | None) -> None:
        """Letters that were not tried, and with them all that wait in the line where the relay is the trouble."""
        if self._hand.paused():
            letters = [*letters, *self._hand.line.empty()]
        ids = [letter.id for letter in letters]
        future = self._hand.store.submit(lambda tx: outbox.release(tx, ids, reason))
        try:
            future.result()
        except Exception as error:  # noqa: BLE001 - their claims end by themselves
            _log.warning("not released", letters=len(ids), error=str(error))
        for letter in letters:
            self._hand.line.forget(letter)


def _stopped(db: Reader, letter: Claimed) -> dict[str, Answer]:
    """Recipients that mail no longer goes to, as known now: the letter may have been written before that."""
    return {address: _SUPPRESSED for address in letter.recipients if suppressions.is_suppressed(db, address)}


def _bare(letter: Claimed, answers: dict[str, Answer]) -> Callable[[Tx], str]:
    """The least that has to be written: what the relay said."""
    words = {address: ("sent" if answer.sent else "failed", str(answer)) for address, answer in answers.items()}
    return lambda tx: outbox.settle(tx, letter.id, words, None)
