"""The knowledge base in mail: a confirmation names the article that answers, technicians hear of changed articles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailgate.desk import articles as acts
from mailgate.desk.article_file import ArticleFile
from mailgate.model import Role, User
from mailgate.notify.catalogue import preview
from mailgate.store import people
from tests.support.desk import mail
from tests.support.installation import Installation
from tests.support.relay import SinkRelay

Make = Callable[..., Installation]
WEB = '[web]\nbase_url = "https://desk.example.com"\n'
MASK = "Maybe this helps:\n#Suggested_KB_articles#\n"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes installations whose confirmation names articles."""
    made: list[Installation] = []

    def build(extra: str = "", own: bool = True) -> Installation:
        sink = SinkRelay()
        sink.start()
        folder = tmp_path / f"i{len(made)}"
        templates = folder / "templates"
        templates.mkdir(parents=True)
        for name in ("confirmation", "new_ticket") if own else ():
            (templates / f"{name}.txt.j2").write_text(MASK)
            (templates / f"{name}.html.j2").write_text(f"<html><body><p>{MASK}</p></body></html>")
        made.append(Installation(folder, sink, WEB + extra))
        return made[-1]

    yield build
    for one in made:
        one.close()
        one.sink.stop()


def write(office: Installation, title: str, text: str, actor: User | None = None, **given: Any) -> int:
    who = actor or office.technician
    made: int = office.store.write(lambda tx: acts.add(tx, who, ArticleFile(text, title, **given)).id)
    return made


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def to(sent: list[EmailMessage], address: str, words: str = "") -> list[EmailMessage]:
    return [one for one in sent if address in str(one["To"]) and words in body(one, "plain")]


def colleague(office: Installation, category: int = 1, name: str = "tom") -> User:
    def work(tx: Any) -> User:
        made = people.add(tx, [f"{name}@help.example.com"], name.title(), Role.TECHNICIAN)
        people.set_categories(tx, made.id, [category])
        return people.get(tx, made.id)

    user: User = office.store.write(work)
    return user


def test_a_confirmation_holds_the_link_of_the_article_that_answers(make: Make) -> None:
    office = make()
    number = write(office, 'Clear a paper <jam> & "more"', "Open the door of the printer and pull the sheet out.")
    write(office, "Holidays", "Fill in the form.")
    office.receive(mail("Printer", "There is a paper jam in the printer."))
    (letter,) = to(office.post(), "customer@example.org", "Maybe this helps")
    assert f'Clear a paper <jam> & "more": https://desk.example.com/kb/{number}' in body(letter, "plain")
    html = body(letter, "html")
    assert (
        f'<a href="https://desk.example.com/kb/{number}">Clear a paper &lt;jam&gt; &amp; &quot;more&quot;</a>' in html
    )
    assert "Holidays" not in html


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "Perhaps one of these articles helps"), ("tr", "Bu makalelerden biri hemen yardımcı olabilir")],
)
def test_the_confirmation_that_comes_with_mailgate_names_it_too(make: Make, language: str, told: str) -> None:
    office = make(own=False)
    office.config.general.language = language
    number = write(office, "Clear a paper <jam>", "Open the door of the printer and pull the sheet out.")
    office.receive(mail("Printer", "There is a paper jam in the printer."))
    (letter,) = to(office.post(), "customer@example.org", told)
    assert f"Clear a paper <jam>: https://desk.example.com/kb/{number}\n" in body(letter, "plain")
    link = f'<a href="https://desk.example.com/kb/{number}" style="color:#1f5fc4;">Clear a paper &lt;jam&gt;</a>'
    assert link in body(letter, "html")
    office.receive(mail("Chair", "It broke."))
    assert to(office.post(), "customer@example.org", told) == []


def test_a_preview_shows_it(make: Make) -> None:
    office = make()
    number = write(office, "Clear a paper jam", "Open the door.")
    office.receive(mail("Printer", "There is a paper jam in the printer."))
    (letter,) = preview(office.store, office.config, "confirmation", 1)
    assert f"https://desk.example.com/kb/{number}" in letter.rendered.text


def test_no_good_match_gives_none(make: Make) -> None:
    office = make()
    write(office, "Holidays", "Fill in the form.")
    office.receive(mail("Printer", "There is a paper jam."))
    (letter,) = to(office.post(), "customer@example.org", "Maybe this helps")
    assert "/kb/" not in body(letter, "plain") + body(letter, "html")


def test_a_reader_gets_only_what_they_may_see(make: Make) -> None:
    office = make("[notifications]\ntechnicians_new_tickets = true\n")
    number = write(office, "Clear a paper jam", "Open the door.", internal=True)
    office.receive(mail("Printer", "There is a paper jam."))
    sent = office.post()
    (customers,) = to(sent, "customer@example.org", "Maybe this helps")
    (technicians,) = to(sent, "tess@help.example.com")
    assert "/kb/" not in body(customers, "plain")
    assert f"https://desk.example.com/kb/{number}" in body(technicians, "plain")


def test_words_of_a_turkish_mail_find_a_turkish_article(make: Make) -> None:
    office = make()
    number = write(office, "Yazıcıda kâğıt sıkışması", "Ön kapağı açın.")
    turkish = mail("Yazıcı", "Yazıcıya kağıt sıkıştı.", content_type="text/plain; charset=utf-8")
    office.receive(turkish)
    (letter,) = to(office.post(), "customer@example.org", "Maybe this helps")
    assert f"Yazıcıda kâğıt sıkışması: https://desk.example.com/kb/{number}" in body(letter, "plain")


def test_an_article_is_text_and_never_a_template(make: Make) -> None:
    office = make()
    number = write(office, "{{ 7*7 }} #Name# paper jam {% include 'x' %}", "{{ mail.url }}")
    office.receive(mail('" OR * NEAR( paper jam', "{{ 1/0 }} paper jam"))
    (letter,) = to(office.post(), "customer@example.org", "Maybe this helps")
    told = f"{{{{ 7*7 }}}} #Name# paper jam {{% include 'x' %}}: https://desk.example.com/kb/{number}"
    assert told in body(letter, "plain")


def test_nothing_is_looked_for_where_no_template_asks(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from mailgate.desk import suggestions

    office = make()
    write(office, "Clear a paper jam", "Open the door.")
    asked: list[int] = []
    real = suggestions.for_ticket
    monkeypatch.setattr(suggestions, "for_ticket", lambda *given: asked.append(1) or real(*given))
    office.receive(mail("Printer", "There is a paper jam."))
    assert asked == [], "never while mail is taken in"
    office.post()
    assert len(asked) == 2, "once for the customer, once for technicians, however many they are"
    office.act(lambda desk: desk.reply(1, "Please try it."))
    office.post()
    assert len(asked) == 2


ON = "[notifications]\nall_technicians_on_article_update = true\n"


def test_technicians_of_the_category_hear_of_a_changed_article_and_its_editor_does_not(make: Make) -> None:
    office = make(ON)
    colleague(office)
    colleague(office, 3, "sue")
    number = write(office, "Clear a paper jam", "Open the door.")
    assert office.post() == [], "a new article is no change"
    office.store.write(
        lambda tx: acts.change(tx, office.technician, number, ArticleFile("Open the lid.", "Paper jams"))
    )
    (letter,) = office.post()
    assert str(letter["To"]) == "Tom <tom@help.example.com>"
    assert letter["Subject"] == 'The article "Paper jams" was updated'
    assert "Tess Technician changed an article of your category." in body(letter, "plain")
    assert f"https://desk.example.com/kb/{number}" in body(letter, "plain")
    assert f'href="https://desk.example.com/kb/{number}"' in body(letter, "html")
    assert letter["Auto-Submitted"] == "auto-generated"


def test_who_hears_of_it_after_it_moved(make: Make) -> None:
    office = make(ON)
    colleague(office)
    colleague(office, 3, "sue")
    number = write(office, "Clear a paper jam", "Open the door.")
    office.store.write(
        lambda tx: acts.change(tx, office.technician, number, ArticleFile("Open the door.", category="Sales"))
    )
    assert [str(one["To"]) for one in office.post()] == ["Sue <sue@help.example.com>"]


@pytest.mark.parametrize("extra", ["", ON + "enabled = false\n"])
def test_where_the_setting_is_off_nobody_hears_of_it(make: Make, extra: str) -> None:
    office = make(extra)
    colleague(office)
    number = write(office, "Clear a paper jam", "Open the door.")
    office.store.write(lambda tx: acts.change(tx, office.technician, number, ArticleFile("Open the lid.")))
    assert office.post() == []


def test_what_changes_nothing_tells_nobody(make: Make) -> None:
    office = make(ON)
    colleague(office)
    number = write(office, "Clear a paper jam", "Open the door.")
    office.store.write(lambda tx: acts.change(tx, office.technician, number, ArticleFile("Open the door.")))
    assert office.post() == []
