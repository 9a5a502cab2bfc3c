"""parse() as a whole: its limits, its last guard, and what is left where reading is cut short."""

from __future__ import annotations

import base64
import pickle
from pathlib import Path

import pytest

import mailgate.mail.parse as parse_module
from mailgate.mail.message import Attachment
from mailgate.mail.mime import Tree
from mailgate.mail.parse import Limits, parse

HEAD = b"From: Ayse <ayse@example.org>\r\nSubject: Printer {12}\r\n"


def test_a_thousand_nested_parts() -> None:
    nest = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1000))
    message = parse(HEAD + nest + b"\r\ndeep")
    assert message.subject == "Printer {12}"
    assert message.author is not None
    assert message.author.address == "ayse@example.org"
    assert not message.complete


def test_a_thousand_nested_messages() -> None:
    message = parse(HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 1000)
    assert len(message.attachments) == 1
    assert message.subject == "Printer {12}"


def test_a_hundred_thousand_header_lines() -> None:
    message = parse(HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"\r\nbody\r\n")
    assert message.subject == "Printer {12}"
    assert message.text.strip() == "body"
    assert not message.complete
    assert len(message.header.fields) <= 32_000


def test_a_subject_of_a_megabyte() -> None:
    message = parse(b"From: a@example.org\r\nSubject: {12} " + b"x" * 1_000_000 + b"\r\nTo: b@example.org\r\n\r\nbody")
    assert message.subject.startswith("{12} xxx")
    assert len(message.subject) == 998


def test_many_addresses() -> None:
    recipients = b", ".join(b"a%d@example.org" % n for n in range(3000))
    message = parse(HEAD + b"To: " + recipients + b"\r\n\r\nx", Limits(addresses=50))
    assert len(message.to) == 50
    assert "too many addresses in To" in message.faults


def test_of_many_references_the_last_count() -> None:
    message = parse(HEAD + b"References:" + b"".join(b"\r\n <%d@x.example>" % n for n in range(2000)) + b"\r\n\r\nx")
    assert len(message.references) == 500
    assert message.references[-1] == "<1999@x.example>"


def test_long_text_is_cut_and_said() -> None:
    message = parse(HEAD + b"\r\n" + b"0123456789abcdef\r\n" * 1000, Limits(text_bytes=1000))
    assert 900 < len(message.text) <= 1000
    assert not message.complete
    assert "text too long" in message.faults


def test_long_html_is_cut() -> None:
    raw = HEAD + b"Content-Type: text/html\r\n\r\n" + b"<p>word</p>" * 10_000
    message = parse(raw, Limits(html_bytes=5000))
    assert message.html is not None
    assert len(message.html) == 5000
    assert not message.complete


def test_the_bytes_of_an_attachment_are_kept() -> None:
    data = bytes(range(256)) * 1000
    body = base64.encodebytes(data).replace(b"\n", b"\r\n")
    raw = HEAD + b"Content-Type: application/x; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body
    (attachment,) = parse(raw).attachments
    assert attachment.data == data
    assert attachment.sha256 == Attachment("x", "x", data).sha256


def test_a_failing_reader_still_gives_from_and_subject(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(raw: bytes, tree: Tree, limits: Limits) -> None:
        raise RecursionError

    monkeypatch.setattr(parse_module, "read_body", broken)
    message = parse(HEAD + b"\r\nx")
    assert message.subject == "Printer {12}"
    assert message.author is not None
    assert message.faults == ["reader failed: RecursionError"]
    assert not message.complete


def test_a_failing_field_reader_still_gives_an_author(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(raw: bytes, most: int) -> None:
        raise ValueError

    monkeypatch.setattr(parse_module, "read_addresses", broken)
    message = parse(HEAD + b"\r\nx")
    assert message.author is not None
    assert message.author.address == "ayse@example.org"
    assert not message.complete


def test_a_parsed_message_can_be_handed_to_another_process() -> None:
    message = parse(HEAD + b"Date: Tue, 24 Nov 2026 10:00:00 +0300\r\n\r\nx")
    message.header.first("from")
    again = pickle.loads(pickle.dumps(message))
    assert again == message


def test_the_room_opens_no_file_and_no_connection() -> None:
    source = Path(parse_module.__file__).parent
    for name in ("parse", "mime", "body", "files", "header", "address", "charset", "html", "sanitise", "tnef", "rtf"):
        text = (source / f"{name}.py").read_text(encoding="utf-8")
        assert "import socket" not in text
        assert "open(" not in text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (base64.encodebytes(b"x" * 90) + b"\n---\nTo leave: https://lists.example/\n", "x" * 90),
        (base64.encodebytes(b"x" * 90) + b"\nGreetings\n_____\nmailing list users@lists.example\n", "x" * 90),
        (base64.encodebytes(b"x" * 90).replace(b"\n", b"!\n"), "x" * 90),
        (b"[EXTERNAL]\n\n" + base64.encodebytes(b"x" * 90), "x" * 90),
        (b"CAUTION: from outside.\n" + base64.encodebytes(b"x" * 150) + b"\n--\na footer, too\n", "x" * 150),
        (
            b"Here is the key that you asked me for, on the phone:\n"
            + b"A" * 64
            + b"\nPlease keep it, and tell nobody of it!\n",
            f"Here is the key that you asked me for, on the phone:\n{'A' * 64}\nPlease keep it, and tell nobody of it!",
        ),
        (b"Dear\nall, these are words; and no base64.\n", "Dear\nall, these are words; and no base64."),
    ],
)
def test_text_below_base64_is_not_decoded_with_it(body: bytes, text: str) -> None:
    raw = HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body
    assert parse(raw).text.strip() == text
