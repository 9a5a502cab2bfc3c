"""A filter's refusal is a bounce though it comes as a receipt; every other receipt stays one."""

from __future__ import annotations

import pytest

from mailgate.mail.autoreply import find_automatic
from mailgate.mail.bounce import read_bounce
from mailgate.mail.message import Address, Header, HeaderField, ParsedMessage, Report

REFUSED = "Your message was automatically rejected by Sieve, a mail\nfiltering language.\n\nI moved.\n"


def notification(disposition: str, text: str, submitted: str = "") -> ParsedMessage:
    status = f"Reporting-UA: mx.example\nFinal-Recipient: rfc822; berta@customer.example\nDisposition: {disposition}\n"
    fields = [HeaderField("Auto-Submitted", submitted.encode())] if submitted else []
    return ParsedMessage(
        header=Header(fields),
        from_=[Address("", "berta@customer.example")],
        to=[Address("", "support@example.org")],
        subject="Automatically rejected mail" if text == REFUSED else "Not read: Your question",
        text=text,
        report=Report("disposition-notification", status.encode(), b"Message-ID: <t-12@example.org>\n\n"),
    )


def test_a_refusal_names_who_refused() -> None:
    bounce = read_bounce(notification("automatic-action/MDN-sent-automatically; deleted", REFUSED), None)
    assert bounce is not None
    assert (bounce.recipients, bounce.action) == (("berta@customer.example",), "failed")
    assert bounce.original_message_id == "<t-12@example.org>"


def test_the_mark_of_rfc_5429_is_enough() -> None:
    sent = notification("automatic-action/MDN-sent-automatically;deleted", "Bitte nicht.", "auto-replied (rejected)")
    assert read_bounce(sent, None) is not None


@pytest.mark.parametrize(
    ("disposition", "text"),
    [
        ("manual-action/MDN-sent-manually; displayed", "Your message was displayed."),
        ("manual-action/MDN-sent-automatically; deleted", "Your message was deleted without being read."),
        ("automatic-action/MDN-sent-automatically; deleted", "Your message was deleted without being read."),
        ("automatic-action/MDN-sent-automatically; processed", REFUSED),
    ],
)
def test_receipts_stay_receipts(disposition: str, text: str) -> None:
    sent = notification(disposition, text)
    assert read_bounce(sent, None) is None
    found = find_automatic(sent, None)
    assert found is not None
    assert found.kind == "receipt"
