"""What letters say and to whom: sender, subject, threads, links, files, languages, and what must not be in them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailgate.mail import tokens
from mailgate.mail.reply import split_reply
from mailgate.model import Role
from mailgate.notify.letters import subject_with_id
from mailgate.notify.links import Links
from mailgate.store import entries, keys, outbox, people, tickets
from tests.support.letters import PostRoom, Sent

SECRET = "He must not read this"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PostRoom]:
    made = PostRoom(tmp_path)
    yield made
    made.close()


def to(letters: list[Sent], name: str) -> Sent:
    found = [sent for sent in letters if any(address.startswith(f"{name}@") for address in sent.to)]
    assert len(found) == 1
    return found[0]


def reply(room: PostRoom, ticket: int, text: str = "Use water.", **options: Any) -> list[Sent]:
    room.act(room.tess, lambda desk: desk.reply(ticket, text, **options))
    return room.letters()


# -- identity ----------------------------------------------------------------------------------------------------------


def test_system_mail_has_the_systems_name_and_a_persons_mail_has_theirs(room: PostRoom) -> None:
    ticket = room.ticket(quiet=False)
    letters = room.letters()
    assert to(letters, "rita").message["From"] == "Acme Support <support@help.example.com>"
    assert to(letters, "tess").message["From"] == "Rita Requester <support@help.example.com>"
    assert to(reply(room, ticket), "rita").message["From"] == "Tess Tech <support@help.example.com>"
    room.act(room.tess, lambda desk: desk.close(ticket))
    assert to(room.letters(), "rita").message["From"] == "Acme Support <support@help.example.com>"


def test_who_has_no_name_is_not_an_address_in_place_of_one(room: PostRoom) -> None:
    room.ticket(room.person("otto@example.net", ""), quiet=False)
    assert str(to(room.letters(), "tess").message["From"]) == "otto <support@help.example.com>"


def test_one_from_name_for_all(room: PostRoom) -> None:
    room.set("outgoing", from_name_for_all=True)
    assert to(reply(room, room.ticket()), "rita").message["From"] == "Acme Support <support@help.example.com>"


def test_category_before_mailbox_before_the_general_identity(room: PostRoom) -> None:
    ticket = room.ticket(mailbox="sales@help.example.com")
    room.config.mailbox[1].from_address = "verkauf@help.example.com"
    room.config.mailbox[1].from_name = "Sales Box"
    room.set("outgoing")
    room.act(room.tess, lambda desk: desk.close(ticket))
    message = to(room.letters(), "rita").message
    assert (message["From"], message["Reply-To"]) == ("Sales Box <verkauf@help.example.com>",) * 2
    room.store.write(lambda tx: people.change_category(tx, 1, from_address="care@help.example.com", from_name="Care"))
    assert to(reply(room, ticket), "rita").message["From"] == "Tess Tech <care@help.example.com>"


def test_reply_to_and_the_signed_reply_address(room: PostRoom) -> None:
    ticket = room.ticket()
    room.set("outgoing", reply_to="sales@help.example.com")
    assert to(reply(room, ticket), "rita").message["Reply-To"].addresses[0].addr_spec == "sales@help.example.com"
    room.set("intake", signed_reply_address=True)
    address = to(reply(room, ticket), "rita").message["Reply-To"].addresses[0].addr_spec
    found = re.fullmatch(r"sales\+t1\.([a-z2-7]{16})@help\.example\.com", address)
    assert found is not None
    assert tokens.verify_reply_address(ticket, found[1], keys.signing_keys(room.store))
    room.set("outgoing", reply_to="elsewhere@example.net")  # not hosted here: nobody would read the signature
    assert to(reply(room, ticket), "rita").message["Reply-To"].addresses[0].addr_spec == "elsewhere@example.net"


@pytest.mark.parametrize(
    "name", ["Evil\r\nBcc: x@example.com", "<script>alert(1)</script>", "{{ 7*7 }} #Body#", '"; DROP']
)
def test_names_from_outside_are_only_text(room: PostRoom, name: str) -> None:
    evil = room.person("evil@example.org", name)
    room.ticket(evil, quiet=False, subject=name)
    for sent in room.letters():
        assert "Bcc" not in sent.message
        assert "<script>alert" not in sent.html()
        assert "49" not in sent.subject
        assert re.search(r"\{1\}$", sent.subject)


# -- subject and thread ------------------------------------------------------------------------------------------------


def test_the_subject_carries_the_number_once() -> None:
    for subject in ("Fire", "Fire {12}", "{12} Fire {12}", "Fire { #12 }", "Fire {13}", "Fire {13} {12}"):
        made = subject_with_id(subject, 12)
        assert re.findall(r"\{.*?\}", made) == ["{12}"]
    assert subject_with_id("x" * 400 + " {12}", 12).endswith("… {12}")
    assert len(subject_with_id("x" * 400, 12)) < 260
    assert subject_with_id("No ticket", None) == "No ticket"
    assert subject_with_id("Re: Re: RE: Fire {12}", 12) == "Re: Fire {12}"


def test_commands_never_go_out_in_a_subject(room: PostRoom) -> None:
    ticket = room.ticket(subject="Fire #close# now {99} #tech#")
    for sent in reply(room, ticket):
        assert sent.subject == "Re: Fire now {1}"


def test_one_conversation(room: PostRoom) -> None:
    ticket = room.ticket(quiet=False)
    first = to(room.letters(), "rita")
    assert first.message["In-Reply-To"] == "<in1@example.com>"
    assert first.message["References"] == "<in1@example.com>"
    answer = to(reply(room, ticket), "rita")
    assert str(answer.message["References"]).split() == ["<in1@example.com>"]
    room.mail(ticket, room.rita)
    for_tess = to(room.letters(), "tess")
    later = to(reply(room, ticket), "rita")
    chain = str(later.message["References"]).split()
    assert chain[0] == "<in1@example.com>"
    assert answer.message["Message-ID"] in chain
    assert later.message["In-Reply-To"] == chain[-1] == "<in2@example.com>"
    assert str(for_tess.message["References"]).split()[0] == "<in1@example.com>"


def test_a_ticket_that_did_not_begin_with_a_mail_has_one_thread_all_the_same(room: PostRoom) -> None:
    ticket = room.act(room.tess, lambda desk: desk.open("Hello", "text", room.rita, room.general))
    room.letters()
    roots = {str(sent.message["References"]).split()[0] for _ in range(2) for sent in reply(room, ticket)}
    assert len(roots) == 1
    assert tokens.read_message_id(roots.pop(), keys.signing_keys(room.store)) == ticket


def test_every_letter_is_known_for_its_ticket_and_the_reply_keeps_its_id(room: PostRoom) -> None:
    ticket = room.ticket()
    letters = reply(room, ticket)
    with room.store.read() as db:
        for sent in letters:
            assert tickets.by_message_id(db, sent.message["Message-ID"]) == [(ticket, "out")]
            assert tokens.read_message_id(sent.message["Message-ID"], keys.signing_keys(room.store)) == ticket
        entry = entries.latest(db, ticket, 1, ["reply"])[0]
    assert entry.message_id == to(letters, "rita").message["Message-ID"]
    assert len({sent.message["Message-ID"] for sent in letters}) == len(letters)


def test_what_is_automatic_says_so_and_a_persons_reply_does_not(room: PostRoom) -> None:
    ticket = room.ticket(quiet=False)
    letters = room.letters()
    assert to(letters, "rita").message["Auto-Submitted"] == "auto-replied"
    assert to(letters, "tess").message["Auto-Submitted"] == "auto-generated"
    assert all(sent.automatic for sent in letters)
    room.act(room.tess, lambda desk: desk.assign(ticket, room.tom))
    room.letters()
    letters = reply(room, ticket)
    assert "Auto-Submitted" not in to(letters, "rita").message
    assert to(letters, "tom").message["Auto-Submitted"] == "auto-generated"
    installation = keys.installation(room.store)
    assert {sent.message["X-Mailgate"] for sent in letters} == {installation}


# -- languages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "expected"),
    [("tr", "yanıtladı"), ("tr-TR", "yanıtladı"), ("en", "replied"), ("de", "replied"), (None, "replied")],
)
def test_the_readers_language(room: PostRoom, language: str | None, expected: str) -> None:
    room.change(room.rita, language=language)
    sent = to(reply(room, room.ticket()), "rita")
    assert f"Tess Tech {expected}" in sent.text()
    assert f"Tess Tech {expected}" in sent.html()


def test_the_installations_language_where_the_person_has_none(room: PostRoom) -> None:
    room.set("general", language="tr")
    assert "Tess Tech yanıtladı" in to(reply(room, room.ticket()), "rita").text()


@pytest.mark.parametrize("language", ["en", "tr"])
def test_replies_above_our_line_are_read_back(room: PostRoom, language: str) -> None:
    room.change(room.rita, language=language)
    sent = to(reply(room, room.ticket()), "rita")
    assert split_reply("Thanks, it works.\n\n" + sent.text()).new.strip() == "Thanks, it works."


def test_nothing_english_reaches_a_turkish_reader(room: PostRoom) -> None:
    for person in (room.rita, room.sam, room.tess, room.tom, room.ada):
        room.change(person, language="tr")
    room.set(
        "notifications", all_technicians_on_take=True, admins_new_tickets=True, all_technicians_on_article_update=True
    )
    ticket = room.ticket(quiet=False, text="metin", subject="konu")
    room.act(room.tess, lambda desk: desk.take(ticket))
    room.act(room.tess, lambda desk: desk.note(ticket, "not"))
    room.act(room.tess, lambda desk: desk.reply(ticket, "yanit"))
    room.mail(ticket, room.rita, "metin")
    room.act(room.tess, lambda desk: desk.close(ticket))
    room.event("PasswordForgotten", person=room.rita.id)
    room.event("AccountDisabled", account="x", error="y")
    room.event("ArticleUpdated", actor=room.tess, category=1, title="T", article=1)
    letters = room.letters()
    assert {sent.template for sent in letters} >= {
        "confirmation",
        "new_ticket",
        "updated",
        "closed",
        "password",
        "operations",
    }
    english = re.compile(
        r"\b(the|ticket|your|you|reply|wrote|earlier|from|password|mail about|view|open)\b", re.IGNORECASE
    )
    for sent in letters:
        words = re.sub(r"https?://\S+|<[^>]*>|mailgate [a-z ]+", " ", sent.text())
        assert not english.search(words), words


# -- notes and customers' words never leak -----------------------------------------------------------------------------

EVERY_MASK = """#What_Happened# #What_Happened_Short# #Body# #Recent_messages# #50Recent_messages# #Most_recent_message#
#Attachments# #Subject# #Recent_Attachments# #Custom_Fields# #Subscribers# #SubscribersEmails# #NonTechSubscribers#
#Originator# #Recipients#"""


def write_templates(room: PostRoom, **files: str) -> None:
    folder = room.folder / "templates"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name.replace('__', '.')}.j2").write_text(text)


@pytest.mark.parametrize("one_mail", [False, True])
@pytest.mark.parametrize("own_templates", [False, True])
def test_notes_never_reach_anybody_outside(room: PostRoom, one_mail: bool, own_templates: bool) -> None:
    room.set("notifications", one_mail_with_cc=one_mail)
    if own_templates:
        for event in ("updated", "closed"):
            write_templates(
                room, **{f"{event}__html": EVERY_MASK, f"{event}__txt": EVERY_MASK, f"{event}__subject": "#Subject#"}
            )
    ticket = room.ticket()
    attached = [room.attach("secret-plan.txt", b"x")]
    room.act(room.tess, lambda desk: desk.note(ticket, SECRET, attachments=attached))
    stranger = room.person("eve@example.org", "Eve Stranger")
    room.mail(ticket, stranger, "stranger's words", stranger=True, marks=["non-subscriber"])
    room.mail(ticket, room.sam, "public words")
    room.act(room.tess, lambda desk: desk.assign(ticket, room.tom))
    letters = [*room.letters()]
    with room.store.read() as db:
        note_left = any(SECRET in entry.text for entry in entries.of_ticket(db, ticket))
    room.act(room.tess, lambda desk: desk.close(ticket))
    letters += room.letters()
    outside = [sent for sent in letters if not sent.to[0].endswith("@help.example.net")]
    assert note_left
    assert len(outside) >= 3 - one_mail
    before_acceptance = [sent for sent in outside if sent.template == "updated" and "Eve" not in sent.text()[:200]]
    for sent in outside:
        assert SECRET not in sent.text() + sent.html()
        assert "secret-plan" not in sent.text() + sent.html()
    assert before_acceptance
    for sent in before_acceptance:
        assert "stranger's words" not in sent.text()


def test_technicians_see_notes_in_the_history(room: PostRoom) -> None:
    ticket = room.ticket()
    room.act(room.tess, lambda desk: desk.note(ticket, SECRET))
    room.mail(ticket, room.rita)
    sent = to(room.letters(), "tom")
    assert SECRET in sent.text()
    assert "(internal note)" in sent.text()


@pytest.mark.parametrize("one_mail", [False, True])
@pytest.mark.parametrize("own_templates", [False, True])
def test_later_excerpts_do_not_leak_customers_words(room: PostRoom, one_mail: bool, own_templates: bool) -> None:
    room.set("notifications", updates_only_from_technicians=True, one_mail_with_cc=one_mail)
    if own_templates:
        write_templates(
            room, updated__html=EVERY_MASK, updated__txt=EVERY_MASK, updated__subject="#What_Happened_Short#"
        )
    ticket = room.ticket()
    room.mail(ticket, room.rita, SECRET, attachments=[room.attach("secret-plan.txt", b"x")])
    letters = room.letters()
    assert {sent.to[0] for sent in letters} == {"tess@help.example.net", "tom@help.example.net"}
    for sent in reply(room, ticket):
        own = sent.to == ["rita@example.com"]
        assert (SECRET in sent.text() + sent.html() + sent.subject) is own
        assert ("secret-plan" in sent.text() + sent.html()) <= own
        assert "It burns." in sent.text()  # what the ticket began with went to them anyway


def test_quoted_history_in_a_mailed_reply_does_not_go_out(room: PostRoom) -> None:
    ticket = room.ticket()
    html = f"<p>Use water.</p><blockquote>{SECRET}</blockquote>"
    room.mail(ticket, room.tess, f"Use water.\n\n> {SECRET}", new_text="Use water.", html=html, powers=True)
    for sent in room.letters():
        assert "Use water." in sent.text() + sent.html()
        assert SECRET not in sent.text() + sent.html()


# -- links -------------------------------------------------------------------------------------------------------------


def autologin(sent: Sent) -> list[str]:
    return re.findall(r"/t/\d+\?k=([\w.-]+)", sent.text())


def test_links_sign_regular_users_in_and_nobody_else(room: PostRoom) -> None:
    manager = room.person("max@example.com", "Max", Role.MANAGER)
    ticket = room.ticket(subscribers=[room.sam, manager, room.tina])
    letters = reply(room, ticket)
    links = Links(keys.signing_keys(room.store), room.config.web.base_url)
    for name, person in (("rita", room.rita), ("sam", room.sam)):
        (token,) = autologin(to(letters, name))
        found = links.read_autologin(token)
        assert found is not None
        assert (found.person_id, found.subject_id) == (person.id, ticket)
        assert token in to(letters, name).html()
    for name in ("max", "tina"):
        assert autologin(to(letters, name)) == []
        assert f"https://desk.example.com/t/{ticket}\n" in to(letters, name).text()


@pytest.mark.parametrize("settings", [{"autologin_links": False}, {"one_mail_with_cc": True}])
def test_no_signing_in_where_it_is_off(room: PostRoom, settings: dict[str, Any]) -> None:
    ticket = room.ticket(subscribers=[])
    room.set("notifications", **settings)
    for sent in reply(room, ticket, close=True):
        assert b"?k=" not in sent.raw
        assert "?k=" not in sent.text() + sent.html()


def test_rating_only_in_closed_only_for_the_requester(room: PostRoom) -> None:
    ticket = room.ticket()
    assert all("/r/" not in sent.text() for sent in reply(room, ticket))
    letters = reply(room, ticket, close=True)
    votes = re.findall(r"/r/([\w.-]+)/(good|ok|bad)", to(letters, "rita").text())
    assert [vote for _, vote in votes] == ["good", "ok", "bad"]
    found = Links(keys.signing_keys(room.store), "").read_rating(votes[0][0])
    with room.store.read() as db:
        closed_at = tickets.get(db, ticket).closed_at
    assert found is not None
    assert (found.person_id, found.ticket_id, found.closed_at) == (room.rita.id, ticket, closed_at)
    assert "/r/" not in to(letters, "sam").text() + to(letters, "sam").html()


def test_no_rating_in_one_mail(room: PostRoom) -> None:
    room.set("notifications", one_mail_with_cc=True)
    (sent,) = reply(room, room.ticket(), close=True)
    assert "/r/" not in sent.text() + sent.html()


def test_unsubscribing_by_one_click_and_by_mail(room: PostRoom) -> None:
    ticket = room.ticket()
    sent = to(reply(room, ticket), "sam")
    fields = str(sent.message["List-Unsubscribe"])
    found = re.match(r"<https://desk\.example\.com/u/([\w.-]+)>, <mailto:(.*)>\Z", fields)
    assert found is not None
    assert found[2] == "support@help.example.com?subject=%7B1%7D%20%23unsubscribe%23"
    assert Links(keys.signing_keys(room.store), "").read_unsubscribe(found[1]) == (room.sam.id, ticket)
    assert sent.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"/u/{found[1]}" in sent.text()


def test_one_click_is_not_promised_over_plain_http_in_public(room: PostRoom) -> None:
    room.set("web", base_url="http://help.acme-printers.com")
    sent = to(reply(room, room.ticket()), "sam")
    assert str(sent.message["List-Unsubscribe"]).startswith("<http://help.acme-printers.com/u/")
    assert "List-Unsubscribe-Post" not in sent.message
    room.set("web", base_url="http://127.0.0.1:8025")
    sent = to(reply(room, room.ticket()), "sam")
    assert str(sent.message["List-Unsubscribe"]).startswith("<http://127.0.0.1:8025/u/")
    assert sent.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_technicians_who_do_not_subscribe_have_nothing_to_leave(room: PostRoom) -> None:
    room.ticket(quiet=False)
    sent = to(room.letters(), "tess")
    assert "List-Unsubscribe" not in sent.message
    assert "/u/" not in sent.text()


# -- one mail with Cc --------------------------------------------------------------------------------------------------


def test_one_mail_for_all_subscribers(room: PostRoom) -> None:
    room.set("notifications", one_mail_with_cc=True)
    ticket = room.ticket(subscribers=[room.sam, room.tina])
    room.act(room.tess, lambda desk: desk.assign(ticket, room.tom))
    room.letters()
    letters = reply(room, ticket)
    together = to(letters, "rita")
    assert together.message["To"] == "Rita Requester <rita@example.com>"
    assert together.message["Cc"] == "Sam Subscriber <sam@example.com>, Tina Tech <tina@help.example.net>"
    assert together.to == ["rita@example.com", "sam@example.com", "tina@help.example.net"]
    assert str(together.message["List-Unsubscribe"]).startswith("<mailto:")
    assert "List-Unsubscribe-Post" not in together.message
    assert to(letters, "tom").to == ["tom@help.example.net"]
    assert len(letters) == 2


# -- files -------------------------------------------------------------------------------------------------------------

IMAGE = b"\x89PNG\r\n\x1a\n" + b"x" * 100


def with_files(room: PostRoom, ticket: int) -> list[Sent]:
    files = [
        room.attach("plan.pdf", b"PDF" * 50, "application/pdf"),
        room.attach("logo.png", IMAGE, "image/png", "logo@x"),
    ]
    html = (
        '<p style="color:#000">See <img src="cid:logo@x" alt="logo"> <img data-remote-src="http://t.example/p.gif"></p>'
    )
    room.mail(ticket, room.rita, "See", attachments=files, html=html)
    return room.letters()


def test_files_and_inline_images_go_along(room: PostRoom) -> None:
    sent = to(with_files(room, room.ticket()), "tess")
    files = [(part.get_filename(), part.get_payload(decode=True)) for part in sent.message.iter_attachments()]
    assert files == [("plan.pdf", b"PDF" * 50)]
    images = [part for part in sent.message.walk() if part.get_content_type() == "image/png"]
    assert [part["Content-ID"] for part in images] == ["<logo@x>"]
    assert 'src="cid:logo@x"' in sent.html()
    assert "t.example" not in sent.html()
    assert "color:#000" not in sent.html()
    assert "https://desk.example.com/a/1" in sent.text()


def test_without_attachments_no_file_and_no_image_leaves(room: PostRoom) -> None:
    room.set("notifications", include_attachments=False)
    ticket = room.ticket()
    letters = with_files(room, ticket)
    assert {sent.to[0] for sent in letters} == {"sam@example.com", "tess@help.example.net", "tom@help.example.net"}
    for sent in letters:
        assert [part.get_content_type() for part in sent.message.walk()] == [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]
        assert "cid:" not in sent.html()
        assert re.findall(r"/a/\d+\S*", sent.text()) == ["/a/1"]  # the link asks to sign in


def test_download_links_sign_in_only_whom_the_ticket_signs_in(room: PostRoom) -> None:
    letters = with_files(room, room.ticket())
    links = Links(keys.signing_keys(room.store), "")
    (token,) = re.findall(r"/a/1\?k=([\w.-]+)", to(letters, "sam").text())
    found = links.read_download(token)
    assert found is not None
    assert (found.person_id, found.subject_id) == (room.sam.id, 1)
    assert "/a/1?k=" not in to(letters, "tess").text()


def test_large_files_stay_here_and_have_their_link(room: PostRoom) -> None:
    ticket = room.ticket()
    files = [room.attach("huge.bin", b"\0" * (10 * 1024**2 + 1)), room.attach("small.bin", b"small")]
    room.mail(ticket, room.rita, "See", attachments=files)
    for sent in room.letters():
        assert [part.get_filename() for part in sent.message.iter_attachments()] == ["small.bin"]
        assert "huge.bin (10 MB): https://desk.example.com/a/1" in sent.text()


def test_pasted_images_become_parts(room: PostRoom) -> None:
    ticket = room.ticket()
    html = '<p>Look <img src="data:image/png;base64,iVBORw0KGgo="></p>'
    room.mail(ticket, room.rita, "Look", html=html)
    sent = to(room.letters(), "tess")
    assert "data:" not in sent.html()
    (image,) = [part for part in sent.message.walk() if part.get_content_type() == "image/png"]
    assert f'src="cid:{image["Content-ID"][1:-1]}"' in sent.html()


# -- bodies ------------------------------------------------------------------------------------------------------------


def test_markdown_of_technicians_and_plain_words_of_mail(room: PostRoom) -> None:
    ticket = room.ticket()
    sent = to(reply(room, ticket, "Please **hurry**.\n\n- one\n- two\n\n<script>x</script>"), "rita")
    assert "<strong>hurry</strong>" in sent.html()
    assert "<li>one</li>" in sent.html()
    assert "<script" not in sent.html()
    assert "Please **hurry**." in sent.text()
    later = to(reply(room, ticket, "Anything new?"), "rita")
    assert "<strong>hurry</strong>" in later.html()  # in the earlier messages, too
    room.mail(ticket, room.rita, "I **did** <b>it</b> see http://x.example/?a=1&b=2.")
    sent = to(room.letters(), "tess")
    assert "I **did** &lt;b&gt;it&lt;/b&gt;" in sent.html()
    assert '<a href="http://x.example/?a=1&amp;b=2">' in sent.html()


def test_jinja_and_masks_in_a_customers_words_are_inert(room: PostRoom) -> None:
    text = "{{ 7*7 }} {% raw %} #Body# #URL# {# x #} {{ mail.url }}"
    write_templates(
        room, new_ticket__html="<p>#Body#</p>", new_ticket__txt="#Body# #Subject#", new_ticket__subject="#Subject#"
    )
    room.ticket(quiet=False, text=text, subject=text)
    sent = to(room.letters(), "tess")
    assert sent.text().startswith(text)
    assert text in sent.html()


def test_html_is_free_of_what_mail_programs_strip(room: PostRoom) -> None:
    ticket = room.ticket(quiet=False)
    room.act(room.tess, lambda desk: desk.reply(ticket, "x", close=True))
    for sent in room.letters():
        html = sent.html()
        assert not re.search(
            r"<(script|link|form|input|iframe|object|svg|base)\b|javascript:|position\s*:|@import", html
        )
        assert not re.search(r"""\ssrc=["'](?!cid:)""", html)
        assert 'content="light dark"' in html
        assert "max-width:600px" in html
        assert len(html) < 100_000  # Gmail clips at 102 KB


# -- delivery in a transaction -----------------------------------------------------------------------------------------


def test_the_same_event_makes_the_same_message_id(room: PostRoom) -> None:
    from mailgate.notify.letters import Notifier
    from mailgate.store import events

    ticket = room.ticket()
    room.act(room.tess, lambda desk: desk.reply(ticket, "x"))
    made = Notifier(room.config, room.store.blobs, keys.signing_keys(room.store), "id")
    with room.store.read() as db:
        (event,) = events.waiting(db)
        ids = [[letter.new.message_id for letter in made.letters(db, event)] for _ in range(2)]
    assert ids[0] == ids[1]
    letters = room.letters()
    assert [sent.message["Message-ID"] for sent in letters] == ids[0]
    with room.store.read() as db:
        rows = outbox.listed(db)
    assert {row["event_id"] for row in rows if row["message_id"] in ids[0]} == {event.id}


def test_bare_addresses_in_markdown_become_links(room: PostRoom) -> None:
    text = "See https://x.example/a_b?c=1&d=2. And [here](https://y.example), `https://code.example`, javascript://z."
    sent = to(reply(room, room.ticket(), text), "rita")
    links = re.findall(r'href="(https://[xyc][^"]*)"', sent.html())
    assert links == ["https://x.example/a_b?c=1&amp;d=2", "https://y.example"]
    assert "https://code.example</code>" in sent.html()


def test_a_technicians_signature_stands_under_the_reply(room: PostRoom) -> None:
    room.change(room.tess, signature="Tess <Tech>\n+90 212 000 00 00")
    ticket = room.ticket()
    sent = to(reply(room, ticket), "rita")
    assert "Use water.\n\nTess <Tech>\n+90 212 000 00 00" in sent.text()
    assert "Tess &lt;Tech&gt;\n+90" in sent.html()
    room.mail(ticket, room.rita)
    assert "+90" not in to(room.letters(), "tom").text().partition("Earlier messages")[0]


def test_a_history_of_hidden_entries_still_shows_what_may_be_seen(room: PostRoom) -> None:
    ticket = room.ticket(text="the beginning")
    for number in range(30):
        room.act(room.tess, lambda desk, n=number: desk.note(ticket, f"{SECRET} {n}"))
    room.letters()
    sent = to(reply(room, ticket), "rita")
    assert "the beginning" in sent.text()
    assert SECRET not in sent.text()


def test_huge_html_goes_out_as_its_text(room: PostRoom) -> None:
    ticket = room.ticket()
    room.mail(ticket, room.rita, "short", html="<p>short</p>" + "<b></b>" * 100_000)
    assert len(to(room.letters(), "tess").raw) < 50_000
