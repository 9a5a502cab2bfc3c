"""Bytes with a charset label, a wrong one or none, turned into the text that the best mail programs show.

Takes bytes and the label they came with; gives text and, where the label did not tell the truth, a fault in words.
Promises: never raises; the result has no lone surrogates; linear in the input; only text codecs are ever used
(a label cannot reach `hex`, `zlib` or `unicode_escape`).
Standards: RFC 2978 (charset names), RFC 1468 (ISO-2022-JP), RFC 1843 (HZ), RFC 2152 (UTF-7), and the WHATWG Encoding
Standard for which superset a label really means (iso-8859-1 is windows-1252, gb2312 is gb18030).
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from mailgate.mail.charset_east import east_asian_codec
from mailgate.mail.charset_names import ALIASES, PAGES, TEXT_CODECS, UNKNOWN_LABELS
from mailgate.mail.jis import decode_microsoft_euc, decode_microsoft_jis

_SAMPLE = 16 * 1024
"""Bytes that detection looks at: more does not change its mind, and it keeps the cost bounded."""
_EAST_SAMPLE = 2048
"""The same for the five East Asian readings of a text: a thousand characters are plenty."""

_LATIN = frozenset({"cp1252", "cp1254", "iso8859_15", "iso8859_3", "ascii"})
_UTF16 = frozenset({"utf_16", "utf_16_le", "utf_16_be"})
_NO_SURROGATES = frozenset({"cp1252", "cp1254", "iso8859_15", "ascii"})
_BOMS = ((codecs.BOM_UTF8, "utf_8"), (codecs.BOM_UTF16_LE, "utf_16_le"), (codecs.BOM_UTF16_BE, "utf_16_be"))
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]|\x1b\([JI]|\x1b\$\([DOPQ]")
_ISO_2022_KR = re.compile(rb"\x1b\$\)C")
_PAGE = re.compile(r"(?:x-?)?(?:windows|win|cp|ms|ibm|dos|code-?page|oem)?[-_]?0*([1-9]\d{2,4})[a-z]?\Z")
_PART_OF_8859 = re.compile(r"8859[-_]?(1[0-6]?|[2-9])(?!\d)")
_SURROGATES = re.compile(rb"(?:\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf])+")
_HZ = re.compile(rb"~\{(?:[!-~]{2})+~\}")

# ł ą ż ľ between letters, which windows-1252 reads as the signs ³ ¹ ¿ ¾; and letters that only western words have.
_CENTRAL = re.compile(rb"[A-Za-z][\xb3\xb9\xbf\xbe][a-z]")
# ą ś ź ž between letters, which windows-1252 reads as ± ¶ ¼ ¾ Ÿ: no western word has these inside, nor ³ ¹ ¿ twice.
_CENTRAL_SURELY = re.compile(rb"[A-Za-z\xb3\xbf\xc0-\xff][\xb1\xb6\xbc\xbe\x9f][a-z\xe0-\xff]")
_CENTRAL_OFTEN = re.compile(rb"[A-Za-z\xc0-\xff][\xb3\xb9\xbf][a-z\xe0-\xff]")
_ISO_8859_2 = re.compile(rb"[A-Za-z\xb3\xbf\xc0-\xff][\xb1\xb6\xbc]|[\xa6\xac][a-z\xe0-\xff]")
# Ł Ż Ş at the beginning of a word, which windows-1252 reads as the signs £ ¯ ª: these stand by digits.
_CENTRAL_FIRST = re.compile(rb"(?<![0-9A-Za-z\x80-\xff])[\xa3\xaf\xaa][a-z]{3}")
_WESTERN_ONLY = re.compile(rb"[\xe5\xe8\xf1\xe3\xf5]")

_WORDS = re.compile(rb"[A-Za-z\x80-\xff]+")

_EUC = re.compile(rb"(?:[\xa1-\xfe]{2})+")
_KANA = re.compile(rb"(?:[\xa4\xa5][\xa1-\xf6]){3}")

# windows-1254 and windows-1252 differ in six letters: Ğ İ Ş ğ ı ş stand where Icelandic has Ð Ý Þ ð ý þ.
_TURKISH_ONLY = b"\xd0\xdd\xde\xf0\xfd\xfe"
_TURKISH_HIGH = _TURKISH_ONLY + b"\xc7\xd6\xdc\xe7\xf6\xfc\xc2\xce\xdb\xe2\xee\xfb" + bytes(range(0x80, 0xC0))
_ASCII = bytes(range(0x80))
_NOT_CONTROLS = bytes(set(range(256)) - set(range(0x80, 0xA0)))
_NOT_LETTERS = bytes(b for b in range(0x80) if not chr(b).isalpha())
_BELOW_LETTERS = bytes(range(0xC0))
_NOT_LETTERS_NOR_HIGH = _NOT_LETTERS + bytes(range(0x80, 0x100))


@lru_cache(maxsize=512)
def codec_name(label: str) -> str | None:
    """The Python text codec a charset label means, or None where the label is unknown or says "unknown"."""
    clean = label[:100].lower().strip().strip("\"'<>= \t")
    clean = re.split(r"[;,*\s]", clean, maxsplit=1)[0].strip("\"'")
    clean = re.sub(r"^(?:charset=|x-unknown-|cs(?=iso|shift|big|gb|euc))", "", clean)
    if not clean or clean in UNKNOWN_LABELS:
        return None
    for name in (clean, clean.replace("_", "-"), re.sub(r"[-_ .:]", "", clean)):
        if name in ALIASES:
            return ALIASES[name]
    numbered = _codec_by_number(clean)
    if numbered is not None:
        return numbered
    try:
        found = codecs.lookup(clean).name.replace("-", "_")
    except (LookupError, ValueError, UnicodeError):
        return None
    return found if found in TEXT_CODECS else None


def _codec_by_number(label: str) -> str | None:
    """A label that is known by its number: `windows-28592`, `ibm-850`, `8859_7`, `ISO_8859-9:1989`."""
    page = _PAGE.match(label)
    if page is not None:
        number = int(page.group(1))
        codec = PAGES.get(number, f"cp{number}")
        return codec if codec in TEXT_CODECS else None
    part = _PART_OF_8859.search(label)
    return PAGES.get(28590 + int(part.group(1))) if part is not None else None


def decode_bytes(data: bytes, label: str | None = None) -> tuple[str, str | None]:
    """Decode a part or an encoded word; gives the text and None, or the text and what was wrong with the label.

    Without a label: UTF-8 where it is valid, else by detection. A label that the bytes contradict is overruled.
    """
    codec = codec_name(label) if label else None
    if codec == "utf_8" and not data.startswith(codecs.BOM_UTF8):
        return _decode_utf8(data)
    if data.isascii() and codec not in _UTF16 and not (b"\x1b" in data or b"~{" in data or codec == "utf_7"):
        if label and codec is None and not _says_unknown(label):
            return data.decode("ascii"), f"unknown charset {label[:40]!r}"
        if codec is None or codec in _ASCII_SUPERSETS:
            return data.decode("ascii"), None
    text, fault = _decode(data, label, codec)
    return text if codec in _NO_SURROGATES else _without_surrogates(text), fault


def _says_unknown(label: str) -> bool:
    return label.lower().strip("\"' ") in UNKNOWN_LABELS


_ASCII_SUPERSETS = TEXT_CODECS - {
    "utf_7", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be", "hz",
    "cp037", "cp500", "cp1026", "cp1140", "cp273", "cp424", "cp875",
}  # fmt: skip


def _decode(data: bytes, label: str | None, codec: str | None) -> tuple[str, str | None]:
    for mark, name in _BOMS:
        if data.startswith(mark) and (name == "utf_8" or codec in _UTF16 or codec is None or len(data) % 2 == 0):
            return data[len(mark) :].decode(name, "replace"), None
    if codec is None:
        text, used = detect(data)
        unknown = bool(label) and not _says_unknown(label or "")
        return text, f"unknown charset {(label or '')[:40]!r}, read as {used}" if unknown else None
    if codec in _UTF16:
        return _decode_utf16(data, codec)
    if codec == "utf_8":
        return _decode_utf8(data)
    if codec == "ascii":
        text, used = detect(data)
        return text, None if used == "ascii" else f"labelled us-ascii, read as {used}"
    if codec in _LATIN:
        return _decode_latin(data, codec)
    if _multibyte_utf8(data) >= 3:
        return data.decode("utf-8", "replace"), f"labelled {codec}, read as utf-8"
    try:
        return data.decode(codec), None
    except (UnicodeError, LookupError, ValueError):
        return _decode_contradicted(data, codec)


_MULTIBYTE = frozenset({
    "gb18030", "big5hkscs", "cp932", "cp949", "euc_jp", "euc_jis_2004", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2",
    "iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_ext", "iso2022_kr", "johab", "hz", "utf_7", "utf_32", "utf_32_le",
    "utf_32_be", "shift_jis_2004",
})  # fmt: skip


def _decode_utf8(data: bytes) -> tuple[str, str | None]:
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        if _SURROGATES.search(data):
            data = _SURROGATES.sub(_pairs_to_utf8, data)
        text = data.decode("utf-8", "replace")
        if "�" not in text:
            return text, None
    # Mostly good UTF-8 with a cut or broken character stays UTF-8; else the label is wrong.
    if _multibyte_utf8_valid(text) >= text.count("�") - 1 and _multibyte_utf8_valid(text) > 0:
        return text, "broken utf-8"
    guessed, used = detect(data)
    return guessed, f"labelled utf-8, read as {used}"


def _pairs_to_utf8(found: re.Match[bytes]) -> bytes:
    """Halves of UTF-16 written as if they were characters (CESU-8), two by two made the ones that they are."""
    halves = found.group().decode("utf-8", "surrogatepass")
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le").encode("utf-8")


def _multibyte_utf8_valid(text: str) -> int:
    return sum(map(len, re.findall(r"[^\x00-\x7f�]+", text[:_SAMPLE])))


def _decode_latin(data: bytes, codec: str) -> tuple[str, str | None]:
    if _multibyte_utf8(data) >= 1:
        return data.decode("utf-8", "replace"), f"labelled {codec}, read as utf-8"
    if codec == "cp1252" and _surely_turkish(data):
        return _single_byte(data, "cp1254"), "labelled iso-8859-1, read as windows-1254"
    if _ISO_2022_JP.search(data):
        return data.decode("iso2022_jp_ext", "replace"), f"labelled {codec}, read as iso-2022-jp"
    return _single_byte(data, codec), None


def _single_byte(data: bytes, codec: str) -> str:
    """The five bytes that windows-125x leaves undefined become C1 controls as in browsers, not question marks."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return "".join(map(_table(codec).__getitem__, data)) if len(data) < _SAMPLE else data.decode(codec, "replace")


@lru_cache(maxsize=16)
def _table(codec: str) -> list[str]:
    table = []
    for value in range(256):
        try:
            table.append(bytes([value]).decode(codec))
        except UnicodeDecodeError:
            table.append(chr(value))
    return table


def _decode_utf16(data: bytes, codec: str) -> tuple[str, str | None]:
    sample = data[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if even + odd == 0 and (sample.isascii() or b"</" in sample or _multibyte_utf8(data)):
        text, used = detect(data)  # UTF-16 of any script has spaces, line ends or tags, and these have a NUL each
        return text, f"labelled utf-16, read as {used}"
    if codec == "utf_16":
        codec = "utf_16_be" if even > odd else "utf_16_le"
    return data.decode(codec, "replace"), None


def _decode_contradicted(data: bytes, codec: str) -> tuple[str, str | None]:
    """The bytes are not valid in the charset of their label."""
    if codec == "iso2022_jp_ext" and _ISO_2022_JP.search(data):
        return decode_microsoft_jis(data), None
    if codec == "euc_jp":
        text = decode_microsoft_euc(data)
        if "�" not in text:
            return text, None
    try:
        text = data.decode(codec, _EURO if codec == "gb18030" else "replace")
    except (UnicodeError, LookupError, ValueError):
        text = ""
    if codec == "gb18030" and text and "�" not in text:
        return text, None
    if text and text.count("�") <= 1 + len(text) // 50:
        return text, f"broken {codec}"
    guessed, used = detect(data)
    return guessed, f"labelled {codec}, read as {used}"


def _euro_or_replacement(error: UnicodeError) -> tuple[str, int]:
    """Code page 936 has the euro sign at 80, where GB 18030 has nothing."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return ("€", error.start + 1) if error.object[error.start] == 0x80 else ("�", error.end)


_EURO = "mailgate.euro"
codecs.register_error(_EURO, _euro_or_replacement)


def _multibyte_utf8(data: bytes) -> int:
    """How many characters beyond ASCII the data has, if it is valid UTF-8 as a whole; else 0."""
    if data.isascii():
        return 0
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return 0
    # Latin text that is by chance valid UTF-8 decodes to C1 controls or rare signs, hardly ever to letters.
    return sum(1 for char in text[:_SAMPLE] if char >= "\xa0")


def decode_if_utf8(data: bytes) -> str | None:
    """The text of valid UTF-8, also where it is cut in the middle of its last character; None for anything else."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.start >= len(data) - 3 and error.start > 8 and not data[: error.start].isascii()
        return data.decode("utf-8", "replace") if cut else None


def detect(data: bytes) -> tuple[str, str]:
    """Text and charset name of bytes without a label.

    In this order: escapes, UTF-8, East Asian characters, Turkish letters, statistics (faust-cchardet).
    """
    if b"\x1b" in data:
        if _ISO_2022_JP.search(data):
            return decode_microsoft_jis(data), "iso-2022-jp"
        if _ISO_2022_KR.search(data):
            return data.decode("iso2022_kr", "replace"), "iso-2022-kr"
    if data.isascii():
        if b"~{" in data and _HZ.search(data[:_SAMPLE]):
            return data.decode("hz", "replace"), "hz-gb-2312"
        return data.decode("ascii"), "ascii"
    unicode = decode_if_utf8(data)
    if unicode is not None:
        return unicode, "utf-8"
    east = east_asian_codec(data[:_EAST_SAMPLE], len(data) <= _EAST_SAMPLE)
    if east is not None:
        return data.decode(east, "replace"), east
    high = data[:_SAMPLE].translate(None, _ASCII)
    if _looks_turkish(data[:_SAMPLE], high):
        return _single_byte(data, "cp1254"), "windows-1254"
    return _detect_by_statistics(data)


def _detect_by_statistics(data: bytes) -> tuple[str, str]:
    import cchardet  # one room, lazily: only mail without a true label needs it

    sample = data[:_SAMPLE]
    foreign = _foreign_words(sample)
    guess = cchardet.detect(foreign or sample)
    name, sure = guess.get("encoding"), guess.get("confidence") or 0.0
    codec = (codec_name(name) if name else None) or "cp1252"
    high = len(sample.translate(None, _ASCII))
    letters = 0 if foreign else len(sample.translate(None, _NOT_LETTERS)) - high
    if codec in {"utf_8", "ascii"} or (sure < 0.3 and high <= letters):
        codec = _western(sample, "cp1252", sure, high)
    elif codec == "iso8859_6" and sample.count(b"\xc7\xe1") >= sample.count(b"\xc7\xe4"):
        codec = "cp1256"  # the article al- in the code page that mail programs use
    elif codec == "big5hkscs" and _EUC.fullmatch(sample.translate(None, _ASCII)):
        codec = "euc_jp" if _KANA.search(sample) else "gb18030"  # Big5 has bytes below A1 in most of its letters
    elif high <= letters and codec not in _MULTIBYTE:
        codec = _western(sample, codec, sure, high)
    if codec in _LATIN:
        return _single_byte(data, codec), "windows-1252" if codec == "cp1252" else codec
    try:
        return data.decode(codec, "replace"), codec
    except (UnicodeError, LookupError, ValueError):
        return _single_byte(data, "cp1252"), "windows-1252"


def _foreign_words(sample: bytes) -> bytes:
    """The words beyond ASCII where none has an ASCII letter in it: no Latin script, whatever stands around them."""
    words = [word for word in _WORDS.findall(sample) if not word.isascii()]
    if any(word.translate(None, _NOT_LETTERS_NOR_HIGH) for word in words):
        return b""
    if not any(len(word) > 3 and len(word.translate(None, _BELOW_LETTERS)) > 2 for word in words):
        return b""  # dashes, quotes and signs of windows-1252
    return b" ".join(words)


def _western(sample: bytes, guess: str, sure: float, high: int) -> str:
    """Mostly ASCII letters: a Latin script. Statistics of a few accents say little, so windows-1252 unless proven."""
    if guess in {"cp1250", "iso8859_2", "iso8859_16"} and sure >= 0.6 and high >= 4:
        return guess
    if guess in {"cp1257", "iso8859_13", "cp1258"} and sure >= 0.8 and high >= 6:
        return guess
    if _CENTRAL_SURELY.search(sample) or len(_CENTRAL_OFTEN.findall(sample)) > 1:
        controls = sample.translate(None, _NOT_CONTROLS)
        return "iso8859_2" if not controls and _ISO_8859_2.search(sample) else "cp1250"
    if _CENTRAL_FIRST.search(sample):
        return "cp1250"
    return "cp1250" if _CENTRAL.search(sample) and not _WESTERN_ONLY.search(sample) else "cp1252"


def _looks_turkish(sample: bytes, high: bytes) -> bool:
    """All letters beyond ASCII are ones Turkish has, one of them only Turkish has, and most letters are ASCII."""
    if not any(letter in high for letter in (b"\xfd", b"\xfe", b"\xf0", b"\xdd", b"\xde", b"\xd0")):
        return False
    if high.translate(None, _TURKISH_HIGH):
        return False
    ascii_letters = len(sample.translate(None, _NOT_LETTERS)) - len(high)
    return ascii_letters * 4 >= len(high)


def _surely_turkish(data: bytes) -> bool:
    """Strong enough to overrule a label of iso-8859-1: Icelandic of that length has á é í ó ú æ, Turkish has not."""
    sample = data[:_SAMPLE]
    high = sample.translate(None, _ASCII)
    only = [high.count(bytes([letter])) for letter in _TURKISH_ONLY]
    if sum(only) < 3 or sum(1 for count in only if count) < 2 or not (high.count(b"\xfd") or high.count(b"\xdd")):
        return False
    return len(sample) >= 12 and _looks_turkish(sample, high)


def _without_surrogates(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
