"""The reading of DATA: where it ends, what it leaves as it is, and what it does with too much of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.sources.smtp.data import DataParser
from tests.support.smtp_dialogue import RECIPIENT, House, house

NOT_THE_END = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\n.\r",
    b"\r.\n",
    b"\r\r\n.\r\r\n",
    b"\r\n.\r\r\n",
    b"\r\n\x00.\r\n",
    b"\r\n.\x00\r\n",
    b"\n\n.\n\n",
]
SMUGGLED = b"MAIL FROM:<evil@example.org>\r\nRCPT TO:<%s>\r\nDATA\r\nSubject: smuggled\r\n\r\nx" % RECIPIENT.encode()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as it:
        yield it


def unstuff(content: bytes) -> bytes:
    """RFC 5321 section 4.5.2, line by line: the slow way that cannot be wrong."""
    lines = content.split(b"\r\n")
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)


def parse(pieces: list[bytes], line_length: int = 1 << 20) -> tuple[bytes, DataParser]:
    parser = DataParser(line_length)
    content = b""
    for number, piece in enumerate(pieces):
        content += parser.feed(piece)
        if parser.ended:
            parser.rest += b"".join(pieces[number + 1 :])
            break
    return content, parser


@given(
    st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"..", b"a", b"\x00", b"\r\n."]), max_size=30).map(b"".join),
    st.lists(st.integers(0, 60), max_size=8),
)
def test_any_cut_gives_what_the_slow_way_gives(soup: bytes, cuts: list[int]) -> None:
    sent = soup + b"\r\n.\r\nQUIT\r\n"
    end = (b"\r\n" + sent).index(b"\r\n.\r\n")
    bounds = sorted({0, len(sent), *(cut for cut in cuts if cut < len(sent))})
    content, parser = parse([sent[a:b] for a, b in pairwise(bounds)])
    assert parser.ended
    assert content == unstuff(sent[:end])
    assert parser.rest == sent[end + 3 :]


@pytest.mark.parametrize("trick", NOT_THE_END)
def test_only_the_right_end_ends(trick: bytes) -> None:
    content, parser = parse([b"Subject: x\r\n\r\nbefore" + trick + SMUGGLED + b"\r\n.\r\n"])
    assert parser.ended
    assert parser.rest == b""
    assert b"Subject: smuggled" in content


@pytest.mark.parametrize("trick", NOT_THE_END)
def test_smuggled_commands_stay_data(running: House, trick: bytes) -> None:
    body = b"Subject: one\r\n\r\nbefore" + trick + SMUGGLED
    with running.connect() as client:
        assert client.ehlo().envelope().data(body + b"\r\n.\r\n").startswith("250 2.0.0 Ok: queued as ")
        assert client.say("NOOP").startswith("250 2.0.0")
    assert running.raw() == [unstuff(body + b"\r\n")]


@pytest.mark.parametrize("trick", NOT_THE_END)
def test_smuggling_in_separate_segments(running: House, trick: bytes) -> None:
    body = b"Subject: one\r\n\r\nbefore" + trick + SMUGGLED
    with running.connect() as client:
        client.ehlo().envelope()
        assert client.say("DATA").startswith("354")
        for byte in body + b"\r\n.\r\n":
            client.send(bytes([byte]))
        assert client.reply().startswith("250 2.0.0 Ok: queued as ")
    assert running.raw() == [unstuff(body + b"\r\n")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"no header, no line end",
        b"Subject: nul \x00 and 8-bit \xff\xfe\r\n\r\n\x00\r\n",
        b"Subject: bare\n\nLF only\nall\nthe way\n",
        b"Subject: bare CR\r\rbody\r",
        b"..two dots\r\n...three\r\n.x\r\n",
    ],
)
def test_bytes_are_kept(running: House, content: bytes) -> None:
    stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in content.split(b"\r\n"))
    ending = b".\r\n" if stuffed.endswith(b"\r\n") or not stuffed else b"\r\n.\r\n"
    with running.connect() as client:
        assert client.ehlo().envelope().data(stuffed + ending).startswith("250 2.0.0")
    expected = content if ending == b".\r\n" else content + b"\r\n"
    assert running.raw() == [expected]


def test_commands_behind_the_end_are_obeyed(running: House) -> None:
    with running.connect() as client:
        client.ehlo()
        client.send(
            f"MAIL FROM:<>\r\nRCPT TO:<{RECIPIENT}>\r\nDATA\r\none\r\n.\r\n"
            f"MAIL FROM:<b@example.org>\r\nRCPT TO:<{RECIPIENT}>\r\nDATA\r\ntwo\r\n.\r\nQUIT\r\n".encode()
        )
        replies = client.rest().decode().splitlines()
    assert [reply[:3] for reply in replies] == ["250", "250", "354", "250", "250", "250", "354", "250", "221"]
    assert running.raw() == [b"one\r\n", b"two\r\n"]
    assert [row.envelope.reverse_path for row, _ in running.spooled()] == [None, "b@example.org"]


def test_a_client_that_half_closes_is_answered(running: House) -> None:
    """`printf ... | nc`: the end of input comes before the replies."""
    with running.connect() as client:
        client.send(f"HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<{RECIPIENT}>\r\nDATA\r\nhi\r\n.\r\n".encode())
        client.socket.shutdown(1)
        assert b"250 2.0.0 Ok: queued as" in client.rest()
    assert running.raw() == [b"hi\r\n"]


@pytest.mark.parametrize("size", [1000, 128 * 1024, 128 * 1024 + 1, 3_000_000])
def test_every_size_arrives_whole(running: House, size: int) -> None:
    line = b".dots and " + os.urandom(24).hex().encode() + b"\r\n"
    content = (line * (size // len(line) + 1))[: size - 2] + b"\r\n"
    with running.connect() as client:
        stuffed = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
        assert client.ehlo().envelope().data(stuffed + b".\r\n").startswith("250 2.0.0")
    ((row, raw),) = running.spooled()
    assert row.size == size
    assert raw == content
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    assert not list((running.folder / "data" / "blobs").glob("incoming/*"))


def test_too_large_without_saying_so(tmp_path: Path) -> None:
    with house(tmp_path, 'max_size = "400KB"') as running:
        with running.connect() as client:
            for size in (500_000, 5_000_000):
                reply = client.ehlo().envelope().data(b"x" * 70 + b"\r\n" + b"y" * size + b"\r\n.\r\n")
                assert reply.startswith("552 5.3.4 ")
            assert client.say("NOOP").startswith("250")
        assert running.deliver().startswith("250 2.0.0")
        assert len(running.raw()) == 1
        assert not list((tmp_path / "data" / "blobs").glob("incoming/*"))


def test_exactly_the_largest_size_is_taken(tmp_path: Path) -> None:
    with house(tmp_path, 'max_size = "1KB"') as running:
        assert running.deliver(b"x" * 1022 + b"\r\n.\r\n").startswith("250")
        assert running.deliver(b"x" * 1023 + b"\r\n.\r\n").startswith("552 5.3.4")


def test_long_lines(tmp_path: Path) -> None:
    with house(tmp_path, 'max_size = "3MB"\nlimits = { line_length = 1000000 }') as running:
        assert running.deliver(b"a: b\r\n\r\n" + b"x" * 1_000_000 + b"\r\n.\r\n").startswith("250 2.0.0")
        assert running.deliver(b"a: b\r\n\r\n" + b"x" * 1_000_001 + b"\r\n.\r\n").startswith("500 5.6.0")
        assert running.deliver().startswith("250")


@given(st.lists(st.integers(0, 12), min_size=1, max_size=8), st.integers(1, 40))
def test_long_lines_are_noticed_wherever_the_pieces_are_cut(lengths: list[int], cut: int) -> None:
    sent = b"\r\n".join(b"x" * length for length in lengths) + b"\r\n.\r\n"
    _, parser = parse([sent[i : i + cut] for i in range(0, len(sent), cut)], line_length=9)
    assert parser.ended
    assert parser.overlong == (max(lengths) > 9)


def test_a_client_that_leaves_in_the_middle_leaves_nothing(running: House) -> None:
    with running.connect() as client:
        client.ehlo().envelope()
        client.say("DATA")
        client.send(b"x" * 1_000_000)
    assert running.deliver().startswith("250")
    running.close()
    assert not list((running.folder / "data" / "blobs").glob("incoming/*"))
