"""Outgoing mail as a receiver sees it: parsed again, its lines within limits, nothing smuggled into its header."""

import email
import email.policy
import re
from dataclasses import replace
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.mail.compose import MARK_FIELD, REPLY_MARKERS, Draft, Enclosed, compose
from mailgate.mail.compose_header import address_field, content_type, text_field, token_field, wire_address
from mailgate.mail.message import Address
from mailgate.mail.parse import parse
from mailgate.mail.reply import split_reply

LONG_ID = f"<{'a' * 120}@mail.example.com>"
DRAFT = Draft(
    from_=Address("Tess Tech", "support@help.example.com"),
    to=[Address("Jane Doe", "jane@example.com")],
    subject="Printer is broken {12}",
    message_id="<t12.aaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbb@help.example.com>",
    date=1_764_000_000,
    text="Hello",
    html="<p>Hello</p>",
)


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def header_of(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[0]


def test_a_plain_reply_is_what_a_mail_program_expects() -> None:
    raw = compose(DRAFT)
    message = read(raw)
    assert message["From"] == "Tess Tech <support@help.example.com>"
    assert message["To"] == "Jane Doe <jane@example.com>"
    assert message["Subject"] == "Printer is broken {12}"
    assert message["Date"] == "Mon, 24 Nov 2025 16:00:00 +0000"
    assert message["Message-ID"] == DRAFT.message_id
    assert message.get_content_type() == "multipart/alternative"
    assert body(message, "plain") == "Hello"
    assert body(message, "html") == "<p>Hello</p>"
    assert "Auto-Submitted" not in message
    assert "List-Unsubscribe" not in message
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")


def test_automatic_mail_says_so_and_carries_our_mark() -> None:
    message = read(compose(replace(DRAFT, automatic="auto-replied", installation="abc123")))
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message[MARK_FIELD] == "abc123"


def test_long_ids_and_links_are_folded_between_them_and_never_encoded() -> None:
    ids = [LONG_ID, *(f"<message-number-{n}@mail.example.com>" for n in range(40))]
    uri = "https://desk.example.com/u/" + "T0ken-" * 60
    raw = compose(replace(DRAFT, references=ids, in_reply_to=ids[-1], unsubscribe=[uri, "mailto:a@b.example"]))
    message = read(raw)
    assert b"=?" not in header_of(raw)
    found = str(message["References"]).split()
    assert found[0] == LONG_ID
    assert found[1:] == ids[-19:]
    assert message["In-Reply-To"] == ids[-1]
    assert message["List-Unsubscribe"] == f"<{uri}>, <mailto:a@b.example>"
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_one_click_needs_its_second_field() -> None:
    raw = compose(replace(DRAFT, unsubscribe=["https://desk.example.com/u/x"], one_click=True))
    assert b"\r\nList-Unsubscribe: <https://desk.example.com/u/x>\r\n" in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


@pytest.mark.parametrize(
    "evil",
    [
        "x\r\nBcc: victim@example.com",
        "x\nBcc: victim@example.com",
        "x\rBcc: victim@example.com",
        "x\r\n\r\n<script>",
        "x\x0bBcc: victim@example.com",
        "x\x85Bcc: victim@example.com",
        "x\u2028Bcc: victim@example.com",
        "=?utf-8?q?x=0D=0ABcc:_victim@example.com?=",
        "\x00\r\n Bcc: victim@example.com",
    ],
)
def test_no_value_can_add_a_field(evil: str) -> None:
    file = Enclosed(evil, evil, b"data", None)
    draft = replace(
        DRAFT, subject=evil, from_=Address(evil, DRAFT.from_.address), to=[Address(evil, "jane@example.com")],
        cc=[Address("x", f"a{evil}@example.com")], reply_to=Address(evil, "support@help.example.com"), in_reply_to=evil,
        references=[evil, f"<{evil}>", "<good@example.com>"], files=[file], inline=[replace(file, content_id=evil)],
        installation=evil, unsubscribe=[evil], automatic=evil,
    )  # fmt: skip
    raw = compose(draft)
    for line in raw.split(b"\r\n"):
        assert not line.lower().startswith(b"bcc")
    message = read(raw)
    assert "Bcc" not in message
    assert message["References"] == "<good@example.com>"
    assert message.get_content_type() == "multipart/mixed"
    assert raw.replace(b"\r\n", b"").count(b"\r") == raw.replace(b"\r\n", b"").count(b"\n") == 0


def test_subjects_in_every_script_come_back_whole() -> None:
    for subject in (
        "Yazıcı bozuldu, acil! " * 10,
        "日本語の件名" * 20,
        "😀" * 50,
        "a" * 990,
        "plain  two  spaces",
        "=?utf-8?q?x?=",
    ):
        raw = compose(replace(DRAFT, subject=subject))
        assert read(raw)["Subject"] == subject.strip()
        assert parse(raw).subject == subject.strip()
        for word in re.findall(rb"=\?[^?]*\?.\?[^?]*\?=", header_of(raw)):
            assert len(word) <= 75  # RFC 2047 section 2
        assert max(map(len, header_of(raw).split(b"\r\n"))) <= 998


def test_names_with_specials_and_letters_outside_ascii() -> None:
    for name in (
        "Doe, Jane",
        'Jane "JD" Doe',
        "Ayşe Yılmaz",
        "Jane (Acme) <x@y>",
        "J\\D",
        "山田太郎" * 12,
        "Q. Public",
        "=?x?",
    ):
        raw = compose(
            replace(DRAFT, from_=Address(name, "support@help.example.com"), cc=[Address(name, "c@example.com")])
        )
        message = read(raw)
        if len(name) < 40:  # the standard library puts spaces between the encoded-words of a phrase
            assert message["From"].addresses[0].display_name == name
        assert message["From"].addresses[0].addr_spec == "support@help.example.com"
        assert [a.addr_spec for a in message["Cc"].addresses] == ["c@example.com"]
        assert parse(raw).from_ == [Address(name, "support@help.example.com")]


def test_addresses_over_the_wire() -> None:
    assert wire_address("info@örnek.com.tr") == "info@xn--rnek-4qa.com.tr"
    assert wire_address("ayşe@example.com") == "ayşe@example.com"
    assert wire_address('"a b"@example.com') == '"a b"@example.com'
    assert wire_address("a b@example.com") == '"a b"@example.com'
    for bad in (
        "",
        "x",
        "@example.com",
        "a@",
        "a@b c",
        "a@b\r\nBcc: c@d",
        "a<b@example.com",
        "a@" + "b" * 400,
        "a@ex>ample.com",
    ):
        assert wire_address(bad) is None
    assert address_field("To", [Address("x", "bad")]) == b""


def test_file_names_and_types() -> None:
    files = [
        Enclosed("report.pdf", "application/pdf", bytes(range(256)) * 10),
        Enclosed("çok uzun bir dosya adı " * 6 + ".txt", "text/plain", b"x"),
        Enclosed('a"b\\c.txt', "text/plain", b"x"),
        Enclosed("mail.eml", "message/rfc822", b"Subject: x\r\n\r\ny"),
        Enclosed("x", "not a type; charset=x\r\nX: y", b""),
    ]
    message = read(compose(replace(DRAFT, files=files)))
    parts = list(message.iter_attachments())
    assert [part.get_filename() for part in parts] == [file.filename for file in files]
    assert [part.get_payload(decode=True) for part in parts] == [file.data for file in files]
    assert parts[3].get_content_type() == "application/octet-stream"  # base64 is not allowed for message/*
    assert parts[4].get_content_type() == "application/octet-stream"
    assert content_type("Image/PNG") == "image/png"


def test_inline_images_stand_beside_the_html() -> None:
    image = Enclosed("logo.png", "image/png", b"\x89PNG", "logo@mailgate")
    message = read(compose(replace(DRAFT, html='<img src="cid:logo@mailgate">', inline=[image])))
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    parts = list(message.walk())
    assert parts[4]["Content-ID"] == "<logo@mailgate>"
    assert parts[4].get_content_disposition() == "inline"


@pytest.mark.parametrize(
    "text",
    [
        "From here on\n.\n..\nFrom there ",
        "ş" * 5000,
        "日本語" * 3000,
        "x" * 5000,
        "tab\tand trailing \n  indented\n\n\nend",
        "--=_a\n--=_aaaaaaaaaaaaaaaaaaaaaaaaa--\n",
        "\r mixed \r\n line \n ends",
        "nul\x00 and lone surrogate \ud83d end",
    ],
)
def test_bodies_come_back_and_lines_stay_short(text: str) -> None:
    raw = compose(replace(DRAFT, text=text, html=f"<pre>{text}</pre>"))
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert b"\r\nFrom " not in raw.partition(b"\r\n\r\n")[2]
    assert b"\r\n.\r\n" not in raw
    clean = re.sub("[\x00\ud800-\udfff]", "", text).replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    assert body(read(raw), "plain").rstrip("\n") == clean


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=100), st.binary(max_size=300))
def test_any_text_makes_a_message_that_can_be_read(subject: str, text: str, name: str, data: bytes) -> None:
    files = [Enclosed(name, name, data)]
    raw = compose(
        replace(DRAFT, subject=subject, text=text, html=text, from_=Address(name, "a@example.com"), files=files)
    )
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    fields = re.sub(rb"\r\n[ \t]", b" ", header_of(raw)).split(b"\r\n")
    names = [field.partition(b":")[0] for field in fields]
    assert len(names) == len(set(names)) == 7
    message = read(raw)
    assert [part.get_payload(decode=True) for part in message.iter_attachments()] == [data]


def test_what_cannot_be_written_is_left_out() -> None:
    assert token_field("References", ["with space", "<ş@example.com>", "<" + "x" * 1000 + ">"]) == b""
    assert text_field("Subject", "") == b"Subject: \r\n"
    assert b"To: undisclosed-recipients:;\r\n" in compose(replace(DRAFT, to=[]))


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_reader_of_replies_knows_our_line(language: str) -> None:
    answer = f"It works now.\n\n{REPLY_MARKERS[language]}\n\nTess replied\nold text"
    assert split_reply(answer).new.strip() == "It works now."
