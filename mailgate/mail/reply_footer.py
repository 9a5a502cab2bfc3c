"""What stands below a message and nobody typed: legal notices, footers of lists, advertisements of mail services.

Takes lines and a range; gives the first line of such a footer. Promises: it looks at the last 80 lines only; a notice is
told by several of the things that lawyers say, never by one word; something stands above it; never raises.
Standards: none; the habits of companies, list servers and free mail services in some twenty languages.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import squeeze
from mailgate.mail.mail_words import folded_words

_LINES = 80
_SHORTEST = 110
_RULE_CHARS = frozenset("-=_*~#+—–―‐‑‒─━═ \t\u00a0")
_RULE_LENGTH = 10
_BELOW_RULE = 8

# What a legal notice says: what it speaks of, that it is secret, for whom, that it may have gone astray, what to do then.
_THING = folded_words(
    "this e-mail|this email|this message|this communication|this transmission|information contained in|"
    "information in this|this electronic|the contents of|diese e-mail|diese mail|diese nachricht|dieser e-mail|"
    "dieser nachricht|ce message|ce courriel|cet e-mail|cet email|ce mail|este mensaje|este correo|este email|"
    "este e-mail|esta mensagem|esta comunicação|este mail|questo messaggio|questa e-mail|questa comunicazione|"
    "presente comunicazione|presente messaggio|presente e-mail|dit bericht|deze e-mail|dit e-mailbericht|"
    "deze mail|bu e-posta|bu mesaj|bu elektronik|bu ileti|ta wiadomość|niniejsza wiadomość|niniejszy e-mail|"
    "tej wiadomości|tento e-mail|tato zpráva|táto správa|tento email|ez az e-mail|ez az üzenet|ezen üzenet|"
    "jelen üzenet|acest e-mail|acest mesaj|это сообщение|данное сообщение|настоящее сообщение|это электронное|"
    "данное электронное|цей лист|це повідомлення|detta meddelande|detta e-post|denna e-post|denne e-mail|"
    "denne mail|denne meddelelse|denne e-post|tämä viesti|tämä sähköposti|tämän viestin|το παρόν μήνυμα|"
    "το μήνυμα αυτό|ova poruka|ova e-poruka|"
    "това съобщение|käesolev|本メール|このメール|本电子邮件|本邮件|此邮件|此郵件|本郵件|이 메일|본 메일|이 이메일|본 이메일"
)
_SECRET = folded_words(
    "confidential|privileged|proprietary|vertraulich|gesetzlich geschützt|rechtlich geschützt|confidentiel|"
    "secret|confidencial|privilegiad|riservat|confidenzial|privilegiat|vertrouwelijk|gizli|mahrem|poufn|tajemnic|"
    "důvěrn|dôvern|bizalmas|confidențial|конфиденциальн|конфіденційн|поверителн|konfidentiell|sekretess|"
    "fortrolig|taushetsbelagt|luottamuksellis|salassa pidett|εμπιστευτικ|απόρρητ|povjerljiv|zaupn|konfidentsiaal|"
    "機密|秘密|保密|机密|기밀"
)
_WHOM = folded_words(
    "intended recipient|intended only|only intended|intended solely|solely intended|solely for|addressee|"
    "named recipient|person or entity|individual or entity|richtige adressat|ausschließlich für|nur für den|"
    "bestimmt|adressaten|empfänger|destinataire|destinatari|exclusivo de|exclusivamente|destinato|indirizzat|"
    "geadresseerde|uitsluitend bestemd|bestemd voor|alıcı|gönderildiği kişi|muhatab|muhatap|adresat|"
    "wyłącznie dla|určen|adresát|příjemc|príjemc|címzett|destinatar|адресат|получател|предназначен|одержувач|"
    "mottagar|avsedd|modtager|tiltænkt|mottaker|vastaanottaj|tarkoitettu|παραλήπτ|primatelj|naslovnik|收件人|受信者|宛先|"
    "수신"
)
_ASTRAY = folded_words(
    "in error|by mistake|not the intended|not intended|not the named|erroneously|irrtümlich|irrtümlicherweise|"
    "versehentlich|nicht der richtige|nicht für sie|par erreur|por error|por erro|por engano|per errore|"
    "non siete|non fosse la persona|non foste|non è il destinatario|ten onrechte|per abuis|niet voor u|"
    "niet de geadresseerde|onterecht|yanlışlıkla|alıcısı değil|size değil|omyłk|przez pomyłkę|nie jesteś|omylem|"
    "omylom|nejste|tévedés|téved|din greșeală|din eroare|по ошибке|ошибочно|помилк|по погрешка|av misstag|"
    "ved en fejl|ved en feil|ved feil|fejlagtigt|vahingossa|erehdyks|εκ παραδρομής|κατά λάθος|greškom|pomotoma|"
    "ekslikult|誤って|误收|誤收|错误地|잘못"
)
_DUTY = folded_words(
    "notify|delete|destroy|remove it|remove this|disclos|distribut|disseminat|copying|prohibited|unauthori|"
    "immediately inform|vernicht|lösch|benachrichtig|informieren sie|weitergabe|untersagt|nicht gestattet|détrui|"
    "supprim|avertir|divulg|interdit|elimin|destru|notifi|borr|difus|prohibid|proibid|apag|cancell|distrugg|"
    "vietat|diffusion|verwijder|vernietig|verspreid|verboden|siliniz|imha|bildir|yasak|usun|zniszcz|powiadom|"
    "zabronion|smaž|smazat|odstran|vymaž|törölj|értesít|tilos|șterg|interzis|уничтож|удали|запрещен|сообщит|знищ|"
    "видал|radera|underrätta|slet|underret|poista|ilmoit|διαγράψ|ειδοποι|izbriš|obavijest|kustuta|изтри|削除|破棄|删除|"
    "刪除|通知|삭제|파기"
)
_CONCEPTS = (_THING, _SECRET, _WHOM, _ASTRAY, _DUTY)
# Lawyers do not say "I"; but in Polish and Italian "i" is another word, so the language must be known.
_FIRST_PERSON = re.compile(r"(?<![\w'])(?:i|i'm|i've|my|me)(?![\w'])")
_ENGLISH = re.compile(r"(?<!\w)(?:the|is|was|to)(?!\w)")
_GERMAN_PERSON = re.compile(r"(?<!\w)(?:ich|mir|mein|meine)(?!\w)")
_TITLE = folded_words(
    "disclaimer|confidentiality notice|confidentiality|privileged and confidential|legal notice|"
    "haftungsausschluss|vertraulichkeitshinweis|avertissement|aviso legal|aviso de confidencialidade|"
    "avviso di riservatezza|yasal uyarı|uyarı|klauzula poufności|important notice|notice"
)
_GREEN = folded_words(
    "please consider the environment|consider the environment|think before you print|"
    "please think of the environment|save a tree|bitte denken sie an die umwelt|bitte prüfen sie, ob diese|"
    "bitte prüfen sie der umwelt|pensez à l'environnement|pensez environnement|n'imprimez ce|avant d'imprimer|"
    "antes de imprimir|por favor, piense|prima di stampare|rispetta l'ambiente|denk aan het milieu|"
    "bedenk voordat u|lütfen bu e-postayı|lütfen çevreyi|bu e-postayı yazdırmadan|zanim wydrukujesz|"
    "tänk på miljön|tenk på miljøet|före du skriver ut|tænk på miljøet"
)


def footer_start(lines: list[str], start: int, end: int) -> int:
    """The first line of the legal notice with which `lines[start:end]` ends, or `end` where there is none."""
    floor = max(start, end - _LINES)
    found = below = end
    seen: set[int] = set()
    size = 0
    for first, last in _paragraphs_upwards(lines, floor, end):
        text = squeeze(" ".join(lines[first:last])[:6000])
        if _is_green(text) or (seen and _is_title(text)):
            found = below = first
            continue
        if _is_rule(lines[first].strip()):
            found = first if found < end and found == below else found
            below = first
            continue
        own = {number for number, words in enumerate(_CONCEPTS) if any(word in text for word in words)}
        if not own or _speaks_of_himself(text):
            break
        seen |= own
        size += len(text) * (1 if text.isascii() else 3 if ord(text[0]) > 0x2E80 else 1)
        below = first
        if len(own) >= 3 and len(seen) >= 4 and size >= _SHORTEST:
            found = first
    return found if _something_above(lines, found) else end


def is_below_rule(lines: list[str], start: int, end: int) -> bool:
    """Whether `lines[start:end]` opens with a long line of dashes, stars or crosses, and few lines follow it or none."""
    below = [line.strip() for line in lines[start : start + 60] if line.strip()] if end - start <= 60 else []
    return 0 < len(below) <= _BELOW_RULE + 1 and _is_rule(below[0])


def _is_rule(line: str) -> bool:
    return len(line) >= _RULE_LENGTH and _RULE_CHARS.issuperset(line)


def _is_green(text: str) -> bool:
    return len(text) <= 250 and any(phrase in text[:120] for phrase in _GREEN)


def _is_title(text: str) -> bool:
    return len(text) <= 60 and text.strip("*_-=: ").startswith(_TITLE)


def _speaks_of_himself(text: str) -> bool:
    if _GERMAN_PERSON.search(text):
        return True
    return _FIRST_PERSON.search(text) is not None and _ENGLISH.search(text) is not None


def _something_above(lines: list[str], index: int) -> bool:
    return any(line.strip() for line in lines[:index])


def _paragraphs_upwards(lines: list[str], start: int, end: int) -> list[tuple[int, int]]:
    """The paragraphs of `lines[start:end]` from the last to the first, each as (first line, line after).

    A line of dashes is a paragraph of its own.
    """
    found: list[tuple[int, int]] = []
    last = end
    while last > start:
        if not lines[last - 1].strip():
            last -= 1
            continue
        first = last - 1
        if not _is_rule(lines[first].strip()):
            while first > start and lines[first - 1].strip() and not _is_rule(lines[first - 1].strip()):
                first -= 1
        found.append((first, last))
        last = first
    return found
