"""A relay that takes everything and remembers it: the outer edge of the daemon's way out.

Takes nothing; gives `SinkRelay` with its port and what it received. It answers as told by `answers`, so that tests can
refuse recipients for a while or for good.
"""

from __future__ import annotations

import email
import email.message
import email.policy
import threading
from collections.abc import Callable

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.daemon import free_port


class SinkRelay:
    """Started by `start`, stopped by `stop`; `received` holds (recipients, raw) in order of arrival."""

    def __init__(self, answer: Callable[[str], str | None] | None = None) -> None:
        self.received: list[tuple[list[str], bytes]] = []
        self.arrived = threading.Condition()
        self._answer = answer
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port(), ready_timeout=30)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refused = self._answer(address) if self._answer else None
        if refused:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        with self.arrived:
            self.received.append((list(envelope.rcpt_tos), content))
            self.arrived.notify_all()
        return "250 2.0.0 OK"

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    def wait_for(self, count: int, seconds: float = 60.0) -> list[tuple[list[str], bytes]]:
        """Waits until so many letters have arrived."""
        with self.arrived:
            if not self.arrived.wait_for(lambda: len(self.received) >= count, seconds):
                raise AssertionError(f"{len(self.received)} of {count} letters arrived")
            return list(self.received)

    def messages(self) -> list[email.message.EmailMessage]:
        """What arrived, parsed."""
        with self.arrived:
            return [email.message_from_bytes(raw, policy=email.policy.default) for _, raw in self.received]
