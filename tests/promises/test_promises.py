"""Promises 2 to 5 and 8 of the operations manual, each by its name; 1, 3 and 7 under fire are in test_kill.py."""

from __future__ import annotations

import json
import os
import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mailgate import clock
from mailgate.desk import filing
from mailgate.mail.message import Envelope
from mailgate.store import Store, spool
from mailgate.store.spool import Incoming, Outcome, audit
from tests.support.desk import Office, mail


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


class TestBytesAreSacred:
    """Promise 2: what was received is kept unchanged; the rest can be made again from it."""

    @pytest.mark.parametrize("size", [0, 1, 1000, 127 * 1024, 129 * 1024, 3 * 1024**2])
    def test_raw_bytes_come_back_as_they_came(self, office: Office, size: int) -> None:
        raw = b"From: a@x.org\r\n\r\n" + random.Random(size).randbytes(size)
        row = office.receive(raw)
        with office.store.read() as db:
            assert office.store.blobs.get(db, row["sha256"]) == raw

    def test_a_message_can_be_processed_again(self, office: Office) -> None:
        row = office.receive(mail(sender="noreply@x.org"))
        assert row["outcome"] == "held"
        assert office.store.write(lambda tx: spool.reopen(tx, row["id"], ("held",)))
        office.intake.run_all()
        assert office.row(row["id"])["outcome"] == "held"
        with office.store.read() as db:
            assert audit(db).balanced


class TestOneStepOneTransaction:
    """Promise 3: a step that fails in its middle leaves nothing behind."""

    @pytest.mark.parametrize("where", ["open_ticket", "_remember", "_entry"])
    def test_a_failure_in_the_middle_leaves_no_trace(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, where: str
    ) -> None:
        real: Callable[..., object] = getattr(filing, where)

        def fail(*args: object, **kwargs: object) -> object:
            real(*args, **kwargs)
            raise RuntimeError("in the middle")

        monkeypatch.setattr(filing, where, fail)
        row = office.receive(mail())
        assert (row["outcome"], row["attempts"]) == (None, 1)
        with office.store.read() as db:
            for table in ("ticket", "entry", "event", "person", "subscriber", "thread_id", "attachment"):
                extra = 2 if table == "person" else 0  # the administrator and the technician
                assert db.value(f"SELECT COUNT(*) FROM {table}") == extra
        monkeypatch.undo()
        with clock.frozen(clock.now() + 3600):
            office.intake.run_all()
        assert office.row(row["id"])["outcome"] == "new_ticket"


class TestConservation:
    """Promise 4: one ledger row, one outcome, and `audit` proves the sum."""

    def test_every_kind_of_mail_is_counted_once(self, office: Office) -> None:
        office.receive(mail(message_id="<one@x>"))
        office.receive(mail(message_id="<two@x>"))
        office.receive(mail("Re: {1}"))
        text = mail(sender="noreply@x.org")
        held = office.receive(text)
        office.receive(mail(message_id="<late@x>"))
        office.receive(mail(message_id="<late2@x>", sender="donotreply@x.org"))
        office.store.write(lambda tx: spool.mark_deleted(tx, held["id"], "by hand"))
        again = mail(message_id="<again@x>")
        office.receive(again)
        office.receive(again)
        with office.store.read() as db:
            found = audit(db)
        assert found.balanced
        assert (found.received, found.tickets, found.replies, found.held, found.duplicates, found.deleted) == (
            8, 4, 1, 1, 1, 1,
        )  # fmt: skip

    def test_a_missing_row_is_found(self, office: Office) -> None:
        office.receive(mail())
        office.store.write(lambda tx: tx.run("DELETE FROM message"))
        with office.store.read() as db:
            assert not audit(db).balanced

    def test_two_intakes_at_once_file_each_message_once(self, office: Office) -> None:
        from mailgate.intake import Intake

        futures = [
            office.store.spool.submit(
                Incoming(Envelope("a@x.org", ("support@help.example.com",)), "smtp", raw=mail(f"n{n}").encode())
            )
            for n in range(40)
        ]
        for future in futures:
            future.result()
        others = [Store.open(office.store.folder) for _ in range(2)]
        threads = [threading.Thread(target=Intake(store, office.config).run_all) for store in (office.store, *others)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for store in others:
            store.close()
        with office.store.read() as db:
            assert db.value("SELECT COUNT(*) FROM ticket") == 40
            assert audit(db).balanced


class TestNothingBlocks:
    """Promise 5: a message that keeps failing is set aside with its traceback, the rest goes on."""

    def test_a_poisonous_message_is_set_aside_and_retried_by_hand(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = filing.open_ticket

        def fail(tx: object, new: filing.Filing) -> tuple[int, int]:
            if "poison" in new.subject:
                raise RuntimeError("cannot swallow this")
            return real(tx, new)  # type: ignore[arg-type]

        monkeypatch.setattr(filing, "open_ticket", fail)
        now = clock.now()
        with clock.frozen(now) as advance:
            poison = office.receive(mail("poison"))
            good = office.receive(mail("good"))
            assert good["outcome"] == "new_ticket"
            for _ in range(office.config.intake.max_attempts):
                advance(3600)
                office.intake.run_all()
        row = office.row(poison["id"])
        assert (row["outcome"], row["attempts"]) == ("failed", office.config.intake.max_attempts)
        assert "cannot swallow this" in row["error"]
        assert row["queue_id"] in row["reason"]
        monkeypatch.undo()
        assert office.store.write(lambda tx: spool.reopen(tx, row["id"], ("failed",)))
        office.intake.run_all()
        assert office.row(row["id"])["outcome"] == "new_ticket"

    def test_a_message_that_kills_its_reader_costs_only_itself(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from mailgate.intake.workers import ReaderPool

        futures = [
            office.store.spool.submit(
                Incoming(Envelope("a@x.org", ("support@help.example.com",)), "smtp", raw=mail(f"n{n}").encode())
            )
            for n in range(3)
        ]
        for future in futures:
            future.result()
        with office.store.read() as db:
            batch = spool.waiting(db, clock.now(), 10)
        pool = ReaderPool(office.store, 1, 30.0)
        readings = []
        for number, (item, reading) in enumerate(pool.read_all(batch)):
            readings.append((item.id, type(reading).__name__))
            if number == 0:
                assert pool._process is not None
                pool._process.kill()
        pool.stop()
        assert readings == [(item.id, "Reading") for item in batch]

    def test_a_clock_that_jumps_back_delays_nothing_for_ever(self, office: Office) -> None:
        now = clock.now()
        with clock.frozen(now + 10 * 86400):
            office.receive(mail("in the future"))
        with clock.frozen(now):
            row = office.receive(mail("back again"))
        assert row["outcome"] == "new_ticket"


class TestEveryDecisionHasAReason:
    """Promise 8."""

    def test_each_outcome_names_reason_and_steps(self, office: Office) -> None:
        text = mail(message_id="<dup@x>")
        rows = [
            office.receive(text),
            office.receive(text),
            office.receive(mail("Re: {1}")),
            office.receive(mail(sender="noreply@x.org")),
            office.receive(mail("Automatic reply: x", auto_submitted="auto-replied")),
            office.receive(mail(sender="support@help.example.com")),
        ]
        assert [row["outcome"] for row in rows] == ["new_ticket", "duplicate", "reply", "held", "held", "held"]
        for row in rows:
            trace = json.loads(row["trace"])
            assert row["reason"]
            assert [step for step in trace if step["result"] not in ("pass",)]
            assert all(set(step) == {"step", "result", "detail"} for step in trace)

    def test_an_outcome_is_written_once(self, office: Office) -> None:
        row = office.receive(mail())
        assert not office.store.write(lambda tx: spool.finish(tx, row["id"], Outcome("held", "second thought")))
        assert office.row(row["id"])["outcome"] == "new_ticket"


def test_the_database_is_private(office: Office) -> None:
    """Files are 0600 and folders 0700, whatever the umask of the shell was."""
    office.receive(b"From: a@x.org\r\n\r\n" + os.urandom(300_000))
    for path in office.store.folder.rglob("*"):
        mode = path.stat().st_mode & 0o777
        assert mode & 0o077 == 0, path
