"""STARTTLS, TLS from the first byte, certificates that change, and AUTH."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from argon2 import PasswordHasher

from mailgate.errors import ConfigError
from mailgate.sources.smtp.auth import split_plain
from tests.support.smtp_dialogue import RECIPIENT, Dialogue, House, house

PASSWORD = "açık susam açıl"
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
USERS = f'users = {{ relay = "{HASH}" }}'


class Certificates:
    """Certificates of a private authority, each written over the last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = trustme.CA()
        self.issue()

    def issue(self) -> None:
        issued = self.authority.issue_cert("mail.example.com")
        issued.private_key_pem.write_to_path(self.folder / "key.pem")
        (self.folder / "cert.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


TLS = 'tls_cert = "cert.pem"\ntls_key = "key.pem"\nlisten_tls = ["127.0.0.1:0"]\n'


@pytest.fixture
def running(tmp_path: Path, certificates: Certificates) -> Iterator[House]:
    with house(tmp_path, TLS + USERS) as it:
        yield it


def starttls(client: Dialogue, certificates: Certificates) -> Dialogue:
    assert "STARTTLS" in client.say("EHLO x")
    assert client.say("STARTTLS").startswith("220 2.0.0")
    client.wrap(certificates.context())
    return client


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_message_over_starttls(running: House, certificates: Certificates) -> None:
    with running.connect() as client:
        starttls(client, certificates)
        assert client.say("MAIL FROM:<a@b.example>").startswith("503 5.5.1")  # RFC 3207 section 4.2: all is forgotten
        assert "STARTTLS" not in client.say("EHLO inside.example.org")
        assert client.say("STARTTLS").startswith("503 5.5.1")
        assert client.envelope().data(b"x" * 500_000 + b"\r\n.\r\n").startswith("250 2.0.0")
        assert client.say("QUIT").startswith("221")
    ((row, raw),) = running.spooled()
    assert (row.client.tls, row.client.helo, len(raw)) == (True, "inside.example.org", 500_002)


def test_much_that_is_pipelined_behind_starttls_is_dropped(running: House) -> None:
    """RFC 3207 section 6: commands of a man in the middle must not be obeyed, however many there are."""
    with running.connect() as client:
        client.ehlo()
        client.send(b"STARTTLS\r\nEHLO injected\r\nMAIL FROM:<evil@example.org>\r\n" + b"NOOP\r\n" * 30_000)
        assert client.reply().startswith("220 2.0.0")
        assert b"250 " not in client.rest()
    assert running.deliver().startswith("250")
    assert len(running.raw()) == 1


def test_a_command_in_the_same_segment_as_starttls_is_dropped(running: House, certificates: Certificates) -> None:
    with running.connect() as client:
        client.ehlo()
        client.send(b"STARTTLS\r\nRSET\r\n")
        assert client.reply().startswith("220 2.0.0")
        client.wrap(certificates.context())
        assert client.say("NOOP").startswith("250 2.0.0 Ok")
        assert client.say("MAIL FROM:<a@b.example>").startswith("503 5.5.1")


def test_tls_from_the_first_byte(running: House, certificates: Certificates) -> None:
    with Dialogue(running.listener.tls_addresses[0], tls=certificates.context()) as client:
        assert client.greeting.startswith("220 ")
        assert "STARTTLS" not in client.say("EHLO x")
        assert client.envelope().data(b"x\r\n.\r\n").startswith("250 2.0.0")
    assert running.spooled()[0][0].client.tls


def test_old_tls_is_refused(running: House, certificates: Certificates) -> None:
    context = certificates.context()
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Dialogue(running.listener.tls_addresses[0], tls=context)
    assert running.deliver().startswith("250")


def test_garbage_instead_of_a_handshake(running: House) -> None:
    with Dialogue(running.listener.tls_addresses[0], greeting=False) as client:
        client.send(b"EHLO x\r\n" * 100)
        client.rest()
    with running.connect() as client:
        client.ehlo()
        assert client.say("STARTTLS").startswith("220")
        client.send(b"MAIL FROM:<a@b.example>\r\n")
        client.rest()
    assert running.deliver().startswith("250")


def test_a_new_certificate_without_a_restart(running: House, certificates: Certificates) -> None:
    def serial(tls_address: tuple[str, int]) -> str:
        with Dialogue(tls_address, tls=certificates.context()) as client:
            certificate = client.socket.getpeercert()  # type: ignore[attr-defined]
            return str(certificate["serialNumber"])

    where = running.listener.tls_addresses[0]
    with Dialogue(where, tls=certificates.context()) as old_connection:
        before = serial(where)
        certificates.issue()
        running.reload(TLS)
        assert serial(where) != before
        assert "AUTH" not in old_connection.say("EHLO x")
        assert old_connection.envelope().data(b"x\r\n.\r\n").startswith("250 2.0.0")


def test_a_broken_certificate_keeps_the_old_one(running: House, certificates: Certificates, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("no certificate")
    with pytest.raises(ConfigError, match="cannot be used together"):
        running.reload(TLS)
    (tmp_path / "cert.pem").unlink()
    with pytest.raises(ConfigError, match="does not exist"):
        running.reload(TLS)
    with running.connect() as client:
        starttls(client, certificates)
        assert client.say("EHLO x").startswith("250")


def test_auth_is_offered_inside_tls_only(running: House, certificates: Certificates) -> None:
    with running.connect() as client:
        assert "AUTH" not in client.say("EHLO x")
        assert client.say("AUTH PLAIN " + b64(f"\0relay\0{PASSWORD}")).startswith("538 5.7.11")
        starttls(client, certificates)
        assert client.say("AUTH PLAIN").startswith("503 5.5.1")
        assert "AUTH PLAIN LOGIN" in client.say("EHLO x")


@pytest.mark.parametrize(
    "words",
    [
        [f"auth plain {b64(chr(0) + 'relay' + chr(0) + PASSWORD)}"],
        ["AUTH PLAIN", b64(f"relay\0relay\0{PASSWORD}")],
        ["AUTH LOGIN", b64("relay"), b64(PASSWORD)],
        [f"AUTH LOGIN {b64('relay')}", b64(PASSWORD)],
    ],
)
def test_logging_in(running: House, certificates: Certificates, words: list[str]) -> None:
    with running.connect() as client:
        starttls(client, certificates).ehlo()
        for word in words[:-1]:
            assert client.say(word).startswith("334 ")
        assert client.say(words[-1]).startswith("235 2.7.0")
        assert client.say("AUTH PLAIN").startswith("503 5.5.1")
        assert client.say("MAIL FROM:<a@b.example> AUTH=<>").startswith("250")
        assert client.say(f"RCPT TO:<{RECIPIENT}>").startswith("250")
        assert client.data(b"x\r\n.\r\n").startswith("250")
    assert running.spooled()[0][0].client.auth_user == "relay"


def test_a_login_opens_no_relay(running: House, certificates: Certificates) -> None:
    with running.connect() as client:
        starttls(client, certificates).ehlo()
        client.say("AUTH PLAIN " + b64(f"\0relay\0{PASSWORD}"))
        client.say("MAIL FROM:<a@b.example>")
        assert client.say("RCPT TO:<user@elsewhere.example>").startswith("550 5.1.1")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["AUTH"], "504 5.5.4"),
        (["AUTH CRAM-MD5"], "504 5.5.4"),
        (["AUTH PLAIN", "*"], "501 5.7.0"),
        (["AUTH PLAIN", "%%%"], "501 5.5.2"),
        (["AUTH PLAIN " + b64("only\0two")], "501 5.5.2"),
        (["AUTH PLAIN ="], "501 5.5.2"),
        (["AUTH PLAIN", "x" * 20_000], "500 5.5.6"),
        (["AUTH LOGIN", b64("relay"), "*"], "501 5.7.0"),
        (["AUTH LOGIN", b64("relay"), b64("wrong")], "535 5.7.8"),
        (["AUTH PLAIN " + b64(f"\0nobody\0{PASSWORD}")], "535 5.7.8"),
        (["AUTH PLAIN " + b64(f"other\0relay\0{PASSWORD}")], "501 5.5.2"),
    ],
)
def test_logins_that_fail(running: House, certificates: Certificates, words: list[str], code: str) -> None:
    with running.connect() as client:
        starttls(client, certificates).ehlo()
        for word in words[:-1]:
            assert client.say(word).startswith("334 ")
        assert client.say(words[-1]).startswith(code)
        assert client.say("NOOP").startswith("250")


def test_who_guesses_is_shown_out(running: House, certificates: Certificates) -> None:
    codes = []
    for _ in range(4):
        with running.connect() as client:
            starttls(client, certificates).ehlo()
            for guess in range(3):
                codes.append(client.say("AUTH PLAIN " + b64(f"\0relay\0guess{guess}"))[:9])
                if codes[-1].startswith("421"):
                    assert client.rest() == b""
    assert codes[:9] == ["535 5.7.8", "535 5.7.8", "421 4.7.0"] * 3
    assert codes[9:] == ["535 5.7.8", "454 4.7.0", "454 4.7.0"]  # ten failures from this address


def test_plain_messages() -> None:
    assert split_plain(b"\0u\0p") == ("u", "p")
    assert split_plain(b"u\0u\0p") == ("u", "p")
    assert split_plain(b"x\0u\0p") is None
    assert split_plain(b"\0\0p") is None
    assert split_plain(b"") is None
