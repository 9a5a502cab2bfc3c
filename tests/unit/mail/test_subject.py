"""What a subject says: prefixes of many languages, ticket numbers, commands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail.subject import (
    is_forward,
    is_reply,
    read_commands,
    strip_prefixes,
    strip_ticket_number,
    ticket_numbers,
)

FORWARDS = [
    "Fwd: Printer",
    "FW: Printer",
    "Fw: Printer",
    "fwd:Printer",
    "İlt: Printer",
    "ilt: Printer",
    "İLT: Printer",
    "WG: Printer",
    "TR: Printer",
    "Tr : Printer",
    "TR\u00a0: Printer",
    "RV: Printer",
    "ENC: Printer",
    "I: Printer",
    "Doorst: Printer",
    "PD: Printer",
    "Továbbítás: Printer",
    "VB: Printer",
    "VS: Printer",
    "VL: Printer",
    "ΠΡΘ: Printer",
    "πρθ: Printer",
    "Edasi: Printer",
    "转发: Printer",
    "转发：Printer",
    "轉寄: Printer",
    "転送: Printer",
    "전달: Printer",
    "[Fwd: Printer]",
    "Printer (fwd)",
    "[EXTERNAL] Fwd: Printer",
    "Fwd: Re: Printer",
    "Fwd[2]: Printer",
    "  Fwd:  Printer",
]
REPLIES = [
    "Re: Printer",
    "RE: Printer",
    "AW: Printer",
    "Antw: Printer",
    "Ynt: Printer",
    "YNT: Printer",
    "Yanıt: Printer",
    "SV: Printer",
    "R: Printer",
    "RIF: Printer",
    "Odp: Printer",
    "ΑΠ: Printer",
    "回复: Printer",
    "回复：Printer",
    "답장: Printer",
    "Vá: Printer",
    "Re[2]: Printer",
    "Re(3): Printer",
    "Re^2: Printer",
    "Re: Fwd: Printer",
    "[EXT] Re: Printer",
]
PLAIN = [
    "Printer",
    "",
    "Forward planning",
    "i: the letter",
    "Invoice: 12",
    "12:30 meeting",
    "Reply wanted",
    "[tag] Printer",
]


@pytest.mark.parametrize("subject", FORWARDS)
def test_forward_prefixes(subject: str) -> None:
    assert is_forward(subject)
    assert not is_reply(subject)


@pytest.mark.parametrize("subject", REPLIES)
def test_reply_prefixes(subject: str) -> None:
    assert is_reply(subject)
    assert not is_forward(subject)


@pytest.mark.parametrize("subject", PLAIN)
def test_subjects_without_a_prefix(subject: str) -> None:
    assert not is_forward(subject)
    assert not is_reply(subject)
    assert strip_prefixes(subject) == subject


@pytest.mark.parametrize("subject", FORWARDS + REPLIES)
def test_prefixes_leave(subject: str) -> None:
    assert strip_prefixes(subject).removeprefix("[EXTERNAL] ").removeprefix("[EXT] ") == "Printer"


def test_a_chain_of_prefixes_leaves_and_tags_stay() -> None:
    assert strip_prefixes("AW: WG: Re: [lab] Fwd: İlt: Printer: jammed") == "[lab] Printer: jammed"
    assert strip_prefixes("Re:\r\n Fwd: Printer") == "Printer"
    assert strip_prefixes("Re:") == ""


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        ("Re: Printer {41}", [41]),
        ("Re: Printer { 41 }", [41]),
        ("Re: Printer {#41}", [41]),
        ("Re: Printer { # 41 }", [41]),
        ("{1} and {22}", [1, 22]),
        ("{4\r\n1}", [41]),
        ("{999999999999999999}", [999999999999999999]),
        ("{1234567890123456789}", []),
        ("{0}", []),
        ("{a} {} {-1} (41) [41]", []),
        ("{٤١}", []),
    ],
)
def test_ticket_numbers(subject: str, numbers: list[int]) -> None:
    assert ticket_numbers(subject) == numbers


def test_the_ticket_number_leaves() -> None:
    assert strip_ticket_number("Re: {12} Printer { #41 } jammed") == "Re: Printer jammed"


@pytest.mark.parametrize(
    ("subject", "cleaned", "commands"),
    [
        ("#close# Re: Printer {41}", "Re: Printer {41}", ("close",)),
        ("Re: Printer #TECH# {41}", "Re: Printer {41}", ("tech",)),
        ("Re: Printer {41} #tech# #close#", "Re: Printer {41}", ("tech", "close")),
        ("Re: Printer#tech#close#{41}", "Re: Printer {41}", ("tech", "close")),
        ("Tags #tech #close vanish", "Tags #tech #close vanish", ()),  # hashtags of people
        ("Please #close #41", "Please #close #41", ()),
        ("#unsubscribe#", "", ("unsubscribe",)),
        ("#unsub#", "", ("unsubscribe",)),
        ("#UNSUBSCRİBE# x", "x", ("unsubscribe",)),
        ("#unsubscrıbe# x", "x", ("unsubscribe",)),
        ("#unsub# #unsubscribe#", "", ("unsubscribe",)),
        ("# close # done", "done", ("close",)),
        ("#clo\r\nse# done", "done", ("close",)),
        ("#closed# issue", "#closed# issue", ()),
        ("issue #12 #close", "issue #12 #close", ()),
        ("close# it", "close# it", ()),
    ],
)
def test_commands(subject: str, cleaned: str, commands: tuple[str, ...]) -> None:
    assert read_commands(subject) == (cleaned, commands)


@given(
    st.text(alphabet=st.sampled_from("Re:FwdİltI #close{}[]()41 \r\n：\u00a0\u200b#tech#"), max_size=200) | st.text()
)
def test_any_subject_can_be_read(subject: str) -> None:
    stripped = strip_prefixes(subject)
    assert stripped == " ".join(stripped.split())
    assert all(0 < number < 10**18 for number in ticket_numbers(subject))
    cleaned, commands = read_commands(subject)
    assert set(commands) <= {"tech", "close", "unsubscribe"}
    assert len(cleaned) <= len(subject)
    assert not (is_forward(subject) and is_reply(subject))


@given(st.text(max_size=40))
def test_stripping_twice_changes_nothing(subject: str) -> None:
    once = strip_prefixes(f"Re: Fwd: {subject}")
    assert strip_prefixes(once) == once
