"""As much of Microsoft Graph as mailgate asks for: one mailbox with folders and messages.

Written from the Microsoft Graph REST API v1.0 reference: "List messages" ($select, $orderby, $filter, $top, $skip,
@odata.nextLink), "Get message" with `/$value` (MIME content), "message: move", "Update message" (isRead), "Delete
message", "List mailFolders", "List childFolders", "Create child folder", the mailFolder resource (well-known names,
totalItemCount, unreadItemCount), "Microsoft Graph error responses and resource types", "Throttling guidance" (429 with
Retry-After), "Obtain immutable identifiers for Outlook resources". Ids are taken to be immutable, which is only true with
the header `Prefer: IdType="ImmutableId"`: a request without it is answered with 400.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.support.fake_https import FakeHttps, Reply, Request

PAGE_LIMIT = 7
_BEGINNING = 1_795_000_000


@dataclass
class Message:
    id: str
    raw: bytes
    at: int
    folder: str = "inbox"
    read: bool = False


@dataclass
class Folder:
    id: str
    name: str
    parent: str


class FakeGraph(FakeHttps):
    """`messages` by id; `token_is_good` decides who may come in; `undeliverable` ids cannot be had as MIME."""

    def __init__(self, letters: list[bytes], owner: str = "me") -> None:
        super().__init__(self._reply)
        self.owner = owner
        self.token_is_good: Callable[[str], bool] = lambda token: token == "good-token"
        self.page_limit = PAGE_LIMIT
        self.undeliverable: dict[str, int] = {}
        self.folders = {
            "msgfolderroot": Folder("msgfolderroot", "Top", ""),
            "inbox": Folder("inbox", "Gelen Kutusu", "msgfolderroot"),
            "deleteditems": Folder("deleteditems", "Silinmiş Öğeler", "msgfolderroot"),
            "AAMk/büro=": Folder("AAMk/büro=", "Büro", "inbox"),
        }
        self.messages: dict[str, Message] = {}
        for number, raw in enumerate(letters):
            self.add(raw, _BEGINNING + number * 60)

    @property
    def endpoint(self) -> str:
        return self.url + "/v1.0"

    def add(self, raw: bytes, at: int, folder: str = "inbox") -> str:
        """Puts a message into a folder; gives its id."""
        identity = f"AAkALg+/{len(self.messages)}x{at}=="
        self.messages[identity] = Message(identity, raw, at, folder)
        return identity

    def inbox(self) -> list[bytes]:
        return [message.raw for message in self.messages.values() if message.folder == "inbox"]

    def _reply(self, request: Request) -> Reply:
        scheme, _, token = (request.headers.get("Authorization") or "").partition(" ")
        if scheme != "Bearer" or not self.token_is_good(token):
            return _error(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        if 'IdType="ImmutableId"' not in (request.headers.get("Prefer") or ""):
            return _error(400, "BadRequest", "this fake knows immutable ids only")
        parts = urlsplit(request.path)
        prefix = f"/v1.0/{self.owner}/"
        if not parts.path.startswith(prefix):
            return _error(404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive or hosted on-premise.")
        steps = [unquote(step) for step in parts.path[len(prefix) :].split("/")]
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = json.loads(request.body) if request.body else {}
        if steps[0] == "mailFolders":
            return self._folder(request.method, steps[1:], asked, body)
        if steps[0] == "messages" and len(steps) > 1:
            return self._message(request.method, steps[1], steps[2:], body)
        return _error(400, "BadRequest", request.path)

    def _folder(self, method: str, steps: list[str], asked: dict[str, str], body: dict[str, Any]) -> Reply:
        folder = self.folders.get(steps[0])
        if folder is None:
            return _error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        if len(steps) == 1:
            return _json(self._shown(folder))
        if steps[1] == "messages":
            return self._list(folder, asked)
        children = [child for child in self.folders.values() if child.parent == folder.id]
        if method == "POST":
            if any(child.name == body["displayName"] for child in children):
                return _error(409, "ErrorFolderExists", "A folder with the specified name already exists.")
            made = Folder(f"made-{len(self.folders)}", body["displayName"], folder.id)
            self.folders[made.id] = made
            return _json(self._shown(made), 201)
        return self._page(
            [self._shown(child) for child in children], f"mailFolders/{quote(folder.id, safe='')}/childFolders", asked
        )

    def _shown(self, folder: Folder) -> dict[str, Any]:
        inside = [message for message in self.messages.values() if message.folder == folder.id]
        unread = sum(not message.read for message in inside)
        return {"id": folder.id, "displayName": folder.name, "totalItemCount": len(inside), "unreadItemCount": unread}

    def _list(self, folder: Folder, asked: dict[str, str]) -> Reply:
        assert asked["$orderby"] == "receivedDateTime"
        assert asked["$select"] == "id,receivedDateTime"
        found = sorted((m for m in self.messages.values() if m.folder == folder.id), key=lambda m: m.at)
        if "$filter" in asked:
            since = re.fullmatch(r"receivedDateTime ge (\S+)", asked["$filter"])
            assert since is not None
            found = [message for message in found if _iso(message.at) >= since[1]]
        shown = [{"id": m.id, "receivedDateTime": _iso(m.at), "@odata.etag": "W/1"} for m in found]
        return self._page(shown, f"mailFolders/{quote(folder.id, safe='')}/messages", asked)

    def _page(self, values: list[dict[str, Any]], path: str, asked: dict[str, str]) -> Reply:
        """A page holds fewer than asked for, as Graph's do, and a link to the next one."""
        skip = int(asked.get("$skip", 0))
        count = min(int(asked["$top"]), self.page_limit)
        told: dict[str, Any] = {"@odata.context": "...", "value": values[skip : skip + count]}
        if skip + count < len(values):
            query = "&".join(f"{name}={quote(value)}" for name, value in {**asked, "$skip": str(skip + count)}.items())
            told["@odata.nextLink"] = f"{self.endpoint}/{self.owner}/{path}?{query}"
        return _json(told)

    def _message(self, method: str, identity: str, steps: list[str], body: dict[str, Any]) -> Reply:
        message = self.messages.get(identity)
        if message is None:
            return _error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        if steps == ["$value"]:
            status = self.undeliverable.get(identity)
            if status is not None:
                return _error(status, "ErrorMimeContentConversionFailed", "MIME content conversion failed.")
            return Reply(200, message.raw, {"Content-Type": "text/plain"})
        if method == "DELETE":
            del self.messages[identity]
            return Reply(204)
        if method == "PATCH":
            message.read = bool(body["isRead"])
            return _json({"id": identity, "isRead": message.read})
        assert (method, steps) == ("POST", ["move"])
        if body["destinationId"] not in self.folders:
            return _error(404, "ErrorItemNotFound", "no such folder")
        message.folder = body["destinationId"]
        return _json({"id": identity}, 201)


def _iso(at: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json; odata.metadata=minimal"})


def _error(status: int, code: str, message: str) -> Reply:
    told = {"error": {"code": code, "message": message, "innerError": {"request-id": "1"}}}
    return _json(told, status)
