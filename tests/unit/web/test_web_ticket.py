"""The ticket's page: who sees it, and what of it."""

import re

import pytest

from mailgate.desk import Desk
from mailgate.store import people, tickets
from tests.support.web_site import WebSite


@pytest.mark.parametrize("name", ["requester", "subscriber", "technician", "administrator"])
def test_those_whom_it_concerns_see_it(site: WebSite, name: str) -> None:
    browser = site.browser()
    browser.sign_in(name)
    page = browser.get("/t/1")
    assert page.status == 200
    assert "It burns." in page.words
    assert "<strong>water</strong>" in page.text


def test_a_stranger_sees_what_is_not_there(site: WebSite) -> None:
    browser = site.browser()
    browser.sign_in("stranger")
    theirs, missing = browser.get("/t/1"), browser.get("/t/999")
    assert (theirs.status, missing.status) == (404, 404)
    assert theirs.body == missing.body


def test_nobody_is_asked_to_sign_in_and_comes_back(site: WebSite) -> None:
    for path in ("/t/1", "/t/999"):
        page = site.browser().get(path)
        assert (page.status, page.location) == (303, f"/sign-in?to={path[1]}{path[3:]}&why=first")
    assert site.browser().sign_in("requester", to="t1").location == "/t/1"


def test_a_technician_of_another_category_does_not_see_it(site: WebSite) -> None:
    person = site.person("technician")
    site.store.write(lambda tx: people.set_categories(tx, person.id, [2]))
    browser = site.browser()
    browser.sign_in("technician")
    assert browser.get("/t/1").status == 404


def test_notes_strangers_and_events_are_shown_to_nobody(site: WebSite) -> None:
    site.add_entry("note", "technician", "SECRET NOTE")
    site.add_entry("message", "stranger", "STRANGE WORDS", marks=["non-subscriber"])
    site.add_entry("event", "technician", "EVENT WORDS")
    for name in ("requester", "subscriber", "technician", "administrator"):
        browser = site.browser()
        browser.sign_in(name)
        for word in ("SECRET", "STRANGE", "EVENT"):
            assert word not in browser.get("/t/1").text


def test_with_updates_only_from_technicians_customers_do_not_read_each_other(site: WebSite) -> None:
    site.config.notifications.updates_only_from_technicians = True
    site.add_entry("message", "subscriber", "WORDS OF SAM")
    file_id = site.add_file("private.txt", b"private")
    seen = {}
    for name in ("requester", "subscriber", "technician"):
        browser = site.browser()
        browser.sign_in(name)
        text = browser.get("/t/1").text
        seen[name] = ("It burns." in text, "WORDS OF SAM" in text, browser.get(f"/a/{file_id}").status)
    assert seen == {
        "requester": (True, False, 200),
        "subscriber": (True, True, 404),
        "technician": (True, True, 200),
    }


def test_quoted_history_is_for_its_author_and_technicians(site: WebSite) -> None:
    text = "Thank you.\n\nCaren wrote:\n> INTERNAL: he never pays"
    site.add_entry("reply", "technician", text, reply_text="Thank you.", message=3)
    seen = {}
    for name in ("requester", "subscriber", "technician"):
        browser = site.browser()
        browser.sign_in(name)
        page = browser.get("/t/1")
        assert "Thank you." in page.words
        seen[name] = "never pays" in page.text
    assert seen == {"requester": False, "subscriber": False, "technician": True}


def test_html_of_mail_is_harmless(site: WebSite) -> None:
    html = (
        '<p style="color:red;position:fixed" onclick="x()">Hello<script>alert(1)</script>'
        '<img src="https://tracker.example/p.gif" alt="pixel"><a href="javascript:alert(1)">j</a>'
        '<a href="https://example.com/">good</a><form action="/sign-out"><input name="token"></form></p>'
    )
    site.add_entry("message", "requester", "Hello", html=html)
    browser = site.browser()
    browser.sign_in("requester")
    page = browser.get("/t/1").text
    words = page[page.index('id="e3"') : page.index("</article>", page.index('id="e3"'))]
    for bad in ("script", "onclick", "tracker.example", "javascript:", "style=", "<form", "<input"):
        assert bad not in words
    assert 'href="https://example.com/"' in words


def test_markup_in_names_subjects_and_files_is_text(site: WebSite) -> None:
    evil = "<img src=x onerror=alert(1)>\"'{{7*7}}"
    site.change("requester", name=evil)
    site.store.write(lambda tx: tickets.change(tx, 1, subject=evil))
    site.add_file(f"{evil}.txt", b"x")
    site.add_entry("message", "requester", evil)
    browser = site.browser()
    browser.sign_in("requester")
    for path in ("/", "/t/1"):
        page = browser.get(path).text
        assert "<img src=x" not in page
        assert "&lt;img src=x onerror" in page
        assert "{{7*7}}" in page  # what was in braces stands as it was written; tokens may hold any number
    site.store.write(lambda tx: tickets.change(tx, 1, closed_at=5.0, status="closed"))
    for link in (
        site.links.rating(1, site.person("requester"), 5.0, "ok"), site.links.unsubscribe(1, site.person("requester")),
        site.links.password(site.person("requester")),
    ):  # fmt: skip
        assert "<img src=x" not in site.browser().get("/" + link.split("/", 3)[3]).text


def test_a_long_conversation_comes_in_pages(site: WebSite) -> None:
    for number in range(120):
        site.add_entry("message", "requester", f"message no. {number};")
    browser = site.browser()
    browser.sign_in("requester")
    page = browser.get("/t/1")
    assert "no. 119;" in page.text
    assert "no. 69;" not in page.text
    seen = set()
    while True:
        seen.update(re.findall(r"no\. (\d+);", page.text))
        earlier = re.search(r'href="(/t/1\?before=\d+)"', page.text)
        if earlier is None:
            break
        page = browser.get(earlier.group(1))
    assert seen == {str(number) for number in range(120)}
    assert "It burns." in page.text


def test_a_merged_ticket_leads_to_the_other(site: WebSite) -> None:
    other = site.store.write(lambda tx: Desk(tx, site.store, None).open("Other", "x", people.named(tx, "requester")))
    site.store.write(lambda tx: Desk(tx, site.store, people.named(tx, "technician")).merge(1, other))
    browser = site.browser()
    browser.sign_in("requester")
    assert browser.get("/t/1").location == f"/t/{other}"
    stranger = site.browser()
    stranger.sign_in("stranger")
    assert stranger.get("/t/1").status == 404


def test_reading_changes_nothing(site: WebSite) -> None:
    before = (site.ticket(), site.entries(), site.events())
    browser = site.browser()
    browser.sign_in("requester")
    for path in ("/t/1", "/", "/t/1?done=closed", "/t/1/close", "/t/1/rate", "/t/1/unsubscribe", "/sign-out"):
        browser.get(path)
        browser.ask("HEAD", path)
    assert (site.ticket(), site.entries(), site.events()) == before


def test_the_language_is_the_persons_then_the_browsers(site: WebSite) -> None:
    assert '<html lang="tr">' in site.browser("tr-TR,tr;q=0.9,en;q=0.8").get("/sign-in").text
    assert '<html lang="en">' in site.browser("de, en;q=0.5, tr;q=0.2").get("/sign-in").text
    assert '<html lang="en">' in site.browser("fr;q=x,,;;,tr;q=0").get("/sign-in").text
    site.change("requester", language="tr")
    browser = site.browser("en")
    browser.sign_in("requester")
    assert "Bilet 1" in browser.get("/t/1").words


def test_the_list_has_own_tickets_only(site: WebSite) -> None:
    for name, sees in (("requester", True), ("subscriber", True), ("stranger", False)):
        browser = site.browser()
        browser.sign_in(name)
        assert ("Printer on fire" in browser.get("/").text) is sees


def test_public_custom_fields_are_shown_and_no_others(site: WebSite) -> None:
    from mailgate.store import fields

    def furnish(tx: object) -> None:
        for name, kind, visibility, value in (
            ("<i>Serial</i>", "text", "public", '<script>alert("1")</script>'),
            ("On site", "checkbox", "public", "yes"),
            ("Notes", "long_text", "public", "one\ntwo"),
            ("Margin", "text", "technicians", "SECRET OF TECHNICIANS"),
            ("Cost", "number", "administrators", "4711"),
        ):
            field = fields.add(tx, name, kind, visibility)  # type: ignore[arg-type]
            fields.put(tx, site.ticket_id, field, value)  # type: ignore[arg-type]

    site.store.write(furnish)
    for name in ("requester", "technician", "administrator"):
        browser = site.browser()
        browser.sign_in(name)
        page = browser.get("/t/1")
        assert '<dt dir="auto">&lt;i&gt;Serial&lt;/i&gt;</dt>' in page.text
        assert "<script" not in page.text
        assert "On site yes Notes one two" in page.words
        assert "SECRET" not in page.text
        assert "4711" not in page.text
    site.change("requester", language="tr")
    browser = site.browser()
    browser.sign_in("requester")
    assert "On site evet" in browser.get("/t/1").words


def test_a_page_without_fields_has_no_list_of_them(site: WebSite) -> None:
    browser = site.browser()
    browser.sign_in("requester")
    assert "<dl" not in browser.get("/t/1").text


def test_required_fields_do_not_stand_in_the_way_on_the_page(site: WebSite) -> None:
    from mailgate.store import fields

    site.store.write(lambda tx: fields.add(tx, "Model", "text", "public", None, True))
    for name in ("technician", "requester"):
        browser = site.browser()
        browser.sign_in(name)
        page = browser.get("/t/1")
        assert browser.post("/t/1/close", {"token": page.token}).status == 303
        assert site.ticket().is_closed
        site.store.write(lambda tx: tickets.change(tx, 1, status="open", closed_at=None))
        page = browser.get("/t/1")
        seen = re.search(r'name="seen" value="(\d+)"', page.text)
        assert seen is not None
        form = [("token", page.token), ("seen", seen[1]), ("text", f"Bye from {name}."), ("act", "close")]
        assert browser.send("/t/1/reply", form).status == 303
        assert site.ticket().is_closed
        site.store.write(lambda tx: tickets.change(tx, 1, status="open", closed_at=None))
