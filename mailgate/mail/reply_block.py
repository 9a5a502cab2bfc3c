"""Whether a block of header lines in a text opens the older message, or is something the writer shows.

Takes the lines of a text and the place of a block, or what the block says; gives yes or no. Promises: linear in the
lines of the block and the blank ones below it; never raises.
Standards: none; what mail programs write above a message they answer.
"""

from __future__ import annotations

import re

from mailgate.mail.forward_block import read_block
from mailgate.mail.forward_line import bare, header_line, is_rule
from mailgate.mail.mail_words import CC, SUBJECT, TO
from mailgate.mail.reply_attribution import has_stamp

_TIME = re.compile(r"(?<![\d.])\d{1,2}(?:\s?[:h時时点點시]\s?\d\d|\.\d\d(?![.\d]))")
_FORM_FIELD = re.compile(r"[^\W\d_][\w ./-]{1,25}: \S")
# "from: a@b.example" in small letters and without a date: a piece of a configuration.
_SETTING = re.compile(r"\s{0,8}(?:from|to|subject|cc): ?\S")
_SETTING_DATE = re.compile(r"\s{0,8}(?:date|sent|time)\b", re.IGNORECASE)
_ABOVE = 5
# Fields that only whole headers have, which people paste: no mail program writes them above a quotation.
_RAW_FIELD = re.compile(
    r"(?:received|return-path|delivered-to|dkim-signature|mime-version|content-type|content-transfer-encoding|"
    r"authentication-results|arc-[a-z-]{4,30}|x-[a-z][\w-]{1,40}):",
    re.IGNORECASE,
)


def is_history_block(values: dict[str, str]) -> bool:
    """From with two of To, Date, Subject, or less where there are an address and a date or a subject.

    "From: Berlin, To: Paris, Date: 3 May" is a wish, no history: without any address there must be a subject, and a date.
    """
    stamp = has_stamp(values.get("date", ""))
    if "from" not in values:
        return "@" in values.get("to", "") and stamp
    if "@" in values["from"] and ("subject" in values or stamp):
        return True
    if "@" not in values["from"] + values.get("to", "") and "date" not in values:
        return False
    known = len(values.keys() & {"to", "date", "subject"})
    return known >= 2 and ("subject" in values or "@" in values.get("to", ""))


def with_header_above(lines: list[str], start: int) -> int:
    """The first line of the attribution at `start` together with Yandex' To, Cc and Subject above it, below a rule."""
    above = start - 1
    while above >= 0 and start - above <= _ABOVE:
        line = bare(lines[above])
        if line and is_rule(line):
            return above if above < start - 1 else start
        found = header_line(line) if line else None
        if found is None or found[0] not in (TO, CC, SUBJECT):
            break
        above -= 1
    return start


def is_pasted(lines: list[str], start: int, end: int) -> bool:
    """Whether a block of header lines is none of a mail program: a piece of a whole header, or what "Invoice:" opens.

    "From: Berlin, To: Paris, Date: 12.05.2025, Passengers: 2" is none either: the last label says no subject.
    """
    above = start - 1
    if above > 0 and not lines[above].strip():
        above -= 1
    opens = above >= 0 and lines[above].rstrip()[-1:] == ":"
    opens = opens or (start > 0 and _FORM_FIELD.match(lines[start - 1]) is not None)
    if not any("@" in line[:400] or _TIME.search(line[:400]) for line in lines[start:end]) and (
        opens or not any(_says_subject(line) for line in lines[start:end])
    ):
        return True
    if _SETTING.match(lines[start]) and not any(_SETTING_DATE.match(line) for line in lines[start:end]):
        return True
    return any(_RAW_FIELD.match(bare(line)) for line in lines[max(0, start - 1) : end + 1] if line.strip())


def _says_subject(line: str) -> bool:
    found = header_line(bare(line)) if line.strip() else None
    return found is not None and found[0] == SUBJECT


def is_only_header(lines: list[str], index: int, limit: int) -> bool:
    """Whether the quoted lines that begin here are a header and no more, with the older message unquoted below."""
    block = read_block(lines, index)
    if block is None or not is_history_block(block.values):
        return False
    return is_unquoted_below(lines, block.end, limit)


def is_unquoted_below(lines: list[str], index: int, limit: int) -> bool:
    """Whether the next line from `index` on that says something, if one of the next forty does, is not quoted."""
    limit = min(limit, index + 40)
    while index < limit and not lines[index].strip("> \t\u00a0\r"):
        index += 1
    return index < limit and lines[index].strip()[0] != ">"
