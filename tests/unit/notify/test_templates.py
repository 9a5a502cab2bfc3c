"""Template files: which one is used, blank ones, broken ones, the sandbox, and every mask's value in every form."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from mailgate.errors import NotFoundError
from mailgate.notify import words
from mailgate.notify.catalogue import check_templates, list_templates, preview, show_template
from mailgate.notify.masks import MASKS
from mailgate.notify.templates import ALLOWED, EVENTS, PACKAGE, PARTS
from mailgate.store import fields, outbox, people
from tests.support.letters import PostRoom, Sent


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PostRoom]:
    made = PostRoom(tmp_path)
    yield made
    made.close()


def write(room: PostRoom, name: str, text: str) -> Path:
    path = room.folder / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def reply(room: PostRoom, ticket: int, **options: Any) -> dict[str, Sent]:
    room.act(room.tess, lambda desk: desk.reply(ticket, "Use <water>.", **options))
    return {sent.to[0].partition("@")[0]: sent for sent in room.letters()}


# -- which file --------------------------------------------------------------------------------------------------------


def test_the_package_has_every_template_in_both_languages() -> None:
    for event in EVENTS:
        for language in words.LANGUAGES:
            for part in PARTS:
                assert (PACKAGE / language / f"{event}.{part}.j2").read_text("utf-8").strip()


def test_both_languages_have_the_same_sentences_with_the_same_names() -> None:
    import string

    english, turkish = words.WORDS["en"], words.WORDS["tr"]
    assert english.keys() == turkish.keys()
    for key in english:
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(text[key]) if name} for text in (english, turkish)
        ]
        assert fields[0] == fields[1], key


def test_own_files_replace_the_packages_and_a_languages_folder_wins(room: PostRoom) -> None:
    room.change(room.sam, language="tr")
    ticket = room.ticket()
    write(room, "updated.txt.j2", "for all")
    letters = reply(room, ticket)
    assert letters["rita"].text() == letters["sam"].text() == "for all"
    write(room, "tr/updated.txt.j2", "herkese")
    letters = reply(room, ticket)
    assert (letters["rita"].text(), letters["sam"].text()) == ("for all", "herkese")
    (room.folder / "templates" / "updated.txt.j2").unlink()
    letters = reply(room, ticket)
    assert "Tess Tech replied" in letters["rita"].text()
    assert letters["sam"].text() == "herkese"


def test_a_file_that_changed_is_read_again(room: PostRoom) -> None:
    ticket = room.ticket()
    path = write(room, "updated.subject.j2", "one")
    assert reply(room, ticket)["rita"].subject == "one {1}"
    path.write_text("another")
    assert reply(room, ticket)["rita"].subject == "another {1}"


@pytest.mark.parametrize("part", PARTS)
def test_a_blank_template_sends_nothing_for_that_event(room: PostRoom, part: str) -> None:
    ticket = room.ticket()
    write(room, f"updated.{part}.j2", " \n\t\n")
    assert reply(room, ticket) == {}
    assert set(reply(room, ticket, close=True)) == {"rita", "sam"}  # closed has templates of its own


def test_a_blank_template_of_one_language_only(room: PostRoom) -> None:
    room.change(room.sam, language="tr")
    write(room, "tr/updated.html.j2", "")
    assert set(reply(room, room.ticket())) == {"rita"}


def test_a_template_that_comes_out_blank_sends_nothing(room: PostRoom) -> None:
    ticket = room.ticket()
    for part in ("txt", "html"):
        write(room, f"updated.{part}.j2", "{% if mail.category == 'Sales' %}only there{% endif %}")
    assert reply(room, ticket) == {}


@pytest.mark.parametrize(
    "source", ["{% if %}", "{{ mail.subject | nosuchfilter }}", "{{ 1 / 0 }}", "{% include 'nowhere.j2' %}"]
)
def test_a_broken_template_gives_way_to_the_packages(room: PostRoom, source: str) -> None:
    write(room, "updated.txt.j2", source)
    assert "Tess Tech replied" in reply(room, room.ticket())["rita"].text()


def test_a_layout_that_names_itself_gives_way_too(room: PostRoom) -> None:
    write(room, "layout.html.j2", '{% extends "layout.html.j2" %}')
    assert "Tess Tech replied" in reply(room, room.ticket())["rita"].html()


@pytest.mark.parametrize(
    "source",
    [
        "{{ mail.scene.config.outgoing }}",
        "{{ mail._links }}",
        "{{ mail.__class__.__mro__ }}",
        "{{ mail.audience.readers }}",
        "{{ mail.entries(5) }}",
        "{{ mail.words.__init__.__globals__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ mail.mask.__func__.__globals__ }}",
    ],
)
def test_the_sandbox_gives_no_more_than_the_list(room: PostRoom, source: str) -> None:
    write(room, "updated.txt.j2", f"[{source}]")
    text = reply(room, room.ticket())["rita"].text()
    assert text == "[]" or "Tess Tech replied" in text


# -- values ------------------------------------------------------------------------------------------------------------

MASKS_WITH_VALUES = {
    "What_Happened": "Ticket updated - Use <water>.",
    "What_Happened_Short": "Ticket updated - Use <water>.",
    "Category": "General",
    "Subject": "Printer <on> fire",
    "Priority": "normal",
    "Status": "waiting",
    "Body": "It burns.",
    "TicketID": "1",
    "Via": "e-mail",
    "From": "Rita Requester",
    "FromEmail": "rita@example.com",
    "FirstName": "Rita",
    "LastName": "Requester",
    "UserName": "rita",
    "Company": "Acme & Sons",
    "Department": "R&D",
    "Location": "İzmir",
    "Originator": "Tess Tech",
    "Recipients": "Rita Requester",
    "Technician": "Tom Tech",
    "TechnicianEmail": "tom@help.example.net",
    "Date": "24 Nov 2025, 16:00 UTC",
    "DueDate": "25 Nov 2025, 00:00 UTC",
    "TimeSpent": "1 h 15 min",
    "Suggested_KB_articles": "",
    "Subscribers": "Rita Requester, Sam Subscriber, Tina Tech",
    "SubscribersEmails": "rita@example.com, sam@example.com, tina@help.example.net",
    "NonTechSubscribers": "Rita Requester, Sam Subscriber",
    "RatingLinks": "",
    "Custom_Fields": "Floor: 3 & 4",
    "CF_1": "Floor: 3 & 4",
    "CF_VALUE_1": "3 & 4",
    "CF_VALUE_2": "internal",
    "CF_99": "",
}


def full_ticket(room: PostRoom) -> int:
    def furnish(tx: Any) -> None:
        people.add_company(tx, "Acme & Sons", ["example.com"])
        people.change(tx, room.rita.id, username="rita", department="R&D", location="İzmir")
        tx.insert("INSERT INTO field (name, kind, visibility) VALUES ('Floor', 'text', 'public')")
        tx.insert("INSERT INTO field (name, kind, visibility) VALUES ('Cost', 'text', 'technicians')")

    room.store.write(furnish)
    ticket = room.ticket(subscribers=[room.sam, room.tina], subject="Printer <on> fire", received_at=1_764_000_000.0)
    room.store.write(lambda tx: fields.put(tx, ticket, fields.named(tx, "Floor"), "3 & 4"))
    room.store.write(lambda tx: fields.put(tx, ticket, fields.named(tx, "Cost"), "internal"))
    room.act(room.tess, lambda desk: desk.assign(ticket, room.tom))
    room.act(room.tess, lambda desk: desk.due(ticket, 1_764_028_800.0))
    room.act(room.tess, lambda desk: desk.time(ticket, 4500))
    room.letters()
    return ticket


def test_every_mask_has_its_value_in_text_html_and_subject(room: PostRoom) -> None:
    ticket = full_ticket(room)
    lines = "".join(f"{name}=#{name}#|" for name in MASKS_WITH_VALUES)
    for part in PARTS:
        write(room, f"updated.{part}.j2", lines.replace("|", "|\n") if part != "subject" else lines)
    sent = reply(room, ticket)["rita"]
    text = dict(line.rstrip("|").split("=", 1) for line in sent.text().split("\n") if "=" in line)
    assert text == MASKS_WITH_VALUES
    html = sent.html()
    for name, value in MASKS_WITH_VALUES.items():
        shown = html.partition(f"{name}=")[2].partition("|")[0]
        assert re.sub(
            "</?(?:div|p)>", "", unescape(shown).replace("<water>", "[water]").replace("<on>", "[on]")
        ).strip() == (value.replace("<water>", "[water]").replace("<on>", "[on]"))
        assert "<on>" not in shown
        assert "<water>" not in shown


def test_every_mask_of_the_list_is_known_to_the_tests() -> None:
    with_links_or_history = {
        "URL", "Recent_messages", "Most_recent_message", "Attachments", "Recent_Attachments", "Unsubscribe",
    }  # fmt: skip
    assert {mask.name for mask in MASKS} == {
        n for n in MASKS_WITH_VALUES if not n.startswith("CF")
    } | with_links_or_history


def test_history_masks_count_their_entries(room: PostRoom) -> None:
    ticket = room.ticket()
    for number in range(7):
        room.mail(ticket, room.rita, f"word{number}.")
    room.letters()
    write(room, "updated.txt.j2", "#Recent_messages#==#3Recent_messages#==#Most_recent_message#==#Son_mesajlar#")
    five, three, one, turkish = reply(room, ticket)["sam"].text().split("==")
    assert [f"word{n}." in five for n in range(7)] == [False, False, False, True, True, True, True]
    assert [f"word{n}." in three for n in range(7)] == [False] * 5 + [True, True]
    assert "word6." not in one
    assert "Use <water>." in one
    assert five.index("word6") < five.index("word3")  # newest first
    assert turkish == five


def test_links_in_html_attributes_and_as_text(room: PostRoom) -> None:
    write(room, "updated.html.j2", "<a href=\"#URL#\" title='#Subject#'>x</a> #URL# #Unsubscribe# #Abonelikten çık#")
    ticket = room.ticket(subject="'\"><script>")
    html = reply(room, ticket)["rita"].html()
    assert html.startswith('<a href="https://desk.example.com/t/1?k=')
    assert "<script>" not in html
    assert "title='&#x27;&quot;&gt;&lt;script&gt;'" in html
    assert html.count('<a href="https://desk.example.com/u/') == 2


def test_attachments_mask(room: PostRoom) -> None:
    ticket = room.ticket(attachments=[room.attach("first <1>.txt", b"1" * 2048)])
    write(room, "updated.txt.j2", "#Ekler#==#Recent_Attachments#")
    write(room, "updated.html.j2", "#Attachments#")
    second = [room.attach("second.txt", b"2")]
    room.act(room.tess, lambda desk: desk.reply(ticket, "x", attachments=second))
    sent = next(sent for sent in room.letters() if sent.to == ["rita@example.com"])
    everything, recent = sent.text().split("==")
    assert "first <1>.txt (2 KB): https://desk.example.com/a/1" in everything
    assert "second.txt (1 B)" in everything
    assert "second.txt" in recent
    assert "first" not in recent
    assert "first &lt;1&gt;.txt</a>" in sent.html()


def test_rating_mask_with_a_prompt(room: PostRoom) -> None:
    write(room, "closed.txt.j2", "#RatingLinks#==#RatingLinks(Rate <us>, please)#")
    sent = reply(room, room.ticket(), close=True)["rita"]
    plain, own = sent.text().split("==")
    assert plain.startswith("How did we do?\nGood: https://desk.example.com/r/")
    assert own.startswith("Rate , please\nGood: https://desk.example.com/r/")  # what looks like a tag goes from text


def test_a_prompt_with_tags_keeps_them_in_html_only(room: PostRoom) -> None:
    prompt = '<b style="color:#c00">Please</b> rate&nbsp;us,<br>Ada &amp; Bob 👍'
    for part in ("txt", "html"):
        write(room, f"closed.{part}.j2", f"#RatingLinks({prompt})#")
    sent = reply(room, room.ticket(), close=True)["rita"]
    assert sent.text().startswith("Please rate us, Ada & Bob 👍\nGood: https://desk.example.com/r/")
    assert sent.html().startswith(f'{prompt}<br>\n<a href="https://desk.example.com/r/')
    for part in ("txt", "html"):
        write(
            room,
            f"closed.{part}.j2",
            "#RatingLinks(Ada & Bob: 1 < 2?)#" if part == "txt" else "#RatingLinks(Ada & Bob)#",
        )
    sent = reply(room, room.ticket(), close=True)["rita"]
    assert "Ada &amp; Bob<br>" in sent.html()


def test_welcome_masks(room: PostRoom) -> None:
    write(room, "welcome.txt.j2", "Hi #username! Go to #URL or #URL#. #Subject#")
    write(room, "welcome.subject.j2", "Hello #UserName#")
    user = room.person("new@example.org", "Nora", made_by="mail")
    room.event("UserMade", actor=user, person=user.id, made_by="mail")
    room.ticket(user, quiet=False)
    sent = next(sent for sent in room.letters() if sent.template == "welcome")
    assert sent.text() == "Hi new@example.org! Go to https://desk.example.com/ or https://desk.example.com/. #Subject#"
    assert sent.subject == "Hello new@example.org"


def test_what_happened_says_the_seeds_sentences(room: PostRoom) -> None:
    for event in ("updated", "closed"):
        write(room, f"{event}.txt.j2", "#What_Happened#")
        write(room, f"tr/{event}.txt.j2", "#what_happened#")
    room.change(room.sam, language="tr")
    ticket = room.ticket()
    letters = reply(room, ticket)
    assert (letters["rita"].text(), letters["sam"].text()) == (
        "Ticket updated - Use <water>.",
        "Bilet güncellendi - Use <water>.",
    )
    letters = reply(room, ticket, close=True)
    assert (letters["rita"].text(), letters["sam"].text()) == (
        "Ticket closed - Use <water>.",
        "Bilet kapatıldı - Use <water>.",
    )
    room.act(room.tess, lambda desk: desk.reopen(ticket))
    room.act(room.tess, lambda desk: desk.close(ticket))
    letters = {sent.to[0].partition("@")[0]: sent for sent in room.letters()}
    assert (letters["rita"].text(), letters["sam"].text()) == ("Ticket closed", "Bilet kapatıldı")
    room.act(room.tess, lambda desk: desk.reopen(ticket))
    room.act(room.tess, lambda desk: desk.assign(ticket, room.tom))
    assert [sent.text() for sent in room.letters()] == ["Tess Tech assigned the ticket to you"]
    room.act(room.tess, lambda desk: desk.note(ticket, "psst"))
    assert [sent.text() for sent in room.letters()] == ["Tess Tech wrote an internal note - psst"]


def test_what_happened_short_has_at_most_a_hundred_characters(room: PostRoom) -> None:
    write(room, "updated.subject.j2", "#What_Happened_Short#")
    ticket = room.ticket()
    room.act(room.tess, lambda desk: desk.reply(ticket, "many words\n" * 50))
    subject = room.letters()[0].subject.removesuffix(" {1}")
    assert len(subject) <= 100
    assert subject.startswith("Ticket updated - many words many words")


# -- the command line's questions --------------------------------------------------------------------------------------


def test_list_and_show(room: PostRoom) -> None:
    own = write(room, "tr/updated.html.j2", "<p>#Konu#</p>")
    write(room, "closed.txt.j2", " ")
    found = list_templates(room.config)
    assert len(found) == len(EVENTS) * len(PARTS) * 2
    assert [item.path for item in found if item.own and item.event == "updated"] == [own]
    assert {(item.event, item.language, item.part) for item in found if item.blank} == {
        ("closed", "en", "txt"),
        ("closed", "tr", "txt"),
    }
    assert show_template(room.config, "updated", "html", "tr") == "<p>#Konu#</p>"
    assert "#Subject#" in show_template(room.config, "updated", "subject")
    for event, part, language in (("nothing", "html", "en"), ("updated", "pdf", "en"), ("updated", "html", "de")):
        with pytest.raises(NotFoundError, match="There is no template"):
            show_template(room.config, event, part, language)


def test_check_names_a_file_in_another_encoding(room: PostRoom) -> None:
    (room.folder / "templates").mkdir(exist_ok=True)
    for part in ("txt", "html"):
        (room.folder / f"templates/updated.{part}.j2").write_bytes("ok\nGüncellendi ş".encode("windows-1254"))
    assert [str(fault).rpartition("/")[2] for fault in check_templates(room.config)] == [
        "updated.txt.j2:2: is not UTF-8; save it as UTF-8",
        "updated.html.j2:2: is not UTF-8; save it as UTF-8",
    ]


def test_check_names_every_fault(room: PostRoom) -> None:
    assert check_templates(room.config) == []
    write(room, "updated.html.j2", "<p>#Subjekt#</p>\n{{ mail.subjekt }}\n{{ ticket }} {{ mail.words.nothing }} #Konu#")
    write(room, "updated.txt.j2", "ok\n{% if %}")
    write(room, "closed.html.j2", "#RatingLinks# {% include 'history.html.j2' %}{% include 'missing.html.j2' %}")
    write(room, "welcome.txt.j2", "#username #Subject#")
    write(room, "welcome.html.j2", "#username#")
    write(room, "udpated.txt.j2", "a slip")
    write(room, "de/updated.txt.j2", "no such language")
    write(room, "notes.md", "no template")
    faults = [str(fault).removeprefix(f"{room.folder}/templates/") for fault in check_templates(room.config)]
    assert sorted(faults) == sorted(
        [
            "updated.html.j2:1: #Subjekt# is no mask that works in updated; it stays as it is",
            "updated.html.j2:2: mail.subjekt does not exist",
            "updated.html.j2: {{ ticket }} does not exist; values are {{ mail.NAME }}",
            "updated.html.j2:3: mail.words.nothing does not exist",
            "updated.txt.j2:2: Expected an expression, got 'end of statement block'",
            "closed.html.j2: missing.html.j2 does not exist",
            "closed.html.j2: there is no closed.txt.j2 beside it: the text half stays mailgate's own",
            "welcome.txt.j2:1: #Subject# is no mask that works in welcome; it stays as it is",
            "udpated.txt.j2: nothing uses this file; names are EVENT.subject.j2, EVENT.html.j2 and EVENT.txt.j2",
            "de/updated.txt.j2: nothing uses this file; names are EVENT.subject.j2, EVENT.html.j2 and EVENT.txt.j2",
        ]
    )


def test_the_packages_own_templates_use_only_what_exists(room: PostRoom) -> None:
    for event in EVENTS:
        for language in words.LANGUAGES:
            for part in PARTS:
                source = (PACKAGE / language / f"{event}.{part}.j2").read_text("utf-8")
                write(room, f"{language}/{event}.{part}.j2", source)
    for path in PACKAGE.glob("*.j2"):
        write(room, path.name, path.read_text("utf-8"))
    assert check_templates(room.config) == []


@pytest.mark.parametrize("words", [None, "It is done."])
def test_a_preview_of_closing_shows_the_ticket_closed(room: PostRoom, words: str | None) -> None:
    for part in PARTS:
        write(room, f"closed.{part}.j2", "#Status# #RatingLinks#")
    ticket = room.ticket()
    if words is not None:
        room.act(room.tess, lambda desk: desk.close(ticket, words))
        room.letters()
    letters = {letter.readers[0].id: letter for letter in preview(room.store, room.config, "closed", ticket)}
    assert set(letters) == {room.rita.id, room.sam.id}
    for letter in letters.values():
        assert letter.rendered.subject.startswith("closed")
        assert letter.rendered.html.startswith("closed")
    assert "/r/" in letters[room.rita.id].rendered.text


@pytest.mark.parametrize("event", EVENTS)
def test_preview_shows_what_would_go_and_sends_nothing(room: PostRoom, event: str) -> None:
    room.set("notifications", all_technicians_on_article_update=True)
    ticket = room.ticket()
    room.act(room.tess, lambda desk: desk.reply(ticket, "Use water."))
    room.letters()
    before = room.store.path.stat().st_mtime_ns
    letters = preview(room.store, room.config, event, ticket)
    assert letters
    assert {letter.new.template for letter in letters} == {event}
    assert all(letter.rendered.text.strip() and letter.rendered.html.strip() for letter in letters)
    with room.store.read() as db:
        assert outbox.depth(db)[0] == 0
    assert room.store.path.stat().st_mtime_ns == before


def test_a_preview_opens_nothing(room: PostRoom) -> None:
    from mailgate.notify.links import Links
    from mailgate.store import keys

    ticket = room.ticket()
    (letter,) = preview(room.store, room.config, "password", ticket)
    token = re.findall(r"/password/([\w.-]+)", letter.rendered.text)[0]
    assert Links(keys.signing_keys(room.store), "").read_password(token) is None
    with pytest.raises(NotFoundError):
        preview(room.store, room.config, "nothing", ticket)
    with pytest.raises(NotFoundError):
        preview(room.store, room.config, "updated", 999)


def test_the_list_of_variables_is_what_a_view_has() -> None:
    from mailgate.notify.view import View

    assert all(hasattr(View, name) or name in ("language", "template", "words") for name in ALLOWED)


# -- the documents -----------------------------------------------------------------------------------------------------


def test_every_mask_variable_event_and_setting_is_documented() -> None:
    from mailgate.config.schema import Notifications

    docs = PACKAGE.parents[2] / "docs"
    templates, notifications = ((docs / name).read_text("utf-8") for name in ("templates.md", "notifications.md"))
    for mask in MASKS:
        assert all(f"`#{name}#`" in templates for name in (mask.name, *mask.turkish)), mask.name
    for name in ALLOWED:
        assert re.search(rf"`mail\.{name}\b", templates), name
    for event in EVENTS:
        assert f"`{event}`" in templates
        assert f"`{event}`" in notifications
    for setting in Notifications.__struct_fields__:
        assert setting in ("enabled", "templates") or f"`{setting}" in notifications, setting
