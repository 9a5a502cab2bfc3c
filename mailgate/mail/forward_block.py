"""The block of header lines that a mail program writes into a body above the message it forwards or answers.

Takes the lines of a text; gives where the block begins and ends and what its From, To, Cc, Date and Subject say.
Promises: linear time in the number of lines (a block is at most 300 lines), never raises; a block has a From line and
at least one more of To, Date and Subject.
Standards: none. Gmail, Outlook, Apple Mail, Thunderbird, Notes and the rest each write their own.
"""

from __future__ import annotations

import re
from html import unescape

from mailgate.mail.forward_line import (
    CORE,
    FORWARD_LINES,
    LABEL_END,
    LINE_LENGTH,
    QUOTE_MARK,
    Block,
    bare,
    header_line,
    is_rule,
    marker_kind,
)
from mailgate.mail.forward_rare import MARKED, one_line_block, spaced_block
from mailgate.mail.header import decode_text
from mailgate.mail.mail_words import BCC, CC, DATE, FROM, LABEL_LENGTH, OTHER, REPLY_TO, SENDER, SUBJECT, TO

BLOCK_LINES = 300
CANDIDATES = 2000  # lines of one text that may be weighed in vain
LABEL_PLACE = LABEL_LENGTH + 32  # quote marks and spaces may stand before a label
_LABEL_ENDS = frozenset(":：﹕︓\t|*-=_")
_PEOPLE_KINDS = (FROM, SENDER, TO, CC, BCC, REPLY_TO)
_FIELD = re.compile(
    r"[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]{0,4}\S|From \S+ "
)  # a header as it came, an mbox's first line too
_TIME = re.compile(r"\d{1,2}[:.]\d{2}|\b(?:19|20)\d\d\b")


def read_block(lines: list[str], start: int, *, author: bool = True) -> Block | None:
    """The block whose first header line is `lines[start]`, or None. Without `author` it may lack its From line."""
    first = bare(lines[start])
    if not first:
        return None
    if first[0] in "-=_" and len(first) > 20 and MARKED.match(first):
        return _wrapped_line_block(lines, start)
    found = header_line(first)
    if found is None or (found[0] not in CORE and found[0] != SENDER):
        return None
    if found[0] == FROM and len(first) > 60:
        one = one_line_block(first, start)
        if one:
            return one
    block = Block(start, start, note_end=start, quoted=bool(QUOTE_MARK.match(lines[start][:200])))
    if found[0] != FROM and author and _stands_alone(lines, start):
        return None
    _Reader(lines, block).read()
    block.values = _readable(block.values)
    if (author and FROM not in block.values) or len(block.values.keys() & CORE) < 2:
        return None
    return block


def _wrapped_line_block(lines: list[str], start: int) -> Block | None:
    """Yahoo's block in one line, which programs on the way may have wrapped; a line that fills a line may go on."""
    joined, found = "", None
    for index in range(start, min(len(lines), start + 6)):
        line = bare(lines[index])
        if not line:
            break
        joined = f"{joined} {line}".lstrip()
        block = one_line_block(joined, start)
        if block is not None:
            found = block
            found.end = index + 1
        if len(line) > 100 or (block is not None and block.values.keys() >= CORE):
            break
    return found


def _stands_alone(lines: list[str], start: int) -> bool:
    """True where a whole block follows after a blank line: the line above it is the writer's, not the program's."""
    if start + 2 >= len(lines) or bare(lines[start + 1]):
        return False
    below = header_line(bare(lines[start + 2]) or "-")
    if below is None or below[0] != FROM:
        return False
    block = Block(start + 2, start + 2)
    _Reader(lines, block).read()
    return block.values.keys() >= CORE


def _readable(values: dict[str, str]) -> dict[str, str]:
    """The values without the encodings in which some programs paste a header: encoded words, character references."""
    known: dict[str, str] = {}
    for kind, value in values.items():
        if "=?" in value:
            value = decode_text(value.encode("utf-8", "replace"))
        if "&lt;" in value or "&quot;" in value or "&#" in value:
            value = unescape(value)
        if kind != SENDER:
            known[kind] = value
        elif FROM not in values:
            known[FROM] = value
    return known


class _Reader:
    """Reads header lines one after the other; knows which label waits for its value on the next line."""

    def __init__(self, lines: list[str], block: Block) -> None:
        self.lines, self.block = lines, block
        self.kind = ""
        self.blanks = 0
        self.second_date = False
        self.long_line = False
        self.apart = False  # labels and values stand on lines of their own

    def read(self) -> None:
        block = self.block
        for index in range(block.start, min(len(self.lines), block.start + BLOCK_LINES)):
            line = bare(self.lines[index])
            if not line:
                self.blanks += 1
                if self.blanks > 2:
                    return
                continue
            found = header_line(line)
            if found:
                if not self._takes(*found):
                    return
                self._add(*found)
            elif not self._takes_unknown(line, index) and not self._continues(line, index):
                return
            self.blanks = 0
            self.long_line = len(line) >= 50
            block.end = index + 1

    def _takes_unknown(self, line: str, index: int) -> bool:
        """A label that no table knows, between lines that are known: the date, where it holds one.

        As the last line it is what the block still lacks. Proton Mail's date had no label: "On Monday, May 2, 2019".
        """
        values = self.block.values
        if not values or self._waiting() or self.blanks:
            return False
        follows = self._label_follows(index)
        last = not follows and FROM in values and TO in values and not self._text_follows(index)
        if DATE not in values and follows and len(line) < 60 and FROM in values and _TIME.search(line):
            value = line
        else:
            colon = LABEL_END.search(line[:LABEL_LENGTH], 1)
            label = line[: colon.start()].strip("* ") if colon else ""
            if not (follows or last) or label.count(" ") > 2 or not label.replace(" ", "").isalpha():
                return False
            value = line[colon.end() :].strip("* \t") if colon else ""
        lacking = DATE if DATE not in values and any(map(str.isdigit, value)) else SUBJECT
        if last and lacking in values:
            return False
        self.kind = OTHER
        if lacking == DATE or last:
            values[lacking] = value
        return True

    def _text_follows(self, index: int) -> bool:
        return index + 1 < len(self.lines) and bool(bare(self.lines[index + 1]))

    def _waiting(self) -> bool:
        return bool(self.kind) and not self.block.values.get(self.kind, "")

    def _takes(self, kind: str, value: str) -> bool:
        """True where this header line belongs to the block and not to the body below it."""
        values = self.block.values
        if kind in values:
            again = kind == OTHER or (kind == DATE and not self.second_date)
            self.second_date = self.second_date or kind == DATE
            return again and not self.blanks
        if not self.blanks:
            return True
        if values.keys() >= CORE or kind in (OTHER, SENDER):
            return kind in (CC, BCC, REPLY_TO) and not value
        return kind in CORE or FROM in values or self.blanks == 1

    def _add(self, kind: str, value: str) -> None:
        self.kind = kind
        self.block.values.setdefault(kind, value)

    def _continues(self, line: str, index: int) -> bool:
        """True where the line carries on the value of the label above it."""
        values = self.block.values
        if not self.kind or is_rule(line):
            return False
        current = values.get(self.kind, "")
        if self._waiting():
            if not self._is_value(line, index):
                return False
            values[self.kind] = line
            self.apart = True
            return True
        if self.blanks:
            return False
        raw = self.lines[index][:LINE_LENGTH]
        if self.kind in _PEOPLE_KINDS:
            goes_on = (
                current.endswith((",", ";", "<", "["))
                or line.startswith(("<", "[mailto:", "(mailto:", ",", ";"))
                or (raw[:1] in " \t" and len(current) < 5000)
                or ("@" in line and line[-1] in ">;,])" and (self._label_follows(index) or self.long_line))
                or ("@" in line and _dangles(current))
                or (self.kind == FROM and len(line) < 80 and self._label_follows(index))
                or (self.kind == FROM and "@" not in current and "@" in line and len(line) < 100)
            )
            if goes_on and len(current) < 20_000:
                values[self.kind] = f"{current} {line}"
            return goes_on
        if self.kind in (SUBJECT, DATE, OTHER) and (raw[:1] in " \t" or self._label_follows(index)):
            if self.kind == SUBJECT and raw[:1] in " \t" and not self._label_follows(index) and len(current) < 40:
                return False
            values[self.kind] = f"{current} {line}"[:LINE_LENGTH]
            return True
        return False

    def _is_value(self, line: str, index: int) -> bool:
        """True where the line is the value of the label above it; an empty Subject or Cc must not eat the body."""
        if self.kind in (CC, BCC, REPLY_TO, TO, OTHER) and self.blanks:
            return False
        if self.apart or self.kind in (FROM, SENDER):
            return self.blanks <= 1
        if self.kind in _PEOPLE_KINDS:
            return "@" in line
        return not self.blanks and (self._label_follows(index) or (self.kind == DATE and any(map(str.isdigit, line))))

    def _label_follows(self, index: int) -> bool:
        """True where the next line is a header line that the block still lacks."""
        if index + 1 >= len(self.lines):
            return False
        line = bare(self.lines[index + 1])
        found = header_line(line) if line else None
        return bool(found) and found[0] not in self.block.values and found[0] != OTHER  # type: ignore[index]


def _dangles(value: str) -> bool:
    """True where a list of people ends in a name whose address is still to come."""
    tail = value[value.rfind("@") + 1 :] if "@" in value else ""
    separator = max(tail.rfind(","), tail.rfind(";"))
    return separator >= 0 and any(char.isalpha() for char in tail[separator + 1 :])


def find_blocks(lines: list[str], limit: int = 20) -> list[Block]:
    """The blocks of a text in order, each with the marker line above it; at most `limit`."""
    blocks: list[Block] = []
    index = 0
    marker_at, marker, seen = -1, "", 0
    weighed = 0
    fields = False  # below the marker stand header fields as they came, without a blank line so far
    stop = min(len(lines), FORWARD_LINES)
    while index < stop and len(blocks) < limit:
        line = lines[index]
        if not line or line.isspace():
            index += 1
            seen, fields = seen + fields, False
            continue
        block = None
        if weighed < CANDIDATES and not _LABEL_ENDS.isdisjoint(line[:LABEL_PLACE]):
            block = read_block(lines, index)
            weighed += block is None
        if block is None and marker in ("forwarded", "original") and seen == 0:
            block = spaced_block(lines, index)
        if block:
            if marker_at >= 0 and seen <= 2:
                block.marker, block.note_end = marker, marker_at
            blocks.append(block)
            index, marker_at, marker, seen, fields = block.end, -1, "", 0, False
            continue
        if seen == 0 and marker in ("forwarded", "original"):
            fields = fields or bool(_FIELD.match(bare(line)[:80]))
        kind = "" if fields else marker_kind(line)
        if kind and not (seen == 0 and kind == "rule" and marker not in ("", "rule")):
            marker_at, marker, seen = index, kind, 0
        elif not kind and not fields:
            seen += 1
        index += 1
    return blocks


def unquote(lines: list[str]) -> list[str]:
    """Lines without their first quote mark and the space after it."""
    plain: list[str] = []
    for line in lines:
        rest = line.lstrip(" \t")
        if rest[:1] == ">":
            rest = rest[1:]
            plain.append(rest[1:] if rest[:1] == " " else rest)
        else:
            plain.append(line)
    return plain
