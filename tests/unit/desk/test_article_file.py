"""Articles as files: what is read, what is refused by line, and that what is written reads back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.desk import article_file
from mailgate.desk.article_file import ArticleFile, is_name, name_for, read, read_text, unwrapped, write
from mailgate.model.article import Article

ARTICLE = Article(1, "vpn", "Connect: from home", "Text.\n\n---\n\nMore.", 1, "General", True, "en", 3, ["a b", "c"])

FILE = """---
title: "Reset your password"
# a remark
category: General
tags: [account, 'my password', account]
visibility: Internal
language: EN
---

Open the page.
"""


def faults(text: str | bytes) -> list[tuple[int, str]]:
    found = read(text if isinstance(text, bytes) else text.encode())
    assert (found[0] is None) == bool(found[1])
    return [(fault.line, fault.sentence) for fault in found[1]]


def test_a_file_with_a_header() -> None:
    wanted = ArticleFile("Open the page.", "Reset your password", "General", ("account", "my password"), True, "en")
    assert read(FILE.encode()) == (wanted, [])
    assert read(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode()) == (wanted, [])


def test_the_longer_form_of_a_list() -> None:
    file, _ = read(b"---\ntitle: x\ntags:\n  - one\n  - 'two'\n- three\n---\ntext")
    assert file is not None
    assert file.tags == ("one", "three", "two")


def test_what_a_header_does_not_say_is_not_known() -> None:
    file, _ = read(b"---\ntitle: x\n---\ntext")
    assert file == ArticleFile("text", "x")
    file, _ = read(b"just text\n---\ntitle: no\n---")
    assert file == ArticleFile("just text\n---\ntitle: no\n---")
    file, _ = read(b"---\ntitle: x\ntags:\n---\ntext")
    assert file is not None
    assert file.tags == ()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("---\ntitle: x\nvisibilty: internal\n---\ntext", 3, 'no field "visibilty"'),
        ("---\ntitle: x\nvisibility: secret\n---\ntext", 3, "public or internal"),
        ("---\ntitle: x\nvisibility:\n---\ntext", 3, "public or internal"),
        ("---\ntitle: x\nlanguage: klingon\n---\ntext", 3, "one of en, tr"),
        ("---\ntitle: x\n\ntitle: y\n---\ntext", 4, "there twice"),
        ("---\ntitle: x\nno colon here\n---\ntext", 3, "is no field of the header"),
        ("---\ntitle:\n---\ntext", 2, "title is empty"),
        ("---\ntitle: " + "x" * 201 + "\n---\ntext", 2, "longer than 200"),
        ("---\ntitle: x\ntags: " + ",".join(map(str, range(40))) + "\n---\ntext", 3, "more than 30 tags"),
        ("---\ntitle: x\ntags: " + "x" * 101 + "\n---\ntext", 3, "longer than 100"),
        ("---\ntitle: x\n---\n \n", 3, "there is no text"),
        ("---\ntitle: x\ntext without an end", 1, "does not end"),
        ("---\n" + "\n" * 300 + "---\ntext", 1, "does not end"),
        ("---\n---\n", 2, "there is no text"),
    ],
)  # fmt: skip
def test_faults_are_named_by_line(text: str, line: int, words: str) -> None:
    (found,) = faults(text)
    assert found[0] == line
    assert words in found[1]


def test_all_faults_at_once() -> None:
    assert [line for line, _ in faults("---\nx: 1\nvisibility: y\nlanguage: z\n---\n")] == [2, 3, 4, 5]


def test_what_is_no_text_is_refused() -> None:
    assert "UTF-8" in faults(b"---\ntitle: x\n\xff\n---\n")[0][1]
    assert faults(b"---\ntitle: x\n\xff\n---\n")[0][0] == 3
    assert "NUL" in faults(b"---\ntitle: x\n---\na\x00b")[0][1]
    assert "larger" in faults(b"x" * (article_file.LARGEST_FILE + 1))[0][1]


@pytest.mark.parametrize("control", ["\x1b]0;pwned\x07", "\x9b31m", "\x08", "\x7f"])
def test_what_a_terminal_would_obey_is_no_text(control: str) -> None:
    """`kb show --markdown` and `export` give the text as it is."""
    assert "line 2 of the text" in faults(f"---\ntitle: x\n---\na\nb{control}".encode())[0][1]


def test_line_ends_of_other_systems_are_read() -> None:
    article, _ = read_text("---\r\ntitle: x\r\n---\r\none\r\ntwo\rthree")
    assert article is not None
    assert article.text == "one\ntwo\nthree"


def test_what_a_terminal_would_obey_is_no_title() -> None:
    file, _ = read("---\ntitle: \x1b[31mred\u2028 line\x7f\ntags: a\x1bb\n---\ntext".encode())
    assert file is not None
    assert file.title == "[31mred line"
    assert file.tags == ("a b",)


def test_what_is_written_reads_back() -> None:
    file, found = read(write(ARTICLE).encode())
    assert found == []
    assert file == ArticleFile(ARTICLE.text, ARTICLE.title, "General", ("a b", "c"), True, "en")


_LINE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), min_size=1, max_size=60
)


@given(
    title=_LINE, category=_LINE, tags=st.lists(_LINE.map(lambda tag: tag.replace(",", "")), max_size=4),
    text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n\t"), min_size=1, max_size=200),
    internal=st.booleans(),
)  # fmt: skip
def test_whatever_is_written_reads_back(title: str, category: str, tags: list[str], text: str, internal: bool) -> None:
    tags = list(article_file.cleaned_tags(tags))
    text = text.strip() or "x"
    one = replace(ARTICLE, title=title, category=category, tags=tags, text=text, internal=internal)
    file, found = read(write(one).encode())
    assert found == []
    assert file == ArticleFile(text, title, category, tuple(tags) if tags else None, internal, "en")


@given(st.binary(max_size=400), st.booleans())
def test_whatever_is_read_is_an_article_or_faults(data: bytes, begun: bool) -> None:
    file, found = read(b"---\n" * begun + data)
    assert (file is None) == bool(found)
    assert all(fault.line >= 1 and fault.sentence for fault in found)


@pytest.mark.parametrize("name", ["vpn", "vpn-setup", "tr/yazıcı", "a/b/c", "A.b", "2fa", "x (1)", "C++", "会议"])
def test_names_that_files_can_have(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "..", "../x", "a/../b", "/etc/passwd", "a//b", ".hidden", "a/.b", "a/", "-x", "x\n", "x ", "x\x00", "a\\b", "a:b",
     "12", "x" * 201, "/".join("a" * 11), "~root", "$HOME", "*", "\ud800"],
)  # fmt: skip
def test_names_that_lead_elsewhere(name: str) -> None:
    assert not is_name(name)


@pytest.mark.parametrize(
    ("title", "name"),
    [("Reset your password!", "reset-your-password"), ("Yazıcıda kâğıt sıkışması", "yazicida-kagit-sikismasi"),
     ("../../etc/passwd", "etc-passwd"), ("???", "article"), ("x" * 300, "x" * 60)],
)  # fmt: skip
def test_a_name_is_made_of_a_title(title: str, name: str) -> None:
    assert name_for(title) == name
    assert is_name(name)


@pytest.mark.parametrize(
    ("text", "flows"),
    [
        ("One\ntwo.\n\nThree\nfour.", "One two.\n\nThree four."),
        ("- one\n  goes on\n- two", "- one goes on\n- two"),
        ("1. one\n2. two", "1. one\n2. two"),
        ("```\na\nb\n```\nc\nd", "```\na\nb\n```\nc d"),
        ("# Title\na\nb", "# Title\na b"),
        ("| a |\n|---|\n| b |", "| a |\n|---|\n| b |"),
        ("Title\n=====\na", "Title\n=====\na"),
        ("> a\n> b", "> a\n> b"),
        ("    code\n    more", "    code\n    more"),
        ("line\\\nbreak", "line\\\nbreak"),
    ],
)
def test_paragraphs_flow_and_blocks_stay(text: str, flows: str) -> None:
    assert unwrapped(text) == flows
