"""One account's life: poll, wait, poll again; count failures; disable; come back.

Takes an account, a way to make its fetcher, the store; `run` is the body of one thread. Promises (inbound.md section 4):
a message is settled on the server only after it is on disk here; a crash at any instant leaves each message either
there, or here, or both and recognised; trouble with one message is neither counted nor in the way of the others; the
account's errors are counted over restarts; between failures the wait grows, with jitter; a full disk counts for nothing.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from threading import Event

from mailgate import clock, log
from mailgate.config.schema import Account
from mailgate.errors import MailgateError, TemporaryError
from mailgate.sources.accounts.fetcher import AccountError, Fetcher
from mailgate.sources.accounts.session import Stopped, run_session
from mailgate.sources.accounts.troubles import Troubles
from mailgate.sources.accounts.wake import WakeUp
from mailgate.store import Store, accounts

_LONGEST_BACKOFF = 3600.0
_STORE_PAUSE = 30.0
_FAR = 3600.0
_LOST_TOO_SOON = 60.0
_VAIN = 3

Announce = Callable[[str, str], None]


class Poller:
    """One account. `turn` and `run` belong to its thread; `wake`, `stop` and `abort` may be called by any."""

    def __init__(
        self,
        account: Account,
        make_fetcher: Callable[[], Fetcher],
        store: Store,
        announce: Announce | None = None,
        dice: random.Random | None = None,
    ) -> None:
        self.account = account
        self.source = f"{account.protocol}:{account.name}"
        self._make_fetcher = make_fetcher
        self._store = store
        self._announce = announce
        self._dice = dice or random.Random()
        self._fetcher: Fetcher | None = None
        self._had_news = False
        self._vain = 0
        self._wake = WakeUp()
        self._waited = False
        self._stopping = Event()
        self._log = log.get("sources.accounts").bind(account=account.name)

    def run(self) -> None:
        """Polls until `stop`; never raises."""
        wait = self._first_wait()
        while not self._stopping.is_set():
            try:
                if wait > 0:
                    self._pause(wait)
                wait = 0.0 if self._stopping.is_set() else self.turn()
            except Exception:  # noqa: BLE001 - the hand's loop
                self._log.error("poller stumbled", exc_info=True)
                self._close()
                wait = _STORE_PAUSE
                self._wake.wait(wait)
        self._close()

    def turn(self) -> float:
        """Polls once, unless the account is disabled; gives the seconds until the next turn."""
        with self._store.read() as db:
            state = accounts.state(db, self.account.name)
        if not state.enabled:
            left = self._until_retry(state.disabled_at)
            if left > 0:
                return left
            spare = self.account.disable_after - 1
            self._store.write(lambda tx: accounts.try_again(tx, self.account.name, spare))
        troubles = Troubles(state.troubles, self.account.poll_interval.total_seconds())
        try:
            fetched = self._poll_afresh(troubles) if self._waited else self._poll(troubles)
        except Stopped:
            self._close()
            return 0.0
        except AccountError as error:
            return self._failed(str(error), troubles)
        except TemporaryError as error:
            self._close()
            self._log.warning("store cannot take mail", error=str(error))
            with contextlib.suppress(MailgateError):  # the same disk has to take this note
                text = f"Mail waits on the server: {error}"
                self._store.write(lambda tx: accounts.note(tx, self.account.name, text))
            return min(_STORE_PAUSE, self.account.poll_interval.total_seconds())
        except Exception as error:  # noqa: BLE001 - unknown is temporary, a bounded number of times
            self._log.error("poll stumbled", exc_info=True)
            return self._failed(f"Internal error, see the log: {error!r}", troubles)
        self._vain = self._vain + 1 if self._had_news and not fetched else 0
        self._log.debug("polled", fetched=fetched, troubles=len(troubles))
        return self.account.poll_interval.total_seconds() * self._dice.uniform(0.95, 1.05)

    def wake(self) -> None:
        """Makes a waiting poller look whether it was enabled or asked to poll."""
        self._wake.set()

    def stop(self) -> None:
        """Ends `run` after the message in hand."""
        self._stopping.set()
        self._wake.set()

    def abort(self) -> None:
        """Cuts the connection, for a `stop` that cannot wait."""
        fetcher = self._fetcher
        if fetcher is not None:
            fetcher.abort()

    def _poll_afresh(self, troubles: Troubles) -> int:
        """A poll over a connection that has waited: that it died meanwhile says nothing about the server."""
        self._waited = False
        try:
            return self._poll(troubles)
        except AccountError as error:
            if self._stopping.is_set():
                raise
            self._log.info("connection lost while waiting for mail", error=str(error))
            self._close()
            return self._poll(troubles)

    def _poll(self, troubles: Troubles) -> int:
        name = self.account.name
        self._store.write(lambda tx: accounts.attempt(tx, name, clock.now()))
        if self._fetcher is None:
            self._fetcher = self._make_fetcher()
        fetched = run_session(self._fetcher, self._store, self.account, troubles, self._stopping)
        note = troubles.note()
        self._store.write(lambda tx: accounts.succeed(tx, name, clock.now(), troubles.as_dict(), note))
        if fetched:
            self._log.info("fetched", messages=fetched)
        if note:
            self._log.warning("messages left on the server", error=note)
        return fetched

    def _failed(self, error: str, troubles: Troubles) -> float:
        self._close()
        if self._stopping.is_set():  # we cut the connection ourselves
            return 0.0
        name, limit = self.account.name, self.account.disable_after
        state = self._store.write(lambda tx: accounts.fail(tx, name, clock.now(), error, limit, troubles.as_dict()))
        self._log.warning("poll failed", error=error, failures=state.failures, disabled=not state.enabled)
        if state.enabled:
            return self._backoff(state.failures)
        self._store.bell.ring("reactor")
        if self._announce is not None:
            try:
                self._announce(name, error)
            except Exception:  # noqa: BLE001 - the event in the store is the promise, this is a courtesy
                self._log.error("announcement failed", exc_info=True)
        return max(1.0, self._until_retry(state.disabled_at))

    def _pause(self, seconds: float) -> None:
        """Waits for news, for the time's end, or until somebody enables the account or asks for a poll."""
        began = clock.monotonic()
        self._had_news = False
        if self._vain >= _VAIN:  # a server that keeps announcing nothing is polled, not listened to
            self._close()
        while not self._stopping.is_set():
            left = began + seconds - clock.monotonic()
            if left <= 0:
                return
            if self._fetcher is None:
                result = "woken" if self._wake.wait(left) else "timeout"
            else:
                self._waited = True
                result = self._fetcher.wait(left, self._wake)
            if result == "woken":
                with self._store.read() as db:
                    state = accounts.state(db, self.account.name)
                if state.poll_requested:
                    return
            elif result == "news":
                self._had_news = True
                return
            elif result != "lost" or clock.monotonic() - began > _LOST_TOO_SOON:
                return
            else:  # a server that drops us at once is polled, not chased
                self._log.info("connection lost while waiting for mail")

    def _first_wait(self) -> float:
        """After a restart, a failing account is not tried sooner than without the restart."""
        try:
            with self._store.read() as db:
                state = accounts.state(db, self.account.name)
        except MailgateError:
            return _STORE_PAUSE
        if not state.enabled or not state.failures or state.last_attempt_at is None or state.poll_requested:
            return 0.0
        backoff = self._backoff(state.failures)
        return min(backoff, max(0.0, state.last_attempt_at + backoff - clock.now()))

    def _backoff(self, failures: int) -> float:
        """Doubles with each failure from the poll interval up to an hour, give or take a fifth."""
        interval = self.account.poll_interval.total_seconds()
        grown = interval * 2.0 ** min(failures - 1, 30)
        return min(max(_LONGEST_BACKOFF, interval), grown) * self._dice.uniform(0.8, 1.2)

    def _until_retry(self, disabled_at: float | None) -> float:
        """Seconds until a disabled account may try again; a long time where it never may."""
        if self.account.reenable_after is None or disabled_at is None:
            return _FAR
        return disabled_at + self.account.reenable_after.total_seconds() - clock.now()

    def _close(self) -> None:
        if self._fetcher is not None:
            self._fetcher.close()
