"""The message inside of an opaque S/MIME signature, which is base64 but no secret.

Takes the decoded bytes of application/pkcs7-mime; gives the signed MIME entity, or None where there is none to be seen
(an encrypted message, a certificate, damage). The signature is not verified: this is for reading, not for trust.
Promises: never raises; linear; no recursion.
Standards: RFC 8551 section 3.5.2, RFC 5652 sections 5.1 and 5.2 (SignedData), X.690 (BER, indefinite lengths too).
"""

from __future__ import annotations

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_DATA = bytes.fromhex("06092a864886f70d010701")
_SEQUENCE, _SET, _CONTENT, _OCTETS, _OCTETS_IN_PIECES, _INTEGER = 0x30, 0x31, 0xA0, 0x04, 0x24, 0x02
_MOST_PIECES = 200_000


class _NotThereError(Exception):
    """The bytes are not what was looked for."""


def signed_content(data: bytes) -> bytes | None:
    """The content of a SignedData structure, or None."""
    try:
        position = _enter(data, 0, _SEQUENCE)
        position = _expect(data, position, _SIGNED_DATA)
        position = _enter(data, _enter(data, position, _CONTENT), _SEQUENCE)
        position = _skip(data, position, _INTEGER)
        position = _skip(data, position, _SET)
        position = _expect(data, _enter(data, position, _SEQUENCE), _DATA)
        return _octets(data, _enter(data, position, _CONTENT))
    except (_NotThereError, IndexError):
        return None


def _length(data: bytes, position: int) -> tuple[int | None, int]:
    """The length at a position (None: indefinite) and where the content begins."""
    first = data[position]
    if first < 0x80:
        return first, position + 1
    if first == 0x80:
        return None, position + 1
    size = first & 0x7F
    if size > 6 or position + 1 + size > len(data):
        raise _NotThereError
    return int.from_bytes(data[position + 1 : position + 1 + size], "big"), position + 1 + size


def _enter(data: bytes, position: int, tag: int) -> int:
    if data[position] != tag:
        raise _NotThereError
    return _length(data, position + 1)[1]


def _expect(data: bytes, position: int, what: bytes) -> int:
    if not data.startswith(what, position):
        raise _NotThereError
    return position + len(what)


def _skip(data: bytes, position: int, tag: int) -> int:
    if data[position] != tag:
        raise _NotThereError
    length, start = _length(data, position + 1)
    if length is not None:
        return start + length
    open_ends = 1  # indefinite: go through what is inside until its end-of-contents
    position = start
    for _ in range(_MOST_PIECES):
        if data[position : position + 2] == b"\0\0":
            position += 2
            open_ends -= 1
            if open_ends == 0:
                return position
            continue
        length, start = _length(data, position + 1)
        open_ends += length is None
        position = start + (length or 0)
    raise _NotThereError


def _octets(data: bytes, position: int) -> bytes:
    """An OCTET STRING, in one piece or (BER) in many."""
    tag = data[position]
    length, start = _length(data, position + 1)
    if tag == _OCTETS and length is not None:
        return data[start : start + length]
    if tag != _OCTETS_IN_PIECES:
        raise _NotThereError
    end = len(data) if length is None else start + length
    pieces: list[bytes] = []
    position = start
    while position < end and data[position] == _OCTETS and len(pieces) < _MOST_PIECES:
        length, start = _length(data, position + 1)
        if length is None:
            raise _NotThereError
        pieces.append(data[start : start + length])
        position = start + length
    return b"".join(pieces)
