"""DKIM signatures on outgoing mail.

Takes a private key (PEM, RSA or Ed25519), a selector and a domain; gives a message with a DKIM-Signature before it.
Promises: relaxed/relaxed; signs every field that matters, and From twice, so that none can be added; RSA keys below 1024
bits are refused; a signature takes about a millisecond, because OpenSSL makes it.
Standards: RFC 6376 (DKIM), RFC 8301 (rsa-sha256, key sizes), RFC 8463 (ed25519-sha256).
"""

from __future__ import annotations

import base64
import hashlib
import re

from mailgate import clock
from mailgate.errors import ConfigError
from mailgate.mail.compose_header import wire_address

_SIGNED = (
    "from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
    "content-type", "content-transfer-encoding", "auto-submitted", "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
_SPACES = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_END_SPACES = re.compile(rb"[ \t]+(?=\r\n)")


class DkimKey:
    """A key ready to sign. Raises ConfigError where the key, the selector or the domain cannot be used."""

    def __init__(self, pem: bytes, selector: str, domain: str) -> None:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ConfigError("The DKIM key is no unencrypted PEM private key.") from error
        if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
            raise ConfigError("The DKIM key is neither RSA nor Ed25519.")
        if isinstance(key, RSAPrivateKey) and key.key_size < 1024:
            raise ConfigError(
                f"The DKIM key has {key.key_size} bits; receivers ignore less than 1024. Make one of 2048."
            )
        wire = wire_address(f"x@{domain}")
        if wire is None or not re.fullmatch(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*", selector):
            raise ConfigError(f"DKIM selector {selector!r} or domain {domain!r} is no DNS name.")
        self._key: RSAPrivateKey | Ed25519PrivateKey = key
        self._selector = selector
        self._domain = wire[2:]
        self.algorithm = "rsa-sha256" if isinstance(key, RSAPrivateKey) else "ed25519-sha256"

    def record(self) -> str:
        """What to publish as TXT at `SELECTOR._domainkey.DOMAIN` (RFC 6376 section 3.6.1, RFC 8463 section 4)."""
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        if isinstance(self._key, RSAPrivateKey):
            public = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode('ascii')}"
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(public).decode('ascii')}"

    def sign(self, raw: bytes) -> bytes:
        """The message with its signature; `raw` has CRLF line ends."""
        head, _, body = raw.partition(b"\r\n\r\n")
        fields = _FOLD.sub(b"", head).split(b"\r\n")
        names = [field.partition(b":")[0].strip().lower().decode("ascii", "replace") for field in fields]
        present = [name for name in _SIGNED if name in names]
        signed = [*present, "from"]  # RFC 6376 section 8.15: the second From says that there is no other
        digest = base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode("ascii")
        unsigned = (
            f"DKIM-Signature: v=1; a={self.algorithm}; c=relaxed/relaxed; d={self._domain};\r\n s={self._selector};"
            f" t={int(clock.now())};\r\n h={_folded_list(signed)};\r\n bh={digest};\r\n b="
        )
        lines = [_relaxed_field(fields[len(names) - 1 - names[::-1].index(name)]) for name in present]
        lines.append(_relaxed_field(_FOLD.sub(b"", unsigned.encode("ascii"))))
        signature = base64.b64encode(self._signature(b"\r\n".join(lines))).decode("ascii")
        pieces = [signature[n : n + 72] for n in range(0, len(signature), 72)]
        return (unsigned + "\r\n ".join(["", *pieces]) + "\r\n").encode("ascii") + raw

    def _signature(self, data: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256

        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(data, PKCS1v15(), SHA256())
        return self._key.sign(hashlib.sha256(data).digest())  # RFC 8463 section 3


def _folded_list(names: list[str]) -> str:
    lines, line = [], ""
    for name in names:
        if len(line) + len(name) > 66:
            lines.append(line)
            line = ""
        line += f"{name}:"
    return "\r\n  ".join([*lines, line.rstrip(":")])


def _relaxed_field(field: bytes) -> bytes:
    """RFC 6376 section 3.4.2."""
    name, _, value = field.partition(b":")
    return name.strip().lower() + b":" + _SPACES.sub(b" ", value).strip()


def _relaxed_body(body: bytes) -> bytes:
    """RFC 6376 section 3.4.4."""
    body = _SPACES.sub(b" ", _END_SPACES.sub(b"", body + b"\r\n"))
    stripped = body.rstrip(b"\r\n")
    return stripped + b"\r\n" if stripped else b""
