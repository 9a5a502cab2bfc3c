"""When something is wrong on our side: a plain page, a line in the log, nothing leaked, nothing half done."""

import logging

import pytest

from tests.support.web_site import WebSite


def test_a_fault_of_ours_says_nothing_to_the_visitor_and_no_token_to_the_log(
    site: WebSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.server._pages.room.links = None  # type: ignore[union-attr, assignment]
    logging.getLogger("mailgate").propagate = True
    with caplog.at_level(logging.ERROR, "mailgate.web"):
        page = site.browser("tr").get("/u/SECRET-TOKEN")
    assert page.status == 500
    assert "Bizde bir sorun oluştu" in page.words
    assert "Traceback" not in page.text
    assert "AttributeError" not in page.text
    (record,) = caplog.records
    assert record.fields["page"] == "GET /u/{token}"  # type: ignore[attr-defined]
    assert "AttributeError" in caplog.text
    assert "SECRET-TOKEN" not in caplog.text
    assert site.browser().get("/healthz").status == 200, "the others go on"


def test_a_store_that_cannot_write_is_busy(site: WebSite) -> None:
    browser = site.browser()
    browser.sign_in("requester")
    token = browser.get("/t/1").token
    site.store._writer.close()
    page = browser.post("/t/1/close", {"token": token})
    assert page.status == 503
    assert page.headers["Retry-After"] == "30"
    assert browser.get("/t/1").status == 200, "reading goes on"


def test_a_full_disk_takes_no_uploads(site: WebSite) -> None:
    browser = site.browser()
    browser.sign_in("requester")
    token = browser.get("/t/1").token
    site.store._min_free = 1 << 60
    assert browser.send("/t/1/reply", [("token", token), ("text", "x")]).status == 503
    assert len(site.entries()) == 2


def test_too_many_passwords_at_once_wait_outside(site: WebSite) -> None:
    browser = site.browser()
    token = browser.get("/sign-in").token
    pages = site.server._pages
    assert pages is not None
    pages._asking_passwords = 20
    assert browser.post("/sign-in", {"who": "requester", "password": "x", "token": token}).status == 503
    pages._asking_passwords = 0
    assert browser.sign_in("requester").status == 303
    assert pages._asking_passwords == 0


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND"])
def test_other_methods_are_told_so(site: WebSite, method: str) -> None:
    page = site.browser().ask(method, "/t/1")
    assert page.status == 405
    assert "does not work this way" in page.words
