"""What a stranger can send to the listener: noise, and dialogues with mistakes in every place.

Whatever comes: no crash, no message taken without a 250, an answer or an end for every connection, and a normal
message is taken afterwards.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.smtp_dialogue import RECIPIENT, Dialogue, House, house

SMTP = """
trusted = ["127.0.0.1"]
lmtp = ["127.0.0.1:0"]
max_size = "20KB"
limits = { line_length = 5000, recipients = 5, commands = 60, errors = 15, command_timeout = "20s" }
"""
LINES = [
    b"EHLO x",
    b"HELO x",
    b"LHLO x",
    b"MAIL FROM:<a@b.example>",
    b"MAIL FROM:<> SIZE=10 BODY=8BITMIME",
    b"MAIL FROM:<a@b.example> SIZE=99999999",
    f"RCPT TO:<{RECIPIENT}>".encode(),
    b"RCPT TO:<support+1@help.example.com>",
    b"RCPT TO:<nobody@elsewhere.example>",
    b"DATA",
    b"Subject: x",
    b".",
    b"..",
    b"",
    b"RSET",
    b"NOOP",
    b"VRFY x",
    b"HELP",
    b"AUTH PLAIN AAA=",
    b"STARTTLS",
    b"XCLIENT ADDR=192.0.2.1",
    b"XCLIENT ADDR=[UNAVAILABLE] HELO=+00",
    b"QUIT",
    b"x" * 6000,
    b"MAIL FROM:<" + b"(" * 500 + b">",
    b"RCPT TO:<" + b'"' * 501 + b">",
    "RCPT TO:<ş@help.example.com>".encode(),
]
ENDS = [b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\x00", b"\n.\n", b"\r\n.\r\n", b""]
GOOD = [
    b"EHLO x",
    b"MAIL FROM:<a@b.example>",
    f"RCPT TO:<{RECIPIENT}>".encode(),
    b"DATA",
    b"A: b\r\n\r\nc\r\n.",
    b"QUIT",
]

any_line = st.one_of(st.sampled_from(LINES), st.sampled_from(LINES), st.binary(max_size=60))
dialogues = st.lists(st.tuples(any_line, st.sampled_from(ENDS)), max_size=30).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good dialogue with a few bytes changed, removed, put in or said twice."""
    data = bytearray(b"".join(line + b"\r\n" for line in GOOD))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data) - 1))
        kind = draw(st.sampled_from(["change", "remove", "insert", "repeat"]))
        if kind == "change":
            data[at] = draw(st.integers(0, 255))
        elif kind == "remove" and len(data) > 1:
            del data[at : at + draw(st.integers(1, 10))]
        elif kind == "insert":
            data[at:at] = draw(
                st.sampled_from([b"\r\n", b"\n", b"\r", b".", b"\x00", b"\xff", b"\r\n.\r\n", b"<", b'"'])
            )
        else:
            data[at:at] = data[at : at + 40]
        if not data:
            break
    return bytes(data)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("listener")
    with house(folder, SMTP) as it:
        yield it


def count(running: House) -> int:
    with running.store.read() as db:
        return int(db.value("SELECT count(*) FROM message"))


def throw(address: Any, data: bytes, cut: int) -> bytes:
    """Sends everything, says that it was all, and gives everything that was answered."""
    with Dialogue(address, greeting=False) as client:
        try:
            client.send(data[:cut])
            client.send(data[cut:])
            client.socket.shutdown(socket.SHUT_WR)
        except OSError:
            return client.rest()
        return client.rest()


def check(running: House, address: Any, data: bytes, cut: int) -> None:
    before, faults = count(running), running.listener.counters["failed"]
    answer = throw(address, data, cut)
    replies = answer.decode().split("\r\n")
    assert replies.pop() == ""
    assert replies[0].startswith("220 ")
    for reply in replies:
        assert reply[:3].isdigit(), reply
        assert reply[3] in " -", reply
        assert reply[0] in "2345", reply
    accepted = {reply for reply in replies if reply.startswith("250 2.0.0 Ok: queued as ")}
    assert count(running) == before + len(accepted)
    assert running.listener.counters["failed"] == faults
    assert running.deliver().startswith("250 2.0.0 Ok: queued as ")


FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@FUZZ
@given(st.binary(max_size=3000), st.integers(0, 3000))
def test_noise(running: House, data: bytes, cut: int) -> None:
    check(running, running.listener.addresses[0], data, cut)


@FUZZ
@given(dialogues, st.integers(0, 400), st.sampled_from(["smtp", "lmtp"]))
def test_dialogues_of_all_kinds(running: House, data: bytes, cut: int, kind: str) -> None:
    listener = running.listener
    check(running, listener.addresses[0] if kind == "smtp" else listener.lmtp_addresses[0], data, cut)


@FUZZ
@given(mutated(), st.integers(0, 200))
def test_good_dialogues_with_mistakes(running: House, data: bytes, cut: int) -> None:
    check(running, running.listener.addresses[0], data, cut)


@pytest.mark.parametrize("stop", range(1, 140, 7))
def test_a_connection_that_breaks_anywhere(running: House, stop: int) -> None:
    data = b"".join(line + b"\r\n" for line in GOOD)
    before = count(running)
    with Dialogue(running.listener.addresses[0], greeting=False) as client:
        client.send(data[:stop])
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert running.deliver().startswith("250 2.0.0")
    complete = data.index(b"\r\n.\r\n") + 5
    assert count(running) <= before + 1 + (stop >= complete)
