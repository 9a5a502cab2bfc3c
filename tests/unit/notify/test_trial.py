"""The mail of `mailgate mail test`."""

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.errors import PermanentError
from mailgate.mail import tokens
from mailgate.notify.trial import trial_letter
from mailgate.store import keys
from tests.support.letters import PostRoom


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PostRoom]:
    made = PostRoom(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("language", "subject"), [("en", "Test mail from mailgate"), ("tr", "mailgate deneme postası")]
)
def test_a_test_mail_looks_like_the_others(room: PostRoom, language: str, subject: str) -> None:
    room.set("general", language=language)
    letter = trial_letter(room.store, room.config, "root@örnek.com")
    message = email.message_from_bytes(letter.raw, policy=email.policy.default)
    assert message["Subject"] == subject
    assert message["From"] == "Acme Support <support@help.example.com>"
    assert message["To"] == "root@xn--rnek-4qa.com"
    assert message["Auto-Submitted"] == "auto-generated"
    assert letter.recipients == ["root@xn--rnek-4qa.com"]
    assert letter.sender == "support@help.example.com"
    assert tokens.is_own_message_id(letter.message_id, keys.signing_keys(room.store))


def test_no_address_no_mail(room: PostRoom) -> None:
    with pytest.raises(PermanentError, match="no mail address"):
        trial_letter(room.store, room.config, "nobody\r\nBcc: x@example.com")
