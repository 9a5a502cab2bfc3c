"""The page of an article: who may read it, what it shows, what it fetches."""

from __future__ import annotations

from typing import Any

import pytest

from mailgate.desk import articles
from mailgate.desk.article_file import ArticleFile
from mailgate.store import people
from mailgate.web import render
from mailgate.web.words import say
from tests.support.web_site import PASSWORD, WebSite

TEXT = (
    "# Reset your password\n\nOpen the *sign-in* page\nand follow https://desk.example.com/help.\n\n## Then\n\n- wait"
)


def write(site: WebSite, title: str = "Reset your password", text: str = TEXT, **given: Any) -> int:
    technician = site.person("technician")
    file = ArticleFile(text, title, **given)
    return site.store.write(lambda tx: articles.add(tx, technician, file).id)


def test_everybody_reads_a_public_article(site: WebSite) -> None:
    page = site.browser().get(f"/kb/{write(site)}")
    assert page.status == 200
    assert "Open the sign-in page and follow https://desk.example.com/help" in page.words
    assert page.text.count("<h1") == 1
    assert page.text.count("Reset your password</h1>") == 1
    assert page.words.count("Reset your password") == 2, "in title and heading; the text's own first heading repeats it"
    assert "<h3>Then</h3>" in page.text
    assert page.headers["Set-Cookie"] is None, "who only reads gets no cookie"
    assert page.headers["Content-Security-Policy"] == render.content_policy()
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "<script" not in page.text
    assert 'rel="noopener noreferrer"' in page.text


def test_the_page_speaks_turkish_and_the_article_its_own_language(site: WebSite) -> None:
    article = write(site, "Parolanızı sıfırlama", "Oturum açma sayfasını açın.")
    page = site.browser("tr").get(f"/kb/{article}")
    assert '<html lang="tr">' in page.text
    assert "Güncelleme:" in page.words
    assert 'lang="tr">Parolanızı sıfırlama</h1>' in page.text
    english = site.browser("en").get(f"/kb/{article}")
    assert '<html lang="en">' in english.text
    assert 'lang="tr">Parolanızı sıfırlama</h1>' in english.text


@pytest.mark.parametrize("hidden", ["internal", "category"])
def test_what_is_internal_is_for_technicians_who_are_signed_in(site: WebSite, hidden: str) -> None:
    if hidden == "category":
        site.store.write(lambda tx: people.change_category(tx, 2, internal_only=1))
        article = write(site, "Master key", "It hangs in the safe.", category="Other")
    else:
        article = write(site, "Master key", "It hangs in the safe.", internal=True)
    visitor = site.browser()
    answer = visitor.get(f"/kb/{article}")
    assert (answer.status, answer.location) == (303, f"/sign-in?to=kb{article}&why=first")
    assert "Master" not in answer.text
    for regular in ("requester", "subscriber", "stranger"):
        browser = site.browser()
        browser.sign_in(f"{regular}@example.com")
        refused = browser.get(f"/kb/{article}")
        assert refused.status == 404
        assert "safe" not in refused.text
        assert refused.words == browser.get("/kb/999").words, "as one that does not exist"
    for staff in ("technician", "administrator"):
        browser = site.browser()
        assert browser.sign_in(f"{staff}@example.com", PASSWORD, f"kb{article}").location == f"/kb/{article}"
        page = browser.get(f"/kb/{article}")
        assert "It hangs in the safe." in page.words
        assert say("en", "for_technicians") in page.words


def test_an_article_that_does_not_exist_looks_like_one_that_is_internal(site: WebSite) -> None:
    assert site.browser().get("/kb/77").location == "/sign-in?to=kb77&why=first"
    for odd in ("0", "999999999999999999", "01"):
        assert site.browser().get(f"/kb/{odd}").status == 303
    for wrong in ("x", "-1", "1/..", "1.md", "1" * 19, "../t/1"):
        assert site.browser().get(f"/kb/{wrong}").status == 404
    browser = site.browser()
    browser.sign_in("requester@example.com")
    assert browser.get("/kb/77").status == 404
    assert browser.get("/t/1").status == 200


def test_reading_changes_nothing_and_posting_is_not_possible(site: WebSite) -> None:
    article = write(site)
    before = site.events()
    site.browser().get(f"/kb/{article}")
    assert site.events() == before
    assert site.browser().post(f"/kb/{article}", {"title": "x"}).status == 405


@pytest.mark.parametrize(
    ("text", "gone", "shown"),
    [
        ("<script>alert(1)</script> x", "<script>alert", "<script>alert(1)</script>"),
        ("<img src=x onerror=alert(1)>", "<img", "<img src=x onerror=alert(1)>"),
        ("![pic](https://evil.example/p.png)", "<img", "[pic]"),
        ("![p](data:image/png;base64,AAAA)", "data:image/png", "[p]"),
        ("[x](javascript:alert(1))", 'href="javascript', "[x](javascript:alert(1))"),
        ("[x](data:text/html;base64,AAAA)", 'href="data', "[x](data:text/html;base64,AAAA)"),
        ("| a |\n|:-:|\n| b |", "style=", "a b"),
        ("{{ 7 * 7 }} {% raw %} #Name# {{ mail.url }}", "49", "{{ 7 * 7 }} {% raw %} #Name# {{ mail.url }}"),
    ],
)
def test_hostile_words_are_only_words(site: WebSite, text: str, gone: str, shown: str) -> None:
    page = site.browser().get(f"/kb/{write(site, 'Title', text)}")
    assert page.status == 200
    assert gone not in page.text.partition("<main")[2]
    assert shown in page.words


def test_markup_in_a_title_is_escaped(site: WebSite) -> None:
    article = write(site, '<b onclick=x>{{ 7*7 }}</b> & "q"')
    page = site.browser().get(f"/kb/{article}")
    assert "<b onclick" not in page.text
    assert '<b onclick=x>{{ 7*7 }}</b> & "q"' in page.words


def test_a_changed_article_is_shown_as_it_is_now(site: WebSite) -> None:
    article = write(site)
    assert "sign-in" in site.browser().get(f"/kb/{article}").words
    technician = site.person("technician")
    site.store.write(lambda tx: articles.change(tx, technician, article, ArticleFile("Ask the desk.")))
    assert "Ask the desk." in site.browser().get(f"/kb/{article}").words
    site.store.write(lambda tx: articles.change(tx, technician, article, ArticleFile("Ask.", internal=True)))
    assert site.browser().get(f"/kb/{article}").status == 303


def test_the_way_back_after_signing_in_leads_nowhere_else(site: WebSite) -> None:
    for wrong in ("kb", "kb-1", "k1", "kb1/../t", "//evil.example", "kbx"):
        assert site.browser().sign_in("technician@example.com", PASSWORD, wrong).location == "/"
