"""Answering, closing, rating and leaving on the ticket's page; what comes of it, and what does not."""

from pathlib import Path

import pytest

from mailgate.store import tickets
from tests.support.web_site import Browser, Page, WebSite, multipart


def _signed_in(site: WebSite, name: str = "requester") -> tuple[Browser, Page]:
    browser = site.browser()
    browser.sign_in(name)
    return browser, browser.get("/t/1")


def test_a_customers_answer_is_a_message_with_its_files(site: WebSite) -> None:
    site.store.write(lambda tx: tickets.change(tx, 1, status="waiting"))
    browser, page = _signed_in(site)
    large = b"L" * 400_000
    answer = browser.send(
        "/t/1/reply", [("token", page.token), ("text", "Still\r\nsmoking"), ("act", "send")],
        [("../../etc/a\"b.txt", "text/plain", b"small"), ("big.bin", "application/x-thing", large), ("", "x/y", b"")],
    )  # fmt: skip
    assert (answer.status, answer.location) == (303, "/t/1?done=replied")
    entry = site.entries()[-1]
    assert (entry.kind, entry.text, entry.author_address) == ("message", "Still\nsmoking", "requester@example.com")
    assert [(item.content_type, item.size) for item in entry.attachments] == [
        ("text/plain", 5), ("application/x-thing", 400_000),
    ]  # fmt: skip
    assert "/" not in entry.attachments[0].filename
    assert browser.get(f"/a/{entry.attachments[1].id}").body == large
    assert site.events() == [("MessageAdded", {"stranger": False, "reopened": False})]
    assert site.ticket().status == "open"
    assert "Your answer is sent" in browser.get(answer.location).words


def test_the_same_answer_twice_is_written_once(site: WebSite) -> None:
    browser, page = _signed_in(site)
    for _ in range(2):
        answer = browser.send("/t/1/reply", [("token", page.token), ("text", "Hello")], [("a.txt", "text/plain", b"a")])
        assert answer.status == 303
    assert len(site.entries()) == 3
    browser.send("/t/1/reply", [("token", page.token), ("text", "Hello again")])
    assert len(site.entries()) == 4


def test_an_answer_opens_a_closed_ticket(site: WebSite) -> None:
    site.store.write(lambda tx: tickets.change(tx, 1, status="closed", closed_at=1_790_001_000.0))
    browser, page = _signed_in(site, "subscriber")
    assert "opens it again" in page.words
    browser.send("/t/1/reply", [("token", page.token), ("text", "Not solved")])
    assert (site.ticket().status, site.ticket().closed_at) == ("open", None)
    assert [kind for kind, _ in site.events()] == ["TicketReopened", "MessageAdded"]


def test_an_answer_long_after_closing_is_a_new_ticket(site: WebSite) -> None:
    site.config.intake.new_ticket_after_closed_days = 30
    site.store.write(lambda tx: tickets.change(tx, 1, status="closed", closed_at=1_000_000_000.0))
    browser, page = _signed_in(site)
    assert "becomes a new ticket" in page.words
    answer = browser.send("/t/1/reply", [("token", page.token), ("text", "Again")], [("a.txt", "text/plain", b"a")])
    assert answer.location == "/t/2?done=replied"
    assert site.ticket(1).is_closed
    assert (site.ticket(2).via, site.entries(2)[0].text) == ("web", "Again")
    with site.store.read() as db:
        assert tickets.links(db, 2) == [{"kind": "follow-up of", "ticket": 1}]
    assert [kind for kind, _ in site.events()] == ["TicketOpened"]


def test_answer_and_close_make_one_event(site: WebSite) -> None:
    browser, page = _signed_in(site)
    answer = browser.send("/t/1/reply", [("token", page.token), ("text", "Solved!"), ("act", "close")])
    assert answer.location == "/t/1?done=closed"
    assert site.ticket().is_closed
    assert [kind for kind, _ in site.events()] == ["TicketClosed"]


def test_a_technicians_answer_is_ours(site: WebSite) -> None:
    browser, page = _signed_in(site, "technician")
    seen = page.text.partition('name="seen" value="')[2].partition('"')[0]
    answer = browser.send("/t/1/reply", [("token", page.token), ("seen", seen), ("text", "Done *now*")])
    assert answer.status == 303
    assert (site.entries()[-1].kind, site.ticket().status) == ("reply", "waiting")
    crossed = browser.send("/t/1/reply", [("token", page.token), ("seen", seen), ("text", "MY DRAFT")])
    assert crossed.status == 422
    assert "A new message came" in crossed.words
    assert ">MY DRAFT</textarea>" in crossed.text, "what was typed is kept"


def test_an_empty_answer_is_told(site: WebSite) -> None:
    browser, page = _signed_in(site)
    answer = browser.send("/t/1/reply", [("token", page.token), ("text", " \n ")], [("", "x/y", b"")])
    assert answer.status == 422
    assert '<a href="#text">Write something, or add a file.</a>' in answer.text
    too_long = browser.send("/t/1/reply", [("token", page.token), ("text", "x" * 100_001)])
    assert too_long.status == 422
    assert len(site.entries()) == 2


def test_closing(site: WebSite) -> None:
    browser, page = _signed_in(site)
    assert browser.post("/t/1/close", {"token": page.token}).location == "/t/1?done=closed"
    assert site.ticket().is_closed
    assert [(kind, data) for kind, data in site.events()] == [("TicketClosed", {"entry": None})]
    assert browser.post("/t/1/close", {"token": page.token}).status == 303, "twice does no harm"
    assert len(site.events()) == 1


def test_subscribers_and_restricted_requesters_do_not_close(site: WebSite) -> None:
    browser, page = _signed_in(site, "subscriber")
    assert "Close the ticket" not in page.words
    assert browser.post("/t/1/close", {"token": page.token}).status == 403
    site.config.intake.restrict_closing = True
    browser, page = _signed_in(site)
    assert browser.post("/t/1/close", {"token": page.token}).status == 403
    browser.send("/t/1/reply", [("token", page.token), ("text", "x"), ("act", "close")])
    assert not site.ticket().is_closed
    browser, page = _signed_in(site, "technician")
    assert browser.post("/t/1/close", {"token": page.token}).status == 303
    assert site.ticket().is_closed


def test_rating_on_the_page(site: WebSite) -> None:
    site.store.write(lambda tx: tickets.change(tx, 1, status="closed", closed_at=1_790_001_000.0))
    browser, page = _signed_in(site)
    assert browser.post("/t/1/rate", {"token": page.token}).status == 422
    answer = browser.post("/t/1/rate", {"token": page.token, "vote": "ok", "comment": "fine"})
    assert answer.location == "/t/1?done=rated"
    page = browser.get("/t/1")
    assert "Your rating: OK." in page.words
    assert ">fine</textarea>" in page.text
    site.store.write(lambda tx: tickets.change(tx, 1, status="open", closed_at=None))
    assert browser.post("/t/1/rate", {"token": page.token, "vote": "bad"}).status == 403


def test_leaving_on_the_page(site: WebSite) -> None:
    browser, page = _signed_in(site, "subscriber")
    assert browser.post("/t/1/unsubscribe", {"token": page.token}).location == "/"
    assert browser.get("/t/1").status == 404, "whoever left does not belong any more"
    browser, page = _signed_in(site)
    assert browser.post("/t/1/unsubscribe", {"token": page.token}).location == "/t/1?done=unsubscribed"
    assert "Stop mail" not in browser.get("/t/1").words


# -- hostile -----------------------------------------------------------------------------------------------------------

FORMS = ["/t/1/close", "/t/1/rate", "/t/1/unsubscribe", "/sign-out", "/forgot", "/sign-in"]


@pytest.mark.parametrize("path", [*FORMS, "/t/1/reply"])
@pytest.mark.parametrize("how", ["missing", "wrong", "other", "cross-site", "origin"])
def test_forms_without_their_token_or_from_elsewhere_are_refused(site: WebSite, path: str, how: str) -> None:
    other, theirs = _signed_in(site, "subscriber")
    browser, page = _signed_in(site)
    before = (site.ticket(), site.entries(), site.events())
    fields = {"token": page.token, "text": "x", "vote": "good", "who": "requester", "password": "x"}
    header: dict[str, str] = {}
    if how == "missing":
        del fields["token"]
    elif how == "wrong":
        fields["token"] = "0" * 40
    elif how == "other":
        fields["token"] = theirs.token
    elif how == "cross-site":
        header["Sec-Fetch-Site"] = "cross-site"
    else:
        header["Origin"] = "https://evil.example"
    if path.endswith("reply"):
        body, kind = multipart(list(fields.items()), [("a.txt", "text/plain", b"a" * 300_000)])
        answer = browser.ask("POST", path, body, {"Content-Type": kind, **header})
    else:
        answer = browser.ask("POST", path, "&".join(f"{k}={v}" for k, v in fields.items()).encode(),
                             {"Content-Type": "application/x-www-form-urlencoded", **header})  # fmt: skip
    assert answer.status == 403
    assert (site.ticket(), site.entries(), site.events()) == before
    assert browser.get("/t/1").status == 200, "still signed in"
    assert other.get("/t/1").status == 200


def test_nothing_is_stored_for_those_who_may_not(site: WebSite, tmp_path: Path) -> None:
    stranger = site.browser()
    stranger.sign_in("stranger")
    token = stranger.get("/").token
    file = [("a.bin", "x/y", b"a" * 300_000)]
    assert stranger.send("/t/1/reply", [("token", token), ("text", "x")], file).status == 404
    assert site.browser().send("/t/1/reply", [("token", token)], file).status == 303
    browser, page = _signed_in(site)
    assert browser.send("/t/1/reply", [("text", "x"), ("token", "bad")], file).status == 403
    for act in ("close", "rate", "unsubscribe"):
        assert stranger.post(f"/t/1/{act}", {"token": token, "vote": "good"}).status == 404
    assert len(site.entries()) == 2
    assert [path for path in (tmp_path / "data" / "blobs").rglob("*") if path.is_file()] == []
    assert page.status == 200


def test_too_much_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    site = WebSite(tmp_path, max_upload=500_000)
    try:
        browser, page = _signed_in(site)
        for files in ([("a.bin", "x/y", b"a" * 520_000)], [("a.bin", "x/y", b"a" * 3_000_000)]):
            answer = browser.send("/t/1/reply", [("token", page.token), ("text", "x")], files)
            assert answer.status == 413
            assert "488 KB" in answer.words
        many = [("a.txt", "text/plain", b"a")] * 80
        assert browser.send("/t/1/reply", [("token", page.token), ("text", "x")], many).status == 413
        assert browser.post("/t/1/close", {"token": page.token, "x": "y" * 70_000}).status == 413
        assert len(site.entries()) == 2
        assert [path for path in (tmp_path / "data" / "blobs").rglob("*") if path.is_file()] == []
    finally:
        site.close()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"), ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"no boundary at all"), ("text/plain", b"token=1"), ("x", b"\x00\xff"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--"),
        ("application/x-www-form-urlencoded", b"token=x&text=y"),
    ],
)  # fmt: skip
def test_broken_forms_are_told_so(site: WebSite, kind: str, body: bytes) -> None:
    browser, _ = _signed_in(site)
    assert browser.ask("POST", "/t/1/reply", body, {"Content-Type": kind}).status in (400, 403)
    assert browser.ask("POST", "/t/1/close", body, {"Content-Type": kind}).status in (400, 403)
    assert len(site.entries()) == 2


def test_controls_in_fields_do_no_harm(site: WebSite) -> None:
    browser, page = _signed_in(site)
    browser.send("/t/1/reply", [("token", page.token), ("text", "a\x00b\x1b[31m\u202e")])
    assert site.entries()[-1].text == "ab\x1b[31m\u202e"
    assert browser.get("/t/1").status == 200
