"""A message read: raw bytes in, `ParsedMessage` out.

Takes the bytes as they were received and limits; gives what a person would see in a good mail program.
Promises: never raises, whatever the bytes: where a reader fails, From and Subject are still read, `complete` is False
and the fault is named. Linear in the size of the message; every string is valid Unicode without NUL.
Standards: RFC 5322, RFC 2045-2049, RFC 2047, RFC 2231; the readers name theirs.
"""

from __future__ import annotations

from mailgate.mail.address import read_addresses
from mailgate.mail.body import read_body
from mailgate.mail.dates import read_date
from mailgate.mail.header import decode_text, read_header, read_message_ids, split_message
from mailgate.mail.message import Address, Header, HeaderField, ParsedMessage
from mailgate.mail.mime import Limits, Part, read_tree

__all__ = ["Limits", "parse"]

_SUBJECT_BYTES = 16 * 1024
_SUBJECT_LETTERS = 998
_MOST_IDENTIFIERS = 500
_DEFAULT = Limits()


def parse(raw: bytes, limits: Limits = _DEFAULT) -> ParsedMessage:
    """Read a message. Never raises: an error of ours gives what the header section says and a fault of its name."""
    try:
        return _parse(raw, limits)
    except Exception as error:  # noqa: BLE001 - the promise of this room: every accepted message can be shown
        return _parse_header_only(raw, limits, f"reader failed: {type(error).__name__}")


def _parse(raw: bytes, limits: Limits) -> ParsedMessage:
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    tree = read_tree(raw, limits)
    message = ParsedMessage(header=tree.root.header, content_type=tree.root.content_type, faults=tree.faults)
    _read_fields(message, limits, _charset_of(tree.root))
    body = read_body(raw, tree, limits)
    message.text, message.html, message.text_from_html = body.text, body.html, body.text_from_html
    message.attachments, message.report = body.attachments, body.report
    message.complete = body.complete and bool(tree.root.header.fields)
    if not tree.root.header.fields and "no header" not in message.faults:
        message.faults.append("no header")
    return message


def _charset_of(part: Part) -> str | None:
    """The charset of the first text that names one: a hint for raw 8-bit letters in the header section."""
    parts = [part]
    while parts:
        part = parts.pop()
        label = part.parameters.get("charset") if part.content_type.startswith("text/") else None
        if label:
            return label
        parts.extend(reversed(part.children))
    return None


def _read_fields(message: ParsedMessage, limits: Limits, hint: str | None = None) -> None:
    header = message.header
    message.from_ = _addresses(header, "from", limits, message.faults, hint)
    senders = _addresses(header, "sender", limits, message.faults, hint)
    message.sender = senders[0] if senders else None
    message.reply_to = _addresses(header, "reply-to", limits, message.faults, hint)
    message.to = _addresses(header, "to", limits, message.faults, hint)
    message.cc = _addresses(header, "cc", limits, message.faults, hint)
    message.subject = _subject(header, hint)
    dates = header.all("date")
    message.date = read_date(decode_text(dates[0].raw[:300])) if dates else None
    identifiers = _identifiers(header, "message-id")
    message.message_id = identifiers[0] if identifiers else None
    message.in_reply_to = _identifiers(header, "in-reply-to")
    message.references = _identifiers(header, "references")
    if not message.from_:
        message.faults.append("no From" if "from" not in header else "From without an address")
    elif len(header.all("from")) > 1:
        message.faults.append("several From fields")
    if len(message.from_) > 1:
        message.faults.append("several addresses in From")  # which one a checker of authenticity looked at is unknown


def _addresses(header: Header, name: str, limits: Limits, faults: list[str], hint: str | None) -> list[Address]:
    found: list[Address] = []
    for item in header.all(name)[:20]:
        found.extend(read_addresses(item.raw, limits.addresses - len(found), hint))
        if len(found) >= limits.addresses:
            faults.append(f"too many addresses in {name.title()}")
            break
        if name == "from" and found:
            break  # two From fields: the first counts (RFC 5322 section 3.6 allows one)
    return found


def _identifiers(header: Header, name: str) -> list[str]:
    found: list[str] = []
    for item in header.all(name)[:20]:
        found.extend(read_message_ids(item.raw))
    return list(dict.fromkeys(found))[-_MOST_IDENTIFIERS:]  # the latest ones stand last


def _subject(header: Header, hint: str | None) -> str:
    fields = header.all("subject")
    if not fields:
        return ""
    return decode_text(fields[0].raw[:_SUBJECT_BYTES], hint)[:_SUBJECT_LETTERS].strip()


def _parse_header_only(raw: bytes, limits: Limits, fault: str) -> ParsedMessage:
    """The last guard: From and Subject at the least, by the simplest means."""
    message = ParsedMessage(header=Header(), complete=False, faults=[fault])
    try:
        end, _ = split_message(raw, 0, len(raw))
        message.header, _, _ = read_header(raw, 0, end, limits.header_bytes, limits.header_fields)
        _read_fields(message, limits)
    except Exception as error:  # noqa: BLE001 - see parse()
        message.faults.append(f"header reader failed: {type(error).__name__}")
        message.from_ = message.from_ or _guess_from(message.header.all("from"))
    return message


def _guess_from(fields: list[HeaderField]) -> list[Address]:
    for item in fields:
        for word in item.raw[:1000].decode("ascii", "ignore").replace("<", " ").replace(">", " ").split():
            local, at, domain = word.partition("@")
            if local and at and domain and "@" not in domain:
                return [Address("", f"{local}@{domain.lower()}")]
    return []
