"""Letters a second from the outbox to a sink, beside Postfix from its queue to the same sink, in one run.

    python -m bench.delivery_bench [--letters 2000] [--kilobytes 10] [--domains 40] [--rounds 3]

Postfix takes the letters first, with delivery held (`defer_transports`), then sends them all; ours are written to the
outbox before the hand starts. Both speak to Postfix's own `smtp-sink`. Time runs from the start of sending until all is
written down as sent: Postfix's log says so, our outbox does. Needs Postfix and root.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from mailgate.config import parse_config
from mailgate.delivery import Delivery
from mailgate.store import Store, Tx, outbox
from tests.support.daemon import free_port
from tests.support.postfix import Postfix


def letters(count: int, size: int, domains: int) -> list[tuple[str, bytes]]:
    """Recipients and whole messages, each with a Message-ID of its own."""
    line = b"The quick brown fox jumps over the lazy dog, again and again and again.\r\n"
    made = []
    for number in range(count):
        to = f"user{number}@customer{number % domains}.example"
        head = (
            f"From: support@help.example.com\r\nTo: {to}\r\nSubject: bench {number} {{{number}}}\r\n"
            f"Message-ID: <{number}.{time.time_ns()}@bench>\r\nMIME-Version: 1.0\r\n\r\n{os.urandom(600).hex()}\r\n"
        ).encode()
        made.append((to, head + line * (max(0, size - len(head)) // len(line))))
    return made


class Sink:
    """Postfix's smtp-sink, in a process of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process = subprocess.Popen(["/usr/sbin/smtp-sink", "-u", "nobody", f"127.0.0.1:{self.port}", "1000"])
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise SystemExit("smtp-sink does not answer")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


def postfix_rate(made: list[tuple[str, bytes]], port: int) -> float:
    """Letters a second that Postfix sends from its queue."""
    folder = Path(tempfile.mkdtemp(prefix="mailgate-bench-"))
    postfix = Postfix(folder, {"*": f"smtp:[127.0.0.1]:{port}"}, main="defer_transports = smtp")
    try:
        postfix.fill(made)
        postfix.run("postconf", "-e", "defer_transports=")
        postfix.run("postfix", "reload")
        start = time.perf_counter()
        postfix.flush()
        while postfix.sent() < len(made):
            time.sleep(0.01)
        return len(made) / (time.perf_counter() - start)
    finally:
        postfix.stop()
        shutil.rmtree(folder)


def our_rate(made: list[tuple[str, bytes]], port: int) -> float:
    """Letters a second that mailgate sends from its outbox."""
    folder = Path(tempfile.mkdtemp(prefix="mailgate-bench-"))
    config = parse_config(
        '[[mailbox]]\naddress = "support@help.example.com"\n[outgoing]\nfrom_address = "support@help.example.com"\n'
        f'smtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_tls = "none"\n',
        str(folder / "config.toml"),
    )
    store = Store.open(folder / "data")
    try:
        store.write(lambda tx: _fill(tx, store, made))
        hand, stop = Delivery(store, config), threading.Event()
        start = time.perf_counter()
        thread = threading.Thread(target=hand.run, args=(stop,))
        thread.start()
        while hand.counters["sent"] < len(made):
            time.sleep(0.01)
        rate = len(made) / (time.perf_counter() - start)
        stop.set()
        store.bell.ring("delivery")
        thread.join()
        return rate
    finally:
        store.close()
        shutil.rmtree(folder)


def _fill(tx: Tx, store: Store, made: list[tuple[str, bytes]]) -> None:
    for number, (to, raw) in enumerate(made):
        outbox.add(
            tx, store, outbox.NewLetter(f"<{number}@bench>", "bench", "s@help.example.com", [to], raw, "updated", False)
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--letters", type=int, default=2000)
    parser.add_argument("--kilobytes", type=int, default=10)
    parser.add_argument("--domains", type=int, default=40, help="recipient domains; 1 for a company's own desk")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    made = letters(options.letters, options.kilobytes * 1024, options.domains)
    sink = Sink()
    try:
        rates = [(our_rate(made, sink.port), postfix_rate(made, sink.port)) for _ in range(options.rounds)]
    finally:
        sink.close()
    ours, theirs = (statistics.median(column) for column in zip(*rates, strict=True))
    print(f"delivery of {options.letters} letters of {options.kilobytes} KB to a sink, letters a second (median):")
    print(f"  mailgate {ours:8.0f}\n  Postfix  {theirs:8.0f}\n  ratio    {ours / theirs:8.2f}   (the goal is 0.5)")


if __name__ == "__main__":
    main()
