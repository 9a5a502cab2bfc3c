"""Folders of an Exchange mailbox by the names that people use: `INBOX`, `Inbox/Büro`, `sentitems`.

Takes exchangelib's account and a path with slashes; gives what EWS takes as a folder's id. Promises: names are compared
here, never put into a query; a missing folder is made only where that was asked for; the search is bounded.
Standards: EWS web service reference: FindFolder, GetFolder and CreateFolder operations, DistinguishedFolderId.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mailgate.sources.accounts import tls
from mailgate.sources.accounts.fetcher import AccountError

# fmt: off
WELL_KNOWN = frozenset({
    "inbox", "deleteditems", "drafts", "sentitems", "junkemail", "outbox", "msgfolderroot", "archiveinbox",
    "archivemsgfolderroot", "publicfoldersroot",
})
# fmt: on
_PAGE = 200
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """A folder in its parent."""

    name: str
    identity: Any


def find(ews: Any, path: str, create: bool = False) -> Any:
    """The id of a folder; with `create` it is made where it is missing. Raises AccountError and exchangelib's errors."""
    at, rest = _begin(ews, path)
    for depth, name in enumerate(rest):
        found = _child(ews, at, name)
        if found is None and not create:
            there = ", ".join(sorted(tls.one_line(item.name, 60) for item in _children(ews, at))[:20]) or "none"
            raise AccountError(
                f'There is no folder "{"/".join(rest[: depth + 1])}" in the mailbox; there are: {there}.'
            )
        at = found if found is not None else _create(ews, at, name)
    return at


def look(ews: Any, path: str) -> Any:
    """The id of a folder, or None."""
    at, rest = _begin(ews, path)
    for name in rest:
        at = _child(ews, at, name)
        if at is None:
            return None
    return at


def names(ews: Any) -> list[str]:
    """The names of the folders at the top."""
    return sorted(tls.one_line(item.name, 60) for item in _children(ews, _well_known(ews, "msgfolderroot")))


def counts(ews: Any, folder: Any) -> tuple[str, str]:
    """How many messages a folder holds, and how many of them are unread, as the server says it."""
    from exchangelib.util import TNS

    for element in _services()[1](account=ews).call(folder):
        if isinstance(element, Exception):
            raise element
        total, unread = (element.findtext(f"{{{TNS}}}{name}") for name in ("TotalCount", "UnreadCount"))
        return tls.one_line(total or "?", 12), tls.one_line(unread or "?", 12)
    return "?", "?"


def _begin(ews: Any, path: str) -> tuple[Any, list[str]]:
    parts = [part for part in path.split("/") if part]
    if parts and parts[0].casefold() in WELL_KNOWN:
        return _well_known(ews, parts[0].casefold()), parts[1:]
    return _well_known(ews, "msgfolderroot"), parts


def _well_known(ews: Any, name: str) -> Any:
    from exchangelib.properties import DistinguishedFolderId, Mailbox

    return DistinguishedFolderId(id=name, mailbox=Mailbox(email_address=ews.primary_smtp_address))


def _child(ews: Any, parent: Any, name: str) -> Any:
    wanted = name.casefold()
    found = [item for item in _children(ews, parent) if item.name.casefold() == wanted]
    exact = [item for item in found if item.name == name]
    return (exact or found)[0].identity if found else None


def _children(ews: Any, parent: Any) -> Iterator[Found]:
    from exchangelib.properties import FolderId
    from exchangelib.util import TNS

    for number, element in enumerate(_services()[0](account=ews, page_size=_PAGE).call(parent)):
        if isinstance(element, Exception):
            raise element
        if number > _MOST:
            raise AccountError("The server's list of folders does not end.")
        identity = element.find(f"{{{TNS}}}FolderId")
        name = element.findtext(f"{{{TNS}}}DisplayName")
        if name and identity is not None and identity.get("Id"):
            yield Found(name, FolderId(id=identity.get("Id"), changekey=identity.get("ChangeKey")))


def _create(ews: Any, parent: Any, name: str) -> Any:
    from exchangelib.errors import ErrorFolderExists
    from exchangelib.properties import FolderId
    from exchangelib.util import TNS

    for element in _services()[2](account=ews).call(parent, name):
        if isinstance(element, ErrorFolderExists):
            found = _child(ews, parent, name)  # somebody was faster
            if found is not None:
                return found
        if isinstance(element, Exception):
            raise element
        identity = element.find(f"{{{TNS}}}FolderId")
        if identity is not None and identity.get("Id"):
            return FolderId(id=identity.get("Id"))
    raise AccountError(f'The folder "{tls.one_line(name, 60)}" cannot be made; make it in the mailbox.')


def _services() -> tuple[Any, Any, Any]:
    """FindFolder, GetFolder and CreateFolder that give elements.

    Those of exchangelib want its tree of folders first, which costs a listing of the whole mailbox.
    """
    from exchangelib.errors import ErrorFolderExists
    from exchangelib.services.common import EWSAccountService, EWSPagingService, folder_ids_element
    from exchangelib.util import MNS, TNS, add_xml_child, create_element

    class FindChildren(EWSPagingService):  # type: ignore[misc]  # exchangelib has no types
        SERVICE_NAME = "FindFolder"
        element_container_name = f"{{{TNS}}}Folders"
        paging_container_name = f"{{{MNS}}}RootFolder"

        def call(self, parent: Any) -> Any:
            return self._paged_call(self._payload, None, [parent], offset=0)

        def _payload(self, folders: Any, offset: int) -> Any:
            payload = create_element("m:FindFolder", attrs={"Traversal": "Shallow"})
            payload.append(_shape("Default"))
            view = {"MaxEntriesReturned": self.page_size, "Offset": offset, "BasePoint": "Beginning"}
            payload.append(create_element("m:IndexedPageFolderView", attrs=view))
            payload.append(folder_ids_element(folders, self.account.version, "m:ParentFolderIds"))
            return payload

    class GetOne(EWSAccountService):  # type: ignore[misc]
        SERVICE_NAME = "GetFolder"
        element_container_name = f"{{{MNS}}}Folders"

        def call(self, folder: Any) -> Any:
            payload = create_element("m:GetFolder")
            payload.append(_shape("Default"))
            payload.append(folder_ids_element([folder], self.account.version))
            return self._get_elements(payload=payload)

    class CreateOne(EWSAccountService):  # type: ignore[misc]
        SERVICE_NAME = "CreateFolder"
        element_container_name = f"{{{MNS}}}Folders"
        ERRORS_TO_CATCH_IN_RESPONSE = (*EWSAccountService.ERRORS_TO_CATCH_IN_RESPONSE, ErrorFolderExists)

        def call(self, parent: Any, name: str) -> Any:
            payload = create_element("m:CreateFolder")
            payload.append(folder_ids_element([parent], self.account.version, "m:ParentFolderId"))
            folders, folder = create_element("m:Folders"), create_element("t:Folder")
            add_xml_child(folder, "t:DisplayName", name)
            folders.append(folder)
            payload.append(folders)
            return self._get_elements(payload=payload)

    def _shape(base: str) -> Any:
        shape = create_element("m:FolderShape")
        add_xml_child(shape, "t:BaseShape", base)
        return shape

    return FindChildren, GetOne, CreateOne
