"""Who stands in a header line that a mail program wrote into a body: `Name <a@b>` in all the shapes programs give it.

Takes the value of a From, To or Cc line of a forwarded block; gives `Address`es in order. Promises: linear time, never
raises, at most 500 people; an address has a local part, an "@" and a domain that could exist; Exchange's legacy names
(`/O=EXCHANGELABS/...`) and Notes names (`Jane Doe/ACME@ACME`) are not addresses.
Standards: RFC 5322 section 3.4 as a model; the shapes themselves are habits of programs, not standards.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from mailgate.mail.mail_words import INVISIBLE
from mailgate.mail.message import Address

VALUE_LENGTH = 20_000
PEOPLE = 500
_LOCAL = re.compile(r"[^\s<>()\[\]\"“”„«»,;:|\\@]{1,64}\Z")
_DOMAIN = re.compile(
    r"(?:[^\W_](?:[\w-]{0,62}\.)){1,20}[^\W\d_][\w-]{0,62}|localhost|\[[0-9a-fA-F:.]{3,50}\]", re.ASCII | re.I
)
_DOMAIN_IDN = re.compile(r"(?:[^\W_](?:[\w-]{0,62}[.。])){1,20}[^\W\d_][\w-]{0,62}")
_COMMENT = re.compile(r"\s{0,3}\(([^()@]{2,80})\)")
_CLOSE = " \t>)]'\"*|_"
_BEHALF = re.compile(
    r"\b(?:on behalf of|im auftrag von|de la part de|en nombre de|em nome de|per conto di|namens|w imieniu|adına|"
    r"от имени|från på uppdrag av|på vegne af|på vegne av)\b",
    re.I,
)
_QUOTES = "\"'“”„«»‘’‚`´"


def read_people(value: str) -> list[Address]:
    """The people named in a header line's value who have an address; an address shown twice in a row counts once."""
    value = INVISIBLE.sub("", value[:VALUE_LENGTH]).replace("\u00a0", " ").replace("＜", "<").replace("＞", ">")
    value = value.replace("＠", "@")
    if "%3C" in value or "%3c" in value:  # `mailto:Jane%20Doe%20%3Cjane@example.com%3E`
        value = unquote(value)
    people: list[Address] = []
    seen_to = 0
    for start, end, address in _addresses(value):
        gap = value[seen_to:start]
        if people and people[-1].address.lower() == address.lower() and not _separated(gap):
            seen_to = _skip_close(value, end)
            continue
        name = _name_of(gap)
        seen_to = _skip_close(value, end)
        if not name:
            name, seen_to = _name_after(value, seen_to, start)
        people.append(Address("" if name.lower() == address.lower() else name, address))
        if len(people) >= PEOPLE:
            break
    return people


def first_person(value: str) -> tuple[str, Address | None]:
    """The author in a From line: the name as it stands, and the address where there is one.

    "On Behalf Of" names the real author behind the mailbox; he is taken where his address is there too.
    """
    behalf = _BEHALF.search(value[:VALUE_LENGTH])
    if behalf:
        authors = read_people(value[behalf.end() :])
        if authors:
            return authors[0].name, authors[0]
        people = read_people(value[: behalf.start()])
        name = _name_of(value[behalf.end() :].rstrip(" ]>"))
        if people and name:
            return name, Address(name, people[0].address)
        return (people[0].name, people[0]) if people else (name, None)
    people = read_people(value)
    real = _in_brackets(value) if len(people) > 1 else None
    if real is not None:
        return real.name, real
    if people:
        return people[0].name, people[0]
    return _name_of(re.split(r"[<\[(]", value[:1000], maxsplit=1)[0]), None


def _in_brackets(value: str) -> Address | None:
    """The author where the display name is an address too: `"jane@example.com" <forms@example.net>`."""
    before, bracket, rest = value[:VALUE_LENGTH].rpartition("<")
    if not bracket or not rest.rstrip().endswith(">") or "," in before or ";" in before or "<" in before:
        return None
    people = read_people(f"<{rest}")
    names = read_people(before)
    if len(people) != 1 or not names or names[0].address.lower() == people[0].address.lower():
        return None
    return Address(_name_of(before), people[0].address)


def _addresses(value: str) -> list[tuple[int, int, str]]:
    """(start, end, address) of each addr-spec: the neighbourhood of every "@" is looked at once, so time is linear."""
    found: list[tuple[int, int, str]] = []
    at = value.find("@")
    past = 0
    while at >= 0 and len(found) < 2 * PEOPLE:
        floor = max(past, at - 64)
        index = at
        while index > floor and _LOCAL.match(value[index - 1]):
            index -= 1
        local = value[index:at].lstrip("'*=.`‘").replace("%20", "")
        tail = value[at + 1 : at + 256]
        domain = _domain(tail)
        end = at + 1 + domain.end() if domain else at + 1
        foreign = value[end : end + 1] in ("/", "@", "=") or local.startswith("/")
        if local and domain and not foreign:
            clean = (
                unquote(local)
                if "%" in local and value[max(0, at - len(local) - 7) :].lower().startswith("mailto:")
                else local
            )
            found.append((at - len(local), end, f"{clean}@{domain.group().lower().replace('。', '.')}"))
            past = end
        at = value.find("@", end)
    return found


def _domain(tail: str) -> re.Match[str] | None:
    """ASCII first: Chinese text may follow an address without a space; letters like ö belong to the domain."""
    domain = _DOMAIN.match(tail)
    follower = tail[domain.end() : domain.end() + 1] if domain else "a"
    return _DOMAIN_IDN.match(tail) if follower.isalpha() and (not domain or follower < "\u2e80") else domain


def _separated(gap: str) -> bool:
    return "," in gap or ";" in gap


def _skip_close(value: str, index: int) -> int:
    """Past the brackets and quotes that close an address (a link's query string too)."""
    if value[index : index + 1] == "?":
        stop = value.find(">", index, index + 500)
        index = stop if stop >= 0 else index
    while index < len(value) and value[index] in _CLOSE:
        index += 1
    return index


def _name_of(gap: str) -> str:
    """The display name in the text between two addresses."""
    gap = _strip_open(gap).strip(" \t,;|")
    cut = gap.rfind(";")
    if cut >= 0:
        gap = gap[cut + 1 :]
    name = " ".join(gap.replace("\\", "").split()).strip(" \t*,;|<>([")
    name = name.partition(" <")[0] or name
    name = name.removesuffix("]").strip() if name.endswith("]") and "[" not in name else name
    if len(name) > 1 and name[0] in _QUOTES and name[-1] in _QUOTES:
        name = name[1:-1].strip()
    elif name[:1] in '"“„«' or name[-1:] in '"”»':
        name = name.strip('"“”„«»').strip()
    name = name[:200].strip("*_ ")
    return name if name.strip(_QUOTES + ".-") else ""


def _strip_open(gap: str) -> str:
    """Without what opens an address at the end: spaces, brackets, quotes, `mailto:`."""
    while gap:
        low = gap[-8:].lower()
        if low.endswith("mailto:"):
            gap = gap[:-7]
        elif low.endswith("nternet:"):  # CompuServe: "Jane Doe, INTERNET:jane@example.com"
            gap = gap[:-9].rstrip(" ,")
        elif low.endswith("smtp:"):
            gap = gap[:-5]
        elif gap[-1] in " \t<([|":
            gap = gap[:-1]
        else:
            break
    return gap


def _name_after(value: str, index: int, start: int) -> tuple[str, int]:
    """`<a@b> Name`: a name that follows its address, up to the next separator; `a@b (Name)`, as RFC 822 had it."""
    comment = _COMMENT.match(value, index)
    if comment:
        return _name_of(comment.group(1)), comment.end()
    if value[max(0, start - 1) : start] != "<":
        return "", index
    stop = len(value)
    for mark in ",;@<([":
        position = value.find(mark, index)
        if position >= 0:
            stop = min(stop, position)
    if value[stop : stop + 1] in ("@", "<", "(", "["):
        return "", index
    name = _name_of(value[index:stop])
    return (name, stop) if name and any(char.isalpha() for char in name) else ("", index)
