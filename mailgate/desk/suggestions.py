"""Which articles may answer a ticket: by the words they share, and none where they share too little.

Takes a reader and a ticket; gives articles, the best first. Promises: who is no technician gets public articles of public
categories alone; words of notes and of strangers are not looked at; the cost is bounded however long the ticket is.

How it is judged: the full-text index (BM25) names the articles that share the rarest words. Each is then weighed: a
shared word counts more in the subject, and more in a title or tag than in the text; a word that most articles hold counts
less. The sum, against the square root of how much was asked, must reach `_FLOOR`: a long ticket that names a printer once
is not about printers.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mailgate.mail.fold import fold, squeeze, word_table
from mailgate.mail.reply_signature import signature_start
from mailgate.mail.subject import strip_ticket_number
from mailgate.model import EntryKind, Ticket
from mailgate.store import Reader, articles, entries, stemming
from mailgate.store.articles import Candidate

MOST_SUGGESTED = 3
_LONGEST_SUBJECT = 300
_LONGEST_TEXT = 6000
_LATEST = 2
_MOST_ASKED = 14.0
_OF_SUBJECT = 2.0
_SAID_AGAIN = 0.5
_IN_TEXT = 0.55
_COMMON = 0.3
_FEW_ARTICLES = 5
_FLOOR = 0.55
_FLOOR_OF_ONE_WORD = 0.65
_OF_THE_BEST = 0.5
_SATURATION = 1.2
_WORDS_OF_TEXT_ALONE = 4
_LONGEST_SIGNATURE = 16
_CLOSINGS = frozenset(
    word_table("""
    regards|best|best regards|kind regards|kindest regards|warm regards|with best regards|with kind regards|many thanks
    thanks|thanks a lot|thanks in advance|thank you|thank you in advance|thank you very much|thanks and regards
    thanks & regards|sincerely|yours sincerely|yours faithfully|best wishes|all the best|cheers
    saygılarımla|saygılarımızla|saygılar|en iyi dileklerimle|iyi çalışmalar|iyi günler|iyi günler dilerim|kolay gelsin
    teşekkürler|teşekkür ederim|teşekkür ederiz|şimdiden teşekkürler|sevgiler|selamlar|iyi çalışmalar dilerim
    mit freundlichen grüßen|freundliche grüße|viele grüße|beste grüße|cordialement|bien cordialement|saludos|un saludo
    """)
)
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>]{1,2000}|[^\s<>@]{1,64}@[^\s<>@]{1,255}", re.IGNORECASE)
_CONTACT = re.compile(
    r"\s*(?:tel(?:efon|ephone)?|phone|mobile?|cell|gsm|cep|fax|faks|e-?(?:mail|posta)|mail|web|www|adres|address|[tmfpew])"
    r"\s?(?:no)?\.?\s?[:|]|\s*\+?[\d()][\d\s()./-]{6,30}\s*\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article that may help, and how much speaks for it."""

    id: int
    title: str
    public: bool
    weight: float


def for_ticket(db: Reader, ticket: Ticket, staff: bool, limit: int = MOST_SUGGESTED) -> list[Suggestion]:
    """Articles like a ticket: its subject, what it began with, and the latest public words."""
    if not articles.exist(db):
        return []
    first = entries.first(db, ticket.id)
    latest = entries.latest(db, ticket.id, _LATEST, [EntryKind.MESSAGE])
    texts = dict.fromkeys(
        entry.reply_text[:_LONGEST_TEXT]
        for entry in (*([first] if first is not None else []), *latest)
        if entry.public and (entry.kind == EntryKind.MESSAGE or first is entry)
    )
    return like(db, strip_ticket_number(ticket.subject[:_LONGEST_SUBJECT]), list(texts), staff, limit)


def like(db: Reader, subject: str, texts: Sequence[str], staff: bool, limit: int = MOST_SUGGESTED) -> list[Suggestion]:
    """Articles that answer what was asked in these mails, the best first; none where no one is good enough."""
    asked = _asked(subject, "\n".join(_without_signature(text[:_LONGEST_TEXT]) for text in texts))
    found = articles.candidates(db, list(asked), not staff)
    if not found:
        return []
    total = articles.count(db)
    weighed = sorted(
        (Suggestion(one.id, one.title, one.public, _weight(db, one, asked, total)) for one in found),
        key=lambda one: -one.weight,
    )
    least = max(_FLOOR, _OF_THE_BEST * weighed[0].weight)
    return [one for one in weighed if one.weight >= least][:limit]


def _asked(subject: str, text: str) -> dict[str, float]:
    """The words of a question with their weights: those of the subject, then the most frequent ones, bounded."""
    of_subject = _meaning(stemming.words_of(subject, _LONGEST_SUBJECT))
    of_text = _meaning(stemming.words_of(text, (_LATEST + 1) * _LONGEST_TEXT))
    spelt = dict(reversed([(fold(word), word) for word in (*of_subject, *of_text)]))  # as it was written first
    weights = {fold(word): _OF_SUBJECT for word in of_subject}
    for word, often in Counter(map(fold, of_text)).most_common():
        again = _SAID_AGAIN if often > 1 or word in weights else 0.0
        weights[word] = weights.get(word, 1.0) + again
    return {spelt[word]: weight for word, weight in list(weights.items())[: articles.MOST_TERMS]}


def _without_signature(text: str) -> str:
    """What was asked, without what stands below every mail of its writer: a telephone number is no question about one.

    The mail room leaves names below a closing phrase to the writer's words; here they only mislead.
    """
    lines = text.splitlines()
    end = signature_start(lines, 0, len(lines))
    last = [index for index in range(end) if lines[index].strip()][-_LONGEST_SIGNATURE:]
    closing = (index for index in last if index and squeeze(lines[index][:60]).strip(" ,.!-") in _CLOSINGS)
    kept = lines[: next(closing, end)]
    return "\n".join(_ADDRESS.sub(" ", line) for line in kept if not _CONTACT.match(line) and not line.startswith(">"))


def _meaning(words: list[str]) -> list[str]:
    return [word for word in words if not stemming.is_meaningless(word)]


def _weight(db: Reader, one: Candidate, asked: dict[str, float], total: int) -> float:
    """How much speaks for an article; 0.0 where a word or two are shared in passing."""
    wanted: dict[tuple[str, ...], float] = {}
    for word, weight in asked.items():
        forms = stemming.forms(word, one.language)
        if forms:
            wanted[forms] = max(wanted.get(forms, 0.0), weight)
    in_text = Counter(one.text_terms)
    length = 1.0 + len(one.text_terms) / 300
    speaks, shared, titled = 0.0, 0, False
    for forms, weight in wanted.items():
        form = next((form for form in forms if form in one.title_terms), None)
        in_title = form is not None
        form = form or next((form for form in forms if form in in_text), None)
        if form is None:
            continue
        shared, titled = shared + 1, titled or in_title
        if total >= _FEW_ARTICLES:
            weight *= max(_COMMON, 1.0 - 2 * articles.holding(db, form) / total)
        speaks += weight * (1.0 if in_title else _IN_TEXT * 2 * in_text[form] / (in_text[form] + _SATURATION * length))
    weight = speaks / math.sqrt(min(max(1.0, sum(wanted.values())), _MOST_ASKED))
    in_passing = (not titled and shared < _WORDS_OF_TEXT_ALONE) or (shared == 1 and weight < _FLOOR_OF_ONE_WORD)
    return 0.0 if in_passing else weight
