"""Records to publish, and what is found of them, against a name server of our own."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mailgate.config import Config, parse_config
from mailgate.delivery.dns import Record, from_domains, look, to_publish
from mailgate.errors import ConfigError
from tests.support.name_server import NameServer

DOMAIN = "help.example.com"


@pytest.fixture
def names() -> Iterator[NameServer]:
    with NameServer() as server:
        yield server


def configured(folder: Path, resolver: str = "127.0.0.1:9", outgoing: str = "", seconds: str = "5s") -> Config:
    return parse_config(
        f'[[mailbox]]\naddress = "support@{DOMAIN}"\n[screen]\nresolver = ["{resolver}"]\ndns_timeout = "{seconds}"\n'
        f'[outgoing]\nfrom_address = "support@{DOMAIN}"\nsmtp_host = "relay.example.com"\n{outgoing}',
        str(folder / "config.toml"),
    )


def found(config: Config, purpose: str) -> list[tuple[str, str]]:
    return [(one.status, one.text) for one in look(config) if one.purpose == purpose]


@pytest.mark.parametrize(
    ("host", "term"),
    [
        ("relay.example.com", "a:relay.example.com"),
        ("192.0.2.7", "ip4:192.0.2.7"),
        ("2001:db8::1", "ip6:2001:db8::1"),
        ("127.0.0.1", "a:mx.help.example.com"),
        ("localhost", "a:mx.help.example.com"),
    ],
)
def test_what_to_publish(tmp_path: Path, host: str, term: str) -> None:
    config = configured(tmp_path)
    config.general.hostname = "mx.help.example.com"
    config.outgoing.smtp_host = host
    assert to_publish(config) == [
        Record("SPF", DOMAIN, f"v=spf1 {term} ~all"),
        Record("DMARC", f"_dmarc.{DOMAIN}", "v=DMARC1; p=none"),
    ]


def test_every_from_domain_once_in_ascii(tmp_path: Path) -> None:
    config = parse_config(
        f'[[mailbox]]\naddress = "a@x.example"\nfrom_address = "a@büro.example"\n[[mailbox]]\naddress = "b@x.example"\n'
        f'from_address = "b@{DOMAIN}"\n[outgoing]\nfrom_address = "support@{DOMAIN}"\n',
        str(tmp_path / "config.toml"),
    )
    assert from_domains(config) == [DOMAIN, "xn--bro-hoa.example"]


def test_no_from_address(tmp_path: Path) -> None:
    config = configured(tmp_path)
    config.outgoing.from_address = ""
    with pytest.raises(ConfigError, match="from_address"):
        to_publish(config)


def write_key(folder: Path, key: Any) -> str:
    (folder / "dkim.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return 'dkim_selector = "mg"\ndkim_key_file = "dkim.pem"\n'


def test_the_dkim_record_verifies_what_we_sign(tmp_path: Path) -> None:
    import dkim

    from mailgate.notify.signing import signer

    config = configured(tmp_path, outgoing=write_key(tmp_path, rsa.generate_private_key(65537, 2048)))
    record = next(one for one in to_publish(config) if one.purpose == "DKIM")
    assert record.name == f"mg._domainkey.{DOMAIN}"
    assert all(len(piece) <= 257 for piece in record.zone_line.partition("TXT ")[2].split(" ") if piece.startswith('"'))
    sign = signer(config)
    assert sign is not None
    raw = sign(b"From: support@help.example.com\r\nSubject: x\r\n\r\nhello\r\n")
    assert dkim.verify(raw, dnsfunc=lambda name, timeout=5: record.value.encode())


def test_the_dkim_record_of_an_ed25519_key(tmp_path: Path) -> None:
    config = configured(tmp_path, outgoing=write_key(tmp_path, ed25519.Ed25519PrivateKey.generate()))
    value = next(one.value for one in to_publish(config) if one.purpose == "DKIM")
    assert value.startswith("v=DKIM1; k=ed25519; p=")
    assert len(base64.b64decode(value.partition("p=")[2])) == 32


@pytest.mark.parametrize("content", [None, b"no key"])
def test_a_key_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "dkim.pem").write_bytes(content)
    with pytest.raises(ConfigError, match=r"dkim\.pem"):
        to_publish(configured(tmp_path, outgoing='dkim_selector = "mg"\ndkim_key_file = "dkim.pem"\n'))


SPF = [
    (["v=spf1 a:relay.example.com ~all"], "ok", "1 look-ups"),
    (["v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all"], "ok", "0 look-ups"),
    (["V=SPF1 -ALL", "other text"], "ok", "one SPF record"),
    ([], "warning", "no SPF record; publish: v=spf1 a:relay.example.com ~all"),
    (["v=spf1 -all", "v=spf1 mx ~all"], "warning", "2 SPF records"),
    (["v=spf1 a mx"], "warning", 'does not end with "all"'),
    (["v=spf1 a +all"], "warning", "lets everybody"),
    (["v=spf1 a ?all"], "warning", "lets everybody"),
    (["v=spf1 a all"], "warning", "lets everybody"),
    (["v=spf1 " + " ".join(f"a:h{n}.example.com" for n in range(11)) + " ~all"], "warning", "11 look-ups"),
    (["v=spf1 include:one.example.org ~all"], "warning", "11 look-ups"),
    (["v=spf1 include:loop.example.org ~all"], "warning", "includes itself"),
    (["v=spf1 include:missing.example.org ~all"], "warning", "no SPF record"),
    (["v=spf1 inclde:one.example.org ~all"], "warning", "invalid"),
    (["v=spf1 include:%{i}.example.org ~all"], "ok", "1 look-ups"),
    (["v=spf1 redirect=ten.example.org"], "warning", "11 look-ups"),
    (["v=spf1 redirect=two.example.org"], "ok", "3 look-ups"),
    (["v=spf1 exp=x.example.org mx exists:%{i}.example.org -all"], "ok", "2 look-ups"),
    (["v=spf1 include:fan.example.org ~all"], "warning", "more than 40 look-ups"),
    (["v=spf10 all"], "warning", "no SPF record"),
]


@pytest.mark.parametrize(("records", "status", "words"), SPF)
def test_spf(tmp_path: Path, names: NameServer, records: list[str], status: str, words: str) -> None:
    names.add("one.example.org", "TXT", "v=spf1 include:ten.example.org ~all".replace("ten", "nine"))
    names.add("nine.example.org", "TXT", "v=spf1 " + " ".join(f"a:h{n}.example.com" for n in range(9)) + " ~all")
    names.add("ten.example.org", "TXT", "v=spf1 " + " ".join(f"mx:h{n}.example.com" for n in range(10)) + " ~all")
    names.add("two.example.org", "TXT", "v=spf1 a mx -all")
    names.add("loop.example.org", "TXT", "v=spf1 include:loop2.example.org ~all")
    names.add("loop2.example.org", "TXT", "v=spf1 include:loop.example.org ~all")
    for depth in range(6):  # each includes the next one five times: thousands of look-ups for who follows them all
        name = "fan.example.org" if depth == 0 else f"fan{depth}.example.org"
        names.add(name, "TXT", "v=spf1 " + " ".join([f"include:fan{depth + 1}.example.org"] * 5) + " ~all")
    names.add("fan6.example.org", "TXT", "v=spf1 a ~all")
    if records:
        names.add(DOMAIN, "TXT", *records)
    got = found(configured(tmp_path, names.address), "SPF")
    assert any(state == status and words in text for state, text in got), got
    assert sum(names.asked.values()) < 60


def test_dkim_published(tmp_path: Path, names: NameServer) -> None:
    config = configured(tmp_path, names.address, write_key(tmp_path, rsa.generate_private_key(65537, 2048)))
    value = next(one.value for one in to_publish(config) if one.purpose == "DKIM")
    name = f"mg._domainkey.{DOMAIN}"

    def judged(*values: str) -> tuple[str, str]:
        names.remove(name, "TXT")
        if values:
            names.add(name, "TXT", *values)
        return found(config, "DKIM")[0]

    assert judged()[0] == "warning"
    assert judged(value) == ("ok", "the published DKIM key is the one that signs")
    assert judged(value.replace("v=DKIM1; ", ""))[0] == "ok"
    assert "not that of" in judged(value[:-8] + "AAAA" + value[-4:])[1]
    assert "revoked" in judged("v=DKIM1; p=")[1]
    assert "several" in judged(value, "v=DKIM1; p=AAAA")[1]
    assert "test" in judged(value.replace("k=rsa", "t=y; k=rsa"))[1]


@pytest.mark.parametrize(
    ("name", "records", "status", "words"),
    [
        (f"_dmarc.{DOMAIN}", ["v=DMARC1; p=quarantine; rua=mailto:x@example.com"], "ok", "quarantine"),
        ("_dmarc.example.com", ["v=DMARC1; p=reject"], "ok", "reject"),
        (f"_dmarc.{DOMAIN}", ["unrelated"], "warning", "publish: v=DMARC1; p=none"),
        (f"_dmarc.{DOMAIN}", ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "warning", "several"),
        (f"_dmarc.{DOMAIN}", ["v=DMARC1; sp=none"], "warning", "missing"),
        (f"_dmarc.{DOMAIN}", ["v=DMARC1; p=maybe"], "warning", "maybe"),
    ],
)
def test_dmarc(tmp_path: Path, names: NameServer, name: str, records: list[str], status: str, words: str) -> None:
    names.add(name, "TXT", *records)
    got = found(configured(tmp_path, names.address), "DMARC")[0]
    assert got[0] == status
    assert words in got[1]


def test_a_name_server_that_says_nothing(tmp_path: Path, names: NameServer) -> None:
    names.silent.update({DOMAIN, f"_dmarc.{DOMAIN}"})
    findings = look(configured(tmp_path, names.address, seconds="1s"))
    assert {one.status for one in findings} == {"unknown"}


def test_a_name_server_that_fails(tmp_path: Path, names: NameServer) -> None:
    names.broken.add(DOMAIN)
    assert found(configured(tmp_path, names.address), "SPF")[0][0] == "unknown"
