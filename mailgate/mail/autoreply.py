"""Messages that no person wrote: automatic replies and receipts, and, for information, generated mail and bulk.

Takes a parsed message and its reverse-path; gives `Automatic`, or None where a person wrote.
Promises: never raises; header fields of machines decide first, then subjects that only machines write, and weak signs
only in pairs, because a person may write about vacations; `generated` and `bulk` are ordinary mail that must never be
answered automatically. Bounces are `bounce.read_bounce`'s: ask it first; here they count as generated.
Standards: RFC 3834 (automatic responses), RFC 8098 (disposition notifications), RFC 3464 (delivery receipts), RFC 5965
(feedback reports), RFC 2369 and 2919 (lists); [MS-OXCMAIL] section 2.1.3.2.20 (X-Auto-Response-Suppress).
"""

from __future__ import annotations

import re

from mailgate.mail.autoreply_claims import (
    answers_invitation,
    asks,
    challenges,
    claims_reply,
    is_urgent_note,
    last_urgency,
    names_deputy,
    says_closed,
    wants,
    without_quotations,
)
from mailgate.mail.autoreply_phrases import (
    begins_as_receipt,
    first_absence,
    said_away,
    said_by_machine,
    said_received,
    said_seen,
)
from mailgate.mail.autoreply_words import (
    ends_there,
    is_only_reply,
    is_own_exchange_prefix,
    is_receipt_subject,
    is_reply_subject,
    names_absence,
    names_absence_before_subject,
    names_leaver,
    names_own_absence,
    names_reply,
    tells_of,
)
from mailgate.mail.bounce_dsn import read_outcomes
from mailgate.mail.bounce_voice import is_daemon, is_null, is_watcher, submitted
from mailgate.mail.fold import fold, squeeze, subject_words
from mailgate.mail.message import Automatic, ParsedMessage
from mailgate.mail.reply import split_reply
from mailgate.mail.subject import is_forward

_HEAD = 3000
_NOTE = 1000
_NEGATIVE = frozenset({"no", "false", "0", "none", "off", "n"})
# Fields whose presence says that a machine answered, unless their value denies it.
_REPLY_FIELDS = (
    "X-Autoreply",
    "X-Auto-Reply",
    "X-Mail-Autoreply",
    "X-AutoReply-From",
    "X-Auto-Reply-From",
    "X-Autorespond",
    "X-Auto-Respond",
    "X-Autoresponse",
    "X-Auto-Response",
    "X-Autoresponder",
    "X-Auto-Responder",
    "X-Vacation",
    "X-Vacation-Reply",
    "X-FC-MachineGenerated",
    "X-Out-Of-Office",
    "X-OutOfOffice",
    "X-KMail-Vacation",
)
_ANSWERED = re.compile(r"(?:re|aw|sv|vs|antw|odp|ynt|rv|r|res|ref|vá|va|回复|回覆|答复|返信) ?(?:\[\d+\])?[:：]")
_PASSED_ON = re.compile(r"(?:fw|fwd|wg|ilt|tr|rv|enc|i|vb|doorst|pd|转发|轉寄) ?[:：]")
_LIST_FIELDS = (
    *("List-Id", "List-Unsubscribe", "List-Post", "List-Help", "List-Subscribe", "List-Archive", "Mailing-List"),
    *("X-BeenThere", "X-Mailing-List", "X-List-Name", "X-ML-Name", "X-eGroups-Return", "X-Mailman-Version"),
)
_LIST_SENDER = re.compile(
    r"\bowner-|-owner\b|-admin@|-bounces?[@+]|-errors@|-request@|listserv|majordom", re.IGNORECASE
)
_TAGGED = re.compile(r"\[[^\[\]]{1,60}\] ?")
_RECEIPT_OF_PEC = ("accettazione", "avvenuta-consegna", "presa-in-carico")
_NO_REPLY = re.compile(
    r"(?:^|[._+=-]|\d)(?:no|not|non|nao|ne|nie|donot|do[._-]not|dont|don[._'-]?t|please[._-]?do[._-]?not)[._-]?"
    r"(?:reply|replay|respond|response|answer|responder|responda|respondas|rispondere|contestar|conteste|odpowiadaj"
    r"|odpovidat|pas[._-]?repondre|repondre)(?:$|[._+=-]|\d|s$)"
    r"|^(?:no|donot|do-not|dont)[._-]?reply"
    r"|(?:noreply|donotreply|dontreply|noresponder|norespond)$"
    r"|nicht[._-]?(?:antworten|beantworten)|keine?[._-]?antwort|antworte[n]?[._-]?nicht"
    r"|ne[._-]?pas[._-]?repondre|nepasrepondre|pas[._-]?de[._-]?reponse|sans[._-]?reponse|non[._-]?repondre"
    r"|yanitlamayin(?:iz)?|cevaplamayin(?:iz)?|yanit[._-]?vermeyin(?:iz)?|yanitlama$|^cevaplama$|cevap[._-]?vermeyin"
    r"|niet[._-]?(?:beantwoorden|antwoorden|reageren)|geen[._-]?antwoord"
    r"|(?:svar|svara)[._-]?(?:ej|inte|ikke)|(?:ej|inte|ikke)[._-]?svar|ala[._-]?vastaa|ei[._-]?vastata"
    r"|neodpovidat|neodpovidejte|neodpovedat|nie[._-]?odpowiadaj|nieodpowiadac|ne[._-]?valaszoljon|nu[._-]?raspunde"
    r"|ne[._-]?otvechat|neotvechat|ne[._-]?otvechaite|noresponder|no[._-]?contestar|naoresponda|naoresponder|nonrispondere"
)


def find_automatic(message: ParsedMessage, reverse_path: str | None) -> Automatic | None:
    """What kind of machine wrote the message, or None.

    `reverse_path` is None for the null reverse-path and "" where none is known.
    """
    return (
        _find_report(message)
        or _find_reply_field(message)
        or _find_exchange_reply(message)
        or _find_reply_by_words(message, reverse_path)
        or _find_reply_by_claim(message)
        or _find_receipt_by_words(message, reverse_path)
        or _find_generated(message)
        or _find_bulk(message)
    )


def is_noreply(address: str) -> bool:
    """Whether an address says that nobody reads it: `noreply@`, `do-not-reply@`, `x-noreply@`, in many languages."""
    local, at, _ = address[:320].rpartition("@")
    return bool(_NO_REPLY.search(fold(local if at else address[:320])))


def _find_report(message: ParsedMessage) -> Automatic | None:
    """Reports that programs write for programs (RFC 6522), and the receipts of Italy's certified mail (RFC 6109)."""
    if (message.header.first("X-Ricevuta") or "").strip().lower() in _RECEIPT_OF_PEC:
        return Automatic("receipt", "X-Ricevuta: a receipt of certified mail (RFC 6109)")
    report = message.report
    if report is None:
        return None
    if report.report_type == "disposition-notification":
        return Automatic("receipt", "a message disposition notification (RFC 8098)")
    if report.report_type == "feedback-report":
        return Automatic("generated", "a feedback report (RFC 5965)")
    if report.report_type != "delivery-status":
        return None
    actions = [outcome.action for outcome in read_outcomes(report.status or b"")]
    if actions and not {"failed", "delayed"} & set(actions):
        return Automatic("receipt", f"a delivery status notification: {actions[0]} (RFC 3464)")
    return Automatic("generated", "a delivery status notification (RFC 3464)")


def _find_reply_field(message: ParsedMessage) -> Automatic | None:
    """Header fields with which responders mark their answers."""
    header = message.header
    word = submitted(message)
    if word.startswith("auto-replied") or "vacation" in word:
        return Automatic("auto_reply", f"Auto-Submitted: {word[:60]}")
    for name in _REPLY_FIELDS:
        value = header.first(name)
        if value is not None and value.strip().lower() not in _NEGATIVE:
            return Automatic("auto_reply", f"the field {name} is present")
    for name in ("Precedence", "X-Precedence"):
        value = (header.first(name) or "").strip().lower().replace("-", "_")
        if value in ("auto_reply", "autoreply", "auto_replied"):
            return Automatic("auto_reply", f"{name}: {value}")
    for name, part in (
        ("X-POST-MessageClass", "autoresponder"),
        ("Delivered-To", "autoresponder"),
        ("X-Mailer", "vacation"),
        ("X-Mailer", "autorespon"),
        ("X-Mailer", "auto-respon"),
        ("X-Mailer", "autoreply"),
        ("X-Autogenerated", "reply"),
        ("X-Sieve-Action", "vacation"),
        ("X-Zimbra-Autoreply", ""),
    ):
        value = header.first(name)
        if value is not None and part in value.lower():
            return Automatic("auto_reply", f"{name}: {value[:60]}")
    return None


def _find_exchange_reply(message: ParsedMessage) -> Automatic | None:
    """Exchange marks its out-of-office replies like forwards by rule: only together do the marks say a reply."""
    header = message.header
    source = (header.first("X-MS-Exchange-Generated-Message-Source") or "").lower()
    looped = "X-MS-Exchange-Inbox-Rules-Loop" in header
    if "mailbox rules agent" not in source and not looped:
        return None
    subject = subject_words(message.subject)
    if _PASSED_ON.match(subject) or _ANSWERED.match(subject):
        return None
    suppresses = "X-Auto-Response-Suppress" in header
    automatic = submitted(message).startswith("auto-")
    named = names_reply(subject) or names_absence(subject)
    if named or (suppresses and automatic and _is_reply(message)):
        return Automatic("auto_reply", "Exchange's marks of an answer by a mailbox rule")
    return None


def _find_reply_by_words(message: ParsedMessage, reverse_path: str | None) -> Automatic | None:
    """Subjects that only machines write, or weaker words with a second witness."""
    subject = subject_words(message.subject)
    shown = message.subject[:60]
    if is_reply_subject(subject):
        return Automatic("auto_reply", f"the subject begins like an automatic reply: {shown}")
    named = names_reply(subject) or names_absence(subject) or names_leaver(subject)
    null = is_null(message, reverse_path) is True
    marked = null or _is_marked(message)
    if not named and not marked:
        return None
    if marked and is_reply_subject(_TAGGED.sub("", subject, count=1)):
        return Automatic("auto_reply", f"marked as automatic, and the subject is an automatic reply's: {shown}")
    head = without_quotations(squeeze(message.text[:_HEAD]))
    away = said_away(head) or (names_own_absence(subject) and said_away(subject))
    if wants(head):
        return None
    if (away or claims_reply(head)) and _is_own_absence(message, subject, head, null=null):
        return Automatic("auto_reply", f"subject and text are those of an absence: {shown}")
    if is_only_reply(subject) and (away or said_received(head)) and not asks(head):
        return Automatic("auto_reply", f"the subject is that of an automatic reply alone: {shown}")
    if named:
        return _by_named_absence(message, subject, head, null=null)
    answers = _is_reply(message) or bool(_ANSWERED.match(subject))
    answered = said_received(head) or null or (said_by_machine(head) and _is_reply(message) and not submitted(message))
    if away and answers and answered and said_by_machine(head) and not _is_list(message):
        return Automatic("auto_reply", "marked as automatic, answers a message, and the text is that of an absence")
    return None


def _by_named_absence(message: ParsedMessage, subject: str, head: str, *, null: bool) -> Automatic | None:
    """A subject that speaks of absence or an automatic reply, with a text that says the same and a witness."""
    machine, away, shown = said_by_machine(head), said_away(head), message.subject[:60]
    marked = null or _is_marked(message)
    witnessed = null or (marked and (machine or names_reply(subject)))
    alone = said_received(head) or _is_reply(message)
    alone = alone and ends_there(subject) and not asks(head) and not names_leaver(subject)
    if away and (witnessed or alone) and not (names_leaver(subject) and not null):
        return Automatic("auto_reply", f"subject and text are those of an absence: {shown}")
    if away and machine and names_own_absence(subject):
        return Automatic("auto_reply", f"subject and text of one who is away: {shown}")
    if marked and machine and (names_reply(subject) or _is_reply(message)) and not names_leaver(subject):
        return Automatic("auto_reply", f"subject and header fields of an automatic reply: {shown}")
    if names_reply(subject) and claims_reply(head) and not asks(head):
        return Automatic("auto_reply", f"subject and text call themselves an automatic reply: {shown}")
    return None


def _is_own_absence(message: ParsedMessage, subject: str, head: str, *, null: bool) -> bool:
    """Whether subject and marks, with a text of absence, say that the message itself is the notice.

    Submitted by a machine, the subject says the same as the text ("Carl no longer works here"), and not of a group's
    calendar; or it names its own author; or it puts words of absence before the subject that it answers.
    """
    if _is_list(message) or is_watcher(message):
        return False
    machine = submitted(message).startswith("auto-") or _is_bulk(message) or null
    if machine and (names_leaver(subject) or (names_absence(subject) and ends_there(subject))):
        return True
    if asks(head):
        return False
    author = message.author
    if author is not None and tells_of(subject, squeeze(author.name or author.local_part.replace(".", " "))):
        return True
    if not names_absence_before_subject(subject):
        return False
    return said_by_machine(head) or is_urgent_note(head) or is_own_exchange_prefix(subject)


def _find_reply_by_claim(message: ParsedMessage) -> Automatic | None:
    """A text that answers and says of itself that a machine wrote it; no field and no subject does.

    Only the writer's own words count: people quote such sentences.
    """
    subject = subject_words(message.subject)
    answers = _is_reply(message) or bool(_ANSWERED.match(subject))
    if not answers and not _is_marked(message):
        return None
    passed_on = is_forward(message.subject) and not subject.startswith("vs:")  # Finnish for "Re:", Danish for "Fwd:"
    if _is_list(message) or passed_on or answers_invitation(subject):
        return None
    head = squeeze(message.text[:_HEAD])
    claimed, challenged = claims_reply(head) or (answers and says_closed(head)), challenges(head)
    by_hand = "User-Agent" in message.header or "X-Mailer" in message.header
    absent = answers and not by_hand and _is_absence_note(head)
    if not (claimed or challenged or absent):
        return None
    own = without_quotations(squeeze(split_reply(message.text).new[:_HEAD]))
    if claimed and (claims_reply(own) or says_closed(own)) and not asks(own):
        return Automatic("auto_reply", "the text says of itself that it is an automatic reply")
    if challenged and challenges(own):
        return Automatic("auto_reply", "the text asks the sender to confirm the message")
    if absent and len(own) <= _NOTE and _is_absence_note(own) and not asks(own):
        return Automatic("auto_reply", "an answer that is nothing but a note of absence")
    return None


def _is_absence_note(text: str) -> bool:
    """Whether the text opens as one who is away, and only then says whom to ask in haste, or thanks and names a deputy."""
    away = first_absence(text[:400])
    if away < 0:
        return False
    return last_urgency(text) > away or (names_deputy(text) and said_received(text))


def _find_receipt_by_words(message: ParsedMessage, reverse_path: str | None) -> Automatic | None:
    """Receipts without a report's structure: the subject, and a short text that says "was read on"."""
    if not is_receipt_subject(subject_words(message.subject)) or len(message.text) > 4000:
        return None
    head = squeeze(message.text[:_HEAD])
    if not said_seen(head):
        return None
    system = is_null(message, reverse_path) is True or is_daemon(message) or submitted(message).startswith("auto-")
    if system or begins_as_receipt(head):
        return Automatic("receipt", f"the subject and text of a receipt: {message.subject[:60]}")
    return None


def _find_generated(message: ParsedMessage) -> Automatic | None:
    word = submitted(message)
    if word not in ("", "no"):
        return Automatic("generated", f"Auto-Submitted: {word[:60]}")
    for name in ("X-Cron-Env", "X-Autogenerated", "X-Auto-Generated"):
        if name in message.header:
            return Automatic("generated", f"the field {name} is present")
    return None


def _find_bulk(message: ParsedMessage) -> Automatic | None:
    if _is_list(message):
        return Automatic("bulk", "the fields of a mailing list are present")
    for name in ("Precedence", "X-Precedence"):
        value = (message.header.first(name) or "").strip().lower()
        if value in ("bulk", "list", "junk"):
            return Automatic("bulk", f"{name}: {value}")
    if "Feedback-ID" in message.header:
        return Automatic("bulk", "the field Feedback-ID is present")
    return None


def _is_reply(message: ParsedMessage) -> bool:
    return bool(message.in_reply_to or message.references)


def _is_list(message: ParsedMessage) -> bool:
    """Whether a list passed the message on: by its fields, or, before RFC 2369, by the sender it put in."""
    if any(name in message.header for name in _LIST_FIELDS):
        return True
    sender = message.header.first("Sender") or message.header.first("Errors-To") or ""
    return bool(sender) and _LIST_SENDER.search(sender[:300]) is not None


def _is_marked(message: ParsedMessage) -> bool:
    """Whether a field hints at a machine without saying that it answers."""
    if _is_bulk(message) and not _is_list(message):
        return True
    return submitted(message).startswith("auto-") or "X-Auto-Response-Suppress" in message.header


def _is_bulk(message: ParsedMessage) -> bool:
    precedence = (message.header.first("Precedence") or message.header.first("X-Precedence") or "").strip().lower()
    return precedence in ("bulk", "junk")
