"""The bytes of an outgoing mail.

Takes a `Draft`; gives a whole message with CRLF line ends, ready for the outbox. Promises: nothing in a draft can add a
header field or a part; every line is at most 998 bytes (bodies at most 78); text and HTML are alternatives, inline images
stand with the HTML, files after both; automatic mail says so; the same draft gives the same bytes.
It writes the message itself: the standard library's default policy encodes References and List-Unsubscribe, which
breaks threads and links, and is several times slower.
Standards: RFC 5322, RFC 2045-2047, RFC 2387 (multipart/related), RFC 3834 (Auto-Submitted), RFC 8058 (one click).
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from mailgate.mail.compose_header import (
    address_field,
    content_type,
    parameters_field,
    text_field,
    token_field,
)
from mailgate.mail.message import Address

MARK_FIELD = "X-Mailgate"
# What stands above the history; `mailgate.mail.reply` knows these lines and cuts there.
REPLY_MARKERS = {
    "en": "## Please reply above this line ##",
    "tr": "## Lütfen bu satırın üstüne yanıt yazın ##",
}
_MOST_REFERENCES = 20
_ASCII = bytes(range(127))
_LINE_ENDS = re.compile(r"\r\n?|\n")
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file, or with a `content_id` (without brackets) an inline image."""

    filename: str
    content_type: str
    data: bytes
    content_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A mail before it is bytes. `date` is epoch seconds; `message_id` has its angle brackets.

    `automatic` is the word of RFC 3834 ("auto-generated", "auto-replied"), None for what a person wrote.
    `unsubscribe` are URIs; with `one_click` the first of them takes a POST (RFC 8058).
    """

    from_: Address
    to: Sequence[Address]
    subject: str
    message_id: str
    date: float
    text: str
    html: str | None = None
    cc: Sequence[Address] = ()
    reply_to: Address | None = None
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    inline: Sequence[Enclosed] = ()
    files: Sequence[Enclosed] = ()
    automatic: str | None = None
    installation: str = ""
    unsubscribe: Sequence[str] = ()
    one_click: bool = False


def compose(draft: Draft, sign: Callable[[bytes], bytes] | None = None) -> bytes:
    """The message; `sign` puts a DKIM-Signature before it."""
    raw = _header(draft) + _body(draft)
    return sign(raw) if sign is not None else raw


def _header(draft: Draft) -> bytes:
    fields = [
        text_field("Date", format_datetime(datetime.fromtimestamp(int(draft.date), UTC))),
        address_field("From", [draft.from_]),
        address_field("To", draft.to) or b"To: undisclosed-recipients:;\r\n",
        address_field("Cc", draft.cc),
        address_field("Reply-To", [draft.reply_to] if draft.reply_to else []),
        text_field("Subject", draft.subject),
        token_field("Message-ID", [draft.message_id]),
        token_field("In-Reply-To", [draft.in_reply_to] if draft.in_reply_to else []),
        token_field("References", _bounded(draft.references)),
    ]
    if draft.automatic:
        fields.append(text_field("Auto-Submitted", draft.automatic))
        fields.append(b"X-Auto-Response-Suppress: All\r\n")
    if draft.installation:
        fields.append(text_field(MARK_FIELD, draft.installation))
    if draft.unsubscribe:
        fields.append(token_field("List-Unsubscribe", [f"<{uri}>" for uri in draft.unsubscribe], ", "))
        if draft.one_click:
            fields.append(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
    fields.append(b"MIME-Version: 1.0\r\n")
    return b"".join(fields)


def _bounded(references: Sequence[str]) -> list[str]:
    """The first and the latest ids, each once (RFC 5322 section 3.6.4 lets the middle go)."""
    found = list(dict.fromkeys(references))
    return found if len(found) <= _MOST_REFERENCES else [found[0], *found[-(_MOST_REFERENCES - 1) :]]


def _body(draft: Draft) -> bytes:
    # A boundary with "=_" cannot stand in quoted-printable or base64; 7bit text never holds this digest.
    seed = hashlib.sha256(draft.message_id.encode("utf-8", "replace")).hexdigest()[:24]
    part = _text_part("plain", draft.text)
    if draft.html is not None:
        html = _text_part("html", draft.html)
        if draft.inline:
            parts = [html, *(_file_part(item) for item in draft.inline)]
            html = _multipart("related", f"=_r{seed}", parts, (("type", "text/html"),))
        part = _multipart("alternative", f"=_a{seed}", [part, html])
    if draft.files:
        part = _multipart("mixed", f"=_m{seed}", [part, *(_file_part(item) for item in draft.files)])
    return part


def _multipart(
    subtype: str, boundary: str, parts: Sequence[bytes], parameters: Sequence[tuple[str, str]] = ()
) -> bytes:
    head = parameters_field("Content-Type", f"multipart/{subtype}", [*parameters, ("boundary", boundary)])
    line = f"--{boundary}\r\n".encode("ascii")
    return head + b"\r\n" + b"".join(line + part for part in parts) + line[:-2] + b"--\r\n"


def _text_part(subtype: str, text: str) -> bytes:
    lines = _LINE_ENDS.split(_NOT_TEXT.sub("", text).rstrip("\r\n"))
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: "
    plain = all(line.isascii() and len(line) <= 78 and not line.startswith("From ") for line in lines)
    if plain and not any(line.endswith((" ", "\t")) for line in lines):
        return f"{head}7bit\r\n\r\n".encode("ascii") + "\r\n".join(lines).encode("ascii") + b"\r\n"
    data = "\n".join(lines).encode("utf-8")
    sample = data[:4000]
    if 3 * len(sample.translate(None, _ASCII)) > len(sample):
        return f"{head}base64\r\n\r\n".encode("ascii") + _base64(data.replace(b"\n", b"\r\n") + b"\r\n")
    return f"{head}quoted-printable\r\n\r\n".encode("ascii") + _quoted_printable(data)


def _quoted_printable(data: bytes) -> bytes:
    encoded = binascii.b2a_qp(data, quotetabs=False, istext=True)
    lines = encoded.split(b"\n")
    # A line that begins with "From " is changed by mbox tools, which breaks signatures; a lone dot by bad relays.
    lines = [b"=46rom " + line[5:] if line.startswith(b"From ") else b"=2E" if line == b"." else line for line in lines]
    return b"\r\n".join(lines) + b"\r\n"


def _file_part(item: Enclosed) -> bytes:
    disposition = "inline" if item.content_id else "attachment"
    head = f"Content-Type: {content_type(item.content_type)}\r\nContent-Transfer-Encoding: base64\r\n".encode("ascii")
    head += parameters_field("Content-Disposition", disposition, [("filename", item.filename)])
    if item.content_id:
        head += token_field("Content-ID", [f"<{item.content_id}>"])
    return head + b"\r\n" + _base64(item.data)


def _base64(data: bytes) -> bytes:
    encoded = binascii.b2a_base64(data, newline=False)
    return b"".join(encoded[n : n + 76] + b"\r\n" for n in range(0, len(encoded), 76))
