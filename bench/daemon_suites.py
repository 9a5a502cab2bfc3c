"""What the daemon does, beside its peers, with the targets of the project: one function for each figure.

Takes a folder on the disk that counts; prints lines of a table. Everything is measured against the real daemon over
SMTP; peers run before and after it in the same suite, so that a noisy machine shows.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import load, peers
from mailgate.store import Store, entries, people, tickets
from mailgate.store.entries import NewEntry
from tests.support.daemon import ADDRESS, COMMAND, Daemon
from tests.support.postfix import available

_ROUNDS = 3


def line(what: str, ours: float, unit: str, peer: str = "", ratio: float | None = None, target: str = "") -> None:
    """One line of the table."""
    beside = f"{ratio:6.2f} x {peer}" if ratio is not None else peer
    shown = f"{ours:.3f}" if unit == "s" else f"{ours:,.1f}"
    print(f"{what:<58} {shown:>10} {unit:<10} {beside:<28} {target}", flush=True)


@contextmanager
def folder() -> Iterator[Path]:
    """A short-lived folder under bench/work, on the project's own disk."""
    peers.WORK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=peers.WORK, prefix="b") as name:
        yield Path(name)


@contextmanager
def daemon(place: Path, extra: str = "") -> Iterator[Daemon]:
    """A running daemon whose letters go nowhere: notifications are measured in a suite of their own."""
    house = Daemon(place / "house", extra=f"{extra}\n[notifications]\nenabled = false\n")
    house.start()
    try:
        yield house
    finally:
        house.kill()


def smtp_source(port: int, count: int, size: int, sessions: int, recipient: str) -> float:
    """Seconds that Postfix's own generator takes for `count` messages."""
    started = time.perf_counter()
    subprocess.run(
        ["/usr/sbin/smtp-source", "-s", str(sessions), "-m", str(count), "-l", str(size), "-d", "-f", "load@example.org",
         "-t", recipient, f"127.0.0.1:{port}"], check=True, capture_output=True,
    )  # fmt: skip
    return time.perf_counter() - started


def accepted(count: int = 2000) -> None:
    """Durably accepted over SMTP, beside Postfix delivering to a Maildir on the same disk."""
    if not available():
        print("accepted: Postfix is not installed or this is not root; left out")
        return
    for size, sessions in ((2000, 20), (30_000, 20), (30_000, 100)):
        ours, theirs = [], []
        for _ in range(_ROUNDS):
            with folder() as place:
                box = peers.PostfixMaildir(place)
                try:
                    started = time.perf_counter()
                    smtp_source(box.postfix.port, count, size, sessions, box.recipient)
                    box.wait(count)
                    theirs.append(count / (time.perf_counter() - started))
                finally:
                    box.postfix.stop()
            with folder() as place, daemon(place) as house:
                ours.append(count / smtp_source(house.port, count, size, sessions, ADDRESS))
        best, peer = statistics.median(ours), statistics.median(theirs)
        what = f"accepted durably, {size // 1000} KB, {sessions} sessions"
        line(what, best, "mails/s", f"Postfix ({peer:,.0f}/s)", best / peer, "target 1, goal 2")


def to_ticket(count: int = 10_000, peer_count: int = 300) -> None:
    """From SMTP to ticket with entries, thread ids and search index, sustained."""
    text = [load.body(30_000, seed) for seed in range(40)]
    messages = [load.message(number, text[number % 40]) for number in range(count)]
    rates = {}
    with folder() as place:
        rates["django-helpdesk"] = peer_count / peers.django_helpdesk_seconds(messages[:peer_count], place)
    with folder() as place:
        rates["Roundup"] = 60 / peers.roundup_seconds(messages[:60], place)
    name, peer = max(rates.items(), key=lambda item: item[1])
    with folder() as place, daemon(place) as house:
        started = time.perf_counter()
        sent = load.send(house.port, messages, 20)
        _wait_filed(house, count)
        ours = count / (time.perf_counter() - started)
        line("SMTP to ticket, 30 KB, 20 sessions, sustained", ours, "mails/s", f"{name} ({peer:.1f}/s)", ours / peer,
             "target 5, goal 10")  # fmt: skip
        line("  of which accepted meanwhile", count / sent, "mails/s")
    others = ", ".join(f"{other} {rate:.1f}/s" for other, rate in rates.items())
    print(f"  peers in the same run: {others}")


def _wait_filed(house: Daemon, count: int) -> None:
    store = Store(house.data)
    try:
        while True:
            with store.read() as db:
                if db.value("SELECT COUNT(*) FROM message WHERE outcome IS NULL") == 0:
                    assert db.value("SELECT COUNT(*) FROM ticket") >= count
                    return
            time.sleep(0.05)
    finally:
        store.close()


def fill(data: Path, count: int) -> None:
    """A store with so many tickets, made by the store's own functions."""
    store = Store.open(data)
    with store.read() as db:
        have = db.value("SELECT COUNT(*) FROM ticket")
        categories = [category.id for category in people.categories(db)]
    text = load.body(300, 1).decode()

    def chunk(first: int, last: int) -> None:
        def work(tx: object) -> None:
            for number in range(first, last):
                address = f"user{number % 5000}@example.org"
                user = people.by_address(tx, address) or people.add(tx, [address], f"User {number % 5000}")  # type: ignore[arg-type]
                ticket = tickets.add(tx, f"old {number}", user.id, categories[0], "email", time.time() - 1e6 + number)  # type: ignore[arg-type]
                new = NewEntry("message", (user.id, user.name, address), text, message_id=f"<old.{number}@example.org>")
                entries.add(tx, ticket, new, f"old {number}")  # type: ignore[arg-type]
                tickets.remember_id(tx, f"<old.{number}@example.org>", ticket, "in")  # type: ignore[arg-type]
                tickets.subscribe(tx, ticket, user.id)  # type: ignore[arg-type]

        store.write(work)  # type: ignore[arg-type]

    for first in range(have, count, 2000):
        chunk(first, min(first + 2000, count))
    store.close()


def growth(count: int = 1500) -> None:
    """The cost of a message with 100,000 tickets in the store, beside that with 100; and the list on them."""
    text = [load.body(4000, seed) for seed in range(40)]
    with folder() as place:
        small, large = Daemon(place / "small"), Daemon(place / "large")
        fill(small.data, 100)
        fill(large.data, 100_000)
        costs: dict[str, list[float]] = {"small": [], "large": []}
        for round_ in range(_ROUNDS):
            for name, house in (("small", small), ("large", large)):
                first = 1_000_000 + round_ * count
                messages = [load.message(n, text[n % 40], name) for n in range(first, first + count)]
                house.start()
                before = _cpu_of(house.pid)
                load.send(house.port, messages, 10)
                _wait_filed(house, count)
                costs[name].append((_cpu_of(house.pid) - before) / count * 1000)
                house.kill()
        few, many = min(costs["small"]), min(costs["large"])
        line(
            "cost of a message with 100,000 tickets",
            many,
            "ms CPU",
            f"with 100 ({few:.2f} ms)",
            many / few,
            "limit 1.2",
        )
        _commands(large)


def _cpu_of(pid: int) -> float:
    """Processor seconds of a process and its living children."""
    total = 0.0
    for path in [Path(f"/proc/{pid}"), *_children(pid)]:
        fields = (path / "stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / 100
    return total


def _children(pid: int) -> list[Path]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [Path(f"/proc/{child}") for child in (task / "children").read_text().split()]
    return found


def _commands(house: Daemon) -> None:
    for words, limit in ((("--help",), "limit 0.12"), (("ticket", "list"), "limit 0.25")):
        seconds = []
        for _ in range(10):
            started = time.perf_counter()
            subprocess.run(
                [*COMMAND, "--config", str(house.config), *words],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            seconds.append(time.perf_counter() - started)
        line(f"mailgate {' '.join(words)} (best of 10, 100,000 tickets)", min(seconds), "s", target=limit)


def memory() -> None:
    """The daemon's memory while ten sessions send 25 MB each."""
    big = b"From: a@example.org\r\nSubject: big\r\n\r\n" + (b"x" * 76 + b"\r\n") * (25 * 1024**2 // 78)
    with folder() as place, daemon(place) as house:
        peak = 0.0
        senders = [
            threading.Thread(target=load.send, args=(house.port, [b"Message-ID: <%d@big>\r\n" % n + big], 1))
            for n in range(10)
        ]
        for sender in senders:
            sender.start()
        while any(sender.is_alive() for sender in senders):
            peak = max(peak, _rss(house.pid))
            time.sleep(0.02)
        _wait_filed(house, 10)
        peak = max(peak, _rss(house.pid))
        line("memory, ten sessions of 25 MB at once (daemon)", peak / 1024**2, "MB", target="limit 150")
        total = sum(_rss(int(path.name)) for path in [Path(f"/proc/{house.pid}"), *_children(house.pid)])
        line("  with its reading process, afterwards", total / 1024**2, "MB")


def _rss(pid: int) -> float:
    for text in Path(f"/proc/{pid}/status").read_text().splitlines():
        if text.startswith("VmRSS"):
            return float(text.split()[1]) * 1024
    return 0.0


def machine() -> None:
    """What the figures were measured on."""
    model = subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{model} cores, Python {sys.version.split()[0]}, {resource.getpagesize()} byte pages")
