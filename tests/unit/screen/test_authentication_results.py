"""Authentication-Results: what is believed of whom, in the forms that mail servers write."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail.parse import parse
from mailgate.screen.authentication.results import read_results
from mailgate.screen.authenticity import dmarc_failed, is_authenticated

TRUSTED = ["mx.example.com"]
OWN = "Received: from out.sender.example (out.sender.example [203.0.114.5]) by mx.example.com (Postfix) with ESMTP"
RELAY = "Received: from x (x [203.0.114.9]) by relay.attacker.example with SMTP"
PASS = "Authentication-Results: mx.example.com; dmarc=pass header.from=sender.example"
FAIL = "Authentication-Results: mx.example.com; dmarc=fail (p=reject) header.from=sender.example"


def read(*fields: str, trusted: list[str] = TRUSTED, author: str = "jo@sender.example") -> dict[str, Any] | None:
    message = parse(("\r\n".join(fields) + "\r\nFrom: jo@sender.example\r\n\r\nHello\r\n").encode())
    return read_results(message.header, trusted, author)


@pytest.mark.parametrize(
    ("field", "spf", "dkim", "dmarc", "policy", "aligned"),
    [
        # Postfix with OpenDKIM, OpenDMARC and policyd-spf
        ("mx.example.com; dkim=pass (2048-bit key; unprotected) header.d=sender.example header.i=@sender.example"
         " header.a=rsa-sha256 header.s=s1 header.b=abc", None, "pass", None, None, True),
        ("mx.example.com; dmarc=pass (p=reject dis=none) header.from=sender.example", None, None, "pass", "reject", True),
        ("mx.example.com; dmarc=fail (p=none dis=none) header.from=sender.example", None, None, "fail", "none", False),
        ("mx.example.com; spf=softfail (mailfrom) smtp.mailfrom=other.example (client-ip=203.0.114.5;"
         " helo=x; envelope-from=a@other.example)", "softfail", None, None, None, False),
        # Google
        ("mx.example.com;\r\n       dkim=pass header.i=@sender.example header.s=20230601 header.b=XyZ;\r\n"
         "       arc=pass (i=1 spf=pass spfdomain=x.example);\r\n"
         "       spf=pass (google.com: domain of jo@sender.example designates 203.0.114.5 as permitted sender)"
         " smtp.mailfrom=jo@sender.example;\r\n       dmarc=pass (p=QUARANTINE sp=NONE dis=NONE) header.from=sender.example",
         "pass", "pass", "pass", "quarantine", True),
        # rspamd
        ("mx.example.com;\r\n\tdkim=none;\r\n\tspf=fail (mx.example.com: domain of a@sender.example does not designate"
         " 203.0.114.5 as permitted sender) smtp.mailfrom=a@sender.example;\r\n\tdmarc=fail reason=\"SPF not aligned;"
         " DKIM not aligned\" header.from=sender.example (policy=reject)", "fail", "none", "fail", "reject", False),
        # Exim, Fastmail, authheaders
        ("mx.example.com 1; iprev=pass (x) smtp.remote-ip=203.0.114.5; spf=pass smtp.mailfrom=sender.example",
         "pass", None, None, None, True),
        ("mx.example.com; dmarc=fail policy.published-domain-policy=quarantine header.from=sender.example",
         None, None, "fail", "quarantine", False),
        # several signatures: one that passes is enough, and one of a stranger proves nothing
        ("mx.example.com; dkim=fail header.d=sender.example; dkim=pass header.d=list.example", None, "pass", None, None, False),
        ("mx.example.com; dkim=fail header.d=list.example; dkim=pass header.d=mail.sender.example",
         None, "pass", None, None, True),
        # spellings that the grammar allows
        ("\"mx.example.com\"; dkim/1 = pass header.d = sender.example", None, "pass", None, None, True),
        ("MX.example.COM. ; DKIM=PASS header.d=SENDER.example", None, "pass", None, None, True),
        ("(a (nested) comment; dkim=fail) mx.example.com (c) 1 (c) ; (c) spf (c) = (c) pass (c) smtp.mailfrom=sender.example",
         "pass", None, None, None, True),
        ("mx.example.com; spf=hardfail smtp.mailfrom=x", "fail", None, None, None, False),
    ],
)  # fmt: skip
def test_forms(
    field: str, spf: str | None, dkim: str | None, dmarc: str | None, policy: str | None, aligned: bool
) -> None:
    found = read(f"Authentication-Results: {field}", OWN)
    assert found is not None
    assert (found["spf"], found["dkim"], found["dmarc"], found["policy"]) == (spf, dkim, dmarc, policy)
    assert (found["aligned"], found["by"]) == (aligned, "mx.example.com")
    assert is_authenticated({"authentication": found}) == aligned


@pytest.mark.parametrize(
    "field",
    [
        "", ";", "mx.example.com", "mx.example.com;", "mx.example.com; none", "mx.example.com; dmarc=yes",
        "mx.example.com; (dmarc=pass", 'mx.example.com; reason="dmarc=pass', "mx.example.com extra words; dmarc=pass",
        "mx.example.com; x=pass; vbr=pass header.md=x", "other.example; dmarc=pass header.from=sender.example",
        "mx.example.com.other.example; dmarc=pass", "mx.example.com; " + "a" * 9000, "mx.example.com; dmarc",
        "spf=pass; mx.example.com; dmarc=pass", 'mx.example.com; x="; dmarc=pass header.from=sender.example"',
    ],
)  # fmt: skip
def test_what_is_not_believed(field: str) -> None:
    assert read(f"Authentication-Results: {field}", OWN) is None


def test_nobody_is_believed_by_default() -> None:
    assert read(PASS, OWN, trusted=[]) is None


def test_fields_of_other_names_are_not_read() -> None:
    for name in ("ARC-Authentication-Results", "Authentication-Results-Original", "X-Authentication-Results"):
        assert read(f"{name}: mx.example.com; dmarc=pass header.from=sender.example", OWN) is None


@pytest.mark.parametrize(
    ("fields", "dmarc"),
    [
        ([FAIL, OWN, PASS], "fail"),  # the topmost block decides
        ([OWN, FAIL, PASS], "fail"),  # and in it the topmost field
        ([FAIL, OWN, RELAY, PASS], "fail"),
        ([OWN, PASS], "pass"),  # below the hop's own Received, as Postfix's milters put it
        (["Received: from localhost (localhost [127.0.0.1]) by mx.example.com (Postfix)",
          "Received: from mx.example.com ([127.0.0.1]) by localhost (amavisd-new)", PASS, OWN], "pass"),
        (["Delivered-To: x@help.example.com", "Received: by 2002:a05:6402:1234:b0:1 with SMTP id x; Wed", OWN, PASS], "pass"),
        (["Received: by mail-2.internal.example.com; Wed, 25 Nov 2026 10:00:00 +0000", PASS, OWN], "pass"),
        ([OWN, RELAY, PASS], None),  # it came in with the message
        ([RELAY, PASS], None),
        (["Received: from a by mx.example.com.attacker.example with SMTP", PASS], None),
        (["Received: from a (by mx.example.com) by relay.attacker.example", PASS], None),
        (["Authentication-Results: other.example; dmarc=pass", FAIL, OWN], "fail"),
    ],
)  # fmt: skip
def test_where_the_field_stands(fields: list[str], dmarc: str | None) -> None:
    found = read(*fields)
    assert (found and found["dmarc"]) == dmarc


def test_a_result_about_another_author_is_not_taken() -> None:
    found = read("Authentication-Results: mx.example.com; spf=pass; dmarc=pass header.from=other.example", OWN)
    assert found is not None
    assert (found["dmarc"], found["aligned"]) == (None, False)


@pytest.mark.parametrize(
    ("login", "proven"),
    [("jo@sender.example", True), ("JO@sender.example", True), ("ann@sender.example", False), ("jo", False)],
)
def test_a_login_at_the_mta_proves_that_address_alone(login: str, proven: bool) -> None:
    found = read(
        f"Authentication-Results: mx.example.com; auth=pass smtp.auth={login} smtp.mailfrom=jo@sender.example", OWN
    )
    assert found is not None
    assert found["aligned"] == proven


MICROSOFT = (
    "Authentication-Results: spf=pass (sender IP is 203.0.114.5)\r\n smtp.mailfrom=sender.example; dkim=none (message"
    " not\r\n signed) header.d=none;dmarc={} header.from=sender.example;compauth=pass reason=100"
)
M365_HOP = "Received: from x ([203.0.114.5]) by AM0EUR05FT001.mail.protection.outlook.com ([10.0.0.1]) with SMTP"


@pytest.mark.parametrize(
    ("words", "dmarc", "policy", "aligned"),
    [
        ("pass action=none", "pass", None, True),
        ("bestguesspass action=none", "none", None, True),
        ("fail action=none", "fail", "none", True),
        ("fail action=oreject", "fail", None, True),
        ("permerror action=none", "permerror", None, True),
    ],
)
def test_microsoft_365(words: str, dmarc: str, policy: str | None, aligned: bool) -> None:
    found = read(M365_HOP, MICROSOFT.format(words), trusted=[""])
    assert found is not None
    assert (found["dmarc"], found["policy"], found["aligned"], found["by"]) == (dmarc, policy, aligned, "Microsoft 365")
    assert read(M365_HOP, MICROSOFT.format(words)) is None, "not without its name in the configuration"
    assert read(M365_HOP, RELAY, MICROSOFT.format(words), trusted=[""]) is None


@pytest.mark.parametrize(
    ("results", "failed", "proven"),
    [
        (None, False, False),
        ({"dmarc": "fail", "policy": "reject", "aligned": False}, True, False),
        ({"dmarc": "fail", "policy": "none", "aligned": False}, False, False),
        ({"dmarc": "fail", "policy": None, "aligned": True}, True, False),
        ({"dmarc": "fail"}, True, False),
        ({"dmarc": "pass"}, False, True),
        ({"dmarc": "none", "aligned": True}, False, True),
        ({"dmarc": "temperror", "aligned": False}, False, False),
    ],
)
def test_what_follows(results: dict[str, Any] | None, failed: bool, proven: bool) -> None:
    findings: dict[str, object] = {} if results is None else {"authentication": results}
    assert (dmarc_failed(findings), is_authenticated(findings)) == (failed, proven)


@given(st.text(alphabet='mx.example.com;=()"\\/ \tdmarc=pass\x00é', max_size=300))
def test_anything_may_stand_in_the_field(text: str) -> None:
    read("Authentication-Results: mx.example.com; " + text, "Received: " + text, author=text)


def test_a_long_field_takes_linear_time() -> None:
    for letter in ("(", "\\", '"', " ", "=", "a"):
        read("Authentication-Results: mx.example.com; dkim=" + letter * 8000, *[f"Received: {letter * 8000}"] * 30)
