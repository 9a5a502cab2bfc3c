"""What a mail gateway puts above a message from outside: "CAUTION: This email originated outside the organization".

Takes the new words of a message; gives how many of its first lines are such a banner. Promises: it looks at the first
paragraphs only, asks for the words of a banner and of a warning together, and leaves questions and the first person
alone; something remains below it; never raises.
Standards: none; the banners of Exchange, Microsoft 365, Google Workspace and of companies, in some ten languages.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import squeeze
from mailgate.mail.forward_line import is_rule
from mailgate.mail.mail_words import folded_words

_LINES = 14
_LONGEST = 500
_ORIGIN = folded_words(
    "originated from outside|originated outside|originates from outside|originating from outside|came from outside|"
    "comes from outside|sent from outside|received from outside|from an external|von außerhalb|von einem externen|"
    "provient de l'extérieur|provient d'un expéditeur externe|originado fuera|procede de fuera|origem externa|"
    "dall'esterno|da un mittente esterno|van buiten de organisatie|van een externe afzender|kurum dışından|"
    "şirket dışından|dış kaynaklı|spoza organizacji|из внешнего|от внешнего отправителя|外部から|来自外部|외부에서"
)
_NAME = (
    r"(?:external (?:e-?mail|mail|sender|message)|externe? (?:e-?mail|mail|absender|afzender)|(?:courriel|e-?mail|message) externe"
    r"|expediteur externe|(?:correo|remitente|e-?mail|remetente|mittente) extern[oa]|e-?mail estern[ao]|mittente esterno"
    r"|wiadomosc zewnetrzna|внешн(?:ий отправитель|ее письмо)|externt mejl|外部(?:メール|邮件)|외부 메일)"
)
_MARK = rf"(?:{_NAME}|external|extern)"
# "[EXTERNAL]", "*** External e-mail ***", "EXTERNAL EMAIL: CAUTION", "WARNING: external sender."
_SHORT = re.compile(
    rf"[\[*=#<!-]{{1,5}} ?(?:[a-z]{{4,10}} ?[:-] ?)?{_MARK} ?[\]*=#>!-]{{1,5}}\Z|\W{{0,3}}[^\W\d]{{4,10}} ?[:!] ?{_NAME}[.!]?\Z"
    rf"|\W{{0,3}}{_NAME} ?[:!-] ?(?:caution|warning|vorsicht|achtung|dikkat|attention|be |use |exercise |think )"
)
_WARNING = folded_words(
    "do not click|don't click|not click on|do not open|not open attachments|think before|be careful|be cautious|"
    "exercise caution|use caution|recognize the sender|recognise the sender|know the sender|klicken sie nicht|"
    "seien sie vorsichtig|cliquez pas|soyez prudent|n'ouvrez pas|no haga clic|no abra|tenga cuidado|não clique|não abra|"
    "tenha cuidado|non cliccare|non fare clic|non aprire|klik niet|open geen|wees voorzichtig|tıklamay|dikkatli olun|"
    "nie klikaj|zachowaj ostrożność|не переходите|не открывайте|будьте осторожны|klicka inte|klik ikke|クリックしない|"
    "ご注意|请勿点击|请谨慎|클릭하지"
)
_LABEL = re.compile(
    r"\W{0,5}(?:caution|warning|attention|notice|achtung|vorsicht|prudence|atencion|precaucion|atencao|cuidado|attenzione|"
    r"let op|dikkat|uwaga|внимание|varning|注意|주의) ?[:!\]*–-]"
)
# Microsoft 365 says it of everybody who writes for the first time.
_FIRST_CONTACT = folded_words(
    "you don't often get email from|don't often get email from|sie erhalten nicht oft eine e-mail von|"
    "sie erhalten nicht häufig e-mails von|vous n'obtenez pas souvent d'e-mail|vous ne recevez pas souvent|"
    "no suele recibir correo|no suele recibir correos|non si ricevono spesso messaggi|non ricevi spesso|"
    "u ontvangt niet vaak e-mail|je ontvangt niet vaak|você não costuma receber|não recebe emails frequentemente|"
    "sık sık e-posta almıyorsunuz|nie otrzymujesz często|rzadko otrzymujesz|вы нечасто получаете|du får inte ofta|"
    "du får ikke ofte"
)
_OWN_WORDS = re.compile(r"(?<![\w'])(?:i|i'm|my|me|we|we're|can you|could you|ich|mir|wir|je|nous)(?![\w'])")


def banner_lines(lines: list[str]) -> int:
    """How many of the first lines are a banner, with the rules and blank lines round it; 0 where there is none."""
    end = index = 0
    found = False
    while index < min(len(lines), _LINES):
        if not lines[index].strip() or is_rule(lines[index]):
            index += 1
            continue
        below = index + 1
        alone = _is_banner(lines[index])  # some gateways leave no blank line below theirs
        while not alone and below < min(len(lines), index + 8) and lines[below].strip() and not is_rule(lines[below]):
            below += 1
        if not alone and not _is_banner(" ".join(lines[index:below])):
            break
        while alone and below < min(len(lines), index + 8) and _warns(lines[below]):
            below += 1
        found, end, index = True, below, below
    while found and end < len(lines) and (not lines[end].strip() or is_rule(lines[end])):
        end += 1
    return end if found and end < len(lines) else 0


def _warns(line: str) -> bool:
    text = squeeze(line[:_LONGEST])
    return any(word in text for word in _WARNING)


def _is_banner(paragraph: str) -> bool:
    if len(paragraph) > _LONGEST or "?" in paragraph.replace("?url=", "").replace("?data=", ""):
        return False
    text = squeeze(paragraph)
    if any(phrase in text for phrase in _FIRST_CONTACT):
        return True
    if _OWN_WORDS.search(text):
        return False
    warns = any(word in text for word in _WARNING)
    if any(phrase in text for phrase in _ORIGIN):
        return warns or _LABEL.match(text) is not None
    return _SHORT.match(text) is not None or (warns and re.search(_NAME, text) is not None)
