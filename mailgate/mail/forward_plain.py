"""Whether a block of header lines was passed on where neither the subject nor a marker says "forwarded".

Takes the message, the block and its author; gives True where only a forward fits. Promises: constant time, never raises;
a reply is never taken for a forward: who answers writes to the author of what he quotes, who forwards writes past him.
Standards: none; the "Fwd:" that programs write is a habit, and people write over it.
"""

from __future__ import annotations

from mailgate.mail.fold import squeeze
from mailgate.mail.forward_line import CORE, Block
from mailgate.mail.mail_words import SUBJECT
from mailgate.mail.message import Address, ParsedMessage
from mailgate.mail.subject import is_reply, one_line, strip_prefixes

_PREFIX_LENGTH = 24
_ROBOTS = ("Auto-Submitted", "List-Id", "List-Unsubscribe", "Precedence", "X-Auto-Response-Suppress", "Feedback-ID")


def passed_on(message: ParsedMessage, block: Block, sender: Address) -> bool:
    """True for an unquoted, whole block whose author is none of the message's people, under a subject that fits it.

    A subject fits that is empty, is the block's own, or the block's own behind a prefix that no table knows. Under a
    new subject the author must be a stranger to sender and recipients: somebody of no domain of theirs.
    """
    if block.quoted or not block.values.keys() >= CORE or is_reply(message.subject) or not message.to:
        return False
    if any(message.header.first(name) for name in _ROBOTS):
        return False
    people = [*message.to, *message.cc, *message.from_]
    if any(person.address.lower() == sender.address.lower() for person in people):
        return False
    if not one_line(message.subject) or related(message.subject, block.values.get(SUBJECT, "")):
        return True
    domain = _domain(sender)
    return all(_domain(person) != domain for person in people)


def related(outer: str, inner: str) -> bool:
    """True where the outer subject is the inner one, perhaps behind one unknown prefix: `Pers.: Printer`, `Printer`."""
    outer, inner = squeeze(strip_prefixes(outer)), squeeze(strip_prefixes(inner))
    if not inner or not outer.endswith(inner):
        return False
    prefix = outer[: len(outer) - len(inner)].rstrip()
    return not prefix or (len(prefix) <= _PREFIX_LENGTH and prefix[-1] in ":：]")


def _domain(person: Address) -> str:
    return person.address.rpartition("@")[2].lower()
