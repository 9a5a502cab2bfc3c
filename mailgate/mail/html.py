"""HTML of a message as text that reads well, and as HTML that is safe to show.

Takes HTML as decoded text; gives text (`html_to_text`) and clean HTML (`sanitise`, from `mailgate.mail.sanitise`).
Promises: never raises; linear and bounded for any input; hidden text, scripts and styles are left out; nothing is
ever fetched. Paragraphs, lists, tables, quotes, links and preformatted text keep their shape.
Standards: the WHATWG HTML Standard, as lexbor parses it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailgate.mail.html_guard import guard_html
from mailgate.mail.html_lines import LineWriter
from mailgate.mail.sanitise import sanitise

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

__all__ = ["html_to_text", "sanitise"]

_DROPPED = frozenset({
    "head", "style", "script", "template", "title", "noscript", "svg", "math", "object", "iframe", "textarea", "select",
    "meta", "link", "audio", "video", "canvas", "map", "noframes", "xml",
})  # fmt: skip
_BLOCKS = dict.fromkeys(
    ("div", "section", "article", "header", "footer", "main", "nav", "aside", "address", "center", "form", "fieldset",
     "legend", "dt", "dd", "figure", "figcaption", "tr", "table", "tbody", "thead", "caption", "summary", "details"), 1
) | dict.fromkeys(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote"), 2)  # fmt: skip
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.IGNORECASE)
_SHRUNK = re.compile(r"(?:max-height\s*:\s*0(?:px|pt|em)?|[^-\w]opacity\s*:\s*0(?:\.0+)?)\s*(?:;|!|\Z)", re.IGNORECASE)
_KEEPS_LINES = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_MAY_HIDE = re.compile(r"hidden|display\s*:\s*none|mso-hide|opacity\s*:\s*0", re.IGNORECASE)
_WITH_ATTRIBUTES = frozenset({"a", "img", "p", "ol", "blockquote"})
_NONE: dict[str, str | None] = {}
_NO_MARGIN = re.compile(r"(?:^|;)\s*margin\s*:\s*0(?:[a-z]{2})?\s*(?:;|$|!)", re.IGNORECASE)
_NO_BORDER = re.compile(r"(?:^|;)\s*border(?:-width)?\s*:\s*(?:none|0)", re.IGNORECASE)
_MOST_NODES = 300_000


def html_to_text(html: str, limit: int = 2 * 1024 * 1024) -> str:
    """The words of an HTML document as plain text of at most about `limit` characters."""
    if not html.strip():
        return ""
    from selectolax.lexbor import LexborHTMLParser  # slow to import, and only mail without plain text needs it

    tree = LexborHTMLParser(guard_html(html))
    body = tree.body
    if body is None:
        return ""
    walker = _Walker(limit, _MAY_HIDE.search(html) is not None, _KEEPS_LINES.search(html) is not None)
    walker.walk(body)
    return walker.writer.finish()[:limit]


class _Walker:
    """Goes through the tree without recursion: down by `child`, across by `next`, up by a stack of its own."""

    def __init__(self, limit: int, hides: bool, keeps: bool) -> None:
        self.hides = hides  # whether any element needs a look for hidden text
        self.styled = hides or keeps  # or for line ends that are shown
        self.writer = LineWriter()
        self.limit = limit
        self.lists: list[int | None] = []  # None for ul, the next number for ol
        self.links: list[str] = []
        self.rows: list[bool] = []  # whether the row has a cell with text on the current line
        self.pre = 0  # elements around that keep white space
        self.pre_tags = 0  # those of them that are `<pre>`, where empty lines count too

    def walk(self, root: LexborNode) -> None:
        stack: list[tuple[LexborNode, str, bool]] = []
        node: LexborNode | None = root.child
        for _ in range(_MOST_NODES):
            while node is None:
                if not stack:
                    return
                parent, tag, keeps = stack.pop()
                self.pre -= keeps
                self._leave(tag)
                node = parent.next
            if self.writer.size > self.limit:
                break
            tag = node.tag or ""
            if tag == "-text":
                text = node.text_content or ""
                self.writer.text(text, bool(self.pre) and (self.pre_tags > 0 or not text.isspace()))
                node = node.next
                continue
            child, keeps = None, False
            if tag[:1] != "-" and tag not in _DROPPED:
                attributes = node.attributes if self.styled or tag in _WITH_ATTRIBUTES else _NONE
                if not (self.hides and _is_hidden(attributes)):
                    tag = self._enter(tag, attributes)
                    child = node.child
                    if child is None:
                        self._leave(tag)
                    else:
                        keeps = self.styled and _keeps_lines(attributes)
                        self.pre += keeps
            if child is not None:
                stack.append((node, tag, keeps))
                node = child
            else:
                node = node.next
        while stack:
            self._leave(stack.pop()[1])

    def _enter(self, tag: str, attributes: dict[str, str | None]) -> str:
        """Begin an element; gives the name under which it is left."""
        writer = self.writer
        if tag == "br":
            writer.line_break()
        elif tag == "a":
            self.links.append(attributes.get("href") or "")
            writer.begin_link()
        elif tag == "img":
            alt = " ".join((attributes.get("alt") or "").split())
            if alt:
                writer.text(f"[{alt[:300]}]", False)
        elif tag == "hr":
            writer.block(1)
            writer.text("----------", False)
            writer.block(1)
        elif tag in {"td", "th"}:
            writer.enter_cell(bool(self.rows and self.rows[-1]))
        elif tag == "li":
            self._enter_item()
        elif tag in _BLOCKS:
            return self._enter_block(tag, attributes)
        return tag

    def _enter_block(self, tag: str, attributes: dict[str, str | None]) -> str:
        writer, size = self.writer, _BLOCKS[tag]
        if tag == "p" and _is_tight(attributes):
            writer.block(1)
            return "div"
        if tag == "blockquote" and _is_indentation(attributes):
            tag = "p"
        if tag in {"ul", "ol"}:
            size = 1 if self.lists else 2
            start = attributes.get("start") or "1"
            self.lists.append(int(start) if tag == "ol" and start.isdecimal() and len(start) < 8 else _first(tag))
        writer.block(size)
        if tag == "tr":
            self.rows.append(False)
        elif tag == "pre":
            self.pre += 1
            self.pre_tags += 1
        elif tag == "blockquote":
            writer.quote += 1
        elif tag == "dd":
            writer.indent += 2
        return tag

    def _enter_item(self) -> None:
        self.writer.block(1)
        number = self.lists[-1] if self.lists else None
        if number is not None:
            self.lists[-1] = number + 1
        self.writer.item("- " if number is None else f"{number}. ", max(0, len(self.lists) - 1))

    def _leave(self, tag: str) -> None:
        writer = self.writer
        if tag == "a":
            if self.links:
                writer.end_link(self.links.pop())
        elif tag in {"td", "th"}:
            same_line = writer.leave_cell()
            if self.rows and same_line is not None:
                self.rows[-1] = same_line
        elif tag == "li":
            writer.leave_item()
            writer.block(1)
        elif tag in _BLOCKS:
            size = _BLOCKS[tag]
            if tag == "tr" and self.rows:
                self.rows.pop()
            elif tag in {"ul", "ol"} and self.lists:
                self.lists.pop()
                size = 1 if self.lists else 2
            elif tag == "pre":
                self.pre, self.pre_tags = max(0, self.pre - 1), max(0, self.pre_tags - 1)
            elif tag == "blockquote":
                writer.quote = max(0, writer.quote - 1)
            elif tag == "dd":
                writer.indent = max(0, writer.indent - 2)
            writer.block(size)


def _first(tag: str) -> int | None:
    return 1 if tag == "ol" else None


def _keeps_lines(attributes: dict[str, str | None]) -> bool:
    """Plain text that a program put into HTML by style, line ends and all (CSS Text section 3)."""
    style = attributes.get("style")
    return style is not None and _KEEPS_LINES.search(style) is not None


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style")
    if style is None:
        return "hidden" in attributes
    return "hidden" in attributes or _HIDDEN.search(style) is not None or _is_shrunk(style)


def _is_shrunk(style: str) -> bool:
    """The preview line of a newsletter: an element without height that lets nothing out, or without opacity."""
    found = _SHRUNK.search(f";{style.strip()}")
    return found is not None and ("hidden" in style.lower() or "opacity" in found.group().lower())


def _is_tight(attributes: dict[str, str | None]) -> bool:
    """Outlook writes every line as a paragraph without margins."""
    if "MsoNormal" in (attributes.get("class") or ""):
        return True
    style = attributes.get("style")
    return style is not None and _NO_MARGIN.search(style) is not None


def _is_indentation(attributes: dict[str, str | None]) -> bool:
    """Whether a blockquote is what Gmail makes of "indent more": a margin without a border, and nothing is cited."""
    style = attributes.get("style") or ""
    return (
        "type" not in attributes
        and "cite" not in attributes
        and "class" not in attributes
        and bool(_NO_BORDER.search(style))
    )
