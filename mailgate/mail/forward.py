"""The message inside a forward: who wrote it first, to whom, when, and what.

Takes a `ParsedMessage`; gives `Forwarded`, or None where nothing shows that it is a forward or no address is found.
Promises: a wrong sender is worse than none: the outermost block counts, a name without an address is completed only by
an address that stands beside the same name; linear time, never raises. A reply that quotes a block is no forward.
Standards: RFC 2046 section 5.2.1 (message/rfc822); inline blocks follow no standard (`forward_block`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mailgate.mail.fold import squeeze
from mailgate.mail.forward_block import find_blocks
from mailgate.mail.forward_cut import body_below, body_split_off, complete_subject, note_above
from mailgate.mail.forward_html import addresses_shown, html_below
from mailgate.mail.forward_line import FORWARD_LINES, Block, bare, header_line, marker_kind
from mailgate.mail.forward_people import first_person, read_people
from mailgate.mail.forward_plain import answers, passed_on, related
from mailgate.mail.forward_rare import flat_block, notes_block, unknown_block, unknown_run
from mailgate.mail.html import html_to_text
from mailgate.mail.mail_words import CC, DATE, FROM, REPLY_TO, SUBJECT, TO
from mailgate.mail.message import Address, Attachment, Forwarded, ParsedMessage
from mailgate.mail.parse import parse
from mailgate.mail.reply import split_reply
from mailgate.mail.reply_attribution import (
    attribution_person,
    attribution_start,
    attribution_within,
    ends_attribution,
    groupwise_person,
    plain,
)
from mailgate.mail.subject import is_forward, is_reply, strip_prefixes

SHORT_BODY = 300
ATTRIBUTIONS = 200
FLAT_LENGTH = 80
FLAT_TRIES = 5  # long lines that may be taken apart in vain
_MESSAGE_TYPES = frozenset(("message/rfc822", "message/global"))


@dataclass(slots=True)
class _Inline:
    """A block with its author, and the lines it was found in."""

    block: Block
    sender: Address
    lines: list[str]


def find_forwarded(message: ParsedMessage) -> Forwarded | None:
    """The forwarded message, or None: no forward marker, no forward prefix with a block, no attached message."""
    forward = is_forward(message.subject)
    inline = _find_inline(message, forward)
    if inline is not None and answers(message, inline.block, inline.sender, inline.lines):
        inline = None
    attached = _find_attached(message, forward)
    if attached is not None:
        author = attached[1].author
        if inline is None or (author and author.address.lower() == inline.sender.address.lower()):
            return _from_attached(message, *attached)
    return _from_inline(message, inline) if inline is not None else None


def _is_short(text: str) -> bool:
    """True where little was written above the signature and the disclaimer."""
    text = text[: 40 * SHORT_BODY].strip()
    return len(text) <= SHORT_BODY or len(split_reply(text).new) <= SHORT_BODY


def _find_attached(message: ParsedMessage, forward: bool) -> tuple[Attachment, ParsedMessage] | None:
    """The first attached message that has an author, where a prefix, a short body or its own subject says forward."""
    if message.report is not None or is_reply(
        message.subject
    ):  # what a report brings back was not forwarded by anybody
        return None
    for attachment in message.attachments[:50]:
        if attachment.content_type in _MESSAGE_TYPES or attachment.filename.lower().endswith(".eml"):
            inner = parse(attachment.data)
            fits = forward or related(message.subject, inner.subject) or _is_short(message.text)
            if fits and inner.author is not None and "@" in inner.author.address:
                return attachment, inner
    return None


def _from_attached(message: ParsedMessage, attachment: Attachment, inner: ParsedMessage) -> Forwarded:
    author = inner.author
    assert author is not None
    return Forwarded(
        sender=author,
        subject=inner.subject or strip_prefixes(message.subject),
        note=message.text.strip(),
        text=inner.text.strip("\n"),
        html=inner.html,
        to=tuple(inner.to),
        cc=tuple(inner.cc),
        date=inner.header.first("Date"),
        via="attachment",
        attachments=tuple(inner.attachments),
    )


def _find_inline(message: ParsedMessage, forward: bool) -> _Inline | None:
    """The block in the text; else in the HTML as text; else in the HTML with the addresses that its links hide.

    Only where no rendering has a block, words around it decide: an attribution, labels of an unknown language.
    """
    tried: list[list[str]] = []
    has_block = False
    for text in _renderings(message):
        lines = text.replace("\r\n", "\n").split("\n")
        blocks = find_blocks(lines)
        tried.append(lines)
        if not blocks:
            continue
        has_block = True
        block = blocks[0]
        marked = forward or (block.marker == "forwarded" and not _is_quoted_marker(lines, block))
        sender = _author(block, blocks)
        if sender and (marked or passed_on(message, block, sender, lines)):
            return _Inline(block, sender, lines)
    if has_block:
        return None
    own = message.author.address.lower() if message.author else ""
    for lines in tried:
        found = _search_marked(lines, forward)
        if found and found.sender.address.lower() != own:
            return found
    return None


def _renderings(message: ParsedMessage) -> Iterator[str]:
    """The message as text in up to three ways, the cheapest first."""
    yield message.text
    if message.html:
        if not message.text_from_html:
            yield html_to_text(message.html)
        shown = addresses_shown(message.html)
        if shown != message.html:
            yield html_to_text(shown)


def _is_quoted_marker(lines: list[str], block: Block) -> bool:
    """True where the marker itself is quoted, or a quotation begins above it: then a reply quotes a forward."""
    if lines[block.note_end].lstrip()[:1] in (">", "|"):
        return True
    return any(line.lstrip()[:1] == ">" for line in lines[: block.note_end])


def _author(block: Block, blocks: list[Block]) -> Address | None:
    """The block's author. Where only the name is given, the address that another line gives for the same name."""
    name, person = first_person(block.values[FROM])
    if person is not None:
        return person
    wanted = squeeze(name)
    if not wanted:
        return None
    answers_to = read_people(block.values.get(REPLY_TO, ""))
    if len(answers_to) == 1 and not answers_to[0].name:  # BlackBerry 10
        return Address(name, answers_to[0].address)
    for kind in (REPLY_TO, CC, TO):
        for other in read_people(block.values.get(kind, "")):
            if squeeze(other.name) == wanted:
                return Address(name, other.address)
    for nested in blocks[1:]:
        for kind in (FROM, TO, CC):
            for other in read_people(nested.values.get(kind, "")):
                if squeeze(other.name) == wanted:
                    return Address(name, other.address)
    return None


def _search_marked(lines: list[str], forward: bool) -> _Inline | None:
    """Without a block: labels of a language that is not known, or an attribution below a marker or in a forward."""
    weighed = flat = 0
    marked = -1
    for index in range(min(len(lines), FORWARD_LINES)):
        line = plain(lines[index])
        if not line:
            continue
        if forward and line[:4] == ">>> " and weighed < ATTRIBUTIONS:
            weighed += 1
            end = index + 1
            if "@" in line and end < len(lines) and not line.endswith(">>>"):  # wrapped before its end
                line, end = f"{line} {plain(lines[end])}", end + 1
            sender = groupwise_person(line)
            if sender:
                return _Inline(Block(index, end, {FROM: line}, "forwarded", index), sender, lines)
            line = plain(lines[index])
        kind = marker_kind(line)
        if kind in ("forwarded", "original", "dashed") and marked < 0 and (forward or kind == "forwarded"):
            marked = index
            found = _below_marker(lines, index)
            if found:
                return found
        if weighed >= ATTRIBUTIONS:
            continue
        if forward and len(lines[index]) > FLAT_LENGTH and "@" in line and flat < FLAT_TRIES:
            flat += 1
            found = _flat(lines, index)
            if found:
                return found
        if forward and "@" in line and (":" in line[:34] or "：" in line[:34]):
            weighed += 1
            found = _unknown(lines, index)
            if found:
                return found
        if forward or marked >= 0:
            found = _attributed(lines, index, line, marked)
            weighed += found is None and ends_attribution(bare(line) or line)
            if found:
                return found
    return None


def _below_marker(lines: list[str], index: int) -> _Inline | None:
    block = unknown_block(lines, index + 1)
    if block is not None:
        block.note_end = index
        sender = first_person(block.values[FROM])[1]
        if sender:
            return _Inline(block, sender, lines)
    below = next((at for at in range(index + 1, min(index + 4, len(lines))) if bare(lines[at])), index)
    only = header_line(bare(lines[below])) if below > index else None
    if only and only[0] == FROM:
        sender = first_person(only[1])[1]
        quoted = lines[below].lstrip()[:1] == ">"
        return (
            _Inline(Block(below, below + 1, {FROM: only[1]}, "forwarded", index, quoted), sender, lines)
            if sender
            else None
        )
    line = bare(lines[index]).strip("-=_ ")
    noted = notes_block(lines, index)
    if noted is not None:
        sender = first_person(noted.values[FROM])[1]
        if sender:
            return _Inline(noted, sender, lines)
    if "@" in line and " by " not in squeeze(line):
        person = attribution_person(line)
        if person:
            name = person.name.rpartition(" from ")[2].strip()
            block = Block(index, index + 1, {FROM: line}, "forwarded", index)
            return _Inline(block, replace(person, name="" if "forwarded" in squeeze(name) else name), lines)
    return None


def _attributed(lines: list[str], index: int, line: str, marked: int) -> _Inline | None:
    """An attribution that ends in this line, or with which this line begins: the text goes on behind it."""
    if not ends_attribution(bare(line) or line):
        length = attribution_within(line) if "@" in line and ":" in line else 0
        sender = attribution_person(line[:length]) if length else None
        if sender is None:
            return None
        block = Block(index, index, {FROM: line[:length]}, "forwarded", marked if marked >= 0 else index)
        return _Inline(block, sender, [*lines[:index], line[length:].lstrip(), *lines[index + 1 :]])
    quoted = lines[index].lstrip()[:1] in (">", "|")
    window = (
        [bare(line) for line in lines[max(0, index - 5) : index + 1]]
        if quoted
        else [line.lstrip("> ") if line[:4] == ">>> " else line for line in lines[max(0, index - 5) : index + 1]]
    )
    start = attribution_start(window, len(window) - 1)
    if start is None:
        return None
    text = " ".join(window[start:])
    sender = attribution_person(text)
    if sender is None:
        return None
    first = index - (len(window) - 1 - start)
    block = Block(first, index + 1, {FROM: text}, "forwarded", marked if 0 <= marked < first else first, quoted)
    return _Inline(block, sender, lines)


def _unknown(lines: list[str], index: int) -> _Inline | None:
    """A forward by its subject, with a block in a language that is not known, one line of which is `lines[index]`."""
    block = unknown_block(lines, unknown_run(lines, index), announced=False)
    sender = first_person(block.values[FROM])[1] if block else None
    return _Inline(block, sender, lines) if block and sender else None


def _flat(lines: list[str], index: int) -> _Inline | None:
    """A block in the middle of a line, behind the note, as gateways leave it that throw line ends away."""
    start, block = flat_block(lines[index], index + 1)
    sender = first_person(block.values[FROM])[1] if block else None
    if block is None or sender is None:
        return None
    line = lines[index]
    return _Inline(block, sender, [*lines[:index], line[:start], line[start:], *lines[index + 1 :]])


def _from_inline(message: ParsedMessage, found: _Inline) -> Forwarded:
    block, lines = found.block, found.lines
    values = block.values
    complete_subject(block, lines, strip_prefixes(message.subject))
    lines = body_split_off(block, lines, strip_prefixes(message.subject))
    subject = " ".join(values.get(SUBJECT, "").strip("*").split())
    return Forwarded(
        sender=found.sender,
        subject=subject or strip_prefixes(message.subject),
        note=note_above(lines, block, found.sender),
        text=body_below(lines, block),
        html=html_below(message.html, values) if message.html else None,
        to=tuple(read_people(values.get(TO, ""))),
        cc=tuple(read_people(values.get(CC, ""))),
        date=values.get(DATE) or None,
    )
