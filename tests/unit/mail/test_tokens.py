"""Signed Message-IDs and reply addresses: what is ours is read back, what is forged or foreign is not."""

import re

import pytest

from mailgate.config.schema import Mailbox
from mailgate.mail import tokens
from mailgate.route.hosted import HostedAddresses

KEY, OLD_KEY = b"k" * 32, b"o" * 32


def test_a_message_id_names_its_ticket() -> None:
    made = tokens.make_message_id(12, [KEY], "help.example.com")
    assert re.fullmatch(r"<t12\.[a-z2-7]{16}\.[a-z2-7]{26}@help\.example\.com>", made)
    assert len(made) < 78
    assert tokens.read_message_id(made, [KEY]) == 12
    assert tokens.is_own_message_id(made, [KEY])


def test_two_message_ids_differ_unless_the_hint_is_the_same() -> None:
    assert tokens.make_message_id(1, [KEY], "d.example") != tokens.make_message_id(1, [KEY], "d.example")
    again = [tokens.make_message_id(1, [KEY], "d.example", "event 7 to 3") for _ in range(2)]
    assert again[0] == again[1] != tokens.make_message_id(1, [KEY], "d.example", "event 7 to 4")
    assert again[0] != tokens.make_message_id(2, [KEY], "d.example", "event 7 to 3")


def test_an_older_key_still_verifies_and_the_newest_signs() -> None:
    made = tokens.make_message_id(5, [OLD_KEY], "d.example")
    assert tokens.read_message_id(made, [KEY, OLD_KEY]) == 5
    assert tokens.read_message_id(made, [KEY]) is None
    signed_new = tokens.make_message_id(5, [KEY, OLD_KEY], "d.example")
    assert tokens.read_message_id(signed_new, [KEY]) == 5


def test_relays_that_change_case_or_brackets_do_no_harm() -> None:
    made = tokens.make_message_id(12, [KEY], "help.example.com")
    assert tokens.read_message_id(made.upper(), [KEY]) == 12
    assert tokens.read_message_id(f"  {made[1:-1]} ", [KEY]) == 12


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<t12.", "<t13."),
        ("<t12.", "<t012."),
        ("<t12.", "<m."),
        (".", ".a"),
        ("@", "\n@"),
        ("@", "a@"),
        ("<t12", "<t-12"),
    ],
)
def test_what_was_changed_is_not_ours(old: str, new: str) -> None:
    changed = tokens.make_message_id(12, [KEY], "d.example").replace(old, new, 1)
    assert tokens.read_message_id(changed, [KEY]) is None
    assert not tokens.is_own_message_id(changed, [KEY])


@pytest.mark.parametrize("foreign", ["", "<>", "<t12@d.example>", "<t9999999999999999999.x.y@z>", "<" * 100_000, "\0"])
def test_what_is_foreign_is_not_ours(foreign: str) -> None:
    assert tokens.read_message_id(foreign, [KEY]) is None


def test_a_letter_without_ticket_is_ours_but_names_none() -> None:
    made = tokens.make_message_id(None, [KEY], "d.example")
    assert tokens.read_message_id(made, [KEY]) is None
    assert tokens.is_own_message_id(made, [KEY])
    assert not tokens.is_own_message_id(made, [OLD_KEY])


def test_a_reply_address_comes_back_through_the_hosted_addresses() -> None:
    address = tokens.reply_address("support@help.example.com", 12, [KEY])
    match = HostedAddresses([Mailbox(address="support@help.example.com")]).match(address.upper())
    assert match is not None
    assert match.reply_ticket == 12
    assert match.reply_signature is not None
    assert tokens.verify_reply_address(12, match.reply_signature, [OLD_KEY, KEY])
    assert not tokens.verify_reply_address(13, match.reply_signature, [KEY])
    assert not tokens.verify_reply_address(12, match.reply_signature, [OLD_KEY])
    assert not tokens.verify_reply_address(12, "", [KEY])
    assert not tokens.verify_reply_address(12, "ş" * 16, [KEY])


def test_a_long_local_part_keeps_the_plain_address() -> None:
    mailbox = "a" * 50 + "@help.example.com"
    assert tokens.reply_address(mailbox, 12, [KEY]) == mailbox


def test_a_signature_of_one_purpose_is_worthless_for_another() -> None:
    made = tokens.make_message_id(12, [KEY], "d.example")
    signature = made.split(".")[2].split("@")[0]
    assert not tokens.verify_reply_address(12, signature[:16], [KEY])
