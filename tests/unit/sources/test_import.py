"""Old mail: mbox in all its dialects, Maildir, .eml files; dates; and imports that are killed."""

from __future__ import annotations

import io
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate import clock
from mailgate.errors import NotFoundError, TemporaryError
from mailgate.sources.importer import Imported, import_paths
from mailgate.sources.mail_files import find_files, read_mbox
from mailgate.store import Store
from mailgate.store.spool import Spooled, waiting

LINE = b"From jo@x.example Wed Nov 25 10:11:12 2020\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    it = Store.open(tmp_path / "data")
    yield it
    it.close()


def kept(store: Store) -> list[tuple[Spooled, bytes]]:
    with store.read() as db:
        return [(row, store.blobs.get(db, row.sha256)) for row in waiting(db, clock.now() + 60, 10_000)]


def split(mbox: bytes) -> list[bytes]:
    return [b"".join(message.pieces) for message in read_mbox(io.BytesIO(mbox))]


@pytest.mark.parametrize(
    ("mbox", "messages"),
    [
        (LINE + b"A: 1\n\none\n\n" + LINE + b"A: 2\n\ntwo\n\n", [b"A: 1\n\none\n", b"A: 2\n\ntwo\n"]),
        (LINE + b"A: 1\n\none\n\n" + LINE + b"A: 2\n\ntwo", [b"A: 1\n\none\n", b"A: 2\n\ntwo"]),
        (LINE + b"A: 1\n\none\n\n\n\n" + LINE + b"A: 2\n\n", [b"A: 1\n\none\n\n\n", b"A: 2\n"]),
        (LINE + b"A: 1\n\n>From me\n>>From you\n>Fromage\n", [b"A: 1\n\nFrom me\n>From you\n>Fromage\n"]),
        (LINE + b"A: 1\n\nFrom here to there\n\nFrom now on\n", [b"A: 1\n\nFrom here to there\n\nFrom now on\n"]),
        (LINE + b"A: 1\n\ntext\n" + LINE + b"more\n", [b"A: 1\n\ntext\n" + LINE + b"more\n"]),
        (LINE.replace(b"\n", b"\r\n") + b"A: 1\r\n\r\n\r\n" + LINE + b"A: 2\r\n", [b"A: 1\r\n\r\n", b"A: 2\r\n"]),
        (LINE + LINE + b"A: 2\n", [b"", b"A: 2\n"]),
        (
            b"From - Wed Nov 25 10:11:12 2020\nA: 1\n\n\nFrom 17@xxx Wed Nov 25 10:11:12 +0000 2020\nA: 2\n",
            [b"A: 1\n\n", b"A: 2\n"],
        ),
        (b"From somebody\nA: 1\n\n\nFrom somebody\nA: 2\n", [b"A: 1\n\n", b"A: 2\n"]),
        (
            LINE + b"A: 1\n\n" + b"x" * 200_000 + b"\n\n" + LINE + b"A: 2\n",
            [b"A: 1\n\n" + b"x" * 200_000 + b"\n", b"A: 2\n"],
        ),
    ],
)
def test_mbox(mbox: bytes, messages: list[bytes]) -> None:
    assert split(mbox) == messages


@given(
    st.lists(
        st.lists(st.sampled_from([b"", b"text", b"From x", b">From y", b">>From z", b"A: b"])), min_size=1, max_size=6
    )
)
def test_what_was_written_as_mboxrd_is_read_back(bodies: list[list[bytes]]) -> None:
    messages = [b"Subject: x\n" + b"".join(line + b"\n" for line in body) for body in bodies]
    mbox = b""
    for message in messages:
        lines = message.splitlines(keepends=True)
        quoted = [b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines]
        mbox += LINE + b"".join(quoted) + b"\n"
    assert split(mbox) == messages


@given(
    st.lists(st.sampled_from([LINE, b"From ", b"\n", b"\r\n", b">From x\n", b"a", b"\x00", b"From x\n"]), max_size=40)
)
def test_no_mbox_breaks_the_reading(pieces: list[bytes]) -> None:
    mbox = LINE + b"".join(pieces)
    messages = split(mbox)
    assert sum(map(len, messages)) <= len(mbox)
    assert len(messages) <= mbox.count(b"From ")


def test_an_mbox_is_read_in_bounded_memory(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "large"
    with path.open("wb") as stream:
        for number in range(10):
            stream.write(LINE + b"Subject: %d\n\n" % number + (b"y" * 999 + b"\n") * 4_000 + b"\n")
    tracemalloc.start()
    try:
        imported = import_paths(store, [path])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (imported.added, imported.failed) == (10, 0)
    assert peak < 10_000_000  # the file has 40 MB


@pytest.mark.parametrize(
    ("content", "at"),
    [
        (
            b"From x@y Wed Nov 25 10:11:12 2020\nReceived: by z; Thu, 26 Nov 2020 10:00:00 +0000\n\n",
            "2020-11-25T10:11:12Z",
        ),
        (b"From - Thu Jan  1 00:00:00 1970\nDate: Fri, 27 Nov 2020 10:00:00 +0300\n\n", "2020-11-27T07:00:00Z"),
        (b"From 1@xxx Wed Nov 25 10:11:12 +0000 2020\nA: 1\n\n", "2020-11-25T10:11:12Z"),
        (
            b"Received: by b (x; y)\n\tid 1; Thu, 26 Nov 2020 12:00:00 +0200\n"
            b"Received: by a; Wed, 25 Nov 2020 10:00:00 +0000\nDate: Tue, 24 Nov 2020 10:00:00 +0000\n\n",
            "2020-11-26T10:00:00Z",
        ),
        (b"Received: nonsense\nDate: Tue, 24 Nov 2020 10:00:00 +0000\n\n", "2020-11-24T10:00:00Z"),
        (b"Date: Tue, 24 Nov 2099 10:00:00 +0000\n\n", "2026-11-25T00:00:00Z"),
        (b"Subject: no date\n\n", "2026-11-25T00:00:00Z"),
    ],
)
def test_dates(tmp_path: Path, store: Store, content: bytes, at: str) -> None:
    (tmp_path / "one.eml").write_bytes(content)
    with clock.frozen(datetime(2026, 11, 25, tzinfo=UTC).timestamp()):
        assert import_paths(store, [tmp_path / "one.eml"]).added == 1
    assert clock.iso(kept(store)[0][0].received_at) == at


def test_a_maildir_with_folders(tmp_path: Path, store: Store) -> None:
    for place in ("cur", "new", "tmp", ".Archive/cur", ".Archive.2020/new", "plain"):
        (tmp_path / "Maildir" / place).mkdir(parents=True)

    def put(place: str, content: bytes) -> None:
        (tmp_path / "Maildir" / place).write_bytes(content)

    put("cur/1606298400.M1.host:2,S", b"Subject: cur\n\n")
    put("new/1606298401.M1.host", b"Subject: new\n\n")
    put("tmp/1606298402.M1.host", b"Subject: unfinished\n\n")
    put(".Archive/cur/x:2,", b"Subject: archive\n\n")
    put(".Archive.2020/new/x", b"No header at all\n")
    put("dovecot-uidlist", b"3 V1 N2\n")
    put("maildirfolder", b"")
    imported = import_paths(store, [tmp_path / "Maildir"])
    assert (imported.added, imported.failed) == (5 - 1, 0)
    rows = {raw: row for row, raw in kept(store)}
    assert set(rows) == {b"Subject: cur\n\n", b"Subject: new\n\n", b"Subject: archive\n\n", b"No header at all\n"}
    assert rows[b"Subject: cur\n\n"].received_at == 1606298400.0
    assert rows[b"Subject: cur\n\n"].source == "import"
    assert rows[b"Subject: cur\n\n"].envelope.reverse_path == ""
    assert rows[b"Subject: cur\n\n"].envelope.recipients == ()


def test_a_folder_of_files(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    (folder / "deep" / "er").mkdir(parents=True)
    for name, content in {
        "b.eml": b"A: 1\n\n",
        "a.EML": b"A: 1\n\n",
        "12": b"A: 1\n\n",
        "Inbox": LINE + b"A: 1\n\n",
        "Inbox.msf": b"// index",
        "notes.txt": b"Note: not mail",
        "README": b"Note: not mail",
        "deep/er/x.mbox": LINE,
    }.items():
        (folder / name).write_bytes(content)
    os.mkfifo(folder / "pipe.eml")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    names = [str(path.relative_to(folder)) for path in find_files([folder])]
    assert names == ["12", "Inbox", "a.EML", "b.eml", "deep/er/x.mbox"]
    assert find_files([folder / "README"]) == [folder / "README"]


def test_what_is_not_there_is_said_first(tmp_path: Path, store: Store) -> None:
    (tmp_path / "one.eml").write_bytes(b"A: 1\n\n")
    with pytest.raises(NotFoundError, match="does not exist or is no file"):
        import_paths(store, [tmp_path / "one.eml", tmp_path / "missing"])
    assert kept(store) == []


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(tmp_path: Path, store: Store) -> None:
    (tmp_path / "a.bin").write_bytes(b"\x7fELF\x00\x00")
    (tmp_path / "b.eml").write_bytes(b"A: 1\n\n" + b"x" * 3000)
    (tmp_path / "c.eml").write_bytes(b"A: 2\n\n")
    (tmp_path / "d.eml").write_bytes(b"")
    imported = import_paths(store, [tmp_path / name for name in ("a.bin", "b.eml", "c.eml", "d.eml")], max_size=1000)
    assert (imported.added, imported.failed, imported.seen) == (1, 2, 3)
    assert [fault.rpartition("/")[2] for fault in imported.faults] == [
        "a.bin: neither a message nor an mbox",
        "b.eml, message 1: larger than 1000 bytes",
    ]


def test_an_account_is_its_own_source(tmp_path: Path, store: Store) -> None:
    (tmp_path / "one.eml").write_bytes(b"A: 1\n\n")
    assert import_paths(store, [tmp_path / "one.eml"], account="office").added == 1
    assert kept(store)[0][0].source == "import:office"


def test_equal_messages_are_counted_apart_and_once_each(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "mbox"
    path.write_bytes((LINE + b"A: 1\n\n\n") * 3 + LINE + b"A: 2\n\n\n")
    assert import_paths(store, [path]).added == 4
    again = import_paths(store, [path])
    assert (again.added, again.known) == (0, 4)
    assert len(kept(store)) == 4


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("size", [100, 200_000])
def test_a_killed_import_can_be_run_again(tmp_path: Path, store: Store, size: int) -> None:
    folder = tmp_path / "Maildir" / "new"
    folder.mkdir(parents=True)
    for number in range(30):
        (folder / f"{number:03}").write_bytes(b"A: %d\n\n" % number + b"x" * size)

    def kill(imported: Imported) -> None:
        if imported.path.endswith("017"):
            raise Killed

    with pytest.raises(Killed):
        import_paths(store, [tmp_path / "Maildir"], kill)
    os.rename(folder / "003", folder / "003:2,S")
    again = import_paths(store, [tmp_path / "Maildir"])
    assert again.seen == 30
    assert again.known >= 15
    assert sorted(row.size for row, _ in kept(store)) == sorted(path.stat().st_size for path in folder.iterdir())
    assert not list((tmp_path / "data" / "blobs").glob("incoming/*"))


def test_progress(tmp_path: Path, store: Store) -> None:
    for number in range(3):
        (tmp_path / f"{number}.eml").write_bytes(b"A: %d\n\n" % number)
    seen: list[tuple[int, int, str]] = []
    paths = [tmp_path / f"{number}.eml" for number in range(3)]
    imported = import_paths(store, paths, lambda now: seen.append((now.bytes_done, now.bytes_total, now.path)))
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
    assert seen[-1] == (18, 18, str(paths[-1]))
    assert (imported.added, imported.seen) == (3, 3)


def test_a_disk_that_fails_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(b"A: 1\n\n")
    store = Store.open(tmp_path / "data")
    store.close()
    with pytest.raises(TemporaryError, match="run the same import again; nothing is added twice"):
        import_paths(store, [tmp_path / "one.eml"])
