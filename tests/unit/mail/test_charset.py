"""Charset labels and bytes: which codec a label means, and what wins where the two disagree."""

from __future__ import annotations

import codecs

import pytest

from mailgate.mail.charset import codec_name, decode_bytes, detect
from mailgate.mail.charset_east import east_asian_codec
from mailgate.mail.charset_names import ALIASES, PAGES, TEXT_CODECS


@pytest.mark.parametrize("codec", sorted({*ALIASES.values(), *PAGES.values()} | TEXT_CODECS))
def test_every_codec_exists_and_gives_text(codec: str) -> None:
    assert codecs.lookup(codec)._is_text_encoding  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO-8859-1", "cp1252"), ("iso8859-9", "cp1254"), ("latin5", "cp1254"), ('"UTF-8"', "utf_8"),
        ("utf-8;format=flowed", "utf_8"), (" utf8 ", "utf_8"), ("gb2312", "gb18030"), ("x-sjis", "cp932"),
        ("ks_c_5601-1987", "cp949"), ("cp-850", "cp850"), ("windows-874", "cp874"), ("iso-8859-8-i", "iso8859_8"),
        ("x-mac-turkish", "mac_turkish"), ("utf-8*tr", "utf_8"), ("charset=utf-8", "utf_8"), ("IBM857", "cp857"),
        ("windows-28592", "iso8859_2"), ("cp28599", "cp1254"), ("ibm-850", "cp850"), ("8859_7", "iso8859_7"),
        ("ISO_8859-9:1989", "cp1254"), ("windows-65001", "utf_8"), ("csISOLatin2", "iso8859_2"), ("cp951", "big5hkscs"),
        ("50220", "iso2022_jp_ext"), ("iso-8859-17", None), ("cp99999", None), ("2026", None),
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


EAST_ASIAN = [
    ("gb18030", "您好"), ("gb18030", "答复: 设备维修申请"), ("gb18030", "Re: 合同"), ("gb18030", "忘记了我的密码怎么办"),
    ("big5hkscs", "訂單編號12345"), ("big5hkscs", "請儘快回覆"), ("big5hkscs", "會議通知"),
    ("cp932", "お問い合わせの件"), ("cp932", "テスト"), ("cp932", "Re: 注文番号12345"),
    ("euc_jp", "会議のお知らせ"), ("euc_jp", "ご連絡ありがとうございます"),
    ("cp949", "안녕하세요"), ("cp949", "견적서 요청"), ("cp949", "자동 회신"),
]  # fmt: skip


@pytest.mark.parametrize(("codec", "text"), EAST_ASIAN)
def test_a_few_east_asian_characters_without_label(codec: str, text: str) -> None:
    assert detect(text.encode(codec)) == (text, codec)


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1252", "Größe"), ("cp1252", "MÜLLER GMBH"), ("cp1252", "Sidste ændring"), ("cp1252", "São João à tarde"),
        ("cp1254", "Sipariş hakkında"), ("cp1254", "ışık değişikliği"), ("cp1250", "Příliš žluťoučký kůň"),
        ("iso8859_2", "Jeśli określa się podwójną wartość"), ("cp1251", "Не работает интернет"),
        ("koi8_r", "Вопрос по заказу"), ("cp1253", "Ερώτηση για την παραγγελία"), ("cp1255", "שאלה לגבי ההזמנה"),
        ("cp1256", "السلام عليكم ورحمة الله"), ("cp874", "ใบแจ้งหนี้"),
    ],
)  # fmt: skip
def test_other_scripts_are_not_east_asian(codec: str, text: str) -> None:
    assert east_asian_codec(text.encode(codec)) is None


def test_a_sample_may_end_within_a_character_and_a_whole_text_may_not() -> None:
    cut = "关于发票的问题".encode("gb18030")[:-1]
    assert east_asian_codec(cut, whole=False) == "gb18030"
    assert east_asian_codec(cut) is None


@pytest.mark.parametrize(
    ("codec", "text"),
    [("iso8859_2", "Wiadomość"), ("iso8859_2", "Zgłoszenie awarii łącza"), ("cp1250", "gęślą jaźń już")],
)
def test_polish_letters_are_no_signs_within_words(codec: str, text: str) -> None:
    assert detect(text.encode(codec))[0] == text


def test_the_article_of_arabic_tells_its_code_page() -> None:
    assert detect("سؤال حول الطلب".encode("cp1256"))[0] == "سؤال حول الطلب"


def test_the_euro_sign_of_code_page_936() -> None:
    assert decode_bytes(b"100 \x80 \xc4\xfa", "gb2312") == ("100 € 您", None)


def test_letters_that_windows_adds_to_euc_jp() -> None:
    kept = "山田（株）" + "ｱｲ" + "丂"  # JIS X 0208, half width, JIS X 0212
    data = b"\xad\xa1\xad\xea" + kept.encode("euc_jp") + b"\xfc\xe2 ok"
    assert decode_bytes(data, "euc-jp") == ("①㈱" + kept + "髙 ok", None)
    assert "�" in decode_bytes(b"\xa4\xa2\xff \xa4\xa2\xa4\xa2", "euc-jp")[0]


def test_halves_of_an_emoji_are_joined_and_a_lone_half_is_not_text() -> None:
    assert decode_bytes(b"\xed\xa0\xbd\xed\xb8\x80", "utf-8") == ("😀", None)
    assert "\ud83d" not in decode_bytes(b"ok \xed\xa0\xbd", "utf-8")[0]


def test_utf16_label_on_8_bit_html() -> None:
    text, fault = decode_bytes("<p>Grüße</p>".encode(), "utf-16")
    assert (text, fault) == ("<p>Grüße</p>", "labelled utf-16, read as utf-8")
    assert decode_bytes("請求書".encode("utf-16-le"), "utf-16le") == ("請求書", None)


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1251", "Иван Петров <petrov@zavod.example>"),
        ("koi8_r", "Отдел продаж <sales@zavod.example>"),
        ("iso8859_7", "Γιώργος Παπαδόπουλος <g.papadopoulos@dimos.example>"),
        ("cp1250", "Łukasz Żak <zak@firma.example>"),
    ],
)
def test_a_name_in_another_script_beside_an_address(codec: str, text: str) -> None:
    assert detect(text.encode(codec))[0] == text


@pytest.mark.parametrize(
    "text",
    [
        "Jürgen Müller <j.mueller@gmbh.example>",
        "Costs £m5 or £120, 1ª clase",
        "Offer ———— “now” ••••• here",
        "Éva Ångström <e@x.example>",
    ],
)
def test_a_western_name_beside_an_address_stays_western(text: str) -> None:
    assert detect(text.encode("cp1252"))[0] == text
