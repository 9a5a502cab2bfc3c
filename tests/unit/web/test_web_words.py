"""What the pages say: the same in both languages, and all of it used; how they look: with enough contrast."""

import re
import string
from pathlib import Path

import pytest

from mailgate.web import render, words

ROOM = Path(words.__file__).parent
_DYNAMIC = ("state:", "vote:", "error_", "done_")


def _names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_say_the_same_things() -> None:
    assert set(words.WORDS["en"]) == set(words.WORDS["tr"])
    for key, sentence in words.WORDS["en"].items():
        turkish = words.WORDS["tr"][key]
        assert turkish.strip()
        assert _names(sentence) == _names(turkish), key


def test_every_sentence_is_said_somewhere_and_every_key_exists() -> None:
    texts = [path.read_text("utf-8") for path in ROOM.glob("*.py") if path.name != "words.py"]
    texts += [path.read_text("utf-8") for path in ROOM.glob("templates/*.j2")]
    everything = "\n".join(texts)
    unused = [
        key for key in words.WORDS["en"] if f'"{key}"' not in everything and not key.startswith(_DYNAMIC)
    ]  # fmt: skip
    assert unused == []
    asked = set(re.findall(r'(?<!letter_words\.)\bsay\((?:language, |visit\.language, )?"([a-z_:]+)"[,)]', everything))
    assert asked - set(words.WORDS["en"]) == set()
    for status in (400, 403, 404, 405, 408, 413, 429, 500, 503, "form"):
        assert f"error_{status}" in words.WORDS["en"]
        assert f"error_{status}_lead" in words.WORDS["en"]


@pytest.mark.parametrize("template", sorted(path.name for path in ROOM.glob("templates/*.j2")))
def test_templates_hold_no_sentences_no_scripts_and_no_inline_style(template: str) -> None:
    source = (ROOM / "templates" / template).read_text("utf-8")
    assert not re.search(r"<script|javascript:|\son[a-z]+=|\sstyle=|https?://", source)
    bare = re.sub(r"\{% block width %\}.*?\{% endblock %\}", "", source)
    bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", "", bare, flags=re.DOTALL)
    bare = re.sub(r"[a-z-]+=\"[^\"]*\"", "", bare)
    assert not re.search(r"[A-Za-z]{2,}", bare), "words belong in words.py, in both languages"


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast_is_enough_for_wcag_aa(scheme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", render.style(), re.DOTALL)
    assert len(blocks) == 2
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[scheme]))
    for front, backs in {
        "words": ("ground", "card", "ours"), "soft": ("ground", "card", "ours"), "main": ("ground", "card", "ours"),
        "main-over": ("card", "ours"), "on-main": ("main", "main-over"), "bad": ("bad-ground", "card"),
        "good": ("good-ground",), "wait": ("wait-ground",),
    }.items():  # fmt: skip
        for back in backs:
            assert _contrast(colours[front], colours[back]) >= 4.5, (front, back)
    for front, back in (("field", "card"), ("field", "ground"), ("focus", "card"), ("focus", "ground")):
        assert _contrast(colours[front], colours[back]) >= 3.0, (front, back)
