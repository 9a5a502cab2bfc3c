"""Who speaks decides; the words alone never do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.mail.bounce import read_bounce
from mailgate.mail.bounce_text import find_failed, find_reply_status
from mailgate.mail.message import Address, Attachment, Header, HeaderField, ParsedMessage, Report

TEXT = """Your message could not be delivered to one or more recipients.

<berta@customer.example>: host mx.customer.example said: 550 5.1.1 User unknown (in reply to RCPT TO command)
"""
SUBJECT = "Undelivered Mail Returned to Sender"
RETURNED = """
------ This is a copy of the message, including all the headers. ------

Return-Path: <support@example.org>
Message-ID: <t-12@example.org>
From: support@example.org
To: berta@customer.example
Subject: =?utf-8?q?Yaz=C4=B1c=C4=B1?=

Hello
"""


def message(
    text: str = TEXT,
    author: str = "MAILER-DAEMON@mx.example",
    subject: str = SUBJECT,
    name: str = "",
    report: Report | None = None,
    **fields: str,
) -> ParsedMessage:
    header = Header([HeaderField(key.replace("_", "-"), value.encode()) for key, value in fields.items()])
    return ParsedMessage(
        header=header,
        from_=[Address(name, author)],
        to=[Address("", "support@example.org")],
        subject=subject,
        text=text,
        report=report,
    )


def test_free_text() -> None:
    bounce = read_bounce(message(TEXT + RETURNED), None)
    assert bounce is not None
    assert bounce.recipients == ("berta@customer.example",)
    assert (bounce.status, bounce.action) == ("5.1.1", "failed")
    assert bounce.original_message_id == "<t-12@example.org>"
    assert bounce.original_subject == "Yazıcı"
    assert "550 5.1.1 User unknown" in bounce.diagnostic
    assert "\n" not in bounce.diagnostic
    assert bounce.reason


@pytest.mark.parametrize(
    ("reverse_path", "fields", "found"),
    [
        (None, {}, True),
        ("", {"Return_Path": "<>"}, True),
        ("", {}, True),
        ("x@mx.example", {}, True),
    ],
)
def test_a_mailer_daemon_is_believed_with_any_reverse_path(
    reverse_path: str | None, fields: dict[str, str], found: bool
) -> None:
    assert (read_bounce(message(**fields), reverse_path) is not None) is found


@pytest.mark.parametrize("subject", [SUBJECT, "Fwd: " + SUBJECT, "Re: " + SUBJECT, "Problem", "Undeliverable: Offer"])
@pytest.mark.parametrize("text", [TEXT, TEXT + RETURNED, "Hi, please help.\n\n" + TEXT])
def test_a_person_who_passes_a_bounce_on_is_a_person(subject: str, text: str) -> None:
    sent = message(text, "berta@customer.example", subject, "Berta", User_Agent="Mozilla Thunderbird")
    assert read_bounce(sent, "berta@customer.example") is None
    assert read_bounce(sent, "") is None


def test_a_person_called_postmaster_is_a_person() -> None:
    sent = message("The printer is out of toner.\n", "postmaster@customer.example", "Printer", "Peter")
    assert read_bounce(sent, "postmaster@customer.example") is None
    asked = message("550 5.1.1 for x@y.example, why?\n", "postmaster@customer.example", "Re: Mail", In_Reply_To="<a@b>")
    assert read_bounce(asked, "postmaster@customer.example") is None


def test_an_out_of_office_reply_with_null_reverse_path_is_none() -> None:
    away = message("I am away.\n", "berta@customer.example", "Automatic reply: Printer")
    assert read_bounce(away, None) is None


def test_quoted_bounces_do_not_count() -> None:
    quoted = "Thanks, it works again.\n\n" + "".join(f"> {line}\n" for line in TEXT.splitlines())
    assert read_bounce(message(quoted, "berta@customer.example", "Printer"), None) is None


@pytest.mark.parametrize("kind", ["feedback-report", "disposition-notification"])
def test_other_reports_are_no_bounces(kind: str) -> None:
    status = b"Final-Recipient: rfc822; a@b.example\nAction: failed\n"
    assert read_bounce(message(report=Report(kind, status)), None) is None


def test_original_recipient_is_the_one_we_wrote_to_unless_the_returned_message_says_otherwise() -> None:
    status = (
        b"Final-Recipient: rfc822; inner@customer.example\n"
        b"Original-Recipient: rfc822; berta@customer.example\nAction: failed\nStatus: 5.1.1\n"
    )
    report = Report("delivery-status", status, b"To: someone@else.example\n\n")
    bounce = read_bounce(message(report=report), None)
    assert bounce is not None
    assert bounce.recipients == ("berta@customer.example",)
    report = Report("delivery-status", status, b"To: inner@customer.example\n\n")
    bounce = read_bounce(message(report=report), None)
    assert bounce is not None
    assert bounce.recipients == ("inner@customer.example",)


def test_only_the_failed_recipients_of_a_mixed_report() -> None:
    status = b"".join(
        b"Final-Recipient: rfc822; %s@b.example\nAction: %s\nStatus: %s\n\n" % (name, action, code)
        for name, action, code in (
            (b"a", b"delivered", b"2.0.0"),
            (b"b", b"delayed", b"4.4.1"),
            (b"c", b"failed", b"5.2.2"),
        )
    )
    bounce = read_bounce(message(report=Report("delivery-status", status)), None)
    assert bounce is not None
    assert (bounce.recipients, bounce.status, bounce.action) == (("c@b.example",), "5.2.2", "failed")


@pytest.mark.parametrize("action", [b"delivered", b"relayed", b"expanded"])
def test_success_is_no_bounce(action: bytes) -> None:
    status = b"Final-Recipient: rfc822; a@b.example\nAction: " + action + b"\nStatus: 2.0.0\n"
    assert read_bounce(message("Delivered.", report=Report("delivery-status", status)), None) is None


def test_failed_recipients_field() -> None:
    bounce = read_bounce(message("Sorry.", X_Failed_Recipients="a@b.example, C@D.example, A@b.example"), None)
    assert bounce is not None
    assert bounce.recipients == ("a@b.example", "C@d.example")


def test_fields_in_an_attached_text() -> None:
    sent = message("See the attached file.\n")
    sent.attachments.append(
        Attachment(
            "details.txt", "text/plain", b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n"
        )
    )
    bounce = read_bounce(sent, None)
    assert bounce is not None
    assert (bounce.recipients, bounce.status) == (("a@b.example",), "5.1.1")


@pytest.mark.parametrize(
    "words",
    [
        "No action is required on your part. Delivery attempts will continue for some time.",
        "THIS IS A WARNING MESSAGE ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.",
        "The mail system will keep trying for 3 more days.",
        "Sunucu iletiyi teslim etmek için denemeye devam edecek, teslimat gecikti.",
    ],
)
def test_warnings_are_delays(words: str) -> None:
    bounce = read_bounce(message(f"{words}\n\n<berta@customer.example>: connection timed out\n"), None)
    assert bounce is not None
    assert bounce.action == "delayed"
    assert bounce.status is None or bounce.status.startswith("4")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("550 5.7.1 rejected", "5.7.1"),
        ("#5.1.1", "5.1.1"),
        ("said: 550 no", "5.0.0"),
        ("450 try again", "4.0.0"),
        ("550 User unknown", "5.1.1"),
        ("mailbox is full", "5.2.2"),
        ("552 message rejected", "5.2.2"),
        ("Posta kutusu dolu", "5.2.2"),
        ("Exim 4.94.2 says hello", None),
        ("host 10.5.1.1 says hello", None),
        ("Sorry.", None),
    ],
)
def test_status_of_free_text(text: str, status: str | None) -> None:
    assert find_reply_status("", text) == status


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("<berta@customer.example>: unknown", True),
        ("  berta@customer.example", True),
        ("550 <berta@customer.example>... User unknown", True),
        (">>> RCPT TO:<berta@customer.example>", True),
        ("Alıcı: berta@customer.example", True),
        ("收件人：berta@customer.example", True),
        ("宛先：berta@customer.example", True),
        ("Your message to berta@customer.example couldn't be delivered.", True),
        ("berta@customer.example on 1/2/2003 3:04 PM", True),
        ("From: berta@customer.example", False),
        ("For help, contact berta@customer.example", False),
        ("MAIL FROM:<berta@customer.example>", False),
    ],
)
def test_addresses_by_what_stands_beside_them(line: str, found: bool) -> None:
    assert [seen.address for seen in find_failed(line, (), ())] == (["berta@customer.example"] if found else [])


def test_our_own_address_only_where_no_other_is() -> None:
    text = "<support@example.org>: fine\n<berta@customer.example>: unknown\n"
    assert [seen.address for seen in find_failed(text, ("Support@example.org",), ())] == ["berta@customer.example"]
    alone = find_failed("<support@example.org>: loops back to myself\n", ("support@example.org",), ())
    assert [seen.address for seen in alone] == ["support@example.org"]


def test_recipients_are_bounded() -> None:
    text = "Could not be delivered:\n" + "".join(f"<u{n}@customer.example>: unknown\n" for n in range(2000))
    bounce = read_bounce(message(text), None)
    assert bounce is not None
    assert 100 <= len(bounce.recipients) <= 1000


WORDS = st.sampled_from(
    [
        "<a@b.example>",
        ":",
        "\n",
        " ",
        "550 5.1.1",
        "rcpt to:",
        "Received: from x",
        "original message",
        "could not be delivered",
        "Final-Recipient: rfc822; ",
        "Action: failed",
        "> ",
        "Message-ID: <x@y>",
        "To: ",
        "İ",
        "\u0301",
        "@",
        "...",
        "宛先：",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    text=st.lists(WORDS | st.text(max_size=5), max_size=80).map("".join),
    subject=st.sampled_from([SUBJECT, "Re: x", ""]) | st.text(max_size=60),
    author=st.sampled_from(["MAILER-DAEMON@x.example", "postmaster@x.example", "berta@customer.example", "@", ""]),
    status=st.none()
    | st.binary(max_size=200)
    | st.lists(WORDS, max_size=30).map(lambda words: "".join(words).encode()),
    reverse_path=st.none() | st.sampled_from(["", "a@b.example"]),
)
def test_never_raises(text: str, subject: str, author: str, status: bytes | None, reverse_path: str | None) -> None:
    report = None if status is None else Report("delivery-status", status, status)
    bounce = read_bounce(message(text, author, subject, report=report), reverse_path)
    if bounce is not None:
        assert bounce.action in {"failed", "delayed"}
        assert all("@" in address for address in bounce.recipients)
        assert len({address.casefold() for address in bounce.recipients}) == len(bounce.recipients)


@pytest.mark.parametrize(
    ("report", "fields"),
    [
        (
            Report(
                "delivery-status",
                b"X-Original-Message-ID: <t-12@example.org>\n\nFinal-Recipient: rfc822; a@b.example\n",
            ),
            {},
        ),
        (None, {"In_Reply_To": "<t-12@example.org>"}),
        (None, {}),
    ],
)
def test_which_message_came_back_is_found_without_a_copy_of_it(report: Report | None, fields: dict[str, str]) -> None:
    text = TEXT if report or fields else TEXT + "\nThe message identifier was: <t-12@example.org>\n"
    sent = message(text, report=report, **fields)
    sent.in_reply_to = list(fields.values())
    bounce = read_bounce(sent, None)
    assert bounce is not None
    assert bounce.original_message_id == "<t-12@example.org>"


def test_the_new_address_of_somebody_who_moved_has_not_failed() -> None:
    text = "Could not be delivered: the address berta@old.example is no longer in use.\nPlease use berta@new.example.\n"
    bounce = read_bounce(message(text), None)
    assert bounce is not None
    assert bounce.recipients == ("berta@old.example",)


def test_a_local_name_in_the_report_means_the_one_recipient_of_the_returned_message() -> None:
    status = b"Final-Recipient: rfc822; berta@localhost\nAction: failed\nStatus: 5.1.1\n"
    bounce = read_bounce(
        message("Sorry.", report=Report("delivery-status", status, b"To: berta@customer.example\n\n")), None
    )
    assert bounce is not None
    assert bounce.recipients == ("berta@customer.example",)
    bounce = read_bounce(message("Sorry.", report=Report("delivery-status", status)), None)
    assert bounce is not None
    assert bounce.recipients == ("berta@localhost",)


@pytest.mark.parametrize("reverse_path", [None, "", "mailer-daemon@relay.example", "collector@archive.example"])
def test_the_mailer_daemon_is_believed_in_words_that_nobody_knows(reverse_path: str | None) -> None:
    bounce = read_bounce(message("Zyx qwv berta@customer.example klm.\n", subject="Zyx"), reverse_path)
    assert bounce is not None
    assert bounce.recipients == ("berta@customer.example",)


@pytest.mark.parametrize(
    ("author", "subject", "text"),
    [
        ("postmaster@isp.example", "Maintenance tonight", "Mail could be delayed. Questions: help@isp.example\n"),
        ("daemon@isp.example", "Backup", "The backup of berta@customer.example is done.\n"),
        ("mailer@shop.example", "Returned items", "We received your returned items. care@shop.example\n"),
        ("info@parcel.example", "Delivery failure", "The parcel could not be delivered. Ask help@parcel.example\n"),
        ("joe@customer.example", "Undeliverable mail", "Mail to sales@example.org is returned: 550 unknown user\n"),
    ],
)
def test_people_and_other_machines_are_not_mail_systems(author: str, subject: str, text: str) -> None:
    assert read_bounce(message(text, author, subject), author) is None


def test_a_postmaster_behind_a_strange_reverse_path_is_believed_unless_a_person_writes() -> None:
    text = "The message could not be delivered to:\n\nberta@customer.example\n"
    assert read_bounce(message(text, "postmaster@mx.example", "Undelivered mail"), "list@archive.example") is not None
    by_hand = message(text, "postmaster@mx.example", "Undelivered mail", User_Agent="Mutt/2.2")
    assert read_bounce(by_hand, "list@archive.example") is None


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("<berta@customer.example>: 550 5.1.1 no such user. No action is required.\n", "failed"),
        ("<berta@customer.example>: 451 4.3.0 greylisted. No action is required.\n", "delayed"),
        ("<berta@customer.example>: 550 for now. We will keep trying for 3 days.\n", "delayed"),
    ],
)
def test_a_permanent_reply_outweighs_mild_words_of_delay(text: str, action: str) -> None:
    bounce = read_bounce(message(text, subject="Mail status"), None)
    assert bounce is not None
    assert bounce.action == action


def test_fields_of_logs_name_who_failed() -> None:
    line = "[Status: Error, Address: <berta@customer.example>, ResponseCode 421] from=<cem@other.example>"
    assert [seen.address for seen in find_failed(line, (), ())] == ["berta@customer.example"]
