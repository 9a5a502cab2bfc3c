"""The server itself: where it listens, what monitoring gets, what stands in every header."""

import http.client
import re
import socket
from pathlib import Path

import pytest

from mailgate.config import Config
from mailgate.errors import ConfigError
from mailgate.store import Store
from mailgate.web import WebServer
from tests.support.web_site import WebSite


def test_health_is_good_while_hands_live_and_the_database_answers(site: WebSite) -> None:
    page = site.browser().get("/healthz")
    assert (page.status, page.body) == (200, b'{"status": "ok"}')
    site.numbers["stuck"] = ["reactor"]
    page = site.browser().get("/healthz")
    assert page.status == 503
    assert b"reactor" in page.body


def test_health_is_bad_without_a_database(tmp_path: Path) -> None:
    site = WebSite(tmp_path)
    try:
        with site.store.read():  # this thread's own connection stays; the server's threads have none yet
            (tmp_path / "data" / "mailgate.db").rename(tmp_path / "gone.db")
        assert site.browser().get("/healthz").status == 503
        page = site.browser().get("/metrics")
        assert "mailgate_up 0" in page.text
    finally:
        (tmp_path / "data" / "mailgate.db").unlink(missing_ok=True)
        (tmp_path / "gone.db").rename(tmp_path / "data" / "mailgate.db")
        site.close()


def test_metrics_are_prometheus_text(site: WebSite) -> None:
    site.numbers["histograms"] = {
        "intake_seconds": {"help": "Time.", "buckets": [(0.1, 3), (1, 4)], "sum": 1.5, "count": 5}
    }
    site.browser().get("/nothing-here")
    page = site.browser().get("/metrics")
    assert page.headers["Content-Type"] == "text/plain; version=0.0.4"
    lines = page.text.splitlines()
    for line in lines:
        assert re.match(r'# (HELP|TYPE) mailgate_\w+ .+|mailgate_\w+(\{(\w+="[^"\n]*",?)+\})? -?[\d.e+-]+$', line), line
    for expected in (
        "mailgate_up 1", "mailgate_smtp_received_total 7", 'mailgate_intake_outcomes_total{outcome="reply"} 2',
        "mailgate_spool_depth 0", "mailgate_outbox_oldest_seconds 0", 'mailgate_web_requests_total{status="4xx"} 1',
        'mailgate_intake_seconds_bucket{le="0.1"} 3', 'mailgate_intake_seconds_bucket{le="+Inf"} 5',
        "mailgate_intake_seconds_sum 1.5", 'mailgate_web_request_seconds_bucket{le="+Inf"} 1',
        "mailgate_web_request_seconds_count 1",
    ):  # fmt: skip
        assert expected in lines


def test_metrics_are_not_for_those_behind_the_proxy(site: WebSite) -> None:
    assert site.browser().get("/metrics", X_Forwarded_For="192.0.2.1").status == 404


def test_every_answer_carries_the_strict_header(site: WebSite) -> None:
    signed_in = site.browser()
    signed_in.sign_in("requester")
    for page in (
        site.browser().get("/sign-in"), site.browser().get("/t/1"), site.browser().get("/nothing"),
        site.browser().get("/healthz"), signed_in.get("/t/1"), site.browser().ask("DELETE", "/"),
    ):  # fmt: skip
        header = page.headers
        assert "default-src 'none'" in header["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in header["Content-Security-Policy"]
        assert "unsafe" not in header["Content-Security-Policy"]
        assert header["Referrer-Policy"] == "no-referrer"
        assert header["X-Content-Type-Options"] == "nosniff"
        assert header["Cache-Control"] == "no-store"
        assert header["Server"] == "mailgate"
        assert header["Strict-Transport-Security"] is None


def test_https_gives_a_secure_cookie_and_hsts(tmp_path: Path) -> None:
    site = WebSite(tmp_path, base_url="https://help.example.com/desk")
    try:
        page = site.browser().get("/sign-in")
        cookie = page.headers["Set-Cookie"]
        assert cookie.startswith("__Host-mailgate=")
        for word in ("; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"):
            assert word in cookie
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert 'action="/desk/sign-in"' in page.text, "addresses on the page keep the path of the base URL"
        assert site.browser().get("/desk/sign-in").status == 200, "a proxy may leave the path in"
    finally:
        site.close()


def test_the_host_field_leads_nowhere(site: WebSite) -> None:
    for method, path in (("GET", "/"), ("GET", "/t/1"), ("GET", "/sign-in"), ("GET", "/nothing")):
        page = site.browser().ask(method, path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert b"evil" not in page.body
        assert "evil" not in page.location


def test_it_listens_on_a_socket_file_and_replaces_a_stale_one(tmp_path: Path) -> None:
    stale = tmp_path / "web.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(stale))
    config = Config(path=str(tmp_path / "config.toml"))
    config.web.listen = ["unix:web.sock", "127.0.0.1:0", "[::1]:0"]
    store = Store.open(tmp_path / "data")
    server = WebServer(config, store, lambda: {"stuck": []})
    server.start()
    try:
        assert server.addresses[0] == f"unix:{stale}"
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(stale))
            client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert client.makefile("rb").readline().startswith(b"HTTP/1.0 200")
        assert server.addresses[2].startswith("[::1]:")
    finally:
        server.stop()
        store.close()


@pytest.mark.parametrize("place", ["nonsense", "127.0.0.1:port", "127.0.0.1:99999", "192.0.2.77:80"])
def test_a_place_that_cannot_be_bound_is_a_wrong_configuration(tmp_path: Path, place: str) -> None:
    config = Config(path=str(tmp_path / "config.toml"))
    config.web.listen = ["127.0.0.1:0", place]
    store = Store.open(tmp_path / "data")
    server = WebServer(config, store, dict)
    try:
        with pytest.raises(ConfigError, match=r"web\.listen"):
            server.start()
        assert server.addresses == []
    finally:
        store.close()


def test_no_place_is_no_server(tmp_path: Path) -> None:
    config = Config(path=str(tmp_path / "config.toml"))
    config.web.listen = []
    store = Store.open(tmp_path / "data")
    server = WebServer(config, store, dict)
    server.start()
    server.stop()
    assert server.addresses == []
    store.close()


def test_reload_binds_new_places_and_drops_no_connection(site: WebSite) -> None:
    old = site.address
    kept = http.client.HTTPConnection(old, timeout=10)
    kept.request("GET", "/healthz")
    assert kept.getresponse().read() == b'{"status": "ok"}'
    changed = Config(path=site.config.path)
    changed.general.data_dir = site.config.general.data_dir
    changed.web.listen = ["127.0.0.1:0", "localhost:0"]
    changed.outgoing.from_name = "New Name"
    site.server.reload(changed)
    assert len(site.server.addresses) == 2
    assert site.server.addresses[0] == old
    kept.request("GET", "/sign-in")
    assert "New Name" in kept.getresponse().read().decode()
    kept.close()


def test_reload_with_a_place_in_use_keeps_the_old_ones(site: WebSite) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        changed = Config(path=site.config.path)
        changed.web.listen = [*site.config.web.listen, f"127.0.0.1:{taken.getsockname()[1]}"]
        site.server.reload(changed)
    assert site.browser().get("/healthz").status == 200


def test_too_large_a_header_is_refused(site: WebSite) -> None:
    assert site.browser().get("/", X_Long="x" * 20_000).status == 400
    assert site.browser().get("/" + "x" * 20_000).status in (400, 414)


def test_reload_to_a_place_in_use_where_nothing_listened_is_logged_and_tried_again(tmp_path: Path) -> None:
    config = Config(path=str(tmp_path / "config.toml"))
    config.web.listen = []
    store = Store.open(tmp_path / "data")
    server = WebServer(config, store, dict)
    server.start()
    changed = Config(path=config.path)
    try:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            changed.web.listen = [f"127.0.0.1:{taken.getsockname()[1]}"]
            server.reload(changed)
            assert server.addresses == []
        changed.web.listen = ["127.0.0.1:0"]
        server.reload(changed)
        assert len(server.addresses) == 1
    finally:
        server.stop()
        store.close()
