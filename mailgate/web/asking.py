"""A request and its answer as plain data, so that pages are functions that know nothing of HTTP's machinery.

`Ask` is what a browser asked, already bounded; `Reply` is what it gets; raising `Refused` gives an error page.
Promises: a header never carries a line end, whatever it was made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mailgate.store.entries import NewAttachment


@dataclass(slots=True)
class Upload:
    """A file that came with a form: small ones as bytes, large ones already in the blob store."""

    attached: NewAttachment
    data: bytes | None


@dataclass(slots=True)
class Ask:
    """A request. `params` come from the path, `client` is the address to count attempts by."""

    method: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)
    cookie: str | None = None
    languages: str = ""
    client: str = ""
    origin: str | None = None
    fetch_site: str | None = None

    @property
    def id(self) -> int:
        """The number in the path."""
        return int(self.params["id"])


@dataclass(slots=True)
class Reply:
    """An answer. `cookie` None leaves the cookie alone, "" removes it; `path` or `data` is a download."""

    html: str = ""
    status: int = 200
    location: str | None = None
    cookie: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    path: Path | None = None
    data: bytes | None = None
    content_type: str = "text/html"


class Refused(Exception):
    """The request is answered with an error page: the status and the key of its sentence."""

    def __init__(self, status: int, key: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(status, key)
        self.status = status
        self.key = key or f"error_{status}"
        self.retry_after = retry_after


def see_other(location: str, cookie: str | None = None) -> Reply:
    """Sends the browser on with GET (RFC 9110 section 15.4.4), after a form was taken or a token was read."""
    return Reply(status=303, location=location, cookie=cookie)
