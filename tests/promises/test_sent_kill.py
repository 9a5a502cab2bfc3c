"""Promise 7: sent at least once with the same Message-ID, and never twice without need; under kill -9 at random instants.

The real daemon sends to a relay that remembers everything; each kill may repeat one letter a connection, no more.
"""

from __future__ import annotations

import random
import smtplib
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase

import pytest

from mailgate.store import Store, events, outbox
from tests.support.daemon import ADDRESS, Daemon
from tests.support.relay import SinkRelay

pytestmark = pytest.mark.torture

_CONNECTIONS = 4
_MAILS = 60
_KILLS = 12


@pytest.fixture
def sink() -> Iterator[SinkRelay]:
    relay = SinkRelay()
    relay.start()
    yield relay
    relay.stop()


def test_promise_7_sent_at_least_once_and_never_twice_without_need(tmp_path: Path, sink: SinkRelay) -> None:
    daemon = Daemon(tmp_path / "house", relay_port=sink.port, extra="[screen]\nauthenticate = false\n")
    chance = random.Random(7)
    daemon.start()
    try:
        _load(daemon, chance)
        for _ in range(_KILLS):
            threading.Event().wait(chance.uniform(0.0, 0.6))  # a random instant is what is tested
            daemon.kill()
            daemon.start()
        daemon.wait_until_filed()
        _wait_until_sent(daemon)
    finally:
        daemon.kill()
    letters = daemon.json("outbox", "list")
    assert len(letters) >= _MAILS
    assert {letter["status"] for letter in letters} == {"sent"}
    arrived = Counter(_message_id(raw) for _, raw in sink.received)
    assert set(arrived) == {letter["message_id"] for letter in letters}
    assert sum(arrived.values()) - len(arrived) <= _KILLS * _CONNECTIONS
    bytes_of = {_message_id(raw): raw for _, raw in sink.received}
    assert all(bytes_of[_message_id(raw)] == raw for _, raw in sink.received)  # the same letter, byte for byte


def _load(daemon: Daemon, chance: random.Random) -> None:
    with smtplib.SMTP("127.0.0.1", daemon.port, timeout=60) as client:
        for number in range(_MAILS):
            sender = f"customer{number}@d{number}.example.org"
            head = f"From: <{sender}>\r\nTo: {ADDRESS}\r\nMessage-ID: <{number}@example.org>\r\n"
            words = " ".join("".join(chance.choices(ascii_lowercase, k=8)) for _ in range(5))  # equal mail is a loop
            text = f"{head}Subject: mail {number}\r\n\r\n{words}\r\n"
            client.sendmail(sender, [ADDRESS], text)


def _message_id(raw: bytes) -> str:
    return raw.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()


def _wait_until_sent(daemon: Daemon) -> None:
    """Until the reactor has nothing to say and the outbox is empty."""
    store, pause = Store.open(daemon.data), threading.Event()
    try:
        for _ in range(1200):
            with store.read() as db:
                told = not events.waiting(db)
                left = [dict(row) for row in outbox.listed(db) if row["status"] != "sent"]
            if told and not left:
                return
            pause.wait(0.1)
        raise AssertionError(f"letters still wait in the outbox: {left[:5]}\n{daemon.log.read_text()[-3000:]}")
    finally:
        store.close()
