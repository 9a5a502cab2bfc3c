"""rspamd, spamd and clamd of the Debian packages, each an instance of its own in a folder that goes away with it.

Takes an empty folder; gives a running scanner. Promises: no traffic but on 127.0.0.1 and UNIX sockets: no DNS, no updates,
no fuzzy storages; nothing outside the folder is read but the packages' own files, nothing is written but there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from mailgate.config.schema import ClamAV, Screen
from mailgate.screen import scan
from tests.support.daemon import free_port

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
STREAM_MAX = 1024 * 1024
_START_TRIES = 1200

RSPAMD = """
options {{
    filters = "regexp";
    tempdir = "{folder}";
    pidfile = "{folder}/rspamd.pid";
    cache_file = "{folder}/symbols.cache";
    url_tld = "/usr/share/rspamd/effective_tld_names.dat";
    dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }}
}}
logging {{ type = "file"; filename = "{folder}/log"; level = "info"; }}
worker "normal" {{ bind_socket = ["127.0.0.1:{port}", "{folder}/socket mode=0600"]; count = 1; }}
actions {{ reject = 15; "add header" = 6; greylist = 4; }}
"""
CLAMD = """
Foreground yes
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}
TCPAddr 127.0.0.1
TCPSocket {port}
LocalSocket {folder}/socket
LogFile {folder}/log
LogFileMaxSize 0
StreamMaxLength {stream_max}
"""


_FOLDERS: dict[int, Path] = {}


def folder_of(screen: Screen) -> Path:
    """Where the scanner of these settings keeps its log and its socket."""
    return _FOLDERS[id(screen)]


def needs(path: str, package: str) -> None:
    """Skips where the Debian package is missing."""
    if not os.access(path, os.X_OK) or os.geteuid() != 0:
        pytest.skip(f"needs root and Debian's {package}")


@contextlib.contextmanager
def place() -> Iterator[Path]:
    """A short folder (UNIX sockets have short names) that the servers' own users may enter."""
    folder = Path(tempfile.mkdtemp(prefix="mg-scan-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def rspamd(folder: Path) -> Iterator[Screen]:
    """An rspamd without rules of its own: the GTUBE pattern is built in."""
    needs("/usr/bin/rspamd", "rspamd")
    screen = Screen()
    port = free_port()
    screen.rspamd.enabled = True
    screen.rspamd.url = f"http://127.0.0.1:{port}"
    (folder / "rspamd.conf").write_text(RSPAMD.format(folder=folder, port=port))
    with _running(["/usr/bin/rspamd", "-f", "--insecure", "-c", str(folder / "rspamd.conf")], folder, screen):
        yield screen


@contextlib.contextmanager
def spamd(folder: Path) -> Iterator[Screen]:
    """A spamd with the package's rules and local tests only."""
    needs("/usr/sbin/spamd", "spamd")
    screen = Screen()
    port = free_port()
    screen.spamassassin.enabled = True
    screen.spamassassin.address = f"127.0.0.1:{port}"
    (folder / "site").mkdir()
    (folder / "site" / "local.cf").write_text("use_bayes 0\ndns_available no\n")
    shutil.copy("/etc/spamassassin/v320.pre", folder / "site")  # the plugins that look at nothing but the message
    (folder / "site").chmod(0o755)  # spamd's own user reads it, whatever our umask is
    for path in (folder / "site").iterdir():
        path.chmod(0o644)
    command = [
        "/usr/sbin/spamd", "-L", "-x", "-i", "127.0.0.1", "-p", str(port), "--min-children=1", "--max-children=1",
        "-u", "nobody", "-s", "stderr", "-r", str(folder / "pid"), "--siteconfigpath", str(folder / "site"),
        "--configpath", "/usr/share/spamassassin", "-H", str(folder),
    ]  # fmt: skip
    with _running(command, folder, screen):
        yield screen


@contextlib.contextmanager
def clamd(folder: Path) -> Iterator[Screen]:
    """A clamd that knows one virus: EICAR, by a signature made here; it takes streams up to STREAM_MAX."""
    needs("/usr/sbin/clamd", "clamav-daemon")
    screen = Screen()
    port = free_port()
    screen.clamav = ClamAV(enabled=True, address=f"127.0.0.1:{port}")
    (folder / "signatures").mkdir()
    (folder / "signatures" / "test.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.encode().hex()}\n")
    (folder / "clamd.conf").write_text(CLAMD.format(folder=folder, port=port, stream_max=STREAM_MAX))
    with _running(["/usr/sbin/clamd", "-c", str(folder / "clamd.conf")], folder, screen):
        yield screen


@contextlib.contextmanager
def _running(command: Sequence[str], folder: Path, screen: Screen) -> Iterator[None]:
    with (folder / "out").open("ab") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder, env={**os.environ, "HOME": str(folder)},
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait_until_it_answers(process, folder, screen)
        _FOLDERS[id(screen)] = folder
        yield
    finally:
        _FOLDERS.pop(id(screen), None)
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], folder: Path, screen: Screen) -> None:
    said: object = None
    for _ in range(_START_TRIES):
        ((_, answers, said),) = scan.probe(screen)
        if answers:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            break
    log = "".join(path.read_text(errors="replace") for path in (folder / "out", folder / "log") if path.exists())
    raise AssertionError(f"the scanner does not answer: {said}\n{log[-3000:]}")
