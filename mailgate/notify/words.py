"""Every sentence that notify itself says, in English and Turkish, in one table.

Takes a language and a key; gives the sentence with its names filled in. Promises: both languages have the same keys
(a test compares them); values are put in by `str.format` on our own sentences only, never on a customer's text.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mailgate.model import FieldKind, FieldValue

LANGUAGES = ("en", "tr")

_EN = {
    "confirmation": "We have received your request",
    "new_ticket": "New ticket from {who}",
    "moved": "Ticket moved from {before} to {after}",
    "replied": "{who} replied",
    "replied_closing": "{who} replied and closed the ticket",
    "wrote": "{who} wrote",
    "wrote_reopening": "{who} wrote and opened the ticket again",
    "stranger": "{who} wrote and does not belong to this ticket. To let the others see it: mailgate ticket accept {ticket} {entry}",
    "noted": "{who} wrote an internal note",
    "assigned": "{who} assigned the ticket to you",
    "taken": "{who} took the ticket",
    "closed": "Ticket closed",
    "closed_by": "{who} closed the ticket",
    "updated": "Ticket updated",
    "article_updated": 'The article "{title}" was updated',
    "welcome": "Welcome",
    "password": "Set a new password",
    "unregistered": "Your message is waiting",
    "account_disabled": 'The mail account "{account}" was disabled after too many errors in a row: {error}',
    "outbox_stuck": "Mail does not leave: {letters} letters wait in the outbox, the oldest since {oldest}",
    "loop_held": "A mail loop was stopped and its messages are held: {evidence}",
    "mail_held": "Automatic mail to {address} is held back: more than {count} in the time the limit allows",
    "operations": "Something needs your attention",
    "next_account": "Correct the cause, then: mailgate account enable {account}",
    "next_outbox": "See: mailgate outbox list, and mailgate check",
    "next_loop": "See: mailgate message list --held",
    "next_mail": "Look for a loop: mailgate outbox list. The limits: auto_mail_per_address, auto_mail_in_all",
    "withheld": "No {template} mail to {address}: too many automatic mails in a short time (limit {count})",
    "view_ticket": "View the ticket",
    "open_ticket": "Open the ticket",
    "sign_in": "Sign in",
    "set_password": "Set a new password",
    "earlier": "Earlier messages",
    "attachments": "Attachments",
    "unsubscribe": "Stop mail about this ticket",
    "rate": "How did we do?",
    "good": "Good",
    "ok": "OK",
    "bad": "Bad",
    "ticket": "Ticket",
    "requester": "From",
    "category": "Category",
    "priority": "Priority",
    "status": "Status",
    "assignee": "Technician",
    "internal_note": "internal note",
    "not_subscriber": "does not belong to this ticket",
    "image": "image",
    "somebody": "Somebody",
    "mailgate": "mailgate",
    "status:new": "new",
    "status:open": "open",
    "status:waiting": "waiting",
    "status:closed": "closed",
    "priority:low": "low",
    "priority:normal": "normal",
    "priority:high": "high",
    "priority:critical": "critical",
    "via:email": "e-mail",
    "via:cli": "command line",
    "via:web": "web",
    "via:api": "API",
    "hours": "{hours} h {minutes} min",
    "minutes": "{minutes} min",
    "no_subject": "(no subject)",
    "trial_subject": "Test mail from mailgate",
    "trial_text": "This mail was sent by mailgate on {host} at {at} to see whether mail leaves and arrives.\n\nIt needs no answer.",
}

_TR = {
    "confirmation": "Talebinizi aldık",
    "new_ticket": "Yeni bilet: {who}",
    "moved": "Bilet {before} kategorisinden {after} kategorisine taşındı",
    "replied": "{who} yanıtladı",
    "replied_closing": "{who} yanıtladı ve bileti kapattı",
    "wrote": "{who} yazdı",
    "wrote_reopening": "{who} yazdı ve bilet yeniden açıldı",
    "stranger": "{who} yazdı, ancak bu bilete dahil değil. Diğerlerinin de görmesi için: mailgate ticket accept {ticket} {entry}",
    "noted": "{who} dahili bir not yazdı",
    "assigned": "{who} bileti size atadı",
    "taken": "{who} bileti üstlendi",
    "closed": "Bilet kapatıldı",
    "closed_by": "{who} bileti kapattı",
    "updated": "Bilet güncellendi",
    "article_updated": '"{title}" makalesi güncellendi',
    "welcome": "Hoş geldiniz",
    "password": "Yeni parola belirleyin",
    "unregistered": "Mesajınız beklemede",
    "account_disabled": '"{account}" posta hesabı art arda çok fazla hata nedeniyle devre dışı bırakıldı: {error}',
    "outbox_stuck": "Postalar gönderilemiyor: giden kutusunda {letters} mektup bekliyor, en eskisi {oldest} tarihinden beri",
    "loop_held": "Bir posta döngüsü durduruldu, mesajları bekletiliyor: {evidence}",
    "mail_held": "{address} adresine otomatik posta gönderimi durduruldu: sınırın izin verdiği sürede {count} adetten fazla",
    "operations": "Dikkatinizi gerektiren bir durum var",
    "next_account": "Nedeni giderin, ardından: mailgate account enable {account}",
    "next_outbox": "Bakınız: mailgate outbox list ve mailgate check",
    "next_loop": "Bakınız: mailgate message list --held",
    "next_mail": "Döngü olup olmadığına bakın: mailgate outbox list. Sınırlar: auto_mail_per_address, auto_mail_in_all",
    "withheld": "{address} adresine {template} postası gönderilmedi: kısa sürede çok fazla otomatik posta (sınır {count})",
    "view_ticket": "Bileti görüntüle",
    "open_ticket": "Bileti aç",
    "sign_in": "Oturum aç",
    "set_password": "Yeni parola belirle",
    "earlier": "Önceki mesajlar",
    "attachments": "Ekler",
    "unsubscribe": "Bu biletle ilgili postaları durdur",
    "rate": "Lütfen deneyiminizi derecelendirin",
    "good": "İyi",
    "ok": "Orta",
    "bad": "Kötü",
    "ticket": "Bilet",
    "requester": "Kimden",
    "category": "Kategori",
    "priority": "Öncelik",
    "status": "Durum",
    "assignee": "Teknisyen",
    "internal_note": "dahili not",
    "not_subscriber": "bu bilete dahil değil",
    "image": "resim",
    "somebody": "Birisi",
    "mailgate": "mailgate",
    "status:new": "yeni",
    "status:open": "açık",
    "status:waiting": "beklemede",
    "status:closed": "kapalı",
    "priority:low": "düşük",
    "priority:normal": "normal",
    "priority:high": "yüksek",
    "priority:critical": "kritik",
    "via:email": "e-posta",
    "via:cli": "komut satırı",
    "via:web": "web",
    "via:api": "API",
    "hours": "{hours} sa {minutes} dk",
    "minutes": "{minutes} dk",
    "no_subject": "(konu yok)",
    "trial_subject": "mailgate deneme postası",
    "trial_text": "Bu posta, gönderimi denemek için {host} üzerinden {at} tarihinde gönderildi.\n\nYanıt gerekmez.",
}

WORDS = {"en": _EN, "tr": _TR}

_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "tr": ["Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"],
}


def say(language: str, key: str, **values: object) -> str:
    """The sentence of a key."""
    sentence = WORDS[language][key]
    return sentence.format(**values) if values else sentence


def word(language: str, kind: str, value: str) -> str:
    """The word for a status, priority or way in; an installation's own words stay as they are."""
    return WORDS[language].get(f"{kind}:{value}", value)


def language_of(wanted: str | None, default: str) -> str:
    """The language to write in: the person's where mailgate speaks it ("tr-TR" is Turkish), else the installation's."""
    short = (wanted or "").replace("_", "-").partition("-")[0].lower()
    return short if short in LANGUAGES else default


def date(language: str, at: float | None, time_zone: str | None) -> str:
    """A time as people write it, in the person's time zone, UTC where it is unknown: "25 Nov 2026, 22:15"."""
    if at is None:
        return ""
    zone: ZoneInfo | None = None
    try:
        zone = ZoneInfo(time_zone) if time_zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = None
    local = datetime.fromtimestamp(at, zone or UTC)
    suffix = "" if zone else " UTC"
    return f"{local.day} {_MONTHS[language][local.month - 1]} {local.year}, {local:%H:%M}{suffix}"


def field_value(language: str, found: FieldValue) -> str:
    """The value of a custom field as people write it: in Turkish "31.12.2026", "3,5" and "evet"."""
    if language != "tr":
        return found.value
    match found.field.kind:
        case FieldKind.DATE:
            return ".".join(reversed(found.value.split("-")))
        case FieldKind.NUMBER:
            return found.value.replace(".", ",")
        case FieldKind.CHECKBOX:
            return {"yes": "evet", "no": "hayır"}.get(found.value, found.value)
    return found.value


def duration(language: str, seconds: int) -> str:
    """Time spent: "1 h 20 min"; empty for none."""
    minutes = round(seconds / 60)
    if minutes <= 0:
        return ""
    if minutes < 60:
        return say(language, "minutes", minutes=minutes)
    return say(language, "hours", hours=minutes // 60, minutes=minutes % 60)


def size(count: int, language: str = "en") -> str:
    """A file's size: "35 KB", "1.5 MB" (in Turkish "1,5 MB")."""
    if count < 1024:
        return f"{count} B"
    if count < 1024 * 1024:
        return f"{count / 1024:.0f} KB"
    number = f"{count / 1024 / 1024:.1f}".removesuffix(".0")
    return f"{number.replace('.', ',') if language == 'tr' else number} MB"
