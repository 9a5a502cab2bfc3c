"""What a message means once it is read: the nouns that every reader of the mail room takes or gives.

Takes nothing; gives plain data (picklable, so that parsing can live in a process of its own).
Promises: strings are valid Unicode without lone surrogates and without NUL; addresses are `local@domain` with the
domain lower-cased; nothing here reads a file, a clock or a network.
Standards: RFC 5321 (envelope), RFC 5322 (header fields), RFC 2045-2049 (MIME).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of RFC 5322 section 3.4: the decoded display name ("" where there is none) and the addr-spec."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()

    @property
    def local_part(self) -> str:
        return self.address.rpartition("@")[0]


@dataclass(frozen=True, slots=True)
class Envelope:
    """RFC 5321 section 2.3.1. A null reverse-path is None; it is "" where the way in knows no reverse-path at all."""

    reverse_path: str | None
    recipients: tuple[str, ...] = ()


class HeaderField(NamedTuple):
    """One header field: its name as written, and its raw unfolded value as bytes (fold line ends removed).

    A named tuple because every message makes dozens of them and a frozen dataclass takes twice the time to build.
    """

    name: str
    raw: bytes

    @property
    def value(self) -> str:
        """The value as text: UTF-8 where it is valid, else windows-1252 byte by byte; RFC 2047 is *not* decoded."""
        try:
            text = self.raw.decode("utf-8")
        except UnicodeDecodeError:
            text = self.raw.decode("windows-1252", "replace")
        return text.replace("\x00", "").strip()


@dataclass(slots=True)
class Header:
    """The header section: fields in order; names are compared without case."""

    fields: list[HeaderField] = field(default_factory=list)
    _index: dict[str, list[HeaderField]] | None = field(default=None, repr=False, compare=False)

    def all(self, name: str) -> list[HeaderField]:
        """Every field of that name, in order."""
        if self._index is None:
            self._index = {}
            for item in self.fields:
                self._index.setdefault(item.name.lower(), []).append(item)
        return self._index.get(name.lower(), [])

    def first(self, name: str) -> str | None:
        """The value (not RFC 2047-decoded) of the first field of that name, or None."""
        found = self.all(name)
        return found[0].value if found else None

    def __contains__(self, name: str) -> bool:
        return bool(self.all(name))


@dataclass(slots=True)
class Attachment:
    """A part that is a file or an inline image or a nested message; `data` is decoded, byte for byte.

    `filename` is safe for a file system and never empty. `content_id` is without the angle brackets.
    """

    filename: str
    content_type: str
    data: bytes
    inline: bool = False
    content_id: str | None = None
    sha256: str = ""

    def __post_init__(self) -> None:
        if not self.sha256:
            self.sha256 = hashlib.sha256(self.data).hexdigest()

    @property
    def size(self) -> int:
        return len(self.data)


@dataclass(slots=True)
class Report:
    """The machine-readable halves of a multipart/report (RFC 6522), as raw bytes of their parts.

    `report_type` is the parameter, lower-cased ("delivery-status", "disposition-notification", "feedback-report").
    `status` is the body of message/delivery-status or message/disposition-notification; `original` the bytes of the
    returned message or of its header section.
    """

    report_type: str
    status: bytes | None = None
    original: bytes | None = None


@dataclass(slots=True)
class ParsedMessage:
    """A message as people see it in a good mail program.

    `text` is the whole body in plain text: text/plain parts, or HTML turned to text where there is no plain text.
    `html` is the HTML body *as received* (decoded, not sanitised), None where there is none.
    `faults` names what was wrong with the message, for the trace. `complete` is False where a limit cut reading short
    or nothing but the header section could be read: then the raw message belongs to the ticket as an attachment.
    """

    header: Header
    from_: list[Address] = field(default_factory=list)
    sender: Address | None = None
    reply_to: list[Address] = field(default_factory=list)
    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    subject: str = ""
    date: datetime | None = None
    message_id: str | None = None
    in_reply_to: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    text: str = ""
    text_from_html: bool = False
    html: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    report: Report | None = None
    content_type: str = "text/plain"
    faults: list[str] = field(default_factory=list)
    complete: bool = True

    @property
    def author(self) -> Address | None:
        """Whom the message is from: the first From address, else Sender; None where there is neither."""
        return self.from_[0] if self.from_ else self.sender


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report that mail of ours did not arrive (RFC 3464, or the free text of an MTA).

    `recipients` are the failed addresses; `status` is the enhanced status code ("5.1.1") or None; `action` is
    "failed" or "delayed"; `diagnostic` is one line of the remote server's words; `original_message_id` (with angle
    brackets) and `original_subject` come from the returned message, where there is one.
    """

    recipients: tuple[str, ...]
    status: str | None
    action: str
    diagnostic: str
    original_message_id: str | None
    original_subject: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Automatic:
    """A message that no person wrote in answer: `kind` is "auto_reply", "receipt", "bulk" or "generated".

    `reason` is a sentence naming the evidence ("Auto-Submitted: auto-replied").
    """

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReplyParts:
    """The new words of a reply, and what is folded away: quoted history and signature. Joined, nothing is missing."""

    new: str
    quoted: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The message inside a forward. `note` is what the forwarder wrote above it.

    `via` is "attachment" (message/rfc822) or "inline". `text` is the original's text without the block of header
    lines; `html` the same where the forward is HTML, else None. `subject` is the original subject, else the forward's
    without its prefix.
    """

    sender: Address
    subject: str
    note: str
    text: str
    html: str | None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    date: str | None = None
    via: str = "inline"
    attachments: tuple[Attachment, ...] = ()
