"""A Dovecot of one's own: in a temporary folder, on free ports, with a private certificate authority.

Gives `Dovecot`: start, kill, stop, mailboxes filled by writing Maildir files. It never touches the system's Dovecot.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import trustme

_CONFIG = """
protocols = imap pop3
listen = 127.0.0.1
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
default_internal_user = dovecot
default_login_user = dovenull
default_internal_group = dovecot
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
mail_location = maildir:{root}/mail/%n/Maildir{layout}
mail_max_userip_connections = 50
maildir_very_dirty_syncs = no
mailbox_idle_check_interval = 1 secs
pop3_uidl_format = {uidl}
first_valid_uid = 1
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%n
}}
service imap-login {{
  service_count = 0
  client_limit = 100
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  service_count = 0
  client_limit = 100
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
{more}
"""


def available() -> bool:
    """Whether this machine has Dovecot and the rights to run it."""
    return shutil.which("dovecot") is not None and os.geteuid() == 0


class Dovecot:
    """One instance. Every user has the password `secret`."""

    host = "localhost"
    password = "secret"

    def __init__(
        self, more: str = "", mechanisms: str = "plain login", uidl: str = "%08Xu%08Xv", layout: str = ""
    ) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.root.chmod(0o755)
        (self.root / "mail").mkdir()
        self._owner = pwd.getpwnam("nobody")
        os.chown(self.root / "mail", self._owner.pw_uid, self._owner.pw_gid)
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost")
        self.ca_file = self.root / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        certificate.private_key_pem.write_to_path(str(self.root / "key.pem"))
        certificate.cert_chain_pems[0].write_to_path(str(self.root / "cert.pem"))
        self.imap, self.imaps, self.pop3, self.pop3s = _free_ports(4)
        (self.root / "dovecot.conf").write_text(
            _CONFIG.format(
                root=self.root,
                uid=self._owner.pw_uid,
                gid=self._owner.pw_gid,
                imap=self.imap,
                imaps=self.imaps,
                pop3=self.pop3,
                pop3s=self.pop3s,
                more=more,
                mechanisms=mechanisms,
                uidl=uidl,
                layout=layout,
            )
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0

    def start(self) -> None:
        """Starts it and waits until it answers."""
        self._process = subprocess.Popen(
            ["dovecot", "-F", "-c", str(self.root / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + 20
        for port in (self.imap, self.imaps, self.pop3, self.pop3s):
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                if time.monotonic() > end or self._process.poll() is not None:
                    raise RuntimeError(f"dovecot does not start: {self.log()}")
                time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL to the whole instance."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ends it and removes its folder."""
        self._signal(signal.SIGTERM)
        shutil.rmtree(self.root, ignore_errors=True)

    def log(self) -> str:
        path = self.root / "dovecot.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    def maildir(self, user: str, folder: str = "") -> Path:
        """The Maildir of a user's INBOX, or of a folder below it (its name on disk, such as `.Archive`)."""
        path = self.root / "mail" / user / "Maildir" / folder
        for part in ("new", "cur", "tmp"):
            (path / part).mkdir(parents=True, exist_ok=True)
            os.chown(path / part, self._owner.pw_uid, self._owner.pw_gid)
        for above in (path, *path.parents):
            if above == self.root / "mail":
                break
            os.chown(above, self._owner.pw_uid, self._owner.pw_gid)
        return path

    def give_back(self, user: str) -> None:
        """Makes all of a user's files the server's own, after a test has put some there."""
        self._own(self.root / "mail" / user)

    def deliver(self, user: str, messages: Sequence[bytes], folder: str = "") -> list[Path]:
        """Puts messages into a mailbox, as an MDA would: complete in tmp, then renamed into new."""
        path = self.maildir(user, folder)
        made = []
        for message in messages:
            self._count += 1
            virtual = len(message) + message.count(b"\n") - message.count(b"\r\n")
            name = f"{1700000000 + self._count}.M{self._count}P1.test,S={len(message)},W={virtual}"
            temporary = path / "tmp" / name
            temporary.write_bytes(message)
            os.chown(temporary, self._owner.pw_uid, self._owner.pw_gid)
            target = path / "new" / name
            temporary.rename(target)
            made.append(target)
        return made

    def files(self, user: str, folder: str = "") -> list[Path]:
        """The message files of a mailbox."""
        path = self.maildir(user, folder)
        return [file for part in ("new", "cur") for file in (path / part).iterdir()]

    def forget(self, user: str) -> None:
        """Removes a user's mail."""
        shutil.rmtree(self.root / "mail" / user, ignore_errors=True)

    def _own(self, path: Path) -> None:
        for folder, _, files in os.walk(path):
            for name in (folder, *(os.path.join(folder, file) for file in files)):
                if os.stat(name).st_uid != self._owner.pw_uid:
                    os.chown(name, self._owner.pw_uid, self._owner.pw_gid)

    def _signal(self, number: int) -> None:
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            process.wait(20)
            self._process = None


@contextlib.contextmanager
def running(**settings: str) -> Iterator[Dovecot]:
    """A Dovecot for the length of a block."""
    server = Dovecot(**settings)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for sock in sockets:
        sock.bind(("127.0.0.1", 0))
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports
