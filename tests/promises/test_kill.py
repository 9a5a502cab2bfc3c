"""Promises 1, 3, 4 and 7 of the operations manual, under SIGKILL at random instants.

The real daemon is loaded over SMTP and killed again and again; clients behave like an MTA: what got no 250 is sent again,
with the same Message-ID. Rounds: MAILGATE_TORTURE_ROUNDS (default 100).
"""

from __future__ import annotations

import os
import random
import smtplib
import subprocess
import threading
from collections import Counter
from pathlib import Path

import pytest

from mailgate import clock
from mailgate.store import Store
from mailgate.store.spool import audit
from tests.support.daemon import ADDRESS, COMMAND, Daemon
from tests.support.relay import SinkRelay

ROUNDS = int(os.environ.get("MAILGATE_TORTURE_ROUNDS", "100"))
CLIENTS = 4
pytestmark = [pytest.mark.torture, pytest.mark.timeout(600 + 12 * ROUNDS)]


class Client(threading.Thread):
    """Sends messages one after the other and remembers which got a 250; tries each again until it does."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(name=name, daemon=True)
        self._port = port
        self._random = random.Random(name)
        self.ending = threading.Event()
        self.acknowledged: list[str] = []
        self.tries = 0

    def run(self) -> None:
        number = 0
        while not self.ending.is_set():
            number += 1
            message_id = f"<{self.name}.{number}@load.example.org>"
            message = self._message(number, message_id)
            while not self.ending.is_set():
                self.tries += 1
                if self._send(message):
                    self.acknowledged.append(message_id)
                    break
                self.ending.wait(0.05)

    def _message(self, number: int, message_id: str) -> bytes:
        size = self._random.choice([200, 2000, 30_000, 300_000])
        reply = bool(self.acknowledged) and self._random.random() < 0.4
        fields = [
            f"From: {self.name}.{number % 20}@load.example.org",
            f"To: {ADDRESS}",
            f"Subject: load {number}",
            f"Message-ID: {message_id}",
            "Date: Wed, 25 Nov 2026 10:00:00 +0000",
        ]
        if reply:
            fields.append(f"In-Reply-To: {self._random.choice(self.acknowledged)}")
        body = f"{message_id}\r\n" + ("word " * 12 + "\r\n") * (size // 62)
        return ("\r\n".join(fields) + "\r\n\r\n" + body).encode()

    def _send(self, message: bytes) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self._port, timeout=20) as client:
                client.sendmail(f"{self.name}@load.example.org", [ADDRESS], message)
        except (OSError, smtplib.SMTPException):
            return False
        return True


def _count_entries(folder: Path) -> Counter[str]:
    """How many public entries and duplicates each Message-ID has in the tickets."""
    store = Store.open(folder)
    try:
        with store.read() as db:
            assert audit(db).faults == ()
            rows = db.all("SELECT message_id FROM entry WHERE message_id LIKE '%@load.example.org>'")
            return Counter(row["message_id"] for row in rows)
    finally:
        store.close()


def test_on_disk_before_acknowledged_whatever_kills_the_daemon(tmp_path: Path) -> None:
    """What got a 250 is one ticket or one reply, exactly once; every letter arrives with the Message-ID it was given."""
    relay = SinkRelay()
    relay.start()
    daemon = Daemon(tmp_path / "house", relay.port)
    clients = [Client(f"client{n}", daemon.port) for n in range(CLIENTS)]
    chance = random.Random(20261125)
    try:
        daemon.start()
        for client in clients:
            client.start()
        for _ in range(ROUNDS):
            threading.Event().wait(chance.uniform(0.0, 0.4))
            daemon.kill()
            daemon.start()
        for client in clients:
            client.ending.set()
        for client in clients:
            client.join(60)
        daemon.wait_until_filed()
        pending = [letter for letter in daemon.json("outbox", "list") if letter["status"] == "pending"]
        for letter in pending:
            daemon.run("outbox", "retry", str(letter["id"]), check=False)
        letters = daemon.json("outbox", "list")
        relay.wait_for(len({letter["message_id"] for letter in letters}), 120)
    finally:
        daemon.kill()
        relay.stop()
    acknowledged = [message_id for client in clients for message_id in client.acknowledged]
    assert len(acknowledged) >= ROUNDS
    entries = _count_entries(daemon.data)
    assert [message_id for message_id in acknowledged if entries[message_id] != 1] == []
    assert {message_id: count for message_id, count in entries.items() if count > 1} == {}
    arrived = Counter(str(message["Message-ID"]) for message in relay.messages())
    assert {letter["message_id"] for letter in letters if letter["status"] == "sent"} <= set(arrived)
    again = sum(arrived.values()) - len(arrived)
    assert again <= ROUNDS * 4  # at most one for each connection and kill


def _seconds_of_one_delivery(daemon: Daemon) -> float:
    """How long a delivery takes here, so that kills fall before, into and after it on any machine."""
    started = clock.monotonic()
    daemon.run("deliver", "--recipient", ADDRESS, stdin=b"From: a@load.example.org\nSubject: first\n\nx\n")
    return clock.monotonic() - started


def test_deliver_exits_with_0_only_when_it_is_on_disk(tmp_path: Path) -> None:
    """`mailgate deliver`, killed at random instants: exit 0 means exactly one entry, anything else at most one."""
    daemon = Daemon(tmp_path / "house")
    chance = random.Random(7)
    taken: list[str] = []
    rounds = max(20, ROUNDS // 4)
    usual = _seconds_of_one_delivery(daemon)
    for number in range(rounds):
        message_id = f"<pipe.{number}@load.example.org>"
        message = (
            f"From: p{number}@load.example.org\nSubject: pipe {number}\nMessage-ID: {message_id}\n"
            f"Date: Wed, 25 Nov 2026 10:00:00 +0000\n\n{'x' * 60000}\n"
        )
        for _ in range(20):  # an MTA tries again
            process = subprocess.Popen(
                [*COMMAND, "--config", str(daemon.config), "deliver", "--recipient", ADDRESS],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            assert process.stdin is not None
            try:
                process.stdin.write(message.encode())
                process.stdin.close()
            except BrokenPipeError:
                pass
            try:
                process.wait(chance.uniform(0.3, 1.5) * usual)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
            if process.returncode == 0:
                taken.append(message_id)
                break
    daemon.start()
    try:
        daemon.wait_until_filed()
    finally:
        daemon.kill()
    assert len(taken) >= rounds // 2
    entries = _count_entries(daemon.data)
    assert [message_id for message_id in taken if entries[message_id] != 1] == []
    assert max(entries.values()) == 1
