"""Promise 1 on a full disk: 452 and exit 75 while it is full, nothing lost, and it recovers by itself.

A small tmpfs is the disk; where this machine does not let us mount one, the test says so and is skipped.
"""

from __future__ import annotations

import contextlib
import smtplib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemon import ADDRESS, Daemon
from tests.support.desk import mail

pytestmark = pytest.mark.torture


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def _send(daemon: Daemon, text: str) -> int:
    """The reply code that a message got; 0 where the connection broke."""
    try:
        with smtplib.SMTP("127.0.0.1", daemon.port, timeout=60) as client:
            client.sendmail("load@example.org", [ADDRESS], text.replace("\n", "\r\n").encode())
            return 250
    except smtplib.SMTPResponseException as error:
        return error.smtp_code
    except smtplib.SMTPRecipientsRefused as error:
        return next(iter(error.recipients.values()))[0]
    except (OSError, smtplib.SMTPException):
        return 0


def _fill(disk: Path) -> Path:
    """Takes all the space that is left."""
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 65536)
    return ballast


@pytest.mark.parametrize("minimum", ["2MB", "0B"])
def test_a_full_disk_answers_452_and_loses_nothing(small_disk: Path, minimum: str) -> None:
    """With a reserve the listener refuses early; without one the database itself fails, and is told apart from loss."""
    daemon = Daemon(small_disk / "house", general=f'min_free_disk = "{minimum}"')
    daemon.start()
    taken: list[str] = []
    try:
        for number in range(5):
            assert _send(daemon, mail(f"before {number}", message_id=f"<before{number}@x>")) == 250
            taken.append(f"<before{number}@x>")
        ballast = _fill(small_disk)
        refused = 0
        for number in range(200):  # what is still free inside the files may take some
            text = mail(f"full {number}", "y" * 40_000, message_id=f"<full{number}@x>")
            code = _send(daemon, text)
            assert code in (250, 452)
            if code == 250:
                taken.append(f"<full{number}@x>")
            else:
                refused += 1
            if refused >= 5:
                break
        assert refused >= 5
        pipe = daemon.run("deliver", "--recipient", ADDRESS, stdin=mail(message_id="<pipe@x>").encode(), check=False)
        assert pipe.returncode in (0, 75)
        if pipe.returncode == 0:
            taken.append("<pipe@x>")
        ballast.unlink()
        assert _send(daemon, mail("after", message_id="<after@x>")) == 250
        taken.append("<after@x>")
        daemon.wait_until_filed()
        found = [message["message_id"] for message in daemon.json("message", "list")]
        assert sorted(taken) == sorted(found)
        audit = daemon.json("audit")
        assert (audit["balanced"], audit["tickets"]) == (True, len(taken))
    finally:
        daemon.kill()
