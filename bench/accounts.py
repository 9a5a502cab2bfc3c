"""Polled accounts beside their peers: durable fetch-and-delete of one mailbox from one real Dovecot.

Takes `--messages` (5000) and `--size` (15000 bytes); gives a table of messages a second, the best of `--rounds`, with
the targets of the project beside it. Peers that are not installed are left out. All of them fetch in clear from
127.0.0.1 the same messages; ours are in the database and synced before they are deleted.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mailgate.config.schema import Account
from mailgate.sources.accounts.build import fetcher_for
from mailgate.sources.accounts.poller import Poller
from mailgate.store import Store, accounts
from tests.support.dovecot import Dovecot, available

_WORDS = ("thank", "you", "for", "your", "message", "the", "printer", "on", "second", "floor", "does", "not", "print")


def message(number: int, size: int) -> bytes:
    """A plain message of about `size` bytes."""
    dice = random.Random(number)
    lines = []
    while size > 0:
        line = " ".join(dice.choices(_WORDS, k=12)) + f" {dice.getrandbits(64):x}"
        lines.append(line)
        size -= len(line) + 1
    head = f"From: user{number}@example.org\nTo: support@example.net\nSubject: Request {number}\n"
    return (head + f"Message-ID: <{number}.bench@example.org>\n\n" + "\n".join(lines) + "\n").encode()


def ours(server: Dovecot, protocol: str, folder: Path, count: int) -> float:
    """mailgate: seconds for fetching, syncing and deleting."""
    port = server.imap if protocol == "imap" else server.pop3
    account = Account(name="bench", protocol=protocol, host="localhost", port=port, tls="none", username="bench")  # type: ignore[arg-type]
    store = Store.open(folder / "data")
    poller = Poller(account, lambda: fetcher_for(account, store.blobs, Path, lambda: "secret"), store)
    began = time.perf_counter()
    poller.turn()
    took = time.perf_counter() - began
    with store.read() as db:
        state = accounts.state(db, "bench")
    poller.abort()
    store.close()
    assert state.fetched_total == count, state
    return took


def bare(server: Dovecot, _folder: Path, count: int) -> float:
    """The limit: an imapclient loop of 100 messages a round trip that keeps nothing and deletes nothing."""
    from imapclient import IMAPClient

    client = IMAPClient("localhost", server.imap, ssl=False)
    client._imap.debug = 0
    client.login("bench", "secret")
    client.select_folder("INBOX")
    began = time.perf_counter()
    uids = client.search("ALL")
    got = 0
    for start in range(0, len(uids), 100):
        got += len(client.fetch(uids[start : start + 100], ["BODY.PEEK[]"]))
    took = time.perf_counter() - began
    client.logout()
    assert got == count
    return took


def mbsync(server: Dovecot, folder: Path, _count: int) -> float:
    """mbsync pulls into a Maildir; it deletes nothing on the server."""
    (folder / "mail").mkdir()
    rc = folder / "mbsyncrc"
    rc.write_text(
        f"IMAPStore far\nHost localhost\nPort {server.imap}\nUser bench\nPass secret\nSSLType None\nAuthMechs LOGIN\n\n"
        f"MaildirStore near\nInbox {folder}/mail/INBOX\nPath {folder}/mail/\n\n"
        f"Channel bench\nFar :far:\nNear :near:\nPatterns INBOX\nSync PullNew\nCreate Near\nSyncState {folder}/mail/\n"
    )
    return _timed(["mbsync", "-q", "-c", str(rc), "bench"])


def getmail(server: Dovecot, folder: Path, _count: int) -> float:
    """getmail6 into a Maildir, deleting."""
    maildir = folder / "mail"
    for part in ("new", "cur", "tmp"):
        (maildir / part).mkdir(parents=True)
    rc = folder / "getmailrc"
    rc.write_text(
        f"[retriever]\ntype = SimpleIMAPRetriever\nserver = localhost\nport = {server.imap}\nusername = bench\n"
        f"password = secret\n\n[destination]\ntype = Maildir\npath = {maildir}/\n\n"
        "[options]\ndelete = true\nread_all = true\nverbose = 0\nmessage_log =\n"
    )
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, "nobody", "nogroup")  # it refuses to deliver as root
    took = 0.0
    for _ in range(5):  # on a busy machine it gives up waiting for its own child; the next run goes on
        took += _timed(["getmail", f"--getmaildir={folder}", f"--rcfile={rc}"], (0, 127), "nobody")
        if not server.files("bench"):
            break
    return took


def fetchmail(server: Dovecot, folder: Path, _count: int) -> float:
    """fetchmail over POP3, deleting, handing each message to an mda that only reads it."""
    rc = folder / "fetchmailrc"
    rc.write_text(
        f"poll localhost protocol pop3 port {server.pop3} auth password\n"
        'user "bench" password "secret" sslproto "" no keep fetchall mda "/bin/cat > /dev/null"\n'
    )
    rc.chmod(0o600)
    return _timed(["fetchmail", "-f", str(rc), "--silent", "--nosyslog", "--pidfile", str(folder / "pid")], (0, 1))


RUNS: list[tuple[str, str | None, Callable[[Dovecot, Path, int], float]]] = [
    ("mailgate imap", None, lambda s, f, n: ours(s, "imap", f, n)),
    ("bare imapclient loop", None, bare),
    ("mbsync pull", "mbsync", mbsync),
    ("getmail6 imap", "getmail", getmail),
    ("mailgate pop3", None, lambda s, f, n: ours(s, "pop3", f, n)),
    ("fetchmail pop3 mda", "fetchmail", fetchmail),
]
TARGETS = [
    ("mailgate imap", "getmail6 imap", 10.0),
    ("mailgate imap", "mbsync pull", 1.0),
    ("mailgate pop3", "fetchmail pop3 mda", 3.0),
]


def _timed(command: list[str], good: tuple[int, ...] = (0,), user: str | None = None) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, user=user, group="nogroup" if user else None)
    took = time.perf_counter() - began
    if done.returncode not in good:
        raise RuntimeError(f"{command[0]}: {done.returncode} {done.stdout[-500:]!r} {done.stderr[-500:]!r}")
    return took


def measure(count: int, size: int, rounds: int, only: str) -> dict[str, float]:
    """Messages a second of each run, the best of `rounds`."""
    messages = [message(number, size) for number in range(count)]
    found: dict[str, float] = {}
    server = Dovecot()
    server.start()
    try:
        for _ in range(rounds):
            for name, program, run in RUNS:
                if only not in name or (program is not None and shutil.which(program) is None):
                    continue
                server.forget("bench")
                server.deliver("bench", messages)
                folder = Path(tempfile.mkdtemp(prefix="bench-"))
                try:
                    rate = count / run(server, folder, count)
                    left = len(server.files("bench"))
                    assert left in (0, count), f"{name} left {left} messages"
                finally:
                    shutil.rmtree(folder, ignore_errors=True)
                found[name] = max(found.get(name, 0.0), rate)
    finally:
        server.stop()
    return found


def main() -> int:
    """Prints the table, or JSON; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--size", type=int, default=15000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", default="", help="only runs with this in their name")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not available():
        print("needs Dovecot and root", file=sys.stderr)
        return 3
    found = measure(options.messages, options.size, options.rounds, options.only)
    missed = [
        (a, b, factor, found[a] / found[b])
        for a, b, factor in TARGETS
        if a in found and b in found and found[a] < factor * found[b]
    ]
    if options.json:
        print(json.dumps({"messages_per_second": found, "missed": missed}))
    else:
        for name, rate in found.items():
            print(f"{name:24} {rate:8.0f} messages/s")
        for a, b, factor in TARGETS:
            if a in found and b in found:
                print(f"{a} / {b}: {found[a] / found[b]:.1f} (target {factor:g})")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
