"""The key by which messages that say the same are known: letters count, and nothing else."""

from __future__ import annotations

import pytest

from mailgate.intake.reading import _content_key

LONG = "I am away; ticket #17, 3 days. " * 300


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Re: hello", "Reply 17: I am AWAY!"), ("hello", "reply 18 i am away")),
        (("hello", "i_am\taway\r\n"), ("hello", "I am away")),
        (("merhaba", "Çok  teşekkürler (2)"), ("MERHABA", "çok teşekkürler")),
        (("hello", LONG), ("hello", LONG + "cut off: beyond what is looked at")),
    ],
)
def test_numbers_punctuation_and_case_do_not_count(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert _content_key(*one) == _content_key(*other) != ""


def test_text_in_ascii_and_in_other_letters_is_taken_the_same_way() -> None:
    """Two ways to compute it: a "…" may decide which, and must not decide the key."""
    for text in ("I am away.", "a1b2c3", "  -- x -- ", "_under_score_", "it's (me), A-Z"):
        assert _content_key("hello", text) == _content_key("hello", f"{text} …")


def test_other_words_have_another_key_and_no_words_none() -> None:
    assert _content_key("hello", "I am away") != _content_key("hello", "I am back")
    assert _content_key("Re:", "12 34 …") == ""
