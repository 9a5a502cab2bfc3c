"""What a check sees of a message, and the verdict it gives.

Takes nothing; gives `Case` and `Verdict`. A check is a function of a `Case` that gives a `Verdict` or None (nothing to
say); it changes nothing but meters, and it never raises on what strangers send.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mailgate.config import Config
from mailgate.mail.message import Automatic, Bounce, Envelope, ParsedMessage
from mailgate.model import User

if TYPE_CHECKING:
    from mailgate.store import Tx
    from mailgate.store.spool import Client


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: the message's class, whether it is held, and a sentence with the evidence.

    A verdict of class "normal" that is not held only marks the message (`mark`), and later checks still speak.
    """

    class_: str
    reason: str
    hold: bool = True
    mark: str | None = None


@dataclass(slots=True)
class Case:
    """One message before the checks. `tx` is None where nothing may be counted (`explain` without a store).

    `sender` is the user the message claims to be from; `own` are the addresses that come back to us; `ticket_id` is the
    ticket it would go to; `answers` says whether it carries our signature, so that it answers mail of ours; `findings`
    are what was found at SMTP time (scanners, authentication).
    """

    message: ParsedMessage
    envelope: Envelope
    source: str
    config: Config
    bounce: Bounce | None = None
    automatic: Automatic | None = None
    noreply: bool = False
    sender: User | None = None
    ticket_id: int | None = None
    answers: bool = False
    own: frozenset[str] = frozenset()
    own_installation: str = ""
    content_key: str = ""
    findings: dict[str, Any] = field(default_factory=dict)
    tx: Tx | None = None


def is_outside(client: Client) -> bool:
    """Whether a client is a stranger on the internet, whose SPF can be asked and whose header fields prove nothing.

    Loopback, private networks, trusted addresses and clients that logged in are not.
    """
    if client.ip is None or client.trusted or client.auth_user:
        return False
    try:
        return ipaddress.ip_address(client.ip).is_global
    except ValueError:
        return False
