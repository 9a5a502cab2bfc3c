"""From the page to the letter and back: what is done on the web is told by mail, and links in that mail work."""

import re
from email import message_from_bytes
from email.message import Message
from email.policy import default

from mailgate.desk import Desk
from mailgate.reactor import Reactor
from mailgate.store import outbox, people, tickets
from mailgate.store import requests as asked
from tests.support.web_site import PASSWORD, WebSite


def _react(site: WebSite) -> dict[str, Message]:
    """Lets the reactor write its letters; gives the latest one to each address."""
    site.config.outgoing.from_address = "help@help.example.com"
    site.config.web.base_url = "http://127.0.0.1:8025"
    reactor = Reactor(site.store, site.config)
    while reactor.react():
        continue
    with site.store.read() as db:
        rows = list(reversed(outbox.listed(db)))
        return {
            row["to_list"]: message_from_bytes(site.store.blobs.get(db, row["raw"]), policy=default) for row in rows
        }


def _path(message: Message, pattern: str) -> str:
    body = message.get_body(("plain",))  # type: ignore[attr-defined]
    found = re.search(rf"http://127\.0\.0\.1:8025({pattern}\S*)", body.get_content())
    assert found, body.get_content()
    return found.group(1).rstrip(".)>")


def test_an_answer_is_told_to_the_technician(site: WebSite) -> None:
    browser = site.browser()
    browser.sign_in("requester")
    browser.send("/t/1/reply", [("token", browser.get("/t/1").token), ("text", "Still smoking")])
    letters = _react(site)
    body = letters["technician@example.com"].get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert "Still smoking" in body
    assert "requester@example.com" not in letters


def test_links_of_a_closing_letter_work(site: WebSite) -> None:
    site.store.write(lambda tx: Desk(tx, site.store, people.named(tx, "technician")).close(1))
    letter = _react(site)["requester@example.com"]
    browser = site.browser()
    assert browser.get(_path(letter, "/t/")).location == "/t/1"
    assert browser.get("/t/1").status == 200
    rating = _path(letter, "/r/")
    assert site.browser().get(rating).status == 200
    assert site.browser().post(rating, {"vote": "good"}).status == 200
    closed_at = site.ticket().closed_at
    assert closed_at is not None
    with site.store.read() as db:
        row = asked.rating(db, 1, closed_at)
    assert row is not None, "the vote belongs to this closing"
    click = re.search(r"<http://127\.0\.0\.1:8025([^>]+)>", str(letter["List-Unsubscribe"]))
    assert click
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert site.browser().post(click.group(1), {"List-Unsubscribe": "One-Click"}).status == 200
    with site.store.read() as db:
        assert not tickets.is_subscriber(db, 1, site.person("requester").id)


def test_a_forgotten_password_comes_back_by_mail(site: WebSite) -> None:
    browser = site.browser()
    browser.post("/forgot", {"who": "requester@example.com", "token": browser.get("/forgot").token})
    link = _path(_react(site)["requester@example.com"], "/password/")
    assert browser.post(link, {"password": "brand new words", "again": "brand new words"}).location == "/"
    assert site.browser().sign_in("requester", PASSWORD).status == 403
    assert site.browser().sign_in("requester", "brand new words").status == 303
