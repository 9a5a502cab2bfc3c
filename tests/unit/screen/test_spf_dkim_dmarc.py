"""SPF, DKIM, ARC and DMARC against a name server of the test's own, with messages signed here."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from dkim.canonicalization import Relaxed, Simple
from hypothesis import given
from hypothesis import strategies as st

from mailgate.errors import ConfigError
from mailgate.mail.compose_dkim import DkimKey
from mailgate.mail.message import Envelope
from mailgate.screen.authentication import check, dmarc, resolver, signatures, spf
from mailgate.screen.authentication.body import Body
from mailgate.store.spool import Client
from tests.support.name_server import NameServer

IP = "203.0.114.5"  # the documentation networks count as inside; nothing is ever sent there
KEY = generate_private_key(65537, 2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
ED = Ed25519PrivateKey.generate()
ED_PEM = ED.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
ED_PUBLIC = base64.b64encode(ED.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
MESSAGE = (
    b"From: Jo <jo@sender.example>\r\nTo: support@help.example.com\r\nSubject: The  printer\r\n"
    b"Date: Wed, 25 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@sender.example>\r\n\r\n"
    b"It  burns. \r\n\r\nPlease come.\r\n\r\n\r\n"
)


@pytest.fixture
def server() -> Iterator[NameServer]:
    with NameServer() as started:
        started.add("sender.example", "TXT", f"v=spf1 ip4:{IP} include:_spf.sender.example -all", "some other text")
        started.add("_spf.sender.example", "TXT", "v=spf1 mx:sender.example a:host.sender.example ~all")
        started.add("sender.example", "MX", "10 mx.sender.example.")
        started.add("mx.sender.example", "A", "203.0.114.6")
        started.add("host.sender.example", "AAAA", "2001:470::7")
        started.add("s1._domainkey.sender.example", "TXT", f"v=DKIM1; k=rsa; p={PUBLIC}")
        started.add("ed._domainkey.sender.example", "TXT", f"v=DKIM1; k=ed25519; p={ED_PUBLIC}")
        yield started


@pytest.fixture
def names(server: NameServer) -> resolver.Resolver:
    return resolver.Resolver([server.address], 20.0)


def sign(message: bytes = MESSAGE, selector: str = "s1", domain: str = "sender.example", **more: Any) -> bytes:
    return bytes(dkim.sign(message, selector.encode(), domain.encode(), PEM, **more)) + message


def check_dkim(names: resolver.Resolver, message: bytes) -> list[signatures.Signature]:
    head, _, body = message.replace(b"\r\n", b"\n").partition(b"\n\n")
    return signatures.check_dkim(names.lookups(), head.replace(b"\n", b"\r\n"), Body(body))


# -- SPF ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ip", "sender", "helo", "result"),
    [
        (IP, "jo@sender.example", "x.example", "pass"),
        ("203.0.114.6", "jo@sender.example", "x.example", "pass"),  # include, mx
        ("2001:470::7", "jo@sender.example", "x.example", "pass"),  # include, a, IPv6
        ("203.0.114.9", "jo@sender.example", "x.example", "fail"),
        (IP, None, "sender.example", "pass"),  # a null reverse-path: EHLO is asked
        (IP, None, "[203.0.114.5]", "none"),
        (IP, "jo@nobody.example", "x.example", "none"),
        (IP, "jo@SENDER.example.", "x.example", "pass"),
        (IP, "no-domain", "", "none"),
        (IP, "jo@" + "a" * 70 + ".example", "x.example", "none"),
    ],
)
def test_spf(names: resolver.Resolver, ip: str, sender: str | None, helo: str, result: str) -> None:
    assert spf.check_spf(names.lookups(), ip, sender, helo).result == result


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ~all", "softfail"),
        ("v=spf1 ?all", "neutral"),
        ("v=spf1 exists:%{ir}.%{l}.yes.sender.example -all", "pass"),
        ("v=spf1 ptr:sender.example -all", "pass"),
        ("v=spf1 nonsense -all", "permerror"),
        ("v=spf1 include:loop.example -all", "permerror"),
        ("v=spf1 a:gone1.example a:gone2.example a:gone3.example a:gone4.example -all", "permerror"),
        ("v=spf1 redirect=sender.example", "pass"),
        ("v=spf1 -all exp=why.sender.example", "fail"),
        ("v=spf1 a:broken.example -all", "temperror"),
        ("v=spf1 %{", "permerror"),
        ("v=spf1 " + "ip4:1.2.3.4 " * 500 + "-all", "permerror"),  # longer than any record of this world
        ("v=spf1 exists:" + "%{s}" * 100 + ".sender.example -all", "permerror"),
    ],
)
def test_spf_of_all_kinds(server: NameServer, names: resolver.Resolver, record: str, result: str) -> None:
    server.add("loop.example", "TXT", record)
    server.add("5.114.0.203.jo.yes.sender.example", "A", "127.0.0.2")
    server.add("5.114.0.203.in-addr.arpa", "PTR", "out.sender.example.")
    server.add("out.sender.example", "A", IP)
    server.broken.add("broken.example")
    assert spf.check_spf(names.lookups(), IP, "jo@loop.example", "x.example").result == result
    assert server.asked["why.sender.example"] == 0, "the words of a domain's exp= are asked for by nobody"


def test_a_server_that_says_nothing_costs_the_bound_and_no_more(server: NameServer) -> None:
    server.silent |= {"sender.example", "s1._domainkey.sender.example", "_dmarc.sender.example"}
    names = resolver.Resolver([server.address], 0.2)
    found = check.authenticate(sign(), Envelope("jo@sender.example"), Client(ip=IP, helo="x.example"), names)
    assert (found["spf"], found["dkim"], found["dmarc"]) == ("temperror", "temperror", "temperror")


def test_no_more_questions_than_allowed(server: NameServer, names: resolver.Resolver) -> None:
    lookups = names.lookups()
    with pytest.raises(resolver.DnsTrouble, match="too many"):
        for number in range(1000):
            lookups.records(f"n{number}.sender.example", "A")
    assert sum(server.asked.values()) < 200


@pytest.mark.parametrize("text", ["dns.example.com", "127.0.0.1:port", "300.1.1.1", ""])
def test_a_resolver_that_is_none(text: str) -> None:
    with pytest.raises(ConfigError, match=r"screen\.resolver"):
        resolver.Resolver([text], 1.0)


@pytest.mark.parametrize("text", ["127.0.0.1", "127.0.0.1:5353", "::1", "[::1]:5353"])
def test_forms_of_a_resolver(text: str) -> None:
    assert resolver.Resolver([text], 1.0).lookups()


_TERMS = [
    "v=spf1 ",
    "+",
    "-all",
    "~",
    "include:",
    "a",
    "mx",
    "ptr",
    "exists:",
    "redirect=",
    "exp=",
    "%{",
    "i",
    "}",
    "/",
    ":",
    ".",
    "9",
    " ",
]


class _Names:
    """Answers every TXT question with the same record and every other with nothing."""

    def __init__(self, record: str) -> None:
        self._record = record.encode()

    def records(self, name: str, kind: str) -> list[Any]:
        return [SimpleNamespace(strings=(self._record,))] if kind == "TXT" else []


@given(st.lists(st.sampled_from(_TERMS), max_size=20).map("".join))
def test_no_record_raises(record: str) -> None:
    names: Any = _Names("v=spf1 " + record)
    assert spf.check_spf(names, IP, "jo@sender.example", "x.example").result in spf.RESULTS


# -- DKIM ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", [b"simple", b"relaxed"])
@pytest.mark.parametrize("body", [b"simple", b"relaxed"])
@pytest.mark.parametrize("text", [b"", b"\r\n", b"a  b \t\r\n\r\n", b"no line end", b" \r\n \r\n", b"a\r\r\n\r\n"])
def test_dkim_passes(names: resolver.Resolver, head: bytes, body: bytes, text: bytes) -> None:
    message = sign(MESSAGE.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + text, canonicalize=(head, body))
    head_part, _, raw_body = message.partition(b"\r\n\r\n")
    (found,) = signatures.check_dkim(names.lookups(), head_part, Body(raw_body))
    assert found == signatures.Signature("pass", "sender.example")


def test_dkim_of_a_message_with_bare_line_feeds(names: resolver.Resolver) -> None:
    message = sign().replace(b"\r\n", b"\n")
    head, _, body = message.partition(b"\n\n")
    assert signatures.check_dkim(names.lookups(), head, Body(body))[0].result == "pass"


def test_dkim_ed25519(names: resolver.Resolver) -> None:
    signed = DkimKey(ED_PEM, "ed", "sender.example").sign(MESSAGE)
    assert [item.result for item in check_dkim(names, signed)] == ["pass"]
    assert [item.result for item in check_dkim(names, signed.replace(b"The  printer", b"The scanner"))] == ["fail"]


@pytest.mark.parametrize(
    ("old", "new", "result", "detail"),
    [
        (b"Please come", b"Please pay", "fail", "body was changed"),
        (b"Subject: The  printer", b"Subject: The toaster", "fail", "does not match"),
        (b"From: Jo", b"From: Boss <boss@sender.example>\r\nFrom: Jo", "fail", "does not match"),
        (b"s=s1", b"s=none", "permerror", "no key"),
        (b"s=s1", b"s=gone", "permerror", "revoked"),
        (b"s=s1", b"s=down", "temperror", ""),
        (b"s=s1", b"s=tls", "permerror", "not for mail"),
        (b"s=s1", b"s=junk", "permerror", "cannot be read"),
        (b"s=s1", b"s=ed", "permerror", "no key"),
        (b"a=rsa-sha256", b"a=rsa-sha1", "permerror", "not accepted"),
        (b"a=rsa-sha256", b"a=rot13", "permerror", "algorithm"),
        (b"v=1;", b"v=2;", "permerror", "v="),
        (b" d=sender.example;", b"", "permerror", "missing"),
    ],
)
def test_dkim_that_does_not_pass(
    server: NameServer, names: resolver.Resolver, old: bytes, new: bytes, result: str, detail: str
) -> None:
    server.add("gone._domainkey.sender.example", "TXT", "v=DKIM1; p=")
    server.add("tls._domainkey.sender.example", "TXT", f"v=DKIM1; s=tlsrpt; p={PUBLIC}")
    server.add("junk._domainkey.sender.example", "TXT", "v=DKIM1; p=AAAA")
    server.broken.add("down._domainkey.sender.example")
    message = sign()
    assert old in message
    (found,) = check_dkim(names, message.replace(old, new, 1))
    assert (found.result, detail in found.detail) == (result, True), found


def test_dkim_that_leaves_the_end_unsigned_is_not_enough(names: resolver.Resolver) -> None:
    message = sign(length=True)
    assert check_dkim(names, message)[0].result == "pass"
    (found,) = check_dkim(names, message.rstrip(b"\r\n") + b"\r\nAnd send me your password.\r\n")
    assert (found.result, found.detail) == ("policy", "the end of the body is not signed (l=)")


def test_dkim_without_from_is_none(names: resolver.Resolver) -> None:
    message = sign().replace(b"h=from", b"h=reply-to", 1).replace(b" : from", b"").replace(b": from", b"")
    (found,) = check_dkim(names, message)
    assert (found.result, found.detail) == ("permerror", "From is not signed")


def test_only_the_first_five_signatures_are_checked(server: NameServer, names: resolver.Resolver) -> None:
    message = MESSAGE
    for number in range(8):
        message = sign(message, selector=f"n{number}")
    assert len(check_dkim(names, message)) == 5
    assert sum(server.asked.values()) == 5


def test_keys_that_would_keep_a_processor_busy_are_refused(server: NameServer, names: resolver.Resolver) -> None:
    numbers = KEY.public_key().public_numbers()
    der = _rsa_der(numbers.n, numbers.n - 2)
    server.add("s2._domainkey.sender.example", "TXT", f"v=DKIM1; p={base64.b64encode(der).decode()}")
    (found,) = check_dkim(names, sign(selector="s2"))
    assert (found.result, "not accepted" in found.detail) == ("permerror", True), found


def test_a_bare_rsa_key_is_read_too(server: NameServer, names: resolver.Resolver) -> None:
    der = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    server.add("s3._domainkey.sender.example", "TXT", f"p={base64.b64encode(der).decode()}")
    assert check_dkim(names, sign(selector="s3"))[0].result == "pass"


@pytest.mark.parametrize(
    "field",
    [
        b"DKIM-Signature: " + b"a" * 9000,
        b"DKIM-Signature: v=1; b" + b" " * 3000 + b"x",
        b"DKIM-Signature:",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=\xff; s=\x80; h=from; bh=AAAA; b=AAAA",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=x.example; s=s; h=from; bh=AAAA; b=" + b"A" * 3000,
        b"DKIM-Signature: v=1; a=rsa-sha256; d=..; s=..; h=from; bh=AAAA; b=AAAA",
        b"junk line\r\nDKIM-Signature: v=1",
        b"DKIM-Signature: v=1; a=rsa-sha256; c=a/b/c; d=sender.example; s=s1; h=from; bh=AAAA; b=AAAA",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=sender.example; s=s1; h=from; l=" + b"9" * 70 + b"; bh=AAAA; b=AAAA",
    ],
)
def test_hostile_signatures(names: resolver.Resolver, field: bytes) -> None:
    found = check_dkim(names, field + b"\r\n" + MESSAGE)
    assert {item.result for item in found} <= {"permerror", "fail"}
    assert found


def test_a_header_section_beyond_measure(names: resolver.Resolver) -> None:
    found = check_dkim(names, b"X: y\r\n" * 5000 + sign())
    assert [item.result for item in found] == ["permerror"]


@given(st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"\n", b"\r", b"a", b"."]), max_size=30).map(b"".join))
def test_bodies_are_canonicalised_as_dkimpy_does(raw: bytes) -> None:
    lines = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert Relaxed.canonicalize_body(Body(raw).relaxed) == Relaxed.canonicalize_body(lines)
    assert Simple.canonicalize_body(Body(raw).simple) == Simple.canonicalize_body(lines)


def test_a_body_of_spaces_takes_no_hours() -> None:
    raw = b" " * 3_000_000 + b"x" + b"\r\n" * 1_000_000
    assert Body(raw).relaxed == b" x\r\n"
    assert Body(raw).simple == raw[:3_000_001] + b"\r\n"


# -- ARC ----------------------------------------------------------------------------------------------------------


def _sealed(message: bytes, result: bytes = b"arc=none", selector: bytes = b"s1") -> bytes:
    said = b"Authentication-Results: relay.sender.example; " + result + b"\r\n" + message
    return b"".join(dkim.arc_sign(said, selector, b"sender.example", PEM, b"relay.sender.example")) + message


def _arc(names: resolver.Resolver, message: bytes) -> tuple[str, str]:
    head, _, body = message.partition(b"\r\n\r\n")
    return signatures.check_arc(names.lookups(), head, Body(body))


def test_arc(server: NameServer, names: resolver.Resolver) -> None:
    assert _arc(names, MESSAGE) == ("none", "")
    once = _sealed(MESSAGE)
    assert _arc(names, once) == ("pass", "success")
    twice = _sealed(once, b"arc=pass")
    assert _arc(names, twice) == ("pass", "success")
    assert _arc(names, twice.replace(b"Please come", b"Please pay"))[0] == "fail"
    assert _arc(names, twice.replace(b"arc=pass", b"arc=fail", 1))[0] == "fail"
    server.broken.add("s2._domainkey.sender.example")
    assert _arc(names, _sealed(once, b"arc=pass", b"s2"))[0] == "temperror"


@pytest.mark.parametrize(
    "field",
    [
        b"ARC-Seal: i=1; cv=none",
        b"ARC-Seal: i=999999999; cv=none; a=rsa-sha256; d=x.example; s=s; b=AAAA",
        b"ARC-Seal: i=" + b"9" * 5000,
        b"ARC-Message-Signature: i=1; h=" + b"a:" * 5000,
        b"ARC-Seal: i=1;" + b" " * 3000,
    ],
)
def test_hostile_chains(names: resolver.Resolver, field: bytes) -> None:
    assert _arc(names, field + b"\r\n" + MESSAGE)[0] in ("fail", "none")


# -- DMARC --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "domain", "proof", "result", "policy", "aligned"),
    [
        ("v=DMARC1; p=reject", "sender.example", "sender.example", "pass", "reject", True),
        ("v=DMARC1; p=reject", "sender.example", "mail.sender.example", "pass", "reject", True),
        ("v=DMARC1; p=reject", "mail.sender.example", "sender.example", "pass", "reject", True),
        ("v=DMARC1; p=reject; adkim=s", "sender.example", "mail.sender.example", "fail", "reject", False),
        ("v=DMARC1; p=reject", "sender.example", "other.example", "fail", "reject", False),
        ("v=DMARC1; p=none; sp=quarantine", "mail.sender.example", "other.example", "fail", "quarantine", False),
        ("v=DMARC1; p=quarantine; sp=none", "sender.example", "other.example", "fail", "quarantine", False),
        ("v=DMARC1; p=none", "sender.example", "other.example", "fail", "none", False),
        ("v=DMARC1; p=reject; pct=0", "sender.example", "other.example", "fail", "none", False),
        ("v=DMARC1; rua=mailto:x@sender.example", "sender.example", "other.example", "fail", "none", False),
        ("V=DMARC1;P=REJECT;", "sender.example", "other.example", "fail", "reject", False),
        ("p=reject; v=DMARC1", "sender.example", "sender.example", "none", None, True),
        ("v=spf1 -all", "sender.example", "other.example", "none", None, False),
    ],
)
def test_dmarc(
    server: NameServer,
    names: resolver.Resolver,
    record: str,
    domain: str,
    proof: str,
    result: str,
    policy: str | None,
    aligned: bool,
) -> None:
    server.add("_dmarc.sender.example", "TXT", record, "unrelated")
    found = dmarc.check_dmarc(names.lookups(), domain, [dmarc.Proof("dkim", "pass", proof)])
    assert (found.result, found.policy, found.aligned) == (result, policy, aligned)


def test_two_policies_are_none(server: NameServer, names: resolver.Resolver) -> None:
    server.add("_dmarc.sender.example", "TXT", "v=DMARC1; p=reject", "v=DMARC1; p=none")
    assert dmarc.check_dmarc(names.lookups(), "sender.example", []).result == "none"


def test_trouble_of_a_stranger_saves_nobody(server: NameServer, names: resolver.Resolver) -> None:
    server.add("_dmarc.sender.example", "TXT", "v=DMARC1; p=reject")
    theirs = [dmarc.Proof("dkim", "temperror", "attacker.example"), dmarc.Proof("spf", "fail", "attacker.example")]
    assert dmarc.check_dmarc(names.lookups(), "sender.example", theirs).result == "fail"
    own = [dmarc.Proof("dkim", "temperror", "sender.example")]
    assert dmarc.check_dmarc(names.lookups(), "sender.example", own).result == "temperror"


@pytest.mark.parametrize(
    ("domain", "above"),
    [
        ("mail.example.co.uk", "example.co.uk"),
        ("a.b.example.com.tr", "example.com.tr"),
        ("example.com", "example.com"),
        ("com", ""),
        ("co.uk", ""),
        ("mail.host.unlisted", "host.unlisted"),
        ("a.github.io", "a.github.io"),
        ("localhost", ""),
    ],
)
def test_organisational_domains(domain: str, above: str) -> None:
    assert dmarc.organisational_domain(domain) == above


def test_the_list_that_is_installed_along(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dmarc, "_SYSTEM_LIST", tmp_path / "none")
    suffixes = dmarc._suffixes.__wrapped__()
    assert suffixes.get_tld("mail.example.co.uk") == "co.uk"


def test_neighbours_under_a_public_suffix_are_strangers() -> None:
    assert not dmarc.is_aligned("attacker.co.uk", "victim.co.uk")
    assert not dmarc.is_aligned("com", "example.com")
    assert not dmarc.is_aligned("", "")


# -- all of it ----------------------------------------------------------------------------------------------------


def test_everything_about_a_message(server: NameServer, names: resolver.Resolver) -> None:
    server.add("_dmarc.sender.example", "TXT", "v=DMARC1; p=reject")
    client = Client(ip=IP, helo="out.sender.example")
    found = check.authenticate(sign(), Envelope("jo@sender.example"), client, names)
    found.pop("seconds")
    assert found == {
        "spf": "pass", "dkim": "pass", "dmarc": "pass", "arc": "none", "policy": "reject", "aligned": True,
        "domain": "sender.example", "by": "smtp",
        "detail": "SPF of sender.example: pass; DKIM of sender.example: pass; DMARC of sender.example: pass",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("head", "dmarc_result"),
    [
        (b"From: Boss <boss@sender.example>\r\n", "fail"),
        (b"Sender: boss@sender.example\r\n", "fail"),  # no From: intake would take Sender
        (b"Subject: nobody\r\n", "none"),  # neither: the reverse-path, whose domain is the attacker's own
        (b"From: boss@sender.example, x@attacker.example\r\n", "fail"),
        (b"From: boss@sender.example\r\nFrom: x@attacker.example\r\n", "fail"),
    ],
)
def test_a_forged_sender(server: NameServer, names: resolver.Resolver, head: bytes, dmarc_result: str) -> None:
    server.add("_dmarc.sender.example", "TXT", "v=DMARC1; p=reject")
    server.add("attacker.example", "TXT", "v=spf1 +all")
    server.add("s1._domainkey.attacker.example", "TXT", f"p={PUBLIC}")
    message = sign(b"From: x@attacker.example\r\n\r\nHello\r\n", domain="attacker.example")
    forged = message.replace(b"From: x@attacker.example\r\n", head)
    client = Client(ip=IP, helo="mx.attacker.example")
    found = check.authenticate(forged, Envelope("x@attacker.example"), client, names)
    assert (found["spf"], found["dmarc"]) == ("pass", dmarc_result)


@given(st.binary(max_size=400))
def test_no_message_raises(raw: bytes) -> None:
    names = resolver.Resolver(["127.0.0.1:1"], 0.001)
    found = check.authenticate(b"DKIM-Signature:" + raw, Envelope(None), Client(ip=IP), names)
    assert found["spf"] == "none"


def _rsa_der(modulus: int, exponent: int) -> bytes:
    """A SubjectPublicKeyInfo with any numbers."""

    def item(tag: int, content: bytes) -> bytes:
        size = len(content).to_bytes(2, "big")
        return bytes([tag, 0x82]) + size + content

    def number(value: int) -> bytes:
        return item(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))

    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    return item(0x30, algorithm + item(3, b"\0" + item(0x30, number(modulus) + number(exponent))))
