"""The listener's life: start, reload, stop, trouble with the disk, checks after the data, clients that vanish."""

from __future__ import annotations

import logging
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mailgate.errors import ConfigError, TemporaryError
from mailgate.mail.message import Envelope
from mailgate.route.hosted import HostedAddresses
from mailgate.sources.smtp import receive, sockets
from mailgate.sources.smtp.listener import AtData, SmtpListener
from mailgate.store import Store
from mailgate.store.blobs import StoredBlob
from mailgate.store.spool import Client
from tests.support.smtp_dialogue import RECIPIENT, Dialogue, House, house, make_config


@pytest.fixture
def running(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as it:
        yield it


class Gate:
    """A check that stops until the test lets it go, and counts who came."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self, raw: bytes | StoredBlob, envelope: Envelope, client: Client, queue_id: str) -> AtData:
        self.reached.set()
        assert self.open.wait(30)
        return AtData()


# -- start ---------------------------------------------------------------------------------------------------------


def test_a_port_that_is_taken(tmp_path: Path, running: House) -> None:
    port = running.listener.addresses[0][1]
    with pytest.raises(
        ConfigError, match=r'smtp.listen: "127.0.0.1:\d+" cannot be used: another program uses it. Stop'
    ):
        House(tmp_path, f'listen = ["127.0.0.1:{port}"]')


def test_one_place_that_is_taken_leaves_nothing_open(tmp_path: Path, running: House) -> None:
    port = running.listener.addresses[0][1]
    path = tmp_path / "lmtp"
    with pytest.raises(ConfigError):
        House(tmp_path, f'lmtp = ["unix:{path}", "127.0.0.1:{port}"]')
    assert not path.exists()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("nonsense", "is not host:port"),
        ("127.0.0.1:99999", "is not host:port"),
        ("192.0.2.1:2525", "does not have that address"),
        ("systemd", "systemd passed no sockets"),
    ],
)
def test_places_that_cannot_be_had(tmp_path: Path, place: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        House(tmp_path, f'listen = ["{place}"]')


def test_ipv6_and_several_places(tmp_path: Path) -> None:
    with house(tmp_path, 'listen = ["[::1]:0", "127.0.0.1:0", "localhost:0"]') as running:
        assert [host for host, _ in running.listener.addresses[:2]] == ["::1", "127.0.0.1"]
        for address in running.listener.addresses:
            with Dialogue(address) as client:
                assert client.ehlo().envelope().data(b"x\r\n.\r\n").startswith("250")
        assert running.spooled()[0][0].client.ip == "::1"


def test_sockets_from_systemd(tmp_path: Path) -> None:
    passed = socket.create_server(("127.0.0.1", 0))
    path = tmp_path / "passed"
    local = socket.socket(socket.AF_UNIX)
    local.bind(str(path))
    local.listen()
    given = {"smtp": [passed], "lmtp": [local]}
    with house(tmp_path, 'listen = ["systemd"]', sockets=given) as running:
        assert running.deliver().startswith("250")
        with Dialogue(str(path)) as client:
            assert client.say("LHLO x").startswith("250")
    assert path.exists()  # it is systemd's


def test_reading_what_systemd_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.socket(socket.AF_UNIX) as two:
        monkeypatch.setattr(sockets, "_FIRST_PASSED", 900)
        os.dup2(one.fileno(), 900)
        os.dup2(two.fileno(), 901)
        os.dup2(one.fileno(), 902)
        environment = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "3", "LISTEN_FDNAMES": "unknown:unknown:smtps"}
        passed = sockets.passed_sockets(environment)
        assert {kind: [item.fileno() for item in items] for kind, items in passed.items()} == {
            "smtp": [900],
            "lmtp": [901],
            "smtps": [902],
        }
        for items in passed.values():
            for item in items:
                item.close()
    assert sockets.passed_sockets({"LISTEN_PID": "1", "LISTEN_FDS": "1"}) == {}


# -- reload --------------------------------------------------------------------------------------------------------


def test_reload_takes_over_without_dropping_anybody(running: House) -> None:
    with running.connect() as client:
        client.ehlo().envelope()
        assert client.say("DATA").startswith("354")
        running.reload('max_size = "1KB"', '[[mailbox]]\naddress = "new@help.example.com"')
        client.send(b"x" * 2000 + b"\r\n.\r\n")
        assert client.reply().startswith("250")  # what was begun goes on as it began
        client.say("MAIL FROM:<a@b.example>")
        assert client.say(f"RCPT TO:<{RECIPIENT}>").startswith("550 5.1.1")
        assert client.say("RCPT TO:<new@help.example.com>").startswith("250")
        assert "SIZE 1024" in client.say("EHLO again")


def test_reload_with_a_fault_changes_nothing(running: House) -> None:
    with pytest.raises(ConfigError):
        running.reload('max_size = "1KB"\ntrusted = ["nonsense"]')
    with running.connect() as client:
        assert "SIZE 52428800" in client.say("EHLO x")


# -- stop ----------------------------------------------------------------------------------------------------------


def test_stop_says_goodbye_to_idle_clients(tmp_path: Path) -> None:
    running = House(tmp_path)
    with running.connect() as silent, running.connect() as between:
        between.ehlo().envelope()
        running.close()
        assert silent.rest().startswith(b"421 4.3.2")
        assert between.rest().startswith(b"421 4.3.2")
    with pytest.raises(OSError):
        running.connect()


def test_stop_lets_messages_in_flight_finish(tmp_path: Path) -> None:
    gate = Gate()
    running = House(tmp_path, at_data=gate)
    with running.connect() as committing, running.connect() as sending, ThreadPoolExecutor(1) as pool:
        sending.ehlo().envelope()
        assert sending.say("DATA").startswith("354")
        committing.ehlo().envelope()
        committing.say("DATA")
        committing.send(b"one\r\n.\r\n")
        assert gate.reached.wait(30)
        stopping = pool.submit(running.listener.stop, 30)
        while True:  # until the door is closed
            try:
                running.connect(greeting=False).close()
            except OSError:
                break
        sending.send(b"two\r\n.\r\n")
        gate.open.set()
        for client in (committing, sending):
            assert client.reply().startswith("250 2.0.0")
            assert client.reply().startswith("421 4.3.2")
            assert client.rest() == b""
        stopping.result(30)
    assert sorted(running.raw()) == [b"one\r\n", b"two\r\n"]
    running.close()


def test_stop_is_bounded(tmp_path: Path) -> None:
    running = House(tmp_path)
    with running.connect() as client:
        client.ehlo().envelope()
        client.say("DATA")
        client.send(b"never finished")
        running.listener.stop(0.2)
        assert b"250" not in client.rest()
    assert running.raw() == []
    running.close()


# -- trouble -------------------------------------------------------------------------------------------------------


def test_a_full_disk_is_said_at_mail(tmp_path: Path) -> None:
    with house(tmp_path, min_free=1 << 60) as running, running.connect() as client:
        client.ehlo()
        assert client.say("MAIL FROM:<a@b.example>").startswith("452 4.3.1")
        running.store._min_free = 0  # somebody made room
        assert client.envelope().data(b"x\r\n.\r\n").startswith("250 2.0.0")


@pytest.mark.parametrize("size", [150_000, 2_000_000])
def test_a_disk_that_fails_in_the_middle(running: House, size: int) -> None:
    blobs = running.folder / "data" / "blobs"
    blobs.rmdir() if blobs.exists() else None
    blobs.write_text("in the way")  # now no file can be made below it
    content = b"y" * 98 + b"\r\n"
    content *= size // len(content)
    with running.connect() as client:
        client.ehlo()
        assert client.envelope().data(content + b".\r\n").startswith("452 4.3.1")
        assert client.envelope().data(b"small\r\n.\r\n").startswith("250 2.0.0")
        blobs.unlink()
        assert client.envelope().data(content + b".\r\n").startswith("250 2.0.0")
    assert [len(raw) for raw in running.raw()] == [7, size]


def test_a_database_that_cannot_commit(running: House) -> None:
    running.store._writer.close()
    with running.connect() as client:
        assert client.ehlo().envelope().data(b"x\r\n.\r\n").startswith("452 4.3.1")
        assert client.say("NOOP").startswith("250")


def test_a_fault_of_ours_tells_nothing(running: House, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: Any) -> AtData:
        raise ValueError("secret /internal/path")

    running.listener._shared.at_data = broken
    with running.connect() as client:
        reply = client.ehlo().envelope().data(b"x\r\n.\r\n")
        assert reply == "451 4.3.0 Something went wrong here, try again later"
        assert client.envelope()
    assert running.raw() == []
    assert "secret /internal/path" in caplog.text  # with its traceback, in the log only


def test_a_fault_in_a_command_is_a_451(running: House, caplog: pytest.LogCaptureFixture) -> None:
    running.listener._shared.settings.limits.recipients = "many"  # type: ignore[assignment]
    with running.connect() as client:
        client.ehlo()
        client.say("MAIL FROM:<a@b.example>")
        assert client.say(f"RCPT TO:<{RECIPIENT}>") == "451 4.3.0 Something went wrong here, try again later"
        assert client.say("NOOP").startswith("250")
    assert "TypeError" in caplog.text


def test_a_client_that_leaves_after_the_last_dot_does_not_undo_its_message(tmp_path: Path) -> None:
    gate = Gate()
    with house(tmp_path, at_data=gate) as running:
        with running.connect() as client:
            client.ehlo().envelope()
            client.say("DATA")
            client.send(b"kept\r\n.\r\n")
            assert gate.reached.wait(30)
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset
        gate.open.set()
        assert running.deliver(b"next\r\n.\r\n").startswith("250")
    store = Store.open(tmp_path / "data")
    running.store = store
    assert sorted(running.raw()) == [b"kept\r\n", b"next\r\n"]
    store.close()


# -- checks after the data -----------------------------------------------------------------------------------------


def test_checks_see_the_message_and_leave_findings(tmp_path: Path) -> None:
    seen: list[Any] = []

    def check(raw: bytes | StoredBlob, envelope: Envelope, client: Client, queue_id: str) -> AtData:
        seen.append((raw, envelope, client, threading.current_thread().name, queue_id))
        return AtData(findings={"spf": "pass"})

    with house(tmp_path, at_data=check) as running:
        assert running.deliver(b"small\r\n.\r\n").startswith("250")
        assert running.deliver(b"y" * 300_000 + b"\r\n.\r\n").startswith("250")
        (small, envelope, client, thread, queue_id), (large, *_) = seen
        assert small == b"small\r\n"
        assert envelope == Envelope("a@example.org", (RECIPIENT,))
        assert (client.ip, client.helo) == ("127.0.0.1", "client.example.org")
        assert thread.startswith("smtp-screen")
        assert isinstance(large, StoredBlob)
        assert large.size == 300_002
        assert [row.findings for row, _ in running.spooled()] == [{"spf": "pass"}] * 2
        assert queue_id == next(row.queue_id for row, raw in running.spooled() if raw == small)


@pytest.mark.parametrize(
    ("verdict", "reply"),
    [
        ("550 5.7.1 Virus found", "550 5.7.1 Virus found"),
        ("451 4.7.1 Try later", "451 4.7.1 Try later"),
        ("250 2.0.0 pretend", "451 4.3.0 "),
        ("550 5.7.1 two\r\n250 lines", "451 4.3.0 "),
    ],
)
@pytest.mark.parametrize("size", [10, 300_000])
def test_checks_refuse(tmp_path: Path, verdict: str, reply: str, size: int) -> None:
    async def check(raw: bytes | StoredBlob, envelope: Envelope, client: Client, queue_id: str) -> AtData:
        return AtData(reply=verdict)

    with house(tmp_path, at_data=check) as running, running.connect() as client:
        assert client.ehlo().envelope().data(b"x" * size + b"\r\n.\r\n").startswith(reply)
        assert client.say("NOOP").startswith("250")
        assert running.raw() == []
        assert running.listener.counters["refused"] == 1


def test_checks_that_are_not_ready(tmp_path: Path) -> None:
    def check(*_: Any) -> AtData:
        raise TemporaryError("the scanner is starting")

    with house(tmp_path, at_data=check) as running:
        assert running.deliver().startswith("452 4.3.1")


def test_checks_that_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(receive, "_CHECK_SECONDS", 0.05)
    gate = Gate()
    with house(tmp_path, at_data=gate) as running:
        assert running.deliver().startswith("451 4.3.0")
        gate.open.set()
        assert running.raw() == []


# -- the rest ------------------------------------------------------------------------------------------------------


def test_log_lines_carry_the_queue_id(running: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="mailgate"):
        reply = running.deliver()
        with running.connect() as client:
            client.ehlo()
            client.say("MAIL FROM:<a@b.example>")
            client.say("RCPT TO:<nobody@help.example.com>")
            client.say("QUIT")
    queue_id = reply.rpartition(" ")[2]
    fields: dict[str, dict[str, Any]] = {record.message: getattr(record, "fields", {}) for record in caplog.records}
    accepted, refused = fields["accepted"], fields["refused"]
    assert accepted["queue_id"] == queue_id
    assert (accepted["sender"], accepted["recipients"], accepted["client"]) == ("a@example.org", 1, "127.0.0.1")
    assert accepted["size"] == len(b"Subject: ok\r\n\r\nok\r\n")
    assert (refused["reply_code"], refused["why"]) == ("550", "no such mailbox")
    assert re.fullmatch("[A-Z2-7]{10}", refused["queue_id"])


def test_counters(running: House) -> None:
    with running.connect():
        running.deliver()
        counters = running.listener.counters
        assert (counters["connections"], counters["received"], counters["refused"]) == (2, 1, 0)
        assert counters["open"] >= 1


def test_many_clients_at_once(running: House) -> None:
    def send(number: int) -> str:
        return running.deliver(b"X: %d\r\n\r\n.\r\n" % number)

    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(send, range(200)))
    assert all(reply.startswith("250 2.0.0") for reply in replies)
    assert sorted(running.raw()) == sorted(b"X: %d\r\n\r\n" % number for number in range(200))


SERVER = """
import sys
from pathlib import Path
from tests.support.smtp_dialogue import House
house = House(Path(sys.argv[1]))
print(house.listener.addresses[0][1], flush=True)
sys.stdin.read()
house.close()
"""


def test_ten_large_messages_at_once_stay_within_150_mb(tmp_path: Path) -> None:
    piece = (b"A" * 76 + b"\r\n") * 3361
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())

        def send(number: int) -> str:
            with Dialogue(("127.0.0.1", port)) as client:
                client.ehlo().envelope()
                client.say("DATA")
                client.send(b"X: %d\r\n\r\n" % number)
                for _ in range(100):
                    client.send(piece)
                client.send(b".\r\n")
                return client.reply()

        with ThreadPoolExecutor(10) as pool:
            replies = list(pool.map(send, range(10)))
        status = Path(f"/proc/{server.pid}/status").read_text()
        server.communicate()
    assert all(reply.startswith("250 2.0.0") for reply in replies)
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    assert int(found[1]) < 150 * 1024


def test_small_packets_are_not_delayed(running: House) -> None:
    with running.connect() as client:
        client.ehlo().envelope()
        client.say("DATA")
        client.send(b"x")
        (connection,) = running.listener._shared.connections
        transport: Any = connection.transport
        assert transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        client.send(b"\r\n.\r\n")
        assert client.reply().startswith("250")


def test_a_listener_can_be_made_and_never_started(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    store = Store.open(tmp_path / "data")
    SmtpListener(config, store, HostedAddresses.of(config)).stop(1)
    store.close()
