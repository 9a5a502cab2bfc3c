"""What a scanner gets to see of a message, and what it says about it.

Takes nothing; gives `Content` (bytes in memory, or a file that is read in pieces), `Sample` and `Result`.
Promises: nothing that a stranger wrote can break out of a line of a scanner's protocol (`one_line`).
"""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from mailgate.mail.message import Envelope
from mailgate.store.spool import Client

_DETAIL = 500
"""Letters kept of what a scanner says; it ends up in the ledger of every message."""


@dataclass(frozen=True, slots=True)
class Content:
    """The raw bytes of a message: in memory, or above the store's border in a file."""

    size: int
    raw: bytes = b""
    path: Path | None = None

    @classmethod
    def of(cls, raw: bytes) -> Content:
        """Content that is in memory."""
        return cls(len(raw), raw)

    def open(self) -> BinaryIO:
        """The bytes from their start. Raises OSError where the file is gone."""
        return io.BytesIO(self.raw) if self.path is None else self.path.open("rb")

    def read(self) -> bytes:
        """All bytes at once. Raises OSError where the file is gone."""
        return self.raw if self.path is None else self.path.read_bytes()


@dataclass(frozen=True, slots=True)
class Sample:
    """A message before the scanners. `hostname` is how this gateway calls itself; `queue_id` goes to the scanners' logs."""

    content: Content
    envelope: Envelope
    client: Client = field(default_factory=Client)
    queue_id: str = ""
    hostname: str = "localhost.localdomain"


@dataclass(slots=True)
class Result:
    """What one scanner said.

    `action` follows from our own scores: "tag", "hold", "reject" or None. `error` says why there is no answer;
    `unscanned` is True where the message came through without having been looked at. `seconds` is what the wait cost.
    """

    scanner: str
    score: float | None = None
    action: str | None = None
    virus: str | None = None
    error: str | None = None
    detail: str = ""
    unscanned: bool = False
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The plain form that the ledger keeps (`findings["scans"]`)."""
        return asdict(self)


def failed(scanner: str, error: str) -> Result:
    """A scanner that gave no answer."""
    return Result(scanner, error=one_line(error), unscanned=True)


def by_score(score: float, tag: float, hold: float, reject: float | None) -> str | None:
    """The action that follows from a score and the scores of the configuration."""
    if reject is not None and score >= reject:
        return "reject"
    return "hold" if score >= hold else "tag" if score >= tag else None


def one_line(text: str, limit: int = _DETAIL) -> str:
    """Text of others as one bounded line of printable letters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())[:limit]
