"""Polling one account in a test: a real store, a real fetcher, and a look at what came."""

from __future__ import annotations

import contextlib
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from mailgate.config.schema import Account
from mailgate.config.units import Size
from mailgate.sources.accounts.build import fetcher_for
from mailgate.sources.accounts.fetcher import Fetcher
from mailgate.sources.accounts.poller import Poller
from mailgate.store import Store, accounts


def letter(number: int, size: int = 300) -> bytes:
    """A small message that can be told from the others."""
    head = f"From: u{number}@example.org\r\nSubject: letter {number}\r\nMessage-ID: <{number}@example.org>\r\n\r\n"
    body = "".join(f".dots and text of letter {number}, line {line}\r\n" for line in range(max(1, size // 40)))
    return (head + body).encode()


class Polls:
    """An account with its store. `poll()` is one turn; `accepted()` what the ledger has.

    `tokens` are handed out one after the other, each until it is refused; the last one for good.
    """

    def __init__(
        self, protocol: str, port: int, store: Store | None = None, secret: str = "secret", **settings: Any
    ) -> None:
        settings.setdefault("tls", "none")
        settings.setdefault("timeout", timedelta(seconds=10))
        settings.setdefault("username", "user")
        if "max_size" in settings:
            settings["max_size"] = Size(settings["max_size"])
        self.tokens = list(settings.pop("tokens", ()))
        self.secret = secret
        self.account = Account(
            name="post",
            protocol=protocol,
            host=settings.pop("host", "localhost"),
            port=port,
            **settings,  # type: ignore[arg-type]
        )
        self._folder = None if store else Path(tempfile.mkdtemp(prefix="polls-"))
        self.store = store or Store.open(self._folder)  # type: ignore[arg-type]
        self.told: list[tuple[str, str]] = []
        self.fetchers: list[Fetcher] = []
        self.renewed = 0

        def make() -> Fetcher:
            access = (lambda: self.tokens[0]) if self.tokens else None
            self.fetchers.append(
                fetcher_for(self.account, self.store.blobs, Path, lambda: self.secret, access, self._renew)
            )
            return self.fetchers[-1]

        self.make = make
        self.poller = Poller(
            self.account, make, self.store, lambda name, error: self.told.append((name, error)), random.Random(1)
        )

    def _renew(self) -> None:
        self.renewed += 1
        if len(self.tokens) > 1:
            self.tokens.pop(0)

    def poll(self) -> accounts.AccountState:
        """One turn; gives the state after it."""
        self.poller.turn()
        return self.state()

    def state(self) -> accounts.AccountState:
        with self.store.read() as db:
            return accounts.state(db, "post")

    def accepted(self) -> list[bytes]:
        """The raw messages of the ledger, in the order of their acceptance."""
        with self.store.read() as db:
            return [self.store.blobs.get(db, row["sha256"]) for row in db.all("SELECT sha256 FROM message ORDER BY id")]

    def received_at(self) -> list[float]:
        with self.store.read() as db:
            return [row["received_at"] for row in db.all("SELECT received_at FROM message ORDER BY id")]

    def events(self) -> list[str]:
        with self.store.read() as db:
            return [row["kind"] for row in db.all("SELECT kind FROM event ORDER BY id")]

    def close(self) -> None:
        """Closes connections and store."""
        for fetcher in self.fetchers:
            fetcher.close()
        self.store.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


@contextlib.contextmanager
def many(make_one: Callable[..., Polls]) -> Iterator[Callable[..., Polls]]:
    """A function that makes polls, all of which are closed at the end."""
    made: list[Polls] = []

    def make(**settings: Any) -> Polls:
        made.append(make_one(**settings))
        return made[-1]

    yield make
    for one in made:
        one.close()
