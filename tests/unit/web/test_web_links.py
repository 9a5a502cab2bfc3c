"""Links in mail: sign-in, password, unsubscribe, rating; and the scanners that follow them."""

from pathlib import Path

import pytest

from mailgate import clock
from mailgate.model import Role
from mailgate.notify.links import Links
from mailgate.store import keys, people, tickets
from mailgate.store import requests as asked
from tests.support.web_site import WebSite, multipart


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def _close(site: WebSite, at: float = 1_790_001_000.0) -> float:
    site.store.write(lambda tx: tickets.change(tx, 1, status="closed", closed_at=at))
    return at


def _vote(site: WebSite, at: float) -> tuple[str, str] | None:
    with site.store.read() as db:
        row = asked.rating(db, 1, at)
    return None if row is None else (row["vote"], row["comment"])


def test_an_autologin_link_signs_in_and_leaves_its_token_behind(site: WebSite) -> None:
    browser = site.browser()
    page = browser.get(_path(site.links.ticket(1, site.person("requester"))))
    assert (page.status, page.location) == (303, "/t/1")
    assert "It burns." in browser.get("/t/1").words


@pytest.mark.parametrize(
    "columns", [{"password_hash": "new"}, {"disabled": 1}, {"role": Role.ADMINISTRATOR}, {"role": Role.MANAGER}],
    ids=["password", "disabled", "administrator", "manager"],
)  # fmt: skip
def test_an_autologin_link_dies_with_its_standing(site: WebSite, columns: dict[str, object]) -> None:
    link = _path(site.links.ticket(1, site.person("requester")))
    site.change("requester", **columns)
    page = site.browser().get(link)
    assert page.location == "/sign-in?to=t1&why=over"
    assert page.headers["Set-Cookie"] is None


def test_an_autologin_link_lives_three_days_then_leads_to_sign_in_and_the_ticket(site: WebSite) -> None:
    with clock.frozen(1_800_000_000.0) as advance:
        link = _path(site.links.ticket(1, site.person("requester")))
        advance(3 * 86400 - 60)
        assert site.browser().get(link).location == "/t/1"
        advance(120)
        browser = site.browser()
        page = browser.get(link)
        assert page.location == "/sign-in?to=t1&why=over"
        assert "no longer valid" in browser.get(page.location).words
        assert browser.sign_in("requester", to="t1").location == "/t/1"


def test_an_autologin_link_is_for_its_ticket_and_this_installation(site: WebSite) -> None:
    person = site.person("requester")
    token = site.links.make_autologin(person, 1)
    foreign = Links([b"other key"], site.config.web.base_url).make_autologin(person, 1)
    wrong = [
        token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:],
        foreign,
        "",
        "x" * 3000,
        site.links.make_password(person),
    ]
    for bad in wrong:
        assert site.browser().get(f"/t/1?k={bad}").location == "/sign-in?to=t1&why=over"
    assert site.browser().get(f"/t/2?k={token}").location == "/sign-in?to=t2&why=over"


@pytest.mark.parametrize(("setting", "value"), [("autologin_links", False), ("one_mail_with_cc", True)])
def test_autologin_can_be_switched_off(site: WebSite, setting: str, value: bool) -> None:
    file_id = site.add_file("a.txt", b"a")
    person = site.person("requester")
    link, file_link = _path(site.links.ticket(1, person)), _path(site.links.attachment(file_id, person))
    setattr(site.config.notifications, setting, value)
    assert site.browser().get(link).location == "/sign-in?to=t1&why=over"
    assert site.browser().get(file_link).location == f"/sign-in?to=a{file_id}&why=first"


def test_a_session_that_sees_the_ticket_is_kept(site: WebSite) -> None:
    browser = site.browser()
    browser.sign_in("technician")
    before = browser.cookie
    assert browser.get(_path(site.links.ticket(1, site.person("requester")))).location == "/t/1"
    assert browser.cookie == before


# -- password ----------------------------------------------------------------------------------------------------------

NEW = "a whole new password"


def test_a_password_link_works_once(site: WebSite) -> None:
    link = _path(site.links.password(site.person("requester")))
    browser = site.browser()
    assert "Jane Requester" in browser.get(link).words
    page = browser.post(link, {"password": NEW, "again": NEW})
    assert (page.status, page.location) == (303, "/")
    assert browser.get("/t/1").status == 200
    assert site.browser().get(link).status == 410
    assert site.browser().post(link, {"password": NEW, "again": NEW}).status == 410
    assert site.browser().sign_in("requester").status == 403
    assert site.browser().sign_in("requester", NEW).status == 303


def test_a_password_link_signs_in_once_without_a_password(site: WebSite) -> None:
    link = _path(site.links.password(site.person("requester")))
    browser = site.browser()
    assert browser.post(link, {"act": "once"}).location == "/"
    assert browser.get("/t/1").status == 200
    assert site.browser().post(link, {"act": "once"}).status == 410
    for last in "AEIMQUYcgkosw048":  # the last letter of a signature carries unused bits
        assert site.browser().get(link[:-1] + last).status == 410


def test_a_technicians_password_link_sets_and_does_not_sign_in(site: WebSite) -> None:
    link = _path(site.links.password(site.person("technician")))
    browser = site.browser()
    assert "Just sign me in" not in browser.get(link).words
    assert browser.post(link, {"act": "once"}).status == 422
    page = browser.post(link, {"password": NEW, "again": NEW})
    assert page.location == "/sign-in?why=set"
    assert browser.get("/t/1").status == 303
    assert browser.sign_in("technician", NEW).status == 303


def test_a_password_link_lives_one_hour(site: WebSite) -> None:
    with clock.frozen(1_800_000_000.0) as advance:
        link = _path(site.links.password(site.person("requester")))
        advance(3540)
        assert site.browser().get(link).status == 200
        advance(120)
        assert site.browser().get(link).status == 410
        assert site.browser().post(link, {"password": NEW, "again": NEW}).status == 410


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("q9!z", "q9!z", "too short"), (NEW, NEW + "x", "not the same"), ("x" * 501, "x" * 501, "too long"),
        ("Requester@example.com", "Requester@example.com", "must not be your address"), ("", "", "too short"),
    ],
)  # fmt: skip
def test_a_bad_new_password_is_told(site: WebSite, password: str, again: str, says: str) -> None:
    link = _path(site.links.password(site.person("requester")))
    page = site.browser().post(link, {"password": password, "again": again})
    assert page.status == 422
    assert says in page.words
    assert password == "" or password not in page.text
    assert site.browser().sign_in("requester").status == 303


def test_a_password_change_ends_other_sessions_and_links(site: WebSite) -> None:
    other = site.browser()
    other.sign_in("requester")
    autologin = _path(site.links.ticket(1, site.person("requester")))
    link = _path(site.links.password(site.person("requester")))
    site.browser().post(link, {"password": NEW, "again": NEW})
    assert other.get("/t/1").status == 303
    assert "why=over" in site.browser().get(autologin).location


# -- unsubscribe -------------------------------------------------------------------------------------------------------


def test_one_click_takes_off_without_a_cookie(site: WebSite) -> None:
    subscriber = site.person("subscriber")
    link = _path(site.links.unsubscribe(1, subscriber))
    body, kind = multipart([("List-Unsubscribe", "One-Click")], [])
    page = site.browser().ask("POST", link, body, {"Content-Type": kind})
    assert page.status == 200
    with site.store.read() as db:
        assert not tickets.is_subscriber(db, 1, subscriber.id)
    assert site.browser().post(link, {"List-Unsubscribe": "One-Click"}).status == 200, "twice does no harm"
    assert [entry.data["what"] for entry in site.entries() if entry.kind == "event"] == ["unsubscribed"]


def test_the_page_asks_before_it_takes_off(site: WebSite) -> None:
    link = _path(site.links.unsubscribe(1, site.person("subscriber")))
    page = site.browser().get(link)
    assert "subscriber@example.com will get no more mail" in page.words
    assert f'action="{link}"' in page.text
    assert "You are off the list" in site.browser().post(link, {}).words
    assert "You are off the list" in site.browser().get(link).words


# -- rating ------------------------------------------------------------------------------------------------------------


def test_a_rating_counts_when_it_is_sent_and_the_last_one_counts(site: WebSite) -> None:
    at = _close(site)
    link = _path(site.links.rating(1, site.person("requester"), at, "good"))
    page = site.browser().get(link)
    assert 'value="good" id="vote" checked' in page.text
    assert _vote(site, at) is None
    assert "Thank you" in site.browser().post(link, {"vote": "good", "comment": " quick! "}).words
    assert _vote(site, at) == ("good", "quick!")
    site.browser().post(link, {"vote": "bad", "comment": ""})
    assert _vote(site, at) == ("bad", "")
    assert [kind for kind, _ in site.events()] == ["TicketRated", "TicketRated"]


def test_every_closing_has_a_vote_of_its_own(site: WebSite) -> None:
    first = _close(site, 1_790_001_000.0)
    old = _path(site.links.rating(1, site.person("requester"), first, "good"))
    second = _close(site, 1_790_002_000.0)
    site.browser().post(old, {"vote": "good"})
    assert (_vote(site, first), _vote(site, second)) == (("good", ""), None)


@pytest.mark.parametrize("vote", ["", "great", "good'; --"])
def test_a_vote_that_is_none_is_refused(site: WebSite, vote: str) -> None:
    at = _close(site)
    link = _path(site.links.rating(1, site.person("requester"), at, "good"))
    assert site.browser().post(link, {"vote": vote}).status == 422
    assert site.browser().get(link[: -len("good")] + "great").status == 404
    assert _vote(site, at) is None


def test_only_the_requester_rates(site: WebSite) -> None:
    at = _close(site)
    for name in ("subscriber", "technician"):
        link = _path(site.links.rating(1, site.person(name), at, "good"))
        assert site.browser().get(link).status == 404
        assert site.browser().post(link, {"vote": "good"}).status == 404
        browser = site.browser()
        browser.sign_in(name)
        page = browser.get("/t/1")
        assert "How did we do?" not in page.words
        assert browser.post("/t/1/rate", {"vote": "good", "token": page.token}).status == 403
    assert _vote(site, at) is None


# -- scanners ----------------------------------------------------------------------------------------------------------


def test_scanners_that_follow_every_link_change_nothing(site: WebSite) -> None:
    at = _close(site)
    file_id = site.add_file("plan.txt", b"plan")
    before = (site.ticket(), site.entries(), site.events())
    person = site.person("requester")
    links = [
        site.links.ticket(1, person), site.links.attachment(file_id, person), site.links.unsubscribe(1, person),
        site.links.password(person), *(site.links.rating(1, person, at, vote) for vote in ("good", "ok", "bad")),
    ]  # fmt: skip
    for link in links:
        for method in ("HEAD", "GET", "OPTIONS", "GET"):
            assert site.browser().ask(method, _path(link)).status in (200, 303, 405)
    assert (site.ticket(), site.entries(), site.events()) == before
    with site.store.read() as db:
        assert tickets.is_subscriber(db, 1, person.id)
    assert _vote(site, at) is None
    assert site.browser().get(_path(links[3])).status == 200, "the password link still works"


def test_forged_tokens_are_not_found(site: WebSite) -> None:
    person = site.person("requester")
    foreign = Links([b"other key"], site.config.web.base_url)
    for link in (
        foreign.unsubscribe(1, person), foreign.rating(1, person, 5.0, "good"), site.links.unsubscribe(99, person),
        "http://x/u/abc", "http://x/r/abc/good", "http://x/u/" + "x" * 2000,
        f"http://x/u/{site.links.make_rating(person, 1, 5.0)}",
    ):  # fmt: skip
        assert site.browser().get(_path(link)).status == 404
        assert site.browser().post(_path(link), {"vote": "good"}).status == 404


def test_another_site_cannot_use_a_browser(tmp_path: Path) -> None:
    site = WebSite(tmp_path)
    try:
        link = _path(site.links.password(site.person("requester")))
        for bad in ({"Sec_Fetch_Site": "cross-site"}, {"Origin": "https://evil.example"}):
            assert site.browser().post(link, {"password": NEW, "again": NEW}, **bad).status == 403
        site.store.write(keys.rotate)
        assert site.browser().get(link).status == 200, "rotated keys still verify"
        person = site.person("requester")
        site.store.write(lambda tx: people.change(tx, person.id, disabled=1))
        assert site.browser().get(link).status == 410
    finally:
        site.close()
