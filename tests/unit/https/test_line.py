"""Requests that end: slow, cut, endless and lying servers; whom a line trusts; what it never sends on."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import tracemalloc
from collections.abc import Iterator

import pytest

from mailgate.https.line import Line, TooLargeError, tls_context
from tests.support.fake_https import FakeHttps, Reply, Request

_BOMB = gzip.compress(b"0" * 40_000_000, 1)


def _answer(request: Request) -> Reply:
    if request.path == "/echo":
        return Reply(200, request.body or b"nothing")
    if request.path == "/zip":
        return Reply(200, _BOMB, {"Content-Encoding": "gzip"})
    if request.path == "/away":
        return Reply(302, b"", {"Location": "https://elsewhere.example/"})
    return Reply(404, b"no such thing")


@pytest.fixture
def server() -> Iterator[FakeHttps]:
    fake = FakeHttps(_answer)
    yield fake
    fake.close()


@pytest.fixture
def line(server: FakeHttps) -> Iterator[Line]:
    made = Line(1.0, tls_context(server.ca_file))
    yield made
    made.close()


def test_one_connection_serves_many_requests(server: FakeHttps, line: Line) -> None:
    for _ in range(3):
        assert line.ask("POST", server.url + "/echo", form={"a": "b"}).body == b"a=b"
    assert len({request.connection for request in server.requests}) == 1
    assert line.trouble is None


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_a_slow_server_hits_the_limit(server: FakeHttps, kind: str) -> None:
    line = Line(0.3, tls_context(server.ca_file))
    server.fail("GET /echo", kind)
    with pytest.raises(TimeoutError):
        line.ask("GET", server.url + "/echo")
    assert line.ask("GET", server.url + "/echo").body == b"nothing"
    server.fail("GET /echo", kind)
    with pytest.raises(TimeoutError):
        line.download(server.url + "/echo", lambda _: None, limit=10**6)
    line.close()


@pytest.mark.parametrize("kind", ["cut", "cut_in_body"])
def test_a_cut_connection_is_an_error_and_the_next_request_works(server: FakeHttps, line: Line, kind: str) -> None:
    server.fail("GET /echo", kind, times=2)
    with pytest.raises(ConnectionError):
        line.ask("GET", server.url + "/echo")
    with pytest.raises(ConnectionError):
        line.download(server.url + "/echo", lambda _: None, limit=10**6)
    assert line.ask("GET", server.url + "/echo").body == b"nothing"


@pytest.mark.parametrize("kind", ["huge", "endless"])
def test_an_answer_without_end_takes_no_memory(server: FakeHttps, line: Line, kind: str) -> None:
    line.limit = 1_000_000
    server.fail("GET /echo", kind, times=2)
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            line.ask("GET", server.url + "/echo")
        got = 0

        def count(piece: bytes) -> None:
            nonlocal got
            got += len(piece)

        with pytest.raises(TooLargeError):
            line.download(server.url + "/echo", count, limit=3_000_000)
        assert got <= 3_000_000
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()


def test_a_compressed_bomb_is_counted_as_it_opens(server: FakeHttps, line: Line) -> None:
    line.limit = 1_000_000
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            line.ask("GET", server.url + "/zip")
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_another_answer_than_200_is_no_download(server: FakeHttps, line: Line) -> None:
    answer = line.download(server.url + "/none", lambda _: pytest.fail("received"), limit=100)
    assert (answer.status, answer.body) == (404, b"no such thing")


def test_redirects_are_not_followed(server: FakeHttps, line: Line) -> None:
    answer = line.ask("GET", server.url + "/away")
    assert (answer.status, answer.headers["location"]) == (302, "https://elsewhere.example/")
    session = line.session(server.url)  # as msal uses it
    assert session.post(server.url + "/away", data={"client_secret": "x"}, allow_redirects=True).status_code == 302
    assert len(server.asked) == 2
    session.close()


def test_a_proxy_of_the_environment_is_used_and_cannot_hang(server: FakeHttps, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "")
        line = Line(0.3, tls_context(server.ca_file))
        with pytest.raises(TimeoutError):
            line.ask("GET", "https://mail.example.com/")
        taken, _ = proxy.accept()
        with taken:
            assert taken.recv(100).startswith(b"CONNECT mail.example.com:443 HTTP/1.")
        line.close()


def test_only_the_named_authority_is_trusted(server: FakeHttps) -> None:
    stranger = FakeHttps(_answer)
    line = Line(2.0, tls_context(stranger.ca_file))
    with pytest.raises(ssl.SSLCertVerificationError):
        line.ask("GET", server.url + "/echo")
    assert line.ask("GET", stranger.url + "/echo").status == 200
    system = Line(2.0, tls_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        system.ask("GET", server.url + "/echo")
    both = Line(2.0, tls_context(server.ca_file, beside_system=True))
    assert both.ask("GET", server.url + "/echo").status == 200
    for made in (line, system, both):
        made.close()
    stranger.close()


def test_the_libraries_settings_and_netrc_change_nothing(
    server: FakeHttps, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("home")
    (folder / ".netrc").write_text("machine localhost login thief password stolen\n")
    (folder / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.ca_file))
    line = Line(2.0, tls_context(server.ca_file))
    line.ask("GET", server.url + "/echo", headers={"Authorization": "Bearer mine"})
    assert server.requests[-1].headers["Authorization"] == "Bearer mine"
    line.ask("GET", server.url + "/echo")
    assert server.requests[-1].headers["Authorization"] is None
    untrusting = Line(2.0, tls_context())
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        untrusting.session(server.url).get(server.url + "/echo", verify=False)
    assert isinstance(untrusting.trouble, ssl.SSLCertVerificationError)
    line.close()
    untrusting.close()


def test_abort_from_another_thread_ends_the_wait(server: FakeHttps) -> None:
    line = Line(600.0, tls_context(server.ca_file))
    server.fail("GET /echo", "hang")
    ended: list[BaseException] = []

    def ask() -> None:
        try:
            line.ask("GET", server.url + "/echo")
        except OSError as error:
            ended.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while not server.asked:
        thread.join(0.01)
    line.abort()
    thread.join(20)
    assert not thread.is_alive()
    assert len(ended) == 1
    line.close()


def test_nothing_listens() -> None:
    line = Line(2.0, tls_context())
    with pytest.raises(ConnectionRefusedError):
        line.ask("GET", "https://127.0.0.1:1/")
    with pytest.raises(OSError):
        line.ask("GET", "https://no-such-host.invalid/")
    line.close()
