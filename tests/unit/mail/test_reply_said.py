"""What a person wrote is not taken for what a mail program puts above a quotation."""

from __future__ import annotations

import pytest

from mailgate.mail.reply import split_reply
from mailgate.mail.reply_said import is_said

SAID = (
    "On 3 March 2025 I wrote:",
    "Am 03.03.2025 habe ich Ihnen geschrieben:",
    "Le 3 mars 2025 je vous ai écrit :",
    "On 3 March 2025 at 14:15 our system has written:",
    "Op 3 maart 2025 heb ik u geschreven:",
    "El 03/03/2025 a las 14:15 el servidor escribió:",
    "3 Mart 2025'te müdürümüz şöyle yazdı:",
    "03.03.2025 сервер написал:",
    "3 Mart 2025 10:15 tarihinde sistem günlüğe yazdı:",
    "3 marca o 10:15 system napisał:",
    "Am 03.03.2025 um 14:15 schrieb der Server diese Zeile ins Protokoll:",
    "2025年3月3日我写道：",
)
WRITTEN_BY_PROGRAMS = (
    "On Mar 3, 2025, at 2:15 PM, the-desk wrote:",
    "Le 03/03/2025 à 14:15, La Poste a écrit :",
    "Am 03.03.25 um 14:15 schrieb Jan von der Heide:",
    "Op 3 mrt 2025, om 14:15 heeft Jan de Vries het volgende geschreven:",
    "El 3/3/25 a las 14:15, María de la Cruz escribió:",
    "Em segunda-feira, 3 de março de 2025, Help Desk escreveu:",
    "3 Mart 2025 Pazartesi 14:15:33 GMT+3 tarihinde, Ali Can şunları yazdı:",
    "I meddelelse 03-03-2025 14:15 skriver Help Desk:",
    "03.03.2025 14:15, Help Desk пишет:",
    "在 2025/3/3 14:15, Help Desk 写道:",
)


@pytest.mark.parametrize("line", SAID)
def test_a_sentence_cuts_nothing_off(line: str) -> None:
    text = f"Hello,\n\n{line}\n\nThe keyboard is broken.\n\nPlease come."
    assert split_reply(text).new == text


@pytest.mark.parametrize("line", WRITTEN_BY_PROGRAMS)
def test_an_attribution_is_no_sentence(line: str) -> None:
    assert not is_said(line)


def test_quoted_lines_or_an_address_prove_the_program() -> None:
    quoted = split_reply("Yes.\n\nOn 3 March 2025 I wrote:\n> Does it work?")
    assert quoted.new == "Yes."
    assert split_reply("Yes.\n\nOn 3 March 2025 the desk <desk@desk.example> wrote:\n\nDoes it work?").new == "Yes."


def test_quoted_lines_at_the_top_are_history_only_of_an_answer() -> None:
    text = "> Does it work?\n> Please tell us.\n\nIt does."
    assert split_reply(text).new == text
    assert split_reply(text, answers=True).new == "It does."
    single = "> Does it work?\n\nIt does."
    assert split_reply(single, answers=True).new == single


def test_quoted_lines_with_a_greeting_above_stay() -> None:
    text = "Hello,\n\n> Does it work?\n\nIt does."
    assert split_reply(text, answers=True).new == text


@pytest.mark.parametrize("opening", ["The error says:", "请看："])
def test_lines_that_a_colon_shows_stay(opening: str) -> None:
    text = f"{opening}\n\n> Compile error\n> in a hidden module"
    assert split_reply(text).new == text
    assert (
        split_reply(f"{opening}\n\n> On 3 Mar 2025, at 14:15, Tom <tom@desk.example> wrote:\n> \n> Hello").new
        == opening
    )


def test_a_name_signed_by_hand_above_the_same_signature_stays() -> None:
    html = '<div>Done.<br>Mary</div><div class="gmail_signature">Mary</div>'
    assert split_reply("Done.\nMary\n\n-- \nMary", html).new == "Done.\nMary"


def test_a_message_that_answers_none_ends_with_lines_it_shows() -> None:
    text = "The sample is below.\n\n> From: a@b.example\n> Your mailbox is full"
    assert split_reply(text, answers=False).new == text
    assert split_reply(f"Yes.\n\n{'> Does it work?'}", answers=True).new == "Yes."


def test_a_forward_whose_marker_is_quoted_is_all_new() -> None:
    forward = "> Begin forwarded message:\n> \n> From: Mary <mary@a.example>\n> Subject: Printer\n> \n> It jams."
    assert split_reply(f"Please take this one.\n\n{forward}").new == f"Please take this one.\n\n{forward}"
    answer = f"Done.\n\nOn 3 Mar 2025, at 14:15, Tom <tom@desk.example> wrote:\n\n{forward}"
    assert split_reply(answer).new == "Done."


@pytest.mark.parametrize("line", ["--", "__", "—", "_____________________________"])
def test_paragraphs_below_a_line_are_no_signature(line: str) -> None:
    text = f"The printer stopped today.\n\n{line}\n\nWe need it before Friday, please come soon.\n\nThanks\nTom"
    assert split_reply(text).new == text
    assert split_reply(f"It works.\n\n{line}\nTom Green\nACME Ltd").new == "It works."


@pytest.mark.parametrize(
    "block",
    [
        "Kimden: muhasebe\nKime: depo\nKonu: sevkiyat",
        "From: Berlin\nTo: Paris\nDate: 12.05.2025\nPassengers: 2",
        "De: Paris\nA: Lyon\nObjet: colis",
    ],
)
def test_a_form_without_an_address_is_no_history(block: str) -> None:
    text = f"Hello,\n\n{block}\n\nPlease book it."
    assert split_reply(text).new == text
