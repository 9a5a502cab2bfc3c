"""Folding of words, so that "OTOMATİK YANIT", "otomatik yanıt" and "Otomatik Yanit" compare equal.

Takes any text; gives text without case, without accents, in one compatible form.
Promises: never raises, linear in the length (long text is normalised piece by piece, because canonical ordering of
combining marks is quadratic), idempotent enough for tables: fold both sides and compare.
Standards: Unicode Standard Annex 15 (NFKC), Unicode 3.13 (caseless matching); Turkish dotted and dotless i are one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PIECE = 1024
_MARKS = re.compile("[\u0300-\u036f]+")
_ALIKE: dict[int, str | None] = {
    **dict.fromkeys(map(ord, "İıI"), "i"),
    **dict.fromkeys(map(ord, "łŁ"), "l"),
    **dict.fromkeys(map(ord, "øØ"), "o"),
    **dict.fromkeys(map(ord, "đĐðÐ"), "d"),
    **dict.fromkeys(map(ord, "æÆ"), "ae"),
    **dict.fromkeys(map(ord, "‘’‛´`ʼ"), "'"),
    **dict.fromkeys(map(ord, "“”„«»"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—―"), "-"),
    # invisible: soft hyphen, zero-width spaces and joiners, direction marks, byte order mark
    **dict.fromkeys(
        [
            0xAD,
            *range(0x200B, 0x2010),
            *range(0x202A, 0x202F),
            *range(0x2060, 0x2065),
            *range(0x2066, 0x206A),
            0x61C,
            0x180E,
            0xFEFF,
        ],
        None,
    ),
}


# What mail gateways put before a subject; any other tag in brackets belongs to the subject.
_TAG = re.compile(
    r"[\[({<【*#]{1,5} ?(?:(?:probable|possible|suspected|likely) )?"
    r"(?:spam\??|ext|extern|external|external email|external sender|externe?|externo|esterno|dis|dis kaynak|harici|junk|bulk"
    r"|caution|warning|phishing|newsletter|spam/virus|virus|marketing|suspicious|untrusted|unverified|secure|encrypted"
    r"|tls|внешний|外部|外部邮件|垃圾邮件)(?: ?[:!] ?[\d.]{0,6})? ?[\])}>】*#:]{1,5} ?-? ?"
)


def fold(text: str) -> str:
    """The text without case and accents (Latin, Greek, Cyrillic); other scripts keep their marks."""
    if text.isascii():
        return text.lower()
    return "".join(_fold_piece(text[start : start + _PIECE]) for start in range(0, len(text), _PIECE))


def squeeze(text: str) -> str:
    """`fold`, with every run of white space (line ends too) made one space, and none at the ends."""
    return " ".join(fold(text).split())


@lru_cache(maxsize=64)
def subject_words(subject: str) -> str:
    """The subject squeezed, cut to 300 characters, without the tags that gateways put before it ("[EXTERNAL]")."""
    words = squeeze(subject[:400])[:300]
    for _ in range(3):
        tag = _TAG.match(words)
        if tag is None:
            break
        words = words[tag.end() :]
    return words


def _fold_piece(piece: str) -> str:
    plain = unicodedata.normalize("NFKC", piece.translate(_ALIKE)).casefold()
    bare = _MARKS.sub("", unicodedata.normalize("NFD", plain))
    return unicodedata.normalize("NFC", bare)


def word_table(block: str) -> tuple[str, ...]:
    """The folded entries of a block of text in which "|" and line ends part them; each once, in order."""
    words = dict.fromkeys(squeeze(word) for line in block.splitlines() for word in line.split("|"))
    return tuple(word for word in words if len(word) > 1)
