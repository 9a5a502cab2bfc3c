"""The supervisor of polled accounts: one named thread each, so that nothing one server does delays another.

Takes the accounts, a way to make a fetcher, the store; starts, reloads and stops the threads, and listens to the bell
"accounts", which `mailgate account enable|poll` rings from its own process. Promises: an account that did not change
keeps its thread and its connection over a reload; `stop` ends within its time, and what waits for a network is cut.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from mailgate import clock, log
from mailgate.config.schema import Account
from mailgate.sources.accounts.fetcher import Fetcher
from mailgate.sources.accounts.poller import Announce, Poller
from mailgate.store import Store, accounts

BELL = "accounts"
_LOOK = 10.0
_log = log.get("sources.accounts")


class Supervisor:
    """The pollers of one daemon."""

    def __init__(
        self, store: Store, make_fetcher: Callable[[Account], Fetcher], announce: Announce | None = None
    ) -> None:
        self._store = store
        self._make_fetcher = make_fetcher
        self._announce = announce
        self._running: dict[str, tuple[Poller, threading.Thread]] = {}
        self._lock = threading.Lock()
        self._stopping = False
        self._listener: threading.Thread | None = None
        self._bell = store.bell.listen(BELL)

    def start(self, configured: Sequence[Account]) -> None:
        """Starts a thread for each account that is not disabled in the configuration."""
        self.reload(configured)
        self._listener = threading.Thread(target=self._listen, name="accounts", daemon=True)
        self._listener.start()

    def reload(self, configured: Sequence[Account]) -> None:
        """Starts what is new, stops what is gone, restarts what changed."""
        wanted = {account.name: account for account in configured if not account.disabled}
        with self._lock:
            running = dict(self._running)
        changed = [name for name, (poller, _) in running.items() if wanted.get(name) != poller.account]
        self._end(changed, 10.0)
        for name, account in wanted.items():
            if name not in running or name in changed:
                self._begin(account)

    def poll_now(self, name: str) -> bool:
        """Asks for a poll of one account; False where it does not run."""
        with self._lock:
            found = self._running.get(name)
        if found is None:
            return False
        self._store.write(lambda tx: accounts.request_poll(tx, name))
        found[0].wake()
        return True

    def stop(self, seconds: float = 20.0) -> None:
        """Ends all threads within about `seconds`."""
        self._stopping = True
        self._bell.ring()
        if self._listener is not None:
            self._listener.join()
        with self._lock:
            names = list(self._running)
        self._end(names, seconds)

    def _begin(self, account: Account) -> None:
        poller = Poller(account, lambda: self._make_fetcher(account), self._store, self._announce)
        thread = threading.Thread(target=poller.run, name=f"account-{account.name}", daemon=True)
        with self._lock:
            self._running[account.name] = (poller, thread)
        thread.start()

    def _end(self, names: Sequence[str], seconds: float) -> None:
        with self._lock:
            ending = [self._running.pop(name) for name in names if name in self._running]
        for poller, _ in ending:
            poller.stop()
        end = clock.monotonic() + seconds
        for poller, thread in ending:
            thread.join(max(0.0, end - clock.monotonic()))
            if thread.is_alive():
                poller.abort()
        for poller, thread in ending:
            thread.join(5.0)
            if thread.is_alive():
                _log.error("thread does not end", account=poller.account.name)

    def _listen(self) -> None:
        """Another process rang: who was enabled or asked to poll, looks. A lost ring costs some seconds."""
        while not self._stopping:
            self._bell.wait(_LOOK)
            try:
                with self._store.read() as db:
                    asked = [name for name, state in accounts.states(db).items() if state.poll_requested]
            except Exception:  # noqa: BLE001 - the hand's loop
                _log.error("cannot read the accounts' state", exc_info=True)
                continue
            with self._lock:
                found = [self._running[name][0] for name in asked if name in self._running]
            for poller in found:
                poller.wake()
