"""HTML of any size made harmless for the parsers that come after: no depth, no crowd of attributes, no end.

Takes HTML; gives HTML with the same words. Small documents pass unchanged. Large ones are cut into tokens and put
together again: comments, scripts and styles go, attributes outside a short list go, nesting and tags are counted.
Promises: never raises; linear; the parsers behind (lexbor, html5ever), which take quadratic time for deep nesting
and for thousands of attributes in one tag, see exactly the tags that were seen here.
Standards: the tokenisation of the WHATWG HTML Standard section 13.2.5, reduced.
"""

from __future__ import annotations

import re

_SMALL = 64 * 1024
_SMALL_TAGS = 4000
_MOST_TAGS = 100_000
_DEPTH = 200
_RAW = frozenset({"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "svg", "math"})
_VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "wbr", "embed", "source", "track"}
)
_IMPLIED = frozenset(
    {"p", "li", "td", "th", "tr", "dt", "dd", "tbody", "thead", "tfoot", "option", "html", "body", "head"}
)
_KEPT = frozenset({
    "href", "src", "alt", "title", "style", "class", "type", "start", "cite", "hidden", "colspan", "rowspan", "width",
    "height", "align", "valign", "bgcolor", "color", "face", "size", "border", "cellpadding", "cellspacing", "dir",
    "lang", "id", "name", "background",
})  # fmt: skip
_ATTRIBUTE = r"[\s/]*+([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s>]*+))?"
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TAG = re.compile(
    rf"<(/?)([A-Za-z][^\s/>]*+)((?:{_ATTRIBUTE.replace('(', '(?:').replace('(?:?:', '(?:')})*+)[\s/=]*+(>|\Z)?"
)
_MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
_CLOSERS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}


def guard_html(html: str, limit: int = 5 * 1024 * 1024) -> str:
    """The document, cut at `limit` characters, with bounded depth, tags and attributes."""
    if len(html) <= _SMALL and html.count("<") <= _SMALL_TAGS:
        return html
    return _Rebuilder(html[:limit]).rebuild()


class _Rebuilder:
    def __init__(self, html: str) -> None:
        self.html = html
        self.out: list[str] = []
        self.stack: list[str] = []
        self.open: dict[str, int] = {}
        self.tags = 0

    def rebuild(self) -> str:
        html, position, end = self.html, 0, len(self.html)
        while position < end and self.tags < _MOST_TAGS:
            markup = _MARKUP.search(html, position)
            start = markup.start() if markup is not None else end
            if start > position:
                self.out.append(html[position:start].replace("<", "&lt;"))
            if start == end:
                break
            position = self._markup(start, end)
        return "".join(self.out)

    def _markup(self, start: int, end: int) -> int:
        html = self.html
        if html.startswith("<!--", start):
            if html.startswith((">", "->"), start + 4):
                return html.find(">", start) + 1
            close = html.find("-->", start + 4)
            return end if close < 0 else close + 3
        if html.startswith(("<!", "<?"), start):
            close = html.find(">", start)
            return end if close < 0 else close + 1
        found = _TAG.match(html, start)
        if found is None:
            self.out.append("&lt;")
            return start + 1
        closing, name, attributes = found.group(1), found.group(2).lower(), found.group(3)
        self.tags += 1
        if closing:
            self._close(name)
        elif name in _RAW:
            closer = _CLOSERS[name].search(html, found.end())
            if closer is None:
                return end
            after = html.find(">", closer.end())
            return end if after < 0 else after + 1
        else:
            self._open(name, attributes)
        return max(found.end(), start + 1)

    def _open(self, name: str, attributes: str) -> None:
        if name not in _VOID and name not in _IMPLIED:
            if len(self.stack) >= _DEPTH:
                return
            self.stack.append(name)
            self.open[name] = self.open.get(name, 0) + 1
        kept: dict[str, str] = {}
        for count, found in enumerate(_ATTRIBUTES.finditer(attributes)):
            if count >= 60:
                break
            key = found.group(1).lower()
            if key in _KEPT and key not in kept:
                value = (found.group(2) or "").strip()
                if value[:1] in {'"', "'"}:
                    value = value[1:-1] if len(value) > 1 and value[-1] == value[0] else value[1:]
                kept[key] = value.replace('"', "&quot;")
        clean = re.sub(r"[^a-z0-9:-]", "", name)[:40]
        self.out.append(f"<{clean}" + "".join(f' {key}="{value}"' for key, value in kept.items()) + ">")

    def _close(self, name: str) -> None:
        if name in _IMPLIED:
            self.out.append(f"</{name}>")
        elif self.open.get(name):
            while True:
                top = self.stack.pop()
                self.open[top] -= 1
                self.out.append(f"</{re.sub(r'[^a-z0-9:-]', '', top)[:40]}>")
                if top == name:
                    break
        elif name == "br":
            self.out.append("<br>")
