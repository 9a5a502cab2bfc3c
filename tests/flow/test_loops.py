"""Promise 6: nothing loops, whatever stands on the other side (RFC 3834).

Installations and robots write to each other for thousands of rounds on a moved clock. Bounded means: what we send
automatically stays within the limits of the configuration however long it goes on, and somebody is told why, once.
"""

from __future__ import annotations

import email
import email.policy
import itertools
from collections.abc import Callable
from email.message import EmailMessage
from functools import partial

import pytest

from mailgate import clock
from mailgate.reactor import Reactor
from mailgate.store import Tx, outbox
from tests.support.desk import Office, mail

START = 1_800_000_000.0


class Correspondent:
    """An office whose letters are taken out of its outbox as soon as they are written."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.reactor = Reactor(office.store, office.config)
        self.sent = 0

    def receive(self, raw: bytes | str, sender: str | None) -> None:
        self.office.receive(raw, to=("support@help.example.com",), sender=sender)

    def letters(self) -> list[tuple[str, list[str], bytes]]:
        """(reverse-path, recipients, bytes) of what is due; the desk's own people are left out, they answer nothing here."""
        self.reactor.react()
        store = self.office.store
        claimed = store.write(lambda tx: outbox.claim(tx, 1000, 60.0))
        out = []
        for letter in claimed:
            with store.read() as db:
                out.append((letter.sender, list(letter.recipients), store.blobs.get(db, letter.raw)))
            said = dict.fromkeys(letter.recipients, ("sent", "250 ok"))
            store.write(partial(_settle, outbox_id=letter.id, said=said))
        outside = [item for item in out if not any(to.endswith("@help.example.com") for to in item[1])]
        self.sent += len(outside)
        return outside


def _settle(tx: Tx, outbox_id: int, said: dict[str, tuple[str, str]]) -> None:
    outbox.settle(tx, outbox_id, said, None)


def _count(db: object, kind: str) -> int:
    return int(db.value("SELECT COUNT(*) FROM event WHERE kind = :k", {"k": kind}))  # type: ignore[attr-defined]


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


Robot = Callable[[EmailMessage, int], tuple[str, str]]


def polite(to: EmailMessage, number: int) -> tuple[str, str]:
    """As RFC 3834 asks; nobody has to fear it."""
    sender = "robot@example.org"
    return sender, mail(f"Auto: {to['Subject']}", "I am away.", sender=sender, in_reply_to=str(to["Message-ID"]),
                        auto_submitted="auto-replied")  # fmt: skip


def naked(to: EmailMessage, number: int) -> tuple[str, str]:
    """No header field says that it is a machine; the subject is answered, the text always the same."""
    sender = "robot@example.org"
    return sender, mail(f"Re: {to['Subject']}", "Your request is important to us.", sender=sender)


def threading_robot(to: EmailMessage, number: int) -> tuple[str, str]:
    """Answers in the thread, each time with other words."""
    sender = "robot@example.org"
    return sender, mail(f"Re: {to['Subject']}", f"Case {number * 7919} was opened at {number}.", sender=sender,
                        in_reply_to=str(to["Message-ID"]), references=str(to["Message-ID"]))  # fmt: skip


def shape_shifter(to: EmailMessage, number: int) -> tuple[str, str]:
    """The worst: a new address, a new domain, a new subject and new words each time; it answers nothing by its header."""
    sender = f"robot{number}@d{number}.example"
    return sender, mail(f"Ticket {number * 7919}", f"Your case is number {number * 104729}.", sender=sender)


def shape_shifter_with_thread(to: EmailMessage, number: int) -> tuple[str, str]:
    """The same, and it quotes our Message-ID."""
    sender, raw = shape_shifter(to, number)
    return sender, raw.replace("Subject:", f"In-Reply-To: {to['Message-ID']}\nSubject:", 1)


ROBOTS = [polite, naked, threading_robot, shape_shifter, shape_shifter_with_thread]
LIMIT = 60


def _converse(office: Correspondent, robot: Robot, rounds: int, at_once: int, seconds: float) -> int:
    """The robot answers every letter, so many in a round; gives how many rounds there was anything to answer."""
    with clock.frozen(START) as advance:
        office.receive(mail("hello", sender="robot@example.org"), "robot@example.org")
        number, waiting = itertools.count(1), list[tuple[str, str]]()
        for done in range(rounds):
            for _, recipients, letter in office.letters():
                waiting.extend(robot(parsed(letter), next(number)) for _ in recipients)
            if not waiting:
                return done
            for sender, raw in waiting[:at_once]:
                office.receive(raw, sender)
            del waiting[:at_once]
            advance(seconds)
    return rounds


@pytest.mark.parametrize("robot", ROBOTS)
def test_promise_6_a_robot_that_answers_everything_at_once(make_office: Callable[[str], Office], robot: Robot) -> None:
    """It starves: what is held back is not answered, and what is not answered makes no mail."""
    office = Correspondent(make_office(f"[screen]\nauto_mail_in_all = {LIMIT}\n"))
    assert _converse(office, robot, 3000, 10_000, 5.0) < 100
    assert office.sent <= LIMIT


@pytest.mark.parametrize("robot", [shape_shifter, shape_shifter_with_thread])
def test_promise_6_a_robot_with_patience(make_office: Callable[[str], Office], robot: Robot) -> None:
    """It answers one letter every five seconds for three hours, however many wait: no hour has more than the limit."""
    office = Correspondent(make_office(f"[screen]\nauto_mail_in_all = {LIMIT}\n"))
    _converse(office, robot, 2160, 1, 5.0)
    assert office.sent <= 4 * LIMIT


def test_promise_6_two_installations(make_office: Callable[[str], Office]) -> None:
    """Each takes the other for a customer; whatever one sends comes in at the other, marks and all."""
    assert _between(make_office, keep_marks=True) <= 4


def test_promise_6_two_installations_behind_a_gateway_that_drops_our_marks(
    make_office: Callable[[str], Office],
) -> None:
    """The same with every field gone that says what we are: a ticket system of another make."""
    assert (
        _between(make_office, keep_marks=False) <= 2 * 2 * 2 * 20 * 2
    )  # two limits of 20 an hour on each side, two hours


def _between(make_office: Callable[[str], Office], keep_marks: bool) -> int:
    with clock.frozen(START) as advance:
        here, there = Correspondent(make_office("")), Correspondent(make_office(""))
        here.receive(mail("hello", sender="Other Desk <desk@other.example>"), "desk@other.example")
        if not keep_marks:
            there.receive(mail("hello", sender="Other Desk <desk@other.example>"), "desk@other.example")
        for _ in range(2000):
            moved = False
            for one, other in ((here, there), (there, here)):
                for _, _, raw in one.letters():
                    other.receive(_carried(raw, keep_marks), "desk@other.example")
                    moved = True
            if not moved:
                break
            advance(3.0)
        return here.sent + there.sent


def _carried(raw: bytes, keep_marks: bool) -> bytes:
    """A letter on its way: the other installation's address is `desk@other.example` on both sides."""
    message = parsed(raw)
    message.replace_header("From", "Other Desk <desk@other.example>")
    del message["Reply-To"]
    message.replace_header("To", "support@help.example.com")
    if not keep_marks:
        for name in (
            "Auto-Submitted",
            "X-Auto-Response-Suppress",
            "X-Mailgate",
            "List-Unsubscribe",
            "List-Unsubscribe-Post",
        ):
            del message[name]
    return message.as_bytes(policy=email.policy.SMTP)


def test_promise_6_somebody_is_told_once(make_office: Callable[[str], Office]) -> None:
    """The evidence is written where people look, once in the time of the limit."""
    with clock.frozen(START) as advance:
        office = Correspondent(make_office(""))
        office.receive(mail("hello", sender="robot@example.org"), "robot@example.org")
        answered = parsed(office.letters()[-1][2])
        for number in range(300):
            sender, raw = threading_robot(answered, number)
            office.receive(raw, sender)
            advance(1.0)
        with office.office.store.read() as db:
            assert _count(db, "LoopHeld") == 1
            held = db.all("SELECT reason FROM message WHERE outcome = 'held' AND class = 'loop'")
    assert held
    assert all("over the limit" in row["reason"] for row in held)


def test_promise_6_what_people_write_is_not_held_back(make_office: Callable[[str], Office]) -> None:
    """Limits are for machines: a technician's forty answers in an hour all go out."""
    with clock.frozen(START) as advance:
        office = Correspondent(make_office(""))
        office.receive(mail("hello"), "customer@example.org")
        office.letters()
        before = office.sent
        for number in range(40):
            office.office.act(lambda desk, words=f"Answer {number}": desk.reply(1, words))
            assert len(office.letters()) == 1
            advance(60.0)
        assert office.sent - before == 40
