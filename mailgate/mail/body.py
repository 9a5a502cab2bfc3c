"""What of the tree of parts is the text that people read, and what are files.

Takes the raw message, its tree and limits; gives `Body`: plain text, HTML, attachments, report, faults.
Promises: never raises on what a part holds (a part that defeats its reader becomes an attachment); linear; no recursion.
Standards: RFC 2046 (mixed, alternative, digest), RFC 2387 (related), RFC 1847 (signed, encrypted), RFC 6522 (report).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailgate.mail.charset import decode_bytes
from mailgate.mail.files import FileReader
from mailgate.mail.flowed import unflow
from mailgate.mail.fold import squeeze
from mailgate.mail.html import html_to_text
from mailgate.mail.message import Attachment, Report
from mailgate.mail.mime import Limits, Part, Tree, read_tree
from mailgate.mail.names import safe_name
from mailgate.mail.smime import signed_content
from mailgate.mail.text import clean_text, enriched_to_text, join_texts, richtext_to_text, text_to_html
from mailgate.mail.transfer import decode_body, find_uuencoded

_TEXT_TYPES = frozenset(
    {"text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown"}
)
_STATUS_TYPES = {
    "message/delivery-status": "delivery-status",
    "message/global-delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
    "message/global-disposition-notification": "disposition-notification",
    "message/feedback-report": "feedback-report",
}
_OTHER_FORMS = frozenset({"text/x-amp-html", "text/watch-html"})
"""Third forms of the same words, for programs and watches that show nothing else."""
_SMIME_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_RETURNED_TYPES = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/global-headers"}
)
_META = re.compile(rb"<meta[^>]{0,300}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)


_STUB_LENGTH = 400
# What programs put into the plain form instead of the words, "HTML" apart.
_STUB = re.compile(
    r"\A(?:(?:this|the) (?:is an? |e-?mail |message |mail )?.{0,60}\bhtml\b"
    r"|(?:your|if your) .{0,40}(?:e-?mail|mail|client|program|reader|software).{0,60}\bhtml\b"
    r"|(?:please |to |you need |in order to ).{0,80}\b(?:view|read|see|display)\b.{0,80}\bhtml\b"
    r"|.{0,20}html[ -](?:e-?mail|message|content|part|version|format)"
    r"|(?:diese|ihr|dies|um) .{0,80}html|(?:ce|cet|votre|pour) .{0,80}html|(?:este|su|para) .{0,80}html"
    r"|(?:questo|questa|per) .{0,80}html|(?:dit|deze|uw) .{0,80}html|bu .{0,80}html)"
)
_STUB_SIGNS = re.compile(
    r"(?:client|program|reader|viewer|browser|software|view|support|display|capable|compatible|format|anzeig|darstell|"
    r"affich|visualiz|weergeven|goruntule|destekle)"
)


@dataclass(slots=True)
class _Segment:
    """A piece of the body, in one or both of its forms."""

    plain: str | None
    html: str | None


@dataclass(slots=True)
class Body:
    """The meaning of a tree of parts."""

    text: str = ""
    html: str | None = None
    text_from_html: bool = False
    attachments: list[Attachment] = field(default_factory=list)
    report: Report | None = None
    faults: list[str] = field(default_factory=list)
    complete: bool = True


def read_body(raw: bytes, tree: Tree, limits: Limits) -> Body:
    """Choose the text, decode the files."""
    return _Reader(raw, tree, limits).read()


class _Reader:
    def __init__(self, raw: bytes, tree: Tree, limits: Limits, signed: bool = False) -> None:
        self.signed = signed  # what is read lies inside of an opaque signature already
        self.raw, self.root, self.limits = raw, tree.root, limits
        self.body = Body(faults=tree.faults, complete=tree.complete)
        self.files = FileReader(raw, limits, self.body.faults)
        self.segments: dict[int, list[_Segment]] = {}
        self.text_left, self.html_left = limits.text_bytes, limits.html_bytes
        self.has_body = False
        self.spare: list[tuple[Part, int]] = []  # inline text files that become the body where there is no other
        self.calendar: Part | None = None

    def read(self) -> Body:
        self._finish(self.gather())
        return self.body

    def gather(self) -> list[_Segment]:
        """Decode all leaves, in the order of the message, and choose what of them is the body."""
        order: list[Part] = []
        stack: list[tuple[Part, Part | None, int]] = [(self.root, None, 0)]
        while stack:
            part, parent, index = stack.pop()
            order.append(part)
            if part.children:
                if part.content_type == "multipart/encrypted":
                    self._note("encrypted message")
                stack.extend((child, part, at) for at, child in reversed(list(enumerate(part.children))))
            else:
                self._read_leaf(part, parent, index)
        for part in reversed(order):  # children come before their parents
            if part.children:
                lists = [self.segments.pop(id(child), []) for child in part.children]
                self.segments[id(part)] = (
                    _choose(lists)
                    if part.content_type == "multipart/alternative"
                    else [s for one in lists for s in one]
                )
        return self.segments.get(id(self.root), [])

    def _note(self, fault: str | None) -> None:
        if fault and fault not in self.body.faults:
            self.body.faults.append(fault)

    def _read_leaf(self, part: Part, parent: Part | None, index: int) -> None:
        kind = parent.content_type if parent is not None else ""
        if part.content_type in _STATUS_TYPES or (kind == "multipart/report" and part.content_type in _RETURNED_TYPES):
            self._read_report(part, parent)
            return
        if self._is_body(part, kind, index):
            self._read_text(part)
            return
        if (part.content_type in _SMIME_TYPES or _is_smime_file(part)) and self._open_signed(part):
            return
        if kind == "multipart/alternative" and part.content_type in _OTHER_FORMS:
            return
        if kind == "multipart/appledouble" and part.content_type == "application/applefile":
            return  # icon and position on a Macintosh, beside the file itself (RFC 1740)
        if part.content_type == "text/calendar":
            self.calendar = self.calendar or part
        if part.content_type in _TEXT_TYPES and part.disposition != "attachment" and not self.has_body:
            self.spare.append((part, len(self.files.attachments)))
        self.files.add(part, related=kind == "multipart/related")

    def _is_body(self, part: Part, kind: str, index: int) -> bool:
        if part.content_type not in _TEXT_TYPES:
            return False
        named = bool(part.disposition_parameters.get("filename") or part.parameters.get("name"))
        if part.disposition == "attachment":
            return kind == "" and not named
        if kind in {"multipart/alternative", ""}:
            return True
        if kind == "multipart/related" and index > 0:
            return not (named or part.content_id)
        if kind in {"multipart/signed", "multipart/report", "multipart/related"} and index == 0:
            return True
        return not named

    def _read_report(self, part: Part, parent: Part | None) -> None:
        data, fault = decode_body(self.raw, part.start, part.end, part.encoding)
        self._note(fault)
        if self.body.report is None:
            stated = parent.parameters.get("report-type", "").lower() if parent is not None else ""
            self.body.report = Report(stated or _STATUS_TYPES.get(part.content_type, ""))
        report = self.body.report
        if part.content_type in _STATUS_TYPES:
            report.report_type = report.report_type or _STATUS_TYPES[part.content_type]
            report.status = report.status if report.status is not None else data
        else:
            report.original = report.original if report.original is not None else data
            if part.content_type in {"message/rfc822", "message/global"}:
                self.files.add(part, related=False)

    def _read_text(self, part: Part) -> None:
        html = part.content_type == "text/html"
        limit = self.html_left if html else self.text_left
        data, fault = decode_body(self.raw, part.start, min(part.end, part.start + limit * 3 + 4096), part.encoding)
        self._note(fault)
        if len(data) > limit or part.end > part.start + limit * 3 + 4096:
            data = data[:limit]
            self._note("text too long")
            self.body.complete = False
        label = part.parameters.get("charset") or (_meta_charset(data) if html else None)
        if not html and (data.startswith(b"begin") or b"\nbegin" in data):
            data = self._take_uuencoded(data)
        if b"\r" in data and b"\x00" not in data:  # cheaper on bytes; no charset without NUL uses 0D within a character
            data = data.replace(b"\r\n", b"\n")
        text, fault = decode_bytes(data, label)
        self._note(fault)
        text = clean_text(text)
        if html:
            self.html_left -= len(data)
            segment = _Segment(None, text)
        else:
            self.text_left -= len(data)
            segment = _Segment(_as_plain(part, text), None)
        self.has_body = self.has_body or bool(text.strip())
        self.segments[id(part)] = [segment]

    def _open_signed(self, part: Part) -> bool:
        """An opaque S/MIME signature: the message inside is read in its place."""
        if "enveloped" in part.parameters.get("smime-type", ""):
            self._note("encrypted message")
            return False
        data, _ = decode_body(self.raw, part.start, part.end, part.encoding)
        content = None if self.signed else signed_content(data)
        if content is None:
            return False
        inner = _Reader(content, read_tree(content, self.limits), self.limits, signed=True)
        self.segments[id(part)] = inner.gather()
        self.files.attachments += inner.files.attachments
        self.files.unpacked_body = self.files.unpacked_body or inner.files.unpacked_body
        self.body.complete = self.body.complete and inner.body.complete and inner.files.complete
        self._note("signed message, signature not verified")
        return True

    def _take_uuencoded(self, data: bytes) -> bytes:
        kept, position = [], 0
        for start, end, name, decoded in find_uuencoded(data):
            kept.append(data[position:start])
            position = end
            self.files.add_file(safe_name(decode_bytes(name)[0]), "application/octet-stream", decoded)
        return b"".join([*kept, data[position:]]) if position else data

    def _finish(self, segments: list[_Segment]) -> None:
        body = self.body
        unpacked = self.files.unpacked_body
        if not any((s.plain or s.html or "").strip() for s in segments):
            if unpacked is not None and (unpacked[0] or unpacked[1]):
                segments = [_Segment(unpacked[0] or None, unpacked[1] or None)]
            elif self.spare:
                segments = self._promote(segments)
            elif self.calendar is not None:
                self._read_text(self.calendar)
                segments = self.segments.pop(id(self.calendar), segments)
        body.attachments = self.files.attachments
        body.complete = body.complete and self.files.complete
        pieces: list[str] = []
        for segment in segments:
            plain = segment.plain or ""
            if segment.html is not None and (not plain.strip() or _only_points_to_html(plain)):
                shown = html_to_text(segment.html, self.limits.text_bytes)
                body.text_from_html = body.text_from_html or bool(shown.strip())
                plain = shown if shown.strip() else plain
            pieces.append(plain)
        body.text = pieces[0] if len(pieces) == 1 else join_texts(pieces)
        if any(segment.html is not None for segment in segments):
            body.html = "\n".join(_html_of(segment) for segment in segments)
        self.files.mark_inline(body.html)

    def _promote(self, segments: list[_Segment]) -> list[_Segment]:
        part, position = self.spare[0]
        self._read_text(part)
        if 0 <= position < len(self.files.attachments):
            del self.files.attachments[position]
        return self.segments.pop(id(part), segments)


def _only_points_to_html(plain: str) -> bool:
    """A plain form without the message: "Your mail program does not show HTML."."""
    if len(plain) > _STUB_LENGTH or "html" not in plain.lower():
        return False
    words = squeeze(plain)
    return _STUB.match(words) is not None and _STUB_SIGNS.search(words) is not None


def _is_another_text(text: str, shown: set[str]) -> bool:
    words = set(text.split())
    return 2 * len(words & shown) < len(words)


def _html_of(segment: _Segment) -> str:
    return segment.html if segment.html is not None else text_to_html(segment.plain or "")


def _is_smime_file(part: Part) -> bool:
    """What a gateway that does not know S/MIME made of it: a file of that name, of no particular type."""
    name = part.disposition_parameters.get("filename") or part.parameters.get("name") or ""
    return part.content_type == "application/octet-stream" and name.lower() == "smime.p7m"


def _meta_charset(data: bytes) -> str | None:
    found = _META.search(data[:4096])
    label = found.group(1).decode("ascii") if found else None
    # A meta element that could be read as ASCII cannot be UTF-16.
    return "utf-8" if label and label.lower().startswith("utf-16") else label


def _as_plain(part: Part, text: str) -> str:
    if part.content_type == "text/enriched":
        return enriched_to_text(text)
    if part.content_type == "text/richtext":
        return richtext_to_text(text)
    if part.parameters.get("format", "").lower() == "flowed":
        return unflow(text, part.parameters.get("delsp", "").lower() == "yes")
    return text


def _choose(lists: list[list[_Segment]]) -> list[_Segment]:
    """multipart/alternative: the first plain form and the last HTML form of the same words.

    A second plain form that shares few words with the first is no form of it but more text, and is shown too.
    """
    html: str | None = None
    texts: list[str] = []
    shown: set[str] = set()
    for segments in lists:
        words = [s.plain for s in segments if s.plain is not None]
        if words and not any(s.html is not None for s in segments):
            joined = words[0] if len(words) == 1 else join_texts(words)
            if joined.strip() and (not texts or _is_another_text(joined, shown)):
                texts.append(joined)
                shown.update(joined.split())
        if any(s.html is not None for s in segments):
            html = "\n".join(_html_of(s) for s in segments)
    plain = texts[0] if len(texts) == 1 else join_texts(texts) if texts else None
    if html is None and plain is None:
        return [segment for segments in lists for segment in segments]
    return [_Segment(plain, html)]
