"""One connection to relays of every kind: what each recipient's answer is, and what went over the wire."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailgate.config import Config
from mailgate.delivery.content import Content
from mailgate.delivery.relay import Interrupted, Relay, RelayError
from tests.support.odd_relay import EXTENSIONS, OddRelay, Talk, polite

Make = Callable[..., OddRelay]
Configured = Callable[..., Config]
SENDER = "support@help.example.com"
RAW = b"Subject: hello\r\n\r\nhello\r\n"


def send(config: Config, *recipients: str, raw: bytes | Content = RAW, **options: Any) -> dict[str, Any]:
    relay = Relay(config, **options)
    try:
        return relay.send(SENDER, recipients or ("a@example.org",), raw)
    finally:
        relay.close()


def test_commands_are_pipelined_where_the_relay_takes_it(relay: Make, config: Configured) -> None:
    together: list[bool] = []

    def script(talk: Talk) -> None:
        talk.say("220 hello")
        talk.ehlo("PIPELINING")
        lines = [talk.line() for _ in range(4)]  # nothing is answered before all have come
        together.append(lines[-1] == "DATA")
        talk.say("250 ok", "250 ok", "550 5.1.1 no such user", "354 go on")
        talk.relay.took(lines, talk.data())
        talk.say("250 taken")

    answers = send(config(relay(script).port), "a@example.org", "b@example.org")
    assert together == [True]
    assert answers["a@example.org"].sent
    assert answers["b@example.org"].permanent
    assert answers["b@example.org"].unknown_address


@pytest.mark.parametrize("extensions", [EXTENSIONS, ("SIZE 50000000",), ()])
def test_recipients_have_answers_of_their_own(relay: Make, config: Configured, extensions: tuple[str, ...]) -> None:
    replies = {
        "b@": "450 4.2.0 greylisted",
        "c@": "550 5.1.1 unknown",
        "d@": "552 5.2.2 mailbox full",
        "e@": "552 too many",
    }

    def answer(command: str) -> str | None:
        return next((reply for name, reply in replies.items() if f"<{name}" in command), None)

    sink = relay(polite(answer, extensions))
    got = send(config(sink.port), *(f"{name}@example.org" for name in "abcde"))
    said = {name[0]: (one.sent, one.permanent) for name, one in got.items()}
    assert said == {
        "a": (True, False),
        "b": (False, False),
        "c": (False, True),
        "d": (False, True),
        "e": (False, False),
    }
    assert [recipients for recipients, _ in sink.letters] == [["a@example.org"]]


@pytest.mark.parametrize("extensions", [EXTENSIONS, ()])
def test_nothing_is_sent_where_nobody_is_taken(relay: Make, config: Configured, extensions: tuple[str, ...]) -> None:
    sink = relay(polite(lambda command: "550 5.1.1 no" if command.startswith("RCPT") else None, extensions))
    connection = Relay(config(sink.port))
    assert connection.send(SENDER, ["a@example.org"], RAW)["a@example.org"].permanent
    assert sink.letters == []
    assert connection.send(SENDER, ["a@example.org"], RAW)["a@example.org"].permanent  # the connection still works
    assert sink.connections == 1
    connection.close()


def test_a_relay_that_wants_data_for_nobody_gets_none(relay: Make, config: Configured) -> None:
    def script(talk: Talk) -> None:
        talk.say("220 hello")
        talk.ehlo("PIPELINING")
        for _ in range(3):
            talk.line()
        talk.say("250 ok", "550 no", "354 go on")
        talk.relay.took([], talk.data())
        talk.say("554 no valid recipients")

    sink = relay(script)
    assert send(config(sink.port))["a@example.org"].permanent
    assert sink.letters == [([], b"")]


@pytest.mark.parametrize(
    ("reply", "sent", "permanent"),
    [
        ("250 ok", True, False),
        ("451 4.3.0 later", False, False),
        ("554 5.7.1 spam", False, True),
        ("552 big", False, True),
    ],
)
def test_the_answer_to_the_letter(relay: Make, config: Configured, reply: str, sent: bool, permanent: bool) -> None:
    got = send(config(relay(polite(data_answer=lambda to, data: reply)).port))["a@example.org"]
    assert (got.sent, got.permanent) == (sent, permanent)


def test_250_to_data_without_data_is_not_sent(relay: Make, config: Configured) -> None:
    sink = relay(polite(lambda command: "250 fine" if command == "DATA" else None))
    with pytest.raises(Interrupted):
        send(config(sink.port))


LETTERS = [
    (b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\nb\r\n", None),
    (b".first\r\n\r\n.", b".first\r\n\r\n.\r\n"),
    (b"Subject: x\r\n\r\nno end", b"Subject: x\r\n\r\nno end\r\n"),
    (b"Subject: x\r\n\r\na\n.\r\nMAIL FROM:<x@y>\r\n", b"Subject: x\r\n\r\na\r\n.\r\nMAIL FROM:<x@y>\r\n"),
    (b"Subject: x\r\n\r\na\r.\rb\r\n.\n", b"Subject: x\r\n\r\na\r\n.\r\nb\r\n.\r\n"),
    (b"", b""),
]


@pytest.mark.parametrize(("raw", "arrives"), LETTERS)
def test_dots_and_line_ends(relay: Make, config: Configured, raw: bytes, arrives: bytes | None) -> None:
    sink = relay(polite())
    assert send(config(sink.port), raw=raw)["a@example.org"].sent
    assert sink.letters[0][1] == (raw if arrives is None else arrives)


@pytest.mark.parametrize(("raw", "arrives"), LETTERS)
@pytest.mark.parametrize("piece", [1, 2, 3, 5])
def test_pieces_may_end_anywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, raw: bytes, arrives: bytes | None, piece: int
) -> None:
    monkeypatch.setattr("mailgate.delivery.content._PIECE", piece)
    (tmp_path / "letter").write_bytes(raw)
    content = Content(tmp_path / "letter")
    stuffed = b"".join(content.pieces())
    lines = [line[1:] if line.startswith(b".") else line for line in stuffed.split(b"\r\n")]
    assert b"\r\n".join(lines) == (raw if arrives is None else arrives)
    assert all(line.startswith(b"..") for line in stuffed.split(b"\r\n") if line.startswith(b"."))
    assert content.size == len(raw)


def test_a_letter_of_25_mb_in_bounded_memory(relay: Make, config: Configured, tmp_path: Path) -> None:
    file = tmp_path / "letter"
    file.write_bytes(b"Subject: large\r\n\r\n" + (b"." + b"x" * 74 + b"\r\n") * 340_000)
    size = [0]

    def script(talk: Talk) -> None:
        talk.say("220 hello")
        talk.ehlo(*EXTENSIONS)
        for _ in range(3):
            talk.line()
        talk.say("250 ok", "250 ok", "354 go on")
        tail = b""
        while not tail.endswith(b"\r\n.\r\n"):
            data = talk.socket.recv(65536)
            size[0] += len(data)
            tail = (tail + data)[-5:]
        talk.say("250 taken")

    tracemalloc.start()
    try:
        answers = send(config(relay(script).port), raw=Content(file))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answers["a@example.org"].sent
    assert size[0] == file.stat().st_size + 340_000 + 3  # every dot doubled, and the end
    assert peak < 8 * 1024**2


def test_a_letter_that_is_too_large_is_not_begun(relay: Make, config: Configured) -> None:
    sink = relay(polite(extensions=("SIZE 1000",)))
    got = send(config(sink.port), raw=b"x" * 1001)["a@example.org"]
    assert got.permanent
    assert got.code == 552
    assert "1000" in got.text
    assert not any(command.startswith("MAIL") for command in sink.commands)


def test_a_relay_may_refuse_while_the_letter_is_on_its_way(relay: Make, config: Configured) -> None:
    def script(talk: Talk) -> None:
        talk.say("220 hello")
        talk.ehlo("SIZE", "PIPELINING")
        for _ in range(3):
            talk.line()
        talk.say("250 ok", "250 ok", "354 go on")
        talk.socket.recv(1000)
        talk.say("552 5.3.4 too large")

    raw = b"Subject: large\r\n\r\n" + b"x" * 30_000_000
    try:
        got = send(config(relay(script).port), raw=raw)["a@example.org"]
    except Interrupted:  # the kernel threw the reply away with the connection
        return
    assert got.permanent


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "the data", "the dot"])
def test_a_connection_that_breaks_is_no_answer(relay: Make, config: Configured, step: str) -> None:
    def script(talk: Talk) -> None:
        talk.say("220 hello")
        talk.ehlo("SIZE")
        for verb in ("MAIL", "RCPT", "DATA"):
            talk.line()
            if verb == step:
                return
            talk.say("354 go on" if verb == "DATA" else "250 ok")
        if step == "the data":
            talk.socket.recv(10)
            return
        talk.data()

    with pytest.raises(Interrupted):
        send(config(relay(script).port))


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "the dot"])
def test_421_is_no_answer_either(relay: Make, config: Configured, step: str) -> None:
    sink = relay(
        polite(
            lambda command: "421 4.3.2 going down" if command.startswith(step) else None,
            data_answer=lambda to, data: "421 4.3.2 going down" if step == "the dot" else None,
        )
    )
    with pytest.raises(Interrupted):
        send(config(sink.port))


@pytest.mark.parametrize("end", ["", "421 4.4.2 idle too long"])
def test_a_connection_that_died_idle_is_opened_again(relay: Make, config: Configured, end: str) -> None:
    seen: list[int] = []

    def script(talk: Talk) -> None:
        seen.append(talk.number)
        polite(lambda command: end if len(talk.relay.letters) == 1 and talk.number == 1 else None)(talk)

    sink = relay(script)
    connection = Relay(config(sink.port))
    for _ in range(3):
        assert connection.send(SENDER, ["a@example.org"], RAW)["a@example.org"].sent
    connection.close()
    assert (len(sink.letters), seen) == (3, [1, 2])


def test_connections_are_kept_for_so_many_letters(relay: Make, config: Configured) -> None:
    sink = relay(polite())
    connection = Relay(config(sink.port, "messages_per_connection = 3"))
    for _ in range(7):
        connection.send(SENDER, ["a@example.org"], RAW)
    connection.close()
    assert (sink.connections, len(sink.letters)) == (3, 7)


def test_more_recipients_than_a_relay_must_take(relay: Make, config: Configured) -> None:
    sink = relay(polite())
    answers = send(config(sink.port), *(f"u{number}@example.org" for number in range(130)))
    assert sum(answer.sent for answer in answers.values()) == 100
    assert not any(answer.permanent for answer in answers.values())


GARBAGE = [
    b"\x16\x03\x01\x02\x00\x01\n",
    b"HTTP/1.1 400 Bad Request\r\n",
    b"2500 x\r\n",
    b"250\xff\r\n",
    b"\r\n",
    b"150 hm\r\n",
]


@pytest.mark.parametrize("words", GARBAGE)
@pytest.mark.parametrize("step", ["greeting", "hello", "MAIL", "dot"])
def test_garbage(relay: Make, config: Configured, words: bytes, step: str) -> None:
    def script(talk: Talk) -> None:
        if step == "greeting":
            talk.raw(words)
            return
        talk.say("220 hello")
        if step == "hello":
            talk.line()
            talk.raw(words)
            return
        talk.ehlo("SIZE")
        for verb in ("MAIL", "RCPT", "DATA"):
            talk.line()
            if verb == step:
                talk.raw(words)
                return
            talk.say("354 go on" if verb == "DATA" else "250 ok")
        talk.data()
        talk.raw(words)

    with pytest.raises(RelayError) as caught:
        send(config(relay(script).port))
    assert isinstance(caught.value, Interrupted) == (step in ("MAIL", "dot"))


@pytest.mark.parametrize("endless", [b"250-more\r\n", b"x" * 1000])
def test_endless_answers_are_bounded(relay: Make, config: Configured, endless: bytes) -> None:
    def script(talk: Talk) -> None:
        talk.say("220 hello")
        talk.line()
        while True:
            talk.raw(endless)

    with pytest.raises(RelayError, match=r"lines|without an end"):
        send(config(relay(script).port))


@pytest.mark.parametrize("step", ["greeting", "hello", "MAIL", "dot"])
def test_a_relay_that_hangs(relay: Make, config: Configured, step: str) -> None:
    gone = threading.Event()

    def script(talk: Talk) -> None:
        if step != "greeting":
            talk.say("220 hello")
            if step != "hello":
                talk.ehlo("SIZE")
                if step != "MAIL":
                    for verb in ("MAIL", "RCPT", "DATA"):
                        talk.line()
                        talk.say("354 go on" if verb == "DATA" else "250 ok")
                    talk.data()
        gone.wait(60)

    try:
        with pytest.raises(RelayError, match="in time"):
            send(config(relay(script).port, timeout="1s" if step != "dot" else "200ms"))
    finally:
        gone.set()


def test_a_relay_that_trickles(relay: Make, config: Configured) -> None:
    gone = threading.Event()

    def script(talk: Talk) -> None:
        for byte in b"220-" + b"x" * 10_000:
            talk.raw(bytes([byte]))
            if gone.wait(0.05):
                return

    try:
        with pytest.raises(RelayError, match="in time"):
            send(config(relay(script).port, timeout="1s"))
    finally:
        gone.set()


def test_a_transaction_has_a_limit_in_all(relay: Make, config: Configured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailgate.delivery.relay._WHOLE_FACTOR", 0.2)
    gone = threading.Event()
    sink = relay(polite(lambda command: None if not gone.wait(0.4) else ""))  # every answer comes, each a little late
    try:
        with pytest.raises(Interrupted, match=r"in all|in time"):
            send(config(sink.port, timeout="5s"), *(f"u{number}@example.org" for number in range(50)))
    finally:
        gone.set()


def test_nothing_listens(config: Configured) -> None:
    from tests.support.daemon import free_port

    with pytest.raises(RelayError, match="nothing answers") as caught:
        send(config(free_port()))
    assert not isinstance(caught.value, Interrupted)


@pytest.mark.parametrize("greeting", ["554 no", "421 busy", "250 odd"])
def test_an_unfriendly_greeting(relay: Make, config: Configured, greeting: str) -> None:
    with pytest.raises(RelayError, match=greeting.split(" ")[0]):
        send(config(relay(lambda talk: talk.say(greeting)).port))


@pytest.mark.parametrize("code", [530, 535])
def test_a_relay_that_wants_a_login_first_is_no_fault_of_the_letter(relay: Make, config: Configured, code: int) -> None:
    sink = relay(polite(lambda command: f"{code} 5.7.0 log in first" if command.startswith("MAIL") else None))
    with pytest.raises(RelayError, match="let us in") as caught:
        send(config(sink.port))
    assert not isinstance(caught.value, Interrupted)


def test_a_relay_that_knows_only_helo(relay: Make, config: Configured) -> None:
    def script(talk: Talk) -> None:
        talk.say("220 hello")
        assert talk.line().startswith("EHLO ")
        talk.say("502 what")
        assert talk.line().startswith("HELO ")
        talk.say("250 hello")
        polite(greet=False, hello=False)(talk)

    sink = relay(script)
    assert send(config(sink.port))["a@example.org"].sent
    assert "MAIL FROM:<support@help.example.com>" in sink.commands


def test_addresses_in_utf8(relay: Make, config: Configured) -> None:
    sink = relay(polite())
    answers = send(config(sink.port), "öğrenci@example.org", "a@büro.example")
    assert all(answer.sent for answer in answers.values())
    assert "MAIL FROM:<support@help.example.com> SIZE=25 BODY=8BITMIME SMTPUTF8" in sink.commands
    assert "RCPT TO:<öğrenci@example.org>" in sink.commands
    assert "RCPT TO:<a@xn--bro-hoa.example>" in sink.commands


def test_a_relay_without_smtputf8_gets_the_others(relay: Make, config: Configured) -> None:
    sink = relay(polite(extensions=("PIPELINING",)))
    answers = send(config(sink.port), "öğrenci@example.org", "a@büro.example")
    assert answers["öğrenci@example.org"].permanent
    assert "5.6.7" in answers["öğrenci@example.org"].text
    assert answers["a@büro.example"].sent
    assert sink.letters[0][0] == ["a@xn--bro-hoa.example"]
    header = send(config(sink.port), raw="To: öğrenci@example.org\r\n\r\nx\r\n".encode())
    assert header["a@example.org"].permanent


def test_8_bit_letters(relay: Make, config: Configured) -> None:
    raw = "Subject: x\r\n\r\nşikâyet\r\n".encode()
    sink = relay(polite(extensions=("8BITMIME",)))
    assert send(config(sink.port), raw=raw)["a@example.org"].sent
    assert "MAIL FROM:<support@help.example.com> BODY=8BITMIME" in sink.commands
    assert send(config(relay(polite(extensions=())).port), raw=raw)["a@example.org"].permanent


@pytest.mark.parametrize(
    "address", ["a@example.org>\r\nRCPT TO:<evil@example.org", "nobody", "a@b@c\n", "a\0@example.org", ""]
)
def test_what_is_no_address_never_reaches_the_wire(relay: Make, config: Configured, address: str) -> None:
    sink = relay(polite())
    answers = send(config(sink.port), address, "good@example.org")
    assert answers[address].permanent
    assert answers["good@example.org"].sent
    assert sink.letters[0][0] == ["good@example.org"]


def test_the_null_reverse_path(relay: Make, config: Configured) -> None:
    sink = relay(polite(extensions=()))
    connection = Relay(config(sink.port))
    assert connection.send("", ["a@example.org"], RAW)["a@example.org"].sent
    connection.close()
    assert "MAIL FROM:<>" in sink.commands


def test_what_is_raised_before_the_end_keeps_the_relay_from_taking_it(relay: Make, config: Configured) -> None:
    sink = relay(polite())
    connection = Relay(config(sink.port))

    def refuse() -> None:
        raise KeyError("the disk")

    with pytest.raises(KeyError):
        connection.send(SENDER, ["a@example.org"], RAW, refuse)
    assert connection.send(SENDER, ["b@example.org"], RAW)["b@example.org"].sent
    assert [to for to, _ in sink.letters] == [["b@example.org"]]
    connection.close()
