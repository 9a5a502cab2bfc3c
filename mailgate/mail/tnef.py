"""winmail.dat."""

from __future__ import annotations
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TnefFile:
    name: str
    content_type: str
    data: bytes
    content_id: str | None = None


@dataclass(slots=True)
class Tnef:
    files: list[TnefFile] = field(default_factory=list)
    text: str = ""
    html: str = ""
    complete: bool = True


def read_tnef(data: bytes, limit: int) -> Tnef | None:
    return None
