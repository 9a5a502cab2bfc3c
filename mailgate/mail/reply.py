"""The new part of a reply: what its writer typed, told from quoted history and signature.

Takes the text of a message, and its HTML to settle doubts; gives `ReplyParts`. Promises: every line of the text is in
exactly one part (one in which an attribution stands behind other words is parted there); answers between quoted lines
stay together with the lines they answer; where nothing new is found, all is shown; when in doubt, more is shown; linear
time, never raises. Lines beyond 100,000 follow their predecessor.
Standards: RFC 3676 sections 4.3 and 4.5 (signature, quote marks); otherwise the habits of mail programs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailgate.mail.fold import squeeze
from mailgate.mail.forward_block import read_block
from mailgate.mail.forward_line import LABEL_END, LINE_LENGTH, LINES, bare, header_line, is_rule, marker_kind
from mailgate.mail.mail_words import LABEL_LENGTH, REPLY_ABOVE
from mailgate.mail.message import ReplyParts
from mailgate.mail.reply_attribution import (
    attribution_start,
    attribution_within,
    ends_attribution,
    is_groupwise,
    is_weak_attribution,
    parted,
    plain,
)
from mailgate.mail.reply_banner import banner_lines
from mailgate.mail.reply_block import is_history_block, is_only_header, is_pasted, is_unquoted_below, with_header_above
from mailgate.mail.reply_html import html_boundary
from mailgate.mail.reply_notes import may_open_notes, notes_start
from mailgate.mail.reply_parts import BLANK, INTRO, NEW, QUOTE, divide, trimmed
from mailgate.mail.reply_said import is_said
from mailgate.mail.reply_words import says_answers_within

_MARKER_FIRST = frozenset("-–—―‐‑‒─━_=*~>")
# Attributions and blocks that may be weighed in one text: hostile text has thousands of lines that end in a colon.
CANDIDATES = 400
_FORWARD = -2
# One of these stands in every phrase of REPLY_ABOVE, in lower case: a quick look before the slow one.
_ABOVE_STEMS = (
    *("above", "this line", "satır", "satir", "çizgi", "oberhalb", "über dieser", "au-dessus", "por encima", "acima"),
    *("sopra", "boven", "powyżej", "выше", "ovanför", "over denne", "tämän rivin", "より上", "行上方", "줄 위"),
)

# The initials of a writer before each line he is quoted with: "JD> ", as The Bat! and Supercite do; tin writes ": ".
_INITIALS = re.compile(r"(?:[^\W\d_]{1,6}>{1,4}|:)(?: |\Z)")


@dataclass(slots=True)
class _Scan:
    """What each line is, and from which line on all is history (`cut` is the number of lines where nothing is)."""

    kinds: list[str]
    cut: int
    forward: bool = False


def split_reply(text: str, html: str | None = None, *, answers: bool | None = None) -> ReplyParts:
    """The new words, the quoted history and the signature of a reply, each without blank lines at its ends.

    Where the message is known to answer another (`answers`), several quoted lines with which it begins are of that one,
    even if nothing introduces them; where it is known to answer none, quoted lines with which it ends need an introduction.

    A message that is nothing but a quotation is all new. So is one that forwards another under a marker that says so:
    what is forwarded is no history of the ticket, the desk has not seen it yet.
    """
    text = parted(text.replace("\r\n", "\n"))
    lines = text.split("\n")
    scan = _scan(text, lines)
    if scan.forward:
        return ReplyParts(trimmed(lines))
    if html and scan.cut == len(lines) and QUOTE not in scan.kinds:
        boundary = html_boundary(lines, html)
        while boundary and (not lines[boundary - 1].strip() or is_rule(lines[boundary - 1])):
            boundary -= 1
        if boundary is not None and NEW in scan.kinds[:boundary]:
            scan.cut = boundary
            del scan.kinds[boundary:]
    parts = _without_banner(divide(lines, scan.kinds, scan.cut, html, answers=answers))
    if parts.quoted and not _answers_below(scan) and says_answers_within(parts.new):
        return ReplyParts(trimmed(lines))  # they stand in the history, in another colour or under a name
    return parts


def _answers_below(scan: _Scan) -> bool:
    """Whether words of the writer's stand below a quotation that has marks: then these are the answers."""
    kinds = scan.kinds
    return QUOTE in kinds and NEW in kinds[kinds.index(QUOTE) :]


def _without_banner(parts: ReplyParts) -> ReplyParts:
    """The parts, where what a gateway put above the new words is folded away with the signature."""
    lines = parts.new.split("\n")
    count = banner_lines(lines)
    if not count:
        return parts
    signature = "\n\n".join(part for part in (trimmed(lines[:count]), parts.signature) if part)
    return ReplyParts(trimmed(lines[count:]), parts.quoted, signature)


def _scan(text: str, lines: list[str]) -> _Scan:
    """One pass over the lines: marks quoted lines and their introductions, and stops where history begins."""
    limit = min(len(lines), LINES)
    kinds: list[str] = []
    weighed = introduced = 0
    initials = False
    first_new = len(lines)
    low = text.lower()
    above = _above_index(lines, limit) if any(stem in low for stem in _ABOVE_STEMS) else -1
    index = 0
    while index < limit:
        if index == above:
            return _Scan(kinds, index)
        line = lines[index].strip()
        if not line:
            kinds.append(BLANK)
        elif line[:4] == ">>> " and is_groupwise(line):
            return _Scan(kinds, index)
        elif line[0] == ">" and not line.startswith(">From "):
            kind = QUOTE
            if introduced < CANDIDATES and kinds and kinds[-1] != QUOTE:
                introduced += 1
                if first_new < index and is_only_header(lines, index, limit):
                    return _Scan(kinds, index)
                _introduce(lines, kinds)
                if _opens_forward(kinds, line):
                    return _Scan(kinds, index, forward=True)
            if line.startswith(">>>>> ") and is_weak_attribution(line.lstrip("> ")):
                kind, initials = INTRO, True  # `>>>>> "JD" == Jane Doe <jane@example.com> writes:`
            kinds.append(kind)
        elif (initials and _INITIALS.match(line)) or (line[0] == "|" and kinds and _is_bar_quote(lines, kinds)):
            kinds.append(QUOTE)
        else:
            kinds.append(NEW)
            first_new = min(first_new, index)
            if weighed < CANDIDATES:
                found = _history(lines, index, line)
                weighed += found is not None
                if found and found[0] < 0 and found[1] > index:
                    kinds.extend([NEW] * (found[1] - index - 1))
                    index = found[1]
                    continue
                if found and found[0] >= 0 and (above < 0 or found[0] < above):
                    start, end = found
                    if end == _FORWARD:
                        return _Scan(kinds, start, forward=True)
                    mark = _quote_follows(lines, end, limit)
                    quoted_header = lines[end - 1].lstrip()[:1] == ">" and first_new < start
                    if not mark or (quoted_header and is_unquoted_below(lines, end, limit)):
                        return _Scan(kinds[:start], start)
                    initials = initials or mark not in ">|"
                    kinds[start:] = [INTRO] * (end - start)
                    index = end
                    continue
        index += 1
    if limit < len(lines):
        kinds.extend([kinds[-1]] * (len(lines) - limit))
    _join_wrapped(lines, kinds, limit)
    return _Scan(kinds, len(lines))


def _history(lines: list[str], index: int, line: str) -> tuple[int, int] | None:
    """(first line, line after) of what introduces history and ends, or begins, at this line.

    None where the line did not need a close look; (-1, -1) where it was looked at in vain; (-1, line after) where it
    begins a header that somebody pasted; (line, _FORWARD) where a marker says that what follows is forwarded.
    """
    line = plain(line)
    if not line:
        return None
    looked = None
    if line[0] in _MARKER_FIRST and len(line) >= 5:
        looked = (-1, -1)
        kind = marker_kind(line)
        if kind == "forwarded":
            return index, _FORWARD
        if kind == "original":
            return index, index + 1
        if kind in ("rule", "dashed"):
            below = _next_line(lines, index + 1)
            block = read_block(lines, below) if below >= 0 else None
            if block and is_history_block(block.values):
                return index, block.end
    head = line[:34]
    if ":" in head or "：" in head or (line[0] == "*" and len(line) < 34) or "\t" in head:
        found = header_line(bare(line))
        if found and found[0] in ("from", "sender", "date", "to", "subject"):
            looked = (-1, -1)
            block = read_block(lines, index, author=False)
            if block and is_history_block(block.values):
                if is_pasted(lines, index, block.end):
                    return -1, block.end
                return index - _has_author_above(lines, index, block.values), block.end
    if may_open_notes(lines[index]):
        start = notes_start(lines, index)
        if start is not None and start >= 0:
            return start, index + 1
        looked = looked if start is None else (-1, -1)
    if "@" in line and line[-1] not in ":：" and ":" in line[34:] and attribution_within(line):
        return index, index + 1
    if ends_attribution(line):
        looked = (-1, -1)
        start = attribution_start(lines, index)
        if start is not None:
            quoted = _quote_follows(lines, index + 1, len(lines))
            said = not quoted and is_said(" ".join(lines[start : index + 1]))
            return looked if said else (with_header_above(lines, start), index + 1)
        if line[-1] in ":：" and marker_kind(line) == "forwarded":
            return index, _FORWARD
    return looked


def _has_author_above(lines: list[str], index: int, values: dict[str, str]) -> bool:
    """Whether the line above a block that lacks its From line is that line, in a language that no table knows."""
    above = bare(lines[index - 1]) if index and "from" not in values else ""
    colon = LABEL_END.search(above[:LABEL_LENGTH])
    return colon is not None and "@" in above[colon.end() :] and above[: colon.start()].count(" ") <= 2


def _next_line(lines: list[str], index: int) -> int:
    """The next line that is not blank, at most three lines on; -1 for none."""
    for place in range(index, min(index + 3, len(lines))):
        if lines[place].strip():
            return place
    return -1


def _quote_follows(lines: list[str], index: int, limit: int) -> str:
    """The mark of the quoted line that comes next: ">", "|", a letter or colon as _INITIALS has it; "" where none does."""
    for place in range(index, min(index + 4, limit)):
        line = lines[place].strip()
        if line:
            if line[0] == ">" or (line[0] == "|" and line[-1] != "|"):
                return line[0]
            return line[0] if _INITIALS.match(line) else ""
    return ""


def _is_bar_quote(lines: list[str], kinds: list[str]) -> bool:
    """Whether a line that begins with a bar is quoted: below others, or below "Jane wrote:"."""
    if kinds[-1] in (QUOTE, INTRO):
        return True
    if kinds[-1] == NEW and lines[len(kinds) - 1].rstrip()[-1:] == ":" and len(lines[len(kinds) - 1]) <= 200:
        _introduce(lines, kinds)
    return kinds[-1] == INTRO


def _opens_forward(kinds: list[str], line: str) -> bool:
    """Whether quoted lines below the writer's words begin with the marker of a forward, as Apple Mail's do."""
    if kinds[-1] == INTRO or (kinds[-1] == BLANK and INTRO in kinds[-2:]):
        return False
    return marker_kind(line.lstrip("> ")) == "forwarded"


def _introduce(lines: list[str], kinds: list[str]) -> None:
    """Before the first quoted line of a run: "Jane wrote:" above it introduces the quotation."""
    place = len(kinds) - 1
    if place >= 0 and kinds[place] == BLANK:
        place -= 1
    if place >= 0 and kinds[place] == NEW and len(lines[place]) <= 200:
        last = lines[place].rstrip()[-1:]
        if (last in (":", "：", ">", ")") or last.isalpha() or "@" in lines[place]) and is_weak_attribution(
            lines[place]
        ):
            kinds[place] = INTRO
            opener = lines[place - 1].strip() if place and kinds[place - 1] == NEW else ""
            if opener and "@" not in opener and attribution_start(lines, place) == place - 1:
                kinds[place - 1] = INTRO


def _join_wrapped(lines: list[str], kinds: list[str], limit: int) -> None:
    """A short line directly between quoted lines is the end of a long quoted line that some program broke."""
    for index in range(1, limit):
        if kinds[index] == NEW and kinds[index - 1] == QUOTE:
            before, line = lines[index - 1].rstrip(), lines[index].strip()
            if not 60 <= len(before) < LINE_LENGTH or len(line) >= 45:
                continue
            open_end = before[-1] not in ".?!:"
            if index + 1 < limit and kinds[index + 1] == QUOTE:
                if line[0].islower() or open_end:
                    kinds[index] = QUOTE
            elif open_end and line[0].islower() and not any(text.strip() for text in lines[index + 1 : limit]):
                kinds[index] = QUOTE  # the end of the last quoted line is the end of all


def _above_index(lines: list[str], limit: int) -> int:
    """The line "## Please reply above this line ##", ours or another desk's; -1 for none. Quoted lines count too."""
    for index in range(limit):
        line = lines[index]
        if 10 < len(line) <= 200:
            low = line.lower()
            if any(stem in low for stem in _ABOVE_STEMS) and _says_above(line):
                return index
    return -1


def _says_above(line: str) -> bool:
    folded = squeeze(bare(line))
    return any(phrase in folded for phrase in REPLY_ABOVE) and len(folded) <= 130
