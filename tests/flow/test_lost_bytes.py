"""Stored bytes that are gone or damaged, and a reading process that dies: the message is set aside, the rest goes on."""

from __future__ import annotations

import errno
import multiprocessing.process
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate import clock
from mailgate.intake.reading import Reading
from mailgate.intake.workers import ReaderPool
from mailgate.mail.message import Envelope
from mailgate.store import spool
from mailgate.store.blobs import BORDER
from mailgate.store.spool import Incoming
from tests.support.desk import Office, mail

_LONG = "Many words of a long message.\n" * (BORDER // 20)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.close()


def _spooled(office: Office, text: str) -> int:
    """Accepts a message without filing it."""
    incoming = Incoming(Envelope("customer@example.org", ("support@help.example.com",)), "smtp", raw=text.encode())
    return office.store.spool.submit(incoming).result().message


def _file(office: Office, message: int) -> Path:
    with office.store.read() as db:
        path = office.store.blobs.file_of(db, office.row(message)["sha256"])
    assert path is not None
    return path


@pytest.mark.parametrize("damage", [None, b"\0\0\0\0"])
def test_a_message_without_its_bytes_is_set_aside_until_they_are_back(office: Office, damage: bytes | None) -> None:
    lost, good = _spooled(office, mail("lost", _LONG)), _spooled(office, mail("good"))
    path = _file(office, lost)
    whole = path.read_bytes()
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage + whole[len(damage) :])
    office.intake.run_all()
    assert office.row(good)["outcome"] == "new_ticket"
    assert office.row(lost)["outcome"] == "failed"
    path.write_bytes(whole)
    assert office.store.write(lambda tx: spool.reopen(tx, lost, ["failed"]))
    office.intake.run_all()
    assert office.row(lost)["outcome"] == "new_ticket"


def test_a_store_without_its_folder_of_blobs_waits(office: Office) -> None:
    from mailgate.errors import TemporaryError

    lost, good = _spooled(office, mail("lost", _LONG)), _spooled(office, mail("good"))
    aside = office.store.blobs.folder.rename(office.store.folder / "not mounted")
    with pytest.raises(TemporaryError):
        office.intake.run_all()
    assert office.row(lost)["outcome"] is None
    assert office.row(good)["outcome"] == "new_ticket"
    aside.rename(office.store.blobs.folder)
    office.intake.run_all()
    assert office.row(lost)["outcome"] == "new_ticket"


def test_a_reader_that_somebody_killed_costs_no_text(office: Office) -> None:
    for number in range(3):
        _spooled(office, mail(f"n{number}", "All of the text."))
    with office.store.read() as db:
        batch = spool.waiting(db, clock.now(), 10)
    pool = ReaderPool(office.store, 1, 30.0)
    list(pool.read_all(batch[:1]))
    process = pool._process
    assert process is not None
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)  # it takes the rest and does not get to it
    killer = threading.Timer(0.2, process.kill)
    killer.start()
    readings = [reading for _, reading in pool.read_all(batch[1:])]
    killer.join()
    pool.stop()
    assert [r.message.text for r in readings if isinstance(r, Reading) and r.message.complete] == [
        "All of the text."
    ] * 2


def test_a_machine_that_can_start_no_process_loses_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Intake's loop waits and tries again; the ledger keeps what was not read."""
    _spooled(office, mail("kept"))
    with office.store.read() as db:
        batch = spool.waiting(db, clock.now(), 10)
    pool = ReaderPool(office.store, 1, 30.0)

    def no_memory(process: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    with monkeypatch.context() as poor, pytest.raises(OSError, match="Cannot allocate memory"):
        poor.setattr(multiprocessing.process.BaseProcess, "start", no_memory)
        list(pool.read_all(batch))
    [(_, reading)] = pool.read_all(batch)
    pool.stop()
    assert isinstance(reading, Reading)
    assert reading.message.complete
