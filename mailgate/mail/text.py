"""Text of a body, cleaned for people: one kind of line end, nothing that cannot be stored.

Takes decoded bytes or text; gives text. Promises: never raises; linear; no NUL, no lone surrogates, `\\n` line ends.
Standards: RFC 2046 section 4.1 (line ends), RFC 1896 (text/enriched) and RFC 1341 (text/richtext), reduced to their words.
"""

from __future__ import annotations

import re

_ENRICHED = re.compile(r"<<|<param>[^<]*</param>|</?[A-Za-z0-9-]{1,60}>", re.IGNORECASE)
_RICH = re.compile(r"</?([A-Za-z0-9-]{1,60})>")
_LINE_ENDS = re.compile(r" ?\n")
_RICH_SIGNS = {"nl": "\n", "np": "\n\n", "lt": "<", "/paragraph": "\n\n"}
_ENRICHED_LINES = re.compile(r"\n(\n*)")


def clean_text(text: str) -> str:
    """`\\r\\n`, `\\r\\r\\n` and lone `\\r` become `\\n`; NUL and byte order marks go."""
    if "\r" in text:
        text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    for bad in ("\x00", "\ufeff"):
        if bad in text:
            text = text.replace(bad, "")
    return text


def enriched_to_text(text: str) -> str:
    """text/enriched without its commands: one line end is a space, n line ends are n-1 (RFC 1896)."""
    text = _ENRICHED.sub(lambda found: "<" if found.group() == "<<" else "", text)
    return _ENRICHED_LINES.sub(lambda found: found.group(1) or " ", text)


def richtext_to_text(text: str) -> str:
    """text/richtext without its commands: line ends are spaces, `<nl>` and the end of a paragraph are line ends.

    RFC 1341 section 7.1.3. What has no `<nl>` at all was written by programs that mean their line ends.
    """
    if "<nl>" in text.lower():
        text = _LINE_ENDS.sub(" ", text)
    return _RICH.sub(lambda found: _RICH_SIGNS.get(found.group()[1:-1].lower(), ""), text).replace("\n ", "\n")


def text_to_html(text: str) -> str:
    """Plain text as a piece of HTML, for a message that mixes both."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "<div>" + escaped.replace("\n", "<br>\n") + "</div>"


def join_texts(pieces: list[str]) -> str:
    """Text parts one after the other, parted by an empty line."""
    kept = [piece.strip("\n") for piece in pieces if piece.strip()]
    return "\n\n".join(kept)
