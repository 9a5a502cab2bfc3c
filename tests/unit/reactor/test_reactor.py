"""The reactor: each event once, whatever fails or races; limits on automatic mail; the bell."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailgate import clock
from mailgate.errors import ConfigError, TemporaryError
from mailgate.notify.letters import Notifier
from mailgate.reactor import Reactor
from mailgate.store import Store, entries, events, keys, meters, outbox, people
from tests.support.letters import PostRoom

NOW = 1_764_100_000.0


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PostRoom]:
    made = PostRoom(tmp_path)
    yield made
    made.close()


def pending(room: PostRoom) -> list[str]:
    with room.store.read() as db:
        return [row["to_list"] for row in reversed(outbox.listed(db, "pending"))]


def waiting(room: PostRoom) -> list[str]:
    with room.store.read() as db:
        return [event.kind for event in events.waiting(db)]


def logged(room: PostRoom, ticket: int) -> list[str]:
    with room.store.read() as db:
        return [entry.text for entry in entries.of_ticket(db, ticket) if entry.data.get("what") == "mail withheld"]


# -- each event once ---------------------------------------------------------------------------------------------------


def test_events_are_handled_in_order_and_once(room: PostRoom) -> None:
    room.ticket(quiet=False)
    room.act(room.tess, lambda desk: desk.reply(1, "one"))
    assert room.reactor.react() == 2
    assert pending(room) == [
        "rita@example.com", "tess@help.example.net", "tom@help.example.net", "rita@example.com", "sam@example.com",
    ]  # fmt: skip
    assert room.reactor.react() == 0
    assert len(pending(room)) == 5


def test_limit(room: PostRoom) -> None:
    for _ in range(3):
        room.ticket(quiet=False)
    assert room.reactor.react(limit=2) == 2
    assert waiting(room) == ["TicketOpened"]


def test_two_reactors_make_each_letter_once(room: PostRoom) -> None:
    """The daemon and a command react at the same moment: both render, one writes."""
    for _ in range(20):
        room.ticket(quiet=False)
    other = Store.open(room.store.folder)
    reactors = [room.reactor, Reactor(other, room.config)]
    threads = [threading.Thread(target=reactor.react) for reactor in reactors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert waiting(room) == []
    assert len(pending(room)) == 60


def test_a_crash_before_the_commit_loses_nothing_and_after_it_repeats_nothing(
    room: PostRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.ticket(quiet=False)

    def fail(*_: Any) -> int:
        raise TemporaryError("The database cannot be used right now: disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "add", fail)
        with pytest.raises(TemporaryError):
            room.reactor.react()
    assert pending(room) == []
    assert waiting(room) == ["TicketOpened"]
    Reactor(room.store, room.config).react()
    assert len(pending(room)) == 3


# -- failures ----------------------------------------------------------------------------------------------------------


def break_first(monkeypatch: pytest.MonkeyPatch) -> None:
    true = Notifier.letters

    def letters(self: Notifier, db: Any, event: Any, *rest: Any) -> Any:
        if event.ticket_id == 1:
            raise RuntimeError("cannot be told")
        return true(self, db, event, *rest)

    monkeypatch.setattr(Notifier, "letters", letters)


def test_one_event_that_fails_does_not_stop_the_others_and_is_set_aside(
    room: PostRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.frozen(NOW) as advance:
        room.ticket(quiet=False)
        room.ticket(quiet=False)
        break_first(monkeypatch)
        assert room.reactor.react() == 2
        assert len(pending(room)) == 3
        for attempt in range(1, events.MAX_ATTEMPTS):
            assert waiting(room) == []
            advance(5 * 3**attempt)
            assert waiting(room) == ["TicketOpened"]
            assert room.reactor.react() == 1
        with room.store.read() as db:
            assert events.failed_count(db) == 1
        advance(86400 * 365)
        assert waiting(room) == []


def test_a_letter_that_cannot_be_written_counts_as_a_failure_of_its_event_alone(
    room: PostRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.ticket(quiet=False)
    room.ticket(quiet=False)
    true = outbox.add

    def add(tx: Any, store: Any, letter: Any) -> int:
        if letter.ticket_id == 1:
            raise ValueError("cannot be written")
        return true(tx, store, letter)

    monkeypatch.setattr(outbox, "add", add)
    assert room.reactor.react() == 2
    assert len(pending(room)) == 3
    with room.store.read() as db:
        first = events.of_ticket(db, 1)[0]
        row = db.one("SELECT attempts, error, handled_at FROM event WHERE id = :id", {"id": first.id})
    assert row is not None
    assert (row["attempts"], row["error"], row["handled_at"]) == (1, "ValueError: cannot be written", None)


def test_a_key_that_cannot_be_read_keeps_mail_here(room: PostRoom) -> None:
    room.set("outgoing", dkim_selector="desk", dkim_key_file="missing.pem")
    room.ticket(quiet=False)
    for _ in range(events.MAX_ATTEMPTS + 1):  # however often: the event waits, unharmed
        with pytest.raises(ConfigError, match=r"missing\.pem"):
            room.reactor.react()
    assert pending(room) == []
    assert waiting(room) == ["TicketOpened"]
    room.set("outgoing", dkim_selector="")
    room.reactor.react()
    assert len(pending(room)) == 3


def test_signing_with_the_configured_key(room: PostRoom) -> None:
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    from mailgate.notify.signing import signer

    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (room.folder / "dkim.pem").write_bytes(pem)
    room.set("outgoing", dkim_selector="desk", dkim_key_file="dkim.pem")
    room.ticket(quiet=False)
    for sent in room.letters():
        field = str(sent.message["DKIM-Signature"])
        assert "d=help.example.com; s=desk;" in field
        assert "a=ed25519-sha256" in field
    room.set("outgoing", dkim_key_file=None)
    with pytest.raises(ConfigError, match="dkim_key_file"):
        signer(room.config)


def test_new_signing_keys_are_used_at_once(room: PostRoom) -> None:
    from mailgate.mail import tokens

    ticket = room.ticket(quiet=False)
    room.letters()
    room.store.write(keys.rotate)
    newest = keys.signing_keys(room.store)[:1]
    room.act(room.tess, lambda desk: desk.reply(ticket, "x"))
    assert all(tokens.read_message_id(sent.message["Message-ID"], newest) == ticket for sent in room.letters())


# -- limits ------------------------------------------------------------------------------------------------------------


def test_automatic_mail_to_one_address_is_bounded(room: PostRoom) -> None:
    """A robot that writes ticket after ticket gets a bounded number of confirmations, and people hear of it once."""
    room.set("screen", auto_mail_per_address=3)
    with clock.frozen(NOW) as advance:
        for _ in range(8):
            room.ticket(quiet=False, subscribers=[])
        told = room.told()
        assert told.count(("confirmation", "rita")) == 3
        assert told.count(("new_ticket", "tess")) == 8  # technicians miss nothing
        assert told.count(("operations", "ada")) == 1
        assert [bool(logged(room, ticket)) for ticket in range(1, 9)] == [False] * 3 + [True] * 5
        assert logged(room, 4) == [
            "No confirmation mail to rita@example.com: too many automatic mails in a short time (limit 3)"
        ]
        advance(2 * 3600)
        room.ticket(quiet=False, subscribers=[])
        assert ("confirmation", "rita") in room.told()


def test_automatic_mail_in_all_is_bounded(room: PostRoom) -> None:
    room.set("screen", auto_mail_in_all=4)
    with clock.frozen(NOW):
        for number in range(7):
            room.ticket(room.person(f"user{number}@example.org"), quiet=False, subscribers=[])
        told = room.told()
    assert sum(template == "confirmation" for template, _ in told) == 4
    assert told.count(("operations", "ada")) == 1


def test_two_robots_end(room: PostRoom) -> None:
    """Each copy that a subscriber gets is answered at once; the answers go to the other one, and so on."""
    room.set("screen", auto_mail_per_address=5)
    ticket = room.ticket()
    rounds = 0
    with clock.frozen(NOW):
        room.mail(ticket, room.rita)
        while True:
            outside = [
                sent for sent in room.letters() if sent.to[0].endswith("@example.com") and sent.template == "updated"
            ]
            if not outside:
                break
            rounds += 1
            room.mail(ticket, room.rita if outside[0].to == ["rita@example.com"] else room.sam)
    assert rounds <= 10


def test_what_a_technician_writes_is_never_held_back(room: PostRoom) -> None:
    room.set("screen", auto_mail_per_address=1, auto_mail_in_all=1)
    ticket = room.ticket()
    for _ in range(4):
        room.act(room.tess, lambda desk: desk.reply(ticket, "Use water."))
    assert room.told().count(("updated", "rita")) == 4


def test_what_does_not_go_out_is_not_counted(room: PostRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    room.ticket(quiet=False)

    def add(tx: Any, store: Any, letter: Any) -> int:
        raise ValueError("cannot be written")

    monkeypatch.setattr(outbox, "add", add)
    with clock.frozen(NOW):
        room.reactor.react()
        with room.store.read() as db:
            assert meters.read(db, "auto:rita@example.com", 3600) == 0


# -- the loop ----------------------------------------------------------------------------------------------------------


def test_run_reacts_to_the_bell_and_rings_delivery(room: PostRoom) -> None:
    delivery = room.store.bell.listen("delivery")
    stop = threading.Event()
    thread = threading.Thread(target=room.reactor.run, args=(stop,))
    thread.start()
    room.ticket(quiet=False, text="rung")
    while not delivery.wait(0.2):
        room.store.bell.ring("reactor")
    stop.set()
    room.store.bell.ring("reactor")
    thread.join(20)
    assert not thread.is_alive()
    assert len(pending(room)) == 3


def test_a_round_that_fails_does_not_end_the_loop(room: PostRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, tried = threading.Event(), []

    def react(limit: int = 1000) -> int:
        tried.append(len(tried))
        if len(tried) == 1:
            raise TemporaryError("The disk is full.")
        if len(tried) == 2:
            raise RuntimeError("a fault of ours")
        stop.set()
        return 0

    monkeypatch.setattr(room.reactor, "react", react)
    thread = threading.Thread(target=room.reactor.run, args=(stop,))
    thread.start()
    while thread.is_alive():
        room.store.bell.ring("reactor")
        thread.join(0.05)
    assert len(tried) == 3


def test_letters_know_their_event_and_entry(room: PostRoom) -> None:
    ticket = room.ticket()
    entry = room.act(room.tess, lambda desk: desk.reply(ticket, "x"))
    room.reactor.react()
    with room.store.read() as db:
        rows = outbox.listed(db, "pending")
        event = events.of_ticket(db, ticket)[-1]
        person = people.get(db, room.rita.id)
    assert {(row["ticket_id"], row["entry_id"], row["event_id"], row["sender"]) for row in rows} == {
        (ticket, entry, event.id, "support@help.example.com")
    }
    assert person.address in [row["to_list"] for row in rows]
