"""The line that introduces a quotation: "On Monday, 2 January 2023, Jane Doe <jane@example.com> wrote:".

Takes lines of a text; gives where such an introduction begins and whom it names. Promises: an introduction is at most
four lines and 400 characters long, so each line is looked at a bounded number of times; never raises.
Standards: none; the shapes of mail programs in some thirty languages (`reply_words`).
"""

from __future__ import annotations

import re

from mailgate.mail.fold import squeeze
from mailgate.mail.forward_people import first_person
from mailgate.mail.mail_words import INVISIBLE, folded_words
from mailgate.mail.message import Address
from mailgate.mail.reply_words import OPENER, VERB

WRAPPED_LINES = 4
LENGTH = 400
_STAMP = re.compile(r"\d{1,2}[:.hH時点시時]\s?\d{2}|(?:19|20)\d\d|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
# A number, or a weekday or month with a number soon after it: "2 Oca 2023", "pon., 2 sty", "Mon, Jan 2".
_DATE_START = re.compile(
    r"[^\w]{0,4}(?:\d{1,4}[^\d\w]|\d{4}\D|\w{1,14}[.,]{0,2}(?: \w{1,12}[.,]?)? \d|\d{1,4}\W|\d{4}\w)"
)
_GROUPWISE = re.compile(
    r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|[^\W\d_]{3,12}\.? \d{1,2},? \d{4}|\d{1,2}\.? [^\W\d_]{3,12}\.? \d{4}),? "
    r".{0,12}\d{1,2}[:.]\d{2}(?: ?[AaPp]\.?[Mm]\.?)? ?>>>:?\Z"
)
# GroupWise, too: "On 3/3/2026 at 10:11 AM, in message <69A6.1C@example.com>, Jane <jane@example.com> wrote:".
_MESSAGE_ID = re.compile(
    r"\b(?:in message|in nachricht|dans le message|en el mensaje|nel messaggio|na mensagem|in bericht|i meddelande)"
    r"\s{0,3}<[^<>]{1,200}>,?|"
    r"\A[\s>-]{0,9}in\s(?:article\s|message\s|post\s)?<?[^\s<>,]{1,200}@[^\s<>,]{1,200}>?,",  # newsgroups and list archives
    re.I,
)
# Where an attribution may begin in the middle of a line: it begins in capitals, and a weekday, month or number follows.
_GLUED = 100
_BEHIND = re.compile(
    r"On (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|\d)"
    r"|Am (?:\d|Mo|Di|Mi|Do|Fr|Sa|So)|Le (?:\d|lun|mar|mer|jeu|ven|sam|dim)|El (?:\d|lun|mar|mi|jue|vie|s[áa]b|dom)"
    r"|Il (?:\d|giorno|lun|mar|mer|gio|ven|sab|dom)|Op (?:\d|ma|di|wo|do|vr|za|zo)|Em (?:\d|seg|ter|qua|qui|sex|s[áa]b|dom)"
    r"|Den (?:\d|m[åa]n|tis|tirs|ons|tor|fre|l[öø]r|s[öø]n)"
)
_QUOTE_BELOW = re.compile(r"[ \t\r]{0,20}\n\s{0,20}>")
# Yahoo of 2005: "Jane Doe <jane@example.com> wrote:Hello John".
_GLUED_NAME = re.compile(r"([^<>:]{1,80}<[\w.+'=-]{1,64}@[\w.-]{1,190}> [^<>:@]{3,30}):(?=[^\W\d_])")
# mutt: "* Jane Doe [2014-03-03 14:15 +0100]:", "Jane Doe, Mo 03.03.14 14:15:".
_NAME_STAMP = re.compile(
    r"(?:\* )?[^\W\d_][\w.'’-]{1,30}(?: [\w.'’-]{1,30}){0,3}(?:,| [\[(])[^\[\]()]{0,12}"
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}[:.]\d{2}(?: ?[+-]\d{4})?[\])]?[:：]\Z"
)
_DASHES = "- –—=*\t"
# ... "Jane":, ... <jane@example.com>:, and Tuta's "3. März 2026, 10:11 von jane@example.com:"
_NAME_END = re.compile(
    r"(?:[\"'”>\])][^\S\n]{0,3}|\b(?:von|from|by|de|da|par|van|od|от|fra|från)\s[^\s@]{1,64}@[^\s@:]{1,255})[:：]\Z"
)


def plain(line: str) -> str:
    """A line as it is compared: no invisible characters, no outer spaces."""
    line = line[:LENGTH] if len(line) > LENGTH else line
    return line.strip() if line.isascii() else INVISIBLE.sub("", line).replace("\u00a0", " ").strip()


def ends_attribution(line: str) -> bool:
    """True where a stripped line could end an attribution: it ends in a colon, or is "---- On ... wrote ----"."""
    last = line[-1]
    return last in ":：" or (last in "-—=*" and line[0] in "-—=*" and len(line) > 12)


def groupwise_person(line: str) -> Address | None:
    """Whom GroupWise's separator names: `>>> Jane Doe <jane@example.com> 3/3/2026 10:11 AM >>>`."""
    line = plain(line)
    if not is_groupwise(line):
        return None
    person = first_person(line.strip("> "))[1]
    return None if person is None else Address(person.name.strip('"'), person.address)


def is_groupwise(line: str) -> bool:
    """True for GroupWise's separator, with which the older message begins."""
    return line.startswith(">>> ") and 12 < len(line) < LENGTH and _GROUPWISE.search(line[-40:]) is not None


def has_stamp(text: str) -> bool:
    """True where the text holds a year, a time or a date in figures."""
    return _STAMP.search(text[:LENGTH]) is not None


def attribution_start(lines: list[str], end: int) -> int | None:
    """The first line of the attribution that ends in `lines[end]`, or None where there is none."""
    joined = ""
    candidates: list[tuple[int, str, str]] = []
    for index in range(end, max(-1, end - WRAPPED_LINES), -1):
        line = plain(lines[index])
        if not line or line[0] in ">|":
            break
        joined = f"{line} {joined}".rstrip()
        if len(joined) > LENGTH:
            break
        candidates.append((index, line, joined))
    for number, (_, line, whole) in enumerate(candidates):
        if _opens(squeeze(line.strip(_DASHES))) and _is_attribution(whole, squeeze(whole.strip(_DASHES)), opens=True):
            return _first_line(candidates, number)
    for number, (_, _, whole) in enumerate(candidates):
        if _is_attribution(whole, squeeze(whole), opens=False):  # `Jane Doe <jane@example.com> wrote on 2 January:`
            return _first_line(candidates, number)
    return None


def _first_line(candidates: list[tuple[int, str, str]], number: int) -> int:
    """Upwards from a line that makes an attribution already, as long as it is evidently not the first of it."""
    while number + 1 < len(candidates):
        _, line, whole = candidates[number]
        above = candidates[number + 1][1]
        if (
            above[-1] in "!?:"
            or len(above) >= 120
            or (above[-1] == "." and "@" not in above and not _opens(squeeze(above)))
        ):
            break
        inside = line[0] in "<([" or VERB.match(squeeze(line)) is not None
        address = "@" not in whole and "@" in above
        stamp = not has_stamp(squeeze(whole)) and has_stamp(squeeze(above)) and _opens(squeeze(above))
        if not (inside or address or stamp):
            break
        number += 1
    return candidates[number][0]


def _opens(folded: str) -> bool:
    return bool(OPENER.match(folded) or _DATE_START.match(folded))


def _is_attribution(whole: str, folded: str, *, opens: bool) -> bool:
    verb = VERB.search(folded)
    stamp = _STAMP.search(folded)
    address = "@" in whole and first_person(whole)[1] is not None
    if verb:
        return address or bool(opens and stamp)
    return bool(opens and stamp and address and _NAME_END.search(whole))


def attribution_within(line: str) -> int:
    """How long the attribution is with which a line begins that goes on with the quoted text, as Yahoo's; else 0."""
    skipped = len(line) - len(line.lstrip())
    start = plain(line)
    glued = _GLUED_NAME.match(start)
    if glued and any(verb.end() == len(squeeze(glued[1])) for verb in VERB.finditer(squeeze(glued[1]))):
        return skipped + glued.end()
    colon = start.rfind(":", 0, 250)
    for _ in range(4):
        if colon < 20:
            return 0
        whole = start[: colon + 1]
        folded = squeeze(whole)
        ends = any(found.end() >= len(folded) - 2 for found in VERB.finditer(folded))
        if ends and _opens(folded) and _STAMP.search(folded) and "@" in whole:
            return skipped + colon + 1
        colon = start.rfind(":", 0, colon)
    return 0


def parted(text: str) -> str:
    """The text with a line end before the first attribution that stands behind other words in its line.

    Programs that lose the line ends of HTML write "Thanks!On Tue, 5 Mar 2024, Jane <jane@example.com> wrote:".
    """
    weighed = 0
    for found in _BEHIND.finditer(text):
        place = found.start()
        head = text[text.rfind("\n", max(0, place - LENGTH), place) + 1 : place].strip()
        if head[:1] in ">|" or head[-1:] in ":：" or not any(map(str.isalnum, head)):
            continue
        weighed += 1
        if weighed > _GLUED:
            break
        whole = " ".join(text[place : place + LENGTH].partition("\n\n")[0].split())
        if attribution_within(whole) or _fills_line(text, place):
            return f"{text[:place]}\n{text[place:]}"
    return text


def _fills_line(text: str, place: int) -> bool:
    """Whether an attribution goes from there to the end of its line, and quoted lines follow."""
    end = text.find("\n", place, place + LENGTH)
    line = text[place:end].strip() if end >= 0 else ""
    if not line or line[-1] not in ":：" or not _QUOTE_BELOW.match(text, end - 1 if text[end - 1] == "\r" else end):
        return False
    return "@" in line and _is_attribution(line, squeeze(line), opens=True)


def is_weak_attribution(line: str) -> bool:
    """True for a line that introduces a quotation only because quoted lines follow it: "Jane wrote:", "Jane Doe:"."""
    line = plain(line)
    if not line or len(line) > 200:
        return False
    folded = squeeze(line)
    if line[-1] in ":：":
        stamped = _NAME_STAMP.match(line) is not None or (_opens(folded) and _STAMP.search(folded) is not None)
        return stamped or "@" in line or VERB.search(folded) is not None
    if not _opens(folded) or not _STAMP.search(folded):
        return False
    return "@" in line or any(found.end() == len(folded) for found in VERB.finditer(folded))


def attribution_person(text: str) -> Address | None:
    """Whom an attribution names, where it gives the address; the date and the verb leave the name."""
    _, person = first_person(_MESSAGE_ID.sub("", plain(" ".join(text.split()))))
    if person is None:
        return None
    name = person.name
    for mark in ('"', "“"):
        cut = name.find(mark)
        if cut >= 0:
            return Address(name[cut + 1 :].strip('"“” '), person.address)
    return Address(_without_date(name), person.address)


_BEFORE_NAME = frozenset(
    folded_words(
        "skrev|schrieb|schreef|uur|uhr|hs|hrs|am|pm|gmt|utc|cet|cest|est|pst|odesílatel|tarihinde|ο/η|από|מאת|от"
    )
)


def _without_date(name: str) -> str:
    """The words after the last number and after words like "skrev" or "Uhr"."""
    words = name.replace(",", " , ").split()
    kept: list[str] = []
    for word in reversed(words):
        bare = squeeze(word.strip(".:()"))
        if any(char.isdigit() for char in word) or bare in _BEFORE_NAME or (word == "," and len(kept) > 1):
            break
        if word == "," and not kept:
            continue
        kept.append(word)
    return " ".join(reversed(kept)).replace(" ,", ",").strip(" ,:\"'")
