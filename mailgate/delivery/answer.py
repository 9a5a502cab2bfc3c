"""What a relay says about a letter, and the two ways in which it can be the trouble itself.

Takes nothing; gives `Answer` and the errors of this room. RelayError says nothing about the letter: it waits untouched.
Interrupted says that the connection broke while the letter was on its way: that counts as one of its tries, so that a
letter which breaks every connection cannot hold up the others.
Standards: RFC 5321 section 4.2 (reply codes), RFC 3463 (enhanced status codes).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from mailgate.errors import TemporaryError

Step = Literal["", "size", "mail", "rcpt", "data"]
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")
# RFC 3463 section 3.2: 5.1.7 and 5.1.8 speak of the sender, all others of 5.1 of the recipient's address.
_ABOUT_SENDER = ("5.1.7", "5.1.8")


class RelayError(TemporaryError):
    """The relay cannot be used now; the letter keeps waiting as if it had not been tried."""


class Interrupted(RelayError):
    """The connection broke while a letter was handed over; it is tried again with the same Message-ID."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one recipient: the reply code, its text, and the step it answered.

    `final` marks what was decided here, without the relay, and never changes.
    """

    code: int
    text: str
    step: Step = ""
    final: bool = False

    @property
    def sent(self) -> bool:
        """The relay has taken the letter for this recipient."""
        return 200 <= self.code < 300 and not self.final

    @property
    def permanent(self) -> bool:
        """It will never work. RFC 5321 section 4.5.3.1.10: 552 to RCPT means too many recipients, which passes."""
        if self.final:
            return True
        if self.code == 552 and self.step == "rcpt":
            return self.status not in (None, "5.5.3")
        return 500 <= self.code < 600

    @property
    def status(self) -> str | None:
        """The enhanced status code, where the text begins with one."""
        found = _ENHANCED.match(self.text)
        return found[1] if found else None

    @property
    def unknown_address(self) -> bool:
        """The relay knows that this recipient's address does not exist."""
        status = self.status or ""
        return self.step == "rcpt" and self.permanent and status.startswith("5.1.") and status not in _ABOUT_SENDER

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip() if self.code else self.text
