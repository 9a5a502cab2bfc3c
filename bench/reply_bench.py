"""How long replies and forwards take to read, and that hostile text costs no more than its size.

Run it with `python bench/reply_bench.py`. Prints milliseconds for a typical reply and forward, and for hostile texts at
half and full length: the second figure should be about twice the first.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from mailgate.mail.forward import find_forwarded
from mailgate.mail.message import Header, ParsedMessage
from mailgate.mail.reply import split_reply
from mailgate.mail.subject import is_forward, read_commands, strip_prefixes, ticket_numbers

TYPICAL = (
    "Hello Tom,\n\nthe printer works again since this morning, thank you.\n\n"
    + "Could you also look at the one on floor 4? It makes noises.\n" * 6
    + "\nBest regards,\nMary\n-- \nMary Whitfield\nCedar Post\n\nOn Tue, Mar 14, 2023 at 9:05 AM Tom Desk\n"
    + "<tom@desk.example> wrote:\n\n"
    + "> please send us the serial number of the printer\n" * 28
)
BLOCK = (
    "---------- Forwarded message ---------\nFrom: Mary <mary@cedar.example>\nDate: 14 March 2023\n"
    "Subject: Jam\nTo: <t@desk.example>\n\n"
)
HOSTILE = {
    "a million quoted lines": "> a\n" * 1_000_000,
    "20,000 newlines": "\n" * 20_000,
    '"On " * 3000': "On " * 3000,
    '"From: " * 3000': "From: " * 3000,
    "100,000 From lines": "From: a@b.example\n" * 100_000,
    "100,000 Date lines": "Date: 2023\n" * 100_000,
    "100,000 attributions": "On 2023 a@b.example wrote:\n" * 100_000,
    "33,000 quotations": "a@b.example 2023 wrote:\n> x\ny\n" * 33_000,
    "100,000 markers": "---- abc def ----\n" * 100_000,
    "100,000 delimiters": "-- \n" * 100_000,
    "200,000 spaces": " " * 200_000,
    "one megabyte in a line": "x" * 1_000_000,
}


def best(action: Callable[[], object], rounds: int) -> float:
    """The shortest processor time of some rounds, in milliseconds."""
    shortest = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        action()
        shortest = min(shortest, time.process_time() - start)
    return shortest * 1000


def forward(text: str) -> ParsedMessage:
    return ParsedMessage(header=Header(), subject="Fwd: Jam", text=text)


def main() -> None:
    message = forward("Please handle.\n\n" + BLOCK + "Hello, the printer is jammed.\n" * 40)
    subject = "Re: Fwd: [EXT] Printer on floor 3 {41} #close#"
    print(f"split_reply, {len(TYPICAL)} characters: {best(lambda: split_reply(TYPICAL), 300):.3f} ms")
    print(f"find_forwarded, {len(message.text)} characters: {best(lambda: find_forwarded(message), 300):.3f} ms")
    readers = (is_forward, strip_prefixes, ticket_numbers, read_commands)
    print(f"a subject, all readers: {best(lambda: [reader(subject) for reader in readers], 1000):.4f} ms")
    for name, text in HOSTILE.items():
        halves = [text[: len(text) // 2], text]
        reply_ms = [best(lambda half=half: split_reply(half), 1) for half in halves]  # type: ignore[misc]
        forward_ms = [best(lambda half=half: find_forwarded(forward(half)), 1) for half in halves]  # type: ignore[misc]
        print(
            f"{name:24} split_reply {reply_ms[0]:7.1f} {reply_ms[1]:7.1f} ms"
            f"   find_forwarded {forward_ms[0]:7.1f} {forward_ms[1]:7.1f} ms"
        )


if __name__ == "__main__":
    main()
