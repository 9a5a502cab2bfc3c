"""A real rspamd: GTUBE by TCP and by UNIX socket, at the SMTP port, and large mail from its file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.config.schema import Screen
from mailgate.mail.message import Envelope
from mailgate.screen import scan
from mailgate.screen.scan import Content, Sample
from mailgate.store.spool import Client
from tests.support import scanners
from tests.support.at_the_gate import door

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("rspamd")]

MAIL = b"From: Jo <jo@sender.example>\r\nTo: support@help.example.com\r\nSubject: Offer\r\nMessage-ID: <1@sender.example>\r\n\r\n"
SPAM = MAIL + scanners.GTUBE.encode() + b"\r\n"


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with scanners.place() as folder, scanners.rspamd(folder) as started:
        yield started


def ask(screen: Screen, content: Content, sender: str | None = "jo@sender.example") -> dict[str, object]:
    client = Client(ip="203.0.114.5", helo="out.sender.example")
    envelope = Envelope(sender, ("support@help.example.com",))
    (found,) = scan.scan(Sample(content, envelope, client, "ABCDEF2345", "mx.help.example.com"), screen)
    return found


@pytest.mark.parametrize("sender", ["jo@sender.example", None, "jö@sender.example"])
def test_spam_and_none(screen: Screen, sender: str | None) -> None:
    found = ask(screen, Content.of(SPAM), sender)
    assert (found["score"], found["action"], found["error"]) == (15.0, "hold", None)
    found = ask(screen, Content.of(MAIL + b"Hello\r\n"), sender)
    assert (found["score"], found["action"], found["error"]) == (0.0, None, None)


def test_rspamd_was_told_the_envelope(screen: Screen) -> None:
    assert ask(screen, Content.of(SPAM))["score"] == 15.0
    log = (scanners.folder_of(screen) / "log").read_text()
    for word in (
        "qid: <ABCDEF2345>",
        "ip: 203.0.114.5",
        "from: <jo@sender.example>",
        "rcpts: <support@help.example.com>",
    ):
        assert word in log


def test_over_a_unix_socket_from_a_file(screen: Screen, tmp_path: Path) -> None:
    raw = SPAM + b"x\r\n" * 500_000
    (tmp_path / "blob").write_bytes(raw)
    over_unix = Screen()
    over_unix.rspamd.enabled = True
    over_unix.rspamd.url = f"unix:{scanners.folder_of(screen)}/socket"
    assert ask(over_unix, Content(len(raw), path=tmp_path / "blob"))["error"] is None
    assert ask(over_unix, Content.of(SPAM))["score"] == 15.0
    assert scan.probe(over_unix) == [("rspamd", True, "rspamd answers")]


def test_at_the_smtp_port(screen: Screen, tmp_path: Path) -> None:
    settings = f'[screen.rspamd]\nenabled = true\nurl = "{screen.rspamd.url}"\n'
    with door(tmp_path, settings) as entrance:
        assert entrance.send(SPAM).startswith("250 ")
        assert entrance.findings()["scans"][0]["action"] == "hold"
        entrance.reload(settings + "reject_score = 15.0\n")
        assert entrance.send(SPAM) == "550 5.7.1 The message looks like spam and is not accepted"
        assert entrance.send(MAIL + b"Hello\r\n").startswith("250 ")
