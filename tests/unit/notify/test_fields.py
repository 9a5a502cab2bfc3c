"""Custom fields in letters: who reads what, in which form, and that nothing in a value is more than text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailgate.model import Field
from mailgate.store import fields
from tests.support.letters import PostRoom, Sent

MARKUP = '<script>alert(1)</script> & "#Subject#" {{ mail.url }} #CF_2#'


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PostRoom]:
    made = PostRoom(tmp_path)
    yield made
    made.close()


def write(room: PostRoom, event: str, text: str) -> None:
    folder = room.folder / "templates"
    folder.mkdir(exist_ok=True)
    for part in ("txt", "html"):
        (folder / f"{event}.{part}.j2").write_text(text, "utf-8")


def field(room: PostRoom, name: str, kind: str = "text", visibility: str = "public", **more: Any) -> Field:
    return room.store.write(lambda tx: fields.add(tx, name, kind, visibility, **more))


def put(room: PostRoom, ticket: int, name: str, value: str) -> None:
    """As the administrator sets it: through the desk, checked."""
    room.act(room.ada, lambda desk: desk.set_field(ticket, name, value))


def reply(room: PostRoom, ticket: int) -> dict[str, Sent]:
    room.act(room.tess, lambda desk: desk.reply(ticket, "Use water."))
    return {sent.to[0].partition("@")[0]: sent for sent in room.letters()}


def test_only_public_fields_are_in_the_list_whoever_reads(room: PostRoom) -> None:
    for name, visibility in (("Floor", "public"), ("Margin", "technicians"), ("Cost", "administrators")):
        field(room, name, "text", visibility)
    ticket = room.ticket(subscribers=[room.sam, room.tina, room.ada])
    for name in ("Floor", "Margin", "Cost"):
        put(room, ticket, name, f"value of {name}")
    write(room, "updated", "[#Custom_Fields#]")
    sent = reply(room, ticket)
    assert set(sent) == {"rita", "sam", "tina", "ada"}
    for letter in sent.values():
        assert letter.text().strip() == "[Floor: value of Floor]"
        assert letter.html().strip() == "[Floor: value of Floor]"


def test_one_field_by_its_id_also_where_it_is_not_public(room: PostRoom) -> None:
    cost = field(room, "Cost", "number", "administrators")
    ticket = room.ticket()
    put(room, ticket, "Cost", "5,50")
    write(room, "updated", f"#CF_{cost.id}# / #cf_value_{cost.id}# / #CF_99# / #CF_VALUE_99#.")
    assert reply(room, ticket)["rita"].text().strip() == "Cost: 5.50 / 5.50 /  / ."
    put(room, ticket, "Cost", "")
    assert reply(room, ticket)["rita"].text().strip() == "/  /  / ."


def test_markup_in_names_and_values_is_text(room: PostRoom) -> None:
    field(room, "<b>A & B</b>")
    field(room, "Secret", "text", "administrators")
    ticket = room.ticket()
    put(room, ticket, "1", MARKUP)
    put(room, ticket, "2", "SECRET")
    write(room, "updated", '#Custom_Fields#|#CF_1#|#CF_VALUE_1#|<a href="https://x.example/?q=#CF_VALUE_1#">x</a>')
    sent = reply(room, ticket)["rita"]
    assert sent.text().startswith(f"<b>A & B</b>: {MARKUP}|<b>A & B</b>: {MARKUP}|{MARKUP}|")
    html = sent.html()
    assert "<script" not in html
    assert "<b>A" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;#Subject#&quot; {{ mail.url }} #CF_2#") == 4
    assert 'href="https://x.example/?q=&lt;script&gt;' in html
    assert "SECRET" not in html + sent.text()
    assert "desk.example.com" not in sent.text()


def test_lines_stay_lines_and_a_subject_has_none(room: PostRoom) -> None:
    field(room, "Notes", "long_text")
    ticket = room.ticket()
    put(room, ticket, "Notes", "one\nBcc: eve@example.org\n\nthree")
    write(room, "updated", "#Custom_Fields#==#CF_1#")
    (room.folder / "templates" / "updated.subject.j2").write_text("#CF_VALUE_1#")
    sent = reply(room, ticket)["rita"]
    assert sent.text().strip() == "Notes: one\nBcc: eve@example.org\n\nthree==Notes: one\nBcc: eve@example.org\n\nthree"
    assert sent.html().count("Notes: one<br>\nBcc: eve@example.org<br>\n<br>\nthree") == 2
    assert sent.subject == f"one Bcc: eve@example.org three {{{ticket}}}"
    assert "Bcc" not in sent.message


def test_readers_of_turkish_read_their_own_forms(room: PostRoom) -> None:
    room.change(room.sam, language="tr")
    field(room, "Garanti", "date")
    field(room, "Tutar", "number")
    field(room, "Yerinde", "checkbox")
    field(room, "İlçe", "choice", choices=["Kadıköy", "Şişli"])
    ticket = room.ticket()
    for name, value in (("Garanti", "1.2.2027"), ("Tutar", "-3,5"), ("Yerinde", "hayır"), ("İlçe", "SISLI")):
        put(room, ticket, name, value)
    write(room, "updated", "#Custom_Fields#\n#CF_1#\n#CF_VALUE_1# #CF_VALUE_2# #CF_VALUE_3# #CF_VALUE_4#")
    sent = reply(room, ticket)
    stored = "2027-02-01 -3.5 no Şişli"
    assert sent["sam"].text().splitlines() == [
        "Garanti: 01.02.2027", "Tutar: -3,5", "Yerinde: hayır", "İlçe: Şişli", "Garanti: 01.02.2027", stored,
    ]  # fmt: skip
    assert sent["rita"].text().splitlines() == [
        "Garanti: 2027-02-01", "Tutar: -3.5", "Yerinde: no", "İlçe: Şişli", "Garanti: 2027-02-01", stored,
    ]  # fmt: skip
    put(room, ticket, "Yerinde", "evet")
    assert "Yerinde: evet" in reply(room, ticket)["sam"].html()


def test_very_many_long_fields_make_no_endless_letter(room: PostRoom) -> None:
    def fill(tx: Any) -> None:
        for number in range(200):
            made = fields.add(tx, f"Field {number}", "long_text", "public")
            fields.put(tx, 1, made, "x" * 20_000)

    ticket = room.ticket()
    room.store.write(fill)
    write(room, "updated", "#Custom_Fields#")
    text = reply(room, ticket)["rita"].text()
    assert text.strip().endswith("\n[…]")
    assert 50_000 < len(text) < 150_000


def test_a_changed_field_makes_no_mail(room: PostRoom) -> None:
    field(room, "Floor")
    ticket = room.ticket()
    put(room, ticket, "Floor", "3")
    assert room.letters() == []
