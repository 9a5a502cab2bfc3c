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
from mailgate.mail.autoreply_desk import acknowledges, thanks_or_confirms
from mailgate.mail.autoreply_fields import (
    find_bulk,
    find_generated,
    find_reply_field,
    find_report,
    is_bulk,
    is_list,
    is_marked,
    is_reply,
)
from mailgate.mail.autoreply_lists import find_list_answer
from mailgate.mail.autoreply_notes import is_note_of_absence, is_note_of_leaving, may_be_note, tells_of_another
from mailgate.mail.autoreply_phrases import (
    begins_as_receipt,
    first_absence,
    is_notes_receipt,
    is_receipt_subject,
    said_away,
    said_by_machine,
    said_received,
    said_seen,
)
from mailgate.mail.autoreply_words import (
    ends_there,
    is_only_reply,
    is_reply_subject,
    names_absence,
    names_absence_before_subject,
    names_absence_behind,
    names_leaver,
    names_own_absence,
    names_reply,
    own_exchange_prefix,
    speaks_of_himself,
    tells_of,
)
from mailgate.mail.bounce_voice import is_daemon, is_null, is_watcher, submitted
from mailgate.mail.fold import fold, squeeze, subject_words
from mailgate.mail.message import Automatic, ParsedMessage
from mailgate.mail.reply import split_reply
from mailgate.mail.subject import is_forward

_HEAD = 3000
_MUCH = 12_000  # characters of a message that answers nothing: more than any note or receipt has
_NOTE = 1000
_ANSWERED = re.compile(r"(?:re|aw|sv|vs|antw|odp|ynt|rv|r|res|ref|vá|va|回复|回覆|答复|返信) ?(?:\[\d+\])?[:：]")
_PASSED_ON = re.compile(r"(?:fw|fwd|wg|ilt|tr|rv|enc|i|vb|doorst|pd|转发|轉寄) ?[:：]")
# Programs of the personnel department tell of other people's absences.
_OF_STAFF = re.compile(r"\b(?:employee|mitarbeiter(?:in)?|colaborador|empleado|salarie|dipendente|calisan|personel)\b")
_TAGGED = re.compile(r"\[[^\[\]]{1,60}\] ?")
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
        find_report(message)
        or find_reply_field(message)
        or _find_exchange_reply(message)
        or _find_reply_by_words(message, reverse_path)
        or _find_reply_by_claim(message)
        or _find_note(message)
        or _find_acknowledgement(message)
        or _find_list_answer(message)
        or _find_receipt_by_words(message, reverse_path)
        or find_generated(message)
        or find_bulk(message)
    )


def is_noreply(address: str) -> bool:
    """Whether an address says that nobody reads it: `noreply@`, `do-not-reply@`, `x-noreply@`, in many languages."""
    local, at, _ = address[:320].rpartition("@")
    return bool(_NO_REPLY.search(fold(local if at else address[:320])))


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
    # a rule that redirects leaves the author as he was, and that may be a program that reports to a thread
    mailbox = (header.first("X-MS-Exchange-Inbox-Rules-Loop") or "")[:320].casefold()
    own = message.author is None or "@" not in mailbox or message.author.address.casefold() in mailbox
    if named or (own and suppresses and automatic and is_reply(message)):
        return Automatic("auto_reply", "Exchange's marks of an answer by a mailbox rule")
    return None


def _find_reply_by_words(message: ParsedMessage, reverse_path: str | None) -> Automatic | None:
    """Subjects that only machines write, or weaker words with a second witness."""
    subject = subject_words(message.subject)
    shown = message.subject[:60]
    if is_reply_subject(subject) and not _is_newsletter(message, reverse_path):
        return Automatic("auto_reply", f"the subject begins like an automatic reply: {shown}")
    if is_reply_subject(_TAGGED.sub("", subject, count=1)) and not is_list(message):
        return Automatic("auto_reply", f"behind a tag the subject is an automatic reply's: {shown}")
    named = names_reply(subject) or names_absence(subject) or names_leaver(subject)
    null = is_null(message, reverse_path) is True
    marked = null or is_marked(message)
    behind = names_absence_behind(subject)
    if not named and not marked and not behind:
        return None
    head = without_quotations(squeeze(message.text[:_HEAD]))
    away = said_away(head) or (names_own_absence(subject) and said_away(subject))
    if wants(head):
        return None
    if behind and away and not asks(head) and not is_list(message):
        return Automatic("auto_reply", f"the subject ends with words of absence, and the text says them: {shown}")
    if (away or claims_reply(head)) and _is_own_absence(message, subject, head, null=null):
        return Automatic("auto_reply", f"subject and text are those of an absence: {shown}")
    if is_only_reply(subject) and (away or marked or thanks_or_confirms(head)) and not asks(head):
        return Automatic("auto_reply", f"the subject is that of an automatic reply alone: {shown}")
    if named:
        return _by_named_absence(message, subject, head, null=null)
    answers = is_reply(message) or bool(_ANSWERED.match(subject))
    # "This is a recording [Re: Printer]": trackers write answers of people too, but with subjects as people have them
    if null and is_bulk(message) and "[re:" in subject and _answers_as_machine(message, head):
        return Automatic("auto_reply", "an answer that calls itself bulk and wants no report of its failure")
    answered = said_received(head) or null or (said_by_machine(head) and is_reply(message) and not submitted(message))
    if away and answers and answered and said_by_machine(head) and not is_list(message):
        return Automatic("auto_reply", "marked as automatic, answers a message, and the text is that of an absence")
    return None


def _is_newsletter(message: ParsedMessage, reverse_path: str | None) -> bool:
    """Whether a message is to be unsubscribed from and answers nothing: advertisers play with the words of absence."""
    if "List-Unsubscribe" not in message.header or "List-Post" in message.header or is_reply(message):
        return False
    return not submitted(message).startswith("auto-") and is_null(message, reverse_path) is not True


def _answers_as_machine(message: ParsedMessage, head: str) -> bool:
    """Whether nothing speaks against a responder: no list, no program that tells of others, nothing asked, not long."""
    if is_list(message) or is_watcher(message) or submitted(message) or len(message.text) > _HEAD:
        return False
    return not asks(head)


def _by_named_absence(message: ParsedMessage, subject: str, head: str, *, null: bool) -> Automatic | None:
    """A subject that speaks of absence or an automatic reply, with a text that says the same and a witness."""
    machine, away, shown = said_by_machine(head), said_away(head), message.subject[:60]
    marked = null or is_marked(message)
    witnessed = null or (marked and ((machine and ends_there(subject)) or names_reply(subject)))
    alone = said_received(head) or is_reply(message)
    alone = alone and ends_there(subject) and not asks(head) and not names_leaver(subject)
    if away and (witnessed or alone) and not (names_leaver(subject) and not null):
        return Automatic("auto_reply", f"subject and text are those of an absence: {shown}")
    if away and machine and names_own_absence(subject):
        return Automatic("auto_reply", f"subject and text of one who is away: {shown}")
    if marked and machine and (names_reply(subject) or is_reply(message)) and not names_leaver(subject):
        return Automatic("auto_reply", f"subject and header fields of an automatic reply: {shown}")
    if names_reply(subject) and claims_reply(head) and not asks(head):
        return Automatic("auto_reply", f"subject and text call themselves an automatic reply: {shown}")
    return None


def _is_own_absence(message: ParsedMessage, subject: str, head: str, *, null: bool) -> bool:
    """Whether subject and marks, with a text of absence, say that the message itself is the notice.

    Submitted by a machine, the subject says the same as the text ("Carl no longer works here"), and not of a group's
    calendar; or it names its own author; or it puts words of absence before the subject that it answers.
    """
    if is_list(message) or is_watcher(message) or _OF_STAFF.search(head):
        return False
    machine = submitted(message).startswith("auto-") or is_bulk(message) or null
    if machine and (names_leaver(subject) or (names_absence(subject) and ends_there(subject))):
        return True
    if asks(head):
        return False
    author = message.author
    if author is not None and tells_of(subject, squeeze(author.name or author.local_part.replace(".", " "))):
        return True
    if not names_absence_before_subject(subject):
        return False
    if said_by_machine(head) or is_urgent_note(head):
        return True
    prefix = own_exchange_prefix(subject)  # its words may be the subject's own: "Fuori sede: nuova stampante"
    return bool(prefix) and (speaks_of_himself(head) or said_away(head.replace(prefix, " ")))


def _find_reply_by_claim(message: ParsedMessage) -> Automatic | None:
    """A text that answers and says of itself that a machine wrote it; no field and no subject does.

    Only the writer's own words count: people quote such sentences.
    """
    subject = subject_words(message.subject)
    answers = is_reply(message) or bool(_ANSWERED.match(subject))
    if not answers and not is_marked(message):
        return None
    passed_on = is_forward(message.subject) and not subject.startswith("vs:")  # Finnish for "Re:", Danish for "Fwd:"
    if is_list(message) or passed_on or answers_invitation(subject):
        return None
    head = squeeze(message.text[:_HEAD])
    claimed, challenged = claims_reply(head) or (answers and says_closed(head)), challenges(head)
    by_hand = "User-Agent" in message.header or "X-Mailer" in message.header
    absent = answers and not by_hand and _is_absence_note(head)
    if not (claimed or challenged or absent):
        return None
    parts = split_reply(message.text)
    own = without_quotations(squeeze(parts.new[:_HEAD]))
    if claimed and (claims_reply(own) or says_closed(own)) and not asks(own):
        return Automatic("auto_reply", "the text says of itself that it is an automatic reply")
    if challenged and challenges(own):
        return Automatic("auto_reply", "the text asks the sender to confirm the message")
    if absent and not parts.quoted and len(own) <= _NOTE and _is_absence_note(own) and not asks(own):
        return Automatic("auto_reply", "an answer that is nothing but a note of absence")
    return None


def _find_note(message: ParsedMessage) -> Automatic | None:
    """What a mailbox says by itself of its owner, where no field and no subject says that it is a machine."""
    subject = subject_words(message.subject)
    answers = is_reply(message) or bool(_ANSWERED.match(subject))
    if not answers and len(message.text) > _MUCH:
        return None  # a letter, which nothing was quoted in
    head = squeeze(message.text[:_HEAD])
    if is_list(message) or is_watcher(message) or not may_be_note(head):
        return None
    if _PASSED_ON.match(subject) or answers_invitation(subject):
        return None
    by_hand = "User-Agent" in message.header or "X-Mailer" in message.header
    named = names_own_absence(subject) or (names_absence(subject) and ends_there(subject))
    parts = split_reply(message.text)
    by_hand = by_hand or bool(parts.quoted)  # who answers by hand leaves the quotation there, responders have none
    own = without_quotations(squeeze(parts.new[:_HEAD])) or head
    away = is_note_of_absence(parts.new[:_HEAD], own, answers=answers, named=named, by_hand=by_hand)
    if away and not tells_of_another(message, parts.new[:_HEAD]):
        return Automatic("auto_reply", "a note that its writer is away and answers later")
    if is_note_of_leaving(message, parts.new[:_HEAD], own, answers=answers, marked=is_marked(message), by_hand=by_hand):
        return Automatic("auto_reply", "a note that its owner has left, or that nobody reads the mailbox")
    return None


def _find_list_answer(message: ParsedMessage) -> Automatic | None:
    """What managers of mailing lists answer by themselves; their posts, welcomes and reminders are ordinary mail."""
    reason = find_list_answer(message, subject_words(message.subject))
    return None if reason is None else Automatic("auto_reply", reason)


def _find_acknowledgement(message: ParsedMessage) -> Automatic | None:
    """What help desks answer to every letter, marked or not."""
    subject = subject_words(message.subject)
    if is_list(message) or _PASSED_ON.match(subject) or is_watcher(message):
        return None
    answers = is_reply(message) or bool(_ANSWERED.match(subject))
    if not answers and len(message.text) > _MUCH:
        return None
    if acknowledges(message, subject, marked=is_marked(message), answers=answers):
        return Automatic("auto_reply", "a help desk's acknowledgement: the message arrived and will be answered")
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
    if is_notes_receipt(head):
        return Automatic("receipt", "a receipt of Notes: a document was received")
    if not said_seen(head):
        return None
    system = is_null(message, reverse_path) is True or is_daemon(message) or submitted(message).startswith("auto-")
    if system or begins_as_receipt(head):
        return Automatic("receipt", f"the subject and text of a receipt: {message.subject[:60]}")
    return None
