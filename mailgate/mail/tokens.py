"""Message-IDs and reply addresses that carry their ticket with a signature, so that a reply is known without any row.

Takes a ticket id and the installation's keys (newest first: the newest signs, all verify); gives
`<t12.RANDOM.SIGNATURE@domain>` and `support+t12.SIGNATURE@domain`, and reads them back.
Promises: 128 bits of HMAC-SHA256 in a Message-ID and 80 in an address, compared in constant time; reading never raises
and never trusts an id that is not signed; what is signed for one purpose does not verify for another. Letters are
lower-case, because some relays change case. Standards: RFC 5322 section 3.6.4 (msg-id), RFC 5233 (subaddress).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence

_ID_BYTES = 16
_ADDRESS_BYTES = 10
_RANDOM_BYTES = 10
_LOCAL_PART = 64  # RFC 5321 section 4.5.3.1.1
_MESSAGE_ID = re.compile(r"<?(m|t[0-9]{1,15})\.([a-z2-7]{16})\.([a-z2-7]{26})@[^@<>\s]{1,255}>?")
_SIGNATURE = re.compile(r"[a-z2-7]{16}")


def make_message_id(ticket_id: int | None, keys: Sequence[bytes], domain: str, recipient_hint: str = "") -> str:
    """A new Message-ID, with angle brackets, for a letter about a ticket (None: a letter about none).

    With a `recipient_hint`, such as "event 7 to 12", the same hint gives the same id, so that a letter that is made
    again after a crash is the same letter; without one the id is random.
    """
    kind = "m" if ticket_id is None else f"t{ticket_id:d}"
    unique = (
        _mac(keys[0], "unique", f"{kind} {recipient_hint}", _RANDOM_BYTES)
        if recipient_hint
        else _base32(secrets.token_bytes(_RANDOM_BYTES))
    )
    return f"<{kind}.{unique}.{_mac(keys[0], 'message-id', f'{kind}.{unique}', _ID_BYTES)}@{domain}>"


def read_message_id(message_id: str, keys: Sequence[bytes]) -> int | None:
    """The ticket that a Message-ID of ours names, or None where it is not ours or names none."""
    kind = _verified_kind(message_id, keys)
    return int(kind[1:]) if kind and kind != "m" else None


def is_own_message_id(message_id: str, keys: Sequence[bytes]) -> bool:
    """Whether this installation made a Message-ID, with or without a ticket; the loop breaker asks."""
    return _verified_kind(message_id, keys) is not None


def reply_address(mailbox_address: str, ticket_id: int, keys: Sequence[bytes], delimiter: str = "+") -> str:
    """The signed address for replies to a ticket; the plain address where the local part would exceed 64 characters."""
    local_part, _, domain = mailbox_address.rpartition("@")
    signature = _mac(keys[0], "reply-address", str(ticket_id), _ADDRESS_BYTES)
    signed = f"{local_part}{delimiter}t{ticket_id:d}.{signature}"
    return f"{signed}@{domain}" if len(signed) <= _LOCAL_PART else mailbox_address


def verify_reply_address(ticket_id: int, signature: str, keys: Sequence[bytes]) -> bool:
    """Whether the signature of a reply address is ours and belongs to the ticket."""
    given = signature.lower()
    if not _SIGNATURE.fullmatch(given):
        return False
    return _matches(given, [_mac(key, "reply-address", str(ticket_id), _ADDRESS_BYTES) for key in keys])


def _verified_kind(message_id: str, keys: Sequence[bytes]) -> str | None:
    found = _MESSAGE_ID.fullmatch(message_id.strip().lower()) if len(message_id) < 500 else None
    if found is None:
        return None
    kind, unique, signature = found.groups()
    expected = [_mac(key, "message-id", f"{kind}.{unique}", _ID_BYTES) for key in keys]
    return kind if _matches(signature, expected) else None


def _matches(given: str, expected: Sequence[str]) -> bool:
    """Compares with every key without stopping at the first, so that time tells nothing."""
    found = False
    for candidate in expected:
        found |= hmac.compare_digest(given, candidate)
    return found


def _mac(key: bytes, purpose: str, text: str, size: int) -> str:
    digest = hmac.digest(key, f"mailgate {purpose}\0{text}".encode(), hashlib.sha256)
    return _base32(digest[:size])


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()
