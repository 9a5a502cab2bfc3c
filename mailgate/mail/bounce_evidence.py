"""Whether enough speaks for a bounce: who writes, under what subject, in which words, and what came back with it.

Takes a parsed message, its `Voice` and what its text shows; gives yes or no. Promises: never raises; linear; the less a
voice is known as a mail system's, the more evidence it takes, so that nobody who writes about bounces is held for one.
Standards: RFC 3834 section 5 (Auto-Submitted), RFC 2919 (List-Id); else the habits of mail systems.
"""

from __future__ import annotations

from mailgate.mail.bounce_address import find_addresses
from mailgate.mail.bounce_text import SPOKEN, find_failed
from mailgate.mail.bounce_voice import Voice, is_postmaster, is_unread, is_watcher, is_written_by_hand, submitted
from mailgate.mail.message import ParsedMessage

_HEAD = 6000


def speaks(
    message: ParsedMessage, voice: Voice, phrase: bool, quotes_server: bool, returned: bool, report: str
) -> bool:
    """Whether enough speaks for a bounce: the less a voice is known as a mail system's, the more of it."""
    if voice.report or voice.failed_field or is_plainly_returned(voice):
        return True
    listed = "List-Id" in message.header or "List-Post" in message.header
    if listed and not voice.daemon and not voice.strong_subject:
        return False  # a list's mail, whatever its reverse-path
    by_hand = is_written_by_hand(message)
    if (
        voice.mailer
        and not voice.answer
        and not (listed and voice.null is False)
        and (quotes_server or returned or names_any(report))
    ):
        return True
    if not voice.is_system:
        shown = returned or quotes_server or (is_unread(message) and names_address(report))
        if not voice.strong_subject or not phrase or not shown:
            return False
        if submitted(message) not in ("", "no") or is_unread(message):
            return True
        return voice.null is None and returned and not by_hand
    if voice.null is False and not voice.machine:
        # a postmaster may be a person
        role = not by_hand and is_postmaster(message)
        if not voice.subject or (by_hand and not returned) or not (phrase or (role and quotes_server)):
            return False
        return returned or quotes_server or voice.strong_subject or (names_any if role else names_address)(report)
    answered = (
        submitted(message).startswith("auto-replied")
        and "reject" not in submitted(message)
        and not (voice.daemon or returned or voice.strong_subject)
    )
    if voice.subject and not answered:
        anywhere = voice.daemon or voice.strong_subject
        named = bool(find_addresses(report[:_HEAD])) if anywhere else names_address(report)
        evidence = (phrase, quotes_server, returned, named)
        sure = voice.strong_subject or voice.machine or (voice.daemon and voice.null is True)
        return sum(evidence) >= (1 if sure else 2)
    if not phrase:
        return False
    if voice.daemon and (voice.null is True or (voice.machine and not voice.answer)):
        return quotes_server or returned or names_address(report)
    if answered:
        return False
    if returned or (voice.daemon and quotes_server and not voice.answer):
        return True
    if is_watcher(message) or submitted(message).startswith("auto-generated"):
        return False
    return quotes_server and not voice.answer and names_address(report)


def is_plainly_returned(voice: Voice) -> bool:
    """A mail system that takes no answer, under a subject of bounces: nobody else writes so, whatever the text."""
    return voice.daemon and voice.null is True and voice.subject


def names_any(report: str) -> bool:
    """Whether any address stands in the text that is not said to be a sender's or a helper's."""
    return bool(find_failed(report, (), ()))


def names_address(report: str) -> bool:
    """Whether an address stands in the text in one of the ways in which MTAs name those that failed."""
    return any(seen.rank >= SPOKEN for seen in find_failed(report, (), ()))
