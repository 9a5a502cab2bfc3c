"""The line before the connections: who may go next."""

from __future__ import annotations

from mailgate.delivery.line import Line
from mailgate.store.outbox import Claimed


def letter(number: int, *recipients: str) -> Claimed:
    return Claimed(number, None, f"<{number}@x>", "s@x.example", recipients, "", 0, 0.0, "updated")


def taken(line: Line) -> int | None:
    found = line.take(0.0)
    return found.id if found else None


def test_letters_to_one_address_keep_their_order_and_let_others_pass() -> None:
    line = Line(4, 4)
    first, second, both, other = (
        letter(1, "A@x.example"), letter(2, "a@x.example"), letter(3, "a@x.example", "c@x.example"), letter(4, "d@x.example")
    )  # fmt: skip
    line.put([first, second, both, other, letter(5, "c@x.example")])
    assert taken(line) == 1
    assert taken(line) == 4  # 2 and 3 wait for 1, and 5 for 3, which came before it
    assert taken(line) is None
    line.done(first)
    assert taken(line) == 2
    line.done(second)
    assert taken(line) == 3
    line.done(both)
    assert taken(line) == 5


def test_a_busy_domain_lets_others_pass() -> None:
    line = Line(4, 1)
    one = letter(1, "a@busy.example")
    line.put([one, letter(2, "b@BUSY.example"), letter(3, "c@other.example")])
    assert [taken(line), taken(line), taken(line)] == [1, 3, None]
    line.done(one)
    assert taken(line) == 2


def test_what_was_sent_is_held_until_it_is_on_disk() -> None:
    line = Line(1, 1)
    one = letter(1, "a@x.example")
    line.put([one])
    assert taken(line) == 1
    line.done(one)
    assert line.held() == [1]
    line.forget(one)
    assert line.held() == []
