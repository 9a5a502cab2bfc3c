"""`mailgate deliver`: exit codes, and what is kept of standard input."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate import clock
from mailgate.errors import ConfigError, TemporaryError
from mailgate.mail.message import Envelope
from mailgate.route.hosted import HostedAddresses
from mailgate.sources.pipe import deliver
from mailgate.store import Store
from mailgate.store.spool import Spooled, waiting
from tests.support.smtp_dialogue import RECIPIENT, make_config


class Desk:
    """A store and the hosted addresses."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder / "data")
        self.hosted = HostedAddresses.of(make_config(folder))
        self.words: list[str] = []

    def deliver(
        self, content: bytes, *recipients: str, sender: str | None = "a@b.example", max_size: int = 1 << 20
    ) -> int:
        stream = io.BufferedReader(io.BytesIO(content))  # type: ignore[arg-type]
        return deliver(
            self.store, self.hosted, stream, recipients or [RECIPIENT], sender, max_size, tell=self.words.append
        )

    def kept(self) -> list[tuple[Spooled, bytes]]:
        with self.store.read() as db:
            return [(row, self.store.blobs.get(db, row.sha256)) for row in waiting(db, clock.now() + 60, 100)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    it = Desk(tmp_path)
    yield it
    it.store.close()


def test_a_message_is_kept_byte_for_byte(desk: Desk) -> None:
    content = b"Subject: x\n\n.\nFrom here on\n\x00\xff\r\n"
    assert desk.deliver(content, "support+7@help.example.com", "<support@help.example.com>") == 0
    ((row, raw),) = desk.kept()
    assert raw == content
    assert row.source == "pipe"
    assert row.envelope == Envelope("a@b.example", ("support+7@help.example.com", RECIPIENT))
    assert row.client.ip is None
    assert desk.words == []


@pytest.mark.parametrize("size", [70_000, 128 * 1024 + 1, 3_000_000])
def test_large_messages(desk: Desk, size: int) -> None:
    content = b"Subject: large\n\n" + b"x" * size
    assert desk.deliver(content, max_size=4_000_000) == 0
    assert [raw for _, raw in desk.kept()] == [content]


@pytest.mark.parametrize(
    ("sender", "reverse_path"),
    [
        ("a@b.example", "a@b.example"),
        ("<a@b.example>", "a@b.example"),
        ("", None),
        ("<>", None),
        ("MAILER-DAEMON", None),
        (None, ""),
    ],
)
def test_senders(desk: Desk, sender: str | None, reverse_path: str | None) -> None:
    assert desk.deliver(b"Subject: x\n\n", sender=sender) == 0
    assert desk.kept()[0][0].envelope.reverse_path == reverse_path


@pytest.mark.parametrize(
    ("line", "reverse_path"),
    [
        (b"From jo@x.example Wed Nov 25 10:00:00 2026\n", "jo@x.example"),
        (b"From MAILER-DAEMON Wed Nov 25 10:00:00 2026\r\n", None),
        (b"From \n", ""),
    ],
)
def test_the_mbox_line_is_not_part_of_the_message(desk: Desk, line: bytes, reverse_path: str | None) -> None:
    assert desk.deliver(line + b"Subject: x\n\nFrom me\n", sender=None) == 0
    assert desk.deliver(line + b"Subject: x\n\nFrom me\n", sender="c@d.example") == 0
    (unknown, raw), (known, _) = desk.kept()
    assert raw == b"Subject: x\n\nFrom me\n"
    assert unknown.envelope.reverse_path == reverse_path
    assert known.envelope.reverse_path == "c@d.example"


def test_a_header_field_from_is_no_mbox_line(desk: Desk) -> None:
    assert desk.deliver(b"From: a@b.example\n\n") == 0
    assert desk.kept()[0][1] == b"From: a@b.example\n\n"


@pytest.mark.parametrize(
    "recipients", [["nobody@help.example.com"], [RECIPIENT, "x@elsewhere.example"], ["support@"], [""]]
)
def test_no_such_mailbox(desk: Desk, recipients: list[str]) -> None:
    assert desk.deliver(b"Subject: x\n\n", *recipients) == 67
    assert desk.kept() == []
    assert desk.words[0].startswith("5.1.1 No such mailbox here: ")


def test_data_errors(desk: Desk) -> None:
    assert desk.deliver(b"") == 65
    assert desk.deliver(b"x" * 500_000, max_size=400_000) == 65
    assert desk.deliver(b"From a@b Wed Nov 25 10:00:00 2026\n") == 65
    assert desk.kept() == []
    assert not list((desk.store.folder / "blobs").glob("incoming/*"))


class Broken(io.BytesIO):
    """A standard input that breaks with the given error after some bytes."""

    def __init__(self, error: Exception) -> None:
        super().__init__(b"Subject: x\n")
        self.error = error

    def read(self, size: int | None = -1) -> bytes:
        raise self.error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError("the pipe broke"), 75),
        (TemporaryError("busy."), 75),
        (ConfigError("wrong."), 78),
        (ValueError("secret"), 75),
    ],
)
def test_what_goes_wrong(desk: Desk, error: Exception, code: int, caplog: pytest.LogCaptureFixture) -> None:
    words: list[str] = []
    with caplog.at_level(logging.WARNING, logger="mailgate"):
        assert deliver(desk.store, desk.hosted, Broken(error), [RECIPIENT], "a@b.example", tell=words.append) == code
    assert len(words) == 1
    assert "secret" not in words[0]
    assert desk.kept() == []


def test_trouble_with_the_disk_is_temporary(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.store._min_free = 1 << 60
    assert desk.deliver(b"Subject: x\n\n") == 75
    desk.store._min_free = 0
    (tmp_path / "data" / "blobs").write_text("in the way")
    assert desk.deliver(b"x" * 900_000) == 75
    desk.store.close()
    assert desk.deliver(b"Subject: x\n\n") == 75
    assert all("tried again" in words for words in desk.words)
