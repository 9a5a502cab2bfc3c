"""The header lines of Lotus Notes above the older message, which have no line of their own that says what they are.

Takes the lines of a text and a place; gives where such a header begins. Promises: a bounded number of lines is looked
at; never raises.
Standards: none; Notes 4 to 9 in their language versions.
"""

from __future__ import annotations

import re

from mailgate.mail.forward_line import bare, header_line
from mailgate.mail.mail_words import DATE, FROM, SUBJECT, TO, label_kind

_AHEAD = 8
_COLUMNS_AHEAD = 24
_RIGHT_EDGE = 40
_STAMP = (
    r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}[ ,T]{1,3}(?:at |um |à |alle )?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[AaPp][Mm])?"
)
_ON = re.compile(rf"(?:\A|\s)(?:on|am|le|el|il|op|em|den|dnia|on:)\s{{1,3}}{_STAMP}\s*\Z")
_ALONE = re.compile(rf"\s*{_STAMP}(?: [A-Z]{{3,4}})?\s*\Z")  # the date and nothing else, as Notes 6 and 7 show it
_INDENT = 6  # of the table that Notes 5 draws with spaces
_COLUMN = re.compile(r"\s{3,}([^\s:]{1,20}(?: [^\s:]{1,12})?):(?=\s|\Z)")
_DETAILS = re.compile(rf"---{_STAMP}.{{0,20}}---")


def notes_start(lines: list[str], index: int) -> int | None:
    """The first line of the history where `lines[index]` opens a header of Notes; -1 where it only looked so, else None.

    - `Jane Doe <jane@example.com> on 03/05/2001 10:11:12 AM`, with To: and Subject: below;
    - `Jane Doe ---03/05/2013 10:11:12 AM---Hello, could you`, which Notes shows for "hide details";
    - sender and date in a column on the left, the labels To, cc and Subject at the right edge of another, or in its midst;
    - sender and date in a line each, and below them the labels To and Subject, each above or before its value.
    """
    line = lines[index][:400]
    if _ALONE.match(line):
        return _stacked(lines, index)
    if "---" in line and _DETAILS.search(line):
        return index
    if (line.rstrip()[-1:].isdigit() or line.rstrip()[-1:] in "mM") and _ON.search(line):
        if not (_names_somebody(lines, index) and _labels_follow(lines, index)):
            return -1
        above = index - 1
        return above if line.lstrip()[:3] in ("on ", "am ") and above >= 0 and "@" in lines[above] else index
    if len(line) >= _RIGHT_EDGE and line[0] in " \t" and _label_at_edge(line) == TO:
        return _columns(lines, index)
    if line[:_INDENT].isspace() and len(line) >= _INDENT:
        return _table(lines, index)
    return None


def may_open_notes(line: str) -> bool:
    """A quick look at a line as it stands in the text: whether it is worth a close one."""
    last = line.rstrip()[-1:]
    return (
        "---" in line
        or (last.isdigit() and ":" in line)
        or last in "mM"
        or (len(line) >= _RIGHT_EDGE and line[0] == " ")
        or (":" in line and line[:_INDENT].isspace())
    )


def _names_somebody(lines: list[str], index: int) -> bool:
    return any("@" in line or "/" in line.split(" on ")[0] for line in lines[max(0, index - 1) : index + 1])


def _labels_follow(lines: list[str], index: int) -> bool:
    """To: and Subject: within the next lines."""
    kinds = set()
    for line in lines[index + 1 : index + 1 + _AHEAD]:
        found = header_line(bare(line)) if line.strip() else None
        if found:
            kinds.add(found[0])
    return TO in kinds and (SUBJECT in kinds or DATE in kinds or FROM in kinds)


def _label_at_edge(line: str) -> str | None:
    """What the last word of a line means that stands at its right edge, after several spaces."""
    line = line.rstrip()
    cut = line.rfind("   ")
    if cut < 0 or len(line) < _RIGHT_EDGE:
        return None
    return label_kind(line[cut:].strip()) if len(line) - cut <= 24 else None


def _columns(lines: list[str], index: int) -> int:
    edge = len(lines[index].rstrip())
    for line in lines[index + 1 : index + 1 + _COLUMNS_AHEAD]:
        if line.strip() and line[:6].strip():
            return -1  # something stands at the left margin: the columns are over
        if len(line.rstrip()) == edge and _label_at_edge(line) == SUBJECT:
            break
    else:
        return -1
    start = index
    while start > 0 and index - start < _AHEAD and lines[start - 1].strip() and not lines[start - 1][:6].strip():
        start -= 1
    return start


def _stacked(lines: list[str], index: int) -> int | None:
    """The sender above the date; below it To and Subject, which stand alone in their lines or, of a table, before a bar."""
    above = index - 1
    if above > 0 and not lines[above].strip():
        above -= 1
    if above < 0 or not lines[above].strip() or len(lines[above]) > 200:
        return -1
    top = above
    while top > 0 and above - top < 2 and lines[top - 1].strip():
        top -= 1
    if top and not lines[top - 1].strip():
        above = top  # "Sent by:" stands between the two
    wanted = TO
    for line in lines[index + 1 : index + 1 + _COLUMNS_AHEAD]:
        text = line[:200].partition("|")[0].strip(" \t:：")
        kind = label_kind(text) if text and len(text) <= 24 else None
        if kind == SUBJECT and wanted == SUBJECT:
            return above
        wanted = SUBJECT if kind == TO else wanted
    return -1


def _table(lines: list[str], index: int) -> int | None:
    """Notes 5: `Jane Doe <jane@example.com>   To: John`, with cc: and Subject: below To: in the same column."""
    found = next((match for match in _COLUMN.finditer(lines[index][:200]) if label_kind(match[1].strip()) == TO), None)
    if found is None or found.start(1) < _INDENT:
        return None
    for line in lines[index + 1 : index + 1 + _AHEAD]:
        if line[:_INDENT].strip():
            return -1
        label = _COLUMN.match(line[: found.start(1) + 30], _gap(line, found.start(1)))
        if label and label.start(1) == found.start(1) and label_kind(label[1].strip()) == SUBJECT:
            break
    else:
        return -1
    start = index
    while start > 0 and index - start < _AHEAD and lines[start - 1].strip() and not lines[start - 1][:_INDENT].strip():
        start -= 1
    return start


def _gap(line: str, column: int) -> int:
    """Where the spaces begin that end at a column."""
    return len(line[:column].rstrip()) if len(line) > column else len(line)
