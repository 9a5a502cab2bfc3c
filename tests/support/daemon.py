"""The real daemon in a process of its own, for tests that talk to it from outside and kill it.

Takes a folder; gives `Daemon` with the port it bound. Every instance has its own folder, ports and process group.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

ADDRESS = "support@help.example.com"
_START_SECONDS = 60.0


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Daemon:
    """One installation and, while it runs, its daemon. `extra` is further configuration text."""

    def __init__(self, folder: Path, relay_port: int = 9, extra: str = "", general: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.web_port = free_port()
        self.config = folder / "config.toml"
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(
            f'[general]\n{general}\n[smtp]\nlisten = ["127.0.0.1:{self.port}"]\n'
            f'[[mailbox]]\naddress = "{ADDRESS}"\n'
            f'[outgoing]\nfrom_address = "{ADDRESS}"\nsmtp_host = "127.0.0.1"\nsmtp_port = {relay_port}\n'
            f'smtp_tls = "none"\n[web]\nlisten = ["127.0.0.1:{self.web_port}"]\n'
            f'base_url = "http://127.0.0.1:{self.web_port}"\n{extra}'
        )
        self.run("category", "add", "General", check=False)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Starts the daemon and waits for its line `ready`."""
        with self.log.open("ab") as log:
            position = log.tell()
            self._process = subprocess.Popen(
                [*COMMAND, "--config", str(self.config), "serve"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_for(b"ready", position)

    def _wait_for(self, word: bytes, position: int) -> None:
        watcher = select.poll()
        pidfd = os.pidfd_open(self.pid)
        watcher.register(pidfd, select.POLLIN)
        try:
            for _ in range(int(_START_SECONDS / 0.02)):
                with self.log.open("rb") as log:
                    log.seek(position)
                    written = log.read()
                if b"daemon: " + word in written:
                    return
                if watcher.poll(20):
                    raise AssertionError(f"the daemon ended: {written.decode(errors='replace')[-3000:]}")
        finally:
            os.close(pidfd)
        raise AssertionError(f"the daemon is not ready: {written.decode(errors='replace')[-3000:]}")

    def kill(self) -> None:
        """SIGKILL for the daemon and its workers, as a power cut would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(60)
        self._process = None
        return code

    def run(self, *words: str, stdin: bytes = b"", check: bool = True) -> subprocess.CompletedProcess[bytes]:
        """Runs a mailgate command against this installation."""
        done = subprocess.run(
            [*COMMAND, "--config", str(self.config), *words], input=stdin, capture_output=True, timeout=120, check=False
        )
        if check and done.returncode:
            raise AssertionError(f"{words} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
        return done

    def json(self, *words: str) -> Any:
        """The JSON document that a command prints."""
        return json.loads(self.run(*words, "--json").stdout)

    def wait_until_filed(self) -> None:
        """Waits until nothing waits in the spool."""
        for _ in range(1200):
            if json.loads(self.run("audit", "--json", check=False).stdout)["waiting"] == 0:
                return
            select.select([], [], [], 0.1)
        raise AssertionError("messages still wait in the spool")


COMMAND = [sys.executable, "-c", "from mailgate_cli.main import run; run()"]
