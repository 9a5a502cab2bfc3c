"""Whatever a stranger sends: parsing never raises, every string can be stored, and what comes out is bounded."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgate.mail.address import read_addresses
from mailgate.mail.charset import decode_bytes
from mailgate.mail.charset_names import ALIASES
from mailgate.mail.dates import read_date
from mailgate.mail.flowed import unflow
from mailgate.mail.header import decode_text, read_message_ids
from mailgate.mail.html import html_to_text, sanitise
from mailgate.mail.message import ParsedMessage
from mailgate.mail.names import safe_name
from mailgate.mail.parameters import read_parameters
from mailgate.mail.parse import Limits, parse
from mailgate.mail.rtf import decompress, read_rtf
from mailgate.mail.smime import signed_content
from mailgate.mail.tnef import read_tnef

ROUNDS = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PIECES = [
    b'From: ', b'To: ', b'Subject: ', b'Content-Type: ', b'Content-Transfer-Encoding: ', b'Content-Disposition: ',
    b'MIME-Version: 1.0', b'Message-ID: <', b'References: ', b'Date: ', b'multipart/mixed', b'multipart/alternative',
    b'multipart/report; report-type=delivery-status', b'multipart/related', b'multipart/digest', b'message/rfc822',
    b'message/delivery-status', b'text/plain', b'text/html', b'text/enriched', b'text/calendar', b'; boundary=b',
    b'; boundary="b c"', b'; charset=', b'utf-8', b'iso-2022-jp', b'utf-7', b'utf-16', b'gb2312', b'hz',
    b'windows-1254', b'; format=flowed; delsp=yes', b'base64', b'quoted-printable', b'x-uuencode',
    b"; name*0*=utf-8''%C3", b'; name*1*=%BC', b'; filename=', b'"', b"'", b'\\', b'<', b'>', b'(', b')', b',', b';',
    b':', b'@', b'.', b'=', b'?', b'=?utf-8?b?', b'=?utf-8?q?', b'=?x?B?w7w?=', b'?=', b'\r\n', b'\r\n', b'\r\n\r\n',
    b'\n', b'\n\n', b'\r', b'\x00', b' ', b'\t', b'--b', b'--b--', b'--', b'begin 644 a.txt\r\n', b'#86)C\r\n',
    b'end\r\n', b'From x\n', b'<html><body>', b'<p>', b"<div style='", b'<!--', b'</td>', b'<table><tr><td>',
    b'<blockquote>', b"<a href='http://x'>", b'\xff\xfe', b'\xef\xbb\xbf', b'\xfe\xfd\xf0', b'\xc3\xbc', b'\x1b$B',
    b'\x1b(B', b'~{', b'~}', b'+AGE-', b'+2AA-', b'x\x9f>"', b'alice@example.org', b'1 Jan 2024 00:00:00 +0000', b'a',
    b'AAAA',
]  # fmt: skip
soup = st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join)
raw_bytes = st.one_of(st.binary(max_size=400), soup)


def strings_of(value: object) -> list[str]:
    """Every string inside of plain data."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in strings_of(item)]
    if is_dataclass(value):
        return [text for item in fields(value) for text in strings_of(getattr(value, item.name))]
    return []


def check(message: ParsedMessage, raw: bytes) -> None:
    for text in strings_of(message):
        text.encode("utf-8")
        assert "\x00" not in text
    for one_line in (message.subject, *(a.filename for a in message.attachments), *(a.name for a in message.to)):
        assert "\n" not in one_line
        assert "\r" not in one_line
    for address in (*message.from_, *message.to, *message.cc, *message.reply_to):
        assert "@" in address.address
        assert address.address == address.address.strip()
    for attachment in message.attachments:
        assert attachment.filename
        assert "/" not in attachment.filename
        assert len(attachment.data) <= 3 * len(raw) + 64
    assert not any("reader failed" in fault for fault in message.faults)
    assert message.date is None or message.date.tzinfo is not None


@ROUNDS
@given(raw_bytes)
def test_any_bytes(raw: bytes) -> None:
    check(parse(raw), raw)


@ROUNDS
@given(soup, soup, soup)
def test_a_multipart_of_anything(header: bytes, first: bytes, second: bytes) -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\r\n" + header + b"\r\n\r\n--b\r\n" + first + b"\r\n--b\r\n" + second
    )
    check(parse(raw), raw)


@ROUNDS
@given(st.lists(st.sampled_from(["mixed", "alternative", "related", "signed", "report", "digest"]), max_size=80), soup)
def test_nesting(kinds: list[str], inner: bytes) -> None:
    raw = b"From: a@example.org\r\n"
    for number, kind in enumerate(kinds):
        raw += f"Content-Type: multipart/{kind}; boundary=x{number}\r\n\r\n--x{number}\r\n".encode()
    raw += b"\r\n" + inner
    message = parse(raw, Limits(depth=20))
    check(message, raw)
    assert [a.address for a in message.from_] == ["a@example.org"]
    assert message.complete or len(kinds) >= 20 or not message.header.fields


@ROUNDS
@given(
    st.binary(max_size=200), st.sampled_from([*sorted(ALIASES), "nonsense", "hex", "zlib", "idna", "unicode_escape"])
)
def test_any_charset_label(data: bytes, label: str) -> None:
    text, fault = decode_bytes(data, label)
    text.encode("utf-8")
    assert fault is None or fault


@ROUNDS
@given(raw_bytes)
def test_header_readers(raw: bytes) -> None:
    assert decode_text(raw).isprintable() or not any(ord(c) < 32 for c in decode_text(raw))
    for address in read_addresses(raw):
        assert address.address.count("@") >= 1
    assert all(item.startswith("<") and item.endswith(">") for item in read_message_ids(raw))
    kind, parameters = read_parameters(raw)
    for text in (kind, *parameters, *parameters.values()):
        text.encode("utf-8")
    found = read_date(raw.decode("latin-1"))
    assert found is None or found.tzinfo is not None


@ROUNDS
@given(soup.map(lambda raw: raw.decode("latin-1")) | st.text(max_size=200))
def test_text_readers(text: str) -> None:
    shown = html_to_text(text)
    assert len(shown) <= 40 * len(text) + 100
    assert "<script" not in sanitise(text).lower()
    assert len(unflow(text, True)) <= 2 * len(text) + 10
    name = safe_name(text)
    assert len(name.encode()) <= 200
    assert "/" not in name


@ROUNDS
@given(st.binary(max_size=300))
def test_tnef_and_rtf(data: bytes) -> None:
    unpacked = read_tnef(b"\x78\x9f\x3e\x22\x01\x00" + data, 1000)
    assert unpacked is not None
    assert sum(len(item.data) for item in unpacked.files) <= 1000
    assert len(decompress(data[:8] + b"LZFu" + data[8:])) <= 8 * 1024 * 1024
    inside = signed_content(b"0\x80\x06\t*\x86H\x86\xf7\r\x01\x07\x02\xa0\x800\x80" + data)
    assert inside is None or len(inside) <= len(data)
    for text in read_rtf(data):
        text.encode("utf-8")
