"""One ticket is one conversation in everybody's mailbox, by the rules of Jamie Zawinski's threading that clients follow."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.letters import PostRoom


@dataclass
class Held:
    """A message in somebody's mailbox."""

    message_id: str
    references: list[str]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PostRoom]:
    made = PostRoom(tmp_path)
    yield made
    made.close()


def roots(mailbox: list[Held]) -> set[str]:
    """The roots of the threads that a client shows: References link each id to the one before it, never in a circle."""
    parent: dict[str, str] = {}

    def root(message_id: str) -> str:
        while message_id in parent:
            message_id = parent[message_id]
        return message_id

    for held in mailbox:
        chain = [*held.references, held.message_id]
        for older, newer in pairwise(chain):
            if newer not in parent and root(older) != newer:
                parent[newer] = older
    return {root(held.message_id) for held in mailbox}


def gather(room: PostRoom, boxes: dict[str, list[Held]]) -> None:
    for sent in room.letters():
        held = Held(str(sent.message["Message-ID"]), str(sent.message["References"] or "").split())
        for address in sent.to:
            boxes.setdefault(address.partition("@")[0], []).append(held)


def write(room: PostRoom, boxes: dict[str, list[Held]], ticket: int, name: str) -> None:
    """A person answers the latest letter in their mailbox, as their mail program does."""
    last = boxes[name][-1]
    own = Held(f"<{name}{len(boxes[name])}@example.com>", [*last.references, last.message_id])
    room.mail(ticket, getattr(room, name), message_id=own.message_id, references=own.references)
    boxes[name].append(own)
    gather(room, boxes)


@pytest.mark.parametrize("one_mail", [False, True])
@pytest.mark.parametrize("by_mail", [True, False])
def test_everybody_sees_one_conversation(room: PostRoom, by_mail: bool, one_mail: bool) -> None:
    room.set("notifications", one_mail_with_cc=one_mail)
    boxes: dict[str, list[Held]] = {}
    if by_mail:
        boxes["rita"] = [Held("<first@example.com>", [])]
        ticket = room.ticket(quiet=False, message_id="<first@example.com>")
    else:
        ticket = room.act(room.tess, lambda desk: desk.open("Hello", "text", room.rita, room.general))
        room.act(room.tess, lambda desk: desk.subscribe(ticket, room.sam))
    gather(room, boxes)
    room.act(room.tess, lambda desk: desk.assign(ticket, room.tom))
    gather(room, boxes)
    for number in range(12):
        room.act(room.tess, lambda desk, n=number: desk.reply(ticket, f"answer {n}"))
        gather(room, boxes)
        write(room, boxes, ticket, "rita")
        write(room, boxes, ticket, "sam")
        room.act(room.tess, lambda desk: desk.note(ticket, "note"))
        gather(room, boxes)
    room.act(room.tess, lambda desk: desk.reply(ticket, "done", close=True))
    gather(room, boxes)
    assert {name for name, box in boxes.items() if len(box) > 10} >= {"rita", "sam", "tom"}
    for name, box in boxes.items():
        assert len(roots(box)) == 1, name
        assert max(len(held.references) for held in box) <= 40


def test_two_tickets_are_two_conversations(room: PostRoom) -> None:
    boxes: dict[str, list[Held]] = {}
    for _ in range(2):
        ticket = room.ticket(quiet=False)
        gather(room, boxes)
        room.act(room.tess, lambda desk, t=ticket: desk.reply(t, "x"))
        gather(room, boxes)
    assert {name: len(roots(box)) for name, box in boxes.items()} == {"rita": 2, "sam": 2, "tess": 2, "tom": 2}
