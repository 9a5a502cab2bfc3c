"""The failed addresses in the free text of MTAs, with the status and the words of the remote server.

Takes the MTA's own words (without the copy of the message) and what is known of the mail that came back.
Promises: never raises; looks at 600 lines of 1,000 characters at most; linear. Each address is judged by what stands
beside it, in the ways MTAs have of writing it; only those with the best evidence count.
Standards: RFC 3463 (enhanced status codes), RFC 5321 section 4.2 (reply codes); else the habits of mail programs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailgate.mail.bounce_address import ADDRESS, find_addresses
from mailgate.mail.bounce_phrases import REASONS
from mailgate.mail.fold import fold, squeeze

MAX_LINES = 600
MAX_LINE = 1000
MAX_SIGHTINGS = 1000

# Ranks of evidence: how surely the address beside it is one that failed.
LED, ALONE, TOLD, SPOKEN, LISTED, SEEN = 60, 50, 40, 30, 20, 10

_BEFORE = r"^[\s*•·>|=-]{0,40}(?:\d{1,3}[.)]\s{1,4})?[\"'<(\[{]{0,3}(?:smtp:|mailto:|rfc822[;:] ?|to:)?[\"'<]{0,2}"
_AFTER = r"[\"'>)\]}]{0,3}"
_LED = re.compile(
    _BEFORE + ADDRESS + _AFTER + r"(?:\s{0,20}\((?:expanded|generated|alias|reason|forwarded)[^)]{0,300}\))?"
    r"(?:\s{0,4}:(?:\s|$|[^\d@])|\s{0,3}\.\.\.|\s{1,10}(?:on|am|le|el|il|op|em|den|w dniu) \S{0,12}\s?\d"
    r"|\s{1,20}[\[(]{1,2}\s?[A-Za-z#\d]|\s{1,4}#\s?[<\d]|\s{1,4}\d\d\d[ -]|\s{1,6}(?:-|--|->|=>)\s|\s{0,3},\s?ERROR"
    r"|\s{1,6}(?:invalid|unknown|user|no such|mailbox|failed|rejected|does not|doesn't|not found|is not|was not|over quota"
    r"|quota|undeliverable|couldn't|wasn't|bulunamad))",
    re.IGNORECASE,
)
_ALONE = re.compile(
    _BEFORE + ADDRESS + _AFTER + r"\s{0,10}(?:[<(\[]?(?:mailto:)?[^\s@]{1,128}@[^\s@]{1,255}[>)\]]?)?[.,;]?\s*$", re.I
)
# Outlook's "Paul Maier<mailto:paul@example.com>"
_LINKED = re.compile(r"^\s{0,20}[^\s@<>:][^@<>:\n]{0,80}<mailto:" + ADDRESS + r">[\s>]{0,4}$", re.IGNORECASE)
_DOTS = re.compile(r"(?:\b[45]\d\d\b|^).{0,20}?" + ADDRESS + r">?\s{0,3}\.\.\.")
_RCPT = re.compile(r"\brcpt\s{0,3}to\s{0,3}:?\s{0,3}[<\"'\[]{0,2}\s?$", re.IGNORECASE)
# Fields inside a line, as logs write them: `to=<joe@example.org>, relay=...`, `[Status: Error, Address: <...>`.
_LOGGED = re.compile(r"(?:\b(?:to|rcpt|recipient|address|mailbox)=|[\[,;] ?(?:recipient|address|rcpt): ?)[<\"'\[]?$")
_LABEL = re.compile(
    r"^\W{0,12}(?:(?:the )?(?:failed|final|original|intended|bad|invalid|affected|undeliverable|unknown|rejected|e-?mail"
    r"|destination|following)\s){0,2}(?:recipients?|recipient address(?:es)?|recipient\(s\)|recipient's address|rcpt"
    r"|address(?:es)?|addressee|e-?mail|user|users|mailbox|delivery to|undeliverable to|unknown user|could not deliver to"
    r"|destination|empfaenger|empfanger|adresse|destinataires?|destinatarios?|destinatari[oa]?|direccion|direccion de correo"
    r"|indirizzo|ontvanger|geadresseerde|alici|alicilar|alici adresi|adres|adresi|kullanici|adresat|odbiorca|prijemce"
    r"|cimzett|mottagare|modtager|mottaker|vastaanottaja|παραληπτης|получатель|получатели|адрес|адресат|одержувач"
    r"|宛先|受信者|宛先アドレス|送信先|配信先|受信者アドレス|送信先アドレス|エラーアドレス|宛先メールアドレス|收件人|收件者|收信人|收件人邮件地址"
    r"|收件地址|无法送达的收件人|退信地址|수신자|받는 사람|수신인|nguoi nhan|penerima|ผู้รับ)"
    r"(?:\(s\)|\(es\))? ?(?:address ?)?[:=>\-\]]{1,3} ?[\"'<\[(]{0,3}(?:smtp:|mailto:|rfc822;)? ?[\"'<]{0,2}$"
)
_LISTED = re.compile(
    r"^\W{0,12}(?:to|an|a|para|kime|aan|do|кому|宛先|for|cc|til|till|à|naar|komu)\s?(?:\.|:)\s?.{0,200}$"
)
_SPOKEN_BEFORE = re.compile(
    r"(?:deliver(?:ed|y|ing)?|mail|message|e-?mail|sent|send|sending|reach(?:ed)?|unable|failed|failure|rejected|rejecting"
    r"|delivery)\b[^@:;]{0,60}?\b(?:to|for|at|recipients?|address(?:es)?|user|reach)\b[^@.;]{0,24}$"
    r"|(?:recipients?|address|addresses|user|mailbox|account|inbox|unknown|user\(s\)|addressee|destinataire|adresse|empfanger"
    r"|destinatario|usuario|mottagaren?|modtageren?|mottakeren?|vastaanottajalle|saajale|odbiorcy|odbiorca|adresat\w{0,3}"
    r"|prijemc\w|primatelju|primaocu|catre|cimre|cimzett\w{0,4}|παραληπτη|получателю|получателя|одержувачу|gavejui|naslov"
    r"|kullanici|alici|adresi|adrese|adresine|indirizzo|ontvanger|пользователь|получатель|адрес|адресу"
    r"|адресат|unrouteable|invalid|undeliverable)\b\s?(?:name|address)?\s?[:\"'<(\[-]{0,4}\s?$"
    r"|(?:an|a|al|aan|naar|till|til|do|на|по адресу|to|אל|إلى|الى|στο|στον|στην|do|pro|pre|за|для|até)\s[\"'<(\[]{0,3}$"
    r"|(?:\b[45]\d\d[ -]|[45]\.\d{1,3}\.\d{1,3})[^@]{0,40}[<\"'(\[ ]$"
    r"|(?:ユーザ|アドレス|宛先|收件人|用户|邮箱|地址|发送到|发往)[^@]{0,12}$"
)
_SPOKEN_AFTER = re.compile(
    r"^[\"'>)\]]{0,3}\s?(?:[(\[<][^)\]>]{0,80}[)\]>])?\s?[,:;-]{0,2}\s?(?:\.\.\.|is full|is over"
    r"|is no|is inactive|is disabled|isn't|was not|wasn't"
    r"|does not|doesn't|not |no |could|couldn't|cannot|can't|failed|has |have |unknown|user|mailbox|because|due|refused"
    r"|rejected|undeliverable|didn't|did not|inactive|disabled|over |quota|konnte|wurde|wird"
    r"|nicht|existiert|n'a|n'est|n'existe|no |non "
    r"|nao |niet|bulunam|iletil|teslim|adresine|adlı|mevcut|kullan|не |has been|will not|recipient|invalid|address|:? ?[45]\d\d[ -]"
    r"|へ|は|宛|に|不存在|被|的)"
)
# What stands before an address that did not fail.
_OTHER = re.compile(
    r"(?<!\w)(?:successfully delivered to|delivered successfully to|from"
    r"|new (?:e-?mail )?address|use|instead|changed to|neue e?-?mail-?adresse|nouvelle adresse|yeni adres\w{0,6}"
    r"|sender|originator|mail from|contact\w{0,6}|write to|reply[- ]?to|please|questions?|e-?mail us|support|help|complain"
    r"|absender|von ?:|gonderen|kimden|expediteur|remitente|remetente|mittente|afzender|отправитель|отправителя|от кого"
    r"|发件人|發件人|寄件者|差出人|送信者|de ?:|message-id|message id|msgid|id=|id|authenticated|envelope-from|return-path"
    r"|reported by|reporting|served by|sent by|by ?:|administrator|postmaster|abuse|notify|webmaster|assistance|helo|ehlo"
    r"|aliased from|owner|list-unsubscribe|unsubscribe|redirected from|on behalf of|fragen|wenden|kontakt\w{0,8}"
    r"|contattare|sorular\w{0,8}|destek|yardim|обратитесь|обращайтесь|联系|聯絡|聯繫|お問い合わせ|문의)(?!\w)[^@;]{0,24}$"
)
_MEANT = re.compile(
    r"\bfrom .{1,60}\bto\b|\b(?:tried|trying|attempted|wanted) to (?:contact|reach|e-?mail|write to)[^@]{0,12}$"
)
# Exim's and Postfix's words for the address we wrote to, where the one that failed is another.
_AROUND = re.compile(r"(?:expanded from|generated from|generated by):? ?[<(]?$")
_ORIGINAL_ADDRESS = re.compile(r"\s*original (?:address|recipient)\s?:", re.IGNORECASE)
_JOINED = re.compile(r"[>\"')\s]{0,3}[,;]\s{0,4}[\"'<(]{0,2}(?!\s)")
_OTHER_THAN_LIST = re.compile(r"[^\s,;<>\"'()*\[\]•·-]")
_FIND = re.compile(ADDRESS)
_SYSTEM = re.compile(
    r"^(?:postmaster|mailer-daemon|abuse|hostmaster|webmaster|help-?desk|support|mail-?admin)@", re.IGNORECASE
)
_CODED = re.compile(
    r"(?:\b[45]\d\d[ -]#?|#\s?|status[:=]? ?|\(|\[|\b[45]\d\d )([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)", re.I
)
_BARE = re.compile(r"(?<![\w.\-/])([45]\.[0-7]\.\d{1,3})(?![\d.]*\d|[\w-])")
_REPLY = re.compile(
    r"(?<![\w.:/#@-])(4[2-5][0-4]|50[0-4]|51[0-2]|52[0-3]|53[0-5]|54[1-4]|55[0-9]|57[0-9])(?=[ :,)\]}-]|$)"
    r"(?! ?(?:[kmg]?b\b|bytes|ms|messages|sec))",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """An address of the report, with its rank and the number of its line; `joined` to the one before by a comma.

    `shape` is the line without the address: an MTA writes all that failed in the same way.
    """

    address: str
    rank: int
    line: int
    joined: bool = False
    shape: str = ""


def find_failed(report: str, own: tuple[str, ...], returned_to: tuple[str, ...]) -> list[Sighting]:
    """The addresses that failed, in order, each once; `own` never, unless nothing else is there.

    `own` are the bounce's recipients and the returned message's authors, `returned_to` the latter's recipients.
    """
    ours = frozenset(address.casefold() for address in own)
    sent = frozenset(address.casefold() for address in returned_to)
    sightings = _sightings(report)
    strangers = [seen for seen in sightings if seen.address.casefold() not in ours]
    mailboxes = [seen for seen in strangers if not _SYSTEM.match(seen.address)]
    known = [seen for seen in strangers if seen.address.casefold() in sent]
    chosen = _best(mailboxes or strangers)
    if known:
        best = max(seen.rank for seen in known)
        if chosen[0].rank <= ALONE or best >= chosen[0].rank:
            shapes = {seen.shape for seen in known if seen.rank == ALONE} - {"", "@"}
            kept = [
                seen
                for seen in chosen
                if seen.rank == LED or seen.address.casefold() in sent or (seen.rank == ALONE and seen.shape in shapes)
            ]
            chosen = kept or [seen for seen in known if seen.rank == best]
    if not chosen:
        chosen = [seen for seen in _best(sightings) if seen.rank >= ALONE]
    return _once(chosen)


def find_reply_status(diagnostic: str, report: str) -> str | None:
    """The status that the text holds or means: an enhanced code, else one that words or a reply code stand for.

    The remote server's words (`diagnostic`) go before those of the whole report.
    """
    for text in (diagnostic, report):
        coded = _CODED.search(text) or _BARE.search(text)
        if coded:
            return ".".join(str(int(part)) for part in coded.group(1).split("."))
    reply = _REPLY.search(diagnostic) or _REPLY.search(report)
    severity = reply.group(1)[0] if reply else "5"
    for text in (diagnostic, report):
        words = squeeze(text[:8192])
        for phrase, detail in REASONS:
            if phrase in words:
                # what waited too long failed for a reason that may pass (RFC 3463: X.4.7, delivery time expired)
                return f"4.{detail}" if detail == "4.7" else f"{severity}.{detail}"
        if reply and reply.group(1) == "552":
            return "5.2.2"
    return f"{severity}.0.0" if reply else None


def find_diagnostic(report: str, near: int) -> str:
    """One line of the remote server's words: the first with a reply code from line `near` on, else a telling one."""
    lines = [line.strip() for line in report.split("\n")[near : near + 40]]
    for position, line in enumerate(lines):
        if _REPLY.search(line[:MAX_LINE]) or _BARE.search(line[:MAX_LINE]):
            more = lines[position + 1] if position + 1 < len(lines) else ""
            joined = (
                f"{line} {more}" if more and not find_addresses(more[:MAX_LINE]) and not more.startswith("-") else line
            )
            return " ".join(joined.split())[:500]
    for line in lines:
        words = squeeze(line[:MAX_LINE])
        if any(phrase in words for phrase, _ in REASONS):
            return " ".join(line.split())[:500]
    return " ".join(next((line for line in lines if line), "").split())[:500]


def has_reply_code(report: str) -> bool:
    """Whether the text quotes an SMTP server."""
    return bool(_REPLY.search(report) or _BARE.search(report))


def refused_for_good(report: str) -> bool:
    """Whether the first reply or status code that the text quotes is a permanent one (RFC 5321 section 4.2.1)."""
    found = [match for pattern in (_REPLY, _BARE) if (match := pattern.search(report))]
    return bool(found) and min(found, key=lambda match: match.start()).group(1).startswith("5")


def _sightings(report: str) -> list[Sighting]:
    found: list[Sighting] = []
    for number, line in enumerate(report.split("\n")[:MAX_LINES]):
        if "@" not in line:
            continue
        if len(found) > MAX_SIGHTINGS:
            break
        line = line[:MAX_LINE].rstrip()
        here = _sightings_of_line(line, number)
        if here and found and found[-1].line == number - 1 and _ORIGINAL_ADDRESS.match(line):
            found.pop()  # iPlanet: "Recipient address: ..." and beneath it the one that we wrote to
        found += here
    return found


def _sightings_of_line(line: str, number: int) -> list[Sighting]:
    found: list[Sighting] = []
    addresses = find_addresses(line)
    listed = len(addresses) > 1 and not _OTHER_THAN_LIST.search(_FIND.sub("", line))
    rank = last = 0
    for position, (address, start, end) in enumerate(addresses):
        joined = position > 0 and bool(_JOINED.fullmatch(line, last, start))
        if listed:
            rank = ALONE
        elif not (joined and rank):
            rank = _rank(line, position, start, end)
        last = end
        if rank:
            shape = f"{line[:start]}@{line[end:]}" if len(addresses) == 1 else ""
            found.append(Sighting(address, rank, number, joined, shape))
        if rank == LED and position == 0 and not _JOINED.match(line, end):
            break
    return found


def _rank(line: str, position: int, start: int, end: int) -> int:
    before = fold(line[max(0, start - 120) : start])
    after = fold(line[end : end + 120])
    if _RCPT.search(before) or _LOGGED.search(before):
        return TOLD
    if _LABEL.match(before):
        return ALONE
    if _AROUND.search(before):
        return LISTED
    if _OTHER.search(before) and not _MEANT.search(before):
        return 0
    if position == 0 and (_LED.match(line) or (before.strip(" <>") == "" and after.startswith((">...", "...")))):
        return LED
    if position == 0 and _DOTS.search(line):
        return LED
    if position == 0 and (_ALONE.match(line) or _LINKED.match(line)):
        return ALONE
    if _LISTED.match(before):
        return LISTED
    if _SPOKEN_BEFORE.search(before) or _SPOKEN_AFTER.match(after):
        return SPOKEN
    return SEEN


def _best(sightings: list[Sighting]) -> list[Sighting]:
    """Those with the best evidence; where only a sentence or nothing speaks for them, the first and its list."""
    best = max((seen.rank for seen in sightings), default=0)
    chosen = [seen for seen in sightings if seen.rank == best]
    if best == LED:  # a server's words may name but one of those that are listed: sendmail's transcript
        told = {seen.address.casefold() for seen in chosen}
        shapes = {seen.shape for seen in sightings if seen.rank == ALONE and seen.address.casefold() in told}
        return [seen for seen in sightings if seen.rank == LED or (seen.shape and seen.shape in shapes - {"@"})]
    if best > SPOKEN:
        return chosen
    more = next((n for n, seen in enumerate(chosen[1:], 1) if not seen.joined), len(chosen))
    return chosen[:more]


def _once(sightings: list[Sighting]) -> list[Sighting]:
    kept: dict[str, Sighting] = {}
    for seen in sightings:
        kept.setdefault(seen.address.casefold(), seen)
    return list(kept.values())
