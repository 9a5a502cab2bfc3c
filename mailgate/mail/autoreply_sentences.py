"""Whether a text says nothing but what machines say: each of its sentences is one of a few kinds, or hardly a sentence.

Takes the writer's own words as written; gives the kinds that were found, in order of appearance, or None where a sentence
is of none of them.
Promises: greetings, names and what stands below a farewell are no sentences; linear, for at most 40 sentences.
Standards: none; a responder's text has no room for anything about the matter, and a person's answer has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mailgate.mail.fold import squeeze

_MOST = 40
_FEW_WORDS = 4
_FEW_SIGNS = 14
_PARAGRAPH = re.compile(r"\n[ \t>*_-]*\n")
# A full stop behind one or two digits is a date's: "bis 19.8. geschlossen"; behind more it ends a year or a telephone number.
_SENTENCE = re.compile(
    r"(?<=[^\d\s][.!?])(?<!\bdr\.)(?<!\bmr\.)(?<!\bms\.)(?<!\bmrs\.)(?<!\bprof\.)(?<!\btel\.)(?<!\bext\.)(?<!\bfr\.)(?<!\bhr\.)"
    r"(?<!\bnr\.)(?<!\bno\.)(?<!\bing\.)\s+|(?<=\d\d\d[.!])\s+|[。！？]\s*|\s/\s"
    r"|,\s(?=(?:but|so|aber|mais|pero|maar|ma|men|но)\s)"  # what is added may be about the matter
)
_FAREWELL = re.compile(
    r"(?:with )?(?:kind|best|warm|many|sincere)? ?(?:regards|wishes)\b|sincerely|yours|cheers|thanks?[,.! ]*$|thank you[,.! ]*$"
    r"|(?:mit )?(?:freundliche|besten?|herzliche|liebe|schone|viele)\w* grusse?n?\b|mfg\b|lg\b|vg\b"
    r"|(?:bien |tres )?cordialement|(?:un )?(?:cordial )?saludos?\b|atentamente|(?:cordiali|distinti) saluti|saluti\b"
    r"|atenciosamente"
    r"|cumprimentos|com os melhores|abracos?\b|met vriendelijke|groet|groeten|saygilar|iyi calismalar|sevgiler"
    r"|pozdraw|z powazaniem"
    r"|s pozdravem|s pozdravom|udvozlet|cu stima|с уважением|з повагою|med vanlig|vanliga halsningar|mvh\b|venlig hilsen"
    r"|med venlig|hilsen|vennlig|ystavallisin|terveisin|lep pozdrav|lijep pozdrav|με εκτιμηση|よろしくお願い|以上|此致|谢谢|謝謝"
    r"|감사합니다|בברכה|مع تحيات|tran trong|salam\b"
)


def kinds_told(text: str, kinds: Mapping[str, Callable[[str], bool]]) -> list[str] | None:
    """The kinds that the sentences are of, each once, in order; None where one of them is of none."""
    found: dict[str, None] = {}
    seen = 0
    for paragraph in _PARAGRAPH.split(text):
        for sentence in _SENTENCE.split(squeeze(paragraph)):
            words = sentence.strip(" .,;:!-*_")
            if not words:
                continue
            if _FAREWELL.match(words):
                return list(found)
            seen += 1
            if seen > _MOST:
                return None
            told = [name for name, says in kinds.items() if says(words)]
            found |= dict.fromkeys(told)
            if not told and not _is_fragment(sentence, words):
                return None
    return list(found)


def _is_fragment(sentence: str, words: str) -> bool:
    """Whether a sentence is a greeting, a name or a wish: short, and without a full stop ("It works." is a sentence)."""
    count = len(words.split())
    if count == 1:
        return len(words) <= _FEW_SIGNS
    return count <= _FEW_WORDS and not sentence.endswith(".")
