"""What `mailgate init` writes is small, valid, and says what was asked for."""

import pytest

from mailgate.config import parse_config
from mailgate.config.starter import Relay, parse_relay, split_host_port, starter_text
from mailgate.errors import ConfigError


def test_the_defaults_of_init_make_a_valid_configuration() -> None:
    text = starter_text(["support@help.example.com"], "127.0.0.1:2525", "127.0.0.1:25", "root@example.com")
    config = parse_config(text)
    assert [box.address for box in config.mailbox] == ["support@help.example.com"]
    assert config.smtp.listen == ["127.0.0.1:2525"]
    assert config.outgoing.from_address == "support@help.example.com"
    assert (config.outgoing.smtp_host, config.outgoing.smtp_port) == ("127.0.0.1", 25)
    assert (config.outgoing.smtp_tls, config.outgoing.smtp_username) == ("none", "")
    assert config.general.admin == ["root@example.com"]
    assert len(text.splitlines()) < 25


def test_a_relay_with_login_names_the_file_of_its_password() -> None:
    text = starter_text(["a@example.com", "b@example.com"], "[::1]:25", "smtps://me%40x@mail.example.com", None)
    config = parse_config(text)
    assert [box.address for box in config.mailbox] == ["a@example.com", "b@example.com"]
    assert config.smtp.listen == ["[::1]:25"]
    assert config.outgoing.smtp_username == "me@x"
    assert config.outgoing.smtp_password_file == "relay.password"
    assert config.general.admin == []


@pytest.mark.parametrize(
    ("relay", "expected"),
    [
        ("127.0.0.1:25", Relay("127.0.0.1", 25, "none", "")),
        ("mail.example.com", Relay("mail.example.com", 25, "none", "")),
        ("[::1]:2500", Relay("::1", 2500, "none", "")),
        ("[::1]", Relay("::1", 25, "none", "")),
        ("smtp://mail.example.com", Relay("mail.example.com", 25, "none", "")),
        ("smtps://user@host.example:465", Relay("host.example", 465, "tls", "user")),
        ("smtps://host.example/", Relay("host.example", 465, "tls", "")),
        ("smtp+starttls://host.example", Relay("host.example", 587, "starttls", "")),
        ("smtp+starttls://u%20v@[2001:db8::1]:2587", Relay("2001:db8::1", 2587, "starttls", "u v")),
    ],
)
def test_relays_as_people_write_them(relay: str, expected: Relay) -> None:
    assert parse_relay(relay) == expected


@pytest.mark.parametrize(
    ("relay", "words"),
    [
        ("smtps://user:secret@host", "does not belong on a command line"),
        ("http://host", '"http" is not known'),
        ("smtps://", "must hold a host"),
        ("smtps://host/path", "must hold a host and nothing behind it"),
        ("smtps://host:99999", "not a URL"),
        ("smtps://[::1", "not a URL"),
        ("host:port", "is not host:port"),
        ("::1:25", "in brackets"),
        ("", "is not host:port"),
    ],
)
def test_a_wrong_relay_is_refused_with_a_sentence(relay: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        parse_relay(relay)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("listen", ["2525", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:٢٥", ":25", "x:"])
def test_a_listener_needs_host_and_port(listen: str) -> None:
    with pytest.raises(ConfigError, match=r"--listen: .* is not host:port, such as 127\.0\.0\.1:2525"):
        split_host_port(listen, "--listen")


@pytest.mark.parametrize("address", ["no-at-sign", "a b@example.com"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="is not an address"):
        starter_text([address], "127.0.0.1:2525", "127.0.0.1:25", None)


@pytest.mark.parametrize("address", ["a@x\n[smtp]", "a@x\x7f", "a@\udcff"])
def test_control_characters_never_reach_the_file(address: str) -> None:
    with pytest.raises(ConfigError, match="holds characters that cannot stand"):
        starter_text([address], "127.0.0.1:2525", "127.0.0.1:25", None)


@pytest.mark.parametrize("address", ['"quoted part"@example.com', 'a"]\\@example.com'])
def test_quotes_do_not_break_out_of_the_text(address: str) -> None:
    if " " in address:
        with pytest.raises(ConfigError, match="is not an address"):
            starter_text([address], "127.0.0.1:2525", "127.0.0.1:25", None)
    else:
        config = parse_config(starter_text([address], "127.0.0.1:2525", "127.0.0.1:25", None))
        assert config.mailbox[0].address == address


def test_no_address_is_refused() -> None:
    with pytest.raises(ConfigError, match="No address is given"):
        starter_text([], "127.0.0.1:2525", "127.0.0.1:25", None)
