"""What a subject says to the desk: reply or forward, which ticket, which commands.

Takes a decoded subject; gives flags, numbers, commands and the subject without them. Promises: never raises, linear
time; a subject is read in one line (folds removed) and its first 1,000 characters decide.
Standards: none for prefixes (RFC 5322 section 3.6.5 knows only "Re: "); the tables are in `mail_words`.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import squeeze
from mailgate.mail.mail_words import FORWARD_PREFIXES, INVISIBLE, REPLY_PREFIXES

SUBJECT_LENGTH = 1000
_PREFIXES = 60
# A prefix: up to 24 letters (three words at most), perhaps a counter as in "Re[2]:", a colon of either width.
_PREFIX = re.compile(
    r"\s{0,20}([^\W\d_][^\W\d_.]{0,23}(?: [^\W\d_]{1,15}){0,2})\s?[\[(^]?\d{0,3}[\])]?\s{0,3}[:：]\s{0,20}"
)
_TAG = re.compile(r"\s{0,20}\[[^\[\]]{1,60}\]\s{0,20}")
# Korean portals put the whole prefix into brackets: "[FW]", "[전달]". Short words there are names of projects.
_BRACKETED = re.compile(r"\s{0,20}\[\s{0,3}([^\[\]:：]{2,24})\s{0,3}\]\s{0,20}")
_NETSCAPE = re.compile(r"\s{0,20}\[\s{0,3}(fwd?|wg|rv|tr)\s{0,3}:\s{0,3}", re.I)
_PINE = re.compile(r"\s{0,20}\(fwd\)\s{0,20}\Z", re.I)
_TICKET = re.compile(r"\{\s{0,10}#?\s{0,10}([0-9]{1,18})\s{0,10}\}")
# A "#" behind a space and before a word opens another tag ("#tech #support"), it closes none.
_COMMAND = re.compile(r"(?:#\s{0,3}(?:tech|close|unsub(?:scr[iıİI]\u0307?be)?)\s{0,3}){1,50}(?:(?<!\s)#|#(?!\w))", re.I)
_SPACES = re.compile(r"\s+")
_TWO_MEANINGS = re.compile(r"\s{0,20}(?:\[[^\[\]]{1,60}\]\s{0,20}){0,5}vs\s{0,3}[:：]", re.I)
# Single letters are prefixes in capitals only: "I: " is Italian Outlook's forward, "R: " its reply.
_CAPITALS = frozenset({"i", "r"})


def one_line(subject: str) -> str:
    """The subject without folds, invisible characters and double spaces."""
    return _SPACES.sub(" ", INVISIBLE.sub("", subject)).strip()


def _prefix(subject: str, position: int) -> tuple[str, int] | None:
    """("forward" | "reply", where it ends) for a prefix at that place, else None."""
    found = _PREFIX.match(subject, position)
    if found is None:
        return _bracketed(subject, position)
    written = found.group(1)
    word = squeeze(written)
    if word in _CAPITALS and not written.isupper():
        return None
    if word in FORWARD_PREFIXES:
        return "forward", found.end()
    return ("reply", found.end()) if word in REPLY_PREFIXES else None


def _bracketed(subject: str, position: int) -> tuple[str, int] | None:
    found = _BRACKETED.match(subject, position)
    word = squeeze(found.group(1)) if found else ""
    if found is None or (word.isascii() and len(word) < 5 and word not in ("fw", "fwd")):
        return None
    return ("forward", found.end()) if word in FORWARD_PREFIXES else None


def _first_prefix(subject: str) -> str | None:
    """The kind of the first prefix; `[EXTERNAL]` and other tags may stand before it."""
    subject = INVISIBLE.sub("", subject[:SUBJECT_LENGTH])
    if _NETSCAPE.match(subject):
        return "forward"
    position = 0
    for _ in range(5):
        found = _prefix(subject, position)
        if found:
            return found[0]
        tag = _TAG.match(subject, position)
        if tag is None:
            break
        position = tag.end()
        if _NETSCAPE.match(subject, position):
            return "forward"
    return "forward" if _PINE.search(subject) else None


def is_forward(subject: str) -> bool:
    """True where the first prefix says that a message was forwarded: Fwd:, FW:, İlt:, WG:, TR:, RV:, 转发: ..."""
    return _first_prefix(subject) == "forward"


def is_reply(subject: str) -> bool:
    """True where the first prefix is a reply's: Re:, AW:, YNT:, SV:, 回复: ..."""
    return _first_prefix(subject) == "reply"


def is_ambiguous(subject: str) -> bool:
    """True where the first prefix is "VS:", which is "Fwd:" in Danish and Norwegian, "Re:" in Finnish and Estonian."""
    return bool(_TWO_MEANINGS.match(INVISIBLE.sub("", subject[:SUBJECT_LENGTH])))


def strip_prefixes(subject: str) -> str:
    """The subject without its reply and forward prefixes, in one line; tags before and between them stay."""
    rest = one_line(subject)
    tags: list[str] = []
    for _ in range(_PREFIXES):
        netscape = _NETSCAPE.match(rest)
        if netscape and rest.endswith("]"):
            rest = rest[netscape.end() : -1].strip()
            continue
        found = _prefix(rest, 0)
        if found:
            rest = rest[found[1] :]
            continue
        tag = _TAG.match(rest)
        if tag and (_prefix(rest, tag.end()) or _NETSCAPE.match(rest, tag.end())):
            tags.append(tag.group().strip())
            rest = rest[tag.end() :]
            continue
        break
    return " ".join([*tags, _PINE.sub("", rest).strip()]).strip()


def ticket_numbers(subject: str) -> list[int]:
    """The numbers in `{123}` or `{ #123 }`, in order; at most 18 digits, so that they fit a database's integer."""
    line = subject.replace("\r", "").replace("\n", "")
    return [int(number) for number in _TICKET.findall(line) if int(number)]


def strip_ticket_number(subject: str) -> str:
    """The subject without every `{123}`, in one line."""
    return one_line(_TICKET.sub(" ", subject.replace("\r", "").replace("\n", "")))


def read_commands(subject: str) -> tuple[str, tuple[str, ...]]:
    """(the subject without its commands, the commands): "tech", "close", "unsubscribe", each once, in order.

    `#unsub#` is `#unsubscribe#`. Case does not matter, Turkish capitals either (`#UNSUBSCRİBE#`).
    """
    line = INVISIBLE.sub("", subject.replace("\r", "").replace("\n", ""))
    commands: list[str] = []
    for found in _COMMAND.finditer(line):
        for word in squeeze(found.group()).split("#"):
            name = "unsubscribe" if word.strip().startswith("unsub") else word.strip()
            if name and name not in commands:
                commands.append(name)
    return one_line(_COMMAND.sub(" ", line)), tuple(commands)
