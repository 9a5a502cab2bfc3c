"""Notes that a mailbox sends by itself and that no field marks: away for now, gone for good, nobody reads this.

Takes a parsed message and the writer's own words, squeezed; gives yes or no. Promises: two sentences of different kinds are
wanted ("I am away" and "I will answer when I return"), in a short text that asks and wants nothing; a note about somebody
else counts only where it answers a message or is about the mailbox's own name. Linear: shapes with bounded gaps.
Standards: none; RFC 3834 section 3.1.1 asks responders for a mark, and these give none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

from mailgate.mail.autoreply_claims import asks, is_urgent_note
from mailgate.mail.autoreply_desk import thanks_or_confirms
from mailgate.mail.autoreply_desk_words import AUTOMATIC, THANKS
from mailgate.mail.autoreply_note_words import AWAY, CLOSED, ELSEWHERE, LATER, LEFT
from mailgate.mail.autoreply_phrases import first_absence
from mailgate.mail.autoreply_sentences import any_sentence, kinds_told, sentences
from mailgate.mail.autoreply_stems import ABSENCE, AFTERWARDS, ANSWERING, CONTACT, DAY, HASTE
from mailgate.mail.fold import squeeze
from mailgate.mail.message import ParsedMessage

_OPENING = 400
_LONGEST = 1200
_SHORT = 700
_FIRST = 4


# Of the sentences of absence, those that only tell when somebody is back: people say so of meetings and plans.
_BACK = re.compile(
    r"(?:when|once|after|until|as soon as|sobald|wenn|quand|lorsque|des que|cuando|quando|nar|zodra|wanneer"
    r"|kun|gdy|jak)"
    r"(?: [^ .]{1,20}){0,4} (?:back (?:on|in)|wieder im buro|de retour|tilbage|tilbake|tillbaka|terug)"
    r"|back (?:on|in) (?:track|stock|order|time|touch)|(?:am|bin) (?:dann|ab) \S{1,12} wieder im buro"
)
# Somebody who speaks of himself and of another, or of this box and not of any.
_ME = re.compile(
    r"\b(?:contact|reach|call|ask|e-?mail|write|to|with|for) me\b|\ban mich\b|\bbei mir\b|\bbana\b|\bbenimle\b"
    r"|\bcontact(?:ez|er)-moi\b|\bme contacter\b|\bcontact(?:ar|en)me\b|\bcon ?migo\b|\bcomigo\b|\bcontattarmi\b"
    r"|\bmir\b|\bich bin (?:jetzt|nun)\b|\bi am (?:now|the new|her|his|their)\b|\b(?:send|take|put|remove|add"
    r"|give|tell) me\b|\bm'envoyer\b"
    r"|\bnous voulons\b"
    r"|\b(?:met|aan) mij\b|\bke mnie\b|\bdo mnie\b"
    r"|\b(?:mig|meg|minuun)\b|\bко мне\b|\bсо мной\b"
)
_THIS = re.compile(
    r"\b(?:this|diese[srmn]?|cette|ce|esta?e?|questo|questa|dit|deze|bu|ta|to|ten|tato|tento|toto|ez|acest"
    r"|aceasta|denna|detta"
    r"|denne|dette|tama|ova|ovaj|an unmonitored|unmonitored|unattended|you have sent an e-?mail)\b"
    r"|эт[аоту]|ц[яеі]|当メール|このメール|本メール|此|该|本邮|이 메일|αυτ|הזו|הזה|هذا|هذه"
)
# Notices begin with such a sentence too and then go on with their business: a note speaks of the letter it answers.
_YOURS = re.compile(
    r"\b(?:your|ihre|deine|votre|su|tu|sua|tua|uw|je|din|ditt|vas|vase|vasu) (?:\w+ )?(?:e-?mail|message|mail"
    r"|inquiry|enquiry"
    r"|request|query|letter|nachricht|anfrage|courriel|correo|mensaje|messaggio|richiesta|mensagem|bericht"
    r"|besked|melding|zprav|zpravu)"
    r"|\byou(?:'ve| have)? (?:sent|written|reached|e-?mailed|are writing)|(?:mesaj|ileti|e-?posta"
    r"|mail)\w*n[ia]z|ваш|您|あなた|お問"
)
_FOR_GOOD = re.compile(
    r"no longer|discontinued|retired|decommissioned|closed|deactivated|disabled|nicht mehr|abgeschaltet"
    r"|stillgelegt|n'est plus"
    r"|supprimee|ya no|ja nao|mais|piu|niet meer|langer|artik|juz|jiz|uz |больше|уже|більше|вже|mar |enaa|nedlagt"
    r"|廃止|停止|不再|停用|더 이상"
)
_ADDRESS_BOOK = re.compile(r"\bplease (?:\w+ )?(?:update|change) your (?:\w+ )?(?:address|contact|record|book)")
_SETTING_UP = re.compile(
    r"abwesenheits|autorespond|auto-?reply|automatische[n]? antwort|out[- ]of[- ]office (?:message|note|reply"
    r"|text|assistant)"
    r"|\booo text|folgende|following (?:text|message|note)|message d'absence|reponse automatique"
    r"|respuesta automatica|risposta automatica"
    r"|otomatik yanit|otomatik cevap|autosvar|autoodpow|автоответ|自動応答|自動返信|自动回复|자동 ?회신"
)


# What people ask to be called for, on a number of their own or none.
_BY_VOICE = re.compile(r"\b(?:call|ring|phone|my mobile|my cell|my colleague)\b(?!.{0,80}\d{3})")
# One's own telephone, on which one is there for the matter in hand.
_OWN_PHONE = re.compile(
    r"\b(?:mobil|mobile|mobiltelefon|handy|cell|cellphone|portable|movil|cellulare|telemovel|celular|komork[eai]|cep|cepten"
    r"|cebimden|gsm|mobiel|bel me)\b|мобильн|携帯|手机|핸드폰"
)
# Somebody else, named at the head of a sentence ("Karen is on leave"), and not an office.
_ANOTHER = re.compile(
    r"(?:(?:Sorry|Unfortunately|Leider|Malheureusement|(?:Our|My) colleague|Unser Kollege|Unsere Kollegin|Mein Kollege"
    r"|Meine Kollegin|Mon coll[eè]gue|Ma coll[eè]gue),? )?(?:(?:Mr|Mrs|Ms|Dr|Herr|Frau|Mme|M|Sr|Sra|Pan|Pani|Dhr|Mevr)\.? )?"
    r"(?!(?:I|We|It|This|That|There|Today|Everyone|Nobody|All|Offices?|Company|Shop|Store|Support|Team|Service|School|Clinic"
    r"|Library|University|Department|Access|Response|E-?[Mm]ail|Mail|Praxis|B[uü]e?ro|Kanzlei|Firma|Sekretariat|Werk|Lager"
    r"|Studio|Ufficio|Oficina|Bureau|Ich|Wir|Es|Heute|Je|Il|On|Jag|Jeg|Vi|De|Die|Der|Das|Unsere?|Le|La|El|The|Our|My)\b)"
    r"[^\W\d_a-z][\w'-]{1,20}(?: [^\W\d_a-z][\w'-]{1,20}){0,2}"
    r" (?:is|ist|est|est[aá]|è|jest|je|är|er|on|has|hat|ha)\b"
)
# Systems that are unavailable, and people who ask for leave or tell of other people's.
_OTHER = re.compile(
    r"\b(?:system|server|service|website|network|maintenance|wartung|sistem|bakim)\w* (?:\w+ ){0,2}(?:will|is"
    r"|wird|ist|olacak|sera)\b"
    r"|\b(?:chiedo|richiedo|solicito|je souhaite|je demande|je voudrais|beantrage|mochte|wurde gerne"
    r"|i would like|i'd like|i request"
    r"|requesting|prosze o urlop|talep ediyorum|istiyorum|прошу|kerek|zadam|quisiera|gostaria|vorrei|jag vill"
    r"|ik wil)\b"
)
# What trackers pass on: "Bob commented: I am out of the office".
_RELAYED = re.compile(
    r"(?:\S+ ){1,4}(?:commented|wrote|replied|added|said|hat kommentiert|schrieb|a commente|a ecrit|comento"
    r"|ha commentato|yorum)\b"
)
# What is out of reach of one who is away, and what is not done with letters meanwhile. "When I return" alone says neither:
# people write so of the invoice that they will pay then.
_OF_LETTERS = re.compile(
    r"\b(?:access|acces|acceso|acesso|accesso|akses|toegang|zugriff|zugang|erisim|dostep|pristup|tillgang|tilgang"
    r"|adgang|deal|attend|contact|forward|weitergeleit|transfer|reenvi|inoltr|doorgestuurd|iletilme|hozzafer"
    r"|zprav|sprav|uzenet|richiest|demande|anfrage|anliegen|solicitud|requests?\b|vyrid|vybav)"
    r"|доступ|достъп|προσβαση|アクセス|連絡|対応|确认|联系|연락|접속|גישה|وصول"
)
# What people cannot reach because of the matter in hand, or reach only there.
_THINGS = re.compile(
    r"\b(?:system|vpn|servers?|portal|drive|files?|laptop|computer|pc|database|building|site|account|konto|laufwerk|rechner"
    r"|serveur|systeme|sistem\w*|servidor|sistema|ordenador|bilgisayar\w*|sunucu\w*|systemu|serwer\w*|uctu)\b|систем|сервер"
)
# Words of answering in the words of coming back: "when I get back", "dönüşümde".
_COMING_BACK = re.compile(
    r"\b(?:when|once|after|until|till|as soon as) (?:i|we)\b(?:'?\w* ){1,2}back\b|\bdonusum\w*|\bgeri dond\w*"
)
# What says of itself that it is automatic.
_ITSELF = re.compile(
    r"\b(?:this|dies|das|ceci|il s'agit|este|esta|se trata|questo|questa|si tratta|dit|bu|to|toto|tohle|ez|acesta|acest|det|detta"
    r"|dette|tama|ovo|αυτο|это|данное|це|това)\b(?: [\w'-]{1,12}){0,4} (?:auto[a-z]{3}|αυτοματ|автомат|otomat)"
    r"|\b(?:wiadomosc|mesaj|mensagem|mensaje|messaggio) (?:wygenerowana |jest |es |e )?(?:auto[a-z]{3}|otomat)"
    r"|本メールは自動|このメールは自動|自动回复|自動回覆|자동 ?(?:회신|응답|발송)"
)
# What a note of absence is made of.
_KINDS: dict[str, Callable[[str], bool]] = {
    "away": lambda words: first_absence(words) >= 0 or bool(AWAY.search(words) or ABSENCE.search(words)),
    "later": lambda words: _answers_later(words),
    "own": lambda words: first_absence(words) >= 0 or bool(AWAY.search(words)),
    "day": lambda words: bool(
        ABSENCE.search(words) and DAY.search(words)
    ),  # a figure alone makes no sentence of a note
    "afterwards": lambda words: bool(AFTERWARDS.search(words)),
    "dated": lambda words: bool(ANSWERING.search(words) and DAY.search(words)),
    "answering": lambda words: bool(ANSWERING.search(_COMING_BACK.sub(" ", words))),
    "haste": lambda words: bool(HASTE.search(words)),
    "elsewhere": lambda words: (
        is_urgent_note(words)
        or (bool(CONTACT.search(words)) and not _BY_VOICE.search(words) and not _OWN_PHONE.search(words))
    ),
    "thanks": thanks_or_confirms,
    "automatic": lambda words: bool(AUTOMATIC.search(words)),
}
# What a note of a mailbox that is given up is made of.
_OF_CLOSING: dict[str, Callable[[str], bool]] = {
    "closed": lambda words: bool(CLOSED.search(words) or LEFT.search(words) or _YOURS.search(words)),
    "elsewhere": lambda words: bool(ELSEWHERE.search(words)),
    "thanks": thanks_or_confirms,
    "automatic": lambda words: bool(AUTOMATIC.search(words)),
}


def may_be_note(head: str) -> bool:
    """Whether squeezed text opens like such a note: the quick look, before quotations are cut off."""
    shapes = (AWAY, LEFT, CLOSED, ABSENCE)
    return first_absence(head[:_OPENING]) >= 0 or any(shape.search(head, 0, _OPENING) for shape in shapes)


def is_note_of_absence(written: str, own: str, *, answers: bool, named: bool, by_hand: bool) -> bool:
    """Whether somebody's mailbox says that he is away and that answers come later.

    `written` and `own`: the writer's own words, as they are and squeezed; `answers`: the message answers another;
    `named`: the subject speaks of absence; `by_hand`: a field says that the message left a person's mail program, or
    it quotes what it answers, as people's programs do and few responders.
    """
    if (
        len(own) > _LONGEST
        or not _opens_away(own)
        or asks(own)
        or _SETTING_UP.search(own, 0, 200)
        or _RELAYED.match(own)
    ):
        return False
    later, urgent = bool(LATER.search(own)), is_urgent_note(own)
    strong = first_absence(own[:_OPENING]) >= 0 or bool(AWAY.search(own, 0, _OPENING))
    complete = thanks_or_confirms(own) and strong and (urgent or (later and any_sentence(written, _answers_later)))
    if complete and (not by_hand or _says_nothing_but_away(written)):
        return True
    # mail programs answer by rules of their own too, and then say whose sentence it is
    if answers and (not by_hand or _ITSELF.search(own)):
        return _says_nothing_but_away(written) and not _ME.search(own)
    if not named or by_hand:
        return False
    # Offices tell all their customers when they are closed: only one who speaks of himself answers with no more than that.
    return later or (urgent and bool(ELSEWHERE.search(own)) and first_absence(own[:_OPENING]) >= 0)


def _says_nothing_but_away(written: str) -> bool:
    """Whether the first sentence, but for thanks, is an absence, and another one, or itself, says what follows from it."""
    told = [kinds - {"automatic"} for kinds in kinds_told(written, _KINDS) or []]
    told = [kinds for kinds in told if kinds and ("thanks" not in kinds or "away" in kinds)]
    if not told or "away" not in told[0] or _OTHER.search(squeeze(written[:200])):
        return False
    if not told[0] & {"own", "day"}:
        return False  # "leave", "closed" and "away" are words of everybody's
    if "own" in told[0] and told[0] & {"later", "elsewhere"}:
        return True
    return any(
        kinds & {"later", "elsewhere", "haste"} or kinds >= {"answering", "afterwards"} or "dated" in kinds
        for kinds in told[1:]
    )


def tells_of_another(message: ParsedMessage, written: str) -> bool:
    """Whether one of the first sentences is about somebody other than the author: colleagues answer for each other."""
    for sentence in islice(sentences(written), _FIRST):
        told = _ANOTHER.match(sentence)
        if told is None or not _KINDS["away"](squeeze(sentence)):
            continue
        if not _names_author(message, squeeze(told.group())):
            return True
    return False


def is_note_of_leaving(
    message: ParsedMessage, written: str, own: str, *, answers: bool, marked: bool, by_hand: bool
) -> bool:
    """Whether a mailbox says that its owner has left, or that nobody reads it any more, and where to turn.

    `written` and `own`, `answers` and `by_hand` as above; `marked`: a field hints at a machine.
    """
    if len(own) > _SHORT or asks(_ADDRESS_BOOK.sub(" ", own)) or _ME.search(own):
        return False
    left, closed = LEFT.search(own, 0, _OPENING), CLOSED.search(own, 0, _OPENING)
    if left is None and closed is None:
        return False
    elsewhere, machine = bool(ELSEWHERE.search(own)), bool(AUTOMATIC.search(own))
    if left is not None and closed is not None:
        return elsewhere or machine or answers
    if closed is not None:
        if (
            closed.group().startswith(("my ", "our ", "i "))
            and not machine
            and kinds_told(written, _OF_CLOSING) is None
        ):
            return False  # people write so above their answer
        # Near the top: notices have such a sentence at their foot.
        near = closed.start() < (90 if answers or THANKS.search(own, 0, 60) else 45)
        this = bool(_THIS.search(own, max(0, closed.start() - 20), closed.end()))
        meant = answers or (this and bool(_YOURS.search(own) or _FOR_GOOD.search(closed.group())))
        return (elsewhere or machine) and near and not by_hand and meant
    itself = left is not None and _names_author(message, own[max(0, left.start() - 80) : left.end()])
    received = bool(THANKS.search(own, 0, _OPENING) or LATER.search(own))
    return elsewhere and ((answers and not by_hand) or marked or machine or itself or received)


def _answers_later(words: str) -> bool:
    """Whether a sentence says that letters wait: "when I return" alone is also said of the matter in hand."""
    if not LATER.search(words):
        return False
    rest = _COMING_BACK.sub(" ", words)
    return bool(ANSWERING.search(rest) or (_OF_LETTERS.search(rest) and not _THINGS.search(rest)))


def _opens_away(own: str) -> bool:
    """Whether the text opens with an absence that is more than a day of return."""
    return first_absence(_BACK.sub(" ", own[:_OPENING])) >= 0 or bool(
        AWAY.search(own, 0, _OPENING) or (ABSENCE.search(own, 0, _OPENING) and DAY.search(own, 0, _OPENING))
    )


def _names_author(message: ParsedMessage, sentence: str) -> bool:
    """Whether the sentence holds a name of the author: nobody writes of himself in the third person."""
    author = message.author
    if author is None:
        return False
    words = set(sentence.replace(".", " ").replace(",", " ").split())
    names = squeeze(
        f"{author.name} {author.local_part[:100]}".replace(".", " ").replace("_", " ").replace("-", " ")
    ).split()
    return any(len(name) > 2 and name in words for name in names)
