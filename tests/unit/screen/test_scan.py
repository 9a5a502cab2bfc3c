"""The scanners' clients against servers that answer, refuse, drip, lie and say nothing."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailgate.config import parse_config
from mailgate.config.schema import Screen
from mailgate.errors import ConfigError
from mailgate.mail.message import Envelope
from mailgate.screen import scan, scanners
from mailgate.screen.scan import Content, Sample
from mailgate.screen.scan.line import split_place
from mailgate.screen.scan.patience import Patience
from mailgate.screen.scan.sample import one_line
from mailgate.store.spool import Client

RAW = b"From: jo@sender.example\r\nSubject: hello\r\n\r\nHello\r\n"
SAMPLE = Sample(
    Content.of(RAW),
    Envelope("jo@sender.example", ("support@help.example.com", "b@help.example.com")),
    Client(ip="203.0.114.5", helo="out.sender.example", auth_user="jo"),
    "ABCDEF2345",
    "mx.help.example.com",
)
Talk = Callable[[socket.socket], None]


@contextlib.contextmanager
def server(talk: Talk, path: Path | None = None) -> Iterator[str]:
    """One connection after the other, each given to `talk`; gives the place for the configuration."""
    if path is None:
        listener = socket.create_server(("127.0.0.1", 0))
        place = f"127.0.0.1:{listener.getsockname()[1]}"
    else:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        place = f"unix:{path}"
    over = threading.Event()

    def serve() -> None:
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                if over.is_set():
                    return
                talk(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield place
    finally:
        over.set()
        with contextlib.suppress(OSError), socket.socket(listener.family) as waker:
            waker.connect(listener.getsockname())
        thread.join()
        listener.close()


def answer(text: bytes, until: bytes, seen: list[bytes] | None = None) -> Talk:
    """Reads up to the end that `until` marks, then answers."""

    def talk(connection: socket.socket) -> None:
        data = b""
        while until not in data and (piece := connection.recv(65536)):
            data += piece
        if seen is not None:
            seen.append(data)
        connection.sendall(text)

    return talk


def clamd(text: bytes, seen: list[bytes] | None = None) -> Talk:
    """Reads a stream as clamd does, to its end, then answers."""

    def talk(connection: socket.socket) -> None:
        assert connection.recv(10, socket.MSG_WAITALL) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(connection.recv(4, socket.MSG_WAITALL), "big"):
            content += connection.recv(size, socket.MSG_WAITALL)
        if seen is not None:
            seen.append(content)
        connection.sendall(text)

    return talk


def ask(name: str, place: str, sample: Sample = SAMPLE, **settings: Any) -> dict[str, Any]:
    screen = Screen()
    part = getattr(screen, name)
    part.enabled = True
    if name == "rspamd":
        part.url = place if place.startswith("unix:") else f"http://{place}"
    else:
        part.address = place
    part.timeout = timedelta(seconds=20)
    for key, value in settings.items():
        setattr(part, key, value)
    (found,) = scan.scan(sample, screen)
    return found


def http_answer(body: str, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


# -- rspamd -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "score", "action"),
    [
        ('{"score": 1.5, "action": "no action", "symbols": {}}', 1.5, None),
        ('{"score": 6.0, "action": "add header"}', 6.0, "tag"),
        ('{"score": 10, "action": "add header"}', 10.0, "hold"),
        ('{"score": 20.5, "action": "reject"}', 20.5, "reject"),
        ('{"score": 0, "action": "reject"}', 0.0, "hold"),  # a forced action, such as a virus
        ('{"score": -3, "action": "greylist"}', -3.0, None),
    ],
)
def test_rspamd(body: str, score: float, action: str | None) -> None:
    with server(answer(http_answer(body), b"Hello\r\n")) as place:
        found = ask("rspamd", place, reject_score=20.0)
    assert (found["score"], found["action"], found["error"]) == (score, action, None)


def test_rspamd_hears_of_the_envelope(tmp_path: Path) -> None:
    seen: list[bytes] = []
    body = (
        '{"score": 7, "action": "add header", "symbols": {"A": {"score": 0.5}, "B": {"score": -4}, "C": {"score": 0}}}'
    )
    with server(answer(http_answer(body), b"Hello\r\n", seen), tmp_path / "s") as place:
        found = ask("rspamd", place)
    assert found["detail"] == "add header: B -4, A 0.5"
    head, _, raw = seen[0].partition(b"\r\n\r\n")
    assert raw == RAW
    assert head.startswith(b"POST /checkv2 HTTP/1.1\r\n")
    for line in (
        b"From: jo@sender.example", b"Rcpt: support@help.example.com", b"Rcpt: b@help.example.com", b"IP: 203.0.114.5",
        b"Helo: out.sender.example", b"User: jo", b"Queue-Id: ABCDEF2345", b"MTA-Name: mx.help.example.com",
    ):  # fmt: skip
        assert line in head.split(b"\r\n")


def test_an_envelope_cannot_add_lines() -> None:
    seen: list[bytes] = []
    hostile = Sample(
        Content.of(RAW), Envelope("a@x\r\nIP: 1.2.3.4", ("b@ü\n\nx",)), Client(ip="203.0.114.5", helo="h\r\nX: y")
    )
    with server(answer(http_answer('{"score": 0}'), b"Hello\r\n", seen)) as place:
        assert ask("rspamd", place, hostile)["score"] == 0
    head = seen[0].partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert [line for line in head if line.startswith((b"IP:", b"X:"))] == [b"IP: 203.0.114.5"]
    with server(answer(b"SPAMD/1.1 0 EX_OK\r\nSpam: False ; 0.0 / 5.0\r\n\r\n", b"Hello\r\n", seen)) as place:
        assert ask("spamassassin", place, hostile)["score"] == 0
    assert b"\r\nX: y" not in seen[1]
    assert b"\r\nIP: 1" not in seen[1]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (http_answer("not json"), "gave no score"),
        (http_answer('{"error": "x"}'), "gave no score"),
        (http_answer('["score"]'), "gave no score"),
        (http_answer("busy", "503 Busy"), "answered 503"),
        (b"SSH-2.0-x\r\n", "SSH"),
        (b"", ""),
    ],
)
def test_rspamd_that_talks_nonsense(text: bytes, error: str) -> None:
    with server(answer(text, b"Hello\r\n")) as place:
        found = ask("rspamd", place)
    assert error in found["error"]
    assert found["unscanned"]


# -- spamd --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "score", "action"),
    [
        (b"SPAMD/1.1 0 EX_OK\r\nContent-length: 9\r\nSpam: True ; 15.3 / 5.0\r\n\r\nONE,TWO\r\n", 15.3, "reject"),
        (b"SPAMD/1.1 0 EX_OK\r\nSpam: True ; 8 / 5.0\r\n\r\n", 8.0, "hold"),
        (b"SPAMD/1.1 0 EX_OK\r\nSpam: False ; -1.2 / 5.0\r\n\r\n", -1.2, None),
        (b"SPAMD/1.5 0 EX_OK\r\nspam: Yes ; 5.0 / 5.0\r\n\r\n", 5.0, "tag"),
    ],
)
def test_spamd(text: bytes, score: float, action: str | None) -> None:
    seen: list[bytes] = []
    with server(answer(text, b"Hello\r\n", seen)) as place:
        found = ask("spamassassin", place, reject_score=15.0)
    assert (found["score"], found["action"], found["error"]) == (score, action, None)
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head == b"SYMBOLS SPAMC/1.5\r\nContent-length: %d" % len(body)
    assert body.startswith(
        b"Return-Path: <jo@sender.example>\r\nReceived: from out.sender.example (out.sender.example [203.0.114.5])"
    )
    assert body.endswith(RAW)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"SPAMD/1.1 76 Bad header line\r\n\r\n", "Bad header line"),
        (b"SPAMD/1.1 0 EX_OK\r\nContent-length: 3\r\n\r\nABC", "gave no score"),
        (b"", "closed the connection"),
        (b"\xff" * 200_000, "answered"),
    ],
)
def test_spamd_that_talks_nonsense(text: bytes, error: str) -> None:
    with server(answer(text, b"Hello\r\n")) as place:
        assert error in ask("spamassassin", place)["error"]


def test_spamd_is_not_asked_about_large_mail() -> None:
    found = ask("spamassassin", "127.0.0.1:1", max_size=10)
    assert (found["error"], found["unscanned"], "not asked" in found["detail"]) == (None, False, True)


# -- clamd --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "virus", "error", "unscanned"),
    [
        (b"stream: OK\0", None, None, False),
        (b"stream: Eicar-Test-Signature FOUND\0", "Eicar-Test-Signature", None, False),
        (b"stream: A name of words FOUND\0", "A name of words", None, False),
        (b"INSTREAM size limit exceeded. ERROR\0", None, None, True),
        (b"stream: Can't allocate memory ERROR\0", None, "allocate memory", True),
        (b"", None, "closed the connection", True),
    ],
)
def test_clamd(text: bytes, virus: str | None, error: str | None, unscanned: bool) -> None:
    with server(clamd(text)) as place:
        found = ask("clamav", place)
    assert (found["virus"], found["unscanned"]) == (virus, unscanned)
    assert (error or "") in (found["error"] or "")
    assert bool(error) == bool(found["error"])


def test_clamd_gets_a_file_in_pieces(tmp_path: Path) -> None:
    data = bytes(range(256)) * 2000
    (tmp_path / "blob").write_bytes(data)
    seen: list[bytes] = []
    sample = Sample(Content(len(data), path=tmp_path / "blob"), Envelope(None))
    with server(clamd(b"stream: OK\0", seen), tmp_path / "clamd") as place:
        assert ask("clamav", place, sample)["error"] is None
    assert seen == [data]


def test_a_stream_that_clamd_breaks_off_is_too_long_where_clamd_is_alive() -> None:
    sample = Sample(Content.of(b"x" * 8_000_000), Envelope(None))
    calls = iter((b"reset", b"alive"))

    def talk(connection: socket.socket) -> None:
        if next(calls) == b"reset":
            connection.recv(1000)  # and closed with the rest unread: a reset
        else:
            answer(b"ClamAV 1.4.6\0", b"\0")(connection)

    with server(talk) as place:
        found = ask("clamav", place, sample)
    assert (found["error"], found["unscanned"]) == (None, True)
    assert "StreamMaxLength" in found["detail"]


def test_more_than_max_size_is_marked_and_no_error() -> None:
    found = ask("clamav", "127.0.0.1:1", max_size=10)
    assert (found["error"], found["unscanned"]) == (None, True)


# -- all of them --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rspamd", "spamassassin", "clamav"])
def test_nobody_listens(name: str, tmp_path: Path) -> None:
    assert ask(name, f"unix:{tmp_path}/none")["error"] == "No such file or directory"
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert ask(name, f"127.0.0.1:{bound.getsockname()[1]}")["error"] == "Connection refused"


@pytest.mark.parametrize("name", ["rspamd", "spamassassin", "clamav"])
def test_a_scanner_that_says_nothing(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = ask(name, f"127.0.0.1:{silent.getsockname()[1]}", timeout=timedelta(seconds=0.2))
    assert found["error"] == "no answer within 0.2 s"


@pytest.mark.parametrize("name", ["rspamd", "spamassassin", "clamav"])
def test_a_scanner_that_drips_its_answer(name: str) -> None:
    over = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" if name == "rspamd" else b"S")
        while not over.wait(0.02):
            connection.sendall(b"x")

    with server(talk) as place:
        found = ask(name, place, timeout=timedelta(seconds=0.3))
        over.set()
    assert found["error"] == "no answer within 0.3 s"


def test_a_scanner_that_hangs_is_waited_for_more_briefly_until_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "_patience", Patience())
    monkeypatch.setattr("mailgate.screen.scan.patience._SHORT_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        errors = [ask("clamav", place, timeout=timedelta(seconds=0.3))["error"] for _ in range(4)]
    assert errors == ["no answer within 0.3 s"] * 3 + ["no answer within 0.05 s"]
    monkeypatch.setattr("mailgate.screen.scan.patience._SHORT_SECONDS", 20.0)
    with server(clamd(b"stream: OK\0")) as place:
        assert ask("clamav", place)["error"] is None
    assert scan._patience.seconds("clamav", 60.0) == 60.0


def test_patience_counts_questions_in_a_row() -> None:
    patience = Patience()
    assert [patience.note("rspamd", over) for over in (True, True, False, True, True, True, True, False)] == [
        None, None, None, None, None, True, None, False,
    ]  # fmt: skip
    assert patience.seconds("rspamd", 1.5) == 1.5
    for _ in range(3):
        patience.note("rspamd", True)
    assert (patience.seconds("rspamd", 30.0), patience.seconds("rspamd", 1.5), patience.seconds("clamav", 30.0)) == (
        2.0, 1.5, 30.0,
    )  # fmt: skip


def test_a_scanner_that_works_again_slowly_gets_its_whole_time_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one that needs three seconds for every message would never be heard again."""
    now = [1000.0]
    monkeypatch.setattr("mailgate.clock.monotonic", lambda: now[0])
    patience = Patience()
    for _ in range(3):
        patience.seconds("rspamd", 30.0)
        patience.note("rspamd", True)
    given = []
    for _ in range(13):
        now[0] += 10
        given.append(patience.seconds("rspamd", 30.0))
        patience.note("rspamd", True)
    assert given == [2.0] * 5 + [30.0] + [2.0] * 5 + [30.0] + [2.0]


@pytest.mark.parametrize("name", ["rspamd", "spamassassin", "clamav"])
def test_a_place_that_is_none(name: str) -> None:
    assert "neither" in ask(name, "ftp:x")["error"]


def test_a_host_name_that_never_resolves_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(60))
    monkeypatch.setattr(scan, "_GRACE_SECONDS", 0.1)
    found = ask("clamav", "scanner.example:3310", timeout=timedelta(seconds=0.1))
    assert found["error"] == "no answer, and no end of waiting for it"
    monkeypatch.undo()
    over.set()


def test_all_at_once_in_a_fixed_order(tmp_path: Path) -> None:
    screen = Screen()
    for part in (screen.rspamd, screen.spamassassin, screen.clamav):
        part.enabled = True
    screen.rspamd.url = f"unix:{tmp_path}/a"
    screen.spamassassin.address = screen.clamav.address = f"unix:{tmp_path}/b"
    assert [item["scanner"] for item in scan.scan(SAMPLE, screen)] == ["rspamd", "spamassassin", "clamav"]
    assert [(name, answers) for name, answers, _ in scan.probe(screen)] == [
        ("rspamd", False), ("spamassassin", False), ("clamav", False),
    ]  # fmt: skip


def test_no_scanner_no_wait() -> None:
    assert scan.scan(SAMPLE, Screen()) == []
    assert scan.probe(Screen()) == []
    assert scan.wait_seconds(Screen()) == 0.0
    assert not scan.is_wanted(Screen())


@pytest.mark.parametrize(
    ("place", "found"), [("127.0.0.1:783", ("127.0.0.1", 783)), ("[::1]:783", ("::1", 783)), ("spamd:1", ("spamd", 1))]
)
def test_places(place: str, found: tuple[str, int]) -> None:
    assert split_place(place) == found


@pytest.mark.parametrize("place", ["", "host", ":1", "host:", "host:0", "host:99999", "host:²"])
def test_places_that_are_none(place: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        split_place(place)


def test_one_line() -> None:
    assert one_line("a\r\n\x00b\u2028c" + "d" * 1000, 10) == "a b cddddd"


# -- what follows -------------------------------------------------------------------------------------------------


def _scan(scanner: str = "rspamd", **more: Any) -> dict[str, Any]:
    return {"scanner": scanner, "score": None, "action": None, "virus": None, "error": None, **more}


@pytest.mark.parametrize(
    ("scans", "code"),
    [
        ([], None),
        ([_scan()], None),
        ([_scan(action="hold")], None),
        ([_scan(action="reject")], "550"),
        ([_scan("clamav", virus="X")], "550"),
        ([_scan("clamav", error="down")], "451"),
        ([_scan("rspamd", error="down")], None),
        ([_scan("clamav", error="down"), _scan(action="reject")], "550"),
    ],
)
def test_refusals(scans: list[dict[str, Any]], code: str | None) -> None:
    screen = Screen()
    screen.clamav.reject = True
    screen.clamav.on_failure = "defer"
    reply = scanners.refusal(scans, screen)
    assert (reply and reply[:3]) == code


def test_viruses_are_held_unless_refusing_is_wanted() -> None:
    assert scanners.refusal([_scan("clamav", virus="X")], Screen()) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('resolver = ["dns.example"]', "screen.resolver"),
        ('resolver = ["127.0.0.1:0"]', "screen.resolver"),
        ('dns_timeout = "0s"', "screen.dns_timeout"),
        ('rspamd = { enabled = true, url = "https://x" }', "screen.rspamd.url"),
        ('rspamd = { enabled = true, url = "http://x:y" }', "screen.rspamd.url"),
        ("rspamd = { enabled = true, tag_score = 11.0 }", "screen.rspamd: tag_score"),
        ("spamassassin = { enabled = true, reject_score = 1.0 }", "screen.spamassassin: tag_score"),
        ('spamassassin = { enabled = true, address = "x" }', "screen.spamassassin.address"),
        ('clamav = { enabled = true, address = "unix:" }', "screen.clamav.address"),
        ('clamav = { enabled = true, timeout = "0s" }', "screen.clamav.timeout"),
    ],
)
def test_faults_of_the_configuration(text: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        parse_config(f"[screen]\n{text}\n")


@pytest.mark.parametrize(
    "text",
    [
        'resolver = ["127.0.0.1", "::1", "[::1]:5353", "127.0.0.1:5353"]',
        'rspamd = { enabled = true, url = "unix:/run/rspamd/worker" }',
        'rspamd = { enabled = true, url = "http://[::1]" }',
        'clamav = { enabled = true, address = "clamav:3310" }',
    ],
)
def test_what_the_configuration_may_say(text: str) -> None:
    assert parse_config(f"[screen]\n{text}\n")
