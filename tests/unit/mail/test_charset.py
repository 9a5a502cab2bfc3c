"""Charset labels and bytes: which codec a label means, and what wins where the two disagree."""

from __future__ import annotations

import codecs

import pytest

from mailgate.mail.charset import codec_name, decode_bytes, detect
from mailgate.mail.charset_names import ALIASES, TEXT_CODECS


@pytest.mark.parametrize("codec", sorted(set(ALIASES.values()) | TEXT_CODECS))
def test_every_codec_exists_and_gives_text(codec: str) -> None:
    assert codecs.lookup(codec)._is_text_encoding  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO-8859-1", "cp1252"), ("iso8859-9", "cp1254"), ("latin5", "cp1254"), ('"UTF-8"', "utf_8"),
        ("utf-8;format=flowed", "utf_8"), (" utf8 ", "utf_8"), ("gb2312", "gb18030"), ("x-sjis", "cp932"),
        ("ks_c_5601-1987", "cp949"), ("cp-850", "cp850"), ("windows-874", "cp874"), ("iso-8859-8-i", "iso8859_8"),
        ("x-mac-turkish", "mac_turkish"), ("utf-8*tr", "utf_8"), ("charset=utf-8", "utf_8"), ("IBM857", "cp857"),
        ("unknown-8bit", None), ("hex", None), ("zlib", None), ("rot13", None), ("idna", None), ("undefined", None),
        ("", None), ("\x00", None), ("a" * 300, None), ("unicode_escape", None), ("raw-unicode-escape", None),
    ],
)  # fmt: skip
def test_label(label: str, codec: str | None) -> None:
    assert codec_name(label) == codec


def test_a_true_label_is_no_fault() -> None:
    assert decode_bytes("Şifre".encode("cp1254"), "windows-1254") == ("Şifre", None)


def test_the_first_line_of_a_russian_label_is_believed() -> None:
    assert decode_bytes("Привет".encode("cp1251"), "windows-1251") == ("Привет", None)


@pytest.mark.parametrize("text", ["Öğrenci işleri", "ışık", "İSTANBUL ŞUBESİ", "değişiklik yapıldı, teşekkürler"])
def test_turkish_without_label(text: str) -> None:
    assert detect(text.encode("cp1254")) == (text, "windows-1254")


@pytest.mark.parametrize("text", ["naïve café", "Grüße aus Köln", "El niño comió piñas", "Þórður Ævar"])
def test_western_without_label_is_not_taken_for_turkish(text: str) -> None:
    assert detect(text.encode("cp1252"))[0] == text


def test_undefined_bytes_of_windows_1252_become_controls_and_no_question_marks() -> None:
    assert decode_bytes(b"a\x81b\xe9", "iso-8859-1")[0] == "a\x81bé"


def test_lone_surrogates_cannot_come_out() -> None:
    text, _ = decode_bytes(b"+2AA-x", "utf-7")
    text.encode("utf-8")


def test_utf16_label_on_ascii_text() -> None:
    assert decode_bytes(b"plain ascii", "utf-16")[0] == "plain ascii"


def test_a_few_broken_characters_do_not_undo_utf8() -> None:
    text, fault = decode_bytes("Grüße aus Köln".encode() + b"\xff", "utf-8")
    assert text == "Grüße aus Köln�"
    assert fault == "broken utf-8"
