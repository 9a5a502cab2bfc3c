"""Whether a text says nothing but what machines say: each of its sentences is one of a few kinds, or hardly a sentence.

Takes the writer's own words as written; gives each sentence's kinds, or None where a sentence is of none of them.
Promises: greetings, names and what stands below a farewell are no sentences; linear, for at most 40 sentences.
Standards: none; a responder's text has no room for anything about the matter, and a person's answer has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from mailgate.mail.fold import squeeze

_MOST = 40
_FEW_WORDS = 4
_FEW_SIGNS = 14
_PARAGRAPH = re.compile(r"\n[ \t>*_-]*\n")
# A full stop behind a number is a date's ("bis 19.8. geschlossen", "2. September") unless a sentence begins behind it.
_SENTENCE = re.compile(
    r"(?<=[^\d\s][.!?])(?<!\b[DM]r\.)(?<!\bM\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bProf\.)(?<!\b[Tt]el\.)(?<!\b[Ee]xt\.)(?<!\b[FH]r\.)"
    r"(?<!\b[Nn]r\.)(?<!\b[Nn]o\.)(?<!\bn\.)(?<!\bIng\.)\s+|(?<=\d\d\d[.!])\s+|(?<=/\d\d\.)\s+|(?<=/\d\.)\s+"
    r"|(?<=\d\.)\s+(?=[^\W\d_a-z])(?!Jan|Feb|M[aä]r|Apr|Ma[iy]|Jun|Jul|Aug|Sep|O[ck]t|Nov|De[cz])|[。！？]\s*|\s/\s"
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
_SALUTATION_WORDS = 9
_SALUTATION = re.compile(
    r"(?:sehr geehrte|liebe|dear|estimad|gentil|spettabile|spett|egregi|bonjour|madame|cher|sayin|degerli|szanown|vazen"
    r"|mil[iaye]|tisztelt|kedves|geachte|beste|prezad|caro|cara|stimat|basta|arvoisa|postovan|spostovan|уважаем|шановн"
    r"|αγαπητ|αξιοτιμ)"
)


def kinds_told(text: str, kinds: Mapping[str, Callable[[str], bool]]) -> list[set[str]] | None:
    """The kinds of each sentence, in order; None where one of them is of none."""
    found: list[set[str]] = []
    seen = 0
    for sentence in sentences(text):
        words = squeeze(sentence).strip(" .,;:!-*_")
        if not words:
            continue
        if _FAREWELL.match(words):
            return found
        seen += 1
        if seen > _MOST:
            return None
        told = {name for name, says in kinds.items() if says(words)}
        if told:
            found.append(told)
        elif not _is_fragment(sentence, words):
            return None
    return found


def any_sentence(text: str, says: Callable[[str], bool]) -> bool:
    """Whether one of the first sentences says something."""
    return any(says(squeeze(sentence)) for sentence in islice(sentences(text), _MOST))


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text as they are written, paragraph by paragraph."""
    for paragraph in _PARAGRAPH.split(text):
        yield from _SENTENCE.split(" ".join(paragraph.split()))


def _is_fragment(sentence: str, words: str) -> bool:
    """Whether a sentence is a greeting, a name, a number or a wish: short, and without a full stop ("It works." is a sentence)."""
    if not any(sign.isalpha() for sign in words):
        return True
    count = len(words.split())
    if _SALUTATION.match(words) and count <= _SALUTATION_WORDS and not sentence.endswith("."):
        return True
    if count == 1:
        return len(words) <= _FEW_SIGNS
    return count <= _FEW_WORDS and not sentence.endswith(".")
