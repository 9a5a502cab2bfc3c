"""What managers of mailing lists answer by themselves: held for a moderator, results of commands, automatic responses.

Takes a parsed message and its subject as `fold.subject_words` gives it; gives the reason, or None.
Promises: only answers to somebody's own message count; welcome letters, reminders, requests to confirm or to moderate and
the lists' posts do not. Linear.
Standards: none; Mailman, Majordomo, LISTSERV, ezmlm, Sympa and the groups of hosters each have their own words.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import squeeze
from mailgate.mail.message import ParsedMessage

_HEAD = 1500
# "Your message to News awaits moderator approval", and the same in other languages.
_HELD = re.compile(
    r"(?:your|ihre|deine|votre|su|tu|el|il|la|uw|je|sua|seu|a|din|ditt|vas|vase|twoja?|wiadomosc|ваше|message|viesti|post)\b"
    r".{0,120}(?:moderat|moderaat|moderaz|moderac|approv|approb|aprob|aprov|genehmig|goedkeur|godkjen|godkend|godkann"
    r"|одобрени|модерат|schval|zatwierdz|onay)"
)
_HELD_TEXT = (
    "is being held until the list moderator",
    "being held until",
    "held for approval",
    "awaiting approval",
    "awaits moderator",
    "waiting for approval",
    "waiting for the moderator",
    "waiting for moderat",
    "has been submitted to the moderator",
    "sent to the group moderator",
    "sent to the moderator",
    "forwarded to the moderator",
    "transmis aux moderateurs",
    "transmis au moderateur",
    "en attente de moderation",
    "wird zuruckgehalten",
    "wurde zuruckgehalten",
    "an den moderator",
    "members-only list",
    "retenido hasta",
    "trattenuto",
    "est retenu",
    "will be reviewed by the moderator",
    "list moderator can review",
)
_RESULTS = (
    "the results of your email command",
    "die ergebnisse ihrer",
    "les resultats de vos commandes",
    "resultado de los comandos",
    "risultati dei comandi",
    "auto-response for your message to",
    "majordomo results",
    'output of your job "',
    "results of your command",
)
_ROBOTS = re.compile(
    r"^(?:majordomo|listserv|listproc|lyris|ecartis|petidomo|sympa|mlmmj|minimalist|smartlist)", re.IGNORECASE
)


def find_list_answer(message: ParsedMessage, subject: str) -> str | None:
    """Why the message is a list manager's own answer, or None."""
    header = message.header
    if "replybot" in (header.first("X-Mailer") or "").lower():
        return "X-Mailer: a list manager's replybot"
    if (header.first("Delivered-To") or "").lower().startswith("responder for "):
        return "Delivered-To: a list manager's responder"
    if subject.startswith(_RESULTS):
        return "the subject of a list manager's answer"
    author = message.author
    head = squeeze(message.text[:_HEAD])
    if (
        author is not None
        and _ROBOTS.match(author.local_part)
        and subject.startswith(("message (", "rejected posting", "re: "))
    ):
        return "a list manager answers"
    if any(phrase in head for phrase in _HELD_TEXT) and _HELD.match(subject):
        return "a list manager holds the message for its moderator"
    return None
