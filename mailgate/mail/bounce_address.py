"""Addresses as mail programs write them in reports: found in a line of text, or read from a DSN field.

Takes text of strangers; gives `local@domain` with the domain lower-cased, or None.
Promises: never raises; every pattern is linear (a match starts only where a word starts, lengths are bounded).
Standards: RFC 5321 section 4.1.2 (mailbox, source routes), RFC 3464 section 2.1.2 (address type), RFC 6533 (utf-8).
"""

from __future__ import annotations

import re

# Han, kana and Hangul are left out: in running text they stand beside an address without a space
_ATOM = r"A-Za-z0-9\u00c0-\u1fff!#$%&'*+/=?^_{|}~."
_HOST = r"A-Za-z0-9\u00c0-\u1fff"
ADDRESS = (
    rf"(?:(?<![{_ATOM}\-])[{_ATOM}\-]{{1,256}}|\"[^\"\s@]{{1,64}}(?: [^\"\s@]{{1,64}})?\")"
    rf"@[{_HOST}](?:[{_HOST}_\-]{{0,62}}\.){{1,12}}[{_HOST}](?:[{_HOST}\-]{{0,60}}[{_HOST}])?"
)
_FIND = re.compile(ADDRESS)
_ALONE = re.compile(r"(?<![^\s<>()\[\],;:\"])[^\s<>()\[\],;:\"@]{1,256}@[^\s<>()\[\],;:\"@]{3,255}")
# In brackets an address ends where they do, so that it may be of any script (RFC 6531).
_BRACKETED = re.compile(r"(?<=<)[^\s<>@\"]{0,128}[\u1fff-\U0010ffff][^\s<>@\"]{0,127}@[^\s<>@\"]{3,255}(?=>)")
_TYPE = re.compile(
    r"^[\s<]*(?:rfc-?822|utf-?8|smtp|x400|unknown|internet|local|x-[\w-]{1,30}|[a-z-]{2,20})\s*[;:]", re.I
)
_KEY = re.compile(r"^(?:.{0,200}[?&])?(?:user|rcpt|to|recipient|address|addr|email|mail|mailbox|orcpt|account)=", re.I)
_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_LOCAL = re.compile(
    rf"(?<![{_ATOM}\-])([{_ATOM}\-]{{1,256}})@([{_HOST}\-]{{1,63}}|\[[0-9A-Fa-f:.IPv]{{3,50}}\])(?=[\s>;,)]|$)"
)
# words that stand directly before an address and are no part of it
_STUCK = ("mailto:", "smtp:", "rfc822;", "to:")


def find_addresses(line: str) -> list[tuple[str, int, int]]:
    """Every address of the line with the places where it begins and ends."""
    if "@" not in line:
        return []
    found = []
    international = () if line.isascii() else _BRACKETED.finditer(line)
    for match in (*_FIND.finditer(line), *international):
        address = tidy(match.group())
        if address is not None:
            found.append((address, match.start(), match.end()))
    return found


def tidy(text: str) -> str | None:
    """The address without what writers stick to it (quotes, dots, `mailto:`); None where it is none."""
    text = _KEY.sub("", text.strip().strip("'.").lstrip("=*|/"), count=1)
    local, at, domain = text.rpartition("@")
    if not at or not local or "." not in domain or len(text) > 320:
        return None
    return f"{local.strip(chr(39)) or local}@{domain.rstrip('.').lower()}"


def field_address(value: str) -> str | None:
    """The address in the value of Final-Recipient and its kin: `type; address`, with or without the type."""
    text = _UNICODE.sub(_code_point, value[:2048]).replace("\x00", "")
    text = _TYPE.sub("", text, count=1).strip()
    if "@" not in text and "+40" in text:
        text = _XTEXT.sub(lambda found: chr(int(found.group(1), 16)), text)
    if text.startswith(("@", "<@")) and ":" in text:
        text = text.partition(":")[2]
    for word in _STUCK:
        text = text.replace(word, " ").replace(word.upper(), " ")
    found = find_addresses(text)
    if found and text.isascii():
        return found[0][0]
    alone = _ALONE.search(text)
    return (tidy(alone.group()) if alone else None) or _local_address(text)


def _local_address(text: str) -> str | None:
    """An address whose domain has no dot, or is a literal in brackets (RFC 5321 section 4.1.3)."""
    found = _LOCAL.search(text)
    return f"{found.group(1)}@{found.group(2).lower()}" if found else None


def _code_point(found: re.Match[str]) -> str:
    number = int(found.group(1), 16)
    return chr(number) if 0x20 <= number < 0x110000 and not 0xD800 <= number < 0xE000 else ""
