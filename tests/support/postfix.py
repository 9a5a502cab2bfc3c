"""A Postfix of its own: configuration, queue and ports in a folder that goes away with it. Needs root, as Postfix does.

Takes a folder (short, because UNIX socket names are), further lines for main.cf and master.cf, and a transport table;
gives a running instance.
"""

from __future__ import annotations

import os
import shutil
import smtplib
import subprocess
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.support.daemon import free_port

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/state
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mta.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
message_size_limit = 104857600
mailbox_size_limit = 0
default_transport = discard:
transport_maps = texthash:{folder}/transport
minimal_backoff_time = 1s
queue_run_delay = 1000s
{main}
"""
_MASTER = """
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
virtual unix - n n - - virtual
{master}
"""


def available() -> bool:
    """Whether Postfix is installed and may be started here."""
    return Path("/usr/sbin/postfix").exists() and os.geteuid() == 0


class Postfix:
    """One instance, started at once."""

    def __init__(self, folder: Path, transports: Mapping[str, str], main: str = "", master: str = "") -> None:
        self.port = free_port()
        self.folder, self._conf = folder, folder / "conf"
        folder.chmod(0o755)
        for name in ("conf", "queue", "state"):
            (folder / name).mkdir()
            (folder / name).chmod(0o755)  # the store closes its files to others; Postfix's own users read these
        shutil.chown(folder / "state", "postfix")
        (self._conf / "main.cf").write_text(_MAIN.format(folder=folder, main=main))
        (self._conf / "master.cf").write_text(_MASTER.format(port=f"127.0.0.1:{self.port}", master=master))
        (folder / "transport").write_text("".join(f"{name} {where}\n" for name, where in transports.items()))
        for path in (*self._conf.iterdir(), folder / "transport"):
            path.chmod(0o644)
        self.run("postfix", "start")

    def send(self, content: bytes, *recipients: str, sender: str = "jo@sender.example") -> None:
        """Hands one message to Postfix."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as client:
            client.sendmail(sender, list(recipients), content, mail_options=["BODY=8BITMIME"])

    def fill(self, letters: Iterable[tuple[str, bytes]], sender: str = "jo@sender.example") -> None:
        """Hands many messages over in one connection."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as client:
            for recipient, content in letters:
                client.sendmail(sender, [recipient], content)

    def sent(self) -> int:
        """How many deliveries the log calls sent."""
        return self.log().count("status=sent")

    def wait_for_log(self, *words: str, seconds: float = 60.0) -> str:
        """Follows the log until a line holds all the words; gives the line."""
        path = self.folder / "log"
        with subprocess.Popen(
            ["tail", "--follow=name", "--lines=+1", str(path)], stdout=subprocess.PIPE, text=True
        ) as tail:
            watchdog = threading.Timer(seconds, tail.kill)
            watchdog.start()
            try:
                assert tail.stdout is not None
                found = next((line for line in tail.stdout if all(word in line for word in words)), None)
            finally:
                watchdog.cancel()
                tail.kill()
        if found is None:
            raise AssertionError(f"{words} never came:\n{self.log()}")
        return found

    def flush(self) -> None:
        """Tries what is deferred again."""
        self.run("postqueue", "-f")

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def stop(self) -> None:
        self.run("postfix", "stop")

    def run(self, program: str, *arguments: str) -> str:
        """Runs one of Postfix's programs against this instance; gives what it printed."""
        done = subprocess.run(
            [f"/usr/sbin/{program}", "-c", str(self._conf), *arguments],
            capture_output=True, text=True, umask=0o022, check=False,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"{program} ended with {done.returncode}: {done.stderr}{done.stdout}")
        return done.stdout
