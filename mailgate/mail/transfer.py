"""Content-Transfer-Encoding undone, also where it is not what it says.

Takes the raw message, the span of a body and the encoding's name; gives the bytes and a fault or None.
Promises: never raises; linear; large bodies are decoded from a view, without a copy of what is encoded.
Standards: RFC 2045 section 6; uuencode as POSIX describes it.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_ALPHABET = bytes(set(range(256)) - set(_ALPHABET))
_SAMPLE = 4096
_MOST_PIECES = 10_000
_SOFT_BREAK = re.compile(rb"=[ \t]++(?=\r?\n|\Z)")
_NO_WORD = re.compile(r"[^a-z0-9]+")
_KINDS = {
    **dict.fromkeys(("", "7bit", "8bit", "7bits", "8bits", "binary", "none", "unencoded"), "identity"),
    **dict.fromkeys(("base64", "b", "b64", "mimebase64"), "base64"),
    **dict.fromkeys(("quotedprintable", "quotedprintables", "quoteprintable", "quotedprintible", "q", "qp"), "quoted"),
    **dict.fromkeys(("uuencode", "uue", "uuencoded"), "uuencode"),
}
"""Encodings by their names without signs: `Quoted_Printable`, `base-64` and `x-uue` are what they seem."""
_WORD = re.compile(rb"[A-Z]?[a-z]{2,40}\s*")
_TOP, _TAIL = 400, 1024
_ENCODED_LINES = re.compile(rb"(?:[ \t]*+(?:[A-Za-z0-9+/]++=*+[ \t\r]*+)?\n)++")
_LONG_LINE = re.compile(rb"(?m)^[A-Za-z0-9+/]{60,}+={0,2}\r?$")
_FIRST_LINE = re.compile(rb"\s*+(?:[A-Za-z0-9+/]{40}|[A-Za-z0-9+/]{4,38}=)")
_UU_BEGIN = re.compile(rb"(?m)^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,300})\r?\n")


def decode_body(raw: bytes, start: int, end: int, encoding: str) -> tuple[bytes, str | None]:
    """The decoded bytes of a body; unknown encodings are left as they are."""
    kind = _KINDS.get(encoding) or _KINDS.get(_NO_WORD.sub("", encoding).removeprefix("x"))
    if kind == "identity":
        return raw[start:end], None
    if kind == "base64":
        return _decode_base64(raw, start, end)
    if kind == "quoted":
        return _decode_quoted(raw, start, end)
    if kind == "uuencode":
        found = next(iter(find_uuencoded(raw[start:end])), None)
        return (found[3], None) if found else (raw[start:end], "uuencode without a begin line")
    return raw[start:end], f"transfer encoding {encoding[:40]!r}"


def _decode_base64(raw: bytes, start: int, end: int) -> tuple[bytes, str | None]:
    if raw[start : min(end, start + _TOP)].translate(None, _ALPHABET + b"= \t\r\n"):
        below = _below_banner(raw, start, end)
        if below is not None:
            return _decode_base64(raw, below, end)[0], "text before base64"
    if raw[max(start, end - _TAIL) : end].translate(None, _ALPHABET + b"= \t\r\n"):
        footed = _before_footer(raw, start, end)
        if footed is not None:
            return _decode_base64(footed, 0, len(footed))[0], "text after base64"
    padding = raw.find(b"=", start, end)
    if padding < 0 or not raw[padding:end].strip(b"= \t\r\n"):
        if _is_not_base64(raw[start : min(end, start + _SAMPLE)]):
            return raw[start:end], "labelled base64, is not"
        view = memoryview(raw)[start:end]
        try:
            return binascii.a2b_base64(view), None
        except binascii.Error:
            return decode_base64_leniently(bytes(view)), "broken base64"
    if not _ends_well(raw[start:padding], raw[padding : padding + 2].count(b"=")):
        if _is_not_base64(raw[start : min(end, start + _SAMPLE)]):
            return raw[start:end], "labelled base64, is not"
        return decode_base64_leniently(raw[start:end]), "broken base64"
    rest = raw[padding : min(end, padding + _SAMPLE)].lstrip(b"= \t\r\n")
    if _is_not_base64(rest, strict=True) or _WORD.fullmatch(rest):
        return decode_base64_leniently(raw[start:padding]), "text after base64"
    pieces = [decode_base64_leniently(piece) for piece in re.split(rb"=+", raw[start:end], maxsplit=_MOST_PIECES)]
    return b"".join(pieces), "padding inside base64"


def _below_banner(raw: bytes, start: int, end: int) -> int | None:
    """Where base64 begins below the words that a gateway wrote above it ("[EXTERNAL]"), or None."""
    first = _LONG_LINE.search(raw, start, min(end, start + _SAMPLE))
    if first is None or not raw[start : first.start()].strip():
        return None
    if not _is_not_base64(raw[start : first.start()].strip(), strict=True):
        return None
    lines = _ENCODED_LINES.match(raw, first.start(), end)
    whole = lines is not None and (not raw[lines.end() : end].strip() or lines.group().count(b"\n") > 2)
    return first.start() if whole else None


def _before_footer(raw: bytes, start: int, end: int) -> bytes | None:
    """What stands above a footer that a list or a scanner wrote below base64, without decoding it; None for no footer.

    The first line must be long enough for an encoder's, or padded; what is cut off must be text and leave no group open.
    """
    lines = _ENCODED_LINES.match(raw, start, end)
    if lines is None or not _FIRST_LINE.match(raw, start, lines.end()):
        return None
    if not _is_not_base64(raw[lines.end() : min(end, lines.end() + _SAMPLE)].strip(), strict=True):
        return None
    head = raw[start : lines.end()].rstrip()
    gap = max(head.rfind(b"\n\n"), head.rfind(b"\n\r\n"))
    if 0 <= len(head) - 40 < gap:
        head = head[:gap].rstrip()  # "Greetings", a word on a line of its own, belongs to the footer
    groups = len(head.translate(None, _NOT_ALPHABET)) + len(head) - len(head.rstrip(b"="))
    return head if groups % 4 == 0 else None


def _ends_well(encoded: bytes, padding: int) -> bool:
    """Whether what stands before the first padding is base64 with the right length for it."""
    return not _is_not_base64(encoded[:_SAMPLE]) and (len(encoded.translate(None, _NOT_ALPHABET)) + padding) % 4 == 0


def _is_not_base64(sample: bytes, strict: bool = False) -> bool:
    """Words with spaces and full stops: text that was labelled base64 and never encoded."""
    if not sample.strip():
        return False
    lines = sample.count(b"\n") + 1
    junk = len(sample.translate(None, _ALPHABET + b"= \t\r\n"))
    inner_spaces = sample.count(b" ") - sample.count(b"\n ") - sample.count(b" \r") - sample.count(b" \n")
    bound = 0 if strict else 2
    return junk * 20 > len(sample) or (inner_spaces > lines * bound and inner_spaces * 50 > len(sample))


def decode_base64_leniently(data: bytes) -> bytes:
    """What can be decoded when letters outside the alphabet, missing padding or a cut end are forgiven."""
    letters = data.translate(None, _NOT_ALPHABET)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _decode_quoted(raw: bytes, start: int, end: int) -> tuple[bytes, str | None]:
    data = raw[start:end]
    if b"= " in data or b"=\t" in data:
        data = _SOFT_BREAK.sub(b"=", data)
    return binascii.a2b_qp(data), None


def find_uuencoded(data: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """The uuencoded files in a text: start, end, name and bytes of each that is whole enough to be one."""
    position = 0
    for _ in range(_MOST_PIECES):
        found = _UU_BEGIN.search(data, position)
        if found is None:
            return
        decoded, finish = _decode_uu_lines(data, found.end(), found.group().startswith(b"begin-base64"))
        if decoded is not None:
            yield found.start(), finish, found.group(1).strip(), decoded
        # What began in between would meet the same end: going on from here keeps it linear.
        position = finish


def _decode_uu_lines(data: bytes, position: int, base64: bool) -> tuple[bytes | None, int]:
    pieces: list[bytes] = []
    while position < len(data):
        begun = position
        line_end = data.find(b"\n", position)
        next_line = len(data) if line_end < 0 else line_end + 1
        line = data[position:next_line].rstrip(b"\r\n")
        position = next_line
        if line == b"end" or (base64 and line == b"===="):
            return (b"".join(pieces) if pieces else None), position
        if base64:
            pieces.append(decode_base64_leniently(line))
            continue
        if line in {b"`", b"", b" "}:
            continue
        piece = _decode_uu_line(line)
        if piece is None:
            return None, begun
        pieces.append(piece)
    return None, position


def _decode_uu_line(line: bytes) -> bytes | None:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        length = (((line[0] - 32) & 63) * 4 + 5) // 3  # some encoders pad a line beyond its length
        if not length <= len(line) <= length + 2 or line[0] < 33:
            return None
        try:
            return binascii.a2b_uu(line[:length])
        except binascii.Error:
            return None
