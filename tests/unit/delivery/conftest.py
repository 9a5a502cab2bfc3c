"""Relays that misbehave, and a hand that sends to them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mailgate.config import Config, parse_config
from mailgate.delivery import Delivery
from mailgate.store import Store, outbox
from tests.support.odd_relay import OddRelay, Script


@pytest.fixture
def relay() -> Iterator[Callable[..., OddRelay]]:
    """Makes relays of a script, and ends them."""
    made: list[OddRelay] = []

    def make(script: Script, port: int = 0) -> OddRelay:
        made.append(OddRelay(script, port))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Config]:
    """A configuration with this relay; further lines of `[outgoing]`."""

    def make(port: int, extra: str = "", tls: str = "none", timeout: str = "5s") -> Config:
        return parse_config(
            '[[mailbox]]\naddress = "support@help.example.com"\n[outgoing]\nfrom_address = "support@help.example.com"\n'
            f'smtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_tls = "{tls}"\ntimeout = "{timeout}"\n{extra}',
            str(tmp_path / "config.toml"),
        )

    return make


class Post:
    """A store with an outbox, and the hand that empties it."""

    def __init__(self, folder: Path, config: Config) -> None:
        self.folder = folder
        self.store = Store.open(folder / "data")
        self.hand = Delivery(self.store, config)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._number = 0

    def add(self, *recipients: str, raw: bytes | None = None, **fields: Any) -> int:
        """A letter in the outbox."""
        self._number += 1
        name = f"<letter{self._number}@help.example.com>"
        content = raw or f"Message-ID: {name}\r\nSubject: hello\r\n\r\nhello\r\n".encode()
        letter = outbox.NewLetter(
            name, "hello", "support@help.example.com", recipients, content, "updated", False, **fields
        )
        return self.store.write(lambda tx: outbox.add(tx, self.store, letter))

    def start(self) -> None:
        self._thread = threading.Thread(target=self.hand.run, args=(self._stop,))
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self.store.bell.ring("delivery")
        if self._thread is not None:
            self._thread.join(60)
            assert not self._thread.is_alive()
            self._thread = None

    def crash(self) -> None:
        """Ends without a trace: nothing is released."""
        self.stop()
        self.store.close()

    def row(self, outbox_id: int) -> Any:
        with self.store.read() as db:
            return outbox.find(db, outbox_id)

    def recipients(self, outbox_id: int) -> dict[str, str]:
        with self.store.read() as db:
            rows = db.all("SELECT address, status FROM outbox_recipient WHERE outbox_id = :o", {"o": outbox_id})
        return {row["address"]: row["status"] for row in rows}

    def wait_until(self, true: Callable[[], bool], seconds: float = 30.0) -> None:
        """Waits for what another thread does."""
        pause = threading.Event()
        for _ in range(int(seconds / 0.01)):
            if true():
                return
            pause.wait(0.01)
        raise AssertionError("it did not happen")

    def settled(self, *ids: int, tries: int = 1) -> None:
        """Waits until each of these letters was tried so often, or ended."""
        self.wait_until(lambda: all(self.row(one)["attempts"] >= tries for one in ids))

    def close(self) -> None:
        self.stop()
        self.store.close()


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Callable[..., Post]]:
    made: list[Post] = []

    def make(config: Config, after: Post | None = None) -> Post:
        made.append(Post(after.folder if after else tmp_path / f"post{len(made)}", config))
        return made[-1]

    yield make
    for one in made:
        one.close()
