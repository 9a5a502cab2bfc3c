"""Forms as they arrive: small ones at once, files in pieces, each bounded in size, number and time.

Takes aiohttp's request; gives fields and uploads. Promises: no file is read before the form's token was seen; memory
holds at most one small file and one piece; a file that is not wanted leaves nothing on disk; a name is only ever text.
Standards: RFC 7578 (multipart/form-data), the WHATWG URL Standard (application/x-www-form-urlencoded).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from mailgate.mail.names import made_up_name, safe_name
from mailgate.store import Store
from mailgate.store.blobs import BORDER, BlobWriter
from mailgate.store.entries import NewAttachment
from mailgate.web.asking import Refused, Upload

SMALL = 64 * 1024
_LONGEST_FIELD = 512 * 1024
_MOST_PARTS = 60
_PIECE = 64 * 1024
_PIECE_SECONDS = 30.0
_FORM_SECONDS = 30.0
_UPLOAD_SECONDS = 1800.0
_DRAIN_SECONDS = 10.0
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}\Z")
Run = Callable[[Callable[[], Any]], Awaitable[Any]]


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields of a small form; of anything else nothing. Raises Refused (400, 408, 413)."""
    if request.content_length is not None and request.content_length > SMALL:
        raise Refused(413)
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            body = bytearray()
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > SMALL:
                    raise Refused(413)
    except TimeoutError as error:
        raise Refused(408) from error
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=50, errors="replace")
    except ValueError as error:
        raise Refused(400) from error
    return {name: value.replace("\x00", "") for name, value in pairs}


@dataclass(slots=True)
class Reading:
    """A multipart form on its way in. `check` is called with the fields before the first file; it may raise."""

    store: Store
    run: Run
    check: Callable[[dict[str, str]], None]
    limit: int
    fields: dict[str, str] = field(default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)
    _size: int = 0

    async def read(self, request: web.Request) -> None:
        """Reads it all. Raises Refused (400, 403, 408, 413) or TemporaryError; then nothing is kept."""
        if request.content_length is not None and request.content_length > self.limit + SMALL:
            await _drain(request)
            raise Refused(413)
        if not request.content_type == "multipart/form-data":
            raise Refused(400)
        try:
            async with asyncio.timeout(_UPLOAD_SECONDS):
                await self._parts(request)
        except TimeoutError as error:
            raise Refused(408) from error
        except Refused as refused:
            if refused.status == 413:
                await _drain(request)
            raise
        except (ValueError, AssertionError, RuntimeError, web.HTTPException) as error:
            raise Refused(400) from error
        self.check(self.fields)

    async def _parts(self, request: web.Request) -> None:
        reader = await request.multipart()
        for _ in range(_MOST_PARTS):
            async with asyncio.timeout(_PIECE_SECONDS):
                part = await reader.next()
            if part is None:
                return
            if not isinstance(part, BodyPartReader):
                raise Refused(400)
            if part.filename is None:
                await self._field(part)
            else:
                self.check(self.fields)
                await self._file(part)
        raise Refused(413)

    async def _field(self, part: BodyPartReader) -> None:
        value = bytearray()
        while piece := await _piece(part):
            value += piece
            self._count(len(piece))
            if len(value) > _LONGEST_FIELD:
                raise Refused(413)
        self.fields[part.name or ""] = value.decode("utf-8", "replace").replace("\x00", "")

    async def _file(self, part: BodyPartReader) -> None:
        """Small files stay in memory; at the border the bytes move to a blob of their own."""
        head = bytearray()
        writer: BlobWriter | None = None
        try:
            while piece := await _piece(part):
                self._count(len(piece))
                if writer is None:
                    head += piece
                    if len(head) > BORDER:
                        writer = await self.run(self.store.blobs.writer)
                        await self.run(lambda out=writer, data=bytes(head): out.write(data))  # type: ignore[misc]
                        head.clear()
                else:
                    await self.run(lambda out=writer, data=piece: out.write(data))  # type: ignore[misc]
            if writer is None:
                self._keep(part, bytes(head))
            else:
                await self._keep_large(part, writer)
        except BaseException:
            if writer is not None:
                writer.abort()
            raise

    def _keep(self, part: BodyPartReader, data: bytes) -> None:
        if data or part.filename:
            digest = hashlib.sha256(data).hexdigest()
            self.uploads.append(Upload(self._named(part, len(data), digest), data))

    async def _keep_large(self, part: BodyPartReader, writer: BlobWriter) -> None:
        stored = await self.run(writer.commit)
        self.uploads.append(Upload(self._named(part, stored.size, stored.sha256), None))

    def _named(self, part: BodyPartReader, size: int, sha256: str) -> NewAttachment:
        given = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        kind = given if _TYPE.match(given) else "application/octet-stream"
        name = safe_name(part.filename or "") or made_up_name(kind, len(self.uploads) + 1)
        return NewAttachment(name, kind, size, sha256)

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > self.limit:
            raise Refused(413)


async def _piece(part: BodyPartReader) -> bytes:
    async with asyncio.timeout(_PIECE_SECONDS):
        return bytes(await part.read_chunk(_PIECE))


async def _drain(request: web.Request) -> None:
    """Reads on for a moment, so that a browser that is still sending gets to see the answer."""
    with contextlib.suppress(TimeoutError, Exception):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in request.content.iter_any():
                continue
