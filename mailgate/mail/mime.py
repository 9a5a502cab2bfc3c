"""The tree of parts of a message, cut out of the raw bytes by offsets, without copying and without recursion.

Takes the raw message and limits; gives the root `Part`, whose children are parts, and the faults that were met.
Promises: never raises; the work is bounded by a small multiple of the message's length whatever it nests; depth and
number of parts are bounded (what lies deeper stays one opaque part).
Standards: RFC 2045, RFC 2046 section 5.1 (multipart); missing, wrong and repeated boundaries are read leniently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailgate.mail.header import read_header, split_message
from mailgate.mail.message import Header
from mailgate.mail.parameters import read_parameters


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a hostile message is read. Sizes in bytes."""

    depth: int = 50
    parts: int = 1000
    header_bytes: int = 256 * 1024
    header_fields: int = 10_000
    addresses: int = 500
    text_bytes: int = 2 * 1024 * 1024
    html_bytes: int = 5 * 1024 * 1024
    attachments: int = 1000
    tnef_bytes: int = 64 * 1024 * 1024


@dataclass(slots=True)
class Part:
    """One MIME entity: its header, what it says it is, and where its body lies in the raw message."""

    header: Header
    start: int
    end: int
    content_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    disposition_parameters: dict[str, str] = field(default_factory=dict)
    encoding: str = ""
    children: list[Part] = field(default_factory=list)
    stated: bool = False

    @property
    def content_id(self) -> str | None:
        """Content-ID without its brackets (RFC 2045 section 7), or None."""
        value = self.header.first("content-id")
        return (value.strip().strip("<>").strip()[:500] or None) if value else None


@dataclass(slots=True)
class Tree:
    """The root part, what was wrong, and whether a limit left something unread."""

    root: Part
    faults: list[str]
    complete: bool = True


_GARBAGE_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*")
_WORK = 16
_MISSES = 20_000
"""Lines that begin like a delimiter and are none: no honest message has so many, and each costs time."""
_SNIFF = re.compile(rb"\n--([^\r\n]{1,200}+)\r?\n(?=content-)", re.IGNORECASE)
_PART_BEGINS = re.compile(rb"[ \t]*+\r?\ncontent-(?:type|disposition|transfer-encoding):", re.IGNORECASE)
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\Z")


def read_tree(raw: bytes, limits: Limits) -> Tree:
    """Cut a message into its parts."""
    begun = _GARBAGE_START.match(raw)
    start = begun.end() if begun else 0
    root, faults = _read_part(raw, start, len(raw), limits, "text/plain")
    tree = Tree(root, faults)
    if "header section too long" in faults or "too many header fields" in faults:
        tree.complete = False
    budget = _WORK * len(raw) + 4 * 1024 * 1024
    count, stack = 1, [(root, 1)]
    hint: str | None = None
    unhinted: list[Part] = []  # read before the charset of the text was known
    while stack:
        part, depth = stack.pop()
        if not part.content_type.startswith("multipart/"):
            continue
        budget -= part.end - part.start
        if depth >= limits.depth or count >= limits.parts or budget < 0:
            _cut(tree, "nested too deep" if depth >= limits.depth else "too many parts")
            part.content_type = "application/octet-stream"
            continue
        spans = _spans(raw, part, limits.parts - count, tree)
        default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        for span_start, span_end in spans:
            child, child_faults = _read_part(raw, span_start, span_end, limits, default, hint)
            if hint is None:
                unhinted.append(child)
                if child.content_type.startswith("text/"):
                    hint = child.parameters.get("charset")
            for fault in child_faults:
                _note(tree, fault)
            part.children.append(child)
        count += len(spans)
        if not spans:
            _note(tree, "multipart without parts")
            part.content_type, part.stated = "text/plain", False
        stack.extend((child, depth + 1) for child in part.children)
    for part in unhinted if hint else ():
        _read_names_again(part, hint)
    return tree


def _read_names_again(part: Part, hint: str | None) -> None:
    """Names in raw 8-bit letters of a file that stands before or above the text with the charset."""
    for name, parameters in (("content-type", part.parameters), ("content-disposition", part.disposition_parameters)):
        values = part.header.all(name)
        if values and not values[0].raw.isascii():
            parameters.update(read_parameters(values[0].raw, hint)[1])


def _note(tree: Tree, fault: str) -> None:
    if fault not in tree.faults:
        tree.faults.append(fault)


def _cut(tree: Tree, fault: str) -> None:
    _note(tree, fault)
    tree.complete = False


def _read_part(
    raw: bytes, start: int, end: int, limits: Limits, default: str, hint: str | None = None
) -> tuple[Part, list[str]]:
    """A part's header section; `hint` is the charset of the text before it, for names in raw 8-bit letters."""
    header_end, body = split_message(raw, start, end)
    header, early, faults = read_header(raw, start, header_end, limits.header_bytes, limits.header_fields)
    if early is not None:
        body = early
    part = Part(header, min(body, end), end)
    content_types = header.all("content-type")
    if content_types:
        part.content_type, part.parameters = read_parameters(content_types[0].raw, hint)
        part.stated = True
    if not _TYPE.match(part.content_type):
        if part.content_type:
            faults.append(f"content type {part.content_type[:60]!r}")
        part.content_type = _plausible_type(part.content_type, bool(part.parameters.get("name")))
        part.stated = False
    elif not content_types:
        part.content_type = default
    dispositions = header.all("content-disposition")
    if dispositions:
        part.disposition, part.disposition_parameters = read_parameters(dispositions[0].raw, hint)
    encodings = header.all("content-transfer-encoding")
    if encodings:
        part.encoding = _encoding_name(encodings[0].value)
    return part, faults


def _encoding_name(value: str) -> str:
    """One word: without parameters, comments and quotes that do not belong there."""
    return value.partition(";")[0].partition("(")[0].strip().strip("\"'").strip().lower()[:40]


def _plausible_type(garbage: str, named: bool) -> str:
    if garbage in {"html", "texthtml", "text/htm"} or garbage.startswith("text/html"):
        return "text/html"
    if garbage.startswith("multipart"):
        return "multipart/mixed"
    if named or garbage in {"image", "application", "audio", "video", "attachment", "file"}:
        return "application/octet-stream"
    return "text/plain"


def _spans(raw: bytes, part: Part, most: int, tree: Tree) -> list[tuple[int, int]]:
    """Where the parts of a multipart lie. Its boundary, else the one that its body shows."""
    boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
    spans, closed, cut = _cut_at(raw, part.start, part.end, boundary, most) if boundary else ([], False, False)
    if not spans:
        seen = _SNIFF.search(raw, max(part.start - 1, 0), part.end)
        if seen is not None:
            _note(tree, "wrong boundary" if boundary else "no boundary named")
            spans, closed, cut = _cut_at(raw, part.start, part.end, seen.group(1).rstrip(), most)
    if spans and not closed:
        _note(tree, "no closing boundary")
    if cut:
        _cut(tree, "too many parts")
    return spans


def _cut_at(raw: bytes, start: int, end: int, boundary: bytes, most: int) -> tuple[list[tuple[int, int]], bool, bool]:
    """The spans between delimiter lines (RFC 2046 section 5.1.1), whether the last is closed, whether `most` cut it."""
    mark = b"--" + boundary
    length = len(mark)
    spans: list[tuple[int, int]] = []
    opened: int | None = None
    position, misses = start, 0
    while True:
        found = raw.find(mark, position, end)
        if found < 0:
            break
        position = found + length
        if found != start and raw[found - 1] != 10:
            misses += 1
            if misses > _MISSES:
                break
            continue
        line_end = raw.find(b"\n", position, end)
        if line_end < 0:
            line_end = end
        rest = raw[position : min(line_end, position + 200)].strip()
        closing = rest[:2] == b"--" and not rest[2:].strip(b"-")
        if rest and not closing:
            misses += 1
            if misses > _MISSES:
                break
            continue
        if opened is not None:
            spans.append((opened, _before_line_end(raw, opened, found)))
            if len(spans) >= most:
                return spans, True, not closing
        if closing:
            if not spans or not _goes_on(raw, mark, position, end):
                return spans, True, False
            opened = None
            continue
        opened = position = min(line_end + 1, end)
    if opened is not None:
        spans.append((opened, end))
    return spans, False, misses > _MISSES


def _goes_on(raw: bytes, mark: bytes, position: int, end: int) -> bool:
    """Whether the next line that begins like a delimiter, behind a closing one, opens a part all the same.

    Programs that take the boundary of a message for one within it close the outer one with the inner one.
    """
    found = raw.find(b"\n" + mark, position, end)
    return found >= 0 and _PART_BEGINS.match(raw, found + 1 + len(mark), end) is not None


def _before_line_end(raw: bytes, start: int, end: int) -> int:
    """The line end before a delimiter belongs to the delimiter."""
    if end > start and raw[end - 1] == 10:
        end -= 1
        if end > start and raw[end - 1] == 13:
            end -= 1
    return end
