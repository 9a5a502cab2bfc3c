"""As much of an Exchange server's EWS as exchangelib asks for on mailgate's behalf: one mailbox, folders, messages.

Written from the EWS web service reference for Exchange: the FindItem (IndexedPageItemView, Restriction with
IsGreaterThanOrEqualTo, SortOrder), GetItem (MimeContent), DeleteItem, UpdateItem, MoveItem, FindFolder, GetFolder and
CreateFolder operations, DistinguishedFolderId, ServerVersionInfo, ResponseCode, ErrorServerBusy with BackOffMilliseconds
("EWS throttling in Exchange"); [MS-OXWSMSG], [MS-OXWSCORE], [MS-OXWSFOLD]; SOAP 1.1. Login: HTTP Basic (RFC 7617), Bearer
(RFC 6750), and NTLM over HTTP ([MS-NTHT]) with Extended Protection (RFC 5929), which pyspnego checks on the server's side.
A moved item gets a new id, as in Exchange.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from tests.support.fake_https import FakeHttps, Reply, Request

USER, PASSWORD = "desk@corp.example", "pässword"
_M = "{http://schemas.microsoft.com/exchange/services/2006/messages}"
_T = "{http://schemas.microsoft.com/exchange/services/2006/types}"
_BEGINNING = 1_795_000_000
_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>'
    '<h:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="1118" MinorBuildNumber="40" '
    'Version="V2017_07_11" xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types"/></s:Header><s:Body '
    'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" '
    'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">%s</s:Body></s:Envelope>'
)


@dataclass
class Message:
    id: str
    raw: bytes
    at: float
    folder: str = "inbox"
    read: bool = False
    version: int = 1


class FakeEws(FakeHttps):
    """`messages` by id. `logins` says how one may log in; `damaged` ids have a response code instead of MIME."""

    def __init__(self, letters: list[bytes], tls: bool = True) -> None:
        super().__init__(self._reply, tls)
        self.logins = {"basic", "bearer"}
        self.token_is_good: Callable[[str], bool] = lambda token: token == "good-token"
        self.password, self.encoding = PASSWORD, "latin-1"
        self.damaged: dict[str, str] = {}
        self.wrong_order = False
        self.impersonated: list[str] = []
        self.folders = {
            "msgfolderroot": ("Top", ""),
            "inbox": ("Posteingang", "msgfolderroot"),
            "AAMkbüro+/=": ("Büro", "inbox"),
        }
        self.messages: dict[str, Message] = {}
        self._made = 0
        self._handshakes: dict[int, Any] = {}
        self._known_connections: set[int] = set()
        for number, raw in enumerate(letters):
            self.add(raw, _BEGINNING + number * 60 + 0.5)

    def add(self, raw: bytes, at: float, folder: str = "inbox") -> str:
        """Puts a message into a folder; gives its id."""
        self._made += 1
        identity = f"AAMkAD+/{self._made}x=="
        self.messages[identity] = Message(identity, raw, at, folder)
        return identity

    def mark(self, request: Request) -> str:
        found = re.search(rb"<m:(\w+)", request.body)
        return f" {found[1].decode()}" if found else ""

    def _reply(self, request: Request) -> Reply:
        refusal = self._log_in(request)
        if refusal is not None:
            return refusal
        if request.path != "/EWS/Exchange.asmx":
            return Reply(404, b"<html>not found</html>", {"Content-Type": "text/html"})
        root = ElementTree.fromstring(request.body)
        for element in root.iter(f"{_T}PrimarySmtpAddress"):
            self.impersonated.append(element.text or "")
        body = root.find("{http://schemas.xmlsoap.org/soap/envelope/}Body")
        assert body is not None
        name = body[0].tag.removeprefix(_M)
        messages: list[str] = getattr(self, f"_{_snake(name)}")(body[0])
        inside = "".join(messages)
        return soap(f"<m:{name}Response><m:ResponseMessages>{inside}</m:ResponseMessages></m:{name}Response>")

    def _log_in(self, request: Request) -> Reply | None:
        kind, _, given = (request.headers.get("Authorization") or "").partition(" ")
        right = base64.b64encode(f"{USER}:{self.password}".encode(self.encoding)).decode()
        if kind == "Basic" and "basic" in self.logins and given == right:
            return None
        if kind == "Bearer" and "bearer" in self.logins and self.token_is_good(given):
            return None
        if "ntlm" in self.logins:
            return self._ntlm(request, given if kind == "NTLM" else "")
        return Reply(401, b"", {"WWW-Authenticate": 'Basic realm="exchange"' if "basic" in self.logins else "Bearer"})

    def _ntlm(self, request: Request, given: str) -> Reply | None:
        """The connection is logged in, not the request ([MS-NTHT] section 3.1)."""
        import spnego
        import spnego.channel_bindings

        if request.connection in self._known_connections and not given:
            return None
        if not given:
            return Reply(401, b"", {"WWW-Authenticate": "NTLM"})
        bound = b"tls-server-end-point:" + hashlib.sha256(self.certificate).digest()  # Extended Protection
        bindings = spnego.channel_bindings.GssChannelBindings(application_data=bound)
        fresh = spnego.server(protocol="ntlm", channel_bindings=bindings)
        context = self._handshakes.setdefault(request.connection, fresh)
        try:
            answer = context.step(base64.b64decode(given))
        except spnego.exceptions.SpnegoError:
            del self._handshakes[request.connection]
            return Reply(401, b"", {"WWW-Authenticate": "NTLM"})
        if context.complete:
            del self._handshakes[request.connection]
            self._known_connections.add(request.connection)
            return None
        return Reply(401, b"", {"WWW-Authenticate": "NTLM " + base64.b64encode(answer).decode()})

    def _find_folder(self, asked: ElementTree.Element) -> list[str]:
        parent = _folder_of(asked, "ParentFolderIds")
        view = asked.find(f"{_M}IndexedPageFolderView")
        assert view is not None
        children = [(key, value[0]) for key, value in self.folders.items() if value[1] == parent]
        shown = "".join(self._shown(key, name) for key, name in children)
        return [
            f'<m:FindFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>'
            f'<m:RootFolder TotalItemsInView="{len(children)}" IncludesLastItemInRange="true">'
            f"<t:Folders>{shown}</t:Folders></m:RootFolder></m:FindFolderResponseMessage>"
        ]

    def _shown(self, key: str, name: str) -> str:
        inside = [message for message in self.messages.values() if message.folder == key]
        return (
            f'<t:Folder><t:FolderId Id={quoteattr(key)} ChangeKey="AQ=="/><t:DisplayName>{escape(name)}</t:DisplayName>'
            f"<t:TotalCount>{len(inside)}</t:TotalCount><t:ChildFolderCount>0</t:ChildFolderCount>"
            f"<t:UnreadCount>{sum(not message.read for message in inside)}</t:UnreadCount></t:Folder>"
        )

    def _get_folder(self, asked: ElementTree.Element) -> list[str]:
        key = _folder_of(asked, "FolderIds")
        if key not in self.folders:
            return [_failed("GetFolder", "ErrorFolderNotFound")]
        return [_done("GetFolder", f"<m:Folders>{self._shown(key, self.folders[key][0])}</m:Folders>")]

    def _create_folder(self, asked: ElementTree.Element) -> list[str]:
        parent = _folder_of(asked, "ParentFolderId")
        name = asked.findtext(f"{_M}Folders/{_T}Folder/{_T}DisplayName") or ""
        if (name, parent) in self.folders.values():
            return [_failed("CreateFolder", "ErrorFolderExists")]
        key = f"made-{len(self.folders)}"
        self.folders[key] = (name, parent)
        return [
            _done("CreateFolder", f'<m:Folders><t:Folder><t:FolderId Id="{key}" ChangeKey="A"/></t:Folder></m:Folders>')
        ]

    def _find_item(self, asked: ElementTree.Element) -> list[str]:
        folder = _folder_of(asked, "ParentFolderIds")
        if folder not in self.folders:
            return [_failed("FindItem", "ErrorFolderNotFound")]
        view = asked.find(f"{_M}IndexedPageItemView")
        order = asked.find(f"{_M}SortOrder/{_T}FieldOrder")
        assert view is not None
        assert order is not None
        assert (order.get("Order"), order[0].get("FieldURI")) == ("Ascending", "item:DateTimeReceived")
        found = [message for message in self.messages.values() if message.folder == folder]
        since = asked.find(f"{_M}Restriction/{_T}IsGreaterThanOrEqualTo/{_T}FieldURIOrConstant/{_T}Constant")
        if since is not None:
            at = datetime.fromisoformat((since.get("Value") or "").replace("Z", "+00:00")).timestamp()
            found = [message for message in found if message.at >= at]
        found.sort(key=lambda message: message.at, reverse=self.wrong_order)
        offset, count = int(view.get("Offset") or 0), int(view.get("MaxEntriesReturned") or 0)
        page = found[offset : offset + count]
        last = offset + len(page) >= len(found)
        items = "".join(
            f'<t:Message><t:ItemId Id={quoteattr(m.id)} ChangeKey="v{m.version}"/>'
            f"<t:DateTimeReceived>{_iso(m.at)}</t:DateTimeReceived><t:Size>{len(m.raw)}</t:Size></t:Message>"
            for m in page
        )
        return [
            f'<m:FindItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>'
            f'<m:RootFolder IndexedPagingOffset="{offset + len(page)}" TotalItemsInView="{len(found)}" '
            f'IncludesLastItemInRange="{str(last).lower()}"><t:Items>{items}</t:Items></m:RootFolder>'
            "</m:FindItemResponseMessage>"
        ]

    def _get_item(self, asked: ElementTree.Element) -> list[str]:
        assert (
            asked.find(f"{_M}ItemShape/{_T}AdditionalProperties/{_T}FieldURI[@FieldURI='item:MimeContent']") is not None
        )
        answers = []
        for identity in _items_of(asked):
            message = self.messages.get(identity)
            if identity in self.damaged or message is None:
                answers.append(_failed("GetItem", self.damaged.get(identity, "ErrorItemNotFound")))
                continue
            mime = base64.b64encode(message.raw).decode()
            answers.append(
                _done(
                    "GetItem",
                    f'<m:Items><t:Message><t:MimeContent CharacterSet="UTF-8">{mime}</t:MimeContent>'
                    f'<t:ItemId Id={quoteattr(identity)} ChangeKey="v{message.version}"/></t:Message></m:Items>',
                )
            )
        return answers

    def _delete_item(self, asked: ElementTree.Element) -> list[str]:
        assert asked.get("DeleteType") == "HardDelete"
        return [
            _failed("DeleteItem", "ErrorItemNotFound")
            if self.messages.pop(identity, None) is None
            else '<m:DeleteItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>'
            "</m:DeleteItemResponseMessage>"
            for identity in _items_of(asked)
        ]

    def _update_item(self, asked: ElementTree.Element) -> list[str]:
        assert asked.get("ConflictResolution") == "AlwaysOverwrite"
        answers = []
        for change in asked.iter(f"{_T}ItemChange"):
            item = change.find(f"{_T}ItemId")
            field = change.find(f"{_T}Updates/{_T}SetItemField/{_T}FieldURI")
            assert item is not None
            assert field is not None
            assert field.get("FieldURI") == "message:IsRead"
            message = self.messages.get(item.get("Id") or "")
            if message is None:
                answers.append(_failed("UpdateItem", "ErrorItemNotFound"))
                continue
            message.read = change.findtext(f".//{_T}IsRead") in ("true", "1")
            message.version += 1
            answers.append(_done("UpdateItem", _items(message.id)))
        return answers

    def _move_item(self, asked: ElementTree.Element) -> list[str]:
        folder = _folder_of(asked, "ToFolderId")
        answers = []
        for identity in _items_of(asked):
            message = self.messages.pop(identity, None)
            if message is None or folder not in self.folders:
                answers.append(_failed("MoveItem", "ErrorItemNotFound"))
                continue
            answers.append(_done("MoveItem", _items(self.add(message.raw, message.at, folder))))
        return answers


def soap(inside: str, status: int = 200) -> Reply:
    """A reply with this body in a SOAP envelope."""
    return Reply(status, (_ENVELOPE % inside).encode(), {"Content-Type": "text/xml; charset=utf-8"})


def fault(code: str, extra: str = "") -> Reply:
    """A SOAP fault with a response code, sent with HTTP status 500 as Exchange does."""
    return soap(
        f"<s:Fault><faultcode>a:{code}</faultcode><faultstring>The server said {code}.</faultstring><detail>"
        '<e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">'
        f'{code}</e:ResponseCode><e:Message xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">'
        f"The server said {code}.</e:Message>{extra}</detail></s:Fault>",
        500,
    )


def busy(milliseconds: int) -> Reply:
    """ErrorServerBusy that asks to wait."""
    return fault(
        "ErrorServerBusy", f'<t:MessageXml><t:Value Name="BackOffMilliseconds">{milliseconds}</t:Value></t:MessageXml>'
    )


def _done(name: str, inside: str) -> str:
    return (
        f'<m:{name}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>{inside}'
        f"</m:{name}ResponseMessage>"
    )


def _failed(name: str, code: str) -> str:
    return (
        f'<m:{name}ResponseMessage ResponseClass="Error"><m:MessageText>The server said {code}.</m:MessageText>'
        f"<m:ResponseCode>{code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey><m:Items/>"
        f"</m:{name}ResponseMessage>"
    )


def _items(identity: str) -> str:
    return f'<m:Items><t:Message><t:ItemId Id={quoteattr(identity)} ChangeKey="n"/></t:Message></m:Items>'


def _folder_of(asked: ElementTree.Element, place: str) -> str:
    found = asked.find(f"{_M}{place}")
    assert found is not None
    return found[0].get("Id") or ""


def _items_of(asked: ElementTree.Element) -> list[str]:
    return [element.get("Id") or "" for element in asked.findall(f"{_M}ItemIds/{_T}ItemId")]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _iso(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).isoformat().replace("+00:00", "Z")
