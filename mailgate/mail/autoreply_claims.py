"""What a text claims of itself: that it is an automatic reply, or a challenge to prove that one is no robot.

Takes squeezed text (`fold.squeeze`) of a writer's own words; gives yes or no. Promises: only sentences that name a reply
count ("this is an automatic reply"), because receipts and alerts call themselves automatic messages too; linear.
Standards: none; challenges are what RFC 3834 section 1 calls responders that ask for confirmation.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import word_table

_REPLY = word_table(
    """
this is an automatic reply|this is an automated reply|this is an auto reply|this is an auto-reply|this is an autoreply
this is an automatic response|this is an automated response|this is an auto response|this is an auto-response
this is an automatically generated reply|this is an automatically generated response
this is an auto-generated reply|this is an auto-generated response|this is an auto generated response
this is an automatic e-mail reply|this is an automatic email reply|this is an automated email response
this is an automated e-mail response|this is an autoresponse|this is an autoresponder|this message is an automatic reply
this message is an automated response|this email is an automatic reply|this e-mail is an automatic reply
this email is an automated response|this is an out of office reply|this is an out-of-office reply
dies ist eine automatische antwort|dies ist eine automatisch generierte antwort|dies ist eine automatisch erstellte antwort
das ist eine automatische antwort|dies ist eine automatische abwesenheitsnotiz|dies ist eine automatische ruckantwort
dies ist eine automatisch erzeugte antwort|diese antwort wurde automatisch
ceci est une reponse automatique|il s'agit d'une reponse automatique|ceci est un message d'absence
esta es una respuesta automatica|este es un mensaje de respuesta automatica|se trata de una respuesta automatica
questa e una risposta automatica|questo e un messaggio di risposta automatica|si tratta di una risposta automatica
esta e uma resposta automatica|trata-se de uma resposta automatica|dit is een automatisch antwoord
dit is een automatische reactie|dit is een automatisch gegenereerd antwoord|dit is een automatisch gegenereerde reactie
bu otomatik bir yanittir|bu otomatik bir cevaptir|bu bir otomatik yanittir|bu bir otomatik cevaptir
bu bir otomatik yanit mesajidir|bu otomatik yanit mesajidir|bu ileti otomatik yanittir
to jest automatyczna odpowiedz|jest to automatyczna odpowiedz|niniejsza odpowiedz zostala wygenerowana automatycznie
toto je automaticka odpoved|tato odpoved byla vygenerovana automaticky|ez egy automatikus valasz|ez automatikus valasz
acesta este un raspuns automat|это автоматический ответ|данный ответ сформирован автоматически|это автоответ
це автоматична відповідь|det har ar ett automatiskt svar|detta ar ett automatiskt svar|detta ar ett autosvar
dette er et automatisk svar|dette er et autosvar|tama on automaattinen vastaus|ovo je automatski odgovor
to je samodejni odgovor|αυτη ειναι αυτοματη απαντηση|αυτη ειναι μια αυτοματη απαντηση|това е автоматичен отговор
本メールは自動返信|このメールは自動返信|このメールは自動応答|本メールは自動応答|自動返信メールです|自動応答メールです
这是自动回复|此邮件为自动回复|本邮件为自动回复|这是一封自动回复|的假期自动回复|这是来自qq邮箱的|本信件為自動回覆|此為自動回覆
자동 회신 메일입니다|자동회신 메일입니다|자동 응답 메일입니다|자동응답 메일입니다|자동으로 회신
day la thu tra loi tu dong|ini adalah balasan otomatis|זוהי תשובה אוטומטית|هذا رد تلقائي|هذا رد آلي
"""
)

_CHALLENGE = word_table(
    """
i'm protecting myself from receiving junk mail|i am protecting myself from receiving junk mail
you won't have to do this again|was waitlisted|add yourself to my guest list|to release your message for delivery
is being held because the address|has been held because the address|is being held until you confirm
i apologize for this automatic reply to your email|only from senders i have approved|this is a one-time confirmation
this is a one time confirmation|you only need to confirm once|verify that you are a real person
confirm that you are a human|prove that you are human|click the link below so i can receive your
to complete this verification|your message will be delivered once you|requires verification of the sender
uses a spam blocking system|challenge/response|before your message can be delivered you
para confirmar o envio da sua mensagem|mensagem retida|protected by earthlink spamblocker|to a list of allowed senders
that i can add you to my|usa o antispam|usa o anti-spam|active spam killer|your message is queued until|to complete the delivery of
human being and not a spam|real live human being|are not a spammer|prove you are human|prove you're human|verify you are human
verify that you are human|verify that you are a human|confirm that you are not a robot|bin kein roboter und|anti-spam challenge
sender verification|sender address verification|sent from a real person|authenticate your email
your email has been quarantined until
to deliver your message, please|i use a spam filter that
"""
)

# Of these, the names of the thing: people speak of them, and only challenges say more.
_TERMS = frozenset(
    word_table(
        """
challenge/response|active spam killer|anti-spam challenge|sender verification|sender address verification
authenticate your email|are not a spammer|i use a spam filter that|uses a spam blocking system
"""
    )
)

_URGENT = word_table(
    """
for urgent|if urgent|in urgent cases|if your message is urgent|if this is urgent|for anything urgent|urgent matters
if you need immediate|for immediate assistance|in case of emergency|in my absence|during my absence|while i am away
will not be forwarded|no access to e|limited access to e|without access to e|with no access|please contact
in dringenden|bei dringenden|wahrend meiner abwesenheit|in meiner abwesenheit|nicht weitergeleitet
bitte wenden sie sich|en cas d'urgence|pour toute urgence|en mon absence|pendant mon absence
merci de contacter|veuillez contacter|en caso de urgencia|durante mi ausencia
assuntos urgentes|durante a minha ausencia|em caso de urgencia|in caso di urgenza|per urgenze
in mia assenza|bij dringende|in dringende gevallen|voor dringende
acil durum|acil konular|w pilnych sprawach|w sprawach pilnych|v nalehavych|v naliehavych
surgos esetben|in caz de urgenta|по срочным|в срочных|у термінових
vid bradskande|ved hastende|ved akutte
kiireellisissa|kiireisissa|u hitnim|v nujnih|επειγον|急ぎの|至急|緊急|紧急|急事|급한 용무|긴급|会尽快回|尽快给您回|將儘快回|會儘快回
"""
)
# Parts of words, in many languages: "urgent", "dringend", "acil", ...
_PRESSING = word_table(
    """
for urgent|if urgent|in urgent|if it is urgent|if it's urgent|if this is urgent|is urgent, please|urgent matter|urgent case
urgent issue|urgent request|urgent inquir|urgent enquir|anything urgent|something urgent|urgent things|urgent question
urgent assistance|urgent support|emergency|immediate assistance|immediate attention|immediate help|immediate response
d'urgence|toute urgence|questions urgentes|urgences|de urgencia|urgencias|asuntos urgentes|temas urgentes|si es urgente
assuntos urgentes
se for urgente|se urgente|casos urgentes|per urgenze|di urgenza|questioni urgenti|casi urgenti|pentru urgente|caz de urgenta
in dringend|bei dringend|dringende falle|dringenden|voor dringende|dringende zaken|dringende vragen|als het dringend
acil durum|acil konu|acil ihtiya|piln|срочн|термінов|nalehav|naliehav|surgos|bradskande|hastende|hastesag|hastesak|hastehenv
ved akutte|vid akuta|kiireellis|kiireis|hitnim|hitne|nujnih|επειγ|至急|緊急|お急ぎ|紧急|急事|긴급|급한|khan cap|mendesak
mailbox is not monitored|mailbox is no longer monitored|mailbox will not be monitored|this mailbox is unmonitored
postfach wird nicht|no longer be monitored|account is not monitored|account is no longer monitored
"""
)
_CLOSED = word_table(
    """
this mailbox is no longer monitored|this inbox is no longer monitored|this email address is no longer monitored
this e-mail address is no longer monitored|this address is no longer monitored|this account is no longer monitored
this mailbox is no longer in use|this email address is no longer in use|this e-mail address is no longer in use
this email address is no longer active|this e-mail address is no longer active|this email account is no longer active
diese e-mail-adresse wird nicht mehr|dieses postfach wird nicht mehr|diese adresse wird nicht mehr
cette adresse n'est plus|cette boite n'est plus|cette adresse e-mail n'est plus|esta direccion ya no
este endereco nao esta mais|questo indirizzo non e piu|dit e-mailadres is niet meer|bu e-posta adresi artik
этот адрес больше не|ten adres nie jest juz
"""
)
_QUOTATION = re.compile(r"""\"[^"]{20,1500}\"|(?<!\w)'(?=\w)(?:[^']|(?<=\w)'(?=\w)){20,1500}'(?!\w)""")
_INVITED = word_table(
    """
accepted:|declined:|tentative:|tentatively accepted:|zugesagt:|abgelehnt:|mit vorbehalt:|accepte :|accepte:|refuse :
refuse:|provisoire :|aceptado:|rechazado:|provisional:|accettato:|rifiutato:|provvisorio:|aceito:|aceite:|recusado:
geaccepteerd:|afgewezen:|voorlopig:|kabul edildi:|reddedildi:|gecici:|zaakceptowano:|odrzucono:|prijato:|odmitnuto:
принято:|отклонено:|accepterat:|avbojt:|accepteret:|afvist:|hyvaksytty:|hylatty:|承諾:|辞退:|已接受:|已拒绝:|수락됨:
invitation:|updated invitation:|canceled:|cancelled:|einladung:|abgesagt:
"""
)
# What people want of a desk; responders only say whom to call or write to.
_REQUEST = re.compile(
    r"\b(?:please|kindly|pls|bitte)(?: \w{1,12})? (?:disable|deactivate|give|remove|delete|change|transfer|add|create|move"
    r"|reset|close|block|lock|install|order|renew|check|update|fix|grant|revoke|cancel|make|set|switch|turn|activate|enable"
    r"|postpone|deliver|ship|deaktivieren|aktivieren|einrichten|einstellen|liefern|verschieben"
    r"|loschen|sperren|prufen|andern)\b|\b(?:can|could|would) (?:you|we|i)\b|\bkonnen sie\b|\bkonnten sie\b|\bpouvez-vous\b"
    r"|\b(?:konnt|konnen|konntet) ihr\b|\bwie (?:kann|stelle|richte) ich\b|\bcomment (?:faire|puis-je|activer|desactiver)\b"
    r"|\b(?:como|come) (?:se (?:hace|configura|activa)|si (?:imposta|fa|attiva)|ativo|configuro)\b|\bkunnen jullie\b|\bkan ni\b"
    r"|\bkan i\b|\bkan dere\b|\bvoitteko\b|\bnasil\b|\byardimci ol|教えて(?:ください|下さい|いただ|くれ)|알려 ?주(?:세요|시|십)"
    r"|请问|請問|\b(?:misiniz|musunuz|misin|miyiz|muyuz)\b|怎么|怎麼|如何"
    r"|как (?:настроить|включить|отключить)|подскажите|помогите|як налаштувати"
)
_QUESTION = re.compile(r"\?(?:\s|$)|[？؟](?:\s|$)|(?<=[α-ω]);(?:\s|$)")


def claims_reply(head: str) -> bool:
    """Whether the text says of itself that it is an automatic reply."""
    return any(phrase in head for phrase in _REPLY)


def says_closed(head: str) -> bool:
    """Whether the text opens with the news that nobody reads the mailbox any more."""
    return any(phrase in head[:300] for phrase in _CLOSED)


def challenges(head: str) -> bool:
    """Whether the text asks the sender to confirm that a person wrote."""
    told = [phrase for phrase in _CHALLENGE if phrase in head]
    return len(told) > 1 or any(phrase not in _TERMS for phrase in told)


def names_deputy(head: str) -> bool:
    """Whether the text says what to do while its writer is away."""
    return any(phrase in head for phrase in _URGENT)


def is_urgent_note(head: str) -> bool:
    """Whether the text says where to turn in urgent cases, or that nobody reads the mailbox."""
    return last_urgency(head) >= 0


def last_urgency(head: str) -> int:
    """Where the text last says so; -1 where it does not."""
    return max(head.rfind(stem) for stem in _PRESSING)


def without_quotations(head: str) -> str:
    """Squeezed text without what stands between quotation marks: people quote the replies of machines."""
    return _QUOTATION.sub(" ", head) if '"' in head or "'" in head else head


def answers_invitation(subject: str) -> bool:
    """Whether a squeezed subject is that of a calendar's answer ("Accepted: meeting")."""
    return subject.startswith(_INVITED)


def asks(text: str) -> bool:
    """Whether somebody asks or wants something (folded text): responders do not."""
    return bool(_QUESTION.search(text) or _REQUEST.search(text))


def wants(text: str) -> bool:
    """Whether somebody wants something done (folded text)."""
    return bool(_REQUEST.search(text))
