"""A real Postfix in front: it forwards to the listener by SMTP, STARTTLS and LMTP, and pipes to `mailgate deliver`.

The instance is its own: configuration, queue and ports in a folder that goes away with it. It needs root, as Postfix does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme

from mailgate.mail.message import Envelope
from mailgate.sources.smtp.listener import AtData
from mailgate.store.spool import Client
from tests.support.postfix import Postfix, available
from tests.support.smtp_dialogue import House

pytestmark = [pytest.mark.real, pytest.mark.skipif(not available(), reason="needs Postfix and root")]

REPOSITORY = Path(__file__).parents[2]
DOMAINS = ("smtp", "tls", "lmtp", "unix", "pipe")
MAILBOXES = "".join(f'[[mailbox]]\naddress = "support@{name}.example"\n' for name in DOMAINS)
MAIN = "pipe_destination_recipient_limit = 1\nsmtp_tls_CAfile = {folder}/ca.pem\n"
MASTER = """
tls unix - - n - - smtp -o smtp_tls_security_level=verify -o smtp_tls_verify_cert_match=mail.example.com
pipe unix - n n - - pipe flags=DOq user=nobody null_sender= argv={folder}/deliver ${{recipient}} ${{sender}}
"""


class Arrivals:
    """Counts what reaches the end of DATA, so that a test can wait for it."""

    def __init__(self) -> None:
        self._semaphore = threading.Semaphore(0)

    def __call__(self, raw: Any, envelope: Envelope, client: Client, queue_id: str) -> AtData:
        self._semaphore.release()
        return AtData()

    def wait(self) -> None:
        assert self._semaphore.acquire(timeout=60), "nothing arrived; see the log of Postfix"


def python_for_nobody() -> tuple[str, str]:
    """An interpreter of this version that an unprivileged user can run, and the module path it needs."""
    path = f"{REPOSITORY}:{REPOSITORY}/cli:{Path(msgspec.__file__).parents[1]}"
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        environment = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run([python, "-c", "import mailgate_cli, msgspec"], env=environment, user="nobody")
        except OSError:
            continue
        if done.returncode == 0:
            return python, path
    pytest.fail("no Python that the user nobody can run; make the virtual environment readable for all")


class World:
    """Postfix, the listener behind it, and a second data folder for the pipe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "ca.pem")
        issued = authority.issue_cert("mail.example.com")
        issued.private_key_pem.write_to_path(folder / "key.pem")
        (folder / "cert.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        (folder / "ca.pem").chmod(0o644)
        self.arrivals = Arrivals()
        self.house = self.open_house("127.0.0.1:0", "127.0.0.1:0")
        os.umask(0o022)  # the store closes its files to others; Postfix must read its own
        self._prepare_pipe()
        listener = self.house.listener
        self.smtp_port, self.lmtp_port = listener.addresses[0][1], int(listener.lmtp_addresses[0][1])
        shutil.chown(folder / "lmtp", group="postfix")
        self.postfix = Postfix(
            folder,
            {
                "smtp.example": f"smtp:[127.0.0.1]:{self.smtp_port}",
                "tls.example": f"tls:[127.0.0.1]:{self.smtp_port}",
                "lmtp.example": f"lmtp:inet:127.0.0.1:{self.lmtp_port}",
                "unix.example": f"lmtp:unix:{folder}/lmtp",
                "pipe.example": "pipe:",
            },
            MAIN.format(folder=folder),
            MASTER.format(folder=folder),
        )

    def open_house(self, listen: str, lmtp: str) -> House:
        return House(
            self.folder,
            f'listen = ["{listen}"]\nlmtp = ["{lmtp}", "unix:{self.folder}/lmtp"]\n'
            'tls_cert = "cert.pem"\ntls_key = "key.pem"',
            mailboxes=MAILBOXES,
            at_data=self.arrivals,
        )

    def _prepare_pipe(self) -> None:
        """`mailgate deliver` as Postfix calls it; the exit code goes into a FIFO, which the test waits for."""
        python, path = python_for_nobody()
        home = self.folder / "pipe"
        home.mkdir()
        (home / "config.toml").write_text(MAILBOXES + '[general]\ndata_dir = "data"\n')
        os.mkfifo(home / "codes")
        for item in (home, home / "config.toml", home / "codes"):
            shutil.chown(item, "nobody", "nogroup")
        script = self.folder / "deliver"
        script.write_text(
            "#!/bin/sh\n"
            f"export PYTHONPATH={path} PYTHONDONTWRITEBYTECODE=1 MAILGATE_CONFIG={home}/config.toml\n"
            f'{python} -c \'from mailgate_cli.main import run; run()\' deliver --recipient "$1" --sender "$2"\n'
            f"code=$?\necho $code > {home}/codes\nexit $code\n"
        )
        script.chmod(0o755)

    def piped_code(self) -> int:
        while True:  # the writer before may not have closed its end yet: then the reader sees an end without a line
            with (self.folder / "pipe" / "codes").open() as codes:
                if line := codes.readline():
                    return int(line)

    def close(self) -> None:
        self.postfix.stop()
        self.house.close()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="mailgate-postfix-"))
    folder.chmod(0o755)
    try:
        it = World(folder)
        try:
            yield it
        finally:
            it.close()
    finally:
        shutil.rmtree(folder)


CONTENT = (
    b"From: Jo <jo@sender.example>\r\nSubject: =?utf-8?q?=C5=9Fikayet?=\r\n\r\n.\r\n..two\r\n\xc5\x9f and \xff\r\n"
    b"From the start\r\n" + b"long " * 150 + b"\r\n"
)


def body(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[2]


def newest(house: House) -> tuple[Any, bytes]:
    """The last message; its future resolves before Postfix hears the reply, so the ledger has it when it is asked."""
    with house.connect() as client:  # the checks run before the commit: wait for one more round through the listener
        client.say("NOOP")
    return house.spooled()[-1]


@pytest.mark.parametrize(("way", "source"), [("smtp", "smtp"), ("tls", "smtp"), ("lmtp", "lmtp"), ("unix", "lmtp")])
def test_forwarded_mail_arrives(world: World, way: str, source: str) -> None:
    world.postfix.send(CONTENT, f"support+7@{way}.example")
    world.arrivals.wait()
    wait_for_log(world, f"to=<support+7@{way}.example>", "status=sent")
    row, raw = newest(world.house)
    assert row.source == source
    assert row.envelope == Envelope("jo@sender.example", (f"support+7@{way}.example",))
    assert row.client.helo == "mta.example.org"
    assert row.client.tls == (way == "tls")
    assert body(raw) == body(CONTENT)
    assert f"queued as {row.queue_id}" in world.postfix.log()


def wait_for_log(world: World, *words: str) -> None:
    world.postfix.wait_for_log(*words)


def test_one_message_to_two_recipients_by_lmtp(world: World) -> None:
    world.postfix.send(CONTENT, "support+1@lmtp.example", "support+2@lmtp.example")
    world.arrivals.wait()
    wait_for_log(world, "to=<support+1@lmtp.example>", "status=sent")
    wait_for_log(world, "to=<support+2@lmtp.example>", "status=sent")
    row, _ = newest(world.house)
    assert row.envelope.recipients == ("support+1@lmtp.example", "support+2@lmtp.example")


def test_a_large_message(world: World) -> None:
    content = b"Subject: large\r\n\r\n" + (b"x" * 76 + b"\r\n") * 120_000
    world.postfix.send(content, "support+9@smtp.example")
    world.arrivals.wait()
    wait_for_log(world, "to=<support+9@smtp.example>", "status=sent")
    assert body(newest(world.house)[1]) == body(content)


@pytest.mark.parametrize("way", ["smtp", "lmtp"])
def test_the_null_reverse_path(world: World, way: str) -> None:
    world.postfix.send(CONTENT, f"support+8@{way}.example", sender="")
    world.arrivals.wait()
    wait_for_log(world, f"to=<support+8@{way}.example>", "status=sent")
    assert newest(world.house)[0].envelope.reverse_path is None


@pytest.mark.parametrize("way", ["smtp", "lmtp", "unix"])
def test_an_unknown_recipient_is_refused(world: World, way: str) -> None:
    before = len(world.house.spooled())
    world.postfix.send(CONTENT, f"nobody@{way}.example")
    wait_for_log(world, f"to=<nobody@{way}.example>", "status=bounced", "550 5.1.1 No such mailbox here")
    assert len(world.house.spooled()) == before


def test_mail_waits_in_postfix_while_the_listener_is_down(world: World) -> None:
    before = len(world.house.spooled())
    world.house.close()
    world.postfix.send(CONTENT, "support+3@smtp.example")
    wait_for_log(world, "to=<support+3@smtp.example>", "status=deferred")
    world.house = world.open_house(f"127.0.0.1:{world.smtp_port}", f"127.0.0.1:{world.lmtp_port}")
    shutil.chown(world.folder / "lmtp", group="postfix")
    world.postfix.flush()
    world.arrivals.wait()
    wait_for_log(world, "to=<support+3@smtp.example>", "status=sent")
    assert len(world.house.spooled()) == before + 1


def test_the_pipe(world: World, ledger_of: Callable[[Path], list[Any]]) -> None:
    world.postfix.send(CONTENT, "support+7@pipe.example")
    assert world.piped_code() == 0
    wait_for_log(world, "to=<support+7@pipe.example>", "status=sent")
    world.postfix.send(CONTENT, "support+8@pipe.example", sender="")
    assert world.piped_code() == 0
    world.postfix.send(CONTENT, "nobody@pipe.example")
    assert world.piped_code() == 67
    wait_for_log(world, "to=<nobody@pipe.example>", "status=bounced", "No such mailbox here")
    rows = ledger_of(world.folder / "pipe" / "data")
    assert [(row["source"], row["reverse_path"], row["recipients"]) for row in rows] == [
        ("pipe", "jo@sender.example", '["support+7@pipe.example"]'),
        ("pipe", None, '["support+8@pipe.example"]'),
    ]


def test_the_pipe_with_a_broken_configuration_keeps_the_message(world: World) -> None:
    config = world.folder / "pipe" / "config.toml"
    good = config.read_text()
    config.write_text("this is not TOML")
    world.postfix.send(CONTENT, "support+4@pipe.example")
    assert world.piped_code() == 78
    config.write_text(good)
    wait_for_log(world, "to=<support+4@pipe.example>", "status=")


@pytest.fixture
def ledger_of() -> Callable[[Path], list[Any]]:
    """All ledger rows of a data folder that another process wrote, whatever has become of them."""

    def read(folder: Path) -> list[Any]:
        from mailgate.store import Store

        store = Store.open(folder)
        try:
            with store.read() as db:
                return db.all("SELECT source, reverse_path, recipients FROM message ORDER BY id")
        finally:
            store.close()

    return read
