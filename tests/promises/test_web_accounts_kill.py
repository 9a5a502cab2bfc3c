"""EWS and Graph: the poll is killed at each of its requests, before the server acts on it and after; nothing is lost."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mailgate.store import Store
from tests.support.account_polls import letter
from tests.support.fake_ews import FakeEws
from tests.support.fake_graph import FakeGraph
from tests.support.fake_https import Reply, Request

_DRIVER = Path(__file__).resolve().parent.parent / "support" / "web_poll_driver.py"
_LETTERS = [letter(number, 200_000 if number == 2 else 500) for number in range(5)]


class _Assassin:
    """Kills the poll at its `at`-th request, `late` after the server has acted."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self._answer = answer
        self.child: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.at, self.late, self.seen = 0, False, 0

    def __call__(self, request: Request) -> Reply:
        self.seen += 1
        if self.seen != self.at:
            return self._answer(request)
        reply = self._answer(request) if self.late else Reply(500)
        os.kill(self.child.get(timeout=60), signal.SIGKILL)
        return reply


@pytest.mark.parametrize("kind", [FakeGraph, FakeEws])
def test_killed_at_each_request(kind: type[FakeGraph] | type[FakeEws], tmp_path: Path) -> None:
    protocol = "graph" if kind is FakeGraph else "ews"
    server = kind(_LETTERS)
    beginning = dict(server.messages)
    assassin = _Assassin(server._answer)
    server._answer = assassin  # type: ignore[method-assign]
    killed = 0
    command = [sys.executable, str(_DRIVER), protocol, str(server.port), str(server.ca_file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as driver:
        for late in (False, True):
            at, ended = 0, "killed"
            while ended == "killed":
                at += 1
                folder = tmp_path / f"{at}{late}"
                Store.open(folder).close()
                server.messages = dict(beginning)
                assassin.at, assassin.late, assassin.seen = at, late, 0
                ended = _poll(driver, folder, assassin)
                assert _poll(driver, folder, assassin) == "done"
                killed += ended == "killed"
                assert _accepted(folder) == sorted(_LETTERS), f"killed at request {at}, late: {late}"
                assert server.messages == {}, f"killed at request {at}, late: {late}"
        assert driver.stdin is not None
        driver.stdin.close()
    assert killed >= 10
    server.close()


def _poll(driver: subprocess.Popen[str], folder: Path, assassin: _Assassin) -> str:
    """Has the driver poll once, and tells the assassin whom to kill; gives how the child ended."""
    assert driver.stdin is not None
    assert driver.stdout is not None
    driver.stdin.write(f"{folder}\n")
    driver.stdin.flush()
    assassin.child.put(int(driver.stdout.readline()))
    ended = driver.stdout.readline().strip()
    assassin.at = 0
    while not assassin.child.empty():
        assassin.child.get()
    return ended


def _accepted(folder: Path) -> list[bytes]:
    store = Store.open(folder)
    with store.read() as db:
        rows = db.all("SELECT sha256 FROM message ORDER BY id")
        found = sorted(store.blobs.get(db, row["sha256"]) for row in rows)
    store.close()
    return found
