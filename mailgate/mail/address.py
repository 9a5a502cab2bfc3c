"""Address lists as people and programs really write them, read so that no name can pass for an address.

Takes the raw value of From, To and their kin; gives `Address` items in order.
Promises: never raises; linear in the input; at most `most` addresses and 64 KB are read; an address is
`local@domain` with the domain lower-cased; structure comes from the raw characters, encoded words are decoded
afterwards (RFC 2047 section 5: they carry no syntax); what is ambiguous is no address (CVE-2023-27043).
Standards: RFC 5322 sections 3.4 and 4.4, RFC 6532 (UTF-8), RFC 5321 section 4.1.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailgate.mail.header import clean_line, decode_text, decode_unlabelled
from mailgate.mail.message import Address

_LIMIT = 64 * 1024
_SIMPLE = re.compile(r'(?:"([^"\\<>\n]*+)"|([^"<>@,;:()\\\[\]\n]*+))\s*+<([^\s<>@,;:()"\\\[\]]++@[A-Za-z0-9.-]++)>\Z')
_TOKEN = re.compile(r'[(),;:<"]|[^"(),;:<]++')
_QUOTED = re.compile(r'(?:[^"\\]|\\.)*+"', re.DOTALL)
_MOST_ITEMS = 5000
_LOCAL = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x20\x7f]{1,320}\Z")
_QUOTED_LOCAL = re.compile(r'"(?:[^"\\]|\\.)*+"\Z')
_DOMAIN = re.compile(r"(?:[^\s@<>()\[\],;:\\\"'/!#$%&*=?^`{|}~+\x00-\x20\x7f]{1,255}|\[[A-Za-z0-9.:]{1,60}\])\Z")
_ROUTE = re.compile(r"@[^:<>\s]++:")
_IN_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)
_COMMENT = re.compile(r"\s*+\([^()]*+\)\s*+")
_WHOLE_QUOTED = re.compile(r'"([^"\\@]++@[^"\\@]++)"\Z')
_ANGLE_STOP = re.compile(r"[,;<]|\Z")
_BRACKETS = re.compile(r"\A\[(?:mailto:)?([^\[\]]++)\]\Z")
"""`Alice Example [alice@example.org]`, as Outlook prints it."""
_SPECIALS = {",": "=2C", ";": "=3B", ":": "=3A", "(": "=28", ")": "=29"}
_ENCODED_NAME = re.compile(r'(=\?[A-Za-z0-9_.*-]{1,40}\?[Qq]\?)([^?<>@"\\\n]{1,300})(?=\?=)')
_CUT_NAME = re.compile(r'=\?[A-Za-z0-9_.*-]{1,40}\?[Qq]\?(?=[^?"\\\n]{0,300}[,;])[^?"\\\n]{0,300}@[^?"\\\n]{0,300}\?=')
_ALL_QUOTED = re.compile(r'"([^"\\]{1,1000})"\Z')
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


@dataclass(slots=True)
class _Mailbox:
    """One item of the list while it is read: words before the angle brackets, what is in them, comments."""

    words: list[str] = field(default_factory=list)
    angle: str | None = None
    comments: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    separator: str = ""

    @property
    def is_half_a_name(self) -> bool:
        return bool(self.words) and self.separator == "," and self.angle is None and "@" not in "".join(self.words)

    @property
    def empty(self) -> bool:
        return not self.words and self.angle is None and not self.comments


def read_addresses(raw: bytes | str, most: int = 500, hint: str | None = None) -> list[Address]:
    """The mailboxes of an address list; groups give their members; items without an address are left out.

    `hint` is the charset of the body, for names in raw 8-bit letters.
    """
    text = (_to_text(raw, hint) if isinstance(raw, bytes) else raw)[:_LIMIT].strip()
    simple = _SIMPLE.match(text)
    if simple is not None:
        quoted, plain, spec = simple.groups()
        address = clean_address(spec)
        if address is not None:
            return [Address(_decode_name(quoted if quoted is not None else plain), address)]
    if "=?" in text:
        text = _ENCODED_NAME.sub(_encode_specials, text)
    found: list[Address] = []
    before: list[str] = []  # "Doe" of an unquoted `Doe, John <john@example.org>`
    for mailbox in _split(text):
        address_item = _resolve(mailbox)
        if address_item is None:
            before = [*before[-2:], "".join(mailbox.words).strip()] if mailbox.is_half_a_name else []
            continue
        if before and mailbox.angle is not None and mailbox.words:
            address_item = Address(", ".join([*map(_decode_name, before), address_item.name]), address_item.address)
        before = []
        found.append(address_item)
        if len(found) >= most:
            break
    if not found and "=?" in text and "<" not in text and "@" not in text:
        # The whole field was encoded, brackets and all: wrong, and real. Only where nothing else could be read.
        decoded = decode_text(text.encode("utf-8", "replace"))
        if "=?" not in decoded and "@" in decoded:
            return read_addresses(decoded, most)
    if len(found) > 1 and "=?" in text and _CUT_NAME.search(text):
        return []  # `=?utf-8?Q?x,_bob@example.org,?= <eve@example.com>`: who decodes first finds another address
    quoted_whole = _ALL_QUOTED.match(text) if not found else None
    if (
        quoted_whole is not None and "@" in text
    ):  # `"Alice Example <alice@example.org>"`: here too nothing else is there
        inner = read_addresses(quoted_whole.group(1), most)
        return inner if len(inner) == 1 else []
    return found


def _encode_specials(word: re.Match[str]) -> str:
    """`=?utf-8?Q?Doe,_John?=` as it should have been written: a comma in an encoded word parts no addresses.

    Nothing with an @ or a bracket is touched, so that whoever cuts at the comma finds the same addresses.
    """
    opening, encoded = word.groups()
    return opening + "".join(_SPECIALS.get(char, char) for char in encoded)


def _to_text(raw: bytes, hint: str | None) -> str:
    return raw.decode("ascii") if raw.isascii() and b"\x1b" not in raw else decode_unlabelled(raw[:_LIMIT], hint)


def _split(text: str) -> list[_Mailbox]:
    """Cut at commas and semicolons that stand outside of quotes, comments and brackets."""
    mailboxes: list[_Mailbox] = []
    current = _Mailbox()
    position, end, match = 0, len(text), _TOKEN.match
    # What was once found to have no end has none further on either: looking again would make it quadratic.
    comments_close = angles_close = quotes_close = True
    while position < end and len(mailboxes) < _MOST_ITEMS:
        found = match(text, position)
        if found is None:  # cannot happen: the last alternative and `"` cover every character
            break
        sign = found.group()
        position = found.end()
        if sign == '"' and quotes_close:
            quoted = _QUOTED.match(text, position)
            quotes_close = quoted is not None
            if quoted is not None:
                sign += quoted.group()
                position = quoted.end()
        if sign in ",;":
            current.separator = sign
            mailboxes.append(current)
            current = _Mailbox()
        elif sign == ":":
            if current.angle is None and not any("@" in word or "[" in word for word in current.words):
                current.words.clear()  # the name of a group, or mailto:
            else:
                current.words.append(sign)
        elif sign == "(" and comments_close:
            close = _comment_end(text, position)
            comments_close = close >= 0
            if comments_close:
                if current.angle is None or not current.words:
                    current.comments.append(text[position:close])
                position = close + 1
        elif sign == "<":
            close = text.find(">", position) if angles_close else -1
            angles_close = close >= 0
            if not angles_close:
                close = _open_angle_end(text, position)
            if current.angle is not None:  # a comma is missing
                mailboxes.append(current)
                current = _Mailbox(words=current.after)
                mailboxes[-1].after = []
            current.angle = text[position:close]
            position = close + 1
        else:
            (current.words if current.angle is None else current.after).append(sign)
    mailboxes.append(current)
    return [mailbox for mailbox in mailboxes if not mailbox.empty]


def _comment_end(text: str, position: int) -> int:
    """Where the comment that began before `position` ends (they nest, RFC 5322 section 3.2.2), or -1."""
    depth = 1
    for found in _IN_COMMENT.finditer(text, position):
        sign = found.group()
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return found.start()
    return -1


def _open_angle_end(text: str, position: int) -> int:
    found = _ANGLE_STOP.search(text, position)
    return found.start() if found else len(text)


def _resolve(mailbox: _Mailbox) -> Address | None:
    phrase = "".join(mailbox.words).strip()
    if mailbox.angle is not None:
        address = clean_address(_COMMENT.sub("", mailbox.angle) if "(" in mailbox.angle else mailbox.angle)
        after = "".join(mailbox.after)
        if address is not None and "@" in after and clean_address(after) != address:
            return None  # `<alice@example.org>bob@example.com`: readers differ, so it is nobody's
        if address is not None:
            return Address(_name_of(mailbox), address)
        bare = clean_address(phrase) if "@" in phrase else None
        return Address(_comment_name(mailbox), bare) if bare is not None else None
    if "@" not in phrase:
        return None
    address = clean_address(phrase)
    if address is not None:
        return Address(_comment_name(mailbox), address)
    return _name_then_address(mailbox)


def _name_then_address(mailbox: _Mailbox) -> Address | None:
    """`Alice Example alice@example.org`, without brackets: the one word with an @ outside of quotes is the address."""
    if len(mailbox.words) > 1 and mailbox.words[0][:1] == '"' and not mailbox.words[1][:1].isspace():
        return None  # `"a@x.example"b@y.example` could be either
    words = [word for piece in mailbox.words for word in ([piece] if piece[:1] == '"' else piece.split())]
    candidates = [word for word in words if "@" in word and word[:1] != '"']
    address = clean_address(_BRACKETS.sub(r"\1", candidates[0])) if len(candidates) == 1 else None
    if address is None:
        return None
    name = [f"{word} " for word in words if word is not candidates[0]]
    return Address(
        _decode_phrase([piece[:-1] if piece[:1] == '"' else piece for piece in name]) or _comment_name(mailbox), address
    )


def _name_of(mailbox: _Mailbox) -> str:
    """The words before the brackets; a comment among them is what people meant as part of the name."""
    name = _decode_phrase(mailbox.words)
    if not name:
        return _comment_name(mailbox)
    return " ".join([name, *(f"({_decode_name(comment)})" for comment in mailbox.comments[:5])])


def clean_address(spec: str) -> str | None:
    """An addr-spec, with its domain lower-cased, or None where it is none or could be read in two ways."""
    spec = spec.strip().lstrip("<").rstrip(">").strip()
    if "@" not in spec:
        if "=?" not in spec:
            return None
        spec = decode_text(spec.encode("utf-8", "replace"))
    if spec[:1] == "@":  # obsolete source route, RFC 5322 section 4.4
        route = _ROUTE.match(spec)
        if route is None:
            return None
        spec = spec[route.end() :]
    if spec[:7].lower() == "mailto:":
        spec = spec[7:].partition("?")[0]
    if len(spec) > 1000:
        return None
    quoted = _WHOLE_QUOTED.match(spec)  # `<"alice@example.org">`, by programs that quote everything
    if quoted is not None:
        spec = quoted.group(1)
    if any(space in spec for space in " \t\n\r"):
        spec = "@".join(piece.strip() for piece in spec.split("@"))
    spec = spec.strip("'`,;") if not spec.startswith('"') else spec
    local, at, domain = spec.rpartition("@")
    if local[:1] == '"' and _LOCAL.match(local[1:-1]):
        local = local[1:-1]  # the same mailbox without its needless quotes, RFC 5321 section 4.1.2
    domain = domain.rstrip(".").strip("'").lower()
    if not at or not (_LOCAL.match(local) or _QUOTED_LOCAL.match(local)) or not _DOMAIN.match(domain):
        return None
    if ".." in domain or domain.startswith((".", "-")):
        return None
    address = f"{local}@{domain}"
    return address if address.isprintable() else None  # what cannot be seen is there to deceive


def _comment_name(mailbox: _Mailbox) -> str:
    return _decode_name(mailbox.comments[-1]) if mailbox.comments else ""


def _decode_phrase(words: list[str]) -> str:
    pieces = []
    for word in words:
        if len(word) > 1 and word[0] == '"' and word[-1] == '"':
            word = _QUOTED_PAIR.sub(r"\1", word[1:-1]) if "\\" in word else word[1:-1]
        pieces.append(word)
    return _decode_name("".join(pieces))


def _decode_name(name: str) -> str:
    name = name.strip()
    if "=?" in name:
        name = decode_text(name.encode("utf-8", "replace"))
    name = " ".join(clean_line(name).split())
    return _without_stray_quotes(name)[:1000] if '"' in name else name[:1000]


def _without_stray_quotes(name: str) -> str:
    """Quotes around the whole name go, and a single one that opens or closes nothing; `William "Bill"` keeps its own."""
    if name.count('"') == 1:
        return name.strip('"').strip()
    while len(name) > 1 and name[0] == name[-1] == '"' and '"' not in name[1:-1].strip('"'):
        name = name[1:-1].strip()
    return name.strip('"').strip() if not name.strip('" ') else name
