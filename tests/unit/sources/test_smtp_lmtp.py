"""LMTP over TCP and over a UNIX socket."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.errors import ConfigError
from tests.support.smtp_dialogue import RECIPIENT, Dialogue, House, house


@pytest.fixture
def running(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, f'lmtp = ["127.0.0.1:0", "unix:{tmp_path}/lmtp"]') as it:
        yield it


def lhlo(client: Dialogue) -> Dialogue:
    assert client.say("LHLO mta.example.org").startswith("250-help.example.com\n")
    return client


@pytest.mark.parametrize("place", [0, 1], ids=["tcp", "unix"])
def test_one_reply_for_each_recipient(running: House, place: int) -> None:
    with Dialogue(running.listener.lmtp_addresses[place]) as client:
        assert client.greeting == "220 help.example.com LMTP mailgate"
        lhlo(client).envelope()
        assert client.say("RCPT TO:<nobody@help.example.com>").startswith("550 5.1.1")
        assert client.say("RCPT TO:<sales@shop.example.com>").startswith("250 2.1.5")
        first = client.data(b"x\r\n.\r\n")
        assert first.startswith("250 2.0.0 Ok: queued as ")
        assert client.reply() == first
        assert client.say("QUIT").startswith("221 2.0.0")
    ((row, raw),) = running.spooled()
    assert (row.source, raw) == ("lmtp", b"x\r\n")
    assert row.envelope.recipients == (RECIPIENT, "sales@shop.example.com")
    assert row.client.ip == ("127.0.0.1" if place == 0 else None)


def test_one_refusal_for_each_recipient(tmp_path: Path) -> None:
    with (
        house(tmp_path, 'max_size = "1KB"\nlmtp = ["127.0.0.1:0"]') as running,
        Dialogue(running.listener.lmtp_addresses[0]) as client,
    ):
        lhlo(client).envelope()
        client.say("RCPT TO:<sales@shop.example.com>")
        assert client.data(b"x" * 3000 + b"\r\n.\r\n").startswith("552 5.3.4")
        assert client.reply().startswith("552 5.3.4")
        assert client.say("NOOP").startswith("250")


def test_lmtp_knows_neither_helo_nor_ehlo(running: House) -> None:
    with Dialogue(running.listener.lmtp_addresses[1]) as client:
        assert client.say("EHLO x").startswith("500 5.5.1")
        assert client.say("HELO x").startswith("500 5.5.1")
        assert client.say("MAIL FROM:<>").startswith("503 5.5.1")
        lhlo(client)
        client.say("MAIL FROM:<>")
        client.say("RCPT TO:<nobody@help.example.com>")
        assert client.say("DATA").startswith("503 5.5.1")  # RFC 2033 section 4.2


def test_the_socket_is_for_owner_and_group_and_goes_away(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    with house(tmp_path, f'lmtp = ["unix:{path}"]'):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert not path.exists()


def test_a_stale_socket_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    assert path.exists()
    with house(tmp_path, f'lmtp = ["unix:{path}"]') as running, Dialogue(str(path)) as client:
        lhlo(client)
        assert running.listener.lmtp_addresses == [str(path)]


def test_a_socket_in_use_and_a_file_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        with pytest.raises(ConfigError, match="another program listens"), house(tmp_path, f'lmtp = ["unix:{path}"]'):
            pass
    path.unlink()
    path.write_text("precious")
    with pytest.raises(ConfigError, match="is no socket"), house(tmp_path, f'lmtp = ["unix:{path}"]'):
        pass
    assert path.read_text() == "precious"


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match="Check that its folder exists"),
        house(tmp_path, f'lmtp = ["unix:{tmp_path}/no/lmtp"]'),
    ):
        pass
