"""Folders of a Microsoft 365 mailbox by the names that people use: `INBOX`, `Inbox/Büro`, `sentitems`.

Takes the service and a path with slashes; gives the folder's id. Promises: a name is compared, never put into a query;
well-known names work in every language; the search is bounded. Raises AccountError that names what is there.
Standards: Microsoft Graph REST API v1.0, mailFolder resource ("well-known folder names"), list childFolders.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from mailgate.sources.accounts import tls
from mailgate.sources.accounts.fetcher import AccountError
from mailgate.sources.accounts.graph_service import GraphService

# fmt: off
WELL_KNOWN = frozenset({
    "archive", "clutter", "conflicts", "conversationhistory", "deleteditems", "drafts", "inbox", "junkemail",
    "localfailures", "msgfolderroot", "outbox", "scheduled", "searchfolders", "sentitems", "serverfailures", "syncissues",
})
# fmt: on
_PARAMS = {"$top": "100", "$select": "id,displayName"}


def find(service: GraphService, path: str, create: bool = False) -> str:
    """The id of a folder; with `create` it is made where it is missing. Raises AccountError."""
    at, rest = _begin(path)
    for depth, name in enumerate(rest):
        found = _child(service, at, name)
        if found is None and not create:
            there = ", ".join(sorted(shown for shown, _ in _children(service, at))[:20]) or "none"
            raise AccountError(
                f'There is no folder "{"/".join(rest[: depth + 1])}" in the mailbox; there are: {there}.'
            )
        at = found or _create(service, at, name)
    return at


def look(service: GraphService, path: str) -> str | None:
    """The id of a folder, or None."""
    at, rest = _begin(path)
    for name in rest:
        found = _child(service, at, name)
        if found is None:
            return None
        at = found
    return at


def names(service: GraphService) -> list[str]:
    """The names of the folders at the top."""
    return sorted(tls.one_line(name, 60) for name, _ in _children(service, "msgfolderroot"))


def _begin(path: str) -> tuple[str, list[str]]:
    parts = [part for part in path.split("/") if part]
    if parts and parts[0].casefold() in WELL_KNOWN:
        return parts[0].casefold(), parts[1:]
    return "msgfolderroot", parts


def _child(service: GraphService, parent: str, name: str) -> str | None:
    wanted = name.casefold()
    found = [(shown, identity) for shown, identity in _children(service, parent) if shown.casefold() == wanted]
    exact = [identity for shown, identity in found if shown == name]
    return exact[0] if exact else found[0][1] if found else None


def _children(service: GraphService, parent: str) -> Iterator[tuple[str, str]]:
    path = f"/mailFolders/{quote(parent, safe='')}/childFolders"
    for values, _ in service.pages(path, "listing folders", _PARAMS):
        for value in values:
            name, identity = value.get("displayName"), value.get("id")
            if isinstance(name, str) and isinstance(identity, str) and identity:
                yield name, identity


def _create(service: GraphService, parent: str, name: str) -> str:
    made: dict[str, Any] = service.change(
        "POST",
        f"/mailFolders/{quote(parent, safe='')}/childFolders",
        "making a folder",
        {"displayName": name},
        known=(409,),
    )
    identity = made.get("id") or _child(service, parent, name)  # 409: somebody was faster
    if not isinstance(identity, str):
        raise AccountError(f'The folder "{name}" cannot be made; make it in the mailbox.')
    return identity
