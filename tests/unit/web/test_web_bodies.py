"""The words of entries: what mail programs wrote, made harmless, small and our own."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.model import Attached, Entry
from mailgate.web.bodies import Shown

PIECES = st.sampled_from(
    ["<p>", "</p>", "<img ", "src='cid:a@x'", 'src="cid:a@x"', 'alt="', "alt='x>", "<script>", "</script>", ">", '"', "'",
     ' style="', "color:red", "onerror=alert(1)", "<a ", 'href="javascript:alert(1)"', "<svg onload=x>", "<!--", "-->",
     "cid:a@x", "&quot;", "&lt;", "<form action=/sign-out>", "<style>", "<table>", "words", "title=", "\x00", "<math>"]
)  # fmt: skip
ALLOWED = {"src", "alt", "href", "rel", "title", "width", "height", "align", "border", "lang", "dir", "data-remote-src"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, name, value) for name, value in attrs] or [(tag, "", "")]


def _entry(html: str | None, text: str = "words", **more: object) -> Entry:
    image = Attached(7, 1, "a.png", "image/png", 5, True, "a@x", "0" * 64)
    return Entry(
        1,
        1,
        "message",
        1,
        "Jane",
        "jane@example.com",
        5.0,
        text,
        text,
        html,
        None,
        None,
        3,
        attachments=[image],
        **more,
    )  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(html=st.lists(PIECES, max_size=25).map("".join))
def test_whatever_html_holds_nothing_runs_and_nothing_is_fetched(html: str) -> None:
    body = Shown().body(_entry(html), "en", True, True, "")
    reader = _Reader()
    reader.feed(body.html)
    for tag, name, value in reader.found:
        assert tag not in ("script", "form", "svg", "math", "style", "iframe", "input"), body.html
        assert not name or name in ALLOWED, body.html
        assert name != "src" or value == "/a/7", body.html
        assert name != "href" or not str(value).startswith("javascript"), body.html


def test_pasted_images_are_shown_and_large_ones_are_not() -> None:
    small, large = "data:image/png;base64,iVBORw0KGgo=", "data:image/png;base64," + "AAAA" * 200_000
    html = f'<p><img src="{small}" alt="s"></p>'
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in Shown().body(_entry(html), "en", True, True, "").html
    assert "data:" not in Shown().body(_entry(html), "en", False, True, "").html
    assert "data:" not in Shown().body(_entry(f'<p><img src="{large}"></p>'), "en", True, True, "").html


def test_a_huge_document_is_shown_as_text() -> None:
    body = Shown().body(_entry("<p>" + "<b>x</b>" * 100_000, "the text"), "en", True, True, "")
    assert body.html == "the text"


@pytest.mark.parametrize("root", ["", "/desk"])
def test_images_keep_the_path_of_the_site(root: str) -> None:
    body = Shown().body(_entry('<img src="cid:a@x" alt="x">'), "en", True, True, root)
    assert f'src="{root}/a/7"' in body.html
    assert body.files == ()


def test_what_is_kept_is_bounded() -> None:
    shown = Shown()
    for number in range(200):
        entry = _entry(None, f"{number} " + "x" * 190_000)
        entry.id = number
        shown.body(entry, "en", True, True, "")
    assert shown._characters <= 16 * 1024 * 1024
    assert len(shown._kept) < 100
