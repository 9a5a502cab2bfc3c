"""Whom mail is taken for: hosted addresses from anyone, and nobody else from anyone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.sources.smtp.address import read_parameters, read_recipient, read_reverse_path, split_path
from tests.support.smtp_dialogue import House, house

TAKEN = [
    "support@help.example.com",
    "SUPPORT@Help.Example.COM",
    "support+1234@help.example.com",
    "support+billing+1234@help.example.com",
    "support+any.word@help.example.com",
    "support@help.example.com.",
    '"support"@help.example.com',
    "postmaster",
    "Postmaster",
    "postmaster@shop.example.com",
    "@a.example,@b.example:support@help.example.com",
    "sales@shop.example.com",
]
UNKNOWN = [
    "nobody@help.example.com",
    "support@example.com",
    "support@elsewhere.example",
    "user%elsewhere.example@help.example.com",
    "elsewhere.example!user@help.example.com",
    '"user@elsewhere.example"@help.example.com',
    "support%help.example.com@elsewhere.example",
    "@help.example.com:user@elsewhere.example",
    "@help.example.com,@help.example.com:user@elsewhere.example",
    "support@[127.0.0.1]",
    "support@help.example.com.elsewhere.example",
    "postmaster@elsewhere.example",
    "supportx+1@help.example.com",
]
WRONG = [
    "support",
    "support@help.example.com@elsewhere.example",
    "support@",
    "@help.example.com",
    "",
    "sup port@help.example.com",
    "support..x@help.example.com",
    ".support@help.example.com",
    "support@help..example.com",
    "support@help.example.com:25",
    "support@help/example.com",
    "support,x@help.example.com",
    "support@-help.example.com",
    '""@help.example.com',
    "@relay.example:",
]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as it:
        yield it


@pytest.mark.parametrize(
    ("recipients", "code"), [(TAKEN, "250 2.1.5"), (UNKNOWN, "550 5.1.1"), (WRONG, "553 5.1.3")], ids=str
)
def test_recipients(running: House, recipients: list[str], code: str) -> None:
    for recipient in recipients:
        with running.connect() as client:
            client.ehlo()
            client.say("MAIL FROM:<a@b.example>")
            assert client.say(f"RCPT TO:<{recipient}>")[:9] == code, recipient


def test_unknown_recipients_do_not_end_the_session(running: House) -> None:
    with running.connect() as client:
        client.ehlo()
        client.say("MAIL FROM:<a@b.example>")
        for number in range(60):
            assert client.say(f"RCPT TO:<nobody{number}@help.example.com>").startswith("550 5.1.1")
        assert client.say("RCPT TO:<support@help.example.com>").startswith("250 2.1.5")
        assert client.data(b"x\r\n.\r\n").startswith("250 2.0.0")
    assert running.listener.counters["refused"] == 60


def test_paths_and_parameters() -> None:
    assert split_path("<a@b> SIZE=1  X") == ("a@b", ["SIZE=1", "X"])
    assert split_path(" <>") == ("", [])
    assert split_path('<"a> b"@c> X=1') == ('"a> b"@c', ["X=1"])
    assert split_path("a@b X") == ("a@b", ["X"])
    assert split_path('<"a@b> SIZE=1') is None
    assert split_path("<" + "a" * 600 + "@b>") is None
    assert read_parameters(["SIZE=1", "x-Y=a=b", "Z"]) == {"SIZE": "1", "X-Y": "a=b", "Z": None}
    assert read_parameters(["=1"]) is None
    assert read_parameters(["A=1", "a=2"]) is None
    assert read_reverse_path("@x,@y:a@b") == "a@b"
    assert read_reverse_path("@x") is None
    assert read_recipient('"a\\"b"@c.example') == '"a\\"b"@c.example'


@given(st.text(max_size=700))
def test_no_text_breaks_the_reading_of_paths(text: str) -> None:
    parts = split_path(text)
    if parts is not None:
        read_reverse_path(parts[0])
        recipient = read_recipient(parts[0])
        assert recipient is None or recipient.lower() == "postmaster" or "@" in recipient
        read_parameters(parts[1])
