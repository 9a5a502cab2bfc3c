"""Bounces recognised: whether a message reports that mail of ours did not arrive, and whose.

Takes a parsed message and its reverse-path; gives a `Bounce`, or None for all that is not one.
Promises: never raises; decides by who speaks (a report's structure, a null reverse-path, a mail system's name) and
only then by words, so that a person who forwards or quotes a bounce is never taken for one; costs a few microseconds
on ordinary mail; reads 64 KB of text at most.
Standards: RFC 3464 (delivery status notifications), RFC 6522 (multipart/report), RFC 3463 (status codes), RFC 5321
section 4.5.5 (null reverse-path); MTAs' own free text by `bounce_text`.
"""

from __future__ import annotations

import re

from mailgate.mail.bounce_address import find_addresses
from mailgate.mail.bounce_dsn import Outcome, has_fields, read_outcomes, read_outcomes_of_text
from mailgate.mail.bounce_evidence import is_plainly_returned, names_any, speaks
from mailgate.mail.bounce_original import Original, find_message_id, read_original, split_report
from mailgate.mail.bounce_phrases import PARTED, PHRASES, VAGUE
from mailgate.mail.bounce_refusal import read_refusal
from mailgate.mail.bounce_text import (
    find_diagnostic,
    find_failed,
    find_reply_status,
    has_reply_code,
    refused_for_good,
)
from mailgate.mail.bounce_voice import (
    Voice,
    hear_voice,
    is_postmaster,
    is_written_by_hand,
)
from mailgate.mail.bounce_words import DELAYS, FINAL, MILD
from mailgate.mail.fold import fold, squeeze, subject_words
from mailgate.mail.message import Bounce, ParsedMessage

MAX_TEXT = 65_536
MAX_RECIPIENTS = 200

_HEAD = 6000
_ORIGINAL_TYPES = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/global-headers"}
)
_QUOTED = re.compile(r"(?m)^[ \t]{0,4}>(?!>> |>>>? ?\w{4} ).*$")
_DELAYED_SUBJECTS = (
    "(delay)",
    "delayed",
    "warning: could not send",
    "warning: message",
    "notification: warning",
    "gecikti",
    "verzogert",
    "deferred",
    "retardee",
    "retrasad",
)


def read_bounce(message: ParsedMessage, reverse_path: str | None) -> Bounce | None:
    """The bounce that the message is, else None.

    `reverse_path` is None for the null reverse-path and "" where none is known (then `Return-Path:` is asked).
    """
    refused = read_refusal(message)
    voice = hear_voice(message, reverse_path) if not refused else None
    if voice is None and not refused:
        return None
    words = message.text[:MAX_TEXT]
    report, pasted = split_report(words)
    original = _original(message, pasted)
    if voice is None:
        return _from_outcomes(message, report, original, refused)
    if voice.report or voice.is_system:
        found = _from_outcomes(message, report, original, _outcomes(message, words))
        if found is not _UNDECIDED:
            return found
    return _from_words(message, voice, report, original, bool(pasted))


_UNDECIDED = Bounce((), None, "", "", None, None, "")


def _outcomes(message: ParsedMessage, words: str) -> list[Outcome]:
    if message.report is not None and message.report.status:
        outcomes = read_outcomes(message.report.status)
        if outcomes:
            return outcomes
    if has_fields(words):
        return read_outcomes_of_text(words)
    for part in message.attachments[:10]:
        if part.content_type.startswith(("text/plain", "message/delivery", "application/octet")) and part.size < 65_536:
            outcomes = read_outcomes(part.data) if b"inal-recipient:" in part.data.lower() else []
            if outcomes:
                return outcomes
    for part in message.attachments[:3]:  # a report inside a report that names nobody
        if (
            part.content_type == "message/rfc822"
            and b"delivery-status" in part.data[:8192].lower()
            and not names_any(words)
        ):
            return read_outcomes(part.data)
    return []


def _original(message: ParsedMessage, pasted: str) -> Original:
    sources: list[bytes | str] = []
    if message.report is not None and message.report.original:
        sources.append(message.report.original)
    sources += [part.data for part in message.attachments if part.content_type in _ORIGINAL_TYPES]
    if pasted:
        sources.append(pasted)
    for source in sources:
        original = read_original(source)
        if original is not None:
            return original
    return Original()


def _message_id(message: ParsedMessage, report: str, original: Original) -> str | None:
    """Which message came back: by the copy, by the report's words and fields, else by what the bounce answers."""
    if original.message_id:
        return original.message_id
    status = message.report.status if message.report is not None else None
    told = find_message_id(report) or find_message_id((status or b"")[:MAX_TEXT].decode("utf-8", "replace"))
    answered = message.in_reply_to[:1] or message.references[-1:]
    return told or (answered[0] if answered else None)


def _from_outcomes(message: ParsedMessage, report: str, original: Original, outcomes: list[Outcome]) -> Bounce | None:
    """By the fields of RFC 3464 section 2.3; `_UNDECIDED` where they do not say enough."""
    failed = [outcome for outcome in outcomes if outcome.action == "failed"]
    delayed = [outcome for outcome in outcomes if outcome.action == "delayed"]
    if not failed and not delayed:
        return None if outcomes else _UNDECIDED
    chosen = failed or delayed
    to = frozenset(address.casefold() for address in original.recipients)
    addresses = [address for outcome in chosen if (address := _ours(outcome, to)) is not None]
    recipients = _unique(addresses)
    if not any("." in address.rpartition("@")[2] for address in recipients):
        recipients = _recipients_of_words(message, report, original) or recipients
    first = chosen[0]
    return Bounce(
        recipients=recipients[:MAX_RECIPIENTS],
        status=first.status or find_reply_status(first.diagnostic, report),
        action="failed" if failed else "delayed",
        diagnostic=first.diagnostic or find_diagnostic(report, 0),
        original_message_id=_message_id(message, report, original),
        original_subject=original.subject,
        reason=f"delivery status notification: {first.action}",
    )


def _ours(outcome: Outcome, to: frozenset[str]) -> str | None:
    """The address we wrote to: Original-Recipient, unless the returned message names only the final one."""
    if outcome.original is None or outcome.final is None:
        return outcome.original or outcome.final
    if outcome.final.casefold() in to and outcome.original.casefold() not in to:
        return outcome.final
    return outcome.original


def _from_words(message: ParsedMessage, voice: Voice, report: str, original: Original, pasted: bool) -> Bounce | None:
    """By the MTA's free text: at least two of subject, sentence and shape must speak for it."""
    own_words = _QUOTED.sub("", report)
    head = squeeze(own_words[:_HEAD])
    sure = voice.machine or voice.null is True or voice.strong_subject
    sure = sure or (voice.subject and is_postmaster(message) and not is_written_by_hand(message))
    phrase = _phrase(head, voice.daemon and sure)
    returned = pasted or original != Original()
    quotes_server = has_reply_code(own_words)
    if not speaks(message, voice, phrase is not None, quotes_server, returned, own_words):
        return None
    recipients = _recipients_of_words(message, own_words, original)
    spoken = voice.is_system and (voice.strong_subject or returned)
    if not (recipients or voice.report or spoken or is_plainly_returned(voice)):
        return None
    near = next((number for number, line in enumerate(report.split("\n")) if recipients and recipients[0] in line), 0)
    delayed = _is_delay(head, subject_words(message.subject), refused_for_good(own_words))
    diagnostic = find_diagnostic(report, near)
    status = find_reply_status(diagnostic, own_words)
    if delayed and status is not None and status[0] == "5":
        status = f"4{status[1:]}"
    return Bounce(
        recipients=recipients[:MAX_RECIPIENTS],
        status=status,
        action="delayed" if delayed else "failed",
        diagnostic=diagnostic,
        original_message_id=_message_id(message, report, original),
        original_subject=original.subject,
        reason=_reason(voice, phrase),
    )


def _phrase(head: str, sure: bool) -> str | None:
    """The first sentence of a bounce in the text; a vague one only where a mail system surely speaks."""
    tables = (PHRASES, DELAYS) if sure else (PHRASES,)
    told = (phrase for table in tables for phrase in table if phrase in head and (sure or phrase not in VAGUE))
    found = next(told, None)
    if found is None and (parted := PARTED.search(head)):
        found = parted.group()[:80]
    return found


def _recipients_of_words(message: ParsedMessage, report: str, original: Original) -> tuple[str, ...]:
    named = [
        found[0]
        for item in message.header.all("X-Failed-Recipients")[:50]
        for found in find_addresses(item.value[:20000])
    ]
    if named:
        return _unique(named)
    own = tuple(address.address for address in (*message.to, *message.cc)) + original.senders
    found = [seen.address for seen in find_failed(report, own, original.recipients)]
    if found:
        return _unique([_without_prefix(address, original) for address in found])
    in_subject = [seen[0] for seen in find_addresses(message.subject[:500])]
    if in_subject:
        return _unique(in_subject)
    returned_to = tuple(address for address in original.recipients if address.casefold() not in _folded(own))
    if len(returned_to) == 1:
        return returned_to
    folded = fold(report[:MAX_TEXT])
    return _unique([address for address in returned_to[:50] if fold(address.partition("@")[0]) in folded])


def _folded(addresses: tuple[str, ...]) -> frozenset[str]:
    return frozenset(address.casefold() for address in addresses)


def _without_prefix(address: str, original: Original) -> str:
    """The address we wrote to where qmail names its virtual user: `5-joe@example.org` for `joe@example.org`."""
    for known in original.recipients:
        if address.casefold().endswith(f"-{known.casefold()}"):
            return known
    return address


def _is_delay(head: str, subject: str, final: bool) -> bool:
    if any(phrase in subject for phrase in _DELAYED_SUBJECTS):
        return not any(phrase in head for phrase in ("has been failing for", "given up", "failed permanently"))
    if any(phrase in head for phrase in FINAL):
        return False
    return any(phrase in head and not (final and phrase in MILD) for phrase in DELAYS)


def _reason(voice: Voice, phrase: str | None) -> str:
    speaker = "null reverse-path" if voice.null else "a mail system's name" if voice.daemon else "a bounce's subject"
    if voice.failed_field:
        speaker = "X-Failed-Recipients"
    return f"{speaker}, and the text says: {phrase}" if phrase else f"{speaker}, and a bounce's shape"


def _unique(addresses: list[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for address in addresses:
        kept.setdefault(address.casefold(), address)
    return tuple(kept.values())
