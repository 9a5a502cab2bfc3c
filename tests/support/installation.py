"""A whole installation in one process: mail in, tickets, events, letters, mail out into a relay that a test looks at.

Takes a folder and a relay's port; gives `Installation`, an `Office` with reactor and delivery. `post` makes everything
that is due go out and gives what arrived.
"""

from __future__ import annotations

import email
import email.policy
import threading
from email.message import EmailMessage
from pathlib import Path

from mailgate.delivery import Delivery
from mailgate.reactor import Reactor
from mailgate.store import outbox
from tests.support.desk import Office
from tests.support.relay import SinkRelay


class Installation(Office):
    """`sink` is where its mail goes; `extra` continues the table [outgoing]."""

    def __init__(self, folder: Path, sink: SinkRelay, extra: str = "") -> None:
        relay = f'smtp_host = "127.0.0.1"\nsmtp_port = {sink.port}\nsmtp_tls = "none"\ntimeout = "10s"\n'
        super().__init__(folder, relay + extra)
        self.sink = sink
        self.reactor = Reactor(self.store, self.config)
        self.delivery = Delivery(self.store, self.config)
        self._seen = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.delivery.run, args=(self._stop,))
        self._thread.start()

    def post(self) -> list[EmailMessage]:
        """Reacts to what happened, waits until every letter was tried, gives what the relay took since the last time."""
        self.reactor.react()
        self.store.bell.ring("delivery")
        pause = threading.Event()
        for _ in range(6000):
            with self.store.read() as db:
                waiting = outbox.listed(db, "pending")
            if all(row["attempts"] for row in waiting):
                break
            pause.wait(0.01)
        else:
            raise AssertionError("letters still wait in the outbox")
        with self.sink.arrived:
            fresh = [raw for _, raw in self.sink.received[self._seen :]]
            self._seen += len(fresh)
        made = [email.message_from_bytes(raw, policy=email.policy.default) for raw in fresh]
        assert all(isinstance(one, EmailMessage) for one in made)
        return sorted(made, key=lambda one: (str(one["To"]), str(one["Subject"])))

    def close(self) -> None:
        self._stop.set()
        self.store.bell.ring("delivery")
        self._thread.join(60)
        super().close()
