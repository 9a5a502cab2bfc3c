"""The three parts of a reply, made of what each of its lines is.

Takes the lines, their kinds and the HTML; gives `ReplyParts`. Promises: every line is in exactly one part; answers
between several quotations stay together with what they answer; words below the one quotation that a line introduces
are the new ones, whatever stands above it; where nothing new is found, all is shown; linear; never raises.
Standards: RFC 3676 section 4.3 (signature); otherwise the habits of people who answer.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import squeeze
from mailgate.mail.forward_block import read_block
from mailgate.mail.forward_line import bare, is_rule, marker_kind
from mailgate.mail.mail_words import names_original
from mailgate.mail.message import ReplyParts
from mailgate.mail.reply_attribution import attribution_start, is_weak_attribution
from mailgate.mail.reply_footer import footer_start, is_below_rule
from mailgate.mail.reply_html import html_signature
from mailgate.mail.reply_signature import is_mobile_line, signature_start

NEW, BLANK, QUOTE, INTRO = "new", "blank", "quote", "intro"
_HEAD_LINES = 6
_NAMED = re.compile(r'"?[^"\n-]{2,80}"? --- .{0,200} ---\Z')  # Verse: `"Jane Doe" --- Re: Printer ---`


def divide(
    lines: list[str], kinds: list[str], cut: int, html: str | None, *, answers: bool | None = None
) -> ReplyParts:
    """The parts, where from line `cut` on all is history and `kinds` says what the lines before are.

    With `answers` several quoted lines at the very top are history without an introduction; where it is False, none at the end are.
    """
    cut = with_rule(lines, cut)
    del kinds[cut:]
    last_quote = _last_quote(kinds)
    tail = _signature(lines, last_quote + 1, cut, kinds)
    if last_quote < 0:
        new_end = _marked_signature(lines, tail, cut, html)
        parts = _parts(lines[:new_end], lines[cut:], lines[new_end:cut])
    elif NEW in kinds[last_quote + 1 : tail]:
        parts = _below(lines, kinds, (last_quote, tail, cut), answers=answers)
    else:
        parts = _above(lines, kinds, (last_quote, tail, cut), html, answers=answers)
    if parts.new or (parts.signature and not parts.quoted):
        return parts
    if parts.signature and NEW in kinds:
        return parts
    return ReplyParts(trimmed(lines))


def _signature(lines: list[str], start: int, end: int, kinds: list[str]) -> int:
    """Where signature and footers begin within `lines[start:end]`; `end` where there are none."""
    footer = footer_start(lines, start, end)
    if start and is_below_rule(lines, start, end) and NEW in kinds[:start]:
        return start  # an advertisement or the footer of a list, below a quotation with words above it
    return min(footer, signature_start(lines, start, footer))


def _marked_signature(lines: list[str], tail: int, end: int, html: str | None) -> int:
    """Where the signature begins that the HTML marks, or the one at `tail` where it marks none that is longer."""
    if not html:
        return tail
    marked = html_signature(lines, end, html)
    if tail < end:  # another one may stand above what a telephone wrote
        marked = min(marked, html_signature(lines, tail, html, known=lines[tail:end]))
    return min(tail, marked)


def _above(
    lines: list[str], kinds: list[str], places: tuple[int, int, int], html: str | None, *, answers: bool | None
) -> ReplyParts:
    """New words stand above the last quotation, and below it nothing but a signature."""
    last_quote, tail, cut = places
    first_quote = last_quote
    while first_quote > 0 and kinds[first_quote - 1] != NEW:
        first_quote -= 1
    if kinds[first_quote] == QUOTE and first_quote == last_quote == tail - 1 == len(lines) - 1:
        return _parts(lines, [], [])  # one last line of the writer's own that begins with ">": an operator, a menu
    if kinds[first_quote] != INTRO and _is_shown(lines, kinds, first_quote, last_quote, answers=answers):
        return _parts(lines[:tail], lines[cut:], lines[tail:cut])
    first_quote = with_rule(lines, first_quote)
    new_end = _marked_signature(lines, _signature(lines, 0, first_quote, kinds), first_quote, html)
    signature = [*lines[new_end:first_quote], *lines[tail:cut]]
    return _parts(lines[:new_end], [*lines[first_quote : last_quote + 1], *lines[cut:]], signature)


def _below(lines: list[str], kinds: list[str], places: tuple[int, int, int], *, answers: bool | None) -> ReplyParts:
    """New words stand below the last quotation: below the only one, introduced as history, or between several."""
    last_quote, tail, cut = places
    first = last_quote
    while first > 0 and kinds[first - 1] != NEW:
        first -= 1
    while kinds[first] == BLANK:
        first += 1
    single = QUOTE not in kinds[:first] and INTRO not in kinds[:first]
    at_top = answers and NEW not in kinds[:first] and _are_several(lines, first, last_quote)
    if not single or not (at_top or _is_introduced(lines, kinds, first, last_quote)):
        return _between(lines, kinds, tail, cut)
    above = with_rule(lines, first)
    greeting = _signature(lines, 0, above, kinds)
    new = "\n\n".join(part for part in (trimmed(lines[:greeting]), trimmed(lines[last_quote + 1 : tail])) if part)
    quoted = [*lines[above : last_quote + 1], *lines[cut:]]
    return ReplyParts(new, trimmed(quoted), trimmed([*lines[greeting:above], *lines[tail:cut]]))


def _between(lines: list[str], kinds: list[str], tail: int, cut: int) -> ReplyParts:
    """Answers between quoted lines stay with them; what a telephone wrote above the first of these does not."""
    first = next(index for index, kind in enumerate(kinds) if kind in (QUOTE, INTRO))
    start = signature_start(lines, 0, first)
    if start == first or not is_mobile_line(lines[start]):
        return _parts(lines[:tail], lines[cut:], lines[tail:cut])
    new = [*lines[:start], *lines[first:tail]]
    return _parts(new, lines[cut:], [*lines[start:first], *lines[tail:cut]])


def _is_introduced(lines: list[str], kinds: list[str], first: int, last: int) -> bool:
    """Whether a program introduced the quotation: above it, or, as Apple's and Outlook's, in its own first lines."""
    if kinds[first] == INTRO:
        return not (first and kinds[first - 1] == NEW and is_weak_attribution(lines[first]) and _is_said(lines[first]))
    head = [bare(line) for line in lines[first : min(first + _HEAD_LINES, last + 1)]]
    for index, line in enumerate(head):
        if line and marker_kind(line) == "original":
            return True
        if line and line[-1] in ":：" and attribution_start(head, index) is not None:
            return True
    return any(line and read_block(lines, first + index) is not None for index, line in enumerate(head[:2]))


def _is_shown(lines: list[str], kinds: list[str], first: int, last: int, *, answers: bool | None) -> bool:
    """Whether the writer shows the quoted lines at the end: no program introduces them, and "The error says:" stands above.

    In a message that answers none they are shown whatever stands above.
    """
    while kinds[first] == BLANK:
        first += 1
    above = first - 1
    while above > 0 and kinds[above] == BLANK:
        above -= 1
    if above < 0 or (answers is not False and lines[above].rstrip()[-1:] not in (":", "：")):
        return False
    return not _is_introduced(lines, kinds, first, last)


def _are_several(lines: list[str], first: int, last: int) -> bool:
    """Whether at least two quoted lines say something; a single one is a question that its answer keeps."""
    marked = [line.strip() for line in lines[first : last + 1]]
    return marked[0][:1] == ">" and sum(line[:1] == ">" and line.strip("> \t") != "" for line in marked) > 1


def _is_said(line: str) -> bool:
    """ "My colleague wrote:" goes on a sentence of the writer's; a program gives an address or a date."""
    return "@" not in line and not any(char.isdigit() for char in line)


def with_rule(lines: list[str], start: int) -> int:
    """History that begins at `start`, with the line above it that announces it: dashes, words between dashes, "Original Email"."""
    above = start
    while above and start < len(lines) and not lines[above - 1].strip():
        above -= 1
    if not above or start >= len(lines):
        return start
    line = lines[above - 1].strip()
    if len(line) <= 30 and names_original(squeeze(line)):
        return above - 1
    named = line.endswith("---") and _NAMED.match(line) is not None
    return above - 1 if above > 1 and (named or is_rule(line) or marker_kind(line) == "dashed") else start


def _last_quote(kinds: list[str]) -> int:
    for index in range(len(kinds) - 1, -1, -1):
        if kinds[index] in (QUOTE, INTRO):
            return index
    return -1


def _parts(new: list[str], quoted: list[str], signature: list[str]) -> ReplyParts:
    return ReplyParts(trimmed(new), trimmed(quoted), trimmed(signature))


def trimmed(lines: list[str]) -> str:
    """Lines joined, without blank lines at either end and without spaces at the very end."""
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return "\n".join(lines[start:end]).rstrip()
