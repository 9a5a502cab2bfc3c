"""The seed's masks, `#Name#`, in template files.

Takes the source of a template; gives Jinja source in which each known mask is an expression. Masks are replaced in the
template only, before any value is put in: what a customer wrote is never looked at, so nothing in it is ever expanded.
Promises: case does not matter, Turkish İ and ı neither; the seed's Turkish spellings work with and without diacritics;
an unknown mask stays as it is; what stands inside Jinja's own `{{ }}`, `{% %}` and `{# #}` is left alone, except that
`{#TicketID#}` is the ticket number in braces; a mask inside an attribute (`href="#URL#"`) is plain text. The prompt of the
rating links is the author's own and may hold tags.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mailgate.mail.fold import fold

MOST_RECENT = 50


@dataclass(frozen=True, slots=True)
class Mask:
    """A mask: its name as people write it, the seed's Turkish spellings, and the templates it works in (all, if none)."""

    name: str
    turkish: tuple[str, ...] = ()
    only_in: tuple[str, ...] = ()


MASKS = (
    Mask("What_Happened"),
    Mask("What_Happened_Short"),
    Mask("Category", ("Kategori",)),
    Mask("Subject", ("Konu",)),
    Mask("Priority", ("Öncelik",)),
    Mask("Status", ("Durum",)),
    Mask("Body", ("Gövde",)),
    Mask("TicketID"),
    Mask("Via"),
    Mask("From"),
    Mask("FromEmail"),
    Mask("FirstName"),
    Mask("LastName", ("Soyadı",)),
    Mask("UserName"),
    Mask("Company", ("Şirket",)),
    Mask("Department", ("Departman",)),
    Mask("Location"),
    Mask("Originator"),
    Mask("URL"),
    Mask("Recipients", ("Alıcılar",)),
    Mask("Recent_messages", ("Son_mesajlar",)),
    Mask("Most_recent_message"),
    Mask("Custom_Fields"),
    Mask("Attachments", ("Ekler",)),
    Mask("Recent_Attachments", (), ("new_ticket", "updated")),
    Mask("Technician", ("Teknisyen",)),
    Mask("TechnicianEmail"),
    Mask("Date", ("Tarih",)),
    Mask("DueDate"),
    Mask("TimeSpent", ("HarcananZaman",)),
    Mask("Suggested_KB_articles"),
    Mask("Subscribers", ("Aboneler",)),
    Mask("SubscribersEmails"),
    Mask("NonTechSubscribers"),
    Mask("RatingLinks", (), ("closed",)),
    Mask("Unsubscribe", ("Abonelikten çık",)),
)
WELCOME_MASKS = ("UserName", "URL")

_JINJA = r"\{\{.*?\}\}|\{%.*?%\}"
_BRACED = r"\{#(?P<braced>[^#{}\r\n]{1,60})#\}"
_CANDIDATE = r"#(?P<name>[^#{}<>\r\n]{1,200}?)#"
# The prompt of the rating links may hold tags, and in them colours; `&#252;` is a letter.
_PROMPT = r"(?:[^<>#{}]|&#\w{1,8};|<[^<>{}]{0,300}>){0,300}?"
_RATING_TOKEN = rf"#\s{{0,9}}(?i:ratinglinks)\s{{0,9}}\((?P<prompt>{_PROMPT})\)\s{{0,9}}#"
_TOKEN = re.compile(rf"(?P<jinja>{_JINJA})|{_BRACED}|(?P<comment>\{{#.*?#\}})|{_RATING_TOKEN}|{_CANDIDATE}", re.DOTALL)
_WELCOME = re.compile(
    rf"(?P<jinja>{_JINJA}|\{{#.*?#\}})|#(?P<name>username|url)(?![^\W_])#?", re.DOTALL | re.IGNORECASE
)
_IN_ATTRIBUTE = re.compile(r"=\s{0,9}(?:\"[^\"<>]*|'[^'<>]*)\Z")
_RECENT = re.compile(r"(\d{1,4})(?:recent_messages|son_mesajlar)")
_FIELD = re.compile(r"cf_(value_)?(\d{1,15})")
_RATING = re.compile(r"\s*ratinglinks\s*\((.{0,150})\)\s*", re.IGNORECASE | re.DOTALL)
_LOOKS_LIKE_ONE = re.compile(r"[^\W\d_][\w ()]{2,60}|\d+[^\W\d_]\w{3,40}")


def to_jinja(source: str, template: str) -> str:
    """Jinja source with every known mask as an expression."""
    if template == "welcome":
        return _WELCOME.sub(_welcome, source)
    pieces: list[str] = []
    position = 0
    while found := _TOKEN.search(source, position):
        pieces.append(source[position : found.start()])
        position = found.end()
        braced, name, prompt = found.group("braced", "name", "prompt")
        expression = expression_of(braced or name or "", template) if braced or name else None
        if prompt is not None:
            expression = _call("RatingLinks", template, False, prompt)
        if expression is None and name is not None:
            pieces.append("#")  # no mask: its closing # may open the next one
            position = found.start() + 1
        elif expression is None:
            pieces.append(found.group())
        elif _IN_ATTRIBUTE.search(source, max(0, found.start() - 2000), found.start()):
            pieces.append(expression.replace("mail.mask(", "mail.attribute(", 1))
        else:
            pieces.append(f"{{{{ '{{' }}}}{expression}{{{{ '}}' }}}}" if braced else expression)
    pieces.append(source[position:])
    return "".join(pieces)


def unknown(source: str, template: str) -> Iterator[tuple[int, str]]:
    """(line, mask) of what looks like a mask and is none, or does not work in this template."""
    if template == "welcome":
        source = _WELCOME.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), source)
    position = 0
    while found := _TOKEN.search(source, position):
        position = found.end()
        name = found.group("name") or found.group("braced")
        if found.group("prompt") is not None:
            name = "RatingLinks"
        if name is None:
            continue
        known = expression_of(name, template, anywhere=True) is not None
        works = template != "welcome" and expression_of(name, template) not in (None, "")
        if not works and (known or _looks_like_one(name)):
            yield source.count("\n", 0, found.start()) + 1, f"#{name}#"
        if not known and found.group("name") is not None:
            position = found.start() + 1


@lru_cache(maxsize=2048)
def expression_of(name: str, template: str, anywhere: bool = False) -> str | None:
    """The Jinja expression for a mask; None where it is none, "" where it does not work in this template."""
    rating = _RATING.fullmatch(name)
    name = html.unescape(name)
    if rating:
        return _call("RatingLinks", template, anywhere, rating.group(1))
    folded = "_".join(fold(name).split())
    recent = _RECENT.fullmatch(folded)
    if recent:
        return f"{{{{ mail.mask('Recent_messages', {min(int(recent.group(1)), MOST_RECENT)}) }}}}"
    custom = _FIELD.fullmatch(folded)
    if custom:
        return f"{{{{ mail.mask('CF', {int(custom.group(2))}, {bool(custom.group(1))}) }}}}"
    mask = _BY_NAME.get(folded)
    return None if mask is None else _call(mask.name, template, anywhere)


def _call(name: str, template: str, anywhere: bool, argument: str | None = None) -> str:
    mask = _BY_NAME[fold(name)]
    if mask.only_in and template not in mask.only_in and not anywhere:
        return ""
    given = "" if argument is None else f", {_literal(argument)}"
    return f"{{{{ mail.mask('{mask.name}'{given}) }}}}"


def _literal(text: str) -> str:
    """A string literal of Jinja that holds nothing which could end it."""
    return (
        "'"
        + "".join(
            c if c.isalnum() or c in " ,.!?-" else f"\\u{ord(c):04x}" if ord(c) < 65536 else f"\\U{ord(c):08x}"
            for c in text
        )
        + "'"
    )


def _welcome(found: re.Match[str]) -> str:
    name = found.group("name")
    if name is None:
        return found.group()
    return "{{ mail.mask('UserName') }}" if name.lower() == "username" else "{{ mail.mask('URL') }}"


def _looks_like_one(name: str) -> bool:
    """Not a colour (#fff; ... #) and not two unrelated # in one line."""
    return _LOOKS_LIKE_ONE.fullmatch(name) is not None and not re.fullmatch(r"[0-9a-fA-F]{3}|[0-9a-fA-F]{6}", name)


_BY_NAME = {"_".join(fold(name).split()): mask for mask in MASKS for name in (mask.name, *mask.turkish)}
