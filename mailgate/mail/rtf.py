"""Compressed RTF, as Outlook keeps the text of a message, turned into plain text or the HTML inside it.

Takes the bytes of PidTagRtfCompressed; gives text and HTML ("" for what it does not hold).
Promises: never raises; output is bounded by 8 MB whatever the header claims; linear.
Standards: MS-OXRTFCP (LZFu), MS-OXRTFEX (HTML inside RTF), the RTF specification 1.9.1 as far as text needs it.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from itertools import islice

from mailgate.mail.charset import decode_bytes

_LIMIT = 8 * 1024 * 1024
_MOST_TOKENS = 500_000
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbol"
    rb"ArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_SKIPPED = frozenset(
    {b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer", b"themedata",
     b"generator", b"listtable", b"listoverridetable", b"datastore", b"xmlnstbl", b"rsidtbl", b"mmathPr"}
)  # fmt: skip
_SYMBOLS = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t",
    b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
    b"rdblquote": "”", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
_FONT_CHARSETS = {162: "cp1254", 204: "cp1251", 238: "cp1250", 161: "cp1253", 177: "cp1255", 178: "cp1256",
                  186: "cp1257", 163: "cp1258", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5", 222: "cp874"}  # fmt: skip


def read_compressed_rtf(data: bytes) -> tuple[str, str]:
    """Text and HTML of a compressed RTF; where it encapsulates HTML the text is ""."""
    rtf = decompress(data)
    return read_rtf(rtf) if rtf else ("", "")


def decompress(data: bytes) -> bytes:
    """MS-OXRTFCP section 2.2.2; b"" where the header makes no sense."""
    if len(data) < 16:
        return b""
    _, raw_size, kind, _ = struct.unpack_from("<IIII", data)
    bound = min(raw_size, _LIMIT)
    if kind == 0x414C454D:  # "MELA": stored
        return data[16 : 16 + bound]
    if kind != 0x75465A4C:  # "LZFu"
        return b""
    window = bytearray(_DICTIONARY.ljust(4096, b"\x00"))
    write, out, position, end = len(_DICTIONARY), bytearray(), 16, len(data)
    while position < end and len(out) < bound:
        control = data[position]
        position += 1
        for bit in range(8):
            if position >= end or len(out) >= bound:
                break
            if not control >> bit & 1:
                window[write] = data[position]
                out.append(data[position])
                write = (write + 1) & 4095
                position += 1
                continue
            if position + 1 >= end:
                return bytes(out)
            reference = data[position] << 8 | data[position + 1]
            position += 2
            offset, length = reference >> 4, (reference & 15) + 2
            if offset == write:
                return bytes(out[:bound])
            for step in range(length):
                byte = window[(offset + step) & 4095]
                window[write] = byte
                out.append(byte)
                write = (write + 1) & 4095
    return bytes(out[:bound])


@dataclass(slots=True)
class _Group:
    """What holds inside of one pair of braces."""

    skip: bool = False
    html_tag: bool = False
    rtf_only: bool = False  # \htmlrtf: for RTF readers, not part of the HTML
    fonts: bool = False
    unicode_skip: int = 1
    codec: str = ""


class _RtfReader:
    def __init__(self, html: bool) -> None:
        self.html = html
        self.out: list[str] = []
        self.bytes = bytearray()
        self.codec = "cp1252"
        self.group = _Group()
        self.stack: list[_Group] = []
        self.fonts: dict[int, str] = {}
        self.font = 0
        self.to_skip = 0
        self.starred = False

    def flush(self) -> None:
        if self.bytes:
            self.out.append(decode_bytes(bytes(self.bytes), self.group.codec or self.codec)[0])
            self.bytes.clear()

    def visible(self) -> bool:
        group = self.group
        return not group.skip and (not self.html or group.html_tag or not group.rtf_only)

    def emit(self, text: str) -> None:
        if self.visible():
            self.flush()
            self.out.append(text)

    def raw(self, data: bytes) -> None:
        if self.to_skip:
            skipped = min(self.to_skip, len(data))
            self.to_skip -= skipped
            data = data[skipped:]
        if self.visible():
            self.bytes += data

    def brace(self, brace: bytes) -> None:
        self.flush()
        self.to_skip = 0
        if brace == b"{":
            self.stack.append(self.group)
            old = self.group
            self.group = _Group(old.skip, old.html_tag, old.rtf_only, old.fonts, old.unicode_skip, old.codec)
        elif self.stack:
            self.group = self.stack.pop()

    def word(self, word: bytes, number: int | None) -> None:
        group = self.group
        if word == b"u" and number is not None:
            code = number + 65536 if number < 0 else number
            self.emit(chr(code) if code < 0x110000 else "�")
            self.to_skip = group.unicode_skip
        elif word == b"uc":
            group.unicode_skip = min(max(number or 0, 0), 16)
        elif word == b"ansicpg" and number:
            self.codec = f"cp{number}"
        elif word == b"htmltag":
            group.html_tag, group.skip = self.html, not self.html
        elif word == b"htmlrtf":
            self.flush()
            group.rtf_only = number != 0
        elif word == b"f" and number is not None:
            self.flush()
            self.font = number
            if not group.fonts:
                group.codec = self.fonts.get(number, "")
        elif word == b"fcharset" and group.fonts:
            self.fonts[self.font] = _FONT_CHARSETS.get(number or 0, "")
        elif word in _SKIPPED:
            group.skip, group.fonts = True, word == b"fonttbl"
        elif self.starred:
            group.skip = True
        elif word in _SYMBOLS:
            self.emit("\r\n" if self.html and word in {b"par", b"line"} else _SYMBOLS[word])
        self.starred = False

    def symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.starred = True
        elif symbol in b"\\{}":
            self.raw(symbol)
        elif symbol == b"~":
            self.emit("\xa0")
        elif symbol == b"_":
            self.emit("-")
        elif symbol in b"\r\n":
            self.emit("\n")


def read_rtf(rtf: bytes) -> tuple[str, str]:
    """Text and HTML of an RTF document."""
    html = b"\\fromhtml1" in rtf[:4096]
    reader = _RtfReader(html)
    for found in islice(_TOKEN.finditer(rtf), _MOST_TOKENS):
        word, number, code, symbol, brace, text = found.groups()
        if text is not None:
            reader.raw(text)
        elif word is not None:
            reader.word(word, int(number) if number else None)
        elif code is not None:
            reader.raw(bytes([int(code, 16)]))
        elif brace is not None:
            reader.brace(brace)
        elif symbol is not None:
            reader.symbol(symbol)
    reader.flush()
    result = "".join(reader.out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return ("", result) if html else (result.strip("\n\x00 "), "")
