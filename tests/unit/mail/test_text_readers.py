"""The small readers: dates, names, transfer encodings, flowed text, enriched text, RTF and TNEF."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mailgate.mail.dates import read_date
from mailgate.mail.flowed import unflow
from mailgate.mail.names import EXTENSIONS, made_up_name, safe_name
from mailgate.mail.parse import parse
from mailgate.mail.rtf import decompress, read_compressed_rtf, read_rtf
from mailgate.mail.text import clean_text, enriched_to_text, join_texts, richtext_to_text, text_to_html
from mailgate.mail.tnef import read_tnef
from mailgate.mail.tnef_message import Attached, message_bytes
from mailgate.mail.transfer import decode_body, find_uuencoded

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=timezone(timedelta(hours=3)))


@pytest.mark.parametrize(
    "value",
    [
        "Tue, 24 Nov 2026 10:00:00 +0300", "24 Nov 2026 10:00:00 +0300", "Tue,24 Nov 2026 10:00:00 +0300 (TRT)",
        "Tue, 24 November 2026 10:00:00 +03:00", "Salı, 24 Kasım 2026 10:00:00 +0300", "2026-11-24T10:00:00+03:00",
        "2026-11-24 10:00:00.123 +0300", "Tue Nov 24 10:00:00 2026 +0300", "Tue Nov 24 10:00:00 EEST 2026",
        "Nov 24, 2026 10:00 AM +0300", "Tue, 24 Nov 2026 10.00.00 +0300", "24/11/2026 10:00:00 +0300",
        "Di, 24 Nov 2026 10:00:00 +0300", "Tue, 24 Nov 2026 07:00:00 GMT", "Tue, 24 Nov 2026 07:00:00 Z",
        "  Tue,  24  Nov  2026  10:00:00  +0300  ", "Tue, 24 Nov 2026 10:00:00 0300", "Вт, 24 ноя 2026 10:00:00 +0300",
        "Tue, 24 Nov 19126 10:00:00 +0300", "Tue, 24 Nov 2026 10:00:00 +300", "Tue, 24 Nov 2026 10:00:00 +3",
    ],
)  # fmt: skip
def test_date(value: str) -> None:
    assert read_date(value) == TEN


def test_afternoon_by_pm() -> None:
    found = read_date("Nov 24, 2026 10:00 PM +0000")
    assert found == datetime(2026, 11, 24, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ["", "x", "31 Feb 2026 10:00:00", "24 Foo 2026 10:00", "1 Jan 0000 00:00:00 +0000", "9" * 500]
)
def test_no_date(value: str) -> None:
    assert read_date(value) is None


def test_an_absurd_zone_is_utc() -> None:
    assert read_date("24 Nov 2026 10:00:00 +9900") == datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.pdf", "a.pdf"), ("/etc/passwd", "passwd"), ("..\\..\\a.exe", "a.exe"), ("..", ""), ("", ""), (".", ""),
        ("C:a.txt", "a.txt"), ("NUL", "_NUL"), ("com1.txt", "_com1.txt"), ("a\u202etxt.exe", "atxt.exe"),
        ("a\x00\r\nb", "a__b"), ("  a  b .txt. ", "a b .txt"), ("a<b>:c|d?.txt", "a_b__c_d_.txt"), ("Şikayet.doc", "Şikayet.doc"),
        ("Invoice 01/02/2026.pdf", "Invoice 01-02-2026.pdf"), ("می\u200cخواهم.txt", "می\u200cخواهم.txt"),
        ("a\u200db.txt", "ab.txt"), ("\U0001fae8.png", "\U0001fae8.png"), ("\ufdd0\U0001ffffa", "a"),
        ("\ud800.txt", ".txt"), ("a/b/", ""), (".htaccess", ".htaccess"), ("___", ""),
    ],
)  # fmt: skip
def test_safe_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_extension_and_whole_characters() -> None:
    name = safe_name("ş" * 300 + ".pdf")
    assert name.endswith("ş.pdf")
    assert len(name.encode()) <= 200


def test_made_up_names() -> None:
    assert made_up_name("text/calendar", 3) == "invite.ics"
    assert made_up_name("image/png", 2) == "attachment-2.png"
    assert made_up_name("application/x-what", 1) == "attachment-1.bin"
    assert all(extension.isalnum() for extension in EXTENSIONS.values())


@pytest.mark.parametrize(
    ("body", "encoding", "decoded", "faulty"),
    [
        (b"aGVsbG8=", "base64", b"hello", False),
        (b"aGVs\r\nbG8=\r\n", "base64", b"hello", False),
        (b"aGVsbG8", "base64", b"hello", True),
        (b"aGVsbG8=\r\n\r\nepilogue\r\n", "base64", b"hello", True),
        (b"aGVsbG8=aGVsbG8=", "base64", b"hellohello", True),
        (b"Not base64 at all, sorry.", "base64", b"Not base64 at all, sorry.", True),
        (b"", "base64", b"", False),
        (b"a=3Db=\r\nc", "quoted-printable", b"a=bc", False),
        (b"a= \t\r\nb", "quoted-printable", b"ab", False),
        (b"a=3Db", "quoted/printable", b"a=b", False),
        (b"aGVsbG8=", "x-base-64", b"hello", False),
        (b"a=ZZ", "quoted-printable", b"a=ZZ", False),
        (b"begin 644 x\n#86)C\n`\nend\n", "x-uuencode", b"abc", False),
        (b"x", "x-unknown", b"x", True),
        (b"x", "8bit", b"x", False),
    ],
)
def test_transfer_encodings(body: bytes, encoding: str, decoded: bytes, faulty: bool) -> None:
    raw = b"before" + body + b"after"
    data, fault = decode_body(raw, 6, 6 + len(body), encoding)
    assert data == decoded
    assert (fault is not None) == faulty


def test_uuencoded_files_are_found_and_prose_is_not() -> None:
    text = b"a\nbegin 644 one.txt\n#86)C\n`\nend\nb\nbegin 100 days\nbegin 600 two.txt\r\n#86)C\r\nend\r\n"
    assert [(name, data) for _, _, name, data in find_uuencoded(text)] == [(b"one.txt", b"abc"), (b"two.txt", b"abc")]


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("a \nb\nc", "a b\nc"),
        ("> a \n> b\n>> c", "> a b\n>> c"),
        ("> a \nb", "> a \nb"),
        ("a\n-- \nme", "a\n-- \nme"),
        ("a \n-- \nme", "a \n-- \nme"),
        (" >not quoted", ">not quoted"),
        ("a\nb", "a\nb"),
        ("a ", "a "),
    ],
)
def test_flowed(text: str, joined: str) -> None:
    assert unflow(text) == joined


def test_richtext() -> None:
    assert richtext_to_text("<Bold>A</Bold> b\nc<nl>\n<lt>d><paragraph>e</paragraph>f") == "A b c\n<d>e\n\nf"
    assert richtext_to_text("<bold>a</bold>\nb") == "a\nb"


def test_clean_text() -> None:
    assert clean_text("a\r\nb\rc\r\r\nd\x00\ufeff") == "a\nb\nc\nd"
    assert enriched_to_text("<bold>a</bold>\nb\n\nc <<d>") == "a b\nc <d>"
    assert text_to_html("a<b\nc") == "<div>a&lt;b<br>\nc</div>"
    assert join_texts(["a\n", " ", "\nb"]) == "a\n\nb"


def test_compressed_rtf_of_the_specification() -> None:
    """The example of MS-OXRTFCP section 3.1.1."""
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
        "0af32068656c090020627705b06c647d0a800fa0"
    )  # fmt: skip
    assert decompress(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert read_compressed_rtf(packed) == ("hello world", "")


def test_rtf_output_is_bounded() -> None:
    bomb = struct.pack("<IIII", 0, 0xFFFFFFFF, 0x75465A4C, 0) + b"\xfe" + b"\x00\x0f" * 200_000
    assert len(decompress(bomb)) <= 8 * 1024 * 1024


def test_html_inside_rtf() -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg1254\fromhtml1 {\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 "
        rb"De\'f0i\'fe{\*\htmltag84 <b>}\htmlrtf \b \htmlrtf0 \u304?ki{\*\htmltag92 </b>}{\*\htmltag72 </p>}}"
    )
    assert read_rtf(rtf) == ("", "<p>Değiş<b>İki</b></p>")


def test_tnef_lengths_that_lie() -> None:
    head = b"\x78\x9f\x3e\x22\x01\x00"
    unpacked = read_tnef(head + struct.pack("<BII", 1, 0x69003, 0xFFFFFFFF) + b"xx", 1000)
    assert unpacked is not None
    assert not unpacked.complete
    many = struct.pack("<IHHII", 0xFFFFFFFF, 0x1E, 0x1000, 0xFFFFFFFF, 4) + b"text"
    unpacked = read_tnef(head + struct.pack("<BII", 1, 0x69003, len(many)) + many + b"\0\0", 1000)
    assert unpacked is not None
    assert unpacked.files == []


def test_what_is_no_tnef() -> None:
    assert read_tnef(b"PK\x03\x04", 1000) is None


def test_a_message_inside_is_the_same_file_each_time_and_survives_what_it_says() -> None:
    attached = Attached(
        subject="a\r\nBcc: x@y.example", name="Müller\0", address="/O=ACME/CN=JO", to="B <b@x.example>; C",
        time=2**64 - 1, text="", html="<p>é\ud800</p>", files=[("", "multipart/mixed", b"x", "in valid>")],
    )  # fmt: skip
    raw = message_bytes(attached)
    assert raw == message_bytes(attached)
    message = parse(raw)
    assert (message.subject, message.from_, message.date) == ("a Bcc: x@y.example", [], None)
    assert [person.address for person in message.to] == ["b@x.example"]
    assert [item.data for item in message.attachments] == [b"x"]
