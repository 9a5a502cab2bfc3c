"""The gate before a real listener: who is authenticated, what travels to intake, and that nothing waits for nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dkim
import pytest

from mailgate.config import parse_config
from mailgate.daemon import health
from mailgate.daemon.gate import Gate
from mailgate.mail.message import Envelope
from mailgate.screen.case import is_outside
from mailgate.store import Store
from mailgate.store.spool import Client
from tests.support.at_the_gate import door
from tests.support.name_server import NameServer
from tests.unit.screen.test_scan import clamd
from tests.unit.screen.test_scan import server as scanner
from tests.unit.screen.test_spf_dkim_dmarc import IP, MESSAGE, PEM, PUBLIC


@pytest.fixture
def server() -> Iterator[NameServer]:
    with NameServer() as started:
        started.add("sender.example", "TXT", f"v=spf1 ip4:{IP} -all")
        started.add("_dmarc.sender.example", "TXT", "v=DMARC1; p=reject")
        started.add("s1._domainkey.sender.example", "TXT", f"v=DKIM1; p={PUBLIC}")
        yield started


def settings(server: NameServer, more: str = "") -> str:
    return f'[screen]\nresolver = ["{server.address}"]\n{more}'


@pytest.mark.parametrize(
    ("client", "outside"),
    [
        (Client(ip=IP), True),
        (Client(ip="2001:470::1"), True),
        (Client(ip=IP, trusted=True), False),
        (Client(ip=IP, auth_user="jo"), False),
        (Client(ip="127.0.0.1"), False),
        (Client(ip="::1"), False),
        (Client(ip="10.1.2.3"), False),
        (Client(ip="192.168.1.1"), False),
        (Client(ip="fe80::1"), False),
        (Client(ip="fd00::1"), False),
        (Client(ip="unknown"), False),
        (Client(), False),
    ],
)
def test_who_is_outside(client: Client, outside: bool) -> None:
    assert is_outside(client) == outside


def test_mail_from_outside_is_authenticated(server: NameServer, tmp_path: Path) -> None:
    signed = bytes(dkim.sign(MESSAGE, b"s1", b"sender.example", PEM)) + MESSAGE
    with door(tmp_path, settings(server)) as entrance:
        assert entrance.send(signed, client=IP).startswith("250 ")
        found = entrance.findings()["authentication"]
        assert [found[name] for name in ("spf", "dkim", "dmarc", "arc", "by")] == [
            "pass",
            "pass",
            "pass",
            "none",
            "smtp",
        ]
        assert entrance.send(MESSAGE, client="203.0.114.66").startswith("250 "), "a failure is never a refusal"
        found = entrance.findings()["authentication"]
        assert [found[name] for name in ("spf", "dkim", "dmarc", "policy")] == ["fail", "none", "fail", "reject"]


def test_a_large_message_from_outside(server: NameServer, tmp_path: Path) -> None:
    message = MESSAGE + b"A line of text.\r\n" * 20_000
    signed = bytes(dkim.sign(message, b"s1", b"sender.example", PEM)) + message
    with door(tmp_path, settings(server)) as entrance:
        assert entrance.send(signed, client=IP).startswith("250 ")
        assert entrance.findings()["authentication"]["dkim"] == "pass"


@pytest.mark.parametrize(("client", "more"), [(None, ""), ("192.168.7.7", ""), (IP, "authenticate = false\n")])
def test_nobody_else_is_asked_about(server: NameServer, tmp_path: Path, client: str | None, more: str) -> None:
    with door(tmp_path, settings(server, more)) as entrance:
        assert entrance.send(MESSAGE, client=client).startswith("250 ")
        assert entrance.findings() == {"scans": []}
    assert not server.asked


def test_a_silent_name_server_holds_up_nobody_else(server: NameServer, tmp_path: Path) -> None:
    """While one message waits for the DNS, the listener serves the next client."""
    server.silent |= {"sender.example", "_dmarc.sender.example"}
    with door(tmp_path, settings(server, 'dns_timeout = "3s"\n')) as entrance:
        replies: list[str] = []
        slow = threading.Thread(target=lambda: replies.append(entrance.send(MESSAGE, client=IP)))
        slow.start()
        assert entrance.send(MESSAGE).startswith("250 ")
        assert replies == [], "the other one still waits"
        slow.join()
        assert replies[0].startswith("250 ")
        with entrance.store.read() as db:
            results = {row["findings"] for row in db.all("SELECT findings FROM message")}
        assert any('"temperror"' in text for text in results)


def test_a_fault_costs_the_check_and_not_the_message(
    server: NameServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("mailgate.daemon.gate.authenticate", broken)
    with door(tmp_path, settings(server)) as entrance:
        assert entrance.send(MESSAGE, client=IP).startswith("250 ")
        assert entrance.findings()["authentication"]["dmarc"] == "temperror"


def test_without_anything_to_check_no_thread_is_used(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data")
    gate = Gate(parse_config("", str(tmp_path / "c.toml")), store)
    try:
        checking = gate.check(b"Subject: x\r\n\r\n", Envelope(None), Client(ip="127.0.0.1"), "q1")
        found = asyncio.run(checking)
        assert (found.reply, found.findings) == (None, {"scans": []})
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("gate")]
    finally:
        gate.close()
        store.close()


def test_the_check_of_the_scanners(tmp_path: Path) -> None:
    text = f'[screen.clamav]\nenabled = true\naddress = "unix:{tmp_path}/none"\n'
    Store.open(tmp_path / "data").close()
    (found,) = health.check(parse_config(text, str(tmp_path / "c.toml")), ["scanners"])
    assert (found.name, found.status, found.text) == ("scanner clamav", "WARNING", "No such file or directory")
    assert health.check(parse_config("", str(tmp_path / "c.toml")), ["scanners"]) == []


def test_the_log_names_the_message_and_the_numbers(
    server: NameServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "mailgate.smtp")
    with scanner(clamd(b"stream: Some.Virus FOUND\0")) as place:
        scanning = f'[screen.clamav]\nenabled = true\nreject = true\naddress = "{place}"\n'
        with door(tmp_path, settings(server, scanning)) as entrance:
            assert entrance.send(MESSAGE, client=IP).startswith("550 5.7.1")
    (line,) = [record.__dict__["fields"] for record in caplog.records if record.getMessage() == "checked"]
    assert (line["clamav"], line["spf"], line["dmarc"]) == ("Some.Virus", "pass", "pass")
    (refused,) = [record.__dict__["fields"] for record in caplog.records if record.getMessage() == "refused"]
    assert line["queue_id"] == refused["queue_id"] != ""
