"""Claims, retry and cancel: what may be taken by whom, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mailgate import clock
from mailgate.config import Config
from mailgate.delivery.schedule import LONGEST_WAIT, next_attempt, relay_pause
from mailgate.store import outbox

Configured = Callable[..., Config]
Posted = Callable[[Config], Any]


def claim(room: Any, limit: int = 10, **options: Any) -> list[int]:
    return [item.id for item in room.store.write(lambda tx: outbox.claim(tx, limit, 900.0, **options))]


def test_a_letter_is_claimed_by_one_until_the_claim_ends(config: Configured, post: Posted) -> None:
    room = post(config(9))
    with clock.frozen(1_800_000_000.0) as advance:
        ids = [room.add("a@example.org") for _ in range(3)]
        assert claim(room, 2) == ids[:2]
        assert claim(room) == ids[2:]
        assert claim(room) == []
        advance(600)
        room.store.write(lambda tx: outbox.renew(tx, ids[:1], 900.0))
        advance(301)
        assert claim(room) == ids[1:]  # the renewed one is still in hand


def test_released_letters_are_as_before(config: Configured, post: Posted) -> None:
    room = post(config(9))
    one = room.add("a@example.org")
    before = dict(room.row(one))
    claim(room)
    room.store.write(lambda tx: outbox.release(tx, [one], "the relay is away"))
    assert dict(room.row(one)) == {**before, "last_reply": "the relay is away"}
    assert claim(room) == [one]


def test_busy_domains_are_passed_over(config: Configured, post: Posted) -> None:
    room = post(config(9))
    busy = [room.add("a@Busy.example") for _ in range(30)]
    other = room.add("a@other.example")
    both = room.add("a@other.example", "b@busy.example")
    assert claim(room, 5, share=3) == [*busy[:3], other]
    assert claim(room, 5, in_hand={"busy.example": 3}, share=3) == []
    assert claim(room, 50) == [*busy[3:], both]


def test_what_one_person_is_told_about_a_ticket_leaves_in_order(config: Configured, post: Posted) -> None:
    room = post(config(9))
    with clock.frozen(1_800_000_000.0) as advance:
        first = room.add("a@example.org", "c@example.org", ticket_id=7)
        second = room.add("a@example.org", ticket_id=7)
        apart = [
            room.add("b@example.org", ticket_id=7),
            room.add("a@example.org", ticket_id=8),
            room.add("a@example.org"),
        ]
        assert claim(room) == [first, second, *apart]  # the line keeps their order
        assert list(outbox_turns(room, second)) == [None]
        later = clock.now() + 100
        answers = {"a@example.org": ("pending", "451 4.7.1 greylisted"), "c@example.org": ("sent", "250")}
        room.store.write(lambda tx: outbox.settle(tx, first, answers, later))
        assert list(outbox_turns(room, second, *apart)) == [later, None, None, None]
        room.store.write(lambda tx: outbox.release(tx, [second]))
        assert claim(room) == []
        assert room.row(second)["next_attempt_at"] == later
        advance(101)
        assert claim(room) == [first]
        room.store.write(lambda tx: outbox.settle(tx, first, {"a@example.org": ("sent", "250")}, None))
        advance(2)
        assert claim(room) == [second]


def outbox_turns(room: Any, *ids: int) -> Iterator[float | None]:
    """When each of these letters, which are in hand, may go."""
    with room.store.read() as db:
        for outbox_id in ids:
            row = outbox.find(db, outbox_id)
            assert row is not None
            columns = {name: row[name] for name in outbox.Claimed.__dataclass_fields__ if name != "recipients"}
            yield outbox.turn(db, outbox.Claimed(recipients=outbox.pending_recipients(db, outbox_id), **columns))


def test_many_letters_to_one_person_about_one_ticket_leave_at_once(config: Configured, post: Posted) -> None:
    room = post(config(9))
    ids = [room.add("a@example.org", ticket_id=7) for _ in range(40)]
    assert claim(room, 100) == ids


def test_a_letter_behind_one_that_is_passed_over_stays_behind_it(config: Configured, post: Posted) -> None:
    room = post(config(9))
    busy = room.add("x@busy.example", ticket_id=7)
    both = room.add("y@busy.example", "b@other.example", ticket_id=7)
    behind = room.add("b@other.example", ticket_id=7)
    other = room.add("b@other.example", ticket_id=8)
    assert claim(room, 9, share=1) == [busy, other]
    assert claim(room, 9, share=3) == [both, behind]


@pytest.mark.parametrize("end", ["sent", "failed", "cancelled"])
def test_those_behind_a_deferred_letter_go_when_it_has_ended(config: Configured, post: Posted, end: str) -> None:
    room = post(config(9))
    with clock.frozen(1_800_000_000.0) as advance:
        first, second = (room.add("a@example.org", ticket_id=7) for _ in range(2))
        room.store.write(lambda tx: outbox.settle(tx, first, {"a@example.org": ("pending", "451")}, clock.now() + 60))
        assert claim(room) == []
        advance(10)
        if end == "cancelled":
            assert room.store.write(lambda tx: outbox.cancel(tx, first))
        else:
            room.store.write(lambda tx: outbox.settle(tx, first, {"a@example.org": (end, "2xx or 5xx")}, None))
        assert claim(room) == [second]


def test_to_retry_a_letter_is_to_retry_what_it_waits_for(config: Configured, post: Posted) -> None:
    room = post(config(9))
    with clock.frozen(1_800_000_000.0):
        first, second = (room.add("a@example.org", ticket_id=7) for _ in range(2))
        other = room.add("b@example.org", ticket_id=7)
        for one, address in ((first, "a@example.org"), (other, "b@example.org")):
            room.store.write(
                lambda tx, one=one, to=address: outbox.settle(tx, one, {to: ("pending", "451")}, clock.now() + 60)
            )
        assert claim(room) == []
        assert room.store.write(lambda tx: outbox.retry(tx, second))
        assert claim(room) == [first]
        room.store.write(lambda tx: outbox.settle(tx, first, {"a@example.org": ("sent", "250")}, None))
        assert claim(room) == [second]


def test_an_address_that_fails_holds_up_a_chain_of_letters_only_once(config: Configured, post: Posted) -> None:
    """Who stands beside a stuck address hears of all the rest once the first letter has failed three times."""
    room = post(config(9))
    with clock.frozen(1_800_000_000.0) as advance:
        first, *rest = (room.add("stuck@example.org", "b@example.org", ticket_id=7) for _ in range(5))
        answers = {"stuck@example.org": ("pending", "451"), "b@example.org": ("sent", "250")}
        room.store.write(lambda tx: outbox.settle(tx, first, answers, clock.now() + 60))
        for _ in range(2):
            assert claim(room) == []
            advance(61)
            assert claim(room) == [first]
            room.store.write(lambda tx: outbox.settle(tx, first, answers, clock.now() + 60))
        advance(2)
        assert claim(room) == rest
        room.store.write(lambda tx: outbox.settle(tx, rest[0], answers, clock.now() + 60))
        assert list(outbox_turns(room, *rest[1:])) == [None, None, None]


def test_a_try_that_a_wrong_clock_has_put_far_away_holds_nobody_up(config: Configured, post: Posted) -> None:
    room = post(config(9))
    with clock.frozen(1_800_000_000.0):
        first, second = (room.add("a@example.org", ticket_id=7) for _ in range(2))
        far = clock.now() + 10 * 365 * 86_400
        room.store.write(lambda tx: outbox.settle(tx, first, {"a@example.org": ("pending", "451")}, far))
        assert claim(room) == [second]


def test_a_try_that_a_wrong_clock_has_put_far_away_is_brought_near(config: Configured, post: Posted) -> None:
    room = post(config(9))
    with clock.frozen(1_800_000_000.0):
        far, later = room.add("a@example.org"), room.add("b@example.org")
        for one, address, at in ((far, "a@example.org", 86_400), (later, "b@example.org", 4 * 3600)):
            answers = {address: ("pending", "451")}
            room.store.write(lambda tx, one=one, to=answers, at=at: outbox.settle(tx, one, to, clock.now() + at))
        assert claim(room) == []
        assert room.store.write(lambda tx: outbox.bring_near(tx, LONGEST_WAIT)) == 1
        assert claim(room) == [far]


def test_only_what_still_waits_is_claimed(config: Configured, post: Posted) -> None:
    room = post(config(9))
    one = room.add("a@example.org", "b@example.org")
    room.store.write(
        lambda tx: outbox.settle(tx, one, {"a@example.org": ("sent", "250"), "b@example.org": ("pending", "451")}, 0.0)
    )
    taken = room.store.write(lambda tx: outbox.claim(tx, 1, 900.0))
    assert [(item.recipients, item.attempts) for item in taken] == [(("b@example.org",), 1)]


def test_retry_does_not_take_a_letter_out_of_somebodys_hand(config: Configured, post: Posted) -> None:
    room = post(config(9))
    one = room.add("a@example.org")
    claim(room)
    assert room.store.write(lambda tx: outbox.retry(tx, one))
    assert claim(room) == []


def test_retry_of_what_failed_was_cancelled_or_sent(config: Configured, post: Posted) -> None:
    room = post(config(9))
    mixed, cancelled, sent = (
        room.add("a@example.org", "b@example.org"),
        room.add("a@example.org"),
        room.add("a@example.org"),
    )
    room.store.write(
        lambda tx: outbox.settle(
            tx, mixed, {"a@example.org": ("sent", "250"), "b@example.org": ("failed", "550")}, None
        )
    )
    room.store.write(lambda tx: outbox.settle(tx, sent, {"a@example.org": ("sent", "250")}, None))
    assert room.store.write(lambda tx: outbox.cancel(tx, cancelled))
    assert claim(room) == []
    assert [room.store.write(lambda tx, one=one: outbox.retry(tx, one)) for one in (mixed, cancelled, sent, 99)] == [
        True, True, False, False,
    ]  # fmt: skip
    taken = room.store.write(lambda tx: outbox.claim(tx, 9, 900.0))
    assert [item.recipients for item in taken] == [("b@example.org",), ("a@example.org",)]


def test_cancel_leaves_what_is_being_sent(config: Configured, post: Posted) -> None:
    room = post(config(9))
    one = room.add("a@example.org")
    claim(room)
    assert not room.store.write(lambda tx: outbox.cancel(tx, one))
    room.store.write(outbox.release_all)
    assert room.store.write(lambda tx: outbox.cancel(tx, one))
    assert not room.store.write(lambda tx: outbox.cancel(tx, one))


def test_when_something_is_due(config: Configured, post: Posted) -> None:
    room = post(config(9))

    def due() -> float | None:
        with room.store.read() as db:
            return outbox.due(db)

    with clock.frozen(1_800_000_000.0) as advance:
        assert due() is None
        room.add("a@example.org")
        advance(5)
        assert due() == 1_800_000_000.0
        claim(room)
        assert due() is None


def test_the_schedule() -> None:
    assert 0.9 * 60 <= (next_attempt(1, 0.0, 0.0, 1e9) or 0) <= 1.1 * 60
    assert 0.9 * 14400 <= (next_attempt(50, 0.0, 0.0, 1e9) or 0) <= 1.1 * 14400
    assert next_attempt(1, 0.0, 86400.0, 86400.0) is None
    assert relay_pause(1) < relay_pause(3) < relay_pause(100) < 60
