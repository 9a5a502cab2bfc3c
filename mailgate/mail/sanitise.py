"""HTML of a message made safe to store and to show.

Takes HTML as decoded text; gives HTML without scripts, forms, frames, SVG, MathML, comments or foreign styles.
Promises: never raises; bounded; nothing in the result makes a browser fetch anything by itself: the address of a
remote image moves to `data-remote-src`, `cid:` images stay; links open without opener and referrer.
Standards: the WHATWG HTML Standard, as ammonia (nh3) cleans it.
"""

from __future__ import annotations

import re

from mailgate.mail.html_guard import guard_html

_TAGS = {
    "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "blockquote", "br", "caption", "center", "cite",
    "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font",
    "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "ol",
    "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"title", "dir", "lang", "align", "style"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height", "data-remote-src"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing", "width", "bgcolor"},
    "td": {"colspan", "rowspan", "width", "height", "valign", "bgcolor"},
    "th": {"colspan", "rowspan", "width", "height", "valign", "bgcolor"},
    "tr": {"valign", "bgcolor"},
    "col": {"span", "width"},
    "ol": {"start", "type"},
    "blockquote": {"type"},
}
_STYLES = {
    "color", "background-color", "font-weight", "font-style", "font-size", "font-family", "text-align",
    "text-decoration", "vertical-align", "white-space", "width", "height", "margin", "margin-left", "margin-right",
    "margin-top", "margin-bottom", "padding", "padding-left", "padding-right", "padding-top", "padding-bottom",
    "border", "border-left", "border-right", "border-top", "border-bottom", "border-collapse", "border-color",
    "line-height", "list-style-type", "direction",
}  # fmt: skip
_DROPPED = {
    "script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math", "textarea", "select", "xml",
    "head", "noembed", "noframes", "plaintext", "xmp",
}  # fmt: skip
_REMOTE_IMAGE = re.compile(r"(<img\b[^>]*?)\ssrc=\"(?!cid:|data:image/(?:png|jpeg|gif|webp);)([^\"]*)\"", re.IGNORECASE)
_IMAGE_DATA = ("data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp")
_STYLE_FETCHES = re.compile(r"url\s*\(|expression|image-set|\\|/\*", re.IGNORECASE)


def sanitise(html: str) -> str:
    """Clean HTML; remote images are named in `data-remote-src` and not loaded."""
    import nh3  # one room, lazily: only what stores or shows HTML needs it

    clean = nh3.clean(
        guard_html(html),
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel="noopener noreferrer",
        filter_style_properties=_STYLES,
        strip_comments=True,
    )
    return _REMOTE_IMAGE.sub(r'\1 data-remote-src="\2"', clean)


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "style":
        return None if _STYLE_FETCHES.search(value) else value
    if name == "data-remote-src":
        return None  # ours alone
    if name in {"src", "href"}:
        scheme = "".join(value.split()).lower()
        if scheme.startswith("data:") and not (tag == "img" and scheme.startswith(_IMAGE_DATA)):
            return None
        if tag == "a" and scheme.startswith("cid:"):
            return None
    return value
