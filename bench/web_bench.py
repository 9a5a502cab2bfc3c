"""How long the requester's page takes with many tickets.

Takes the number of tickets (default 100000); prints one line of JSON with milliseconds. Every request shows another
ticket, so that nothing was made before; the client is a process of its own, first with one connection, then with four.
Goal: the ticket's page under 20 ms at the 99th percentile.
"""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mailgate.config import Config
from mailgate.mail.html import sanitise
from mailgate.model import Role
from mailgate.store import Store, entries, people, tickets
from mailgate.store.entries import NewEntry
from mailgate.web import WebServer

_REQUESTS = 2000
_TEXT = "We looked at the **printer** and found two things that had to be changed. " * 8
_HTML = (
    '<div style="font-family:Calibri"><p>Hello,</p>'
    + '<p>the <b>printer</b> in <a href="https://example.com/room">room 12</a> smokes again.</p>' * 20
    + "<table border=1>" + "<tr><td>tray</td><td>empty</td></tr>" * 20 + "</table></div>"
)  # fmt: skip


def main() -> None:
    if sys.argv[1:2] == ["--client"]:
        print(json.dumps(_client(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    work = Path(__file__).parent / "work"
    work.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        store = Store.open(Path(folder) / "data")
        config = Config(path=f"{folder}/config.toml")
        config.web.listen = ["127.0.0.1:0"]
        started = time.perf_counter()
        _furnish(store, count)
        furnished = time.perf_counter() - started
        server = WebServer(config, store, lambda: {"stuck": []})
        server.start()
        try:
            found: dict[str, Any] = {"tickets": count, "furnished_seconds": round(furnished, 1)}
            for connections in (1, 4):
                found[f"ticket_page_{connections}"] = _measure(server, store, count, connections)
        finally:
            server.stop()
            store.close()
    print(json.dumps(found))


def _measure(server: WebServer, store: Store, count: int, connections: int) -> dict[str, float]:
    assert server._pages is not None
    room = server._pages.room
    with store.read() as db:
        administrator = people.named(db, "admin@example.com")
    cookie = room.sessions.write(room.sessions.begin(administrator, "password"))
    given = [sys.executable, __file__, "--client", server.addresses[0], cookie, str(count), str(connections)]
    spent = time.process_time()
    done = subprocess.run(given, stdout=subprocess.PIPE, text=True, check=True)
    spent = time.process_time() - spent
    answer: dict[str, float] = json.loads(done.stdout)
    return {**answer, "cpu_ms_a_page": round(spent * 1000 / _REQUESTS, 2)}


def _furnish(store: Store, count: int) -> None:
    """Tickets with four entries each, of which one is HTML from a mail program."""
    html = sanitise(_HTML)

    def begin(tx: Any) -> None:
        people.add_category(tx, "Support")
        people.add(tx, ["admin@example.com"], "Ada Admin", Role.ADMINISTRATOR)
        for number in range(1000):
            people.add(tx, [f"p{number}@example.com"], f"Person {number}")

    def piece(tx: Any, first: int, last: int) -> None:
        for number in range(first, last):
            person = 2 + number % 1000
            author = (person, f"Person {number % 1000}", f"p{number % 1000}@example.com")
            ticket_id = tickets.add(tx, f"The printer smokes, no. {number}", person, 1, "email", 1.79e9 + number)
            tickets.subscribe(tx, ticket_id, person)
            text = f"Hello, {number}. " + _TEXT
            entries.add(tx, ticket_id, NewEntry("message", author, text, html=html, at=1.79e9))
            for kind in ("reply", "message", "note"):
                entries.add(tx, ticket_id, NewEntry(kind, author, text, reply_text=_TEXT, at=1.79e9))

    store.write(begin)
    for first in range(0, count, 1000):
        store.write(lambda tx, first=first: piece(tx, first, min(count, first + 1000)))


def _client(address: str, cookie: str, count: int, connections: int) -> dict[str, float]:
    """Asks for random tickets; gives percentiles in milliseconds and requests a second."""
    taken: list[float] = []

    def ask(seed: int) -> None:
        chosen = random.Random(seed)
        connection = http.client.HTTPConnection(address)
        for number in range(_REQUESTS // connections + 20):
            start = time.perf_counter()
            connection.request("GET", f"/t/{chosen.randint(1, count)}", headers={"Cookie": f"mailgate={cookie}"})
            response = connection.getresponse()
            body = response.read()
            assert response.status == 200, body
            if number >= 20:  # imports and templates, once for a daemon's life
                taken.append((time.perf_counter() - start) * 1000)

    threads = [threading.Thread(target=ask, args=(connections * 10 + n,)) for n in range(connections)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - started
    taken.sort()
    return {
        "p50_ms": round(taken[len(taken) // 2], 2),
        "p99_ms": round(taken[len(taken) * 99 // 100], 2),
        "worst_ms": round(taken[-1], 2),
        "requests_per_second": round(len(taken) / wall),
    }


if __name__ == "__main__":
    main()
