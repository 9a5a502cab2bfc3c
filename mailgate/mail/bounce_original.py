"""What a bounce says about the mail that came back: its Message-ID, subject and recipients.

Takes the returned message (or only its header section) as bytes, or as text that an MTA pasted into its report.
Promises: never raises; reads 64 KB at most; linear.
Standards: RFC 3462 (returned content), RFC 5322 section 2.2 (header fields), RFC 2047 (encoded words).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailgate.mail.bounce_address import find_addresses
from mailgate.mail.fold import squeeze
from mailgate.mail.header import decode_text

MAX_CHARACTERS = 65_536

_WANTED = frozenset({"message-id", "subject", "to", "cc", "from", "received", "return-path", "date", "mime-version"})
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9_-]{1,60})[ \t]*:(.*)", re.S)
_TOLD_ID = re.compile(
    r"message[- ]?id(?:entifier)?(?: was| is)?[^<\n]{0,20}(<[^<>\s]{1,800}@[^<>\s]{1,255}>)", re.IGNORECASE
)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,800}>")
_BEGINS = re.compile(
    r"^(?:[> ]{0,8}(?:Received: ?(?:from|by|via|\(|;)|Return-Path: ?[<\w])|Message-Id: ?<|X-Received: by|DKIM-Signature: ?[av]="
    r"|Delivered-To: ?\S{1,200}@|MIME-Version: ?1\.0|Content-Type: ?(?:text|multipart)/)",
    re.I,
)
# How MTAs announce the copy of the message. Compared with a folded line; a line holds one of them.
_MARKS = (
    "below this line is a copy of the message",
    "below is a copy of the original message",
    "this is a copy of the message",
    "this is a copy of your message",
    "copy of the original message",
    "copy of your message follows",
    "original message follows",
    "original message header",
    "original headers follow",
    "original message below",
    "- original message -",
    "-original message-",
    "unsent message follows",
    "message header follows",
    "header of the original message",
    "headers of the original message",
    "the header and top 20 lines of the message follow",
    "returned message follows",
    "returned message below",
    "your original message",
    "undelivered message follows",
    "original mail as follows",
    "non-delivered information",
    "message text follows",
    "enclosed is a copy of the message",
    "included is a copy of the message",
    "the body of the message is",
    "the text of the message is",
    "message transcript",
    "start of returned message",
    "returned message",
    "forwarded message",
    "ursprungliche nachricht",
    "kopie der nachricht",
    "kopie ihrer nachricht",
    "der header der e-mail",
    "en-tetes de message d'origine",
    "en-tetes du message d'origine",
    "message d'origine",
    "encabezados de mensajes originales",
    "encabezados originales",
    "intestazioni originali",
    "cabecalhos de mensagem originais",
    "cabecalhos originais",
    "oorspronkelijke berichtkoppen",
    "ozgun ileti",
    "orijinal ileti",
    "orijinal mesaj",
    "заголовки исходного",
    "исходное сообщение",
    "копия сообщения",
    "送信メールのヘッダー",
    "元のメッセージ",
    "原始邮件",
    "原始郵件",
)


@dataclass(frozen=True, slots=True)
class Original:
    """The returned message. `message_id` with its brackets, or None; `recipients` of To and Cc."""

    message_id: str | None = None
    subject: str | None = None
    recipients: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()


def split_report(text: str) -> tuple[str, str]:
    """The words of the MTA, and the copy of the message that it pasted beneath them ("" where there is none)."""
    lines = text.split("\n")
    worded = 0
    for number, line in enumerate(lines):
        bare = line.strip()
        if not bare:
            continue
        if number and _BEGINS.match(line) and not _belongs_elsewhere(lines, number):
            first = _first_of_block(lines, number)
            if any(above.strip() for above in lines[:first]):
                return "\n".join(lines[:first]), "\n".join(lines[first:])
        if worded >= 2 and len(bare) < 120 and _is_mark(bare) and _is_copied(lines, number):
            return "\n".join(lines[:number]), "\n".join(lines[number + 1 :])
        worded += 1
    return text, ""


def find_message_id(text: str) -> str | None:
    """The Message-ID that a report names in its own words or fields (`X-Original-Message-ID: <...>`)."""
    told = _TOLD_ID.search(text[:MAX_CHARACTERS])
    return told.group(1) if told else None


def read_original(data: bytes | str) -> Original | None:
    """The fields of the returned message; None where no header section can be seen."""
    if isinstance(data, bytes):
        try:
            text = data[:MAX_CHARACTERS].decode("utf-8")
        except UnicodeDecodeError:
            text = data[:MAX_CHARACTERS].decode("windows-1252", "replace")
    else:
        text = data[:MAX_CHARACTERS]
    values: dict[str, str] = {}
    for name, value in _header_fields(text.replace("\x00", "").replace("\r", "").split("\n")):
        values.setdefault(name, value)
    if not values:
        return None
    message_id = _MESSAGE_ID.search(values.get("message-id", ""))
    return Original(
        message_id=message_id.group() if message_id else None,
        subject=decode_text(values["subject"].encode("utf-8", "replace"))[:1000] if "subject" in values else None,
        recipients=tuple(found[0] for found in find_addresses(f"{values.get('to', '')}, {values.get('cc', '')}")),
        senders=tuple(found[0] for found in find_addresses(values.get("from", ""))),
    )


def _belongs_elsewhere(lines: list[str], number: int) -> bool:
    """Whether a field stands among those of a delivery status, or in a list of what was sent (PMDF, iPlanet)."""
    if lines[number - 1].startswith("--") and lines[number].lower().startswith("content-"):
        return True  # a part of MIME, in a report that lost its own header
    near = "\n".join(lines[max(0, number - 6) : number + 4]).lower()
    return "reporting-mta:" in near or "final-recipient:" in near or "with the following header fields" in near


def _first_of_block(lines: list[str], number: int) -> int:
    """The first line of the header section that line `number` belongs to."""
    first = number
    while first > max(0, number - 40) and lines[first - 1].strip():
        above = lines[first - 1]
        if not (_FIELD.match(above) or above[0] in " \t"):
            break
        first -= 1
    while first < number and lines[first][0] in " \t":
        first += 1
    return first


def _is_mark(line: str) -> bool:
    """Whether the line announces a copy. Two words alone must be nearly all of it: sentences speak of messages too."""
    folded = squeeze(line)
    return any(mark in folded and (mark.count(" ") > 1 or len(folded) <= len(mark) + 30) for mark in _MARKS)


def _is_copied(lines: list[str], number: int) -> bool:
    """Whether at least one field of a header section stands beneath the mark."""
    seen = 0
    for line in lines[number + 1 : number + 25]:
        match = _FIELD.match(line.strip("> \t"))
        if match and match.group(1).lower() in _WANTED:
            return True
        seen += bool(line.strip())
        if seen > 6:
            break
    return False


def _header_fields(lines: list[str]) -> list[tuple[str, str]]:
    """The wanted fields of the first header section, unfolded; the section may stand indented or quoted."""
    start = 0
    while start < min(len(lines), 40):
        match = _FIELD.match(lines[start].strip("> \t"))
        if match and " " not in match.group(1):
            break
        start += 1
    else:
        return []
    margin = len(lines[start]) - len(lines[start].lstrip("> \t")) if start < len(lines) else 0
    found: list[tuple[str, list[str]]] = []
    for line in lines[start : start + 1000]:
        body = line[margin:]
        if not body.strip():
            break
        match = _FIELD.match(body)
        if match:
            found.append((match.group(1).lower(), [match.group(2)[:8000]]))
        elif found and body[0] in " \t" and len(found[-1][1]) < 60:
            found[-1][1].append(body[:2000])
    return [(name, " ".join(" ".join(parts).split())) for name, parts in found if name in _WANTED]
