"""The fields of RFC 3464, and what real reports make of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail.bounce_address import field_address, find_addresses
from mailgate.mail.bounce_dsn import MAX_RECIPIENTS, find_status, has_fields, read_outcomes, read_outcomes_of_text

TWO = b"""Reporting-MTA: dns; mx.example
Arrival-Date: Tue, 14 May 2024 09:12:31 +0200

Final-Recipient: rfc822; berta@Customer.Example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <berta@customer.example>: Recipient address
    rejected: User unknown

Original-Recipient: rfc822;office@customer.example
Final-Recipient: rfc822;carl@customer.example
Action: delayed
Status: 4.2.2
"""


def test_two_recipients() -> None:
    berta, carl = read_outcomes(TWO)
    assert (berta.final, berta.original, berta.action, berta.status) == (
        "berta@customer.example",
        None,
        "failed",
        "5.1.1",
    )
    assert berta.diagnostic == "550 5.1.1 <berta@customer.example>: Recipient address rejected: User unknown"
    assert (carl.original, carl.action, carl.status) == ("office@customer.example", "delayed", "4.2.2")


def test_blank_lines_between_recipients_may_be_missing_and_those_between_fields_too_many() -> None:
    assert [(o.final, o.action) for o in read_outcomes(TWO.replace(b"\n\n", b"\n"))] == [
        ("berta@customer.example", "failed"),
        ("carl@customer.example", "delayed"),
    ]
    spread = b"Final-Recipient: rfc822; a@b.example\n\nAction: failed\n\nStatus: 5.1.1\n"
    assert [(o.final, o.action, o.status) for o in read_outcomes(spread)] == [("a@b.example", "failed", "5.1.1")]


def test_line_ends_of_the_wire() -> None:
    assert len(read_outcomes(TWO.replace(b"\n", b"\r\n"))) == 2


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("rfc822; berta@customer.example", "berta@customer.example"),
        ("RFC822;<berta@customer.example>", "berta@customer.example"),
        ("<berta@customer.example>", "berta@customer.example"),
        ("berta@customer.example", "berta@customer.example"),
        ("rfc822;'berta@customer.example'", "berta@customer.example"),
        ("utf-8; jürgen@müller.example", "jürgen@müller.example"),
        ("utf-8; j\\x{FC}rgen@customer.example", "jürgen@customer.example"),
        ("utf-8; 收件@例子.example", "收件@例子.example"),
        ("rfc822; @relay.example:berta@customer.example", "berta@customer.example"),
        ("rfc822; berta+40customer.example", "berta@customer.example"),
        ("rfc822; first.last+tag@customer.example", "first.last+tag@customer.example"),
        ('rfc822; "first last"@customer.example', '"first last"@customer.example'),
        ("x-local; berta", None),
        ("X400; /c=us/o=customer", None),
        ("", None),
    ],
)
def test_address_of_a_field(value: str, address: str | None) -> None:
    assert field_address(value) == address


@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        ("failed (bad destination)", "5.1.1", "failed"),
        ("Failure", "", "failed"),
        ("", "5.1.1", "failed"),
        ("", "4.4.1", "delayed"),
        ("", "2.0.0", "delivered"),
        ("expanded (to multi-recipient alias)", "2.0.0", "expanded"),
        ("nonsense", "", "failed"),
    ],
)
def test_actions(action: str, status: str, expected: str) -> None:
    data = f"Final-Recipient: rfc822; a@b.example\nAction: {action}\nStatus: {status}\n"
    assert [outcome.action for outcome in read_outcomes(data.encode())] == [expected]


@pytest.mark.parametrize(
    ("text", "status"),
    [("5.1.1", "5.1.1"), ("5.01.010 (x)", "5.1.10"), ("550", None), ("10.5.1.1", None), ("5.1.1.2", None)],
)
def test_status(text: str, status: str | None) -> None:
    assert find_status(text) == status


def test_fields_among_other_text() -> None:
    text = "Sorry.\n\n Final-Recipient: rfc822; a@b.example\n Action: failed\n Status: 5.1.1\n\nRegards\n"
    assert has_fields(text)
    assert [(o.final, o.status) for o in read_outcomes_of_text(text)] == [("a@b.example", "5.1.1")]


def test_recipients_are_bounded() -> None:
    data = b"Final-Recipient: rfc822; a@b.example\nAction: failed\n" * 3000
    assert len(read_outcomes(data)) <= MAX_RECIPIENTS + 1


@given(st.binary(max_size=3000) | st.text(alphabet="FinalRecpt-:; @.\n\t5x{}\\+", max_size=3000).map(str.encode))
def test_never_raises(data: bytes) -> None:
    for outcome in read_outcomes(data):
        assert outcome.action in {"failed", "delayed", "delivered", "relayed", "expanded"}


@given(st.text(alphabet="ab@.<>\"'()[];: \nİü宛", max_size=300))
def test_found_addresses_stand_where_they_are_said_to(text: str) -> None:
    for address, start, end in find_addresses(text):
        assert "@" in text[start:end]
        assert address.count("@") >= 1
