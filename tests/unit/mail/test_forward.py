"""The original sender of a forward: what counts as evidence, and what must not be believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail import forward_block
from mailgate.mail.forward import find_forwarded
from mailgate.mail.message import Address, Attachment, Header, HeaderField, ParsedMessage, Report

BLOCK = "From: Mary <mary@cedar.example>\nSent: Tuesday, March 14, 2023 9:05 AM\nTo: Tom <tom@desk.example>\nSubject: Jam\n\nHello"


def message(text: str, subject: str = "Fwd: Jam", html: str | None = None) -> ParsedMessage:
    return ParsedMessage(
        header=Header(), from_=[Address("Tom", "tom@desk.example")], subject=subject, text=text, html=html
    )


def sender(text: str, subject: str = "Fwd: Jam", html: str | None = None) -> str | None:
    found = find_forwarded(message(text, subject, html))
    return found.sender.address if found else None


def test_a_block_needs_a_forward_prefix_or_a_marker() -> None:
    assert sender(BLOCK) == "mary@cedar.example"
    assert sender(BLOCK, "Re: Jam") is None
    assert sender("---------- Forwarded message ---------\n" + BLOCK, "Jam") == "mary@cedar.example"
    assert sender("-----Original Message-----\n" + BLOCK, "Jam") is None


def test_a_quoted_marker_in_a_reply_is_no_evidence() -> None:
    quoted = "\n".join("> " + line for line in ["---------- Forwarded message ---------", *BLOCK.splitlines()])
    assert sender("Thanks!\n\nOn 14 March 2023 Ola <ola@x.example> wrote:\n" + quoted, "Re: Jam") is None


def test_a_name_without_an_address_is_completed_only_beside_the_same_name() -> None:
    names = "From: Mary\nSent: 14 March 2023\nTo: Tom\nSubject: Jam\n\nHello\n\n"
    other = "From: Ola <ola@x.example>\nSent: 13 March 2023\nTo: Tom\nSubject: Jam\n\nHi"
    same = "From: Tom <tom@desk.example>\nSent: 13 March 2023\nTo: Mary <mary@cedar.example>\nSubject: Jam\n\nHi"
    assert sender(names + other) is None
    assert sender(names + same) == "mary@cedar.example"


def test_the_forwarders_business_card_is_not_the_sender() -> None:
    card = "Please handle.\n\nTom\nTel: 555 2023\nDirect: 10:30\nE-Mail: tom@desk.example\nWeb: desk.example"
    assert sender(card) is None


def test_an_empty_subject_line_does_not_eat_the_body() -> None:
    header = "From: <mary@cedar.example>\nDate: 14 March 2023\nSubject:\nTo: <tom@desk.example>"
    text = f"---------- Forwarded message ---------\n{header}\n\n\nHello"
    found = find_forwarded(message(text))
    assert found is not None
    assert (found.subject, found.text) == ("Jam", "Hello")


def test_below_a_marker_a_from_line_is_enough() -> None:
    found = find_forwarded(
        message("note\n\n---------- Forwarded message ----------\nFrom: Mary <mary@cedar.example>\n\nHello")
    )
    assert found is not None
    assert (found.sender.address, found.note, found.text) == ("mary@cedar.example", "note", "Hello")


def test_what_a_report_brings_back_was_not_forwarded() -> None:
    original = b"From: Mary <mary@cedar.example>\r\nSubject: Jam\r\n\r\nHello\r\n"
    bounced = message("Not delivered.", "Fwd: Jam")
    bounced.attachments.append(Attachment("original.eml", "message/rfc822", original))
    assert find_forwarded(bounced) is not None
    bounced.report = Report("delivery-status")
    assert find_forwarded(bounced) is None


@pytest.mark.parametrize("line", ["From: a@b.example", "Date: 2023", "To: a@b.example,", "x: a@b.example", "*From:*"])
def test_the_number_of_lines_weighed_in_vain_is_bounded(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hostile text has thousands of lines that look like the beginning of a block."""
    calls = 0
    read = forward_block.read_block

    def counted(lines: list[str], start: int, *, author: bool = True) -> object:
        nonlocal calls
        calls += 1
        return read(lines, start, author=author)

    monkeypatch.setattr(forward_block, "read_block", counted)
    find_forwarded(message(f"{line}\n" * 9000))
    assert calls <= forward_block.CANDIDATES + 20


def test_html_keeps_what_is_below_the_block() -> None:
    html = (
        "<div>note</div><p><b>From:</b> Mary &lt;mary@cedar.example&gt;<br><b>Sent:</b> 14 March 2023<br>"
        "<b>To:</b> Tom<br><b>Subject:</b> Jam</p><p>Hello <b>bold</b></p>"
    )
    found = find_forwarded(message(BLOCK, html=html))
    assert found is not None
    assert found.html is not None
    assert "Hello <b>bold</b>" in found.html
    assert "mary@" not in found.html
    assert "note" not in found.html


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("Mary <mary@cedar.example>", "Mary", "mary@cedar.example"),
        ("Mary [mailto:mary@cedar.example]", "Mary", "mary@cedar.example"),
        ('"Mary" <mailto:mary@cedar.example>', "Mary", "mary@cedar.example"),
        ("mary@cedar.example <mailto:mary@cedar.example>", "", "mary@cedar.example"),
        ("Mary (mary@cedar.example)", "Mary", "mary@cedar.example"),
        ("[mary@cedar.example](mailto:mary@cedar.example)", "", "mary@cedar.example"),
        ("[Mary](mailto:mary@cedar.example)", "Mary", "mary@cedar.example"),
        ("Mary <mary@cedar.example<mailto:mary@cedar.example>>", "Mary", "mary@cedar.example"),
        ("<mary@cedar.example> Mary", "Mary", "mary@cedar.example"),
        ("mary@cedar.example", "", "mary@cedar.example"),
        ("'mary@cedar.example'", "", "mary@cedar.example"),
        ("Whitfield, Mary <Mary@Cedar.EXAMPLE>", "Whitfield, Mary", "Mary@cedar.example"),
        ("**Mary** <mary@cedar.example>", "Mary", "mary@cedar.example"),
        ("Mary O'Hara <mary.o'hara@cedar.example>", "Mary O'Hara", "mary.o'hara@cedar.example"),
        ("Mary\u00a0W <mary@cedar.example>;", "Mary W", "mary@cedar.example"),
        ('"jane@roe.example" <forms@cedar.example>', "jane@roe.example", "forms@cedar.example"),
        ("forms@cedar.example [mailto:forms@cedar.example] On Behalf Of Mary", "Mary", "forms@cedar.example"),
        ("forms@cedar.example; on behalf of; Mary <mary@cedar.example>", "Mary", "mary@cedar.example"),
        ("Jörg <jörg@köln.example>", "Jörg", "jörg@köln.example"),
        ("王小明<xiaoming@hongye.example>发送时间", "王小明", "xiaoming@hongye.example"),
    ],
)
def test_shapes_of_an_address(written: str, name: str, address: str) -> None:
    found = find_forwarded(message(f"From: {written}\nDate: 14 March 2023\nTo: t@desk.example\nSubject: Jam\n\nHi"))
    assert found is not None
    assert found.sender == Address(name, address)


@pytest.mark.parametrize(
    "written", ["Mary", "Mary </O=EXCHANGELABS/CN=MARY>", "Mary/ACME@ACME", "@", "mary@", "@cedar.example", ""]
)
def test_what_is_no_address_finds_no_sender(written: str) -> None:
    assert sender(f"From: {written}\nDate: 14 March 2023\nTo: t@desk.example\nSubject: Jam\n\nHi") is None


PIECES = st.sampled_from(
    [
        *(
            "From: a@b.example",
            "From:",
            "To: c@d.example,",
            "To:",
            "Date: 14 March 2023",
            "Subject: x",
            "Subject:",
            "Cc: e",
        ),
        *(
            "---------- Forwarded message ---------",
            "-----Original Message-----",
            "_" * 20,
            "",
            "> ",
            "> From: q@r.example",
        ),
        *(
            "On 14 March 2023 A <a@b.example> wrote:",
            "Begin forwarded message:",
            "*From:* x",
            "| 发件人 | a@b.example |",
        ),
        *("a: b", "Ji: a@b.example", "Roj: 2023", "\t", "<a@b.example>", "hello there", "X-Y: z", "\u200b", "：", "*"),
    ]
)


@given(st.lists(PIECES | st.text(max_size=30), max_size=30), st.sampled_from(["Fwd: x", "Re: x", "x"]))
def test_any_text_can_be_searched(lines: list[str], subject: str) -> None:
    text = "\n".join(lines)
    found = find_forwarded(message(text, subject, html=text))
    if found:
        assert "@" in found.sender.address
        assert found.via == "inline"


def passed_on(subject: str, to: str = "help@desk.example", text: str = BLOCK, **header: str) -> bool:
    letter = message("Please look.\n\n" + text, subject)
    letter.to = [Address("", to)]
    letter.header = Header([HeaderField(name.replace("_", "-"), value.encode()) for name, value in header.items()])
    return find_forwarded(letter) is not None


def test_without_a_prefix_who_writes_past_the_author_forwards() -> None:
    assert passed_on("Jam")
    assert passed_on("")
    assert passed_on("Pers.: Jam")
    assert passed_on("Printer of Mary")
    assert not passed_on("Re: Jam")
    assert not passed_on("Jam", to="mary@cedar.example")
    assert not passed_on("Jam", text="\n".join("> " + line for line in BLOCK.splitlines()))
    assert not passed_on("Jam", text=BLOCK.replace("Sent: Tuesday, March 14, 2023 9:05 AM\n", ""))


def test_vs_answers_the_author_it_goes_to_and_forwards_past_him() -> None:
    assert passed_on("VS: Jam")
    assert not passed_on("VS: Jam", to="mary@cedar.example")
    assert passed_on("VS: Jam", to="mary@cedar.example", text="-------- Videresendt meddelelse --------\n" + BLOCK)


def test_headers_copied_to_be_looked_at_are_no_forward() -> None:
    assert passed_on("Strange mail", text=BLOCK)
    assert not passed_on("Strange mail", text="Received: from a.example by b.example; Tue, 14 Mar 2023 09:05\n" + BLOCK)


def test_under_a_new_subject_the_author_must_be_a_stranger() -> None:
    assert not passed_on("Printer of Mary", to="sales@cedar.example")
    assert not passed_on("Xyz: Jam", to="sales@cedar.example")
    assert passed_on("Fwd - Jam", to="sales@cedar.example")
    assert not passed_on("Report of the quarantine", Auto_Submitted="auto-generated")


def test_header_fields_as_they_came_belong_to_the_block() -> None:
    fields = (
        "Return-Path: <mary@cedar.example>\nReceived: from a.example by\nb.example with SMTP; Tue, 14 Mar\n2023 09:05\n"
    )
    found = find_forwarded(message(f"note\n\n-------- Original Message --------\n{fields}{BLOCK}"))
    assert found is not None
    assert (found.note, found.text) == ("note", "Hello")


def test_lines_above_a_block_that_belong_to_it_are_no_note() -> None:
    for above in (
        "--- On Tue, 14/3/23, Mary <mary@cedar.example> wrote:\n\n",
        "X-Sender: mary@pop.cedar.example\n",
        "Original Email\n\n",
        "Forwarded by Tom <tom@desk.example>\n----------------- Original Message -----------------\n",
    ):
        found = find_forwarded(message("note\n\n" + above + BLOCK))
        assert found is not None
        assert (found.sender.address, found.note) == ("mary@cedar.example", "note"), above


def test_encodings_pasted_into_a_block_are_read() -> None:
    block = BLOCK.replace("Mary <", "=?UTF-8?Q?M=C3=A4ry?= &lt;").replace("example>\nSent", "example&gt;\nSent")
    found = find_forwarded(message(block.replace("Subject: Jam", "Subject: =?UTF-8?B?SsOkbQ==?=")))
    assert found is not None
    assert (found.sender.name, found.sender.address, found.subject) == ("Märy", "mary@cedar.example", "Jäm")


def test_what_a_block_lacks_may_stand_behind_an_unknown_label() -> None:
    found = find_forwarded(
        message("From: Mary <mary@cedar.example>\nTo: Tom <tom@desk.example>\nSent: 14.3.2023\nXyz: Jam\n\nHello")
    )
    assert found is not None
    assert (found.subject, found.text) == ("Jam", "Hello")


def test_a_notes_address_broken_by_its_column_is_whole() -> None:
    rows = ["             Mary Holm", "             <mary@cedar.e", "             xample>                 To"]
    rows += [
        "                             tom@desk.example",
        "             14/03/2023 09:05        cc",
        "             AM",
    ]
    rows += ["                                Subject", "                             Jam", "", "Hello"]
    found = find_forwarded(message("----- Forwarded by Tom/Desk on 14/03/2023 10:00 AM -----\n\n" + "\n".join(rows)))
    assert found is not None
    assert (found.sender.name, found.sender.address) == ("Mary Holm", "mary@cedar.example")


def test_a_name_behind_an_address_in_brackets() -> None:
    assert find_forwarded(
        message(BLOCK.replace("Mary <mary@cedar.example>", "mary@cedar.example (Mary)"))
    ).sender == Address(  # type: ignore[union-attr]
        "Mary", "mary@cedar.example"
    )


def test_a_text_that_stands_in_the_blocks_own_line_is_cut_off() -> None:
    line = (
        "Please look. From: Mary <mary@cedar.example> Sent: Tuesday, March 14, 2023 9:05 AM To: Tom <tom@desk.example> "
    )
    for last, subject in (
        ("Subject: Jam Hello", "Fwd: Jam"),
        ("Subject: Jam Cc: Ola <ola@x.example> Hello", "Fwd: Jam"),
    ):
        found = find_forwarded(message(line + last, subject))
        assert found is not None
        assert (found.note, found.sender.address, found.subject, found.text) == (
            "Please look.", "mary@cedar.example", "Jam", "Hello",
        )  # fmt: skip


def test_a_group_or_a_message_id_before_the_author_is_not_the_author() -> None:
    for attribution in (
        '--- In help@groups.example, "Mary" <mary@cedar.example> wrote:',
        ">>> On 3/14/2023 at 9:05 AM, in message\n<64102F.1C@cedar.example>, Mary <mary@cedar.example> wrote:",
        ">>> Mary <mary@cedar.example> Tuesday, March 14, 2023 9:05 AM >>>",
    ):
        found = find_forwarded(message(f"note\n\n{attribution}\nHello"))
        assert found is not None
        assert (found.sender, found.note, found.text) == (Address("Mary", "mary@cedar.example"), "note", "Hello")


def test_a_link_that_holds_name_and_address() -> None:
    link = '<a href="mailto:Mary%20Holm%20%3Cmary@cedar.example%3E">Mary Holm</a>'
    html = (
        f"<p><b>From:</b> {link}<br><b>Sent:</b> 14 March 2023<br><b>To:</b> Tom<br><b>Subject:</b> Jam</p><p>Hello</p>"
    )
    found = find_forwarded(message("", html=html))
    assert found is not None
    assert found.sender == Address("Mary Holm", "mary@cedar.example")


def test_a_block_in_one_line_may_have_been_wrapped() -> None:
    for block in (
        '----- Forwarded Message ----- From: "Mary" <mary@cedar.example>To: "Tom"\n<tom@desk.example>Sent: Tue, Mar 14, 2023 '
        "at 9:05\nAMSubject: Jam",
        '----- Forwarded Message -----\nFrom: "Mary" <mary@cedar.example>To: "Tom" <tom@desk.example>Sent: 9:05 AMSubject: Jam',
    ):
        found = find_forwarded(message(f"note\n\n{block}\n\nHello"))
        assert found is not None, block
        assert (found.sender, found.note, found.text) == (Address("Mary", "mary@cedar.example"), "note", "Hello")


def test_groupwise_line_that_was_wrapped() -> None:
    found = find_forwarded(
        message('note\n\n>>> "Mary" <mary@cedar.example> Tuesday, March 14, 2023\n9:05 AM >>>\nHello')
    )
    assert found is not None
    assert (found.sender, found.note, found.text) == (Address("Mary", "mary@cedar.example"), "note", "Hello")


def test_an_author_on_whose_behalf_another_wrote_over_two_lines() -> None:
    block = BLOCK.replace("Mary <mary@cedar.example>", "list@x.example [mailto:list@x.example]On\nBehalf Of Mary")
    found = find_forwarded(message(block))
    assert found is not None
    assert (found.sender, found.text) == (Address("Mary", "list@x.example"), "Hello")
