"""TLS and logins at relays of every kind, and what is shown of them."""

from __future__ import annotations

import base64
import hmac
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from mailgate.config import Config
from mailgate.delivery.relay import Relay, RelayError
from tests.support.odd_relay import OddRelay, Script, Talk, polite

Make = Callable[..., OddRelay]
Configured = Callable[..., Config]
LOGIN = 'smtp_username = "jo"\nsmtp_password = "geheim"'
SECRET = base64.b64encode(b"\0jo\0geheim").decode()


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "ca.pem")
    return made


def server_context(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def starttls(context: ssl.SSLContext, inside: Script, more: bytes = b"") -> Script:
    def script(talk: Talk) -> None:
        talk.say("220 hello")
        talk.ehlo("STARTTLS", "SIZE 1")
        assert talk.line() == "STARTTLS"
        talk.raw(b"220 go\r\n" + more)
        talk.start_tls(context)
        inside(talk)

    return script


def send(config: Config, **options: Any) -> bool:
    relay = Relay(config, **options)
    try:
        return relay.send("s@help.example.com", ["a@example.org"], b"Subject: x\r\n\r\nhello\r\n")["a@example.org"].sent
    finally:
        relay.close()


def test_starttls_with_a_private_authority(relay: Make, config: Configured, authority: trustme.CA) -> None:
    sink = relay(starttls(server_context(authority), polite(greet=False)))
    assert send(
        config(sink.port, 'smtp_ca_file = "ca.pem"', "starttls")
    )  # what was said before TLS (SIZE 1) is forgotten
    assert len(sink.letters) == 1


def test_tls_from_the_start(relay: Make, config: Configured, authority: trustme.CA) -> None:
    context = server_context(authority)

    def script(talk: Talk) -> None:
        talk.start_tls(context)
        polite()(talk)

    assert send(config(relay(script).port, 'smtp_ca_file = "ca.pem"', "tls"))


@pytest.mark.parametrize(("name", "ca"), [("127.0.0.1", ""), ("other.example.net", 'smtp_ca_file = "ca.pem"')])
def test_a_wrong_certificate(relay: Make, config: Configured, authority: trustme.CA, name: str, ca: str) -> None:
    sink = relay(starttls(server_context(authority, name), polite(greet=False)))
    with pytest.raises(RelayError, match=r"certificate .* not trusted .*smtp_ca_file"):
        send(config(sink.port, ca, "starttls"))
    assert not any("MAIL" in command for command in sink.commands)


def test_a_missing_authority_file(relay: Make, config: Configured, authority: trustme.CA) -> None:
    sink = relay(starttls(server_context(authority), polite(greet=False)))
    with pytest.raises(RelayError, match=r"smtp_ca_file missing\.pem"):
        send(config(sink.port, 'smtp_ca_file = "missing.pem"', "starttls"))


def test_no_starttls_means_no_mail(relay: Make, config: Configured) -> None:
    sink = relay(polite())
    with pytest.raises(RelayError, match="offers no STARTTLS"):
        send(config(sink.port, "", "starttls"))
    assert sink.letters == []


def test_words_put_before_tls_are_not_believed(relay: Make, config: Configured, authority: trustme.CA) -> None:
    more = b"250-injected.example.net\r\n250 AUTH PLAIN\r\n"
    sink = relay(starttls(server_context(authority), polite(greet=False), more))
    with pytest.raises(RelayError, match="before TLS"):
        send(config(sink.port, f'smtp_ca_file = "ca.pem"\n{LOGIN}', "starttls"))
    assert not any("AUTH" in command for command in sink.commands)


def test_starttls_refused(relay: Make, config: Configured) -> None:
    sink = relay(polite(lambda command: "454 4.7.0 not now" if command == "STARTTLS" else None, ("STARTTLS",)))
    with pytest.raises(RelayError, match="refused STARTTLS: 454"):
        send(config(sink.port, "", "starttls"))


def test_tls_where_none_is_spoken(relay: Make, config: Configured) -> None:
    with pytest.raises(RelayError, match=r"TLS .*smtp_port|failed|in time"):
        send(config(relay(polite()).port, "", "tls"))


def asked(offers: str, *dialogue: tuple[str, str]) -> Script:
    """A relay that offers these logins, and expects these lines with these replies."""

    def script(talk: Talk) -> None:
        talk.say("220 hello")
        talk.ehlo("SIZE", offers)
        for expected, reply in dialogue:
            line = talk.line()
            assert line == expected, line
            talk.say(reply)
        polite(greet=False, hello=False)(talk)

    return script


CHALLENGE = base64.b64encode(b"<1.2@relay>").decode()
CRAM = base64.b64encode(b"jo " + hmac.new(b"geheim", b"<1.2@relay>", "md5").hexdigest().encode()).decode()


@pytest.mark.parametrize(
    ("offers", "dialogue"),
    [
        ("AUTH LOGIN PLAIN CRAM-MD5", [(f"AUTH PLAIN {SECRET}", "235 in")]),
        ("AUTH=LOGIN", [("AUTH LOGIN", "334 VXNlcm5hbWU6"), ("am8=", "334 UGFzc3dvcmQ6"), ("Z2VoZWlt", "235 in")]),
        ("AUTH CRAM-MD5", [("AUTH CRAM-MD5", f"334 {CHALLENGE}"), (CRAM, "235 in")]),
    ],
)
def test_logins(relay: Make, config: Configured, offers: str, dialogue: list[tuple[str, str]]) -> None:
    sink = relay(asked(offers, *dialogue))
    shown: list[str] = []
    assert send(config(sink.port, LOGIN), listener=lambda who, words: shown.append(words))
    said = " ".join(shown)
    assert "AUTH" in said
    assert not any(secret in said for secret in (SECRET, "Z2VoZWlt", CRAM, "geheim"))


@pytest.mark.parametrize(
    "dialogue",
    [
        [("AUTH LOGIN", "334 VXNlcm5hbWU6"), ("am8=", "334 UGFzc3dvcmQ6"), ("Z2VoZWlt", "535 5.7.8 wrong")],
        [("AUTH LOGIN", "504 5.5.4 not that")],
    ],
)
def test_a_refused_login_is_no_fault_of_the_letter(
    relay: Make, config: Configured, dialogue: list[tuple[str, str]]
) -> None:
    sink = relay(asked("AUTH LOGIN", *dialogue))
    with pytest.raises(RelayError, match="refused the login: 5") as caught:
        send(config(sink.port, LOGIN))
    assert "geheim" not in str(caught.value)
    assert sink.letters == []


@pytest.mark.parametrize("offers", ["8BITMIME", "AUTH GSSAPI NTLM"])
def test_no_login_that_is_known(relay: Make, config: Configured, offers: str) -> None:
    with pytest.raises(RelayError, match="offers no login"):
        send(config(relay(asked(offers)).port, LOGIN))


def test_a_password_stays_here_without_tls(relay: Make, config: Configured) -> None:
    sink = relay(asked("AUTH PLAIN"))
    settings = config(sink.port, LOGIN)
    settings.outgoing.smtp_host = "127.0.0.2"  # not the names of this machine that are known to be it
    sink2 = OddRelayOn("127.0.0.2", asked("AUTH PLAIN"))
    settings.outgoing.smtp_port = sink2.port
    try:
        with pytest.raises(RelayError, match="without TLS"):
            send(settings)
    finally:
        sink2.close()
    assert not any("AUTH" in command for command in sink2.commands)


class OddRelayOn(OddRelay):
    """The same on another address of this machine."""

    def __init__(self, host: str, script: Script) -> None:
        super().__init__(script)
        import socket
        import threading

        self._server.close()
        self._server = socket.create_server((host, 0))
        self.port = int(self._server.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()


OAUTH = 'smtp_username = "jo@help.example.com"\n[outgoing.oauth]\nclient_id = "app"'
XOAUTH2 = base64.b64encode(b"user=jo@help.example.com\x01auth=Bearer t0ken\x01\x01").decode()
REASON = base64.b64encode(b'{"status":"401","schemes":"bearer","scope":"x"}').decode()


def test_xoauth2(relay: Make, config: Configured) -> None:
    sink = relay(asked("AUTH XOAUTH2 PLAIN", (f"AUTH XOAUTH2 {XOAUTH2}", "235 in")))
    shown: list[str] = []
    assert send(config(sink.port, OAUTH), access_token=lambda: "t0ken", listener=lambda who, words: shown.append(words))
    assert XOAUTH2 not in " ".join(shown)


def test_xoauth2_refused_in_two_steps(relay: Make, config: Configured) -> None:
    script = asked("AUTH XOAUTH2", (f"AUTH XOAUTH2 {XOAUTH2}", f"334 {REASON}"), ("", "535 5.7.8 bad credentials"))
    with pytest.raises(RelayError, match=r"refused the login: 535 .*status 401"):
        send(config(relay(script).port, OAUTH), access_token=lambda: "t0ken")


def test_oauthbearer_refused_in_two_steps(relay: Make, config: Configured) -> None:
    def script(talk: Talk) -> None:
        talk.say("220 hello")
        talk.ehlo("AUTH OAUTHBEARER")
        assert base64.b64decode(talk.line().split(" ")[2]).startswith(b"n,a=jo@help.example.com,\x01host=127.0.0.1")
        talk.say("334 not json")
        assert talk.line() == "AQ=="
        talk.say("535 5.7.8 no")

    with pytest.raises(RelayError, match="refused the login: 535"):
        send(config(relay(script).port, OAUTH), access_token=lambda: "t0ken")


def test_oauth_without_a_token(relay: Make, config: Configured) -> None:
    with pytest.raises(RelayError, match="no access token"):
        send(config(relay(asked("AUTH XOAUTH2 PLAIN")).port, OAUTH))
