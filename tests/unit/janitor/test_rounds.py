"""The janitor: retention removes what it may, and never what something needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailgate import clock
from mailgate.janitor import Janitor
from mailgate.mail.message import Envelope
from mailgate.store import events, outbox, spool
from mailgate.store.outbox import NewLetter
from mailgate.store.spool import Incoming
from tests.support.desk import Office, mail

DAY = 86400.0


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path, '[retention]\nraw = "100d"\n')


def _blobs(office: Office) -> set[str]:
    with office.store.read() as db:
        return {row["sha256"] for row in db.all("SELECT sha256 FROM blob")}


def test_held_mail_goes_after_its_time_and_its_ledger_row_stays(office: Office) -> None:
    row = office.receive(mail(sender="noreply@x.org"))
    janitor = Janitor(office.store, office.config)
    with clock.frozen(clock.now()) as advance:
        advance(29 * DAY)
        janitor.sweep()
        assert office.row(row["id"])["outcome"] == "held"
        advance(2 * DAY)
        janitor.sweep()
    assert office.row(row["id"])["outcome"] == "deleted"
    assert row["sha256"] not in _blobs(office)
    with office.store.read() as db:
        assert spool.audit(db).balanced


def test_raw_bytes_of_tickets_go_after_theirs_and_attachments_stay(office: Office) -> None:
    attached = (
        "From: a@x.org\nMessage-ID: <att@x>\nMIME-Version: 1.0\nContent-Type: application/pdf\n"
        "Content-Disposition: attachment; filename=a.pdf\n\n%PDF\n"
    )
    row = office.receive(attached)
    kept = office.entries(1)[0].attachments[0]
    with clock.frozen(clock.now()) as advance:
        advance(99 * DAY)
        Janitor(office.store, office.config).sweep()
        assert row["sha256"] in _blobs(office)
        advance(2 * DAY)
        Janitor(office.store, office.config).sweep()
    assert row["sha256"] not in _blobs(office)
    assert kept.sha256 in _blobs(office)


def test_waiting_and_failed_messages_keep_their_bytes(office: Office) -> None:
    row = office.receive(mail())
    office.store.write(lambda tx: spool.reopen(tx, row["id"], ("new_ticket",)))
    with clock.frozen(clock.now() + 1000 * DAY):
        Janitor(office.store, office.config).sweep()
    assert row["sha256"] in _blobs(office)


@pytest.mark.parametrize("large", [False, True])
def test_orphans_go_when_they_are_a_day_old(office: Office, large: bool) -> None:
    data = b"x" * (300_000 if large else 3000)
    sha256 = office.store.write(lambda tx: office.store.blobs.put(tx, data))
    janitor = Janitor(office.store, office.config)
    janitor.sweep()
    assert sha256 in _blobs(office)
    with clock.frozen(clock.now() + 2 * DAY):
        janitor.sweep()
    assert sha256 not in _blobs(office)
    assert [path for path in office.store.blobs.folder.rglob("*") if path.is_file()] == []


def test_a_file_without_a_row_goes_too(office: Office) -> None:
    refused = office.store.blobs.write_large(b"y" * 300_000)
    with clock.frozen(clock.now() + 2 * DAY):
        Janitor(office.store, office.config)._next_files = 0.0
        janitor = Janitor(office.store, office.config)
        janitor._next_files = 0.0
        janitor.sweep()
    assert not (office.store.blobs.folder / refused.sha256[:2] / refused.sha256[2:]).exists()


def test_a_stuck_outbox_is_told_once_a_day(office: Office) -> None:
    letter = NewLetter("<l@x>", "s", "a@x.org", ["b@x.org"], b"raw", "updated", True)
    office.store.write(lambda tx: outbox.add(tx, office.store, letter))
    janitor = Janitor(office.store, office.config)
    with clock.frozen(clock.now()) as advance:
        janitor.watch_outbox()
        advance(2 * 3600)
        janitor.watch_outbox()
        janitor.watch_outbox()
    with office.store.read() as db:
        assert [event.kind for event in events.waiting(db)].count("OutboxStuck") == 1


def test_what_was_put_off_while_the_clock_was_ahead_is_due_again(office: Office) -> None:
    janitor = Janitor(office.store, office.config)
    letter = NewLetter("<m@x>", "s", "support@help.example.com", ["b@x.org"], b"raw", "updated", True)
    with clock.frozen(clock.now()) as advance:
        now = clock.now()
        advance(400 * DAY)
        waiting = office.store.spool.submit(
            Incoming(Envelope("a@x.org", ("support@help.example.com",)), "smtp", raw=mail().encode())
        ).result()
        office.store.write(lambda tx: spool.postpone(tx, waiting.message, "trouble", clock.now() + 2.0))
        office.store.write(lambda tx: outbox.add(tx, office.store, letter))
    with clock.frozen(now):
        with office.store.read() as db:
            assert spool.waiting(db, now, 10) == []
        janitor.watch_clock()
        with office.store.read() as db:
            assert [item.id for item in spool.waiting(db, now, 10)] == [waiting.message]
            assert outbox.due(db) == now
        janitor.watch_clock()


def test_ordinary_waits_are_left_alone(office: Office) -> None:
    row = office.store.spool.submit(
        Incoming(Envelope("a@x.org", ("support@help.example.com",)), "smtp", raw=mail().encode())
    ).result()
    with clock.frozen(clock.now()):
        office.store.write(lambda tx: spool.postpone(tx, row.message, "trouble", clock.now() + 3600.0))
        Janitor(office.store, office.config).watch_clock()
        with office.store.read() as db:
            assert spool.waiting(db, clock.now(), 10) == []
