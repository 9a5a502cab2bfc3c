"""Whether a line that looks like an attribution is a sentence of the writer's: "On 3 March 2025 the server wrote:".

Takes the text of what could be an attribution; gives yes or no. Asked only where no quoted line follows: what such a line
cuts off would be lost to the reader. Promises: what gives an address, or what a mail program is known to write, is no
sentence; bounded, never raises.
Standards: none; who writes in the first person, with an article, or without the time of day is no mail program.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import squeeze

_LENGTH = 400
_TIME = re.compile(
    r"(?<![\d.])\d{1,2}\s?[:hH時时点點시]\s?\d{2}|(?<![\d.])\d{1,2}\.\d{2}(?![.\d])|\d{1,2} ?[AaPp]\.?[Mm]\b"
)
# The first person, and who has no name: "On 3 March 2025 I wrote", "habe ich geschrieben", "skrev jag".
_PERSON = re.compile(
    r"(?<![\w'’.-])(?:I (?:wrote|have|had|said|sent|also|already|just|asked)|we|he|she|it|they|ich|wir|"
    r"habe|haben|j'ai|j’ai|je|nous|ik|wij|heb|hebben|jag|jeg|yo|hemos|abbiamo|ho|"
    r"eu|nós|я|мы|он|она|они|(?:[Ii]hr|unser|mein)e[mnrs]|jsem|jsme|am scris|biz|"
    r"şöyle|følgende til)(?![\w'’.-])|我们?写|我們?寫|次のように"
)
# An article or a possessive and a word in small letters: "the server", "mon collègue", "schrieb der Techniker".
_THING = re.compile(
    r"(?<![\w'’-])(?:the|an?|our|my|your|his|her|their|le|la|les|un|une|notre|mon|ma|votre|el|los|las|una|nuestro|nuestra|"
    r"mi|su|il|lo|nostro|nostra|mio|mia|o|um|uma|nosso|nossa|meu|minha|de|een|mijn|onze)"
    r" [^\W\d_A-ZÀ-ÖØ-Þ]{3,30} (?:has |have |a |ha |heeft |had )?"
    r"(?:wrote|written|writes|écrit|escribió|ha escrito|scritto|escreveu|geschreven|to me|the following)(?!\w)"
    r"|\b(?:schrieb|schrieben|schreef|skrev)"
    r" (?:der|die|das|mein|meine|unser|unsere|ein|eine|ihr|mir|uns|de|het|een|mijn|onze|min|vår|den|det) [^\W\d_]{2,30}"
    r"|\b(?:your|my|our) colleague\b"
)
_LOWER = re.compile(r"(?<![\w-])[^\W\d_A-ZÀ-ÖØ-ÞА-Я][\w-]{2,30}(?![\w-])")
# A word in small letters right before the verb at the end: no name stands there ("sistem yazdı", "сервер написал").
_NO_NAME = re.compile(
    r"(?<![\w'’.-])(?!(?:şunu|şunları|volgende|folgendes|tarihinde|keltezéssel|időpontban|dátummal|klockan|skrev)\b)"
    r"(?!\w*[A-ZÀ-ÖØ-ÞА-ЯÇĞİÖŞÜ0-9])[^\W\d_]{4,30} "
    r"(?:wrote|writes|a écrit|escribió|ha scritto|escreveu|yazdı|napisał|napisała|pisze|"
    r"napsal|napsala|píše|a scris|(?:на)?писал|(?:на)?писала|пишет|пише|έγραψε)(?:\([ao]\))? ?:\Z"
)
_LOWER_WORDS = 4


def is_said(text: str) -> bool:
    """Whether these words are a sentence that goes on below, rather than what a mail program puts above a quotation."""
    text = " ".join(text[:_LENGTH].split())
    if "@" in text:
        return False
    if _PERSON.search(text) or _THING.search(text) or _NO_NAME.search(text):
        return True
    if _TIME.search(text):
        return False
    return len(_LOWER.findall(text)) >= _LOWER_WORDS and squeeze(text).isascii()
