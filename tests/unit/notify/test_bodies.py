"""Bodies: whatever HTML a message holds, what goes out is clean; text keeps its words."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.mail.html import sanitise
from mailgate.model import Attached, Entry
from mailgate.notify import bodies

PIECES = st.lists(
    st.sampled_from(
        [
            "<img src=\"cid:a@x\" alt=\"A\">", "<img src=cid:b@x>", "<img src='http://t.example/x.gif' onerror=alert(1)>",
            "<img alt='<script>alert(1)</script>' src=x>", "<img src=\"data:image/png;base64,iVBORw0KGgo=\">",
            "<img src=\"data:image/png;base64,\"><script>\">", "<img ", "<svg><img src=\"cid:a@x\"></svg>",
            "<p title='> bgcolor=\"",
            "<p style=\"color:red;background:url(http://t.example)\">", "<font color=\"red\" onclick=\"x()\">", "</p>", "\"", "'",
            ">", "<", "&lt;script&gt;", "<script>alert(1)</script>", "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\"data:text/html,x\" style=\"color:expression(1)\">", "<!--", "-->", "<style>*{x}</style>", " bgcolor=\"",
            " color=",
            "<td bgcolor=\"red\" style=\"color:#000;x\">", "words", "ş", "\n", "<iframe src=x>", "<base href=x>", "<form action=x>",
        ]
    ),
    max_size=25,
).map("".join)  # fmt: skip


def entry(**changes: object) -> Entry:
    values: dict[str, object] = {
        "id": 1, "ticket_id": 1, "kind": "message", "author_id": 1, "author_name": "R", "author_address": "r@x", "at": 0.0,
        "text": "words", "reply_text": "words", "html": None, "message_id": None, "queue_id": None, "message": 1,
        "attachments": [Attached(1, 1, "a.png", "image/png", 3, True, "a@x", "0")], **changes,
    }  # fmt: skip
    return Entry(**values)  # type: ignore[arg-type]


def tags(html: str) -> list[str]:
    return re.findall(r"<[a-zA-Z](?:[^<>\"]|\"[^\"]*\")*>", html)


@settings(max_examples=400, deadline=None)
@given(PIECES, st.booleans())
def test_whatever_comes_in_what_goes_out_is_clean(html: str, with_images: bool) -> None:
    made = bodies.rich(entry(html=sanitise(html)), with_images)  # as it is stored
    for tag in tags(made.html):
        lowered = re.sub(r"(?:alt|title)=\"[^\"]*\"", "", tag.lower())
        assert not re.match(r"<(script|style|svg|iframe|form|base|object|link)\b", lowered)
        assert not re.search(r"\son\w+=|javascript:|expression|url\(", lowered)
        assert not re.search(r"src=\"(?!cid:)", lowered)
        assert "bgcolor=" not in lowered
        assert not re.search(r"(?:^|[;\"\s-])color\s*[:=]", lowered)
    shown = set(re.findall(r'src="cid:([^"]*)"', made.html))
    assert shown <= {"a@x", *(item.content_id for item in made.made)}
    if not with_images:
        assert not shown
        assert made.images == made.made == ()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_plain_text_is_only_text(text: str) -> None:
    html = bodies.from_text(text)
    assert set(re.findall(r"<(/?\w+)", html)) <= {"a", "/a", "br"}
    assert not re.search(r"<a href=\"(?!https?://)", html)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("*_`[]()<>!#-\n :/hts.x&\"'")), max_size=200))
def test_markdown_is_clean(text: str) -> None:
    for tag in tags(bodies.from_markdown(text)):
        assert not re.match(r"<(script|style|svg|iframe|form|base|object|link)\b", tag)
        assert not re.search(r"\son\w+=|href=\"(?!https?:|mailto:|[^:\"]*\")", tag)


def test_markdown_images_do_not_load_anything() -> None:
    html = bodies.from_markdown("![pixel](http://t.example/p.gif)")
    assert not re.search(r"\ssrc=", html)


def test_only_the_new_part_of_a_reply() -> None:
    quoted = entry(text="new\n> old", reply_text="new", html="<p>new</p><blockquote>old</blockquote>")
    assert bodies.rich(quoted, True) == bodies.Rich("new", "new")
    whole = bodies.rich(quoted, True, whole=True)
    assert "old" in whole.html
    assert whole.text == "new\n> old"


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://x.example/a", "https://x.example/a"),
        ("https://x.example/a.", "https://x.example/a"),
        ("(https://x.example/a)", "https://x.example/a"),
        ("<https://x.example/a>", "https://x.example/a"),
        ("https://x.example/ş?a=1&b=2!", "https://x.example/ş?a=1&amp;b=2"),
        ("ftp://x.example", None),
        ("https://", None),
    ],
)
def test_addresses_in_text(url: str, linked: str | None) -> None:
    found = re.findall(r'<a href="([^"]*)">', bodies.from_text(f"see {url} there"))
    assert found == ([linked] if linked else [])
