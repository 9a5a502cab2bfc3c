"""What technicians do with articles: who may, what becomes an event, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from mailgate.desk import articles as acts
from mailgate.desk.article_file import ArticleFile
from mailgate.errors import NotFoundError, RefusedError
from mailgate.model import Event
from mailgate.model.article import Article
from mailgate.notify.bodies import from_markdown
from mailgate.store import articles, events
from tests.support.desk import Office

FILE = ArticleFile("Open the page.", "Reset your password", tags=("b", "a"))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.close()


def add(office: Office, file: ArticleFile = FILE, name: str | None = None) -> Article:
    made: Article = office.store.write(lambda tx: acts.add(tx, office.technician, file, name))
    return made


def change(office: Office, number: int, file: ArticleFile, seen: int | None = None) -> bool:
    changed: bool = office.store.write(lambda tx: acts.change(tx, office.technician, number, file, seen))
    return changed


def heard(office: Office) -> list[Event]:
    with office.store.read() as db:
        return [event for event in events.waiting(db) if event.kind.startswith("Article")]


def get(office: Office, number: int) -> Article:
    with office.store.read() as db:
        return articles.get(db, number)


def test_a_new_article(office: Office) -> None:
    made = add(office)
    assert (made.name, made.title, made.tags) == ("reset-your-password", "Reset your password", ["a", "b"])
    assert (made.category, made.language, made.public, made.version) == ("General", "en", True, 1)
    assert made.author == "Tess Technician"
    (event,) = heard(office)
    assert (event.kind, event.actor_id, event.ticket_id) == ("ArticleAdded", office.technician.id, None)
    assert event.data == {"article": made.id, "title": made.title, "category": 1}


def test_a_change_is_an_event_and_no_change_is_none(office: Office) -> None:
    made = add(office)
    assert change(office, made.id, ArticleFile("Open the door.", "Doors", "billing", (), True, "tr"))
    now = get(office, made.id)
    assert (now.title, now.text, now.category, now.tags) == ("Doors", "Open the door.", "Billing", [])
    assert (now.internal, now.language, now.name, now.version) == (True, "tr", "reset-your-password", 2)
    event = heard(office)[-1]
    assert (event.kind, event.actor_id) == ("ArticleUpdated", office.technician.id)
    assert event.data == {"article": made.id, "title": "Doors", "category": 2}
    assert not change(office, made.id, ArticleFile("Open the door.\n", tags=()))
    assert len(heard(office)) == 2
    assert get(office, made.id).version == 2


def test_what_a_change_does_not_say_stays(office: Office) -> None:
    made = add(office, ArticleFile("Text.", "Title", "Sales", ("x",), True, "tr"))
    assert change(office, made.id, ArticleFile("New."))
    now = get(office, made.id)
    assert (now.title, now.category, now.tags, now.internal, now.language) == ("Title", "Sales", ["x"], True, "tr")


def test_who_has_not_seen_the_latest_version_writes_nothing_over(office: Office) -> None:
    made = add(office)
    change(office, made.id, ArticleFile("By somebody else."))
    with pytest.raises(RefusedError, match=r"Tess Technician has changed .* --anyway"):
        change(office, made.id, ArticleFile("Mine."), seen=1)
    assert get(office, made.id).text == "By somebody else."
    assert change(office, made.id, ArticleFile("Mine."), seen=2)


def test_only_technicians_write(office: Office) -> None:
    made = add(office)
    office.receive("From: c@example.org\nSubject: x\n\nx")
    for actor in (None, office.user("customer@example.org"), office.user("c@example.org")):
        if actor is None or not actor.is_staff:
            with pytest.raises(RefusedError, match="not a technician"):
                office.store.write(lambda tx, who=actor: acts.add(tx, who, FILE))
            with pytest.raises(RefusedError, match="not a technician"):
                office.store.write(lambda tx, who=actor: acts.change(tx, who, made.id, ArticleFile("x")))
    assert get(office, made.id).text == "Open the page."


@pytest.mark.parametrize(
    ("file", "name", "error", "words"),
    [
        (ArticleFile("text"), None, RefusedError, "needs a title"),
        (ArticleFile("text", "\x1b\n "), None, RefusedError, "title is empty"),
        (ArticleFile(" ", "x"), None, RefusedError, "there is no text"),
        (ArticleFile("x" * 200_000, "x"), None, RefusedError, "larger than"),
        (ArticleFile("x", "y" * 300), None, RefusedError, "longer than 200"),
        (ArticleFile("x", "y", "Nothing"), None, NotFoundError, "category list"),
        (ArticleFile("x", "y", language="de"), None, RefusedError, "one of: en, tr"),
        (ArticleFile("x", "y"), "../x", RefusedError, "cannot be the name"),
        (ArticleFile("x", "y"), "17", RefusedError, "cannot be the name"),
    ],
)
def test_what_is_refused(
    office: Office, file: ArticleFile, name: str | None, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        add(office, file, name)
    assert heard(office) == []
    with office.store.read() as db:
        assert not articles.exist(db)


def test_a_name_is_given_once(office: Office) -> None:
    add(office, name="x")
    with pytest.raises(RefusedError, match="kb edit x"):
        add(office, name="x")
    assert [add(office).name for _ in range(3)] == [
        "reset-your-password",
        "reset-your-password-2",
        "reset-your-password-3",
    ]
    assert add(office, ArticleFile("x", "404")).name == "article-404", "a bare number would be an id"


def test_a_category_is_known_by_its_name_first(office: Office) -> None:
    from mailgate.store import people

    office.store.write(lambda tx: people.add_category(tx, "2"))
    assert add(office, ArticleFile("x", "y", "2")).category_id == 4
    assert add(office, ArticleFile("x", "y", "billing")).category_id == 2
    with office.store.read() as db:
        made = articles.get(db, 1)
    assert made.category == "2"


def test_the_default_category(office: Office) -> None:
    made: Any = office.store.write(lambda tx: acts.add(tx, office.technician, FILE, None, "Sales"))
    assert made.category == "Sales"


def test_what_goes_into_a_reply(office: Office) -> None:
    made = add(office, ArticleFile("# Doors *and* gates\n\nOpen\nthem.", "Doors *and* gates"))
    with office.store.read() as db:
        assert acts.text_for_reply(db, str(made.id)) == "**Doors \\*and\\* gates**\n\nOpen them."
        assert acts.text_for_reply(db, made.name) == acts.text_for_reply(db, str(made.id))
        with pytest.raises(NotFoundError):
            acts.text_for_reply(db, "77")


@pytest.mark.parametrize("hidden", ["internal", "category"])
def test_what_is_internal_goes_into_a_reply_only_where_that_is_asked_for(office: Office, hidden: str) -> None:
    from mailgate.store import people

    if hidden == "category":
        office.store.write(lambda tx: people.change_category(tx, 2, internal_only=1))
    made = add(office, ArticleFile("Key.", "Key", "Billing", internal=hidden == "internal"))
    with office.store.read() as db:
        with pytest.raises(RefusedError, match="--even-internal"):
            acts.text_for_reply(db, str(made.id))
        assert acts.text_for_reply(db, str(made.id), even_internal=True) == "**Key**\n\nKey."


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Toner & drums: what now? Ask!", None),
        ("Form T-12 #3, the home_office > vpn", None),
        ("_Doors_ __and__ *gates*", r"\_Doors\_ \_\_and\_\_ \*gates\*"),
        ("AT&amp;T &copy; &#65;", r"AT\&amp;T \&copy; \&#65;"),
        ("[a](b) `c` <i> a\\*b ![i] <!-- -->", None),
        ('"Quoted" (really)', None),
    ],
)
def test_a_title_means_itself_and_is_read_well_as_plain_text(office: Office, title: str, written: str | None) -> None:
    """The plain text of a reply shows what was written, with its escapes; so there are only those that are needed."""
    made = add(office, ArticleFile("x", title))
    with office.store.read() as db:
        text = acts.text_for_reply(db, str(made.id))
    first = text.splitlines()[0]
    assert "\\" in title or "[" in title or first == f"**{written or title}**"
    assert f"<strong>{title}</strong>" in unescape(from_markdown(first))
