"""Header fields of outgoing mail: encoded, folded, and never more than one field each.

Takes Unicode from anywhere; gives ASCII bytes of whole fields with CRLF at their end. Promises: no value can end its
field (CR, LF and other controls become spaces); lines are at most 78 characters where words allow it and never more than
998; encoded-words are at most 75; message ids and links are folded between tokens only and never encoded, because that
breaks threads and unsubscribing; linear in the length of the value, which is bounded.
Standards: RFC 5322 section 2.2.3 (folding), RFC 2047 (encoded-words), RFC 2231 (parameters), RFC 5890 (IDNA),
RFC 6532 (a local part outside ASCII stays UTF-8, for SMTPUTF8).
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from mailgate.mail.message import Address

LINE = 78
_LONGEST_VALUE = 2000
_LONGEST_TOKEN = 900
_WORD_BYTES = 45  # 45 bytes are 60 characters of base64: with "=?utf-8?b?" and "?=" 72
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a0-\U0010ffff-]+"
_DOT_ATOM = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*")
_QUOTED = re.compile(r'"(?:[^"\\\r\n]|\\[^\r\n])*"')
_DOMAIN = re.compile(r"[A-Za-z0-9._-]+|\[[A-Za-z0-9.:]+\]")
_TOKEN = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]+>")
_PARAMETER = re.compile(r"[A-Za-z0-9 ._()+,=@!&#$/-]{1,60}")
_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


def one_line(value: str) -> str:
    """The value in one line: runs of controls, line ends and lone surrogates become one space."""
    return _CONTROLS.sub(" ", value[: 2 * _LONGEST_VALUE]).strip()[:_LONGEST_VALUE]


def text_field(name: str, value: str) -> bytes:
    """An unstructured field such as Subject."""
    value = one_line(value)
    if value.isascii() and "=?" not in value:
        lines = _folded(name, value)
        if lines is not None:
            return lines
    return _field(name, _encoded_words(value, len(name) + 2), " ")


def token_field(name: str, tokens: Iterable[str], separator: str = " ") -> bytes:
    """Message ids or links in angle brackets, folded between them; one that is not plain ASCII is left out."""
    kept = [token for token in tokens if len(token) <= _LONGEST_TOKEN and _TOKEN.fullmatch(token) and "=?" not in token]
    return _field(name, [*(token + separator.rstrip() for token in kept[:-1]), *kept[-1:]], " ") if kept else b""


def address_field(name: str, addresses: Sequence[Address]) -> bytes:
    """From, To, Cc or Reply-To; empty where no address can be written."""
    words: list[str] = []
    for address in addresses:
        spec = wire_address(address.address)
        if spec is not None:
            phrase = _phrase(address.name)
            words.extend([*phrase, f"<{spec}>," if phrase else f"{spec},"])
    if not words:
        return b""
    words[-1] = words[-1].rstrip(",")
    return _field(name, words, " ")


def parameters_field(name: str, value: str, parameters: Sequence[tuple[str, str]]) -> bytes:
    """A field with parameters, such as Content-Type: each on its own line, RFC 2231 where it is not plain ASCII."""
    parts = [value]
    for key, text in parameters:
        text = one_line(text)
        if _PARAMETER.fullmatch(text):
            parts.append(f'{key}="{text}"')
        else:
            parts.extend(_extended(key, text))
    return (f"{name}: " + ";\r\n ".join(parts) + "\r\n").encode("ascii")


def content_type(value: str) -> str:
    """A media type that is safe in a field and may be base64: RFC 2046 allows that to no message/* or multipart/*."""
    lowered = value.strip().lower()
    composite = lowered.startswith(("message/", "multipart/"))
    return lowered if _CONTENT_TYPE.fullmatch(lowered) and not composite else "application/octet-stream"


def wire_address(address: str) -> str | None:
    """The address as it goes over the wire, its domain in ASCII (IDNA); None where it is no address."""
    local_part, at, domain = address.strip().rpartition("@")
    if not at or not local_part or len(address) > 320 or _CONTROLS.search(address):
        return None
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    if not _DOMAIN.fullmatch(domain):
        return None
    if _DOT_ATOM.fullmatch(local_part) or _QUOTED.fullmatch(local_part):
        return f"{unicodedata.normalize('NFC', local_part)}@{domain}"
    if "<" in local_part or ">" in local_part:
        return None
    escaped = local_part.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"@{domain}'


def _phrase(name: str) -> list[str]:
    """A display name as words that may stand before an address, each at most 75 characters."""
    name = " ".join(one_line(name).split())[:200]
    if not name:
        return []
    if name.isascii() and "=?" not in name:
        if _ATOMS.fullmatch(name):
            return name.split(" ")
        quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if len(quoted) <= LINE - 10:
            return [quoted]
    return _encoded_words(name, 10)


def _encoded_words(value: str, used: int) -> list[str]:
    """RFC 2047 section 2, base64; a character is never divided. The first word is shorter by what is `used`."""
    words: list[str] = []
    room = max(15, _WORD_BYTES - used)
    piece = bytearray()
    for char in value.encode("utf-8", "replace").decode("utf-8"):
        data = char.encode("utf-8")
        if len(piece) + len(data) > room:
            words.append(_encoded_word(bytes(piece)))
            piece, room = bytearray(), _WORD_BYTES
        piece += data
    if piece:
        words.append(_encoded_word(bytes(piece)))
    return words


def _encoded_word(data: bytes) -> str:
    return f"=?utf-8?b?{binascii.b2a_base64(data, newline=False).decode('ascii')}?="


def _folded(name: str, value: str) -> bytes | None:
    """The field with its own spaces kept, folded before them; None where a word is too long for a line."""
    lines: list[str] = []
    line = f"{name}:"
    for word in re.findall(r" +[^ ]+| ", f" {value}"):
        if len(line) + len(word) > LINE and line.strip(" "):
            lines.append(line)
            line = ""
        line += word
        if len(line) > 990:
            return None
    lines.append(line)
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _field(name: str, words: Sequence[str], separator: str) -> bytes:
    lines: list[str] = []
    line = f"{name}:"
    for word in words:
        if len(line) + 1 + len(word) > LINE and line != f"{name}:":
            lines.append(line)
            line = ""
        line += separator + word
    lines.append(line)
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")


def _extended(key: str, text: str) -> list[str]:
    """RFC 2231 sections 3 and 4: percent-encoded UTF-8, continued over lines where it is long."""
    encoded = quote(text.encode("utf-8", "replace"), safe="!#$&+-.^_`|~")
    if len(encoded) <= 60:
        return [f"{key}*=utf-8''{encoded}"]
    pieces, rest = [], encoded
    while rest:
        cut = 55
        while rest[cut - 2 : cut].find("%") >= 0 and cut < len(rest):  # never inside %XX
            cut -= 1
        pieces.append(rest[:cut])
        rest = rest[cut:]
    first, *others = pieces
    return [f"{key}*0*=utf-8''{first}", *(f"{key}*{n}*={piece}" for n, piece in enumerate(others, 1))]
