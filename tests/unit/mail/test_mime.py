"""The tree of parts: shape, limits, and work that does not grow beyond the message."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from mailgate.mail.mime import Limits, Part, read_tree
from mailgate.mail.parameters import read_parameters
from mailgate.mail.parse import parse


def shape(part: Part) -> object:
    return [part.content_type, *map(shape, part.children)] if part.children else part.content_type


def nested(depth: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)) + b"\nx"


def test_shape() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n"
        b"--b\n\nx\n--b\nContent-Type: text/html\n\ny\n--b--\n--a\nContent-Type: image/png\n\nz\n--a--\n"
    )
    tree = read_tree(raw, Limits())
    assert shape(tree.root) == ["multipart/mixed", ["multipart/alternative", "text/plain", "text/html"], "image/png"]
    leaf = tree.root.children[1]
    assert raw[leaf.start : leaf.end] == b"z"
    assert tree.complete


def test_depth_is_bounded() -> None:
    tree = read_tree(nested(1000), Limits(depth=10))
    depth, part = 1, tree.root
    while part.children:
        part, depth = part.children[0], depth + 1
    assert depth == 10
    assert not tree.complete
    assert "nested too deep" in tree.faults


def test_parts_are_bounded() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 5000
    tree = read_tree(raw, Limits(parts=100))
    assert len(tree.root.children) <= 100
    assert not tree.complete


def test_lines_that_only_begin_like_a_delimiter_are_bounded() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + b"--bx\n" * 50_000
    tree = read_tree(raw, Limits())
    assert len(tree.root.children) == 1
    assert tree.root.children[0].end == len(raw)


def test_parts_behind_a_closing_delimiter_are_read_and_an_epilogue_is_not() -> None:
    head = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n"
    more = b"--b\nContent-Type: text/plain\n\ntwo\n--b--\n"
    assert len(read_tree(head + more, Limits()).root.children) == 2
    assert len(read_tree(head + b"--b\nan epilogue that quotes its delimiter\n", Limits()).root.children) == 1
    assert len(read_tree(head + b"--b--\n" * 50_000, Limits()).root.children) == 1


def test_a_raw_name_is_read_in_the_charset_of_the_text_below_it() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: application/pdf; name=\"" + "счёт".encode("koi8_r")
        + b"\"\n\nx\n--a\nContent-Type: multipart/alternative; boundary=b\n\n"
        b"--b\nContent-Type: text/plain; charset=koi8-r\n\nx\n--b--\n--a--\n"
    )  # fmt: skip
    assert read_tree(raw, Limits()).root.children[0].parameters["name"] == "счёт"


@pytest.mark.parametrize(
    ("raw", "kind", "parameters"),
    [
        (b"text/plain", "text/plain", {}),
        (b"Text/Plain; Charset=UTF-8", "text/plain", {"charset": "UTF-8"}),
        (b'multipart/mixed; boundary="a;b"; type=x', "multipart/mixed", {"boundary": "a;b", "type": "x"}),
        (b"text/plain;", "text/plain", {}),
        (b"text/plain; charset", "text/plain", {}),
        (b"text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
        (b"text/plain; a=1; a=2", "text/plain", {"a": "1"}),
        (b'text/plain; name="a\\"b\\\\c\\d"', "text/plain", {"name": 'a"b\\c\\d'}),
        (b'text/plain; name="unclosed', "text/plain", {"name": "unclosed"}),
        (b"a/b; name=\"utf-8\'\'%C3%9C.pdf\"", "a/b", {"name": "Ü.pdf"}),
        (b"a/b; name=\"utf-8\'s.pdf\"", "a/b", {"name": "utf-8\'s.pdf"}),
        (b"a/b; name*=UTF-8\'\'=?UTF-8?B?w5wucGRm?=", "a/b", {"name": "Ü.pdf"}),
        (b"charset=utf-8", "", {"charset": "utf-8"}),
        (b"", "", {}),
        (b"a/b; x*0=1; x*1*=%32%33; x*2=4", "a/b", {"x": "1234"}),
    ],
)  # fmt: skip
def test_parameters(raw: bytes, kind: str, parameters: dict[str, str]) -> None:
    assert read_parameters(raw) == (kind, parameters)


def test_a_crowd_of_parameters_is_bounded() -> None:
    assert len(read_parameters(b"a/b" + b"".join(b"; p%d=x" % n for n in range(20_000)))[1]) <= 300


def test_the_same_as_the_standard_library_for_well_formed_mail() -> None:
    made = EmailMessage()
    made["From"] = "Ayşe Yılmaz <ayse@example.org>"
    made["To"] = "Destek <destek@example.com>, Bob <bob@example.com>"
    made["Subject"] = "Yazıcı çalışmıyor ve çok uzun bir konu satırı ile devam ediyor, ğüşiöç, bir daha, bir daha"
    made.set_content("Merhaba dünya\n" * 20)
    made.add_alternative("<p>Merhaba dünya</p>", subtype="html")
    made.add_attachment(bytes(range(256)) * 20, "application", "pdf", filename="Şikayet raporu.pdf")
    made.add_attachment(
        "notlar ğ", filename="çok uzun bir dosya adı ki bölünsün ve iki parametreye sığmasın ğüşiöç.txt"
    )
    message = parse(made.as_bytes())
    assert message.subject == made["Subject"]
    assert [(a.name, a.address) for a in message.to] == [(a.display_name, a.addr_spec) for a in made["To"].addresses]
    plain = made.get_body(("plain",))
    assert plain is not None
    assert message.text.strip() == plain.get_content().strip()
    expected = [(part.get_filename(), part.get_payload(decode=True)) for part in made.iter_attachments()]
    assert [(a.filename, a.data) for a in message.attachments] == expected
    assert message.faults == []
