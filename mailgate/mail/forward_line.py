"""One line of a message that a mail program wrote: header line of a block, marker between dashes, or neither.

Takes a line; gives what it is. Promises: a line is looked at up to 1,000 characters, in linear time; never raises.
Standards: none; `mail_words` holds the words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailgate.mail.fold import squeeze
from mailgate.mail.mail_words import (
    DATE,
    FROM,
    INVISIBLE,
    LABEL_LENGTH,
    LONGEST_FORWARDED,
    OTHER,
    SUBJECT,
    TO,
    label_kind,
    names_forward,
    names_original,
)

LINES = 100_000
FORWARD_LINES = 10_000  # nobody writes more above a message that he forwards
LINE_LENGTH = 1000
_DASHES = "-=_*~#+—–―‐‑‒─━═·•＿－ \t\u00a0>|<8"
_MARKER_WORDS = 10
_BESIDE = 10  # characters of a marker's line that are not its phrase
_RULE_CHARS = frozenset("-=_*~—–―‐‑‒─━═＿－ \t\u00a0")
QUOTE_MARK = re.compile(r"(?:[ \t\u00a0]{0,3}[>|»❯]){1,20}[ \t\u00a0]?")
LABEL_END = re.compile("[:：﹕︓\t|]")
CORE = frozenset((FROM, TO, DATE, SUBJECT))


@dataclass(slots=True)
class Block:
    """Lines `start` to `end` (exclusive) are the block; `marker` is what kind of line announced it.

    `marker` is "forwarded", "original", "dashed" (words between dashes), "rule" (no words) or ""; `note_end` is where the
    words above the block end. `quoted` says that the block stood behind quote marks.
    """

    start: int
    end: int
    values: dict[str, str] = field(default_factory=dict)
    marker: str = ""
    note_end: int = 0
    quoted: bool = False


def bare(line: str) -> str:
    """A line without quote marks, invisible characters and outer spaces, cut to the length that is looked at."""
    line = line[:LINE_LENGTH]
    if not line.isascii():
        line = INVISIBLE.sub("", line)
    mark = QUOTE_MARK.match(line)
    return (line[mark.end() :] if mark else line).strip()


def is_rule(line: str) -> bool:
    """True for a line of at least five dashes, underscores or their like, and nothing else."""
    line = line[:LINE_LENGTH].strip()
    return len(line) >= 5 and _RULE_CHARS.issuperset(line)


def marker_kind(line: str) -> str:
    """What a line announces: "forwarded", "original", "dashed" (unknown words between dashes), "rule" or ""."""
    line = bare(line)
    if len(line) < 5 or len(line) > 200:
        return ""
    dashes = len(line) - len(line.lstrip(_DASHES)) if line[0] in _DASHES else 0
    if dashes and is_rule(line):
        return "rule"
    if dashes < 2:
        return "forwarded" if _may_open(line) and _opens(squeeze(line)) else ""
    core = line.strip(_DASHES)
    word = squeeze(core)
    if names_forward(word):
        return "forwarded"
    if names_original(word):
        return "original"
    closed = len(line) - len(line.rstrip(_DASHES)) >= 3
    return "dashed" if dashes >= 3 and closed and 2 <= len(core) <= 80 else ""


def _may_open(line: str) -> bool:
    """Whether the size of a line is that of a marker without dashes: what can be said before it is folded."""
    if len(line) > 100:
        return False
    if len(line) > LONGEST_FORWARDED + _BESIDE and line[-1] != ":" and line.isascii() and "  " not in line:
        return False
    return len(line.split()) <= _MARKER_WORDS


def _opens(word: str) -> bool:
    """A marker without dashes is nearly the whole line: "Begin forwarded message:", "This is a forwarded message"."""
    length = names_forward(word)
    return bool(length) and (word.endswith((":", "：")) or len(word) - length <= _BESIDE)


def header_line(line: str) -> tuple[str, str] | None:
    """(kind, value) where the bare line is a header line of a block."""
    head = line[: LABEL_LENGTH + 6]
    colon = LABEL_END.search(head, 1)
    if colon is None:
        return _unlabelled(line)
    if line[0] == "|":
        line = line.strip("| \t")
        colon = LABEL_END.search(line[: LABEL_LENGTH + 6])
        if colon is None:
            return None
    label = line[: colon.start()]
    if "@" in label or "<" in label:
        return None
    kind = label_kind(label)
    if kind is None and colon.group() in "\t|":
        return None
    if kind is None and "-" in label and label.isascii() and label.replace("-", "").isalnum():
        kind = OTHER  # In-Reply-To, X-Mailer: a forward with all header fields
    if kind is None:
        return None
    value = line[colon.end() :].lstrip(":：*_| \t\u00a0")
    if value[:2] != "=?":  # an encoded word that was pasted as it came
        value = value.lstrip(":：*_|= \t\u00a0")
    return kind, value.rstrip(" \t|")


def _unlabelled(line: str) -> tuple[str, str] | None:
    """A label that stands alone in bold, without its colon: `**From**`."""
    if line[0] == "*" and line[-1] == "*" and len(line) <= LABEL_LENGTH:
        kind = label_kind(line)
        return (kind, "") if kind else None
    return None
