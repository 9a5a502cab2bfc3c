"""How many notifications are rendered and put in the outbox in a second.

Takes the number of replies (default 400); prints one line of JSON. Each reply makes three letters: to the requester, to a
subscriber who reads Turkish, to the assignee; text and HTML with history, durable in a real store. The reactor runs in this
process, alone, so that the figure is that of one core.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from mailgate.config.schema import Config, Mailbox, Outgoing, Web
from mailgate.desk.acts import Desk
from mailgate.model import Role
from mailgate.reactor import Reactor
from mailgate.store import Store, outbox, people, tickets

_TEXT = (
    "Thank you for your patience.\n\n"
    + "We looked at the **printer** and found two things that had to be changed. " * 8
)


def main() -> None:
    replies = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    work = Path(__file__).parent / "work"
    work.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        store = Store.open(Path(folder) / "data")
        config = Config(
            path=f"{folder}/config.toml",
            outgoing=Outgoing(from_address="support@help.example.com", from_name="Support"),
            mailbox=[Mailbox(address="support@help.example.com")],
            web=Web(base_url="https://desk.example.com"),
        )
        store.write(lambda tx: _furnish(tx, store, replies))
        reactor = Reactor(store, config)
        reactor.react(1)  # imports and templates, once for a daemon's life
        with store.read() as db:
            before = outbox.depth(db)[0]
        start, cpu = time.perf_counter(), time.process_time()
        while reactor.react():
            continue
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
        with store.read() as db:
            letters = outbox.depth(db)[0] - before
        store.close()
    print(
        json.dumps(
            {
                "letters": letters,
                "seconds": round(wall, 3),
                "letters_per_second": round(letters / wall),
                "letters_per_cpu_second": round(letters / cpu),
                "goal": 300,
                "cores": os.cpu_count(),
            }
        )
    )


def _furnish(tx: Any, store: Store, replies: int) -> None:
    category = people.add_category(tx, "General")
    tess = people.add(tx, ["tess@help.example.net"], "Tess Tech", Role.TECHNICIAN)
    tom = people.add(tx, ["tom@help.example.net"], "Tom Tech", Role.TECHNICIAN)
    for person in (tess, tom):
        people.set_categories(tx, person.id, [category.id])
    desk = Desk(tx, store, people.get(tx, tess.id))
    for number in range(replies):
        requester = people.add(tx, [f"rita{number}@example.com"], f"Rita Requester {number}")
        subscriber = people.add(tx, [f"sam{number}@example.com"], f"Sam Subscriber {number}", language="tr")
        ticket = desk.open(f"The printer of room {number} is on fire", _TEXT, requester, category)
        tickets.change(tx, ticket, assignee_id=tom.id)
        tickets.subscribe(tx, ticket, subscriber.id)
        desk.reply(ticket, f"{_TEXT}\n\nRoom {number}.")
        tx.run("UPDATE event SET handled_at = 1 WHERE kind = 'TicketOpened'")


if __name__ == "__main__":
    main()
