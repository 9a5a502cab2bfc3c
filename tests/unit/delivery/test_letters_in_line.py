"""Who goes next: letters to one address keep their order, over however many connections."""

from __future__ import annotations

from mailgate.delivery.line import Line
from mailgate.store.outbox import Claimed


def letter(number: int, *recipients: str, ticket: int | None = None) -> Claimed:
    return Claimed(number, ticket, f"<{number}@help.example.com>", "", recipients, "", 0, 0.0, "updated")


def test_the_next_letter_to_an_address_waits_until_the_one_before_is_off_the_connection() -> None:
    line = Line(4, 2)
    welcome, confirmation, other = (
        letter(1, "new@example.org"),
        letter(2, "New@example.org"),
        letter(3, "x@example.org"),
    )
    line.put([welcome, confirmation, other])
    assert line.take(0) is welcome
    assert line.take(0) is other  # others pass
    assert line.take(0) is None
    line.done(welcome)
    assert line.take(0) is confirmation


def test_the_next_letter_about_a_ticket_waits_until_what_became_of_the_one_before_is_on_disk() -> None:
    line = Line(4, 4)
    first, second, other = (letter(n, "a@example.org", ticket=ticket) for n, ticket in ((1, 7), (2, 7), (3, 8)))
    line.put([first, second])
    assert line.take(0) is first
    line.done(first)
    line.forget(letter(9, "a@example.org", ticket=7))  # one that was never taken says nothing about those that are
    assert line.take(0) is None
    line.forget(first)
    assert line.take(0) is second
    line.put([other])
    line.forget(second)
    assert line.take(0) is None  # on disk, and still on the connection
    line.done(second)
    assert line.take(0) is other


def test_a_letter_does_not_pass_one_to_the_same_address_that_waits_for_another_domain() -> None:
    line = Line(4, 1)
    busy, both, one = (
        letter(1, "a@busy.example"),
        letter(2, "b@busy.example", "c@free.example"),
        letter(3, "c@free.example"),
    )
    line.put([busy, both, one])
    assert line.take(0) is busy
    assert line.take(0) is None
    line.done(busy)
    assert line.take(0) is both
