"""Real Dovecot: wrong passwords, a server that dies, a daemon that is killed at random instants, IDLE."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailgate.config.schema import Account
from mailgate.sources.accounts import imap, pop3
from mailgate.sources.accounts.build import fetcher_for
from mailgate.sources.accounts.fetcher import Fetcher
from mailgate.sources.accounts.imap import ImapFetcher
from mailgate.sources.accounts.supervisor import BELL, Supervisor
from mailgate.store import Store, accounts
from tests.support.account_polls import Polls, letter
from tests.support.dovecot import Dovecot, available, running

pytestmark = [pytest.mark.real, pytest.mark.skipif(not available(), reason="needs Dovecot and root")]
_ROUNDS = 50 * int(os.environ.get("MAILGATE_TORTURE", "1"))
_DRIVER = Path(__file__).resolve().parent.parent / "support" / "poll_driver.py"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running() as server:
        yield server


def _until(true: Callable[[], bool], what: str) -> None:
    """Waits for something another thread or process does; a minute is "never"."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, f"never happened: {what}"
        time.sleep(0.02)


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_five_wrong_passwords_disable_and_enable_brings_it_back(dovecot: Dovecot, protocol: str) -> None:
    user = f"wrong{protocol}"
    dovecot.deliver(user, [letter(1)])
    port = dovecot.imap if protocol == "imap" else dovecot.pop3
    polls = Polls(protocol, port, username=user, secret="wrong", idle=False)
    states = [polls.poll() for _ in range(5)]
    assert [state.failures for state in states] == [1, 2, 3, 4, 5]
    assert [state.enabled for state in states] == [True, True, True, True, False]
    assert states[-1].disabled_at is not None
    assert "refused the login" in (states[-1].last_error or "")
    assert len(polls.told) == 1
    assert polls.events() == ["AccountDisabled"]
    restarted = Polls(protocol, port, polls.store, username=user, idle=False)
    assert restarted.poll().failures == 5  # it does not even try
    assert len(dovecot.files(user)) == 1
    restarted.store.write(lambda tx: accounts.enable(tx, "post"))
    state = restarted.poll()
    assert (state.enabled, state.failures, state.fetched_total, state.last_error) == (True, 0, 1, None)
    restarted.close()
    polls.close()


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_server_killed_in_the_middle(protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "BATCH", 50)  # many instants at which it can die
    monkeypatch.setattr(pop3, "BATCH", 50)
    with running() as server:
        letters = [letter(number, 3000) for number in range(3000)]
        server.deliver("u", letters)
        polls = Polls(protocol, server.imap if protocol == "imap" else server.pop3, username="u", idle=False)
        thread = threading.Thread(target=polls.poll)
        thread.start()
        _until(lambda: polls.state().fetched_total > 0, "a first batch")
        server.kill()
        thread.join(60)
        state = polls.state()
        assert state.failures == 1
        assert 0 < state.fetched_total < len(letters)
        server.start()
        state = polls.poll()
        assert state.failures == 0
        assert sorted(polls.accepted()) == sorted(letters)
        assert server.files("u") == []
        polls.close()


@pytest.mark.torture
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("protocol", "rounds"), [("imap", _ROUNDS), ("pop3", _ROUNDS // 2)])
def test_sigkill_at_random_instants(dovecot: Dovecot, protocol: str, rounds: int, tmp_path: Path) -> None:
    user = f"torture{protocol}"
    dice = random.Random(seed := int(os.environ.get("MAILGATE_SEED", "0")) or random.randrange(1 << 30))
    port = dovecot.imap if protocol == "imap" else dovecot.pop3
    Store.open(tmp_path / "data").close()
    sent: list[bytes] = []
    ends: list[str] = []
    command = [sys.executable, str(_DRIVER), protocol, str(port), str(tmp_path / "data"), user]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdin is not None
        assert driver.stdout is not None
        longest = 0.35  # seconds; finds by itself how fast this machine is, so that kills fall into the work
        while ends.count("killed") < rounds and len(ends) < 4 * rounds:
            fresh = [letter(len(sent) + n, 200_000 if n % 20 == 7 else 800) for n in range(40)]
            sent += fresh
            dovecot.deliver(user, fresh)
            driver.stdin.write("\n")
            driver.stdin.flush()
            child = int(driver.stdout.readline())
            time.sleep(dice.uniform(0.0, longest))
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                pass
            ends.append(driver.stdout.readline().strip())
            longest = min(0.5, longest * 1.05) if ends[-1] == "killed" else max(0.02, longest * 0.85)
        driver.stdin.close()
    polls = Polls(protocol, port, Store.open(tmp_path / "data"), username=user, idle=False)
    state = polls.poll()
    assert state.failures == 0, (seed, state)
    assert sorted(polls.accepted()) == sorted(sent), f"seed {seed}"
    assert dovecot.files(user) == [], f"seed {seed}"
    assert ends.count("killed") >= rounds, ends
    polls.close()


class _House:
    """A supervisor over one account, as the daemon has it."""

    def __init__(self, server: Dovecot, user: str, folder: Path, renewal: float, tls: str) -> None:
        self.store = Store.open(folder)
        self.waiter = self.store.bell.listen("intake")
        self.secret = "secret"
        self.account = Account(
            name="post",
            protocol="imap",
            host="localhost",
            port=server.imaps if tls == "tls" else server.imap,
            tls=tls,  # type: ignore[arg-type]
            ca_file=str(server.ca_file),
            username=user,
            poll_interval=timedelta(hours=1),
        )

        def make(account: Account) -> Fetcher:
            fetcher = fetcher_for(account, self.store.blobs, Path, lambda: self.secret)
            assert isinstance(fetcher, ImapFetcher)
            fetcher._idle_renewal = renewal
            return fetcher

        self.supervisor = Supervisor(self.store, make)
        self.supervisor.start([self.account])

    def state(self) -> accounts.AccountState:
        with self.store.read() as db:
            return accounts.state(db, "post")

    def close(self) -> None:
        self.supervisor.stop()
        self.store.close()


@pytest.mark.parametrize(("tls", "renewal"), [("none", 540.0), ("tls", 540.0), ("tls", 0.2)])
def test_idle_brings_a_message_without_a_poll(dovecot: Dovecot, tmp_path: Path, tls: str, renewal: float) -> None:
    user = f"idle{tls}{int(renewal)}"
    dovecot.deliver(user, [letter(0)])
    house = _House(dovecot, user, tmp_path, renewal, tls)
    _until(lambda: house.state().last_success_at is not None, "the first poll")
    for number in range(1, 4):  # the poll interval is an hour: only IDLE can bring these
        dovecot.deliver(user, [letter(number)])
        _until(lambda expected=number + 1: house.state().fetched_total == expected, f"message {number}")
    _until(lambda: dovecot.files(user) == [], "the deletes")
    house.close()


def test_a_lost_idle_connection_is_made_again(tmp_path: Path) -> None:
    with running() as server:
        house = _House(server, "u", tmp_path, 540.0, "none")
        _until(lambda: house.state().last_success_at is not None, "the first poll")
        server.kill()
        server.start()
        server.deliver("u", [letter(1)])
        assert house.supervisor.poll_now("post")
        _until(lambda: house.state().fetched_total == 1, "the message")
        assert house.state().failures == 0
        house.close()


def test_enable_from_another_process_polls_at_once(dovecot: Dovecot, tmp_path: Path) -> None:
    house = _House(dovecot, "bell", tmp_path, 540.0, "none")
    _until(lambda: house.state().last_success_at is not None, "the first poll")
    other = Store.open(tmp_path)
    other.write(lambda tx: accounts.disable(tx, "post", 0.0))
    dovecot.deliver("bell", [letter(1)])
    other.write(lambda tx: accounts.enable(tx, "post"))
    other.bell.ring(BELL)
    _until(lambda: house.state().fetched_total == 1, "the message")
    other.close()
    house.close()
