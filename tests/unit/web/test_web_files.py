"""Attachments: who gets them, and that a browser never runs one."""

import re
from pathlib import Path

import pytest

from mailgate import clock
from mailgate.store.blobs import BORDER
from mailgate.web.files import disposition
from tests.support.web_site import PASSWORD, WebSite

# aiohttp leaves a file to the collector where the client has gone before the first byte.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def test_a_file_is_a_download_in_a_sandbox(site: WebSite) -> None:
    file_id = site.add_file("evil.html", b"<script>alert(1)</script>", "text/html")
    browser = site.browser()
    browser.sign_in("requester")
    page = browser.get(f"/a/{file_id}")
    assert (page.status, page.body) == (200, b"<script>alert(1)</script>")
    assert page.headers["Content-Type"] == "application/octet-stream"
    assert page.headers["Content-Disposition"].startswith("attachment; ")
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_svg_is_no_image(site: WebSite) -> None:
    file_id = site.add_file("x.svg", b"<svg onload='alert(1)'/>", "image/svg+xml", inline=True, content_id="s@x")
    browser = site.browser()
    browser.sign_in("requester")
    assert browser.get(f"/a/{file_id}").headers["Content-Type"] == "application/octet-stream"
    page = browser.get("/t/1")
    assert "<img" not in page.text
    assert "x.svg" in page.words, "it is listed as a file"


def test_an_inline_image_is_shown_from_here(site: WebSite) -> None:
    file_id = site.add_file("shot.png", b"\x89PNG\r\n\x1a\n", "image/png", inline=True, content_id="shot@x")
    browser = site.browser()
    browser.sign_in("requester")
    page = browser.get("/t/1").text
    assert re.search(rf'<img src="/a/{file_id}" alt="screen"', page)
    assert browser.get(f"/a/{file_id}").headers["Content-Type"] == "image/png"


@pytest.mark.parametrize("size", [0, 1, BORDER, BORDER + 1, 3_000_000])
def test_bytes_of_any_size_come_back_unchanged(site: WebSite, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    file_id = site.add_file("data.bin", data)
    browser = site.browser()
    browser.sign_in("requester")
    assert browser.get(f"/a/{file_id}").body == data
    head = browser.ask("HEAD", f"/a/{file_id}")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == (str(size) if size else None)


def test_somebody_elses_file_is_not_found(site: WebSite) -> None:
    file_id = site.add_file("plan.txt", b"plan")
    stranger = site.browser()
    stranger.sign_in("stranger")
    theirs, missing = stranger.get(f"/a/{file_id}"), stranger.get("/a/999999")
    assert (theirs.status, missing.status) == (404, 404)
    assert theirs.body == missing.body
    assert site.browser().get(f"/a/{file_id}").location == f"/sign-in?to=a{file_id}&why=first"


def test_files_of_notes_and_strangers_are_not_found(site: WebSite) -> None:
    file_id = site.add_file("plan.txt", b"plan")
    entry = site.entries()[-1]
    for kind, marks in (("note", "[]"), ("message", '["non-subscriber"]')):
        site.store.write(
            lambda tx, k=kind, m=marks: tx.run(
                "UPDATE entry SET kind = :k, marks = :m WHERE id = :id", {"k": k, "m": m, "id": entry.id}
            )
        )
        for name in ("requester", "technician"):
            browser = site.browser()
            browser.sign_in(name)
            assert browser.get(f"/a/{file_id}").status == 404


def test_a_link_from_mail_gives_one_file_to_one_person(site: WebSite) -> None:
    first, second = site.add_file("one.txt", b"one"), site.add_file("two.txt", b"two")
    person = site.person("requester")
    link = _path(site.links.attachment(first, person))
    assert site.browser().get(link).body == b"one"
    token = link.partition("?k=")[2]
    assert site.browser().get(f"/a/{second}?k={token}").status == 303
    assert site.browser().get(f"/t/1?k={token}").location.startswith("/sign-in")
    stranger = _path(site.links.attachment(first, site.person("stranger")))
    assert site.browser().get(stranger).status == 404
    with clock.frozen(clock.now() + 3 * 86400 + 60):
        assert site.browser().get(link).status == 303
    site.change("requester", password_hash="changed")
    assert site.browser().get(link).status == 303


def test_without_attachments_in_mail_no_link_leads_to_a_file(site: WebSite) -> None:
    file_id = site.add_file("record.txt", b"health")
    image_id = site.add_file("scan.png", b"\x89PNG", "image/png", inline=True, content_id="scan@x")
    person = site.person("requester")
    file_link, ticket_link = _path(site.links.attachment(file_id, person)), _path(site.links.ticket(1, person))
    site.config.notifications.include_attachments = False
    browser = site.browser()
    assert browser.get(file_link).location == f"/sign-in?to=a{file_id}&why=first"
    browser.get(ticket_link)
    page = browser.get("/t/1")
    assert page.status == 200
    assert "/a/" not in page.text, "neither links nor images"
    assert "record.txt" in page.words
    for number in (file_id, image_id):
        assert browser.get(f"/a/{number}").location == f"/sign-in?to=a{number}&why=files"
    form = browser.get(f"/sign-in?to=a{file_id}&why=files")
    assert form.status == 200, "the form, not a circle"
    fields = {"who": "requester", "password": PASSWORD, "token": form.token, "to": f"a{file_id}"}
    assert browser.post("/sign-in", fields).location == f"/a/{file_id}"
    assert browser.get(f"/a/{file_id}").body == b"health"
    assert "<img" not in browser.get("/t/1").text


def test_names_cannot_break_the_header() -> None:
    for name in ('a"; filename=evil', "a\r\nX-Evil: 1", "../../etc/passwd", "şekil ğ.pdf", "‮gpj.exe", "x" * 5000, ""):
        made = disposition(name)
        assert re.fullmatch(
            r"attachment; filename=\"[A-Za-z0-9 ._()+,-]{1,150}\"; filename\*=UTF-8''[A-Za-z0-9._~%-]*", made
        )
    assert disposition("şekil.pdf").endswith("filename*=UTF-8''%C5%9Fekil.pdf")


def test_hostile_names_travel_as_text(site: WebSite) -> None:
    file_id = site.add_file("a\r\nSet-Cookie: mailgate=evil\r\n\r\n.txt", b"x")
    browser = site.browser()
    browser.sign_in("requester")
    cookie = browser.cookie
    page = browser.get(f"/a/{file_id}")
    assert page.status == 200
    assert page.headers["Set-Cookie"] is None
    assert browser.cookie == cookie


@pytest.mark.parametrize(
    "path", ["/a/../t/1", "/a/%2e%2e/%2e%2e/etc/passwd", "/a/1/../../x", "/a/-1", "/a/1e3", "/a/" + "9" * 30]
)
def test_path_tricks_are_not_found(site: WebSite, path: str) -> None:
    browser = site.browser()
    browser.sign_in("requester")
    assert browser.get(path).status in (200, 404)
    assert b"root:" not in browser.get(path).body


def test_removed_bytes_are_not_found(site: WebSite, tmp_path: Path) -> None:
    small, large = site.add_file("s.txt", b"small"), site.add_file("l.bin", b"l" * 300_000)
    browser = site.browser()
    browser.sign_in("requester")
    for path in (tmp_path / "data" / "blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    site.store.write(lambda tx: tx.run("DELETE FROM blob WHERE packing <> 'file'"))
    assert browser.get(f"/a/{small}").status == 404
    assert browser.get(f"/a/{large}").status == 404
