"""A message that was attached to a winmail.dat, written out as the mail it once was.

Takes what the stream says of it; gives the bytes of an RFC 5322 message.
Promises: never raises; the same content gives the same bytes (files are stored once, by their digest); no value can
break out of its field. Standards: RFC 5322 and RFC 2045 as `mailgate.mail.compose` writes them, MS-DTYP (FILETIME).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from mailgate.mail.address import clean_address, read_addresses
from mailgate.mail.compose import Draft, Enclosed, compose
from mailgate.mail.message import Address

_UNIX_EPOCH = 11_644_473_600
"""Seconds from 1601, where FILETIME begins, to 1970."""
_LATEST = 32_503_680_000  # the year 3000


@dataclass(frozen=True, slots=True)
class Attached:
    """The attached message: its author as Exchange knows them, whom it was shown to be sent to, a FILETIME or 0."""

    subject: str
    name: str
    address: str
    to: str
    time: int
    text: str
    html: str
    files: Sequence[tuple[str, str, bytes, str | None]]
    """Name, content type, bytes and Content-ID of each."""


def message_bytes(attached: Attached) -> bytes:
    """The message; a field that the stream does not know is left out."""
    address = clean_address(attached.address)  # Exchange has addresses of its own, which are none of the Internet
    seconds = attached.time // 10_000_000 - _UNIX_EPOCH
    known = 0 < seconds < _LATEST
    seed = "\0".join(
        (attached.subject, attached.name, attached.address, str(attached.time), attached.text, attached.html)
    )
    digest = hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()[:32]
    files = [Enclosed(name or "attachment", kind, data, mark) for name, kind, data, mark in attached.files]
    draft = Draft(
        from_=Address(attached.name, address or ""),
        to=read_addresses(attached.to.replace(";", ",")) if "@" in attached.to else (),
        subject=attached.subject,
        message_id=f"<{digest}@winmail.invalid>",
        date=seconds if known else 0,
        text=attached.text,
        html=attached.html or None,
        inline=[item for item in files if item.content_id and attached.html],
        files=[item for item in files if not (item.content_id and attached.html)],
    )
    raw = compose(draft)
    return raw if known else raw.partition(b"\r\n")[2]  # the Date field comes first
