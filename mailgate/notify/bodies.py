"""The words of an entry as they stand in a letter: plain text, and clean HTML for every mail program.

Takes an entry; gives `Rich` (text and HTML of the same words) and the images that belong inside.
Promises: only the new part of a reply goes out, never the history quoted in it; HTML is sanitised last, after all
changes; colours of the writer go, so that dark screens can be read; remote images are not loaded; inline images go along
only where files may go out.
Markdown (CommonMark) is what people write in the terminal; what came by mail is never read as Markdown.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html as html_escape
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from mailgate.mail.compose import Enclosed
from mailgate.mail.html import sanitise
from mailgate.model import Entry, EntryKind

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

_LONGEST = 200_000
_KEPT = 20_000
_LONGEST_HTML = 500_000
_URL = re.compile(r"https?://[^\s<>\"'()]{2,2000}")
_COLOURS = re.compile(r"(?:background-color|background|color)\s*:[^;\"]{0,200};?", re.IGNORECASE)
# The form in which the sanitiser writes tags: every value in double quotes, none of them inside.
_TAG = re.compile(r"<[a-zA-Z][^<>\"]*(?:\"[^\"]*\"[^<>\"]*)*>")
_COLOUR_ATTRIBUTES = re.compile(r"\s(?:bgcolor|color)=\"[^\"]{0,100}\"", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^<>\"]*(?:\"[^\"]*\"[^<>\"]*)*>")
_SOURCE = re.compile(r"\ssrc=\"([^\"]*)\"")
_ALT = re.compile(r"\salt=\"([^\"]{1,200})\"")
_DATA_IMAGE = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=\s%]+)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rich:
    """The same words twice. `html` is safe; `images` name what it shows by `cid:`."""

    text: str
    html: str
    images: tuple[str, ...] = ()
    made: tuple[Enclosed, ...] = field(default=(), compare=False)


def plain(entry: Entry) -> str:
    """The new words of an entry as text."""
    return (entry.reply_text or entry.text).strip()[:_LONGEST]


def rich(entry: Entry, with_images: bool, whole: bool = False, image_word: str = "image") -> Rich:
    """The words of an entry. `whole` is for a ticket's first message, which has no history to hide."""
    text = (entry.text.strip()[:_LONGEST] if whole else "") or plain(entry)
    folded = entry.reply_text.strip() != entry.text.strip()
    if entry.html and len(entry.html) <= _LONGEST_HTML and (whole or not folded):
        return _from_html(entry, text, with_images, image_word)
    if _is_markdown(entry):
        return Rich(text, from_markdown(text))
    return Rich(text, from_text(text))


def excerpt(entry: Entry, text: str) -> str:
    """As much of an entry's words as `text` holds, as HTML."""
    return from_markdown(text) if _is_markdown(entry) else from_text(text)


def from_text(text: str) -> str:
    """Plain text as HTML: line ends stay, web addresses become links."""
    return _text_once(text) if len(text) <= _KEPT else _text(text)


def from_markdown(text: str) -> str:
    """CommonMark as clean HTML; raw HTML in it is shown as text."""
    return _markdown_once(text) if len(text) <= _KEPT else _markdown(text)


@lru_cache(maxsize=16)
def from_article(text: str) -> str:
    """An article's Markdown as clean HTML below a title of its own: with tables, lines that flow, and without images.

    An image becomes a link, because pages fetch nothing from elsewhere.
    """
    return sanitise(str(_article_parser().render(text)))


def _is_markdown(entry: Entry) -> bool:
    """Whether a technician wrote it at the terminal."""
    return entry.kind != EntryKind.MESSAGE and entry.message is None


def _text(text: str) -> str:
    pieces: list[str] = []
    position = 0
    for found in _URL.finditer(text):
        url = found.group().rstrip(".,;:!?")
        pieces.append(html_escape.escape(text[position : found.start()]))
        pieces.append(f'<a href="{html_escape.escape(url)}">{html_escape.escape(url)}</a>')
        position = found.start() + len(url)
    pieces.append(html_escape.escape(text[position:]))
    return "".join(pieces).replace("\r\n", "\n").replace("\n", "<br>\n")


def _markdown(text: str) -> str:
    return sanitise(str(_parser().render(text)))


# One entry stands in many letters; what is long is not kept, so that memory stays small.
_text_once = lru_cache(maxsize=128)(_text)
_markdown_once = lru_cache(maxsize=128)(_markdown)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.core.ruler.push("bare addresses", _link_bare_addresses)
    return parser


@lru_cache(maxsize=1)
def _article_parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.core.ruler.push("bare addresses", _link_bare_addresses)
    parser.core.ruler.push("below a title", _stand_below_a_title)
    return parser


def _stand_below_a_title(state: StateCore) -> None:
    """The page's title is its only heading of the first level; images become links with their words."""
    for block in state.tokens:
        if block.type in ("heading_open", "heading_close"):
            block.tag = f"h{min(int(block.tag[1]) + 1, 6)}"
        elif block.type == "inline" and block.children:
            block.children = list(_without_images(block.children))


def _without_images(tokens: list[Token]) -> Iterator[Token]:
    from markdown_it.token import Token

    in_link = 0
    for token in tokens:
        in_link += token.nesting if token.type.startswith("link_") else 0
        if token.type != "image":
            yield token
            continue
        source = str(token.attrs.get("src", ""))
        linked = not in_link and source.lower().startswith(("https://", "http://"))
        if linked:
            yield Token("link_open", "a", 1, attrs={"href": source})
        yield Token("text", "", 0, content=f"[{token.content or source[:200]}]")
        if linked:
            yield Token("link_close", "a", -1)


def _link_bare_addresses(state: StateCore) -> None:
    """CommonMark leaves `https://…` as text; people expect a link."""
    for block in state.tokens:
        if block.type == "inline" and block.children and "://" in block.content:
            block.children = list(_with_links(block.children))


def _with_links(tokens: list[Token]) -> Iterator[Token]:
    from markdown_it.token import Token

    in_link = 0
    for token in tokens:
        in_link += token.nesting if token.type.startswith("link_") else 0
        if token.type != "text" or in_link:
            yield token
            continue
        position = 0
        for found in _URL.finditer(token.content):
            url = found.group().rstrip(".,;:!?")
            yield Token("text", "", 0, content=token.content[position : found.start()])
            yield Token("link_open", "a", 1, attrs={"href": url})
            yield Token("text", "", 0, content=url)
            yield Token("link_close", "a", -1)
            position = found.start() + len(url)
        yield Token("text", "", 0, content=token.content[position:])


def _from_html(entry: Entry, text: str, with_images: bool, image_word: str) -> Rich:
    known = {item.content_id for item in entry.attachments if item.content_id}
    shown: list[str] = []
    made: dict[str, Enclosed] = {}

    def image(found: re.Match[str]) -> str:
        tag = found.group()
        source = _SOURCE.search(tag)
        address = html_escape.unescape(source.group(1)) if source else ""
        if with_images and address[:4].lower() == "cid:" and address[4:] in known:
            shown.append(address[4:])
            return tag
        pasted = _DATA_IMAGE.match(address) if with_images else None
        enclosed = _pasted(pasted) if pasted else None
        if enclosed is not None and source is not None:
            made[str(enclosed.content_id)] = enclosed
            return f"{tag[: source.start(1)]}cid:{enclosed.content_id}{tag[source.end(1) :]}"
        alt = _ALT.search(tag)
        return html_escape.escape(f"[{html_escape.unescape(alt.group(1)) if alt else image_word}]")

    changed = _IMAGE.sub(image, entry.html or "")
    changed = _TAG.sub(_without_colours, changed)
    return Rich(text, sanitise(changed), tuple(dict.fromkeys(shown)), tuple(made.values()))


def _without_colours(found: re.Match[str]) -> str:
    tag = found.group()
    if "color" not in tag.lower() and "background" not in tag.lower():
        return tag
    return _COLOUR_ATTRIBUTES.sub("", _COLOURS.sub("", tag))


def _pasted(found: re.Match[str]) -> Enclosed | None:
    """An image that was pasted as a data: address, as a part of its own: mail programs drop data: images."""
    try:
        data = base64.b64decode("".join(found.group(2).split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    kind = found.group(1).lower()
    name = hashlib.sha256(data).hexdigest()[:20]
    return Enclosed(f"{name}.{kind.partition('/')[2]}", kind, data, f"{name}@mailgate")
