"""A configuration is read strictly: all faults at once, each with its place and what to write instead."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from mailgate.config import find_config, load_config, parse_config
from mailgate.config.units import Size, format_duration, format_size, parse_duration, parse_size
from mailgate.errors import ConfigError

ACCOUNT = '[[account]]\nname = "a"\nprotocol = "imap"\nhost = "h"\nusername = "u"\npassword = "p"\n'


def test_all_faults_are_reported_at_once() -> None:
    text = '[smtp]\nmax_sise = "1MB"\nlisten = "127.0.0.1:25"\n[retention]\nheld = 30\n[[account]]\nname = "a"\n'
    text += "[nonsense]\n"
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "config.toml")
    said = str(caught.value)
    assert said.startswith("config.toml has 5 fault(s):")
    assert 'smtp.max_sise: unknown option; did you mean "max_size"?' in said
    assert "smtp.listen: " in said
    assert 'retention.held: a duration needs a unit, such as "90s"' in said
    assert "account[1].protocol: missing" in said
    assert "nonsense: unknown option" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("smtp = 1", "smtp: expected a table"),
        ('mailbox = "x"', "mailbox: expected a list of tables, written [[mailbox]]"),
        ("a = [", "is not valid TOML"),
        ('[[mailbox]]\naddress = "x"', 'mailbox[1].address: "x" is not an address'),
        ('[[mailbox]]\naddress = "x@y"\n[[mailbox]]\naddress = "X@Y"', "is there twice"),
        (ACCOUNT + ACCOUNT, 'account "a": the name is there twice'),
        (ACCOUNT + 'password_env = "E"', "give exactly one of password"),
        (ACCOUNT.replace('password = "p"', ""), "give exactly one of password"),
        (ACCOUNT + 'after_fetch = "move:"', 'after_fetch: "move:" is not one of'),
        (ACCOUNT + 'after_fetch = "burn"', 'after_fetch: "burn" is not one of'),
        (ACCOUNT + 'folder = "INBOX\\r\\nX LOGOUT"', "control characters are not allowed"),
        (ACCOUNT.replace("imap", "pop3") + 'after_fetch = "mark_read"', "POP3 knows only delete and keep"),
        (ACCOUNT.replace("imap", "graph"), "Microsoft Graph needs oauth"),
        (ACCOUNT + "disable_after = 0", "disable_after: at least 1"),
        ('[smtp]\ntls_cert = "c"', "smtp.tls_cert and smtp.tls_key belong together"),
        ('[smtp]\nlisten_tls = ["h:465"]', "smtp.listen_tls needs"),
        ('[smtp]\nrecipient_delimiter = "+-"', "one character"),
        ('[outgoing]\ndkim_selector = "s"', "outgoing.dkim_selector needs"),
        ('[outgoing]\nfrom_name = "a\\nBcc: x"', "must not hold control characters"),
        ('[smtp]\nmax_size = "5 parsecs"', "is not a size"),
        ('[intake]\nstrangers = "eat"', "intake.strangers: "),
    ],
)
def test_each_fault_has_a_sentence_with_its_place(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        parse_config(text)


@pytest.mark.parametrize("password", ['["hunter2"]', "471100"])
def test_passwords_are_not_in_faults(password: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(ACCOUNT.replace('"p"', password))
    assert password.strip('["]') not in str(caught.value)


def test_values_are_what_they_say(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(ACCOUNT + 'poll_interval = "1h30m"\nmax_size = "3MB"\n[general]\ndata_dir = "d"\n', "utf-8")
    config = load_config(path)
    assert config.account[0].poll_interval == timedelta(minutes=90)
    assert config.account[0].max_size == 3 * 1024**2
    assert config.data_dir == tmp_path / "d"
    assert config.account_named("a") is config.account[0]
    assert config.account_named("b") is None


def test_the_order_in_which_it_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILGATE_CONFIG", raising=False)
    (tmp_path / "config.toml").touch()
    assert find_config() == Path("config.toml")
    monkeypatch.setenv("MAILGATE_CONFIG", "/elsewhere.toml")
    assert find_config() == Path("/elsewhere.toml")
    assert find_config("given.toml") == Path("given.toml")


def test_a_file_that_cannot_be_read_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"does not exist\. Make one with: mailgate init --dir"):
        load_config(tmp_path / "config.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xe4")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "latin.toml")


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5m", 300), ("1h30m", 5400), ("3d", 259200), ("250ms", 0.25), ("1.5 h", 5400)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)
    assert parse_duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 minutes", "5m3"])
def test_a_duration_without_a_known_unit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write a number with a unit"):
        parse_duration(text)


@pytest.mark.parametrize(("text", "size"), [("25MB", 26214400), ("64 KB", 65536), ("1g", 1024**3), ("17", 17)])
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size
    assert parse_size(format_size(Size(size))) == size


@pytest.mark.parametrize("text", ["", "MB", "-1KB", "1TB", "1.5MB"])
def test_a_size_without_a_known_unit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write a number with a unit"):
        parse_size(text)
