"""Acknowledgements of help desks: "we have received your message, ticket 4711, and will answer as soon as possible".

Takes a parsed message; gives yes or no. Promises: one sentence never decides, because people thank for letters and say
that they received them; a letter that asks or wants something, that tells of orders and payments, that a list passed on
or that is long is never one. Linear: a bounded piece of text, and shapes with bounded gaps.
Standards: RFC 3834 section 1 (acknowledgements are automatic responses, whatever field they bear).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mailgate.mail.autoreply_claims import asks, without_quotations
from mailgate.mail.autoreply_desk_frame import BESIDES, COMMERCE, SUBJECT
from mailgate.mail.autoreply_desk_words import AUTOMATIC, PROMISE, RECEIVED, SOON, TEMPLATE, THANKS, TICKET
from mailgate.mail.autoreply_sentences import kinds_told
from mailgate.mail.autoreply_stems import ANSWERING, HANDLED, LETTER, YOURS
from mailgate.mail.fold import squeeze
from mailgate.mail.message import ParsedMessage
from mailgate.mail.reply import split_reply

_HEAD = 2500
_OPENING = 700
_LONGEST = 1500
_LEAST = 12
_ENOUGH = 5
_ROLES = re.compile(
    r"(?:^|[._+-])(?:info|support|help|help-?desk|service|services|service-?desk|it-?desk|it-?support|contact"
    r"|contactus"
    r"|contact-us|hello|hi|team|care|customer|customers|customer-?(?:service|care|support)|cs|client|clients"
    r"|sales|office"
    r"|admin|administrator|abuse|noc|security|billing|accounts?|feedback|enquir(?:y|ies)|inquir(?:y|ies)|desk"
    r"|tickets?|request"
    r"|webmaster|hostmaster|editor|editors|press|registrar|admissions|library|reception|bookings?"
    r"|reservations?|membership"
    r"|mail|email|post|privacy|legal|hr|jobs|careers|returns|complaints|techsupport|tech|queries|ask|jira|rt"
    r"|otrs|zammad"
    r"|kundenservice|kundendienst|kundenbetreuung|kontakt|hilfe|anfragen?|buero|buergerservice|rathaus"
    r"|zentrale|post(?:stelle)?"
    r"|service-?client|serviceclient|contactez-nous|accueil|mairie|secretariat|assistance|aide|atencion\w*"
    r"|soporte|ayuda"
    r"|contacto|consultas|reservas|clientes|atendimento|suporte|apoio|sac|contato|faleconosco|ouvidoria|geral"
    r"|assistenza"
    r"|clienti|servizioclienti|segreteria|supporto|klantenservice|helpdesk|destek|bilgi|iletisim|musteri\w*"
    r"|bok|biuro|pomoc"
    r"|obsluga\w*|podpora|dotazy|zakaznick\w*|ugyfel\w*|iroda|suport|relatii|kundtjanst|kundeservice"
    r"|kundesenter|asiakaspalvelu"
    r"|tuki|podrska|it|urp|sav|servicio|servis|\w*amt|gnats|bugs|bugzilla|bugreports?|issues|ypostirixi|kefu|fuwu)\d*$"
)
# Who answers by hand says "I" sooner or later; offices and their programs say "we".
_PERSON = re.compile(
    r"\bi(?:'ll|'m|'d|'ve (?!received)| (?:will|can|could|am|was|think|see|found|looked|checked|would|just)\b)"
    r"|\bich\b|\bje (?:vais|ne|suis|regarde|peux|vous)\b|\bj'ai\b|\bmein kollege|\bmy colleague"
)
_HINT = re.compile(
    r"\b(?:please|kindly) (?:make sure|check (?:your|our)|ensure|include|allow|keep|add|update this)\b"
    r"|\b(?:can|could) we\b"
)
# People quote an acknowledgement to say that nothing followed from it.
_STILL = re.compile(
    r"\b(?:still|but|however|nobody|nothing|never|aber|leider|immer noch|niemand|nichts|toujours|mais|personne|pero|todavia|nadie"
    r"|ma|ancora|nessuno|ainda|ninguem|maar|nog steeds|niemand|diye|hala|ama|ancak|fakat|gelmedi|yapilmadi|ale|nadal|stale|nikt"
    r"|dosud|nikdo|meg mindig|senki|dar|inca|men|fortfarande|stadig|ingen|mutta"
    r"|vielakaan)\b|но |до сих пор|никто|なのに|まだ|但|还没"
)
# What an acknowledgement is made of.
_KINDS: dict[str, Callable[[str], bool]] = {
    "received": lambda words: bool(
        RECEIVED.search(words) or (LETTER.search(words) and HANDLED.search(words) and YOURS.search(words))
    ),
    "thanks": lambda words: bool(THANKS.search(words)),
    "promise": lambda words: bool(PROMISE.search(words)),
    "soon": lambda words: bool((PROMISE.search(words) or ANSWERING.search(words)) and SOON.search(words)),
    "ticket": lambda words: bool(TICKET.search(words)),
    "automatic": lambda words: bool(AUTOMATIC.search(words) or TEMPLATE.search(words)),
    "besides": lambda words: bool(BESIDES.search(words)),
}
# One to three words with capitals, or a short Chinese, Japanese or Korean name, perhaps behind initials.
_CAPITAL = r"[A-ZÀ-ÝĀ-ŽΑ-ΩА-ЯІЇЄİŞÇĞÖÜ]"
_NAME = re.compile(
    rf"{_CAPITAL}[\w'’-]{{1,15}}(?: {_CAPITAL}[\w'’-]{{0,15}}\.?){{0,2}}|[\u4e00-\u9fff]{{2,4}}|[\uac00-\ud7a3]{{2,4}}"
)
# What a desk tells of a ticket that has been there for long.
_STATUS = re.compile(
    r"\b(?:has been|was|is now|as) (?:\w+ )?(?:updated|resolved|solved|closed|reopened|changed|escalated|completed)\b"
    r"|\b(?:aktualisiert|gelost|geschlossen|behoben|erledigt)\b|\b(?:resolue?|cloturee?|mise? a jour)\b"
    r"|\b(?:resuelt|cerrad|actualizad)[oa]\b"
    r"|\b(?:resolvid|encerrad|atualizad)[oa]\b|\b(?:risolt|chius|aggiornat)[oa]\b|\b(?:opgelost|gesloten"
    r"|bijgewerkt)\b"
    r"|\b(?:cozul|kapatil|guncellen)\w+|\b(?:rozwiazan|zamkniet)\w+|(?:решен|закрыт|обновлен)\w*|解決|已解决|已关闭"
)
_ROLE_NAMES = re.compile(
    r"\b(?:support|service|services|customer|client|help|helpdesk|desk|team|care|office|kundenservice"
    r"|kundendienst|atencion"
    r"|soporte|suporte|apoio|assistenza|klantenservice|destek|musteri|kundtjanst|kundeservice|asiakaspalvelu"
    r"|podpora|bok"
    r"|ugyfelszolgalat|mairie|via rt)\b|служба|поддержк|підтримк|サポート|カスタマ|窓口|客服|服务|服務|고객|εξυπηρετηση|خدمة|שירות"
)


def acknowledges(message: ParsedMessage, subject: str, *, marked: bool, answers: bool) -> bool:
    """Whether a help desk's program says that the message arrived.

    `subject` as `fold.subject_words` gives it; `marked` where a header field hints at a machine; `answers` where the
    message refers to another or its subject begins with "Re:".
    """
    text = squeeze(message.text[:_HEAD])
    named, role = not answers and bool(SUBJECT.search(subject)), _is_desk(message)
    if not (marked or named or role or AUTOMATIC.search(text) or TEMPLATE.search(text)):
        return False  # the quick way for nearly all mail: without any of them it is none, see the last conditions
    received = bool(RECEIVED.search(text, 0, _OPENING))
    thanks = bool(THANKS.search(text, 0, _OPENING))
    told = LETTER.search(text, 0, _OPENING) and HANDLED.search(text, 0, _OPENING) and YOURS.search(text, 0, _OPENING)
    if not (received or thanks or told or TICKET.search(text) or (named and marked)):
        return False
    parts = split_reply(message.text)
    own, by_hand = without_quotations(squeeze(parts.new[:_HEAD])), bool(parts.quoted) or _is_signed(message, parts.new)
    if len(own) < _LEAST:  # "Reply above this line", and all the rest is below
        own, by_hand = text, False
    if len(own) > _LONGEST or COMMERCE.search(own):
        return False
    received, thanks = bool(RECEIVED.search(own, 0, _OPENING)), bool(THANKS.search(own, 0, _OPENING))
    received = received or (not answers and bool(RECEIVED.search(subject)))
    promise, soon, ticket = (bool(shape.search(own)) for shape in (PROMISE, SOON, TICKET))
    automatic = bool(AUTOMATIC.search(own))
    machine = automatic or bool(TEMPLATE.search(own))
    if asks(_HINT.sub(" ", own)) and not (received and machine and (marked or role)):  # "Any questions? See our FAQ."
        return False
    if not received and _STATUS.search(own):
        return False
    if role and not by_hand and not _PERSON.search(own) and _says_nothing_else(parts.new[:_HEAD]):
        return True
    opened = ticket and (promise or (thanks and marked))
    thanked = thanks and promise and (automatic or (named and soon and role))
    if not (received or opened or thanked):
        return False  # thanks and a promise are also what people write by way of a desk's program
    spoken = (named and (promise or ticket)) or (role and received and promise and soon)
    if not (machine or marked or (spoken and not by_hand and not _PERSON.search(own))):
        return False
    points = 3 * received + thanks + promise + soon + 2 * machine + ticket + marked + role + 2 * named + answers
    return points >= _ENOUGH


def _says_nothing_else(written: str) -> bool:
    """Whether a text only confirms and promises, in two kinds of sentences at least, one of them a desk's."""
    if _STILL.search(squeeze(written)):
        return False
    told = kinds_told(written, _KINDS) or []
    opens = any({"received", "thanks"} & kinds or kinds >= {"ticket", "promise"} for kinds in told[:2])
    if not opens:
        return False
    all_told = set().union(*told)
    if "received" in all_told:
        return bool({"soon", "ticket", "automatic", "promise"} & all_told)
    return bool({"soon", "ticket", "automatic"} & all_told) and len(all_told - {"besides", "soon"}) > 1


def _is_signed(message: ParsedMessage, written: str) -> bool:
    """Whether the last line is a person's name ("Petra", "Pozdrawiam, Ewa Nowak") and not the office's own."""
    lines = written[-300:].strip().splitlines()
    last = lines[-1].strip(" .,!-–—") if len(lines) > 1 else ""
    name = last.rpartition(",")[2].strip()
    if not _NAME.fullmatch(name) or _ROLE_NAMES.search(squeeze(last)):
        return False
    domain = message.author.domain if message.author is not None else ""
    return not any(word in domain for word in squeeze(name).split() if len(word) > 2)


def thanks_or_confirms(head: str) -> bool:
    """Whether squeezed text opens with thanks for a letter, or with the news that one arrived."""
    return bool(THANKS.search(head, 0, _OPENING) or RECEIVED.search(head, 0, _OPENING))


def _is_desk(message: ParsedMessage) -> bool:
    """Whether the author bears the name of an office and not of a person."""
    author = message.author
    if author is None:
        return False
    return bool(_ROLES.search(author.local_part[:100].lower()) or _ROLE_NAMES.search(squeeze(author.name[:100])))
