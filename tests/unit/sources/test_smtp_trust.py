"""Who may say who the client really is: XCLIENT and the PROXY protocol."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from mailgate.errors import ConfigError
from mailgate.sources.smtp.limits import is_within, plain_address, read_networks
from mailgate.sources.smtp.xclient import read_attributes
from tests.support.smtp_dialogue import Dialogue, House, house

TRUSTED = 'trusted = ["127.0.0.0/8"]\n'
PROXY = TRUSTED + "proxy_protocol = true\n"


def client_of_the_only_message(running: House) -> tuple[str | None, int | None, str | None, str | None, bool]:
    ((row, _),) = running.spooled()
    return row.client.ip, row.client.port, row.client.helo, row.client.auth_user, row.client.trusted


def test_xclient_is_for_trusted_addresses(tmp_path: Path) -> None:
    with house(tmp_path, 'trusted = ["192.0.2.0/24"]') as running, running.connect() as client:
        assert "XCLIENT" not in client.say("EHLO x")
        assert client.say("XCLIENT ADDR=192.0.2.1").startswith("550 5.7.0")
        assert client.envelope().data(b"x\r\n.\r\n").startswith("250")
        assert client_of_the_only_message(running)[0] == "127.0.0.1"


def test_xclient_names_the_real_client(tmp_path: Path) -> None:
    with house(tmp_path, TRUSTED) as running, running.connect() as client:
        assert "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT" in client.say("EHLO proxy.example.org")
        reply = client.say("XCLIENT NAME=a+2Eb ADDR=198.51.100.7 PORT=4711 PROTO=ESMTP HELO=real.example LOGIN=jo+2Bn")
        assert reply.startswith("220 help.example.com ESMTP")
        assert client.say("MAIL FROM:<a@b.example>").startswith("503 5.5.1")
        client.ehlo("proxy.example.org").envelope().data(b"x\r\n.\r\n")
        assert client_of_the_only_message(running) == ("198.51.100.7", 4711, "real.example", "jo+n", False)
        # The permission belongs to the connection, not to the client that was named.
        assert client.say("XCLIENT ADDR=IPV6:2001:db8::1").startswith("220")
        client.ehlo().envelope().data(b"y\r\n.\r\n")
        assert [row.client.ip for row, _ in running.spooled()] == ["198.51.100.7", "2001:db8::1"]


@pytest.mark.parametrize("unknown", ["[UNAVAILABLE]", "[TEMPUNAVAIL]", "[unavailable]"])
def test_xclient_with_unknown_values(tmp_path: Path, unknown: str) -> None:
    with house(tmp_path, TRUSTED) as running, running.connect() as client:
        assert client.say(f"XCLIENT ADDR={unknown} HELO={unknown} LOGIN={unknown} PORT={unknown}").startswith("220")
        client.ehlo().envelope().data(b"x\r\n.\r\n")
        assert client_of_the_only_message(running) == (None, None, "client.example.org", None, False)


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "ADDR",
        "COLOUR=blue",
        "ADDR=not.an.address",
        "ADDR=IPV6:xyz",
        "PORT=99999999",
        "PORT=x",
        "PROTO=HTTP",
        "HELO=a+0D+0Ab",
        "HELO=a+zz",
        "HELO=+ff",
    ],
)
def test_xclient_that_is_wrong(tmp_path: Path, argument: str) -> None:
    with house(tmp_path, TRUSTED) as running, running.connect() as client:
        assert client.say(f"XCLIENT {argument}").startswith("501 5.5.4")
        client.ehlo().envelope()
        assert client.say("XCLIENT ADDR=198.51.100.7").startswith("503 5.5.1")
        assert client.data(b"x\r\n.\r\n").startswith("250")
        assert client_of_the_only_message(running)[0] == "127.0.0.1"


def proxy_v2(
    address: bytes = bytes([198, 51, 100, 7]), command: int = 0x21, family: int = 0x11, more: bytes = b""
) -> bytes:
    body = address + bytes([192, 0, 2, 1]) * (len(address) // 4) + struct.pack("!HH", 4711, 25) + more
    return b"\r\n\r\n\x00\r\nQUIT\n" + struct.pack("!BBH", command, family, len(body)) + body


@pytest.mark.parametrize(
    ("header", "ip"),
    [
        (b"PROXY TCP4 198.51.100.7 192.0.2.1 4711 25\r\n", "198.51.100.7"),
        (b"PROXY TCP6 2001:db8::7 2001:db8::1 4711 25\r\n", "2001:db8::7"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
        (proxy_v2(), "198.51.100.7"),
        (proxy_v2(bytes.fromhex("20010db8000000000000000000000007"), family=0x21), "2001:db8::7"),
        (proxy_v2(more=b"\x04\x00\x02\x00\x00"), "198.51.100.7"),
        (b"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00", "127.0.0.1"),
    ],
    ids=["v1", "v1-ipv6", "v1-unknown", "v2", "v2-ipv6", "v2-noop", "v2-local"],
)
def test_proxy_headers(tmp_path: Path, header: bytes, ip: str) -> None:
    with house(tmp_path, PROXY) as running:
        with Dialogue(running.listener.addresses[0], greeting=False) as client:
            client.send(header + b"EHLO x\r\n")
            assert client.reply().startswith("220 ")
            assert ("XCLIENT" in client.reply()) == (ip == "127.0.0.1")
            assert client.envelope().data(b"x\r\n.\r\n").startswith("250")
        assert client_of_the_only_message(running)[0] == ip


@pytest.mark.parametrize(
    "header",
    [
        b"EHLO x\r\n",
        b"PROXY TCP4 198.51.100.7\r\n",
        b"PROXY TCP4 a b c d\r\n",
        b"PROXY TCP4 198.51.100.7 192.0.2.1 4711 25" + b" " * 500 + b"\r\n",
        b"\r\n\r\n\x00\r\nQUIT\n\xff\xff\xff\xff" + b"x" * 100,
    ],
)
def test_wrong_proxy_headers_end_the_connection_without_a_word(tmp_path: Path, header: bytes) -> None:
    with house(tmp_path, PROXY) as running, Dialogue(running.listener.addresses[0], greeting=False) as client:
        client.send(header)
        client.socket.shutdown(1)
        assert client.rest() == b""


def test_the_proxy_protocol_is_for_trusted_addresses(tmp_path: Path) -> None:
    with house(tmp_path, 'proxy_protocol = true\ntrusted = ["192.0.2.1"]') as running, running.connect() as client:
        assert client.say("PROXY TCP4 198.51.100.7 192.0.2.1 4711 25").startswith("500 5.5.2")
        client.ehlo().envelope().data(b"x\r\n.\r\n")
        assert client_of_the_only_message(running)[0] == "127.0.0.1"


def test_limits_count_the_client_behind_the_balancer(tmp_path: Path) -> None:
    settings = PROXY + "limits = { connections_per_address = 1 }"
    with house(tmp_path, settings) as running:

        def connect(ip: str) -> Dialogue:
            client = Dialogue(running.listener.addresses[0], greeting=False)
            client.send(f"PROXY TCP4 {ip} 192.0.2.1 4711 25\r\n".encode())
            return client

        with connect("198.51.100.7") as first, connect("198.51.100.8") as other:
            assert first.reply().startswith("220")
            assert other.reply().startswith("220")
            with connect("198.51.100.7") as second:
                assert second.reply().startswith("421 4.7.0")


def test_networks() -> None:
    networks = read_networks(["192.0.2.1", "10.1.2.3/8", "2001:db8::/32"])
    assert is_within("10.9.9.9", networks)
    assert is_within("2001:db8::9", networks)
    assert not is_within("192.0.2.2", networks)
    assert not is_within(None, networks)
    assert not is_within("nonsense", networks)
    assert plain_address("::ffff:192.0.2.1") == "192.0.2.1"
    assert plain_address("fe80::1%eth0") == "fe80::1"
    with pytest.raises(ConfigError, match="no address or network"):
        read_networks(["everyone"])


def test_attributes() -> None:
    assert read_attributes("NAME=a+20b ADDR=IPV6:::1 LOGIN=[UNAVAILABLE]") == {
        "NAME": "a b",
        "ADDR": "::1",
        "LOGIN": None,
    }
