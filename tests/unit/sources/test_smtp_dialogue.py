"""What is said in a session: commands, replies and their codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.smtp_dialogue import RECIPIENT, House, house


@pytest.fixture
def running(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as it:
        yield it


def test_greeting_and_ehlo(running: House) -> None:
    with running.connect() as client:
        assert client.greeting == "220 help.example.com ESMTP mailgate"
        lines = client.say("ehlo client.example.org").split("\n")
    assert lines[0] == "250-help.example.com"
    assert {line[4:] for line in lines[1:]} == {
        "PIPELINING",
        "SIZE 52428800",
        "8BITMIME",
        "SMTPUTF8",
        "ENHANCEDSTATUSCODES",
    }


def test_a_message_is_on_disk_with_its_envelope(running: House) -> None:
    with running.connect() as client:
        reply = client.ehlo().envelope("a@example.org", "Support+12@HELP.example.com").data(b"Subject: x\r\n\r\n.\r\n")
    found = re.fullmatch(r"250 2\.0\.0 Ok: queued as ([A-Z2-7]{10})", reply)
    assert found
    ((row, raw),) = running.spooled()
    assert row.queue_id == found[1]
    assert row.source == "smtp"
    assert raw == b"Subject: x\r\n\r\n"
    assert row.envelope.reverse_path == "a@example.org"
    assert row.envelope.recipients == ("Support+12@HELP.example.com",)
    assert (row.client.ip, row.client.helo, row.client.tls) == ("127.0.0.1", "client.example.org", False)
    assert row.client.port
    assert running.listener.counters["received"] == 1


@pytest.mark.parametrize(
    ("commands", "reply"),
    [
        (["EHLO"], "501 5.5.2"),
        (["HELO"], "501 5.5.2"),
        (["HELO x"], "250 "),
        (["MAIL FROM:<a@b.example>"], "503 5.5.1"),
        (["EHLO x", "RCPT TO:<a@b.example>"], "503 5.5.1"),
        (["EHLO x", "DATA"], "503 5.5.1"),
        (["EHLO x", "MAIL FROM:<a@b.example>", "DATA"], "554 5.5.1"),
        (["EHLO x", "MAIL FROM:<a@b.example>", "MAIL FROM:<a@b.example>"], "503 5.5.1"),
        (["EHLO x", "MAIL FROM:<a@b.example>", f"RCPT TO:<{RECIPIENT}>", "DATA now"], "501 5.5.4"),
        (["EHLO x", "MAIL FROM:<a@b.example>", "RSET", f"RCPT TO:<{RECIPIENT}>"], "503 5.5.1"),
        (["EHLO x", "MAIL FROM:<a@b.example>", "EHLO x", f"RCPT TO:<{RECIPIENT}>"], "503 5.5.1"),
        (["EHLO x", "MAIL TO:<a@b.example>"], "501 5.5.2"),
        (["EHLO x", "MAIL"], "501 5.5.2"),
        (["EHLO x", "MAIL FROM:"], "501 5.5.2"),
        (["EHLO x", "MAIL FROM:<a@b.example"], "501 5.5.2"),
        (["EHLO x", "MAIL FROM:<a@b.example>SIZE=1"], "501 5.5.2"),
        (["EHLO x", "MAIL FROM:<a b@c.example>"], "501 5.1.7"),
        (["EHLO x", "MAIL FROM:<a@>"], "501 5.1.7"),
        (["EHLO x", "MAIL FROM:<>"], "250 2.1.0"),
        (["EHLO x", "mail from: <a@b.example>"], "250 2.1.0"),
        (["EHLO x", "MAIL FROM:a@b.example"], "250 2.1.0"),
        (["EHLO x", "MAIL FROM:<root>"], "250 2.1.0"),
        (["EHLO x", "MAIL FROM:<a..b.@docomo.example>"], "250 2.1.0"),
        (["EHLO x", 'MAIL FROM:<"a b"@c.example>'], "250 2.1.0"),
        (["EHLO x", "MAIL FROM:<@relay.example:a@b.example>"], "250 2.1.0"),
        (["EHLO x", "MAIL FROM:<a@b.example> SIZE=1000 BODY=8BITMIME SMTPUTF8"], "250 2.1.0"),
        (["EHLO x", "MAIL FROM:<a@b.example> body=7bit"], "250 2.1.0"),
        (["EHLO x", "MAIL FROM:<a@b.example> SIZE=52428800"], "250 2.1.0"),
        (["EHLO x", "MAIL FROM:<a@b.example> SIZE=52428801"], "552 5.3.4"),
        (["EHLO x", "MAIL FROM:<a@b.example> SIZE=99999999999999999999"], "552 5.3.4"),
        (["EHLO x", "MAIL FROM:<a@b.example> SIZE=much"], "501 5.5.4"),
        (["EHLO x", "MAIL FROM:<a@b.example> SIZE"], "501 5.5.4"),
        (["EHLO x", "MAIL FROM:<a@b.example> SIZE=1 SIZE=2"], "501 5.5.4"),
        (["EHLO x", "MAIL FROM:<a@b.example> BODY=BINARYMIME"], "501 5.5.4"),
        (["EHLO x", "MAIL FROM:<a@b.example> SMTPUTF8=1"], "501 5.5.4"),
        (["EHLO x", "MAIL FROM:<a@b.example> RET=HDRS"], "555 5.5.4"),
        (["EHLO x", "MAIL FROM:<a@b.example> ENVID=1"], "555 5.5.4"),
        (["EHLO x", "MAIL FROM:<a@b.example> AUTH=<>"], "555 5.5.4"),
        (["HELO x", "MAIL FROM:<a@b.example> SIZE=1"], "501 5.5.4"),
        (["EHLO x", "MAIL FROM:<a@b.example>", f"RCPT TO:<{RECIPIENT}> NOTIFY=NEVER"], "555 5.5.4"),
        (["EHLO x", "MAIL FROM:<a@b.example>", f"RCPT TO:<{RECIPIENT}> ORCPT=rfc822;a@b.example"], "555 5.5.4"),
        (["EHLO x", "MAIL FROM:<é@b.example>"], "553 5.6.7"),
        (["EHLO x", "MAIL FROM:<é@b.example> SMTPUTF8"], "250 2.1.0"),
        (["EHLO x", "MAIL FROM:<a@b.example>", "RCPT TO:<ş@help.example.com>"], "553 5.6.7"),
        (["EHLO x", "MAIL FROM:<a@b.example> SMTPUTF8", "RCPT TO:<support+ş@help.example.com>"], "250 2.1.5"),
        (["EHLO é"], "501 5.5.2"),
        ([b"EHLO \xff\xfe"], "501 5.5.2"),
        (["EHLO x", b"MAIL FROM:<\xff@b.example> SMTPUTF8"], "501 5.5.2"),
        (["EHLO x\0y"], "501 5.5.2"),
        (["EHLO x\ry"], "501 5.5.2"),
        (["\0\0\0"], "501 5.5.2"),
        (["VRFY support"], "252 2.5.2"),
        (["VRFY"], "501 5.5.4"),
        (["EXPN list"], "502 5.5.1"),
        (["TURN"], "502 5.5.1"),
        (["BDAT 5 LAST"], "502 5.5.1"),
        (["HELP"], "214 2.0.0"),
        (["HELP MAIL"], "214 2.0.0"),
        (["NOOP"], "250 2.0.0"),
        (["NOOP whatever"], "250 2.0.0"),
        (["RSET"], "250 2.0.0"),
        (["RSET x"], "501 5.5.4"),
        (["LHLO x"], "500 5.5.2"),
        (["XCLIENT ADDR=192.0.2.1"], "550 5.7.0"),
        (["PROXY TCP4 192.0.2.1 192.0.2.2 1 2"], "500 5.5.2"),
        (["STARTTLS"], "502 5.5.1"),
        (["EHLO x", "AUTH PLAIN AGEAYg=="], "502 5.5.1"),
        (["nonsense"], "500 5.5.2"),
        ([""], "500 5.5.2"),
        (["X" * 20_000], "500 5.5.2"),
        (["X" * 1_000_000], "500 5.5.2"),
        (["QUIT"], "221 2.0.0"),
        (["GET / HTTP/1.1"], "421 4.7.0"),
    ],
)
def test_replies(running: House, commands: list[str | bytes], reply: str) -> None:
    with running.connect() as client:
        for command in commands[:-1]:
            assert client.say(command)[0] in "23"
        assert client.say(commands[-1]).startswith(reply)
        if reply[:3] not in ("221", "421"):
            assert client.say("NOOP").startswith("250 2.0.0")


def test_a_browser_cannot_be_used_to_send_mail(running: House) -> None:
    with running.connect() as client:
        client.send(
            f"POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<{RECIPIENT}>\r\n"
            "DATA\r\nx\r\n.\r\n".encode()
        )
        assert client.rest().startswith(b"421 4.7.0")
    assert running.raw() == []


def test_a_long_line_in_small_pieces_stays_in_step(running: House) -> None:
    with running.connect() as client:
        for _ in range(60):
            client.send(b"NOOP " + b"x" * 1000)
        client.send(b"\r\nNOOP\r\n")
        assert client.reply().startswith("500 5.5.2")
        assert client.reply().startswith("250 2.0.0")


def test_pipelined_commands_are_answered_in_order(running: House) -> None:
    with running.connect() as client:
        client.ehlo()
        client.send(
            b"MAIL FROM:<a@b.example>\r\nRCPT TO:<nobody@help.example.com>\r\nRCPT TO:<support@help.example.com>\r\nDATA\r\n"
        )
        assert [client.reply()[:9] for _ in range(3)] == ["250 2.1.0", "550 5.1.1", "250 2.1.5"]
        assert client.reply().startswith("354")
        client.send(b"hello\r\n.\r\nQUIT\r\n")
        assert client.reply().startswith("250 2.0.0")
        assert client.reply().startswith("221 2.0.0")
        assert client.rest() == b""


def test_pipelined_data_without_recipients_is_no_message(running: House) -> None:
    """RFC 2920 section 3.1: DATA is refused, and what follows is read as commands."""
    with running.connect() as client:
        client.ehlo()
        client.send(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<nobody@help.example.com>\r\nDATA\r\n.\r\nRSET\r\n")
        assert [client.reply()[:3] for _ in range(5)] == ["250", "550", "554", "500", "250"]


def test_lines_that_end_in_lf_only(running: House) -> None:
    with running.connect() as client:
        client.send(b"EHLO x\nNOOP\n")
        assert client.reply().startswith("250-")
        assert client.reply().startswith("250 2.0.0")


def test_several_messages_in_one_connection(running: House) -> None:
    with running.connect() as client:
        client.ehlo()
        replies = {client.envelope().data(b"x: %d\r\n\r\n.\r\n" % number) for number in range(5)}
    assert len(replies) == 5
    assert running.raw() == [b"x: %d\r\n\r\n" % number for number in range(5)]


def test_one_message_to_several_addresses(running: House) -> None:
    with running.connect() as client:
        client.ehlo().envelope(recipient="support+1@help.example.com")
        for recipient in ("sales@shop.example.com", "support+1@help.example.com"):
            assert client.say(f"RCPT TO:<{recipient}>").startswith("250 2.1.5")
        assert client.data(b"x\r\n.\r\n").startswith("250")
    ((row, _),) = running.spooled()
    assert row.envelope.recipients == ("support+1@help.example.com", "sales@shop.example.com")
