"""What requesters do on the desk writes the same events as mail does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailgate import clock
from mailgate.desk import requests
from mailgate.errors import RefusedError
from mailgate.model import User
from mailgate.store import Store, entries, events, people, tickets
from mailgate.store import requests as asked


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(tmp_path)

    def furnish(tx: Any) -> None:
        people.add_category(tx, "Support")
        jane = people.add(tx, ["jane@example.com"], "Jane")
        people.add(tx, ["sam@example.com"], "Sam")
        ticket_id = tickets.add(tx, "Printer", jane.id, 1, "email", 5.0)
        tickets.subscribe(tx, ticket_id, jane.id)

    made.write(furnish)
    yield made
    made.close()


def _jane(db: Any) -> User:
    return people.named(db, "jane@example.com")


def _kinds(store: Store) -> list[str]:
    with store.read() as db:
        return [event.kind for event in events.waiting(db)]


def test_nothing_said_is_refused(store: Store) -> None:
    with pytest.raises(RefusedError, match="empty"):
        store.write(lambda tx: requests.customer_reply(tx, tickets.get(tx, 1), _jane(tx), "  \n"))
    assert _kinds(store) == []


def test_the_same_words_count_again_after_a_while(store: Store) -> None:
    def say(tx: Any) -> int:
        return requests.customer_reply(tx, tickets.get(tx, 1), _jane(tx), "Hello?")

    with clock.frozen(1_800_000_000.0) as advance:
        assert store.write(say) == store.write(say)
        advance(700)
        store.write(say)
    assert _kinds(store) == ["MessageAdded", "MessageAdded"]


def test_closing_with_words_makes_one_event_with_the_entry(store: Store) -> None:
    entry = store.write(lambda tx: requests.customer_reply(tx, tickets.get(tx, 1), _jane(tx), "Solved", close=True))
    with store.read() as db:
        (event,) = events.waiting(db)
        assert (event.kind, event.entry_id, event.data) == ("TicketClosed", entry, {"entry": entry})
        log = entries.of_ticket(db, 1)[-1]
        assert (log.kind, log.data["what"], log.data["via"]) == ("event", "closed", "web")


def test_only_the_requester_rates_and_only_with_a_vote(store: Store) -> None:
    sam = store.write(lambda tx: people.named(tx, "sam@example.com"))
    with pytest.raises(RefusedError):
        store.write(lambda tx: requests.rate(tx, tickets.get(tx, 1), sam, 5.0, "good", ""))
    with pytest.raises(RefusedError):
        store.write(lambda tx: requests.rate(tx, tickets.get(tx, 1), _jane(tx), 5.0, "great", ""))
    store.write(lambda tx: requests.rate(tx, tickets.get(tx, 1), _jane(tx), 5.0, "good", "x" * 9000))
    with store.read() as db:
        row = asked.rating(db, 1, 5.0)
    assert row is not None
    assert (row["vote"], len(row["comment"])) == ("good", 4000)
    assert _kinds(store) == ["TicketRated"]


def test_leaving_twice_is_logged_once(store: Store) -> None:
    assert store.write(lambda tx: requests.leave(tx, tickets.get(tx, 1), _jane(tx)))
    assert not store.write(lambda tx: requests.leave(tx, tickets.get(tx, 1), _jane(tx)))
    with store.read() as db:
        assert [entry.data["what"] for entry in entries.of_ticket(db, 1)] == ["unsubscribed"]
