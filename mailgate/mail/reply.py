"""The new part of a reply: what its writer typed, told from quoted history and signature.

Takes the text of a message, and its HTML to settle doubts; gives `ReplyParts`. Promises: every line of the text is in
exactly one part; answers between quoted lines stay together with the lines they answer; where nothing new is found,
all is shown; when in doubt, more is shown; linear time, never raises. Lines beyond 100,000 follow their predecessor.
Standards: RFC 3676 sections 4.3 and 4.5 (signature, quote marks); otherwise the habits of mail programs.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailgate.mail.fold import squeeze
from mailgate.mail.forward_block import read_block
from mailgate.mail.forward_line import LINE_LENGTH, LINES, bare, header_line, is_rule, marker_kind
from mailgate.mail.mail_words import REPLY_ABOVE
from mailgate.mail.message import ReplyParts
from mailgate.mail.reply_attribution import (
    attribution_start,
    attribution_within,
    ends_attribution,
    has_stamp,
    is_groupwise,
    is_weak_attribution,
    plain,
)
from mailgate.mail.reply_html import html_boundary, html_signature
from mailgate.mail.reply_signature import signature_start

_MARKER_FIRST = frozenset("-–—―‐‑‒─━_=*~>")
# Attributions and blocks that may be weighed in one text: hostile text has thousands of lines that end in a colon.
CANDIDATES = 400
_FORWARD = -2
# One of these stands in every phrase of REPLY_ABOVE, in lower case: a quick look before the slow one.
_ABOVE_STEMS = (
    *("above", "this line", "satır", "satir", "çizgi", "oberhalb", "über dieser", "au-dessus", "por encima", "acima"),
    *("sopra", "boven", "powyżej", "выше", "ovanför", "over denne", "tämän rivin", "より上", "行上方", "줄 위"),
)

NEW, BLANK, QUOTE, INTRO = "new", "blank", "quote", "intro"


@dataclass(slots=True)
class _Scan:
    """What each line is, and from which line on all is history (`cut` is the number of lines where nothing is)."""

    kinds: list[str]
    cut: int
    forward: bool = False


def split_reply(text: str, html: str | None = None) -> ReplyParts:
    """The new words, the quoted history and the signature of a reply, each without blank lines at its ends.

    A message that is nothing but a quotation is all new. So is one that forwards another under a marker that says so:
    what is forwarded is no history of the ticket, the desk has not seen it yet.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    scan = _scan(text, lines)
    if scan.forward:
        return ReplyParts(_trim(lines))
    if html and scan.cut == len(lines) and QUOTE not in scan.kinds:
        boundary = html_boundary(lines, html)
        while boundary and (not lines[boundary - 1].strip() or is_rule(lines[boundary - 1])):
            boundary -= 1
        if boundary is not None and NEW in scan.kinds[:boundary]:
            scan.cut = boundary
            del scan.kinds[boundary:]
    return _divide(lines, scan, html)


def _divide(lines: list[str], scan: _Scan, html: str | None) -> ReplyParts:
    cut, kinds = scan.cut, scan.kinds
    cut = _with_rule(lines, cut)
    del kinds[cut:]
    last_quote = _last_quote(kinds)
    tail = signature_start(lines, last_quote + 1, cut)
    if last_quote < 0:
        new_end = tail
        if html and tail == cut:
            new_end = html_signature(lines, cut, html)
        parts = _parts(lines[:new_end], lines[cut:], lines[new_end:cut])
    elif NEW in kinds[last_quote + 1 : tail]:
        parts = _parts(lines[:tail], lines[cut:], lines[tail:cut])
    else:
        first_quote = last_quote
        while first_quote > 0 and kinds[first_quote - 1] != NEW:
            first_quote -= 1
        first_quote = _with_rule(lines, first_quote)
        new_end = signature_start(lines, 0, first_quote)
        if html and new_end == first_quote:
            new_end = html_signature(lines, first_quote, html)
        signature = [*lines[new_end:first_quote], *lines[tail:cut]]
        parts = _parts(lines[:new_end], [*lines[first_quote : last_quote + 1], *lines[cut:]], signature)
    if parts.new or (parts.signature and not parts.quoted):
        return parts
    if parts.signature and NEW in kinds:
        return parts
    return ReplyParts(_trim(lines))


def _with_rule(lines: list[str], start: int) -> int:
    """History that begins at `start`, with the line of dashes that stands right above it."""
    above = start
    while above and start < len(lines) and not lines[above - 1].strip():
        above -= 1
    return above - 1 if above > 1 and start < len(lines) and is_rule(lines[above - 1]) else start


def _last_quote(kinds: list[str]) -> int:
    for index in range(len(kinds) - 1, -1, -1):
        if kinds[index] in (QUOTE, INTRO):
            return index
    return -1


def _parts(new: list[str], quoted: list[str], signature: list[str]) -> ReplyParts:
    return ReplyParts(_trim(new), _trim(quoted), _trim(signature))


def _trim(lines: list[str]) -> str:
    """Lines joined, without blank lines at either end and without spaces at the very end."""
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return "\n".join(lines[start:end]).rstrip()


def _scan(text: str, lines: list[str]) -> _Scan:
    """One pass over the lines: marks quoted lines and their introductions, and stops where history begins."""
    limit = min(len(lines), LINES)
    kinds: list[str] = []
    weighed = introduced = 0
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
            if introduced < CANDIDATES and kinds and kinds[-1] != QUOTE:
                introduced += 1
                _introduce(lines, kinds)
            kinds.append(QUOTE)
        elif line[0] == "|" and kinds and kinds[-1] in (QUOTE, INTRO):
            kinds.append(QUOTE)
        else:
            kinds.append(NEW)
            if weighed < CANDIDATES:
                found = _history(lines, index, line)
                weighed += found is not None
                if found and found[0] >= 0 and (above < 0 or found[0] < above):
                    start, end = found
                    if end == _FORWARD:
                        return _Scan(kinds, start, forward=True)
                    if not _quote_follows(lines, end, limit):
                        return _Scan(kinds[:start], start)
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

    None where the line did not need a close look; (-1, -1) where it was looked at in vain; (line, _FORWARD) where a
    marker says that what follows is forwarded.
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
            if block and _is_history_block(block.values):
                return index, block.end
    head = line[:34]
    if ":" in head or "：" in head or (line[0] == "*" and len(line) < 34) or "\t" in head:
        found = header_line(bare(line))
        if found and found[0] in ("from", "date", "to", "subject"):
            looked = (-1, -1)
            block = read_block(lines, index, author=False)
            if block and _is_history_block(block.values):
                return index, block.end
    if "@" in line and line[-1] not in ":：" and ":" in line[34:] and attribution_within(line):
        return index, index + 1
    if ends_attribution(line):
        looked = (-1, -1)
        start = attribution_start(lines, index)
        if start is not None:
            return start, index + 1
        if line[-1] in ":：" and marker_kind(line) == "forwarded":
            return index, _FORWARD
    return looked


def _is_history_block(values: dict[str, str]) -> bool:
    """From with two of To, Date, Subject, or less where there are an address and a date or a subject.

    "From: Berlin, To: Paris, Date: 3 May" is a wish, no history: without any address there must be a subject.
    """
    stamp = has_stamp(values.get("date", ""))
    if "from" not in values:
        return "@" in values.get("to", "") and stamp
    if "@" in values["from"] and ("subject" in values or stamp):
        return True
    known = len(values.keys() & {"to", "date", "subject"})
    return known >= 2 and ("subject" in values or "@" in values.get("to", ""))


def _next_line(lines: list[str], index: int) -> int:
    """The next line that is not blank, at most three lines on; -1 for none."""
    for place in range(index, min(index + 3, len(lines))):
        if lines[place].strip():
            return place
    return -1


def _quote_follows(lines: list[str], index: int, limit: int) -> bool:
    for place in range(index, min(index + 4, limit)):
        line = lines[place].strip()
        if line:
            return line[0] == ">" or (line[0] == "|" and line[-1] != "|")
    return False


def _introduce(lines: list[str], kinds: list[str]) -> None:
    """Before the first quoted line of a run: "Jane wrote:" above it introduces the quotation."""
    place = len(kinds) - 1
    if place >= 0 and kinds[place] == BLANK:
        place -= 1
    if place >= 0 and kinds[place] == NEW and len(lines[place]) <= 200:
        last = lines[place].rstrip()[-1:]
        if (last in (":", "：", ">", ")") or "@" in lines[place]) and is_weak_attribution(lines[place]):
            kinds[place] = INTRO
            opener = lines[place - 1].strip() if place and kinds[place - 1] == NEW else ""
            if opener and "@" not in opener and attribution_start(lines, place) == place - 1:
                kinds[place - 1] = INTRO


def _join_wrapped(lines: list[str], kinds: list[str], limit: int) -> None:
    """A short line directly between quoted lines is the end of a long quoted line that some program broke."""
    for index in range(1, limit - 1):
        if kinds[index] == NEW and kinds[index - 1] == QUOTE and kinds[index + 1] == QUOTE:
            before, line = lines[index - 1].rstrip(), lines[index].strip()
            long = 60 <= len(before) < LINE_LENGTH
            if long and len(line) < 45 and (line[0].islower() or before[-1] not in ".?!:"):
                kinds[index] = QUOTE


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
