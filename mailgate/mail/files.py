"""The parts of a message that are files: named, decoded, unpacked.

Takes parts and the raw message; gives `Attachment` items in the order of the message.
Promises: never raises on what a part holds; every byte of a file is kept; the number of attachments is bounded.
Standards: RFC 2183 (names, disposition), RFC 2392 (`cid:`), MS-OXTNEF (winmail.dat) through `mailgate.mail.tnef`.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from mailgate.mail.header import decode_text, read_header, split_message
from mailgate.mail.message import Attachment
from mailgate.mail.mime import Limits, Part
from mailgate.mail.names import EXTENSIONS, made_up_name, safe_name
from mailgate.mail.tnef import read_tnef
from mailgate.mail.transfer import decode_body

_TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_MESSAGE_TYPES = frozenset({"message/rfc822", "message/global"})
_CID = re.compile(r"cid:([^\s\"'<>)]{1,500})", re.IGNORECASE)


class FileReader:
    """Gathers the attachments of one message."""

    def __init__(self, raw: bytes, limits: Limits, faults: list[str]) -> None:
        self.raw, self.limits, self.faults = raw, limits, faults
        self.attachments: list[Attachment] = []
        self.unpacked_body: tuple[str, str] | None = None
        """Text and HTML of a winmail.dat, for a message that has no other."""
        self.complete = True

    def add(self, part: Part, related: bool) -> None:
        """Decode a part into an attachment, or into what a winmail.dat holds."""
        data, fault = decode_body(self.raw, part.start, part.end, part.encoding)
        if fault and fault not in self.faults:
            self.faults.append(fault)
        given = part.disposition_parameters.get("filename") or part.parameters.get("name") or ""
        name = safe_name(given) or _described_name(part)
        if (part.content_type in _TNEF_TYPES or name.lower() == "winmail.dat") and self._unpack(data):
            return
        if not name and part.content_type in _MESSAGE_TYPES:
            name = _message_name(data)
        shown = part.content_id is not None or part.content_type.startswith("image/")  # by Content-Location
        inline = part.disposition == "inline" or (related and not part.disposition and shown)
        self.add_file(name, part.content_type, data, inline, part.content_id)

    def add_file(
        self, name: str, content_type: str, data: bytes, inline: bool = False, content_id: str | None = None
    ) -> None:
        """Add a file; one without a name gets one made from its type and number."""
        if len(self.attachments) >= self.limits.attachments:
            self.complete = False
            return
        name = name or made_up_name(content_type, len(self.attachments) + 1)
        self.attachments.append(Attachment(name, content_type, data, inline, content_id))

    def _unpack(self, data: bytes) -> bool:
        """True where the winmail.dat was unpacked whole, so that it need not be kept itself."""
        unpacked = read_tnef(data, self.limits.tnef_bytes)
        if unpacked is None:
            self.faults.append("winmail.dat that cannot be read")
            return False
        for item in unpacked.files:
            self.add_file(
                safe_name(item.name), item.content_type, item.data, item.content_id is not None, item.content_id
            )
        if self.unpacked_body is None:
            self.unpacked_body = (unpacked.text, unpacked.html)
        if not unpacked.complete:
            self.faults.append("winmail.dat is damaged")
        return unpacked.complete

    def mark_inline(self, html: str | None) -> None:
        """An image that the HTML shows by `cid:` is inline, whatever its disposition says."""
        if html is None or "cid:" not in html.lower():
            return
        shown = {unquote(found).lower() for found in _CID.findall(html)}
        for attachment in self.attachments:
            if attachment.content_id is not None and attachment.content_id.lower() in shown:
                attachment.inline = True


def _described_name(part: Part) -> str:
    """The name that stands in Content-Description or Content-Location alone; "" where these say anything else."""
    for field in ("content-description", "content-location"):
        values = part.header.all(field)
        name = safe_name(decode_text(values[0].raw[:1000])) if values else ""
        stem, _, extension = name.rpartition(".")
        if stem and extension.lower() == EXTENSIONS.get(part.content_type):
            return name
    return ""


def _message_name(data: bytes) -> str:
    """The subject of a nested message, as a file name."""
    start = len(data) - len(data.lstrip(b"\r\n"))
    end, _ = split_message(data, start, len(data))
    header, _, _ = read_header(data, start, end, 64 * 1024, 1000)
    subjects = header.all("subject")
    name = safe_name(decode_text(subjects[0].raw[:2000]).replace("/", "-").replace("\\", "-")) if subjects else ""
    return safe_name(f"{name}.eml") if name else "message.eml"
