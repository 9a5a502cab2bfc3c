"""Which articles answer a ticket: the right one, none where none does, and never what the reader may not see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailgate.desk import suggestions
from mailgate.store import Store, articles, entries, people, tickets
from mailgate.store.entries import NewEntry
from tests.support.knowledge import ANSWERED, UNANSWERED, furnish


class Desk:
    """A store with the knowledge base and its names."""

    def __init__(self, folder: Path, internal: tuple[str, ...] = ()) -> None:
        self.store = Store.open(folder / "data")
        self.store.write(lambda tx: (people.add_category(tx, "General"), people.add_category(tx, "Staff")))
        self.rita = self.store.write(lambda tx: people.add(tx, ["rita@example.com"], "Rita"))
        self.ids = furnish(self.store, internal=internal)
        self.names = {number: name for name, number in self.ids.items()}

    def like(self, subject: str, text: str, staff: bool = False) -> list[str]:
        with self.store.read() as db:
            return [self.names[one.id] for one in suggestions.like(db, subject, [text], staff)]

    def ticket(self, subject: str, text: str, **more: Any) -> int:
        def write(tx: Any) -> int:
            number = tickets.add(tx, subject, self.rita.id, 1, "email", 1_790_000_000.0)
            entries.add(tx, number, NewEntry("message", (self.rita.id, "Rita", "rita@example.com"), text, **more))
            return number

        return self.store.write(write)

    def say(self, ticket_id: int, kind: str, text: str, **more: Any) -> None:
        author = (self.rita.id, "Rita", "rita@example.com")
        self.store.write(lambda tx: entries.add(tx, ticket_id, NewEntry(kind, author, text, **more)))

    def for_ticket(self, ticket_id: int, staff: bool = False) -> list[str]:
        with self.store.read() as db:
            found = suggestions.for_ticket(db, tickets.get(db, ticket_id), staff)
        return [self.names[one.id] for one in found]


@pytest.fixture(scope="module")
def knowing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("knowing"))
    yield made
    made.store.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, internal=("password", "vpn"))
    yield made
    made.store.close()


@pytest.mark.parametrize(("subject", "text", "article"), ANSWERED, ids=[f"{a}: {s}" for s, _, a in ANSWERED])
def test_a_question_finds_its_answer_first(knowing: Desk, subject: str, text: str, article: str) -> None:
    assert knowing.like(subject, text)[:1] == [article]


@pytest.mark.parametrize(("subject", "text"), UNANSWERED, ids=[s[:20] or "empty" for s, _ in UNANSWERED])
def test_no_good_match_gives_none(knowing: Desk, subject: str, text: str) -> None:
    assert knowing.like(subject, text) == []


def test_a_few_at_most(knowing: Desk) -> None:
    everything = " ".join(f"{subject} {text}" for subject, text, _ in ANSWERED)
    assert len(knowing.like(everything, everything)) <= suggestions.MOST_SUGGESTED


def test_who_is_no_technician_gets_public_ones_alone(desk: Desk) -> None:
    asked = ("Forgotten password", "I forgot my password and cannot sign in.")
    assert desk.like(*asked, staff=True) == ["password"]
    assert desk.like(*asked) == []


def test_who_is_no_technician_gets_those_of_public_categories_alone(desk: Desk) -> None:
    asked = ("Expenses", "When are my travel expenses paid back?")
    assert desk.like(*asked) == ["expenses"]
    desk.store.write(lambda tx: people.change_category(tx, 1, internal_only=1))
    assert desk.like(*asked) == []
    assert desk.like(*asked, staff=True) == ["expenses"]


def test_a_ticket_is_known_by_its_subject_and_its_words(desk: Desk) -> None:
    number = desk.ticket("Help {}", "The printer says paper jam.")
    assert desk.for_ticket(number) == ["paper-jam"]


def test_what_the_requester_says_later_counts_too(desk: Desk) -> None:
    number = desk.ticket("Help", "Please call me.")
    assert desk.for_ticket(number) == []
    desk.say(number, "message", "It is about the toner of the printer: the prints are pale.")
    assert desk.for_ticket(number) == ["toner"]


@pytest.mark.parametrize(
    ("kind", "more"), [("note", {}), ("message", {"marks": ["non-subscriber"]}), ("reply", {}), ("event", {})]
)
def test_what_the_requester_did_not_say_counts_for_nothing(desk: Desk, kind: str, more: dict[str, Any]) -> None:
    number = desk.ticket("Help", "Please call me.")
    desk.say(number, kind, "It is about the toner of the printer: the prints are pale.", **more)
    assert desk.for_ticket(number, staff=True) == []


def test_quoted_history_counts_for_nothing(desk: Desk) -> None:
    text = "Please call me.\n\n> The printer needs toner, prints are pale."
    assert desk.for_ticket(desk.ticket("Help", text, reply_text="Please call me.")) == []


SIGNED = (
    "Best regards,\nJane Doe\nSales Manager, printers and toner\nPaper Ltd",
    "-- \nJane Doe\nPrinter, toner and paper jam",
    "Saygılarımla\nAyşe Yılmaz\nYazıcı ve toner",
    "Teşekkürler,\nAyşe\nYazıcı kağıt",
    "Thanks!\nJane, printer paper toner",
    "Phone: printer toner paper\nwww.printer-toner-paper.example\nprinter.toner@paper.example",
)


@pytest.mark.parametrize("signature", SIGNED)
def test_what_stands_below_every_mail_is_no_question(desk: Desk, signature: str) -> None:
    assert desk.for_ticket(desk.ticket("Chair", f"Hello,\n\nmy chair broke.\n\n{signature}")) == []


def test_a_signature_hides_no_later_message(desk: Desk) -> None:
    number = desk.ticket("Help", "Please call me.\n\nThanks,\nRita")
    desk.say(number, "message", "It is about the toner of the printer: the prints are pale.\n\nThanks,\nRita")
    assert desk.for_ticket(number) == ["toner"]


def test_thanks_at_the_beginning_ends_nothing(desk: Desk) -> None:
    text = "Thanks.\n\nNow the printer needs toner, the prints are pale."
    assert desk.for_ticket(desk.ticket("Printer", text))[0] == "toner"


def test_without_articles_nothing_is_looked_at(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data")
    store.write(lambda tx: people.add_category(tx, "General"))
    with store.read() as db:
        assert suggestions.like(db, "printer", ["printer"], True) == []
        assert not articles.exist(db)
    store.close()


def test_one_article_is_enough(tmp_path: Path) -> None:
    """In a base this small no word is rarer than another."""
    store = Store.open(tmp_path / "data")
    store.write(lambda tx: people.add_category(tx, "General"))
    new = articles.NewArticle("How to reset your password", "Go to the sign-in page and click Forgot.", 1, False, "en")
    store.write(lambda tx: articles.add(tx, "password", new, None))
    with store.read() as db:
        assert len(suggestions.like(db, "I forgot my password", ["Please help."], False)) == 1
        assert len(suggestions.like(db, "Help", ["I cannot log in, my password does not work"], False)) == 1
        assert suggestions.like(db, "Printer on fire", ["It burns."], False) == []
    store.close()


class _Counting:
    """A reader that counts its questions and keeps the longest."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self.asked = 0
        self.longest = 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._db, name)

        def counted(sql: str, params: Any = {}) -> Any:  # noqa: B006
            self.asked += 1
            self.longest = max([self.longest, len(sql), *(len(str(value)) for value in dict(params).values())])
            return real(sql, params)

        return counted


@pytest.mark.parametrize(
    "text",
    ["printer toner password vpn " * 40_000, " ".join(f"w{n:06d}" for n in range(130_000)), '" OR * NEAR( ' * 80_000,
     "a" * 1_000_000, "ı" * 1_000_000, "'" * 1_000_000, "é" * 500_000],
    ids=["words", "different words", "syntax", "one word", "dotless", "apostrophes", "accents"],
)  # fmt: skip
def test_a_megabyte_costs_what_a_page_costs(knowing: Desk, text: str) -> None:
    """Not a matter of time here: how much is asked of the database is bounded, and how much of the text is looked at."""
    with knowing.store.read() as db:
        counting = _Counting(db)
        suggestions.like(counting, "Printer", [text], False)  # type: ignore[arg-type]
        cut = suggestions.like(db, "Printer", [text], False)
        assert cut == suggestions.like(db, "Printer", [text[: suggestions._LONGEST_TEXT]], False)
    assert counting.asked < 25 * articles.MOST_TERMS
    assert counting.longest < 200 * articles.MOST_TERMS
