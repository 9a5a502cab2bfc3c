"""The header section cut into fields, and its text decoded."""

from __future__ import annotations

import pytest

from mailgate.mail.header import decode_text, read_header, read_message_ids, split_message


def fields_of(
    raw: bytes, limit: int = 10_000, most: int = 100
) -> tuple[list[tuple[str, bytes]], int | None, list[str]]:
    header, body, faults = read_header(raw, 0, len(raw), limit, most)
    return [(item.name, item.raw) for item in header.fields], body, faults


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\n\r\n", b"\r\n\n", b"\r\r\n\r\r\n"])
def test_the_first_empty_line_ends_the_header(end: bytes) -> None:
    raw = b"A: b" + end + b"body\n\nmore"
    header_end, body = split_message(raw, 0, len(raw))
    assert raw[:header_end].strip() == b"A: b"
    assert raw[body:] == b"body\n\nmore"


def test_without_an_empty_line_all_is_header() -> None:
    assert split_message(b"A: b\r\n", 0, 6) == (6, 6)


def test_fields_are_unfolded() -> None:
    assert fields_of(b"A: b\r\n c\r\n\td\r\nX-E:f\r\n")[0] == [("A", b"b c\td"), ("X-E", b"f")]


def test_a_junk_line_between_fields_is_skipped() -> None:
    fields, body, faults = fields_of(b"From: a\njunk\nSubject: b\n")
    assert fields == [("From", b"a"), ("Subject", b"b")]
    assert body is None
    assert faults == ["a line in the header that is no field"]


def test_a_junk_line_with_nothing_after_it_begins_the_body() -> None:
    raw = b"From: a\nHello you,\nNote: see below\n"
    fields, body, _ = fields_of(raw)
    assert fields == [("From", b"a")]
    assert body is not None
    assert raw[body:].startswith(b"Hello")


def test_limits_of_bytes_and_fields() -> None:
    raw = b"".join(b"X-%d: y\n" % number for number in range(1000))
    fields, _, faults = fields_of(raw, limit=100)
    assert 5 < len(fields) < 30
    assert faults == ["header section too long"]
    fields, _, faults = fields_of(raw, most=7)
    assert len(fields) == 7
    assert faults == ["too many header fields"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?UTF-8?Q?R=C3=BCckfrage_zum _Angebot?=", "R\u00fcckfrage zum Angebot"),
        (b"=?utf-8?B?R3LDvMOfZSDwn46JPj9-?=", "Gr\u00fc\u00dfe \U0001f389>?~"),
        (b"=?utf-8?Q?=C5=9E?=", "Ş"),
        (b"=?utf-8?q?a?=b=?utf-8?q?c?=", "abc"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"),
        (b"=?utf-8?b?xZ4?= =?utf-8?b?xZ4?=", "ŞŞ"),
        (b"=?utf-8?q?cut =?utf-8?q?whole?=", "=?utf-8?q?cut whole"),
        (b"=?utf-8?x?no?=", "=?utf-8?x?no?="),
        (b"=?utf-8?q?", "=?utf-8?q?"),
        (b"=??q?x?=", "=??q?x?="),
        (b"a\tb\x07c", "a b c"),
        (b"=?utf-8?q?a=E2=80=AEb=E2=80=A8c=C2=85d?=", "ab c d"),
        (b"=?utf-8?q?Yaz=C4=B1c=C4 =B1_x?=", "Yazıcı x"),
        (b"", ""),
        ("=?utf-8?q?=C5=9E?= raw ğ".encode(), "Ş raw ğ"),
    ],
)
def test_decode_text(raw: bytes, text: str) -> None:
    assert decode_text(raw) == text


@pytest.mark.parametrize(
    ("value", "identifiers"),
    [
        ("<a@b>", ["<a@b>"]),
        ("<a@b> (comment) <c@d>", ["<a@b>", "<c@d>"]),
        ("<a@\r\n b>", ["<a@b>"]),
        ("a@b", ["<a@b>"]),
        ("a@b c@d", ["<a@b>", "<c@d>"]),
        ("<<a@b>>", ["<a@b>"]),
        ("<[0123@microsoft.com]>", ["<[0123@microsoft.com]>"]),
        ("<[>", ["<[>"]),
        ("<>", []),
        ("", []),
        ("<a@b> <a@b>", ["<a@b>"]),
        ("Message of Monday", []),
        ("no-at-sign", ["<no-at-sign>"]),
        ("=?utf-8?q?=3Ca=40b=3E?=", ["<=?utf-8?q?=3Ca=40b=3E?=>"]),
    ],
)
def test_message_ids(value: str, identifiers: list[str]) -> None:
    assert read_message_ids(value) == identifiers


@pytest.mark.parametrize("unit", ["<", "< ", "<" + " " * 2000, "=?", "=?a?q?", "=?a?b?x?=", "?=", " ", "a ", "<>"])
def test_hostile_values_end(unit: str) -> None:
    """Each of these took seconds with one careless regular expression; the test's own limit of time would tell."""
    value = unit * (60_000 // len(unit))
    assert len(read_message_ids(value)) < 60_000
    assert len(decode_text(value.encode())) <= len(value)


def test_raw_letters_are_read_by_the_charset_of_the_body() -> None:
    raw = "Привет".encode("koi8-r")
    assert decode_text(raw, "koi8-r") == "Привет"
    assert decode_text("Şifre".encode(), "koi8-r") == "Şifre"
