"""Where a signature begins at the end of what somebody wrote.

Takes lines and a range; gives the first line of the signature. Promises: a closing phrase and a name that stand there
without a delimiter are the writer's words and stay; what is long, or reads like sentences, is no signature; linear.
Standards: RFC 3676 section 4.3 for the delimiter "-- "; the rest are habits of mail programs.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import squeeze
from mailgate.mail.forward_line import is_rule
from mailgate.mail.mail_words import INVISIBLE, folded_words
from mailgate.mail.reply_words import FOOTER_STARTS, MOBILE_ENDS, MOBILE_STARTS

_DELIMITERS = frozenset(("--", "---", "–", "—", "__", "- -", "—-", "-–", "――"))
_STRICT_LINES = 40
_LOOSE_LINES = 15
_LONGEST_ALONE = 6
_RULE = re.compile(r"_{5,}\Z")
_DASH_NAME = re.compile(r"[-–—][^\W\d_][\w.'’]{0,30}(?: [^\W\d_][\w.'’]{0,30}){0,2}\Z")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\Z")
_SENTENCE = re.compile(r", [a-z]|[.!?] \w")
_LINK = r"\s{0,3}[<(\[]\s{0,3}(?:https?://|mailto:|www\.)[^\s>)\]]{1,300}\s{0,3}[>)\]]?"
_LINK_TAIL = re.compile(rf"{_LINK}(?:, [\w ,'’-]{{3,60}})?[.!]?\Z")
# "Please excuse my brevity": what people let their telephone say after its own sentence.
_EXCUSE = re.compile(
    r"[.!,;:]? (?:[(-] ?)?(?:please |bitte |merci |por favor,? |kindly )?(?:excuse|forgive|pardon|ignore|apologi|sorry|"
    r"entschuldig|tippfehler|verzeih|d'excuser|disculp|perdon|desculp|scus|brevity|typos)[^.!]{0,80}[.!)]{0,2}\Z",
    re.IGNORECASE,
)
_GET_APP = re.compile(
    r"(?:get|download) (?!(?:it|the|me|this|that|a) )(?:[\w.+-]{2,20} ){1,3}for "
    r"(?:android|ios|iphone|ipad|mobile|desktop|mac|macos|windows)\W{0,3}\Z"
)
_OUTLOOK_APP = re.compile(r"outlook.{0,20}(?:ios|android)|(?:ios|android).{0,20}outlook")
# "Sent via the Samsung Galaxy S9, an AT&T 5G Evolution capable smartphone"
_CARRIER = re.compile(r" ?, an? [A-Z][\w&+. -]{1,40}(?:smartphone|device|phone|tablet)\.?\Z")
_DEVICE = re.compile(
    r"(?<![a-z])(?:iphon|ipad|ipod|android|samsung|galaxy|outlook|mail|e-mail|posta|blackberry|huawei|xiaomi|redmi|mobil|"
    r"handy|smartphone|phone|windows|telefon|tablet|nokia|sony|xperia|pixel|oneplus|nexus|web\.de|yahoo|proton|spark|"
    r"device|lenovo|motorola|postbox|tutanota|zoho|aquamail|cihaz|gerat|telefoon|portable|movil|celular|cellulare|qq|k-9|"
    r"handheld|mobiel|telephone|unterwegs|seznam|bluemail|skype|laptop|desktop|posteo|thunderbird|fairemail|gmail|verizon|t-mobile|vodafone|yandex|airmail|"
    r"(?:app|lg|mac|mi|nine|htc|gmx|alto)\b)|телефон|устро|почт|пошт|手机|手機|网易|邮箱|スマホ|携帯"
)
LONGEST_MOBILE = 160


def is_mobile_line(line: str) -> bool:
    """True for a line that a program adds by itself: "Sent from my iPhone", "iPhone'umdan gönderildi"."""
    line = line.strip()
    if not 4 <= len(line) <= LONGEST_MOBILE + 300:
        return False
    if not line.isascii():
        line = INVISIBLE.sub("", line).strip()
    line = _CARRIER.sub("", _EXCUSE.sub("", line)).replace("Yahoo!", "Yahoo")
    without_link = _LINK_TAIL.sub("", line)
    linked = without_link != line
    line = without_link.strip(" *_-.<>[]()")
    if not 4 <= len(line) <= LONGEST_MOBILE or line.count(" ") > 14 or _SENTENCE.search(line):
        return False
    folded = squeeze(line)
    if _GET_APP.match(folded) or (linked and len(line) <= 60 and _OUTLOOK_APP.search(folded)):
        return True
    if folded.startswith(MOBILE_STARTS):
        return (
            linked
            or folded.startswith("sent from my")
            or _names_program(line)
            or bool(_DEVICE.search(folded))
            or not _is_common_start(folded)
        )
    return folded.endswith(MOBILE_ENDS) and bool(_DEVICE.search(folded))


# Openings that are ordinary words too need a device after them: "Sent from the office on Monday".
_COMMON = folded_words(
    "sent from|sent via|sent using|sent with|sent by|gesendet|envoyé|enviado|inviato|inviata|verzonden|verstuurd|wysłan|odesl|"
    "odosl|elküld|küldve|az |trimis|отправлено|надіслано|відправлено|skickat|sendt|lähetetty|poslano|poslato|saadetud|"
    "изпратено|发自|發自|从我的|從我的|寄自|由我的|通过|下載|나의|내|provenance|von mein|outlook|hent|få|εστάλη|στάλθηκε|"
    "απεσταλμένο|发送自|傳送自|dikirim|gửi|đã gửi|được gửi|ส่งจาก|enviat|sūtīts|išsiųsta|windows"
)


_BY_PROGRAM = re.compile(
    r"(?:Sent|Created) (?:via|with|using|from) (?:[A-Z]|eM)[\w.]{0,30}(?: (?:i(?=OS|Ph|Pa))?[A-Z][\w.]{0,30}){0,3}\Z"
)


def _names_program(line: str) -> bool:
    """`Sent via Superhuman`: a name in capitals, and nothing else."""
    return _BY_PROGRAM.match(line) is not None


def _is_common_start(folded: str) -> bool:
    return folded.startswith(_COMMON)


def is_footer_line(line: str) -> bool:
    """True for a line that a scanner, a list or a free mail service adds below a message."""
    return squeeze(line[:200]).startswith(FOOTER_STARTS)


def signature_start(lines: list[str], start: int, end: int) -> int:
    """The index of the signature's first line within `lines[start:end]`, or `end` where there is none.

    A signature has words of the writer above it, or a delimiter as its first line.
    """
    tail = [index for index in range(max(start, end - 150), end) if lines[index].strip()][-_STRICT_LINES - 1 :]
    best = end
    for place in range(len(tail) - 1, -1, -1):
        index = tail[place]
        below = len(tail) - 1 - place
        if below > _STRICT_LINES:
            break
        if _begins(lines, tail, place, best):
            best = index
    return end if best < end and _is_letter(lines, best, end) else best


def _is_letter(lines: list[str], start: int, end: int) -> bool:
    """Whether a signature with nothing above it is rather what was written: below a rule or a footer's words, or long."""
    if any(line.strip() for line in lines[:start]):
        return False
    first = lines[start].strip()
    if first[0] == "_" or (is_footer_line(first) and not is_mobile_line(first)):
        return True
    return sum(bool(line.strip()) for line in lines[start:end]) > _LONGEST_ALONE


def _begins(lines: list[str], tail: list[int], place: int, best: int) -> bool:
    """True where a signature begins at `tail[place]`; what stands from `best` on is known to be one already."""
    line = lines[tail[place]].strip()
    below = [index for index in tail[place + 1 :] if index < best]
    first = line[0]
    if first in "-–—_―":
        if line in _DELIMITERS:
            if line == "---" and (_goes_on(lines, tail, place, best) or _is_habit(lines, tail[place])):
                return False
            strict = lines[tail[place]].rstrip("\r\n") in ("-- ", "--\u00a0") and place + 1 < len(tail)
            short = len(below) <= _LOOSE_LINES and _short(lines, below, 100)
            return strict or (short and not _is_prose(lines, below) and not _opens_text(lines, below))
        if _RULE.match(line) and below:
            return len(below) <= _LOOSE_LINES and not _is_line_to_fill(lines, below)
        if is_rule(line) and place + 1 < len(tail):
            return not below or _is_address(lines, below)  # right above what is known to be a signature
        if is_mobile_line(line):
            return len(below) <= 4 and _short(lines, below, 80, sentences=False)
        if not below or all(is_mobile_line(lines[index]) for index in below):
            return _is_dash_name(lines, tail, place, line)
    if len(below) <= 4 and len(line) <= LONGEST_MOBILE + 300 and is_mobile_line(line):
        if _goes_on_above(lines, tail[place], line):
            return False
        return _short(lines, below, 80, sentences=False)
    if len(below) <= 3 and is_footer_line(line):
        return _short(lines, below, 120)
    return False


def _goes_on_above(lines: list[str], index: int, line: str) -> bool:
    """Whether a line in small letters ends the sentence of the line right above it: no program writes it so."""
    above = lines[index - 1].rstrip() if index else ""
    return line[0].islower() and line[:6].isascii() and len(above) >= 40 and above[-1] not in ".?!"


def _is_address(lines: list[str], below: list[int]) -> bool:
    """Foxmail's signature: below a rule the writer's own address, and perhaps a name."""
    return len(below) <= 3 and any(_ADDRESS.match(lines[index].strip()) for index in below)


def _is_line_to_fill(lines: list[str], below: list[int]) -> bool:
    """Whether the underscores are a place to sign in a form: the writer goes on in sentences, and gives no address.

    Text that begins with a sentence is no signature either.
    """
    if _opens_text(lines, below):
        return True
    last = lines[below[-1]].strip()
    apart = any(not lines[index - 1].strip() for index in below[1:])
    contact = any(mark in lines[index] for index in below for mark in ("@", "http", "www.", "://"))
    return apart and last[-1] in ".?!" and not contact


def _opens_text(lines: list[str], below: list[int]) -> bool:
    """Whether what stands below a line is text: it begins with a sentence, has paragraphs, and gives no address or link."""
    first = lines[below[0]].strip() if below else ""
    if first[-1:] not in (".", "?", "!") or is_mobile_line(first) or is_footer_line(first):
        return False
    if not any(not lines[index - 1].strip() for index in below[1:]):
        return False
    if lines[below[0] - 1].strip() and first.count(" ") < 3:
        return False
    return not any(mark in lines[index] for index in below for mark in ("@", "http", "www.", "://"))


def _goes_on(lines: list[str], tail: list[int], place: int, best: int) -> bool:
    """Three dashes between blank lines part two paragraphs; above a signature its lines follow at once."""
    index = tail[place]
    below = next((at for at in tail[place + 1 :] if at < best), None)
    return below is not None and below > index + 1 and index > 0 and not lines[index - 1].strip()


def _is_prose(lines: list[str], below: list[int]) -> bool:
    """Two full lines one below the other: a paragraph that some program broke, no name and no number."""
    return any(len(lines[index].strip()) >= 72 and len(lines[index + 1].strip()) >= 72 for index in below[:-1])


def _is_habit(lines: list[str], index: int) -> bool:
    """Whoever parts his paragraphs with three dashes does so more than once."""
    return any(line.strip() == "---" for line in lines[max(0, index - 150) : index])


def _is_dash_name(lines: list[str], tail: list[int], place: int, line: str) -> bool:
    """`-Jane` as the last paragraph: a name, not the last item of a list."""
    index = tail[place]
    if not _DASH_NAME.match(line) or not line[1].isupper() or place == 0:
        return False
    return not lines[index - 1].strip() and lines[tail[place - 1]].strip()[0] not in "-–—*•"


def _short(lines: list[str], indexes: list[int], longest: int, *, sentences: bool = True) -> bool:
    """True where no line is longer than that (mobile lines, links and footers apart), and, if asked, none is a sentence."""
    for index in indexes:
        line = lines[index].strip()
        if is_mobile_line(line) or is_footer_line(line) or line.startswith(("http://", "https://", "<http")):
            continue
        if len(line) > longest or (not sentences and line[-1] in ".?!"):
            return False
    return True
