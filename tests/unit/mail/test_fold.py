"""Folding: two spellings of a word become one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail.fold import fold, squeeze, subject_words, word_table


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("OTOMATİK YANIT", "otomatik yanıt"),
        ("IZINDEYIM", "izindeyim"),
        ("İzindeyim", "izindeyim"),
        ("Réponse", "REPONSE"),
        ("Straße", "STRASSE"),
        ("自動応答：", "自動応答:"),
        ("Ｏｕｔ", "out"),
        ("Łódź", "lodz"),
        ("Ødegård", "odegard"),
        ("couldn’t", "couldn't"),
        ("Ά", "α"),
        ("un\u00addelivered", "undelivered"),
        ("e\u0301", "é"),
    ],
)
def test_spellings_are_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize("text", ["が", "자동 회신", "ตอบกลับอัตโนมัติ", "תשובה"])
def test_other_scripts_keep_their_letters(text: str) -> None:
    assert fold(text) == text


def test_pieces_join_without_a_seam() -> None:
    assert fold("İ" * 5000) == "i" * 5000


def test_squeeze_makes_one_line() -> None:
    assert squeeze("  Your\r\n\tmessage \u00a0 was ") == "your message was"


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("[EXTERNAL] Automatic reply: Printer", "automatic reply: printer"),
        ("***SPAM*** Undeliverable: x", "undeliverable: x"),
        ("[Ext] [SPAM] Hello", "hello"),
        ("[users] Hello", "[users] hello"),
        ("[#12] Hello", "[#12] hello"),
    ],
)
def test_only_tags_of_gateways_are_taken_away(subject: str, words: str) -> None:
    assert subject_words(subject) == words


def test_a_table_is_folded_and_without_doubles() -> None:
    assert word_table("\nÉtat|etat\nYanıt\n") == ("etat", "yanit")


@given(st.text(max_size=3000))
def test_never_raises_and_folding_again_changes_nothing_in_ascii(text: str) -> None:
    folded = fold(text)
    assert squeeze(folded) == " ".join(fold(folded).split())
    if text.isascii():
        assert fold(folded) == folded
