"""A real spamd: GTUBE, ordinary mail, the client's address in its hands, and the SMTP port."""

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

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("spamd")]

MAIL = (
    b"From: Jo <jo@sender.example>\r\nTo: support@help.example.com\r\nSubject: The printer on the second floor\r\n"
    b"Message-ID: <20261125.100000.1234@sender.example>\r\n\r\nIt makes a noise since this morning.\r\n"
)
SPAM = MAIL + scanners.GTUBE.encode() + b"\r\n"


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with scanners.place() as folder, scanners.spamd(folder) as started:
        yield started


def ask(screen: Screen, raw: bytes, ip: str | None = None) -> dict[str, object]:
    client = Client(ip=ip, helo="out.sender.example")
    (found,) = scan.scan(Sample(Content.of(raw), Envelope("jo@sender.example"), client), screen)
    return found


def test_spam_and_none(screen: Screen) -> None:
    found = ask(screen, SPAM)
    assert (found["action"], found["error"]) == ("hold", None)
    assert "GTUBE" in str(found["detail"])
    found = ask(screen, MAIL)
    assert (found["action"], found["error"], found["unscanned"]) == (None, None, False)


def test_spamd_was_told_the_client(screen: Screen) -> None:
    assert "RCVD_ILLEGAL_IP" in str(ask(screen, MAIL, "192.0.2.5")["detail"])
    assert "RCVD_ILLEGAL_IP" not in str(ask(screen, MAIL, "203.0.114.5")["detail"])


def test_at_the_smtp_port(screen: Screen, tmp_path: Path) -> None:
    settings = f'[screen.spamassassin]\nenabled = true\naddress = "{screen.spamassassin.address}"\n'
    with door(tmp_path, settings) as entrance:
        assert entrance.send(SPAM).startswith("250 ")
        assert entrance.findings()["scans"][0]["action"] == "hold"
        entrance.reload(settings + "reject_score = 100.0\n")
        assert entrance.send(SPAM) == "550 5.7.1 The message looks like spam and is not accepted"
        assert entrance.send(MAIL).startswith("250 ")
