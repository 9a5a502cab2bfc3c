"""What was answered 250 is there after kill -9, small messages and large ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from mailgate.store import Store
from tests.support.smtp_dialogue import Dialogue

SERVER = """
import sys
from pathlib import Path
from tests.support.smtp_dialogue import House
house = House(Path(sys.argv[1]))
print(house.listener.addresses[0][1], flush=True)
sys.stdin.read()
"""
ENOUGH = 120


def test_every_250_survives_a_kill(tmp_path: Path) -> None:
    acknowledged: dict[str, bytes] = {}
    enough = threading.Event()

    def keep_sending(port: int, name: int) -> None:
        number = 0
        try:
            with Dialogue(("127.0.0.1", port)) as client:
                client.ehlo()
                while True:
                    number += 1
                    content = b"X: %d-%d\r\n\r\n" % (name, number) + b"y" * (200_000 if name == 0 else 500) + b"\r\n"
                    reply = client.envelope().data(content + b".\r\n")
                    assert reply.startswith("250 2.0.0")
                    acknowledged[reply.rpartition(" ")[2]] = content
                    if len(acknowledged) >= ENOUGH:
                        enough.set()
        except (OSError, EOFError):
            return

    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        threads = [threading.Thread(target=keep_sending, args=(port, name)) for name in range(4)]
        for thread in threads:
            thread.start()
        assert enough.wait(60)
        os.kill(server.pid, signal.SIGKILL)
        for thread in threads:
            thread.join()
    assert len(acknowledged) >= ENOUGH
    store = Store.open(tmp_path / "data")
    with store.read() as db:
        kept = {row["queue_id"]: row["sha256"] for row in db.all("SELECT queue_id, sha256 FROM message")}
        assert {queue_id: store.blobs.get(db, kept[queue_id]) for queue_id in acknowledged} == acknowledged
    store.close()
