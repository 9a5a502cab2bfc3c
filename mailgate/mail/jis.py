"""Japanese mail as Windows programs write it, for which Python has no codec.

Takes bytes in ISO-2022-JP or EUC-JP with Microsoft's additions; gives text.
Promises: never raises; linear; what is no letter becomes U+FFFD.
Standards: RFC 1468, with the rows that code page 50221 adds to JIS X 0208 (① ㈱ 髙).
"""

from __future__ import annotations

import re

# Pairs, but not the ones behind 8F, which are of another set, nor half of what stands behind 8E.
_EUC_RUN = re.compile(rb"(?<![\x8e\x8f])(?<!\x8f[\xa1-\xfe])(?:[\xa1-\xfe]{2})+")
_JIS_ESCAPE = re.compile(rb"\x1b(?:\$[@B]|\$\([DOPQ]|\([BIJ])")


def decode_microsoft_jis(data: bytes) -> str:
    """ISO-2022-JP with the letters that Windows adds (code page 50221: ① ㈱ 髙), for which Python has no codec."""
    pieces: list[str] = []
    position, mode = 0, b"("
    for found in _JIS_ESCAPE.finditer(data):
        pieces.append(_decode_jis(data[position : found.start()], mode))
        position, mode = found.end(), found.group()[1:]
    pieces.append(_decode_jis(data[position:], mode))
    return "".join(pieces)


def decode_microsoft_euc(data: bytes) -> str:
    """EUC-JP with the letters that Windows adds (code page 51932: ① ㈱ 髙), for which Python has no codec."""
    pieces: list[str] = []
    position = 0
    for found in _EUC_RUN.finditer(data):
        pieces.append(data[position : found.start()].decode("euc_jp", "replace"))  # ASCII, kana and JIS X 0212
        pieces.append(_decode_jis(bytes(byte & 0x7F for byte in found.group()), b"$B"))
        position = found.end()
    pieces.append(data[position:].decode("euc_jp", "replace"))
    return "".join(pieces)


def _decode_jis(data: bytes, mode: bytes) -> str:
    if mode.startswith(b"$") and mode[1:] in {b"@", b"B"}:
        shifted = bytearray()
        for first, second in zip(data[::2], data[1::2], strict=False):  # JIS X 0208 to Shift_JIS, by its formula
            if not (0x21 <= first <= 0x7E and 0x21 <= second <= 0x7E):
                continue  # a line end within: the letters of the next line follow its own escape
            lead = ((first - 0x21) >> 1) + (0x81 if first <= 0x5E else 0xC1)
            shifted.append(lead)
            shifted.append(second + (0x1F if second < 0x60 else 0x20) if first & 1 else second + 0x7E)
        return shifted.decode("cp932", "replace")
    if mode == b"(I":
        return bytes(byte | 0x80 for byte in data).decode("cp932", "replace")
    if mode.startswith(b"$"):
        return (b"\x1b" + mode + data).decode("iso2022_jp_ext", "replace")
    return data.decode("ascii" if data.isascii() else "cp932", "replace")
