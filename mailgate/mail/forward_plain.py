"""Whether a block of header lines was passed on where neither the subject nor a marker says so, or not clearly.

Takes the message, the block, its author and its lines; gives True where only a forward fits, or only an answer.
Promises: constant time, never raises; a reply is never taken for a forward: who answers writes to the author of what he
quotes, who forwards writes past him.
Standards: none; the "Fwd:" that programs write is a habit, and people write over it.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import squeeze
from mailgate.mail.forward_line import CORE, Block, marker_kind
from mailgate.mail.mail_words import FORWARD_PREFIXES, SUBJECT
from mailgate.mail.message import Address, ParsedMessage
from mailgate.mail.subject import is_ambiguous, is_reply, one_line, strip_prefixes

_PREFIX_LENGTH = 24
_HEAD = 2000
_MARKS = " -_.:;|[]()"
_ROBOTS = ("Auto-Submitted", "List-Id", "List-Unsubscribe", "Precedence", "X-Auto-Response-Suppress", "Feedback-ID")
_FINNIC = tuple(map(squeeze, ("lähettäjä", "lähetetty", "kirjoitti", "saatja", "saadetud", "kirjutas")))
_TRACE = re.compile(
    r"(?i)(?:received|return-path|delivered-to|message-id|mime-version|content-[a-z-]{1,30}|authentication-results"
    r"|received-spf|dkim-signature|arc-[a-z-]{1,30}|x-[a-z0-9-]{1,60}):\s"
)
"""What no mail program writes above the four lines of a block."""


def answers(message: ParsedMessage, block: Block, sender: Address, lines: list[str]) -> bool:
    """True where a prefix that means "Fwd:" in one language and "Re:" in another means the latter.

    "VS:" is Danish and Norwegian for forwarded, Finnish and Estonian for answered: the words above the quotation tell,
    or that the message goes to the author of what it quotes. A marker that says "forwarded" has the last word.
    """
    if not is_ambiguous(message.subject) or marker_kind(lines[block.note_end]) == "forwarded":
        return False
    if any(person.address.lower() == sender.address.lower() for person in [*message.to, *message.cc]):
        return True
    head = squeeze(" ".join(lines[block.start : max(block.end, block.start + 1)])[:_HEAD])
    return any(word in head for word in _FINNIC)


def passed_on(message: ParsedMessage, block: Block, sender: Address, lines: list[str]) -> bool:
    """True for an unquoted, whole block whose author is none of the message's people, under a subject that fits it.

    A subject fits that is empty or the block's own. Under a new one, or behind a prefix that no table knows (it may mean
    "Re:"), the author must be a stranger to sender and recipients: somebody of no domain of theirs. Headers that were
    copied from the source of a message, to be looked at, are no forward.
    """
    if block.start and _TRACE.match(lines[block.start - 1].lstrip("> \t")):
        return False
    if block.quoted or not block.values.keys() >= CORE or is_reply(message.subject) or not message.to:
        return False
    if any(message.header.first(name) for name in _ROBOTS):
        return False
    people = [*message.to, *message.cc, *message.from_]
    if any(person.address.lower() == sender.address.lower() for person in people):
        return False
    prefix = _before(message.subject, block.values.get(SUBJECT, ""))
    if not one_line(message.subject) or prefix == "" or (prefix and prefix.strip(_MARKS) in FORWARD_PREFIXES):
        return True
    domain = _domain(sender)
    return all(_domain(person) != domain for person in people)


def related(outer: str, inner: str) -> bool:
    """True where the outer subject is the inner one, perhaps behind one unknown prefix: `Pers.: Printer`, `Printer`."""
    prefix = _before(outer, inner)
    return prefix is not None and (not prefix or (len(prefix) <= _PREFIX_LENGTH and prefix[-1] in ":：]"))


def _before(outer: str, inner: str) -> str | None:
    """What the outer subject has before the inner one, known prefixes aside; None where it is another subject."""
    outer, inner = squeeze(strip_prefixes(outer)), squeeze(strip_prefixes(inner))
    if not inner or not outer.endswith(inner):
        return None
    return outer[: len(outer) - len(inner)].rstrip()


def _domain(person: Address) -> str:
    return person.address.rpartition("@")[2].lower()
