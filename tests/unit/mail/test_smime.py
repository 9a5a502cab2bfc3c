"""Opaque S/MIME signatures: what is inside is read, what is encrypted is not, and lies about lengths do no harm."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7

from mailgate.mail.parse import parse
from mailgate.mail.smime import signed_content

INNER = (
    b"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nMerhaba\r\n"
    b"--i\r\nContent-Type: a/b; name=x.bin\r\n\r\nX\r\n--i--\r\n"
)


@pytest.fixture(scope="module")
def signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ayse")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    made = pkcs7.PKCS7SignatureBuilder().set_data(INNER).add_signer(certificate, key, hashes.SHA256())
    return made.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def test_the_signed_entity_is_found(signed: bytes) -> None:
    assert signed_content(signed) == INNER


def test_a_signed_message_reads_like_an_unsigned_one(signed: bytes) -> None:
    head = b"From: a@example.org\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
    message = parse(head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(signed))
    assert message.text.strip() == "Merhaba"
    assert [(a.filename, a.data) for a in message.attachments] == [("x.bin", b"X")]
    assert message.faults == ["signed message, signature not verified"]


def test_octets_in_pieces_and_indefinite_lengths() -> None:
    data = bytes.fromhex(
        "3080 06092a864886f70d010702 a080 3080 020101 3180 3080 0609608648016503040201 0000 0000"
        "3080 06092a864886f70d010701 a080 2480 0402 4142 0403 434445 0000 0000 0000 0000 0000 0000".replace(" ", "")
    )
    assert signed_content(data) == b"ABCDE"


@pytest.mark.parametrize("cut", range(0, 60, 3))
def test_what_is_cut_does_no_harm(signed: bytes, cut: int) -> None:
    found = signed_content(signed[:cut])
    assert found is None or INNER.startswith(found)


def test_encrypted_is_said_and_kept() -> None:
    message = parse(b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\r\nxx")
    assert "encrypted message" in message.faults
    assert [a.filename for a in message.attachments] == ["smime.p7m"]
    assert signed_content(b"0\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80") is None
