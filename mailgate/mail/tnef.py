"""winmail.dat unpacked: the files and the text that Outlook hides in application/ms-tnef.

Takes the decoded bytes and a bound on what comes out; gives `Tnef`, or None where the bytes are no TNEF at all.
Promises: never raises; every length is checked against what is there; nesting and output are bounded; a damaged
stream gives what stood before the damage.
Standards: MS-OXTNEF (stream), MS-OXPROPS (properties); compressed RTF through `mailgate.mail.rtf` (MS-OXRTFCP).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailgate.mail.charset import decode_bytes
from mailgate.mail.rtf import read_compressed_rtf

if TYPE_CHECKING:
    from mailgate.mail.tnef_message import Attached

_SIGNATURE = b"\x78\x9f\x3e\x22"
_BODY, _MESSAGE_PROPERTIES, _CODEPAGE = 0x0002800C, 0x00069003, 0x00069007
_NEW_FILE, _FILE_DATA, _FILE_TITLE, _FILE_PROPERTIES = 0x00069002, 0x0006800F, 0x00018010, 0x00069005
_FILE_TRANSPORT_NAME = 0x00069001
_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _MIME_TAG, _CONTENT_ID, _DATA = 0x3707, 0x3704, 0x3001, 0x370E, 0x3712, 0x3701
_PLAIN, _RTF, _HTML, _INTERNET_CODEPAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
_SUBJECT, _DISPLAY_TO, _SUBMITTED, _DELIVERED = 0x0037, 0x0E04, 0x0039, 0x0E06
_SENDERS = ((0x0042, (0x5D02, 0x0065)), (0x0C1A, (0x5D01, 0x0C1F)))
_FIXED_SIZES = {0x0001: 4, 0x0002: 4, 0x0003: 4, 0x0004: 4, 0x000A: 4, 0x000B: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8,
                0x0014: 8, 0x0040: 8, 0x0048: 16}  # fmt: skip
_VARIABLE = frozenset({0x000D, 0x001E, 0x001F, 0x0102})
_DEPTH = 3
_MOST_ATTRIBUTES = 50_000
_MOST_PROPERTIES = 5000


@dataclass(frozen=True, slots=True)
class TnefFile:
    """A file as Outlook named it; the name is not yet safe."""

    name: str
    content_type: str
    data: bytes
    content_id: str | None = None


@dataclass(slots=True)
class Tnef:
    """What a winmail.dat holds. `complete` is False where it is damaged or larger than the bound."""

    files: list[TnefFile] = field(default_factory=list)
    text: str = ""
    html: str = ""
    complete: bool = True


@dataclass(slots=True)
class _Reader:
    """What is gathered while the stream is read."""

    result: Tnef
    left: int
    depth: int
    codepage: str = "windows-1252"
    properties: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    body: bytes = b""
    title: bytes = b""
    data: bytes | None = None
    file_properties: dict[int, tuple[int, bytes]] = field(default_factory=dict)


def read_tnef(data: bytes, limit: int) -> Tnef | None:
    """Unpack a TNEF stream; at most `limit` bytes of files come out."""
    if not data.startswith(_SIGNATURE):
        return None
    return _read_stream(data, limit, 0).result


def _read_stream(data: bytes, limit: int, depth: int) -> _Reader:
    reader = _Reader(Tnef(), limit, depth)
    position, end, in_file = 6, len(data), False
    for _ in range(_MOST_ATTRIBUTES):
        if position + 9 > end:
            break
        level, attribute, length = struct.unpack_from("<BII", data, position)
        position += 9
        if level not in {1, 2} or position + length > end:
            reader.result.complete = False
            break
        value = data[position : position + length]
        position += length + 2  # a checksum follows, which many writers get wrong
        if attribute == _NEW_FILE:
            if in_file:
                _end_file(reader)
            in_file = True
        elif level == 1:
            _message_attribute(reader, attribute, value)
        elif attribute == _FILE_DATA:
            if reader.data is not None:  # the line between two files is damaged
                _end_file(reader)
            in_file, reader.data = True, value
        elif attribute == _FILE_TITLE:
            reader.title = value
        elif attribute == _FILE_TRANSPORT_NAME:
            reader.title = reader.title or value
        elif attribute == _FILE_PROPERTIES:
            reader.file_properties = _read_properties(value)
    if in_file:
        _end_file(reader)
    _set_body(reader)
    return reader


def _message_attribute(reader: _Reader, attribute: int, value: bytes) -> None:
    if attribute == _CODEPAGE and len(value) >= 4:
        reader.codepage = _codepage_name(struct.unpack_from("<I", value)[0])
    elif attribute == _BODY:
        reader.body = value
    elif attribute == _MESSAGE_PROPERTIES:
        reader.properties = _read_properties(value)


def _codepage_name(number: int) -> str:
    special = {65001: "utf-8", 1200: "utf-16le", 20127: "us-ascii", 28591: "iso-8859-1", 28599: "iso-8859-9"}
    return special.get(number) or (f"windows-{number}" if 1250 <= number <= 1258 else f"cp{number}")


def _read_properties(data: bytes) -> dict[int, tuple[int, bytes]]:
    """MAPI properties by their id: type and first value. Stops where the data does not hold what it says."""
    found: dict[int, tuple[int, bytes]] = {}
    try:
        (count,) = struct.unpack_from("<I", data, 0)
        position = 4
        for _ in range(min(count, _MOST_PROPERTIES)):
            kind, identifier = struct.unpack_from("<HH", data, position)
            position = _skip_name(data, position + 4) if identifier >= 0x8000 else position + 4
            value, position = _read_value(data, position, kind)
            if value is None:
                break
            found.setdefault(identifier, (kind & 0x0FFF, value))
    except struct.error:
        return found
    return found


def _skip_name(data: bytes, position: int) -> int:
    """A named property carries a GUID and a number or a name before its value."""
    (kind,) = struct.unpack_from("<I", data, position + 16)
    position += 20
    (length,) = struct.unpack_from("<I", data, position)
    return position + 4 if kind == 0 else position + 4 + (length + 3) // 4 * 4


def _read_value(data: bytes, position: int, kind: int) -> tuple[bytes | None, int]:
    base = kind & 0x0FFF
    if base in _VARIABLE:
        (count,) = struct.unpack_from("<I", data, position)
        position += 4
        if count > _MOST_PROPERTIES:
            return None, position
        first = b""
        for number in range(count):
            (length,) = struct.unpack_from("<I", data, position)
            position += 4
            if position + length > len(data):
                return None, position
            if number == 0:
                first = data[position : position + length]
            position += (length + 3) // 4 * 4
        return first, position
    size = _FIXED_SIZES.get(base)
    if size is None:
        return None, position
    count = 1
    if kind & 0x1000:
        (count,) = struct.unpack_from("<I", data, position)
        position += 4
    if position + size * count > len(data):
        return None, position
    return data[position : position + size], position + size * count


def _text_of(reader: _Reader, properties: dict[int, tuple[int, bytes]], identifier: int) -> str:
    kind, value = properties.get(identifier, (0, b""))
    if kind == 0x001F:
        return value.decode("utf-16-le", "replace").replace("\x00", "")
    return decode_bytes(value.rstrip(b"\x00"), reader.codepage)[0] if value else ""


def _end_file(reader: _Reader) -> None:
    """The attributes of one attachment are all read: make it a file."""
    properties = reader.file_properties
    kind, data = properties.get(_DATA, (0, b""))
    name = ""
    for identifier in (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME):
        name = name or _text_of(reader, properties, identifier)
    name = name or decode_bytes(reader.title.rstrip(b"\x00"), reader.codepage)[0]
    content_type = _text_of(reader, properties, _MIME_TAG).strip().lower() or "application/octet-stream"
    content_id = _text_of(reader, properties, _CONTENT_ID).strip("<> ") or None
    if kind == 0x000D:
        data = data[16:]  # the interface id of an object
    elif reader.data is not None:
        data = reader.data
    reader.title, reader.data, reader.file_properties = b"", None, {}
    if len(data) > reader.left:
        reader.result.complete = False
        return
    reader.left -= len(data)
    if kind == 0x000D and data.startswith(_SIGNATURE) and reader.depth < _DEPTH:
        _add_nested(reader, name, data)
        return
    reader.result.files.append(TnefFile(name, content_type, data, content_id))


def _add_nested(reader: _Reader, name: str, data: bytes) -> None:
    """A message attached to the message becomes a file, as in the mail of everybody else."""
    from mailgate.mail.tnef_message import message_bytes  # brings the writer of mail, which few messages need

    nested = _read_stream(data, reader.left, reader.depth + 1)
    whole = message_bytes(_attached(nested, name))
    subject = name or "message"
    reader.left -= len(whole)
    reader.result.files.append(TnefFile(subject.replace("/", "-") + ".eml", "message/rfc822", whole))
    reader.result.complete = reader.result.complete and nested.result.complete


def _attached(reader: _Reader, name: str) -> Attached:
    """What the properties say of a nested message: the author's where they are an address, else the sender's."""
    properties, result = reader.properties, reader.result
    author, address = "", ""
    for name_property, addresses in _SENDERS:
        for identifier in addresses:
            value = _text_of(reader, properties, identifier)
            if "@" in value and not address:
                author, address = _text_of(reader, properties, name_property), value
    moments = [properties.get(identifier, (0, b""))[1] for identifier in (_SUBMITTED, _DELIVERED)]
    time = next((int.from_bytes(moment, "little") for moment in moments if len(moment) == 8), 0)
    from mailgate.mail.tnef_message import Attached

    return Attached(
        subject=_text_of(reader, properties, _SUBJECT) or name, name=author, address=address,
        to=_text_of(reader, properties, _DISPLAY_TO), time=time, text=result.text, html=result.html,
        files=[(item.name, item.content_type, item.data, item.content_id) for item in result.files],
    )  # fmt: skip


def _set_body(reader: _Reader) -> None:
    result, properties = reader.result, reader.properties
    kind, html = properties.get(_HTML, (0, b""))
    if html and kind == 0x0102:
        number = properties.get(_INTERNET_CODEPAGE, (0, b""))[1]
        label = _codepage_name(struct.unpack("<I", number[:4])[0]) if len(number) >= 4 else None
        result.html = decode_bytes(html.rstrip(b"\x00"), label)[0]
    elif html:
        result.html = _text_of(reader, properties, _HTML)
    if reader.body:
        result.text = decode_bytes(reader.body.rstrip(b"\x00"), reader.codepage)[0]
    result.text = result.text or _text_of(reader, properties, _PLAIN)
    rtf = properties.get(_RTF, (0, b""))[1]
    if rtf and not (result.html or result.text):
        result.text, result.html = read_compressed_rtf(rtf)
    result.text = result.text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    result.html = result.html.replace("\x00", "")
