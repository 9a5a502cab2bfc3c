"""Links in mail: what they open, when they die, and that forged or borrowed ones open nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate import clock
from mailgate.model import Role, User
from mailgate.notify.links import Links, may_autologin, person_fingerprint

KEY, OLD = b"k" * 32, b"o" * 32
RITA = User(7, "Rita", None, Role.USER, ["rita@example.com"], password_hash="$argon2id$one")
LINKS = Links([KEY, OLD], "https://desk.example.com/")
DAY = 86400.0


def test_autologin_lives_three_days() -> None:
    with clock.frozen(1_764_000_000.0) as advance:
        url = LINKS.ticket(12, RITA)
        assert url.startswith("https://desk.example.com/t/12?k=")
        token = url.partition("?k=")[2]
        advance(3 * DAY - 1)
        found = LINKS.read_autologin(token)
        assert found is not None
        assert (found.person_id, found.subject_id) == (7, 12)
        assert found.is_valid_for(RITA)
        advance(2)
        assert LINKS.read_autologin(token) is None


@pytest.mark.parametrize(
    "changed",
    [
        replace(RITA, password_hash="$argon2id$two"),
        replace(RITA, password_hash=None),
        replace(RITA, disabled=True),
        replace(RITA, role=Role.TECHNICIAN),
        replace(RITA, role=Role.ADMINISTRATOR),
        replace(RITA, role=Role.MANAGER),
        replace(RITA, category_ids=frozenset([1])),
        replace(RITA, id=8),
    ],
)
def test_a_link_is_void_when_the_person_changes(changed: User) -> None:
    for token, read in (
        (LINKS.make_autologin(RITA, 12), LINKS.read_autologin),
        (LINKS.make_download(RITA, 3), LINKS.read_download),
        (LINKS.make_password(RITA), LINKS.read_password),
    ):
        found = read(token)
        assert found is not None
        assert found.is_valid_for(RITA)
        assert not found.is_valid_for(changed)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.TECHNICIAN, Role.ADMINISTRATOR])
def test_nobody_but_regular_users_gets_a_link_that_signs_in(role: Role) -> None:
    person = replace(RITA, role=role)
    assert not may_autologin(person)
    for make in (LINKS.ticket, LINKS.attachment):
        with pytest.raises(ValueError, match="regular users"):
            make(1, person)
    assert not may_autologin(replace(RITA, category_ids=frozenset([1])))
    assert not may_autologin(replace(RITA, disabled=True))


def test_a_token_of_one_purpose_opens_nothing_else() -> None:
    readers = {
        "autologin": LINKS.read_autologin,
        "download": LINKS.read_download,
        "password": LINKS.read_password,
        "unsubscribe": LINKS.read_unsubscribe,
        "rating": LINKS.read_rating,
    }
    made = {
        "autologin": LINKS.make_autologin(RITA, 12),
        "download": LINKS.make_download(RITA, 12),
        "password": LINKS.make_password(RITA),
        "unsubscribe": LINKS.make_unsubscribe(RITA, 12),
        "rating": LINKS.make_rating(RITA, 12, 1.5),
    }
    for purpose, token in made.items():
        assert {name for name, read in readers.items() if read(token) is not None} == {purpose}


def test_the_password_link_lives_an_hour_and_the_others_as_long_as_people_need() -> None:
    with clock.frozen(1_764_000_000.0) as advance:
        password, leave, rate = (
            LINKS.make_password(RITA),
            LINKS.make_unsubscribe(RITA, 1),
            LINKS.make_rating(RITA, 1, 2.25),
        )
        advance(3599)
        assert LINKS.read_password(password) is not None
        advance(2)
        assert LINKS.read_password(password) is None
        advance(29 * DAY)
        found = LINKS.read_rating(rate)
        assert found is not None
        assert found.closed_at == 2.25
        advance(29 * DAY)
        assert LINKS.read_rating(rate) is None
        assert LINKS.read_unsubscribe(leave) == (7, 1)
        advance(2 * DAY)
        assert LINKS.read_unsubscribe(leave) is None


def test_a_token_from_the_future_is_refused() -> None:
    with clock.frozen(1_764_000_000.0) as advance:
        token = LINKS.make_password(RITA)
        advance(-3600)
        assert LINKS.read_password(token) is None


def test_keys_rotate() -> None:
    old = Links([OLD], "https://desk.example.com").make_unsubscribe(RITA, 12)
    assert LINKS.read_unsubscribe(old) == (7, 12)
    assert Links([KEY], "").read_unsubscribe(old) is None
    assert Links([KEY], "").read_unsubscribe(LINKS.make_unsubscribe(RITA, 12)) == (7, 12)


@given(st.text(max_size=80))
def test_anything_else_is_nothing(token: str) -> None:
    for read in (
        LINKS.read_autologin,
        LINKS.read_download,
        LINKS.read_password,
        LINKS.read_unsubscribe,
        LINKS.read_rating,
    ):
        assert read(token) is None


def test_a_changed_token_is_nothing() -> None:
    token = LINKS.make_autologin(RITA, 12)
    for position in range(0, len(token), 7):
        swapped = token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]
        assert LINKS.read_autologin(swapped) is None
    assert LINKS.read_autologin(token + "x" * 2000) is None


def test_the_fingerprint_says_nothing_about_the_password() -> None:
    assert "argon" not in person_fingerprint(RITA)
    assert len(person_fingerprint(RITA)) == 20


def test_urls() -> None:
    assert LINKS.ticket(5) == "https://desk.example.com/t/5"
    assert LINKS.attachment(6) == "https://desk.example.com/a/6"
    assert LINKS.password(RITA).startswith("https://desk.example.com/password/")
    assert LINKS.unsubscribe(5, RITA).startswith("https://desk.example.com/u/")
    assert LINKS.rating(5, RITA, 1.0, "bad").endswith("/bad")
    assert LINKS.is_public
    assert not Links([KEY], "desk.example.com").is_public


@pytest.mark.parametrize(
    ("base_url", "promised"),
    [
        ("https://desk.example.com", True),
        ("https://help.acme-printers.com/desk", True),
        ("http://127.0.0.1:8025", True),
        ("http://[::1]:8025", True),
        ("http://localhost:8025", True),
        ("http://10.1.2.3", True),
        ("http://192.168.0.7:8080/help", True),
        ("http://[fd00::7]", True),
        ("http://helpdesk:8025", True),
        ("http://help.office.internal", True),
        ("http://help.office.lan.", True),
        ("http://box.home.arpa", True),
        ("http://desk.example.com", True),
        ("http://help.acme-printers.com", False),
        ("http://localhost.acme-printers.com", False),
        ("http://internal.com", False),
        ("http://8.8.8.8", False),
        ("http://[2a00::1]", False),
        ("ftp://localhost", False),
        ("desk.example.com", False),
        ("http://[broken", False),
    ],
)
def test_one_click_needs_https_where_strangers_listen(base_url: str, promised: bool) -> None:
    assert Links([KEY], base_url).takes_one_click is promised


def test_tokens_stand_in_a_path_that_every_proxy_passes() -> None:
    import re

    for number in range(200):
        token = LINKS.make_rating(RITA, number, 1_764_000_000.123456 + number)
        assert re.fullmatch(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", token)
        found = LINKS.read_rating(token)
        assert found is not None
        assert found.closed_at == 1_764_000_000.123456 + number


def test_a_link_stays_void_when_what_ended_it_is_taken_back(tmp_path: Path) -> None:
    from mailgate.notify.links import person_fingerprint
    from mailgate.store import Store, people

    store = Store.open(tmp_path / "data")
    person = store.write(lambda tx: people.add(tx, ["c@example.org"], "Carl"))
    before = person_fingerprint(person)
    store.write(lambda tx: people.change(tx, person.id, disabled=1))
    store.write(lambda tx: people.change(tx, person.id, disabled=0))
    with store.read() as db:
        assert person_fingerprint(people.get(db, person.id)) != before
    store.close()
