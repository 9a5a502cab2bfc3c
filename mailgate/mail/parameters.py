"""The parameters of Content-Type and Content-Disposition.

Takes the raw value of a field; gives its first word, lower-cased, and the decoded parameters.
Promises: never raises; linear; at most 16 KB of a value and 300 parameters are read.
Standards: RFC 2045 section 5.1, RFC 2183, RFC 2231 (continuations, charsets, also split inside a character); names
encoded by RFC 2047 against its section 5 are decoded, as every mail program does.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from mailgate.mail.charset import decode_bytes
from mailgate.mail.header import decode_text

_LIMIT = 16 * 1024
_MOST = 300
_PARAMETER = re.compile(rb"(?:;\s*+|(?<!\s)\s++)([^\s=;\"]++)\s*+=\s*+(\"(?:[^\"\\]|\\.)*+\"|[^;]*+)", re.DOTALL)
_SIMPLE = re.compile(
    rb"([A-Za-z0-9!#$&^_.+-]++/[A-Za-z0-9!#$&^_.+-]++)(?:\s*+;\s*+([A-Za-z-]++)=\"?+([^\s\";*\\%]++)\"?+)?\s*+;?\Z"
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_EXTENDED = re.compile(
    rb"(utf-?8|iso-8859-\d{1,2}|windows-125\d)'[A-Za-z-]{0,20}'(\S*%[0-9A-Fa-f]{2}\S*)\Z", re.IGNORECASE
)
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?\Z")


def read_parameters(raw: bytes, hint: str | None = None) -> tuple[str, dict[str, str]]:
    """The value before the first `;` in lower case ("" where there is none), and the parameters by lower-case name.

    `hint` is the charset of the message's text, for values in raw 8-bit letters.
    """
    simple = _SIMPLE.match(raw)
    if simple is not None and raw.isascii() and b"=?" not in raw and b"\x1b" not in raw:
        kind, name, value = simple.groups()
        parameters = {name.decode("ascii").lower(): value.decode("ascii")} if name else {}
        return kind.decode("ascii").lower(), parameters
    raw = raw[:_LIMIT]
    first, _, _ = raw.partition(b";")
    kind_text = decode_text(first).strip().strip("\"'").lower()
    if "=" in kind_text and "/" not in kind_text.partition("=")[0]:
        kind_text, raw = "", b";" + raw
    kind_text = kind_text.split()[0].rstrip(",:") if kind_text.split() else ""
    return kind_text, _collect(raw, hint)


def _collect(raw: bytes, hint: str | None) -> dict[str, str]:
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[bytes, bool]]] = {}
    for count, found in enumerate(_PARAMETER.finditer(raw)):
        if count >= _MOST:
            break
        key = found.group(1).decode("latin-1").lower()
        value = _unquote(found.group(2))
        parts = _SECTION.match(key)
        if parts is None or (parts.group(2) is None and parts.group(3) is None):
            plain.setdefault(key, _decode_extended(value) or decode_text(value, hint))
        else:
            number, encoded = int(parts.group(2) or 0), parts.group(3) is not None
            sections.setdefault(parts.group(1), {}).setdefault(number, (value, encoded))
    for key, numbered in sections.items():
        joined = _join_sections(numbered)
        if joined:
            plain[key] = joined  # RFC 2231's form wins over the plain one, RFC 6266 section 4.3 says the same
    return plain


def _decode_extended(value: bytes) -> str | None:
    """RFC 2231's form under a name without its star: `filename="utf-8''%C3%9C.pdf"`."""
    found = _EXTENDED.match(value)
    return decode_bytes(unquote_to_bytes(found.group(2)), found.group(1).decode("ascii"))[0] if found else None


def _unquote(value: bytes) -> bytes:
    value = value.strip()
    if value[:1] == b'"':
        value = value[1:-1] if len(value) > 1 and value.endswith(b'"') else value[1:]
        # A backslash before a letter is a Windows path that nobody escaped, not an escape.
        return _ESCAPED.sub(lambda found: found.group(1) if found.group(1) in b'"\\' else found.group(), value)
    return value.strip(b"'") if value[:1] == b"'" == value[-1:] else value


def _join_sections(numbered: dict[int, tuple[bytes, bool]]) -> str:
    charset: str | None = None
    data: list[bytes] = []
    any_encoded = False
    for position, number in enumerate(sorted(numbered)):
        value, encoded = numbered[number]
        if position == 0 and encoded and value.count(b"'") >= 2:
            label, _, rest = value.partition(b"'")
            charset = label.decode("latin-1").strip() or None
            value = rest.partition(b"'")[2]
        if encoded:
            any_encoded = True
            value = unquote_to_bytes(value)
        data.append(value)
    whole = b"".join(data)
    if b"=?" in whole and (not any_encoded or whole.startswith(b"=?")):
        return decode_text(whole)  # encoded words cut into sections, or marked as encoded once more
    return decode_bytes(whole, charset)[0]
