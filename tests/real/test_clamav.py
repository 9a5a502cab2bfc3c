"""A real clamd: the EICAR test virus is held or refused, large messages are streamed, its limits are no errors."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.config.schema import Screen
from mailgate.mail.message import Envelope
from mailgate.screen import scan
from mailgate.screen.scan import Content, Sample
from tests.support import scanners
from tests.support.at_the_gate import door

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("clamav")]

MAIL = b"From: Jo <jo@sender.example>\r\nTo: support@help.example.com\r\nSubject: Invoice\r\nMIME-Version: 1.0\r\n"
ATTACHED = (
    MAIL + b'Content-Type: application/octet-stream; name="invoice.com"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    + base64.encodebytes(scanners.EICAR.encode()).replace(b"\n", b"\r\n")
)  # fmt: skip


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with scanners.place() as folder, scanners.clamd(folder) as started:
        yield started


def ask(screen: Screen, content: Content) -> dict[str, object]:
    (found,) = scan.scan(Sample(content, Envelope("jo@sender.example")), screen)
    return found


def test_a_virus_in_an_attachment_and_none(screen: Screen) -> None:
    found = ask(screen, Content.of(ATTACHED))
    assert (found["virus"], found["error"]) == ("Eicar-Test-Signature.UNOFFICIAL", None)
    found = ask(screen, Content.of(MAIL + b"\r\nHello\r\n"))
    assert (found["virus"], found["error"], found["unscanned"]) == (None, None, False)


def test_over_a_unix_socket(screen: Screen) -> None:
    over_unix = Screen()
    over_unix.clamav.enabled = True
    over_unix.clamav.address = f"unix:{scanners.folder_of(screen)}/socket"
    assert ask(over_unix, Content.of(ATTACHED))["virus"]
    assert scan.probe(over_unix)[0][1]


def test_a_large_message_from_its_file(screen: Screen, tmp_path: Path) -> None:
    raw = ATTACHED + b"\r\n" + b"x" * 70 * 1000 + b"\r\n" * 100_000
    (tmp_path / "blob").write_bytes(raw)
    assert ask(screen, Content(len(raw), path=tmp_path / "blob"))["virus"]


def test_more_than_clamd_takes_is_unscanned_and_no_error(screen: Screen) -> None:
    found = ask(screen, Content.of(MAIL + b"\r\n" + b"x" * (6 * scanners.STREAM_MAX)))
    assert (found["error"], found["unscanned"], "StreamMaxLength" in str(found["detail"])) == (None, True, True)


def test_at_the_smtp_port(screen: Screen, tmp_path: Path) -> None:
    settings = f'[screen.clamav]\nenabled = true\naddress = "{screen.clamav.address}"\n'
    with door(tmp_path, settings) as entrance:
        assert entrance.send(ATTACHED).startswith("250 ")
        assert entrance.findings()["scans"][0]["virus"] == "Eicar-Test-Signature.UNOFFICIAL"
        entrance.reload(settings + "reject = true\n")
        assert entrance.send(ATTACHED) == "550 5.7.1 The message holds a virus and is not accepted"
        assert entrance.send(ATTACHED + b"\r\n" * 100_000).startswith("550 5.7.1")
        assert entrance.send(MAIL + b"\r\nHello\r\n").startswith("250 ")


def test_a_clamd_that_is_down(tmp_path: Path) -> None:
    settings = f'[screen.clamav]\nenabled = true\naddress = "unix:{tmp_path}/none"\n'
    with door(tmp_path, settings) as entrance:
        assert entrance.send(ATTACHED).startswith("250 ")
        assert entrance.findings()["scans"][0]["error"] == "No such file or directory"
        entrance.reload(settings + 'on_failure = "defer"\n')
        assert entrance.send(ATTACHED).startswith("451 4.7.1 ")
