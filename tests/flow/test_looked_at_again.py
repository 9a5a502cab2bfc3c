"""A message that is looked at again (`message reprocess`) neither doubles nor loses anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.intake.again import read_again
from mailgate.mail.tokens import make_message_id
from mailgate.store import events, keys, spool, suppressions
from mailgate.store.engine import Row
from tests.support.desk import Office, mail


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.close()


def _look_again(office: Office, row: Row) -> Row:
    assert office.store.write(lambda tx: spool.reopen(tx, row["id"], [row["outcome"]]))
    office.intake.run_all()
    return office.row(row["id"])


def _bounce(message_id: str) -> str:
    return (
        "From: MAILER-DAEMON@mx.example.net\nTo: support@help.example.com\nSubject: Undelivered Mail Returned to Sender\n"
        "Message-ID: <bounce@mx.example.net>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
        "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
        "Final-Recipient: rfc822; gone@example.org\nAction: failed\nStatus: 5.1.1\n\n"
        f"--B\nContent-Type: text/rfc822-headers\n\nMessage-ID: {message_id}\n\n--B--\n"
    )


def test_a_bounce_counts_once_however_often_it_is_looked_at(office: Office) -> None:
    office.receive(mail())
    letter = make_message_id(1, keys.signing_keys(office.store), "help.example.com")
    row = office.receive(_bounce(letter), sender=None)
    noted = [entry.text for entry in office.entries(1, "event")]
    for _ in range(4):
        row = _look_again(office, row)
        assert (row["outcome"], row["class"], row["ticket_id"]) == ("held", "bounce", 1)
    assert [entry.text for entry in office.entries(1, "event")] == noted
    with office.store.read() as db:
        assert not suppressions.is_suppressed(db, "gone@example.org")
        assert spool.audit(db).balanced


def test_an_automatic_reply_is_noted_once(office: Office) -> None:
    office.receive(mail())
    row = office.receive(mail("Automatic reply: {1}", auto_submitted="auto-replied"))
    assert (row["outcome"], row["class"]) == ("held", "auto_reply")
    noted = len(office.entries(1, "event"))
    assert noted == 1
    row = _look_again(office, row)
    assert (row["outcome"], row["ticket_id"]) == ("held", 1)
    assert len(office.entries(1, "event")) == noted


def test_an_unregistered_sender_is_told_once(tmp_path: Path) -> None:
    office = Office(tmp_path, "[intake]\naccept_unregistered = false\nanswer_unregistered = true\n")
    row = office.receive(mail())
    assert (row["outcome"], row["class"]) == ("held", "unregistered")
    _look_again(office, row)
    with office.store.read() as db:
        kinds = [event.kind for event in events.waiting(db)]
    assert kinds.count("UnregisteredHeld") == 1
    office.close()


@pytest.mark.parametrize("command", ["#unsubscribe#", "#close#"])
def test_the_text_of_a_command_alone_is_not_posted_afterwards(office: Office, command: str) -> None:
    office.receive(mail())
    body = "Private words." if command == "#unsubscribe#" else ""
    row = office.receive(mail(f"Re: {{1}} {command}", body))
    before = office.entries(1)
    assert before[-1].kind == "event"
    assert read_again(office.store, row["id"]) is False
    assert office.entries(1) == before
