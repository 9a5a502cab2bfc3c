"""The header section: found, cut into fields and decoded, as it is and not as it should be.

Takes bytes; gives `Header`, decoded text and message identifiers.
Promises: never raises; linear in the input; decoded text has no line ends, no NUL and no lone surrogates.
Standards: RFC 5322 sections 2.2 and 3.6.4; RFC 2047 with the errors of real mail read leniently; RFC 2231 section 5.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from mailgate.mail.charset import codec_name, decode_bytes, decode_if_utf8, detect
from mailgate.mail.message import Header, HeaderField

_EMPTY_LINES = (b"\n\r\n", b"\n\n", b"\n\r\r\n")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_FIELD_LIMIT = 64 * 1024
"""Bytes kept of one field: a subject of a megabyte must not push out the fields that follow it."""
_FIELDS = re.compile(rb"([!-9;-~]{1,200})([ \t]*:)([^\n]*(?:\n[ \t][^\n]*)*)(\n|\Z)")
_LINE = re.compile(rb"[^\n]*(?:\n|\Z)")
_KNOWN = re.compile(
    rb"(?m)^(?:from|to|cc|subject|date|message-id|reply-to|mime-version|received|return-path|references|in-reply-to"
    rb"|content-[a-z-]{1,40}|x-[a-z0-9-]{1,80}|dkim-signature|sender|list-[a-z-]{1,30}|delivered-to)[ \t]*:",
    re.IGNORECASE,
)
_OPENING = re.compile(rb"=\?([A-Za-z0-9_.:()+'\"*-]{1,80})\?([bBqQ])\?")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"))
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_FOLDED_ID = re.compile(r"\s+")
_BRACKETED_ID = re.compile(r"<([^<>]{1,2000}+)>")


def split_message(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the header section ends and where the body begins: the first empty line (RFC 5322 section 2.1)."""
    if raw[start : start + 1] == b"\n":
        return start, start + 1
    if raw[start : start + 2] == b"\r\n":
        return start, start + 2
    first, width = end, 0
    for mark in _EMPTY_LINES:
        at = raw.find(mark, start, min(end, first + 3))
        if 0 <= at < first:
            first, width = at, len(mark)
    return (first + 1, first + width) if width else (end, end)


def read_header(raw: bytes, start: int, end: int, limit: int, most: int) -> tuple[Header, int | None, list[str]]:
    """The fields between two offsets; at most `limit` bytes and `most` fields are read.

    Gives the header, the offset where the body begins early because the empty line is missing (else None), and faults.
    A line that is no field is skipped where fields follow; where none do, the body has begun.
    """
    faults: list[str] = []
    if end - start > limit:
        faults.append("header section too long")
        end = min(end, start + 16 * limit)
    else:
        whole = _read_fields_at_once(raw, start, end, most)
        if whole is not None:
            return Header(whole), None, faults
    fields: list[HeaderField] = []
    position, match, kept = start, _FIELD.match, 0
    junk = 0
    known = -1  # where the next line stands that is surely a field
    while position < end and kept <= limit and junk <= most:
        found = match(raw, position, end)
        if found is not None:
            if len(fields) >= most:
                faults.append("too many header fields")
                break
            name, value = found.groups()
            value = _unfold(value[:_FIELD_LIMIT])
            fields.append(HeaderField(name.decode("ascii"), value))
            kept += len(name) + len(value)
            position = found.end()
            continue
        line = _LINE.match(raw, position, end)
        if line is None or line.end() == position:
            break
        if fields and raw.startswith(b"=?", position):
            last = fields[-1]
            if len(last.raw) < _FIELD_LIMIT:
                fields[-1] = HeaderField(last.name, last.raw + b" " + line.group()[:_FIELD_LIMIT].strip())
        elif not (raw.startswith((b"From ", b">From "), position) and not fields):
            if known < line.end():
                following = _KNOWN.search(raw, line.end(), end)
                known = following.start() if following is not None else -1
            if known < 0:
                faults.append("no empty line before the body" if fields else "no header")
                return Header(fields), position, faults
            _note(faults, "a line in the header that is no field")
        junk += 1
        position = line.end()
    return Header(fields), None, faults


def _read_fields_at_once(raw: bytes, start: int, end: int, most: int) -> list[HeaderField] | None:
    """The fields of a section that has nothing but fields; None where there is anything else or too much."""
    rows = _FIELDS.findall(raw, start, end)
    if len(rows) > most or sum(len(a) + len(b) + len(c) + len(d) for a, b, c, d in rows) != end - start:
        return None
    return [HeaderField(str(name, "ascii"), _unfold(value[:_FIELD_LIMIT])) for name, _, value, _ in rows]


def _unfold(value: bytes) -> bytes:
    if b"\n" in value:
        value = value.replace(b"\r", b"").replace(b"\n", b"")
    return value.strip()


def _note(faults: list[str], fault: str) -> None:
    if fault not in faults:
        faults.append(fault)


def decode_text(raw: bytes, hint: str | None = None) -> str:
    """The text of an unstructured field or a phrase: encoded words wherever they stand, and raw 8-bit text.

    `hint` is the charset of the message's body: programs that write raw 8-bit header fields use the same for both.

    RFC 2047, leniently: words without separating space, inside quotes, split inside a character, without padding,
    with spaces; unknown charsets are detected. What is encoded twice is decoded once. Never raises.
    """
    if b"=?" in raw:
        text = _decode_words(raw, hint)
    elif raw.isascii() and b"\x1b" not in raw:
        text = raw.decode("ascii")
    else:
        text = decode_unlabelled(raw, hint)
    return clean_line(text)


def decode_unlabelled(raw: bytes, hint: str | None = None) -> str:
    """Raw 8-bit text of a header field: UTF-8, else the charset of the body where that fits, else by detection."""
    if hint and codec_name(hint) not in {None, "utf_8", "ascii", "cp1252"} and b"\x1b" not in raw:
        unicode = decode_if_utf8(raw)
        if unicode is not None:
            return unicode
        hinted, fault = decode_bytes(raw, hint)
        if fault is None:
            return hinted
    return detect(raw)[0]


def clean_line(text: str) -> str:
    """One line: controls, among them all that ends a line, become a space; changes of direction and surrogates go."""
    if not text.isprintable():
        text = _DIRECTIONS.sub("", _CONTROLS.sub(" ", text))
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            text = text.encode("utf-8", "replace").decode("utf-8")
    return text.strip()


def _decode_words(raw: bytes, hint: str | None) -> str:
    pieces: list[str] = []
    run: list[tuple[str, str, bytes]] = []  # adjacent words: charset, encoding, encoded text
    position, closing, end = 0, -1, len(raw)
    while position < end:
        opening = _OPENING.search(raw, position)
        if opening is None:
            break
        if closing < opening.end():
            closing = raw.find(b"?=", opening.end())
            if closing < 0:
                break
        between = raw[position : opening.start()]
        inner = _OPENING.search(raw, opening.end(), closing)
        if inner is not None:  # a word that was cut: its remains are literal text
            pieces.append(_decode_run(run) + _literal(raw[position : inner.start()], hint))
            run, position = [], inner.start()
            continue
        if run and between.strip():
            pieces.append(_decode_run(run))
            run = []
        if not (run and not between.strip()) and between:
            pieces.append(_literal(between, hint))
        charset, encoding, encoded = opening.group(1), opening.group(2), raw[opening.end() : closing]
        run.append((charset.decode("ascii"), encoding.decode("ascii").upper(), encoded))
        position = closing + 2
    pieces.append(_decode_run(run) + _literal(raw[position:], hint))
    return "".join(pieces)


def _literal(raw: bytes, hint: str | None) -> str:
    return raw.decode("ascii") if raw.isascii() else decode_unlabelled(raw, hint)


def _decode_run(run: list[tuple[str, str, bytes]]) -> str:
    """Adjacent words: those of one charset are joined as bytes first, for characters that were split between words."""
    if not run:
        return ""
    pieces: list[str] = []
    index, count = 0, len(run)
    while index < count:
        charset = run[index][0].partition("*")[0].lower()
        last = index + 1
        while last < count and run[last][0].partition("*")[0].lower() == charset:
            last += 1
        group = run[index:last]
        pieces.append(_decode_group(charset, group))
        index = last
    return "".join(pieces)


def _decode_group(charset: str, group: list[tuple[str, str, bytes]]) -> str:
    data = b"".join(_decode_word(encoding, encoded) for _, encoding, encoded in group)
    text, fault = decode_bytes(data, charset)
    for again in _other_readings(group, fault is not None):
        other, other_fault = decode_bytes(again, charset)
        if other_fault is None:
            return other
    return text


def _other_readings(group: list[tuple[str, str, bytes]], broken: bool) -> Iterator[bytes]:
    """The bytes of words that were cut by programs which know nothing of words."""
    if len(group) > 1 and all(encoding == "B" for _, encoding, _ in group):
        # The base64 text was cut, not the bytes: then a word has a letter too many.
        cut = any(len(encoded.translate(None, _NOT_BASE64)) % 4 == 1 for _, _, encoded in group[:-1])
        if broken or cut:
            yield _decode_word("B", b"".join(encoded for _, _, encoded in group))
    elif broken and any(b" " in encoded for _, _, encoded in group):
        # A line was folded inside of a word, and inside of a character.
        yield b"".join(_decode_word(encoding, encoded.replace(b" ", b"")) for _, encoding, encoded in group)


def _decode_word(encoding: str, encoded: bytes) -> bytes:
    if encoding == "Q":
        encoded = encoded.rstrip(b" ")
        if b" " in encoded:  # a fold beside a space, `zum\r\n _Angebot`, adds none
            encoded = encoded.replace(b" _", b"_").replace(b"_ ", b"_")
        return binascii.a2b_qp(encoded, header=True)
    letters = encoded.translate(_URL_SAFE, _NOT_BASE64)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def read_message_ids(value: str | bytes) -> list[str]:
    """The message identifiers of Message-ID, In-Reply-To or References, each as `<id>`, in order, without repeats.

    RFC 5322 section 3.6.4, and what real mail has: identifiers broken by folding, without or with doubled brackets,
    Microsoft's `<[hex@microsoft.com]>`, words around them.
    """
    text = decode_text(value) if isinstance(value, bytes) else clean_line(value)
    if not text:
        return []
    found = [_FOLDED_ID.sub("", item) for item in _BRACKETED_ID.findall(text[:_ID_LIMIT])]
    if not found:
        found = [word.strip("<>\"',;()") for word in text[:_ID_LIMIT].split() if "@" in word]
        if not found and " " not in text and "<" not in text:
            found = [text[:1000].strip("<>\"',;()")]
    return list(dict.fromkeys(f"<{item}>" for item in found if item))


_ID_LIMIT = 256 * 1024
