"""LMTP: the same dialogue for an MTA's transport map, with one reply for each recipient.

Takes and gives what `session.py` does. Standard: RFC 2033.
"""

from __future__ import annotations

from mailgate.sources.smtp.session import Session


class LmtpSession(Session):
    """LHLO instead of HELO and EHLO; the end of the data is answered for each accepted recipient, in their order."""

    protocol = "LMTP"
    greeting = "LMTP"
    no_recipients = "503 5.5.1 No valid recipients"  # RFC 2033 section 4.2

    async def smtp_LHLO(self, hostname: str) -> None:
        await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:
        self.bad("500 5.5.1 This is LMTP; say LHLO")

    async def smtp_EHLO(self, hostname: str) -> None:
        self.bad("500 5.5.1 This is LMTP; say LHLO")

    def final(self, text: str, recipients: int) -> None:
        for _ in range(recipients):
            self.reply(text)
