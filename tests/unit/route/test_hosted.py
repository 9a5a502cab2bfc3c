"""Hosted addresses (inbound.md section 2, RFC 5233)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.config.schema import Mailbox
from mailgate.route.hosted import HostedAddresses

HOSTED = HostedAddresses([Mailbox(address="support@help.example.com"), Mailbox(address="info@bücher.example")])


@pytest.mark.parametrize(
    ("recipient", "category", "word"),
    [
        ("support@help.example.com", None, None),
        ("Support+1234@Help.Example.Com", 1234, None),
        ("support+billing@help.example.com", None, "billing"),
        ("support+billing+12@help.example.com", 12, "billing"),
        ("support+12+billing@help.example.com", 12, "billing"),
        ("support+@help.example.com", None, None),
        ("support++7@help.example.com", 7, None),
        ('"support+7"@help.example.com', 7, None),
        ("support+1234567890123456@help.example.com", None, "1234567890123456"),
        ("support+٣@help.example.com", None, "٣"),
    ],
)
def test_details_are_read(recipient: str, category: int | None, word: str | None) -> None:
    match = HOSTED.match(recipient)
    assert match is not None
    assert (match.category_id, match.word) == (category, word)


@pytest.mark.parametrize(
    "recipient",
    ["", "@", "support", "support@", "other@help.example.com", "support@example.com", "xsupport+1@help.example.com",
     "support@help.example.com@evil.org", "support%evil.org@help.example.com", "support@help.example.com.evil.org"],
)  # fmt: skip
def test_what_is_not_hosted_is_refused(recipient: str) -> None:
    assert HOSTED.match(recipient) is None


@pytest.mark.parametrize("recipient", ["info@bücher.example", "INFO@BÜCHER.example", "info+5@xn--bcher-kva.example"])
def test_both_spellings_of_a_domain_are_one(recipient: str) -> None:
    assert HOSTED.match(recipient) is not None


@pytest.mark.parametrize("recipient", ["postmaster", "Postmaster@help.example.com", "postmaster+x@help.example.com"])
def test_postmaster_is_always_there(recipient: str) -> None:
    match = HOSTED.match(recipient)
    assert match is not None
    assert match.mailbox.address == "support@help.example.com"


def test_a_signed_reply_address_is_read_apart() -> None:
    match = HOSTED.match("support+t12.abcdefgh234567ab@help.example.com")
    assert match is not None
    assert (match.reply_ticket, match.reply_signature, match.word) == (12, "abcdefgh234567ab", None)


@given(st.text(max_size=80))
def test_anything_is_answered(text: str) -> None:
    match = HOSTED.match(text)
    assert match is None or match.mailbox.address.rpartition("@")[2] in {"help.example.com", "bücher.example"}
