"""What a text claims of itself, and what only people write."""

from __future__ import annotations

import pytest

from mailgate.mail.autoreply import find_automatic
from mailgate.mail.autoreply_claims import asks, challenges, claims_reply, is_urgent_note, wants, without_quotations
from mailgate.mail.autoreply_phrases import said_away
from mailgate.mail.bounce_voice import is_null
from mailgate.mail.fold import squeeze
from mailgate.mail.parse import parse


@pytest.mark.parametrize(
    "text", ["This is an automated response.", "Bu otomatik bir yanıttır.", "Dies ist eine automatische Antwort."]
)
def test_a_reply_that_names_itself_one(text: str) -> None:
    assert claims_reply(squeeze(text))


def test_an_automatic_message_is_no_reply() -> None:
    assert not claims_reply(squeeze("This is an automatically generated message. Your order has been shipped."))


def test_what_stands_in_quotation_marks_is_somebody_elses() -> None:
    text = squeeze('Please use this text: "Thank you. I am out of the office until Monday." Thanks')
    assert "office" not in without_quotations(text)


def test_quotation_marks_may_be_apostrophes() -> None:
    text = squeeze("Our responder says 'I'm out of the office until Monday.' to everybody. Don't let it.")
    assert "office" not in without_quotations(text)
    assert "let it" in without_quotations(text)


def test_a_challenge_says_more_than_the_name_of_the_thing() -> None:
    assert not challenges(squeeze("Please turn off sender verification."))
    assert challenges(squeeze("This is a one-time confirmation: click to release your message for delivery."))


@pytest.mark.parametrize("text", ["l'exécution est finie", "Carbon leaves the reactor", "Den er tilbagevendende"])
def test_a_sentence_counts_only_where_it_begins_with_a_word(text: str) -> None:
    assert not said_away(squeeze(text))


def test_what_a_person_typed_lost_its_reverse_path_on_the_way() -> None:
    head = b"Return-Path: <>\r\nFrom: Lee <lee@example.org>\r\nSubject: Vacation\r\n"
    assert is_null(parse(head + b"User-Agent: Mozilla Thunderbird\r\n\r\nHi\r\n"), "") is None
    assert is_null(parse(head + b"\r\nHi\r\n"), "") is True
    assert is_null(parse(head.replace(b"lee@", b"mailer-daemon@") + b"X-Mailer: Eudora\r\n\r\nHi\r\n"), "") is True


def test_urgent_cases_are_named_and_not_only_urgency() -> None:
    assert is_urgent_note(squeeze("In urgent cases call Lee."))
    assert not is_urgent_note(squeeze("It's urgent! Call me."))


def test_people_ask_and_want() -> None:
    assert asks(squeeze("Can it wait until Monday?"))
    assert wants(squeeze("Please disable the account"))
    assert not wants(squeeze("Please contact Lee"))


def _kind(author: str, subject: str, text: str, field: str = "") -> str | None:
    raw = f"From: {author}\r\nTo: s@help.example\r\nSubject: {subject}\r\n{field}\r\n{text}\r\n"
    found = find_automatic(parse(raw.encode()), "x@customer.example")
    return found.kind if found else None


def test_a_machine_tells_that_somebody_left() -> None:
    text = "Carl no longer works here. Please contact sales@customer.example."
    field = "Auto-Submitted: auto-generated\r\n"
    assert _kind("Carl <carl@customer.example>", "Carl no longer works here", text, field) == "auto_reply"


def test_a_colleague_tells_that_somebody_left() -> None:
    text = "Lee has left the company. Please disable the account."
    assert _kind("Ida <ida@customer.example>", "Lee has left the company", text) is None


def test_the_absent_author_names_himself() -> None:
    text = "I am out of the office until 6 March."
    assert _kind("Ida Holm <ida@customer.example>", "Ida Holm is out of office", text) == "auto_reply"
    assert _kind("Lee <lee@customer.example>", "Ida Holm is out of office", text) is None
