"""The connection, IMAP's FETCH stream and IDLE, on a pair of sockets: pieces of any size, hostile and honest."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.sources.accounts import imap_idle
from mailgate.sources.accounts.connection import BrokenRuleError, Connection
from mailgate.sources.accounts.imap_wire import NoError, Response, Wire, uid_sets
from mailgate.sources.accounts.tls import one_line
from mailgate.sources.accounts.wake import WakeUp
from mailgate.store.blobs import BlobStore


class Line:
    """A connection whose other end sends what it was given, in pieces, and then closes or stays."""

    def __init__(self, data: bytes, pieces: int = 1 << 20, timeout: float = 5.0, stay: bool = False) -> None:
        here, self.there = socket.socketpair()
        self.connection = Connection(here, "mail.example", timeout)
        self._data, self._pieces, self._stay = data, pieces, stay
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def _send(self) -> None:
        try:
            for start in range(0, len(self._data), self._pieces):
                self.there.sendall(self._data[start : start + self._pieces])
            if not self._stay:
                self.there.shutdown(socket.SHUT_WR)
        except OSError:
            self.there.close()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        self._thread.join()
        self.there.close()


def _stuffed(text: bytes) -> bytes:
    return re.sub(rb"(?m)^\.", b"..", text) + b".\r\n"


_text = st.lists(st.sampled_from([b"", b".", b"..", b".x", b"a", b"x" * 70, b"\r", b"y\r"]), max_size=12).map(
    lambda lines: b"".join(line + b"\r\n" for line in lines)
)


@settings(max_examples=60, deadline=None)
@given(text=_text, pieces=st.integers(1, 40))
def test_dot_stuffing_in_any_pieces(text: bytes, pieces: int) -> None:
    with Line(_stuffed(text) + b"+OK next\r\n", pieces) as line:
        assert b"".join(line.connection.dotted()) == text
        assert line.connection.readline() == b"+OK next\r\n"


def test_a_dotted_line_of_a_megabyte() -> None:
    text = b"..start" + b"z" * 1_500_000 + b"\r\n.end\r\n"
    with Line(_stuffed(text), 5000) as line:
        assert b"".join(line.connection.dotted()) == text


def test_a_reply_that_ends_early_is_an_error() -> None:
    with Line(b"some text\r\n") as line, pytest.raises(ConnectionError, match="in the middle"):
        list(line.connection.dotted())
    with Line(b"abc") as line, pytest.raises(ConnectionError, match="in the middle"):
        line.connection.read(10)


def test_lines_and_replies_are_bounded() -> None:
    with Line(b"x" * 50_000) as line, pytest.raises(BrokenRuleError, match="more than 1000 bytes"):
        line.connection.readline(1000)
    with Line(b"x\r\n" * 50_000) as line:
        line.connection.begin(budget=10_000)
        with pytest.raises(BrokenRuleError, match="does not end"):
            while line.connection.readline():
                continue


def test_a_deadline_counts_for_the_whole_operation() -> None:
    with Line(b"", timeout=0.2, stay=True) as line:
        drip = threading.Event()

        def dripping() -> None:
            while not drip.wait(0.01):
                try:
                    line.there.sendall(b".")
                except OSError:
                    return

        thread = threading.Thread(target=dripping)
        thread.start()
        with pytest.raises(TimeoutError):
            line.connection.readline()
        drip.set()
        thread.join()


def test_abort_ends_a_read_in_another_thread() -> None:
    with Line(b"", timeout=60, stay=True) as line:
        got: list[bytes] = []
        thread = threading.Thread(target=lambda: got.append(line.connection.readline()))
        thread.start()
        line.connection.abort()
        thread.join(10)
        assert got == [b""]


def test_a_name_server_without_an_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: [silent.wait(20)])
    with pytest.raises(TimeoutError, match="name server"):
        Connection.dial("mail.example", 993, 0.1, None)
    silent.set()


@settings(deadline=None)
@given(st.sets(st.integers(1, 400), min_size=1))
def test_uid_sets_name_each_uid_once(uids: set[int]) -> None:
    assert _named(uid_sets(sorted(uids))) == sorted(uids)


def test_uid_sets_fit_a_command_line() -> None:
    scattered = list(range(1_000_000_000, 1_000_010_000, 2))
    sets = uid_sets(scattered)
    assert _named(sets) == scattered
    assert max(len(numbers) for numbers in sets) < 8000
    assert uid_sets(list(range(1, 100_000))) == [b"1:99999"]


def _named(sets: list[bytes]) -> list[int]:
    named: list[int] = []
    for part in b",".join(sets).decode().split(","):
        low, _, high = part.partition(":")
        named += range(int(low), int(high or low) + 1)
    return named


def _fetch(data: bytes, tmp_path: Path, pieces: int = 1 << 20, max_size: int = 1 << 20) -> list[Response]:
    with Line(data, pieces) as line:
        wire = Wire(line.connection, BlobStore(tmp_path / "blobs"), max_size)
        return list(wire.fetch(b"1:*", b"(BODY.PEEK[])", 10))


_ANSWER = (
    b'* 1 FETCH (UID 7 INTERNALDATE "25-Nov-2026 12:30:00 +0300" BODY[] {5}\r\nab\r\nc)\r\n'
    b"* 3 EXISTS\r\n"
    b"* 2 FETCH (FLAGS (\\Seen))\r\n"
    b'* 2 FETCH (BODY[] {3}\r\nxyz UID 8 INTERNALDATE " 1-Jan-1970 00:00:00 +0000")\r\n'
    b'* 3 fetch (uid 9 X-SUBJECT {4}\r\nUID! body[] "q\\"uoted")\r\n'
    b"* 4 FETCH (UID 10 BODY[] NIL)\r\n"
    b"MG1 OK done\r\n"
)


@pytest.mark.parametrize("pieces", [1, 3, 1 << 20])
def test_fetch_answers_in_every_shape(tmp_path: Path, pieces: int) -> None:
    found = {r.uid: r for r in _fetch(_ANSWER, tmp_path, pieces) if r.uid}
    assert [(uid, r.body, r.empty) for uid, r in found.items()] == [
        (7, b"ab\r\nc", False),
        (8, b"xyz", False),
        (9, b'q"uoted', False),
        (10, None, True),
    ]
    assert found[7].internal_date == 1795599000.0
    assert found[8].internal_date == 0.0


def test_content_cannot_pass_for_an_answer(tmp_path: Path) -> None:
    body = b"* 9 FETCH (UID 99 BODY[] {3}\r\nabc)\r\nMG1 OK fooled\r\n"
    data = b"* 1 FETCH (UID 7 BODY[] {%d}\r\n%b)\r\nMG1 OK done\r\n" % (len(body), body)
    found = _fetch(data, tmp_path)
    assert [(r.uid, r.body) for r in found] == [(7, body)]


def test_a_large_body_goes_to_disk(tmp_path: Path) -> None:
    body = bytes(range(256)) * 1024
    found = _fetch(b"* 1 FETCH (UID 7 BODY[] {%d}\r\n%b)\r\nMG1 OK done\r\n" % (len(body), body), tmp_path, 9000)
    assert found[0].body is None
    assert found[0].blob is not None
    assert found[0].blob.size == len(body)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"* 1 FETCH (UID 7 BODY[] {4294967296}\r\n", "4294967296 bytes"),
        (b"* 1 FETCH (UID 7 ENVELOPE {70000}\r\n", "70000 bytes where a few"),
        (b"* 1 FETCH (UID 7 BODY[] {1}\r\na BODY[] {1}\r\nb)\r\n", "two messages in one answer"),
        (b"* 1 FETCH (UID 7)\r\n" * 11, "more messages than it was asked for"),
        (b"* 1 FETCH (" + b"X {0}\r\n" * 200, "does not end"),
        (b"HTTP/1.1 400 Bad Request\r\n", "unexpected answer"),
        (b"MG7 OK not ours\r\n", "unexpected answer"),
    ],
)
def test_rules_that_are_broken(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(BrokenRuleError, match=words):
        _fetch(data, tmp_path)


def test_refusals_and_goodbyes(tmp_path: Path) -> None:
    with pytest.raises(NoError, match="Internal error"):
        _fetch(b"MG1 NO [SERVERBUG] Internal error\r\n", tmp_path)
    with pytest.raises(ConnectionError, match="shutting down"):
        _fetch(b"* BYE shutting down\r\n", tmp_path)
    with pytest.raises(ConnectionError, match="without a word"):
        _fetch(b"* 1 EXISTS\r\n", tmp_path)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.integers(1, 50))
def test_garbage_ends_in_an_error_that_is_expected(data: bytes, pieces: int) -> None:
    for head in (b"", b"* 1 FETCH (UID 7 BODY[] ", b"* 1 FETCH ("):
        try:
            found = _fetch(head + data, Path("/nonexistent-is-not-touched"), pieces, max_size=100)
        except (BrokenRuleError, NoError, ConnectionError):
            continue
        assert all(isinstance(r, Response) for r in found)


@pytest.fixture
def wake() -> Iterator[WakeUp]:
    return WakeUp()


_IDLING = b"+ idling\r\n"


def test_idle_hears_a_message_in_two_halves(wake: WakeUp) -> None:
    with Line(_IDLING + b"* OK Still here\r\n* 4 EXISTS\r\nMGIDLE OK done\r\n", 5, stay=True) as line:
        assert imap_idle.idle(line.connection, 60, 60, wake) == "news"


def test_idle_expunges_and_flags_are_no_news(wake: WakeUp) -> None:
    data = _IDLING + b"* 2 EXPUNGE\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 0 EXISTS\r\n"
    with Line(data, stay=True) as line, pytest.raises(TimeoutError):
        line.connection._timeout = 0.3
        imap_idle.idle(line.connection, 0.2, 60, wake)  # no news: it asks to end, and nobody answers that


def test_idle_is_woken(wake: WakeUp) -> None:
    wake.set()
    with Line(_IDLING + b"", stay=True) as line:
        threading.Timer(0.05, lambda: line.there.sendall(b"MGIDLE OK done\r\n")).start()
        assert imap_idle.idle(line.connection, 60, 60, wake) == "woken"


def test_idle_that_is_refused_or_lost(wake: WakeUp) -> None:
    with Line(b"MGIDLE BAD what is that\r\n", stay=True) as line:
        assert imap_idle.idle(line.connection, 60, 60, wake) == "lost"
    with Line(_IDLING) as line, pytest.raises(ConnectionError):
        imap_idle.idle(line.connection, 60, 60, wake)
    with Line(_IDLING + b"* BYE Autologout\r\n", stay=True) as line, pytest.raises(ConnectionError):
        imap_idle.idle(line.connection, 60, 60, wake)


def test_idle_is_renewed(wake: WakeUp) -> None:
    with Line(_IDLING + b"", stay=True) as line:
        heard: list[bytes] = []

        def serve() -> None:
            talk = line.there.makefile("rb")
            for command in iter(talk.readline, b""):
                heard.append(command)
                if command == b"DONE\r\n":
                    line.there.sendall(b"MGIDLE OK done\r\n")
                    if len(heard) >= 6:
                        wake.set()
                elif len(heard) > 1:
                    line.there.sendall(_IDLING)
            talk.close()

        thread = threading.Thread(target=serve)
        thread.start()
        assert imap_idle.idle(line.connection, 60, 0.02, wake) == "woken"
        line.connection.close()
        thread.join()
        assert heard[:4] == [b"MGIDLE IDLE\r\n", b"DONE\r\n"] * 2


def test_words_of_a_server_fit_one_line() -> None:
    assert one_line(b"a\r\nINFO forged\x00\x1b[0m").isprintable()
    assert one_line(b"  \xff ") == "\ufffd"
    assert len(one_line("x" * 500)) == 300
