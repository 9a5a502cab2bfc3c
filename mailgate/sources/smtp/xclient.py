"""XCLIENT: a trusted server in front tells who the client really is.

Takes the command's argument; gives the attributes. Promises: values are decoded and checked, never trusted further;
`[UNAVAILABLE]` and `[TEMPUNAVAIL]` are None. Standard: Postfix's XCLIENT_README.
"""

from __future__ import annotations

import ipaddress
import re

ATTRIBUTES = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT")
_HEX = re.compile(r"\+([0-9A-Fa-f]{2})")
_UNKNOWN = ("[UNAVAILABLE]", "[TEMPUNAVAIL]")


def read_attributes(text: str) -> dict[str, str | None]:
    """The attributes by name. Raises ValueError with the reason."""
    attributes: dict[str, str | None] = {}
    for word in text.split():
        name, equals, encoded = word.partition("=")
        name = name.upper()
        if not equals or name not in ATTRIBUTES:
            raise ValueError("unknown attribute")
        value = _decode(encoded)
        attributes[name] = None if value.upper() in _UNKNOWN else _checked(name, value)
    if not attributes:
        raise ValueError("no attributes")
    return attributes


def _decode(encoded: str) -> str:
    """xtext of RFC 3461 section 4."""
    if "+" in _HEX.sub("", encoded):
        raise ValueError("broken xtext")
    raw = _HEX.sub(lambda found: chr(int(found[1], 16)), encoded)
    try:
        value = raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        raise ValueError("broken xtext") from None
    if any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise ValueError("control character")
    return value


def _checked(name: str, value: str) -> str:
    if name in ("ADDR", "DESTADDR"):
        return str(ipaddress.ip_address(value[5:] if value.upper().startswith("IPV6:") else value))
    if name in ("PORT", "DESTPORT") and not (value.isascii() and value.isdigit() and int(value[:9]) < 65536):
        raise ValueError("bad port")
    if name == "PROTO" and value.upper() not in ("SMTP", "ESMTP", "LMTP"):
        raise ValueError("bad protocol")
    return value
