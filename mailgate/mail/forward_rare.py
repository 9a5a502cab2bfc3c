"""Blocks of header lines in shapes that are seldom seen: one line, no colons, labels of a language nobody listed.

Takes lines or one line; gives a `Block` or None. Promises: bounded work for a line, never raises; asked only where the
ordinary reader (`forward_block`) finds nothing.
Standards: none.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import squeeze
from mailgate.mail.forward_line import CORE, LABEL_END, QUOTE_MARK, Block, bare
from mailgate.mail.mail_words import FROM, LABEL_LENGTH, OTHER, SUBJECT, TO, label_kind, names_forward

MARKED = re.compile(r"[-=_]{3,40}\s?([^-=_]{3,80})[-=_]{3,40}\s{1,4}")
_CONTACT = re.compile(r"tel|phone|fax|mail|mob|gsm|web|www|http|adres|address|skype|linkedin|cell|handy|vat|iban|kep")
_NOTES_TO = re.compile(
    r"(?:^\s*|\s{2,})(?:To|An|A|À|Pour|Para|Per|Aan|Kime|Do|Komu|Till|Til|Címzett|Кому|宛先|收件人)(?:\s{0,8}[:|]|$)"
)
_NOTES_COPY = re.compile(
    r"(?:^|\s{2,})(?:cc|Kopie|Copie|Copia|Kopia|Kopi|Cópia|Bilgi|Másolat|Копия)\s{0,8}[:|]?(?:\s|$)", re.IGNORECASE
)
_NOTES_SUBJECT = re.compile(
    r"(?:^|\s{2,})(?:Subject|Betreff|Thema|Objet|Sujet|Asunto|Assunto|Oggetto|Onderwerp|Konu|Temat|Předmět|Predmet|Ämne|"
    r"Emne|Tárgy|Тема|件名|主题)(?:\s{0,8}[:|]\s{0,20}|$)(.*)"
)
_NOTES_DATE = re.compile(r"\s{1,4}(?:on|am|le|il|el|em|op)\s{1,4}\d{1,4}[./-].*$")
FLAT_LINE = 1000
_STAMP = re.compile(r"\d{1,2}[:.hH時点시時]\s?\d{2}(?!\d)|\b(?:19|20)\d\d(?!\d)")


def one_line_block(line: str, start: int) -> Block | None:
    """`From: a@b Sent: Monday To: c@d Subject: x` in one line, as some converters of HTML leave it.

    Yahoo puts its marker before it and no space between: `... Message ----- From: A <a@b>To: C <c@d>Sent: ...`.
    """
    opening = MARKED.match(line)
    if opening:
        line = line[opening.end() :]
    cuts: list[tuple[int, int, str]] = []
    for colon in LABEL_END.finditer(line):
        found = _label_before(line, colon.start(), cuts[-1][1] if cuts else 0)
        if found and found[1] not in {kind for _, _, kind in cuts}:
            cuts.append((found[0], colon.end(), found[1]))
        if len(cuts) > 12:
            break
    kinds = {kind for _, _, kind in cuts}
    if len(kinds & CORE) < 3 or FROM not in kinds or cuts[0][0] > 3:
        return None
    block = Block(start, start + 1, note_end=start)
    for number, (_, value_at, kind) in enumerate(cuts):
        stop = cuts[number + 1][0] if number + 1 < len(cuts) else len(line)
        block.values[kind] = line[value_at:stop].strip(" *")
    if opening:
        word = squeeze(opening.group(1))
        block.marker = "forwarded" if names_forward(word) else "original"
    return block


def flat_block(line: str, start: int) -> tuple[int, Block | None]:
    """Where in a line a whole block begins (From, To, a date and a subject), and the block; None where there is none."""
    tries = 0
    for count, colon in enumerate(re.finditer("[:：]", line[:FLAT_LINE])):
        label = _label_before(line, colon.start(), 0)
        if label and label[1] == FROM:
            block = one_line_block(line[label[0] : label[0] + FLAT_LINE], start)
            if block is not None and block.values.keys() >= CORE:
                block.marker = "forwarded"
                return label[0], block
            tries += 1
        if count > 50 or tries > 3:
            break
    return 0, None


def _label_before(line: str, colon: int, floor: int) -> tuple[int, str] | None:
    """(start, kind) of the label that ends at the colon; it may be glued to the word before: `AM GMTSubject:`."""
    low = max(floor, colon - LABEL_LENGTH)
    for index in range(low, colon):
        before = line[index - 1] if index > floor else " "
        if (before in " >*\t" or line[index].isupper()) and line[index] not in " >*":
            kind = label_kind(line[index:colon])
            if kind and kind != OTHER:
                return index, kind
    return None


def spaced_block(lines: list[str], start: int) -> Block | None:
    """eM Client's block, whose labels have no colon: `From "Jane" <jane@example.com>`; only below a marker."""
    block = Block(start, start, note_end=start)
    for index in range(start, min(len(lines), start + 8)):
        label, _, value = bare(lines[index]).partition(" ")
        kind = label_kind(label) if value else None
        if kind is None or kind in block.values:
            break
        block.values[kind] = value.strip()
        block.end = index + 1
    return block if FROM in block.values and len(block.values.keys() & CORE) >= 3 else None


def notes_block(lines: list[str], marker: int) -> Block | None:
    """Lotus Notes' older block: the author without a label, then a date, then To, cc and Subject, often in a column.

    `"Jane Doe" <jane@example.com> on 03/03/2026 10:11:38 AM`, or the name, the address and the date one below another.
    """
    values: dict[str, str] = {}
    author: list[str] = []
    dated = to_seen = False
    for index in range(marker + 1, min(len(lines), marker + 24)):
        line = lines[index][:400].replace("\t", "    ").rstrip()
        if not line.strip():
            continue
        subject = _NOTES_SUBJECT.search(line)
        if subject:
            end, text = index + 1, subject.group(1).strip()
            if not text and end < len(lines):
                text, end = lines[end].strip(), end + 1
            if not (dated and to_seen and "@" in _in_one_line(author)):
                return None
            values[FROM], values[SUBJECT] = _in_one_line(author), text
            return Block(marker + 1, end, values, "forwarded", marker)
        copied = _NOTES_COPY.search(line)
        to = _NOTES_TO.search(line)
        left = line[: to.start() if to else copied.start() if copied else None].strip()
        dated = dated or bool(_STAMP.search(left))
        if not to_seen and len(author) < 3 and not (left and left[0].isdigit()):
            author += [_NOTES_DATE.sub("", left)] if left else []
        to_seen = to_seen or to is not None
        if to and "@" in line[to.end() :]:
            values[TO] = line[to.end() :].strip()
        elif to_seen and not to and "@" in left and TO not in values:
            values[TO] = left
        if not to_seen and len(author) == 3 and "@" not in " ".join(author):
            return None
    return None


def _in_one_line(author: list[str]) -> str:
    """The author's lines joined; an address that the narrow column broke has no space where it was broken."""
    joined = ""
    for piece in author:
        broken = joined.rfind("<") > joined.rfind(">") and ("@" in joined or "@" in piece)
        joined += piece if broken or not joined else f" {piece}"
    return joined


def unknown_run(lines: list[str], index: int) -> int:
    """The first of the lines `label: value` right above that one, at most four up."""
    for _ in range(4):
        line = bare(lines[index - 1]) if index else ""
        if not line or not LABEL_END.search(line[: LABEL_LENGTH + 6], 1):
            break
        index -= 1
    return index


def unknown_block(lines: list[str], start: int, *, announced: bool = True) -> Block | None:
    """Three or more lines `label: value` in a row whose labels no table knows; the first address is the author's.

    In every program's order From stands before To, so the first line with an address is From. Where no marker announced
    the block, it must hold a date, and no label of a business card ("Tel:", "E-Mail:").
    """
    block = Block(start, start, note_end=start)
    rows: list[tuple[str, str]] = []
    for index in range(start, min(len(lines), start + 14)):
        line = bare(lines[index])
        if not line:
            if rows:
                break
            continue
        colon = LABEL_END.search(line[: LABEL_LENGTH + 6], 1)
        if colon is None or line[: colon.start()].count(" ") > 3 or "@" in line[: colon.start()]:
            break
        if not announced and _CONTACT.search(squeeze(line[: colon.start()])):
            return None
        if not rows:
            block.start, block.quoted = index, bool(QUOTE_MARK.match(lines[index][:200]))
        rows.append((label_kind(line[: colon.start()]) or "", line[colon.end() :].strip(" *\t")))
        block.end = index + 1
    people = [number for number, (_, value) in enumerate(rows) if "@" in value]
    if len(rows) < 3 or not people:
        return None
    if not announced and not any(_STAMP.search(value) for _, value in rows):
        return None
    for kind, value in rows:
        if kind:
            block.values.setdefault(kind, value)
    block.values.setdefault(FROM, rows[people[0]][1])
    if len(people) > 1:
        block.values.setdefault(TO, rows[people[1]][1])
    return block
