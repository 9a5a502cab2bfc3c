"""Everything that can be said about a message without looking into the store: one pure step, in a process of its own.

Takes raw bytes and the reverse-path; gives a `Reading` that travels between processes: large attachments are already in
the blob store, small ones come along. Promises: never raises on what strangers send; nothing here depends on the order
in which messages arrive.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from mailgate.mail.autoreply import find_automatic, is_noreply
from mailgate.mail.bounce import read_bounce
from mailgate.mail.forward import find_forwarded
from mailgate.mail.message import Attachment, Automatic, Bounce, Envelope, Forwarded, ParsedMessage, ReplyParts
from mailgate.mail.parse import parse
from mailgate.mail.reply import split_reply
from mailgate.mail.sanitise import sanitise
from mailgate.mail.subject import is_reply, read_commands, strip_prefixes, ticket_numbers

_NO_LETTERS = re.compile(r"[\W\d_]+")
_ASCII_LETTERS = {number: chr(number).lower() if chr(number).isalpha() else " " for number in range(128)}
_CONTENT_LENGTH = 4096


@dataclass(slots=True)
class ReadAttachment:
    """An attachment on its way to a ticket; `data` is None where the bytes are in the blob store already."""

    filename: str
    content_type: str
    size: int
    sha256: str
    inline: bool
    content_id: str | None
    data: bytes | None


@dataclass(slots=True)
class Reading:
    """What a message says and is, as far as the message alone can tell.

    `subject` is without commands; `new_text` the new part of a reply; `html` is sanitised. `fingerprint` is equal for two
    copies of one message and None where nothing tells copies from messages that look alike; `content_key` is equal for
    messages that say the same, whoever sends them. `findings` is what scanners said of a message that came past the gate.
    """

    message: ParsedMessage
    subject: str
    commands: tuple[str, ...]
    numbers: list[int]
    new_text: str
    html: str | None
    attachments: list[ReadAttachment]
    bounce: Bounce | None
    automatic: Automatic | None
    noreply: bool
    forwarded: Forwarded | None
    forwarded_html: str | None
    forwarded_attachments: list[ReadAttachment]
    fingerprint: str | None
    content_key: str
    faults: list[str] = field(default_factory=list)
    findings: dict[str, Any] = field(default_factory=dict)


def read(
    raw: bytes,
    envelope: Envelope,
    keep: Callable[[Attachment], ReadAttachment],
    thorough: bool = False,
    forwards: bool = True,
) -> Reading:
    """Reads a message. `keep` puts an attachment where it can travel.

    `thorough` (for `explain`) also looks for what filing would not need: an original sender in a reply, the new part of a
    message that answers nothing. Without `forwards` nobody wants to know of original senders.
    """
    message = parse(raw)
    message.text = message.text.rstrip()
    subject, commands = read_commands(message.subject)
    bounce = read_bounce(message, envelope.reverse_path)
    automatic = None if bounce else find_automatic(message, envelope.reverse_path)
    forwarded = None
    if bounce is None and (thorough or (forwards and not is_reply(message.subject))):
        forwarded = find_forwarded(message)
    author = message.author
    answers = may_answer(message)
    parts = ReplyParts(message.text)
    if thorough or answers:
        parts = split_reply(message.text, message.html, answers=answers)
    reading = Reading(
        message=message,
        subject=subject,
        commands=commands,
        numbers=ticket_numbers(message.subject),
        new_text=parts.new,
        html=None if message.html is None else sanitise(message.html),
        attachments=[keep(item) for item in message.attachments],
        bounce=bounce,
        automatic=automatic,
        noreply=author is not None and is_noreply(author.address),
        forwarded=forwarded,
        forwarded_html=None if forwarded is None or forwarded.html is None else sanitise(forwarded.html),
        forwarded_attachments=[keep(item) for item in forwarded.attachments] if forwarded else [],
        fingerprint=_fingerprint(message),
        content_key=_content_key(subject, parts.new),
        faults=message.faults,
    )
    if forwarded is not None:
        reading.forwarded = replace(forwarded, attachments=(), html=None)
    message.attachments = []  # they travel as ReadAttachment
    message.html = None
    message.report = None
    return reading


def may_answer(message: ParsedMessage) -> bool:
    """Whether the message may belong to a ticket; only then its new part matters."""
    return bool(message.in_reply_to or message.references or "{" in message.subject or is_reply(message.subject))


def _fingerprint(message: ParsedMessage) -> str | None:
    """Copies of one message agree in these; trace fields (Received, Delivered-To ...) may differ."""
    date = message.header.first("Date")
    if not message.message_id and not date:
        return None
    author = message.author
    digest = hashlib.sha256()
    for piece in (message.message_id or "", author.address.lower() if author else "", date or "", message.subject):
        digest.update(piece.encode("utf-8", "replace") + b"\0")
    digest.update(message.text.encode("utf-8", "replace"))
    for item in message.attachments:
        digest.update(item.sha256.encode())
    return digest.hexdigest()[:40]


def _content_key(subject: str, text: str) -> str:
    """Numbers, punctuation and case do not count, so that "reply 17" and "reply 18" of a robot are equal."""
    said = f"{strip_prefixes(subject)} {text[:_CONTENT_LENGTH]}"
    if said.isascii():  # the same by a table: four times as fast as the pattern
        said = " ".join(said.translate(_ASCII_LETTERS).split())
    else:
        said = _NO_LETTERS.sub(" ", said).strip().lower()
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:24] if said else ""
