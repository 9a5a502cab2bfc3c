"""What one client may take, in number and in time."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from mailgate.config.schema import SmtpLimits
from mailgate.sources.smtp.connection import Deadline
from mailgate.sources.smtp.limits import Places
from tests.support.smtp_dialogue import house


def limits(text: str) -> str:
    return f"limits = {{ {text} }}\n"


def test_connections_in_all(tmp_path: Path) -> None:
    with (
        house(tmp_path, limits("connections = 2")) as running,
        running.connect() as one,
        running.connect() as two,
        running.connect() as three,
    ):
        assert (one.greeting[:3], two.greeting[:3]) == ("220", "220")
        assert three.greeting.startswith("421 4.7.0")
        assert three.rest() == b""
        assert one.say("QUIT").startswith("221")
        assert one.rest() == b""
        with running.connect() as four:
            assert four.greeting.startswith("220")


def test_connections_of_one_address(tmp_path: Path) -> None:
    with (
        house(tmp_path, limits("connections_per_address = 1")) as running,
        running.connect() as one,
        running.connect() as two,
    ):
        assert one.greeting.startswith("220")
        assert two.greeting.startswith("421 4.7.0")
        running.reload(limits("connections_per_address = 1") + 'trusted = ["127.0.0.1"]')
        with running.connect() as trusted:
            assert trusted.greeting.startswith("220")


def test_a_whole_ipv6_network_is_one_client() -> None:
    places, few = Places(), SmtpLimits(connections_per_address=1)
    key = places.claim("2001:db8:1:2::1", few)
    assert key is not None
    assert places.claim("2001:db8:1:2:ffff::2", few) is None
    assert places.claim("2001:db8:1:3::1", few) is not None
    places.enter()
    places.leave(key)
    assert places.claim("2001:db8:1:2:ffff::2", few) is not None


def test_messages_in_one_connection(tmp_path: Path) -> None:
    with house(tmp_path, limits("messages_per_connection = 2")) as running, running.connect() as client:
        client.ehlo()
        for _ in range(2):
            assert client.envelope().data(b"x\r\n.\r\n").startswith("250")
        assert client.say("MAIL FROM:<a@b.example>").startswith("421 4.7.0")
        assert client.rest() == b""


def test_recipients_of_one_message(tmp_path: Path) -> None:
    with house(tmp_path, limits("recipients = 3")) as running, running.connect() as client:
        client.ehlo().envelope()
        codes = [client.say(f"RCPT TO:<support+{n}@help.example.com>")[:9] for n in range(4)]
        assert codes == ["250 2.1.5", "250 2.1.5", "452 4.5.3", "452 4.5.3"]
        assert client.data(b"x\r\n.\r\n").startswith("250")
        assert len(running.spooled()[0][0].envelope.recipients) == 3


def test_commands_without_a_message(tmp_path: Path) -> None:
    with house(tmp_path, limits("commands = 10")) as running, running.connect() as client:
        client.ehlo()
        for _ in range(3):
            for _ in range(5):
                assert client.say("NOOP").startswith("250")
            assert client.envelope().data(b"x\r\n.\r\n").startswith("250")  # starts the count again
        client.send(b"NOOP\r\n" * 50)
        replies = client.rest().decode().splitlines()
    assert [reply[:3] for reply in replies] == ["250"] * 10 + ["421"]


def test_bad_commands(tmp_path: Path) -> None:
    with house(tmp_path, limits("errors = 3")) as running, running.connect() as client:
        for _ in range(3):
            assert client.say("NONSENSE").startswith("500")
        assert client.say("NONSENSE").startswith("421 4.7.0")
        assert client.rest() == b""


def test_the_last_reply_is_not_lost_to_a_reset(tmp_path: Path) -> None:
    """A client that goes on talking still hears why it was shown out."""
    with house(tmp_path, limits("errors = 1")) as running, running.connect() as client:
        client.send(b"NONSENSE\r\n" * 20_000)
        replies = client.rest().decode().splitlines()
    assert [reply[:9] for reply in replies] == ["500 5.5.2", "421 4.7.0"]


@pytest.mark.parametrize("said", [b"", b"EHLO x\r\n", b"EHLO"])
def test_silence_instead_of_a_command(tmp_path: Path, said: bytes) -> None:
    with house(tmp_path, limits('command_timeout = "300ms"')) as running, running.connect() as client:
        client.send(said)
        last = client.rest().decode().splitlines()[-1]
        assert last.startswith("421 4.4.2")


def test_silence_in_the_data(tmp_path: Path) -> None:
    with house(tmp_path, limits('data_timeout = "300ms"')) as running, running.connect() as client:
        client.ehlo().envelope()
        client.say("DATA")
        client.send(b"Subject: half")
        assert client.rest().startswith(b"421 4.4.2")
        assert running.raw() == []


def test_a_message_that_takes_too_long_in_all(tmp_path: Path) -> None:
    with house(tmp_path, limits('message_timeout = "300ms"')) as running, running.connect() as client:
        client.ehlo().envelope()
        client.say("DATA")
        client.socket.settimeout(0.02)
        with pytest.raises((TimeoutError, OSError)) as ended:
            while True:  # one byte every 20 ms, for ever
                client.send(b"x")
                try:
                    assert client.socket.recv(100).startswith(b"421 4.4.2")
                    raise OSError("told to go")
                except TimeoutError:
                    continue
        assert "told to go" in str(ended.value)


def test_a_client_that_never_reads_is_cut_off(tmp_path: Path) -> None:
    with house(tmp_path, limits('command_timeout = "500ms", commands = 1000000, errors = 1000000')) as running:
        with running.connect() as client:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.socket.settimeout(20)
            with pytest.raises(OSError):
                while True:
                    client.send(b"NOOP\r\n" * 10_000)
        assert running.deliver().startswith("250")


class VirtualLoop:
    """The part of an event loop that a deadline uses, with a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], None], VirtualTimer]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, at: float, callback: Callable[[], None]) -> VirtualTimer:
        timer = VirtualTimer(at)
        self.timers.append((at, callback, timer))
        return timer

    def advance(self, seconds: float) -> None:
        self.now += seconds
        due = [entry for entry in self.timers if entry[0] <= self.now]
        self.timers = [entry for entry in self.timers if entry[0] > self.now]
        for _, callback, timer in due:
            if not timer.cancelled:
                callback()


class VirtualTimer:
    def __init__(self, at: float) -> None:
        self.at, self.cancelled = at, False

    def when(self) -> float:
        return self.at

    def cancel(self) -> None:
        self.cancelled = True


def test_the_time_out_moves_while_data_flows() -> None:
    loop, expired = VirtualLoop(), []
    deadline = Deadline(loop, lambda: expired.append(loop.now))  # type: ignore[arg-type]
    deadline.set(300)
    for _ in range(20):  # an upload of an hour, a piece every 170 seconds, each within its 180
        deadline.set(180)
        loop.advance(170)
    assert expired == []
    deadline.clear()  # our own work has no time-out
    loop.advance(1000)
    assert expired == []
    deadline.set(10)
    loop.advance(9)
    assert expired == []
    loop.advance(2)
    assert len(expired) == 1
    deadline.set(5)
    deadline.cancel()
    loop.advance(10)
    assert len(expired) == 1
