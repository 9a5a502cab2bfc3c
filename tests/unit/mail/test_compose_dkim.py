"""DKIM signatures, verified by dkimpy (RSA) and by the algorithm of RFC 8463 (Ed25519), and broken on purpose."""

import base64
import hashlib
import re
from dataclasses import replace

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from mailgate.errors import ConfigError
from mailgate.mail.compose import Draft, Enclosed, compose
from mailgate.mail.compose_dkim import DkimKey
from mailgate.mail.message import Address

DRAFT = Draft(
    from_=Address("Ayşe Yılmaz", "destek@help.example.com"),
    to=[Address("Jane Doe", "jane@example.com")],
    cc=[Address("", f"colleague-number-{n}@example.com") for n in range(9)],
    subject="Yazıcı bozuldu ve kimse bilmiyor, ne yapalım arkadaşlar {12}",
    message_id="<t12.aaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbb@help.example.com>",
    date=1_764_000_000,
    text="Merhaba,  iki boşluk \n\n\nve son satırlar\n\n\n",
    html="<p>Merhaba</p>",
    references=[f"<message-{n}@example.com>" for n in range(9)],
    in_reply_to="<message-8@example.com>",
    unsubscribe=["https://desk.example.com/u/token", "mailto:support@help.example.com"],
    one_click=True,
    files=[Enclosed("a.bin", "application/octet-stream", bytes(range(256)))],
)


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def record(key: rsa.RSAPrivateKey) -> bytes:
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def verifies(raw: bytes, key: rsa.RSAPrivateKey) -> bool:
    asked: list[bytes] = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record(key)

    result = dkim.verify(raw, dnsfunc=dns)
    assert asked == [b"desk._domainkey.help.example.com."]
    return bool(result)


def test_an_rsa_signature_verifies_and_covers_what_matters(rsa_key: rsa.RSAPrivateKey) -> None:
    raw = compose(DRAFT, DkimKey(pem(rsa_key), "desk", "help.example.com").sign)
    assert verifies(raw, rsa_key)
    assert DkimKey(pem(rsa_key), "desk", "help.example.com").record().encode() == record(rsa_key)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    signed = re.sub(rb"\s", b"", raw).partition(b";h=")[2].partition(b";")[0].decode().split(":")
    assert {"from", "to", "cc", "subject", "list-unsubscribe", "list-unsubscribe-post", "message-id"} <= set(signed)
    assert signed.count("from") == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Merhaba", b"Merhabx"),
        (b"\r\nTo: Jane", b"\r\nTo: Mallory"),
        (b"\r\nTo: Jane", b"\r\nFrom: evil@example.com\r\nTo: Jane"),
        (b"/u/token", b"/u/other"),
    ],
)
def test_what_was_changed_no_longer_verifies(rsa_key: rsa.RSAPrivateKey, old: bytes, new: bytes) -> None:
    raw = compose(DRAFT, DkimKey(pem(rsa_key), "desk", "help.example.com").sign)
    assert old in raw
    assert not verifies(raw.replace(old, new, 1), rsa_key)


def test_relays_that_change_white_space_do_no_harm(rsa_key: rsa.RSAPrivateKey) -> None:
    raw = compose(replace(DRAFT, files=[]), DkimKey(pem(rsa_key), "desk", "help.example.com").sign)
    unfolded = raw.replace(b"\r\n <message-", b" <message-")
    assert unfolded != raw
    assert verifies(unfolded + b"\r\n\r\n", rsa_key)


def test_an_empty_body_and_lines_of_spaces(rsa_key: rsa.RSAPrivateKey) -> None:
    signed = DkimKey(pem(rsa_key), "desk", "help.example.com").sign
    head = b"From: a@help.example.com\r\nSubject: x\r\n\r\n"
    for body in (b"", b"\r\n", b" \r\n\r\n", b"a  b \t c \r\n \r\nend", b"no end", b"x\r\n\r\n\r\n"):
        assert verifies(signed(head + body), rsa_key), body


def test_an_ed25519_signature_verifies() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    signer = DkimKey(pem(key), "desk", "help.example.com")
    assert signer.algorithm == "ed25519-sha256"
    raw_public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert signer.record() == f"v=DKIM1; k=ed25519; p={base64.b64encode(raw_public).decode()}"
    raw = signer.sign(b"From: a@help.example.com\r\nSubject:  two  spaces\r\n\r\nbody\r\n")
    field, rest = raw.split(b"\r\nFrom:", 1)
    assert rest.startswith(b" a@help")
    flat = re.sub(rb"\r\n(?=[ \t])", b"", field)
    value, _, signature = flat.partition(b" b=")
    canonical = (
        b"from:a@help.example.com\r\nsubject:two spaces\r\n"
        b"dkim-signature:" + re.sub(rb"[ \t]+", b" ", value.partition(b": ")[2]) + b" b="
    )
    public = key.public_key()
    decoded = base64.b64decode(b"".join(signature.split()))
    public.verify(decoded, hashlib.sha256(canonical).digest())
    with pytest.raises(InvalidSignature):
        public.verify(decoded, hashlib.sha256(canonical + b"x").digest())
    assert base64.b64encode(hashlib.sha256(b"body\r\n").digest()) in flat


def test_keys_that_cannot_sign_are_refused_with_a_sentence(rsa_key: rsa.RSAPrivateKey) -> None:
    curve = pem(ec.generate_private_key(ec.SECP256R1()))
    for bad, selector, domain in (
        (b"no key", "s", "example.com"),
        (curve, "s", "example.com"),
        (pem(rsa_key), "bad selector", "example.com"),
        (pem(rsa_key), "s\r\nX", "example.com"),
        (pem(rsa_key), "s", "exa mple"),
    ):
        with pytest.raises(ConfigError, match="DKIM"):
            DkimKey(bad, selector, domain)


def test_an_international_domain_signs_in_ascii(rsa_key: rsa.RSAPrivateKey) -> None:
    raw = DkimKey(pem(rsa_key), "desk", "örnek.com").sign(b"From: a@xn--rnek-4qa.com\r\n\r\nx\r\n")
    assert b" d=xn--rnek-4qa.com;" in raw
