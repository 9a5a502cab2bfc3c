"""Signing in, signing out, forgetting: what is right, what is wrong, and what it must not tell."""

from pathlib import Path

import pytest

from mailgate import clock
from mailgate.model import Role
from mailgate.store import keys, meters, people
from tests.support.web_site import PASSWORD, Page, WebSite


@pytest.mark.parametrize("who", ["requester@example.com", "Requester@EXAMPLE.com", " requester "])
def test_address_and_user_name_sign_in(site: WebSite, who: str) -> None:
    browser = site.browser()
    assert browser.sign_in(who).location == "/"
    assert browser.get("/").status == 200


@pytest.mark.parametrize("to", ["", "t1", "a5", "//evil.example", "https://evil.example", "t1/../x", "t", "tx1", "t١"])
def test_the_way_back_stays_here(site: WebSite, to: str) -> None:
    browser = site.browser()
    token = browser.get("/sign-in").token
    page = browser.post("/sign-in", {"who": "requester", "password": PASSWORD, "token": token, "to": to})
    assert page.location == {"t1": "/t/1", "a5": "/a/5"}.get(to, "/")


def _shown(page: Page, who: str) -> str:
    return page.text.replace(who, "WHO").replace(page.token, "TOKEN")


def test_unknown_wrong_disabled_and_passwordless_look_the_same(site: WebSite) -> None:
    site.change("subscriber", disabled=1)
    site.change("stranger", password_hash=None)
    answers = set()
    for who, password in (
        ("requester", "wrong password"), ("nobody-here", "wrong password"), ("subscriber", PASSWORD),
        ("stranger", PASSWORD), ("stranger", "None"),
    ):  # fmt: skip
        page = site.browser().sign_in(who, password)
        answers.add((page.status, _shown(page, who)))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 403


def test_an_empty_form_says_what_is_missing(site: WebSite) -> None:
    browser = site.browser()
    page = browser.sign_in("", "")
    assert page.status == 422
    assert page.text.count("Enter your password.") == 2, "in the summary and at the field"
    assert 'aria-invalid="true" aria-describedby="who-fault"' in page.text
    assert '<a href="#who">' in page.text


def test_many_wrong_passwords_lead_nowhere_and_cost_little(tmp_path: Path) -> None:
    site = WebSite(tmp_path, sign_in_attempts=3, trusted_proxies=["127.0.0.1"])
    try:
        statuses = []
        browser = site.browser()
        for number in range(40):
            browser.headers["X-Forwarded-For"] = f"198.51.100.{number}"
            statuses.append(browser.sign_in("requester", "wrong password").status)
        assert statuses == [403] * 3 + [429] * 37
        assert browser.sign_in("requester").status == 429, "not even with the right one"
        person = site.person("requester")
        with site.store.read() as db:
            assert meters.read(db, f"web sign-in person:{person.id}", 900) == 3, "no write after the limit"
        assert browser.sign_in("subscriber").status == 303, "others are not locked out"
        with clock.frozen(clock.now() + 1200):
            assert site.browser().sign_in("requester").status == 303, "after a quarter of an hour"
    finally:
        site.close()


def test_one_client_that_tries_many_names_is_stopped(tmp_path: Path) -> None:
    site = WebSite(tmp_path, sign_in_attempts=3)
    try:
        browser = site.browser(X_Forwarded_For="2001:db8:1:2:3:4:5:6")
        statuses = [browser.sign_in(f"name{number}", "wrong password").status for number in range(5)]
        assert statuses == [403, 403, 403, 429, 429]
        browser.headers["X-Forwarded-For"] = "2001:db8:1:2:ffff::1"
        page = browser.sign_in("requester")
        assert page.status == 429, "the same /64"
        assert page.headers["Retry-After"] == "900"
        browser.headers["X-Forwarded-For"] = "2001:db8:1:3::1"
        assert browser.sign_in("requester").status == 303
    finally:
        site.close()


def test_forwarded_addresses_of_strangers_are_not_believed(tmp_path: Path) -> None:
    site = WebSite(tmp_path, sign_in_attempts=2, trusted_proxies=["192.0.2.0/24"])
    try:
        browser = site.browser()
        statuses = []
        for number in range(4):
            browser.headers["X-Forwarded-For"] = f"198.51.100.{number}"
            statuses.append(browser.sign_in(f"name{number}", "wrong password").status)
        assert statuses == [403, 403, 429, 429]
    finally:
        site.close()


def test_a_right_password_clears_the_persons_counter(tmp_path: Path) -> None:
    site = WebSite(tmp_path, sign_in_attempts=3)
    try:
        for number in range(4):
            browser = site.browser(X_Forwarded_For=f"198.51.100.{number}")
            assert browser.sign_in("requester", "wrong password").status == 403
            assert browser.sign_in("requester").status == 303
    finally:
        site.close()


def test_signing_out_ends_the_session_and_its_copies(site: WebSite) -> None:
    browser = site.browser()
    browser.sign_in("requester")
    copied = site.browser()
    copied.cookie = browser.cookie
    assert copied.get("/t/1").status == 200
    page = browser.post("/sign-out", {"token": browser.get("/").token})
    assert page.location == "/sign-in?why=out"
    assert "Max-Age=0" in page.headers["Set-Cookie"]
    assert copied.get("/t/1").status == 303


def test_signing_in_gives_a_new_session(site: WebSite) -> None:
    browser = site.browser()
    browser.get("/sign-in")
    planted = browser.cookie
    browser.sign_in("requester")
    assert browser.cookie != planted
    other = site.browser()
    other.cookie = planted
    assert other.get("/t/1").status == 303


@pytest.mark.parametrize(
    "columns", [{"password_hash": "x"}, {"disabled": 1}, {"role": Role.ADMINISTRATOR}], ids=lambda c: next(iter(c))
)
def test_a_session_ends_when_its_person_changes(site: WebSite, columns: dict[str, object]) -> None:
    browser = site.browser()
    browser.sign_in("requester")
    assert browser.get("/t/1").status == 200
    site.change("requester", **columns)
    assert browser.get("/t/1").status == 303


@pytest.mark.parametrize(
    ("name", "idle", "whole"), [("requester", 12 * 3600, 7 * 86400), ("technician", 2 * 3600, 12 * 3600)]
)
def test_sessions_end_by_themselves(site: WebSite, name: str, idle: int, whole: int) -> None:
    with clock.frozen(1_800_000_000.0) as advance:
        browser = site.browser()
        browser.sign_in(name)
        began = clock.now()
        while clock.now() - began < whole - idle:
            advance(idle - 60)
            assert browser.get("/t/1").status == (200 if clock.now() - began <= whole else 303)
        advance(whole)
        assert browser.get("/t/1").status == 303
        browser.sign_in(name)
        advance(idle + 60)
        assert browser.get("/t/1").status == 303


def test_forged_cookies_are_nobody(site: WebSite) -> None:
    browser = site.browser()
    browser.sign_in("requester")
    good = browser.cookie
    for bad in (good[:-2] + "AA", good.replace(".", "", 1), "x" * 5000, "", "a.b.c", "ü", good.split(".")[0]):
        browser.cookie = ""
        page = browser.get("/t/1", Cookie=f"mailgate={bad}")
        assert page.status == 303


def test_rotated_keys_keep_sessions_and_forgotten_keys_end_them(site: WebSite) -> None:
    browser = site.browser()
    browser.sign_in("requester")
    site.store.write(keys.rotate)
    room = site.server._pages.room  # type: ignore[union-attr]
    room._keys_at -= 1000
    assert browser.get("/t/1").status == 200
    for _ in range(3):
        site.store.write(keys.rotate)
    room._keys_at -= 1000
    assert browser.get("/t/1").status == 303


def test_forgetting_answers_the_same_and_writes_once(site: WebSite) -> None:
    site.change("stranger", disabled=1)
    answers = set()
    for who in ("requester@example.com", "nobody@example.com", "stranger@example.com", "requester"):
        browser = site.browser()
        token = browser.get("/forgot").token
        page = browser.post("/forgot", {"who": who, "token": token})
        answers.add((page.status, page.words))
    assert len(answers) == 1
    person = site.person("requester")
    assert site.events() == [("PasswordForgotten", {"person": person.id})] * 2


def test_forgetting_has_limits(tmp_path: Path) -> None:
    site = WebSite(tmp_path, sign_in_attempts=6)
    try:
        browser = site.browser()
        token = browser.get("/forgot").token
        statuses = [browser.post("/forgot", {"who": "requester", "token": token}).status for _ in range(8)]
        assert statuses == [200] * 6 + [429] * 2
        assert len(site.events()) == 3, "a mailbox is not flooded"
    finally:
        site.close()


def test_technicians_never_come_in_by_a_link(site: WebSite) -> None:
    person = site.person("requester")
    link = site.links.ticket(1, person).split("/", 3)[3]
    site.store.write(lambda tx: people.set_categories(tx, person.id, [1]))
    page = site.browser().get(f"/{link}")
    assert page.location == "/sign-in?to=t1&why=over"
    assert page.headers["Set-Cookie"] is None
