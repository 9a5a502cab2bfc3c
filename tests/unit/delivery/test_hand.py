"""The hand: retries, per-recipient state, outages, promises under crashes and full disks."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from mailgate import clock
from mailgate.config import Config
from mailgate.desk.filing import Filing, open_ticket
from mailgate.errors import TemporaryError
from mailgate.store import entries, events, keys, outbox, people, suppressions
from tests.support.daemon import free_port
from tests.support.odd_relay import OddRelay, polite

Make = Callable[..., OddRelay]
Configured = Callable[..., Config]
Posted = Callable[..., Any]


def ticket(post: Any) -> int:
    """A ticket to which letters belong."""

    def work(tx: Any) -> int:
        category = people.add_category(tx, "General")
        author = people.add(tx, ["customer@example.org"], "Customer")
        filing = Filing(
            author=author, subject="x", text="x", new_text="x", html=None, attachments=[], marks=[], received_at=clock.now(),
            queue_id="Q1", message=1, message_id="<1@example.org>", category=category,
        )  # fmt: skip
        return int(open_ticket(tx, filing)[0])

    return int(post.store.write(work))


def log_of(post: Any, ticket_id: int) -> list[str]:
    with post.store.read() as db:
        return [entry.text for entry in entries.of_ticket(db, ticket_id) if entry.kind == "event"]


def events_of(post: Any, ticket_id: int) -> list[str]:
    with post.store.read() as db:
        return [event.kind for event in events.of_ticket(db, ticket_id)]


def test_letters_go_over_few_connections(relay: Make, config: Configured, post: Posted) -> None:
    sink = relay(polite())
    room = post(config(sink.port))
    ids = [room.add(f"u{number}@d{number % 7}.example") for number in range(60)]
    room.start()
    sink.wait_for(60)
    room.settled(*ids)
    assert {room.row(one)["status"] for one in ids} == {"sent"}
    assert max(Counter(to[0] for to, _ in sink.letters).values()) == 1
    assert sink.connections <= 4
    room.wait_until(lambda: room.hand.counters["sent"] == 60)


def test_one_letter_with_every_kind_of_answer(relay: Make, config: Configured, post: Posted) -> None:
    replies = {"later@": "451 4.7.1 greylisted", "gone@": "550 5.1.1 no such user"}
    told = Counter[str]()

    def answer(command: str) -> str | None:
        name = next((name for name in replies if f"<{name}" in command), "")
        told[name] += 1
        return replies[name] if name and (name == "gone@" or told[name] == 1) else None

    sink = relay(polite(answer))
    room = post(config(sink.port))
    number = ticket(room)
    one = room.add("good@example.org", "later@example.org", "gone@example.org", ticket_id=number)
    room.start()
    room.settled(one)
    assert room.recipients(one) == {
        "good@example.org": "sent", "later@example.org": "pending", "gone@example.org": "failed"
    }  # fmt: skip
    row = room.row(one)
    assert row["status"] == "pending"
    assert 50 < row["next_attempt_at"] - clock.now() < 70
    room.store.write(lambda tx: outbox.retry(tx, one))
    room.store.bell.ring("delivery")
    room.wait_until(lambda: room.row(one)["status"] == "failed")
    assert room.recipients(one)["later@example.org"] == "sent"
    assert [to for to, _ in sink.letters] == [["good@example.org"], ["later@example.org"]]
    failures = [text for text in log_of(room, number) if "not delivered" in text]
    assert failures == ["mail to gone@example.org was not delivered: 550 5.1.1 no such user"]
    assert events_of(room, number).count("DeliveryFailed") == 1


def test_a_letter_that_is_deferred_keeps_back_those_behind_it(relay: Make, config: Configured, post: Posted) -> None:
    """They were claimed together: what became of the first one is asked before the next one is sent."""
    told = Counter[str]()

    def answer(command: str) -> str | None:
        told[command] += 1
        return "451 4.7.1 greylisted" if command.startswith("RCPT TO:<a@") and told[command] == 1 else None

    sink = relay(polite(answer))
    room = post(config(sink.port))
    number = ticket(room)
    ids = [room.add("a@example.org", raw=b"Subject: %d\r\n\r\nx\r\n" % count, ticket_id=number) for count in range(9)]
    room.start()
    room.wait_until(lambda: {room.row(one)["next_attempt_at"] for one in ids} == {room.row(ids[0])["next_attempt_at"]})
    assert [room.row(one)["attempts"] for one in ids] == [1, *[0] * 8]
    assert room.row(ids[0])["next_attempt_at"] > clock.now() + 30
    assert not sink.letters
    for one in ids:
        room.store.write(lambda tx, one=one: outbox.retry(tx, one))
    room.store.bell.ring("delivery")
    room.wait_until(lambda: {room.row(one)["status"] for one in ids} == {"sent"})
    assert [int(raw.split(b"\r\n")[0].split()[1]) for _, raw in sink.letters] == list(range(9))


def test_a_letter_of_a_wrong_clock_goes_when_the_daemon_starts(relay: Make, config: Configured, post: Posted) -> None:
    sink = relay(polite())
    room = post(config(sink.port))
    with clock.frozen(clock.now() + 10 * 365 * 86_400):
        one = room.add("a@example.org")
    room.start()
    room.wait_until(lambda: room.row(one)["status"] == "sent")


def test_growing_waits_until_it_is_given_up(relay: Make, config: Configured, post: Posted) -> None:
    sink = relay(polite(lambda command: "451 4.3.0 try later" if command.startswith("MAIL") else None))
    room = post(config(sink.port))
    number = ticket(room)
    waits = []
    with clock.frozen(1_800_000_000.0) as advance:
        one = room.add("a@example.org", ticket_id=number)
        room.start()
        for tries in range(1, 200):
            room.wait_until(lambda tries=tries: room.row(one)["attempts"] >= tries)
            row = room.row(one)
            if row["status"] != "pending":
                break
            waits.append(row["next_attempt_at"] - clock.now())
            advance(waits[-1] + 1)
            room.store.bell.ring("delivery")
        assert row["status"] == "failed"
        assert 4.7 * 86400 < clock.now() - 1_800_000_000.0 <= 5 * 86400
    assert waits[0] < waits[1] < waits[2] < waits[3] < waits[4]
    assert len(set(waits[8:])) > 5  # jitter
    assert [text for text in log_of(room, number) if "given up" in text and "451 4.3.0 try later" in text]
    assert events_of(room, number).count("DeliveryFailed") == 1


def test_a_relay_that_is_down_costs_no_letter_its_turn(relay: Make, config: Configured, post: Posted) -> None:
    port = free_port()
    room = post(config(port))
    ids = [room.add(f"u{number}@d{number}.example") for number in range(50)]
    room.start()

    def error() -> str | None:
        with room.store.read() as db:
            return keys.fact(db, "relay_error")

    room.wait_until(lambda: bool(error()) and all(room.row(one)["claimed_until"] is None for one in ids))
    assert "nothing answers" in (error() or "")
    assert {(room.row(one)["attempts"], room.row(one)["status"]) for one in ids} == {(0, "pending")}
    assert any("nothing answers" in (room.row(one)["last_reply"] or "") for one in ids)
    sink = relay(polite(), port)
    sink.wait_for(50)  # without a restart, without a retry by hand
    room.settled(*ids)
    room.wait_until(lambda: error() == "")


def test_letters_grow_old_while_the_relay_is_down(config: Configured, post: Posted) -> None:
    room = post(config(free_port()))
    number = ticket(room)
    with clock.frozen(1_800_000_000.0) as advance:
        old = room.add("a@example.org", ticket_id=number)
        advance(5 * 86400 + 60)
        young = room.add("b@example.org", ticket_id=number)
        room.start()
        room.wait_until(lambda: room.row(old)["status"] == "failed")
        assert room.row(young)["status"] == "pending"
    assert any("given up, the relay could not be used" in text for text in log_of(room, number))


def test_a_letter_that_breaks_every_connection_does_not_block_the_others(
    relay: Make, config: Configured, post: Posted
) -> None:
    sink = relay(polite(lambda command: "" if "poison" in command else None))
    room = post(config(sink.port, "connections = 1"))
    bad = room.add("poison@example.org")
    good = [room.add(f"u{number}@d{number}.example") for number in range(5)]
    room.start()
    sink.wait_for(5)
    room.settled(bad, *good)
    row = room.row(bad)
    assert row["status"] == "pending"
    assert row["attempts"] == 1
    assert "closed the connection" in row["last_reply"]


@pytest.mark.parametrize("step", ["before MAIL", "after RCPT", "in the data", "before the reply"])
def test_promise_7_a_lost_connection_repeats_with_the_same_message_id(
    relay: Make, config: Configured, post: Posted, step: str
) -> None:
    seen: list[bytes] = []

    def data_answer(to: list[str], data: bytes) -> str | None:
        seen.append(data)
        return "" if step == "before the reply" and len(seen) == 1 else None

    broken = threading.Event()

    def answer(command: str) -> str | None:
        verb = {"before MAIL": "MAIL", "after RCPT": "RCPT", "in the data": "DATA"}.get(step)
        if verb and command.startswith(verb) and not broken.is_set():
            broken.set()
            return ""
        return None

    sink = relay(polite(answer, data_answer=data_answer))
    room = post(config(sink.port))
    one = room.add("a@example.org")
    room.start()
    room.settled(one)
    assert room.row(one)["status"] == "pending"
    room.store.write(lambda tx: outbox.retry(tx, one))
    room.store.bell.ring("delivery")
    sink.wait_for(1)
    room.wait_until(lambda: room.row(one)["status"] == "sent")
    assert len(set(seen)) == 1
    assert b"Message-ID: <letter1@help.example.com>" in seen[0]
    assert len(seen) == (2 if step == "before the reply" else 1)


def test_promise_7_a_crash_between_250_and_the_disk_repeats_once_with_the_same_message_id(
    relay: Make, config: Configured, post: Posted
) -> None:
    """The writer dies with the relay's answer: what follows is the state a crash leaves."""
    sink = relay(polite())
    room = post(config(sink.port, "connections = 1"))
    ids = [room.add(f"u{number}@d{number}.example") for number in range(5)]
    submit = room.store.submit
    died = threading.Event()

    def dying(work: Any) -> Future[Any]:
        if sink.letters:
            died.set()
            future: Future[Any] = Future()
            future.set_exception(TemporaryError("the disk is gone"))
            return future
        return submit(work)  # type: ignore[no-any-return]

    room.store.submit = dying
    room.start()
    assert died.wait(30)
    sink.wait_for(1)
    room.crash()
    assert len(sink.letters) == 1  # nothing more was completed while the first was not on disk
    again = post(room.hand.config, room)
    again.start()
    sink.wait_for(6)
    again.wait_until(lambda: all(again.row(one)["status"] == "sent" for one in ids))
    times = Counter(data.split(b"\r\n")[0] for _, data in sink.letters)
    assert sorted(times.values()) == [1, 1, 1, 1, 2]


def test_promise_7_a_full_disk_stops_sending_until_it_is_written_down(
    relay: Make, config: Configured, post: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailgate.delivery.connection._DISK_SECONDS", 0.01)
    sink = relay(polite())
    room = post(config(sink.port, "connections = 1"))
    ids = [room.add(f"u{number}@d{number}.example") for number in range(8)]
    submit, refused = room.store.submit, Counter[str]()

    def full(work: Any) -> Future[Any]:
        if "_settle" in work.__qualname__:
            refused["settle"] += 1
            if refused["settle"] <= 5:
                future: Future[Any] = Future()
                future.set_exception(TemporaryError("The disk is full"))
                return future
        return submit(work)  # type: ignore[no-any-return]

    room.store.submit = full
    room.start()
    room.wait_until(lambda: all(room.row(one)["status"] == "sent" for one in ids))
    assert refused["settle"] >= 6
    assert Counter(to[0] for to, _ in sink.letters).most_common(1)[0][1] == 1  # and nothing twice


def test_domains_share_the_connections(relay: Make, config: Configured, post: Posted) -> None:
    now, most, lock, others = Counter[str](), Counter[str](), threading.Lock(), threading.Event()

    def data_answer(to: list[str], data: bytes) -> None:
        domain = to[0].partition("@")[2]
        with lock:
            now[domain] += 1
            most[domain] = max(most[domain], now[domain])
        if domain == "slow.example":
            assert others.wait(20)
        elif len(sink.letters) >= 9:
            others.set()
        with lock:
            now[domain] -= 1

    sink = relay(polite(data_answer=data_answer))
    room = post(config(sink.port, "connections = 4\nconnections_per_domain = 2"))
    slow = [room.add(f"u{number}@slow.example") for number in range(40)]
    quick = [room.add(f"u{number}@quick{number}.example") for number in range(10)]
    room.start()
    room.settled(*quick)
    room.settled(*slow)
    assert most["slow.example"] == 2


def test_suppressed_addresses_are_not_written_to_even_when_queued_before(
    relay: Make, config: Configured, post: Posted
) -> None:
    sink = relay(polite())
    room = post(config(sink.port))
    number = ticket(room)
    both = room.add("dead@example.org", "alive@example.org", ticket_id=number)
    alone = room.add("dead@example.org")
    room.store.write(lambda tx: suppressions.add(tx, "dead@example.org", "bounced"))
    room.start()
    room.settled(both, alone)
    assert room.recipients(both) == {"dead@example.org": "failed", "alive@example.org": "sent"}
    assert room.row(alone)["status"] == "failed"
    assert [to for to, _ in sink.letters] == [["alive@example.org"]]
    assert any("mail to this address is stopped" in text for text in log_of(room, number))


def test_unknown_addresses_feed_the_suppression_list(relay: Make, config: Configured, post: Posted) -> None:
    replies = {"gone@": "550 5.1.1 no such user", "full@": "552 5.2.2 mailbox full", "sender@": "550 5.1.8 bad sender"}
    sink = relay(polite(lambda command: next((r for n, r in replies.items() if f"<{n}" in command), None)))
    room = post(config(sink.port))
    ids = [room.add(f"{name}example.org") for name in replies for _ in range(3)]
    room.start()
    room.settled(*ids)
    with room.store.read() as db:
        assert suppressions.is_suppressed(db, "gone@example.org")
        assert not suppressions.is_suppressed(db, "full@example.org")
        assert not suppressions.is_suppressed(db, "sender@example.org")


def test_a_fault_in_the_log_does_not_send_it_again(
    relay: Make, config: Configured, post: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> str:
        raise KeyError("a fault")

    monkeypatch.setattr("mailgate.delivery.connection.settle", broken)
    sink = relay(polite())
    room = post(config(sink.port))
    one = room.add("a@example.org")
    room.start()
    room.settled(one)
    assert room.row(one)["status"] == "sent"
    assert len(sink.letters) == 1


def test_reload_takes_another_relay(relay: Make, config: Configured, post: Posted) -> None:
    first, second = relay(polite()), relay(polite())
    room = post(config(first.port))
    room.start()
    room.add("a@example.org")
    room.store.bell.ring("delivery")
    first.wait_for(1)
    room.hand.reload(config(second.port, "connections = 1"))
    room.add("b@example.org")
    room.store.bell.ring("delivery")
    second.wait_for(1)


def test_the_end_does_not_wait_for_a_relay_that_hangs(relay: Make, config: Configured, post: Posted) -> None:
    reached, gone = threading.Event(), threading.Event()

    def data_answer(to: list[str], data: bytes) -> str | None:
        reached.set()
        gone.wait(120)
        return ""

    sink = relay(polite(data_answer=data_answer))
    settings = config(sink.port, timeout="60s")
    settings.smtp.shutdown_timeout = type(settings.smtp.shutdown_timeout)(seconds=0.2)
    room = post(settings)
    one = room.add("a@example.org")
    waiting = [room.add("b@example.org") for _ in range(10)]
    room.start()
    try:
        assert reached.wait(30)
        room.stop()
    finally:
        gone.set()
    assert room.row(one)["status"] == "pending"
    assert all(room.row(other)["claimed_until"] is None for other in waiting[4:])


def test_a_letter_whose_bytes_are_gone_fails(relay: Make, config: Configured, post: Posted) -> None:
    room = post(config(relay(polite()).port))
    one = room.add("a@example.org")
    room.store.write(lambda tx: tx.run("DELETE FROM blob"))
    room.start()
    room.settled(one)
    assert room.row(one)["status"] == "failed"
    assert "gone" in room.row(one)["last_reply"]
