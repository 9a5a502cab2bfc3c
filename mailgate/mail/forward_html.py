"""The HTML of a forward: what lies below the block of header lines, and addresses that hide in links.

Takes HTML as received; gives HTML as a sanitiser can take it (tags may be left unclosed or be closed twice, which every
HTML5 parser repairs). Promises: linear time, never raises, nothing is parsed into a tree.
Standards: the HTML Living Standard's parsing rules, as far as finding tags and text goes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from html import unescape
from urllib.parse import unquote

from mailgate.mail.forward_people import read_people
from mailgate.mail.mail_words import BCC, CC, DATE, FROM, INVISIBLE, OTHER, REPLY_TO, SUBJECT, TO

HTML_LENGTH = 4_000_000
_HIDDEN = re.compile(r"<(style|script|title|head)\b", re.I)
_HIDDEN_END = {name: re.compile(rf"</{name}\s{{0,9}}>", re.I) for name in ("style", "script", "title", "head")}
_SPACES = re.compile(r"[\s\u00a0*]+")
_MAILTO = re.compile(
    r"<a\b[^<>]{0,800}?\bhref\s{0,3}=\s{0,3}[\"']?\s{0,3}mailto:([^\"'>?\s]{3,254})[^<>]{0,800}>", re.I
)
_LINK_END = re.compile(r"</a\s{0,9}>", re.I)
_TAGS = re.compile(r"<[^<>]{0,2000}>")
_LINKS = 500


def addresses_shown(html: str) -> str:
    """HTML in which a link `<a href="mailto:a@b">Name</a>` shows its address after the name, as `Name <a@b>`."""
    out: list[str] = []
    done = 0
    for count, link in enumerate(_MAILTO.finditer(html[:HTML_LENGTH])):
        if link.start() < done or count >= _LINKS:
            continue
        end = _LINK_END.search(html, link.end(), link.end() + 2000)
        if end is None:
            continue
        address = unescape(link.group(1))
        if "%" in address:  # `mailto:Jane%20Doe%20%3Cjane@example.com%3E`
            named = read_people(unquote(address))
            address = named[0].address if named else address
        shown = _TAGS.sub("", html[link.end() : end.start()])
        if "@" not in shown and "@" in address:
            out.append(html[done : end.end()])
            out.append(f" &lt;{address.replace('<', '').replace('>', '')}&gt;")
            done = end.end()
    return "".join(out) + html[done:] if out else html


def html_below(html: str, values: dict[str, str]) -> str | None:
    """The HTML after the header lines with these values (in their order), or None where they are not found."""
    if len(html) > HTML_LENGTH:
        return None
    pieces, ends = _visible(html)
    text = "".join(pieces)
    position = 0
    found_from = False
    for kind, value in values.items():
        for probe in _probes(kind, value):
            at = text.find(probe, position)
            if at >= 0:
                position = at + len(probe)
                found_from = found_from or kind == FROM
                while position < len(text) and text[position] in ">)];,\"'":
                    position += 1
                break
    if not found_from:
        return None
    lengths: list[int] = []
    total = 0
    for piece in pieces:
        total += len(piece)
        lengths.append(total)
    return html[ends[bisect_left(lengths, position)] :] if lengths else None


def _probes(kind: str, value: str) -> list[str]:
    """What to look for in the HTML's text, the surest first: an address, else the name that links to it."""
    if kind in (FROM, TO, CC, BCC, REPLY_TO):
        people = read_people(value)
        if people:
            person = people[0 if kind == FROM else -1]
            return [probe for probe in (person.address, squeeze(person.name)) if probe]
    probe = squeeze(value)[:100] if kind in (FROM, TO, CC, SUBJECT, DATE, OTHER) else ""
    return [probe] if probe else []


def squeeze(text: str) -> str:
    """Text without any white space: line ends and non-breaking spaces differ between HTML and text."""
    return _SPACES.sub("", INVISIBLE.sub("", text))


def _visible(html: str) -> tuple[list[str], list[int]]:
    """The squeezed text between tags, and where in the source each piece ends."""
    pieces: list[str] = []
    ends: list[int] = []
    position = 0
    while position < len(html):
        opened = html.find("<", position)
        stop = opened if opened >= 0 else len(html)
        if stop > position:
            piece = squeeze(unescape(html[position:stop]))
            if piece:
                pieces.append(piece)
                ends.append(stop)
        if opened < 0:
            break
        position = _after_tag(html, opened)
    return pieces, ends


def _after_tag(html: str, opened: int) -> int:
    """Where the tag, comment or hidden element that begins at `opened` ends."""
    if html.startswith("<!--", opened):
        end = html.find("-->", opened + 4)
        return end + 3 if end >= 0 else len(html)
    hidden = _HIDDEN.match(html, opened)
    if hidden:
        ending = _HIDDEN_END[hidden.group(1).lower()].search(html, hidden.end())
        return ending.end() if ending else len(html)
    end = html.find(">", opened + 1)
    return end + 1 if end >= 0 else len(html)
