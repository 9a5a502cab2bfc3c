"""An outbox with a real store, and the hand that empties it, in a thread of its own.

Takes a folder and a configuration; gives `Post`, which adds letters and says what became of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mailgate.config import Config
from mailgate.delivery import Delivery
from mailgate.store import Store, outbox


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
