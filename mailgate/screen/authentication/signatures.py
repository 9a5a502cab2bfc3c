"""DKIM and ARC: which domains signed this message, and whether what they signed is unchanged.

Takes header section and body; gives a result for each signature, and the state of the ARC chain. The verifier is dkimpy's,
with what a stranger could use against it taken out of its hands: keys are loaded by OpenSSL and bounded (a key of 30,000
bits would keep a processor busy for minutes), ed25519 needs no further library, bodies are canonicalised in linear time,
fields and counts are bounded, and DNS trouble is told apart from a missing key.
Standards: RFC 6376 (DKIM), RFC 8301 (no rsa-sha1, 1024 bits at least), RFC 8463 (ed25519), RFC 8617 (ARC).
"""

from __future__ import annotations

import base64
import logging
import re
from dataclasses import dataclass
from typing import Any

import dkim
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from dkim.util import InvalidTagValueList, parse_tag_value

from mailgate.screen.authentication.body import Body
from mailgate.screen.authentication.resolver import DnsTrouble, Lookups

_SIGNATURES = 5
_ARC_SETS = 15
_FIELD_LENGTH = 4096
_FIELDS = 1000
_HEAD_LENGTH = 256 * 1024
_LEAST_BITS, _MOST_BITS = 1024, 4096
_MOST_EXPONENT_BITS = 33
_KEY_RECORD = 2048
_SPACES = re.compile(rb"\s{64}")
_SILENT = logging.Logger("dkimpy", logging.CRITICAL + 1)  # outside of all logging: results carry the reasons


@dataclass(frozen=True, slots=True)
class Signature:
    """What became of one DKIM-Signature: a result of RFC 8601 section 2.7.1 about `domain` (its d= tag)."""

    result: str
    domain: str = ""
    detail: str = ""


class _Policy(Exception):
    """The signature is right and yet not enough: it leaves a part of the body unsigned."""


class _Ed25519:
    """Looks like PyNaCl's key to dkimpy and remembers the outcome, as dkimpy's handling of a failure needs PyNaCl."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        self.valid = False

    def verify(self, message: bytes, signature: bytes) -> None:
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return
        self.valid = True


class _Guard:
    """Mixed into dkimpy's verifiers: look-up of the key and the bounds around one signature."""

    lookups: Lookups
    whole: Body

    def verify_sig(self, sig: dict[bytes, bytes], include_headers: list[bytes], sig_header: Any, _: Any) -> bool:
        algorithm = sig[b"a"]
        if algorithm not in (b"rsa-sha256", b"ed25519-sha256"):
            raise dkim.ValidationError(f"{algorithm.decode('ascii', 'replace')} is not accepted any more")
        if len(sig[b"b"]) > _KEY_RECORD:
            raise dkim.ValidationError("the signature is too long")
        name = f"{_ascii(sig[b's'])}._domainkey.{_ascii(sig[b'd'])}"
        key = _load_key(self.lookups.texts(name), algorithm.partition(b"-")[0])
        head_policy, _, body_policy = sig.get(b"c", b"simple/simple").partition(b"/")
        verifier: Any = self
        verifier.body = self.whole.relaxed if body_policy == b"relaxed" else self.whole.simple
        if body_policy == b"relaxed" and verifier.body:
            sig = {**sig, b"c": head_policy + b"/simple"}  # it is done: dkimpy would look at every space again
        verifier.seqtlsrpt = False
        if isinstance(key, RSAPublicKey):
            numbers = key.public_numbers()
            verifier.pk, verifier.ktag = {"modulus": numbers.n, "publicExponent": numbers.e}, b"rsa"
            verifier.keysize = key.key_size
            valid = bool(verifier.verify_sig_process(sig, include_headers, sig_header, None))
        else:
            verifier.pk, verifier.ktag, verifier.keysize = _Ed25519(key), b"ed25519", 256
            verifier.verify_sig_process(sig, include_headers, sig_header, None)
            valid = verifier.pk.valid
        if valid and b"l" in sig and int(sig[b"l"]) < len(verifier.body):
            raise _Policy("the end of the body is not signed (l=)")
        return valid


class _Dkim(_Guard, dkim.DKIM):  # type: ignore[misc]
    pass


class _Arc(_Guard, dkim.ARC):  # type: ignore[misc]
    pass


def check_dkim(lookups: Lookups, head: bytes, body: Body) -> list[Signature]:
    """Results of the first five signatures, from the top; empty where there is none. Never raises."""
    try:
        verifier = _prepared(_Dkim, lookups, head, body)
    except dkim.DKIMException as error:
        return [Signature("permerror", detail=str(error)[:200])]
    fields = [value for name, value in verifier.headers if name.lower() == b"dkim-signature"]
    return [_check_one(verifier, number, value) for number, value in enumerate(fields[:_SIGNATURES])]


def _check_one(verifier: Any, number: int, value: bytes) -> Signature:
    domain = ""
    try:
        if len(value) > _FIELD_LENGTH or _SPACES.search(value):
            raise dkim.MessageFormatError("the field is too long")
        tags = parse_tag_value(value)
        domain = _ascii(tags.get(b"d", b"")).lower()
        if b"from" not in re.split(rb"\s?:\s?", b" ".join(tags.get(b"h", b"").lower().split())):
            raise dkim.ValidationError("From is not signed")
        valid = verifier.verify(idx=number)
    except DnsTrouble as error:
        return Signature("temperror", domain, str(error))
    except _Policy as error:
        return Signature("policy", domain, str(error))
    except Exception as error:  # noqa: BLE001 - a stranger's signature must not cost the message, whatever dkimpy says
        text = str(error) or type(error).__name__
        changed = text.startswith("body hash mismatch")
        return Signature("fail" if changed else "permerror", domain, "the body was changed" if changed else text[:200])
    return Signature("pass" if valid else "fail", domain, "" if valid else "the signature does not match")


def check_arc(lookups: Lookups, head: bytes, body: Body) -> tuple[str, str]:
    """The chain's state (pass, fail, none, temperror; RFC 8617 section 4.4) and a reason. Never raises."""
    try:
        verifier = _prepared(_Arc, lookups, head, body)
        sets, fields = verifier.sorted_arc_headers()
        if not sets:
            return "none", ""
        bad = any(len(value) > 2 * _FIELD_LENGTH or _SPACES.search(value) for _, (_, value) in fields)
        bad = bad or any(_SPACES.search(value) for name, value in verifier.headers if name.lower().startswith(b"arc-"))
        if sets > _ARC_SETS or len(fields) > 3 * sets or bad:
            return "fail", "more sets or longer fields than are checked"
        state, _, reason = verifier.verify()
    except DnsTrouble as error:
        return "temperror", str(error)
    except Exception as error:  # noqa: BLE001 - as above
        return "fail", (str(error) or type(error).__name__)[:200]
    return ("pass" if state == dkim.CV_Pass else "fail"), str(reason)[:200]


def _prepared(kind: Any, lookups: Lookups, head: bytes, body: Body) -> Any:
    """A verifier that has the header section alone; the body is given to it for each signature."""
    if len(head) > _HEAD_LENGTH or head.count(b"\n") > 4 * _FIELDS:
        raise dkim.MessageFormatError("the header section is too long")
    verifier = kind(head + b"\r\n\r\n", logger=_SILENT, minkey=_LEAST_BITS)
    if len(verifier.headers) > _FIELDS:
        raise dkim.MessageFormatError("there are too many header fields")
    verifier.lookups, verifier.whole = lookups, body
    return verifier


def _load_key(records: list[bytes], kind: bytes) -> RSAPublicKey | Ed25519PublicKey:
    """The public key of the first record that is one (RFC 6376 section 3.6.1). Raises dkim.KeyFormatError."""
    trouble = "there is no key"
    for record in records[:3]:
        try:
            tags = parse_tag_value(record[: 2 * _KEY_RECORD])
        except InvalidTagValueList:
            continue
        services = [word.strip() for word in tags.get(b"s", b"*").split(b":")]
        if tags.get(b"v", b"DKIM1") != b"DKIM1" or tags.get(b"k", b"rsa") != kind or b"p" not in tags:
            continue
        if b"*" not in services and b"email" not in services:
            trouble = "the key is not for mail"
            continue
        encoded = b"".join(tags[b"p"].split())
        if not encoded:
            raise dkim.KeyFormatError("the key was revoked")
        try:
            return _bounded(base64.b64decode(encoded, validate=True), kind)
        except (ValueError, UnsupportedAlgorithm, TypeError) as error:
            raise dkim.KeyFormatError(f"the key cannot be read: {error}") from error
    raise dkim.KeyFormatError(trouble)


def _bounded(der: bytes, kind: bytes) -> RSAPublicKey | Ed25519PublicKey:
    if kind == b"ed25519":
        return Ed25519PublicKey.from_public_bytes(der)
    key = load_der_public_key(der)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("it is no RSA key")
    if not _LEAST_BITS <= key.key_size <= _MOST_BITS or key.public_numbers().e.bit_length() > _MOST_EXPONENT_BITS:
        raise ValueError(f"{key.key_size} bits are not accepted")
    return key


def _ascii(text: bytes) -> str:
    return text.decode("ascii", "replace")
