"""What `mailgate check` and `mailgate mail test` say about the relay."""

from __future__ import annotations

from typing import Any

import pytest

from mailgate import clock
from mailgate.store import keys, outbox
from tests.support.odd_relay import EXTENSIONS, OddRelay, Talk, polite


def letter(shell: Any, age: float, wait: float = 0.0, error: str = "") -> None:
    """A letter written so many seconds ago that is due in `wait` seconds."""
    store = shell.store()
    try:
        new = outbox.NewLetter(
            "<x@help.example.com>", "x", "s@help.example.com", ["a@example.org"], b"x", "updated", False
        )
        with clock.frozen(clock.now() - age):
            number = store.write(lambda tx: outbox.add(tx, store, new))
        at = clock.now() + wait if wait else clock.now() - age
        store.write(
            lambda tx: tx.run("UPDATE outbox SET next_attempt_at = :at WHERE id = :id", {"at": at, "id": number})
        )
        store.write(lambda tx: keys.set_fact(tx, "relay_error", error))
    finally:
        store.close()


@pytest.mark.parametrize(
    ("age", "wait", "error", "status", "code"),
    [
        (0, 0, "", "OK", 0),
        (86400, 3600, "", "OK", 0),  # greylisted since yesterday: no reason to worry
        (900, 0, "", "WARNING", 1),
        (7200, 0, "", "CRITICAL", 2),
        (60, 0, "nothing answers at the relay", "WARNING", 1),
    ],
)
def test_the_outbox_in_the_check(shell: Any, age: float, wait: float, error: str, status: str, code: int) -> None:
    import json

    letter(shell, age, wait, error)
    told = json.loads(shell("check", "--only", "outbox", "--json", code=code))
    (check,) = told["checks"]
    assert (check["name"], check["status"], check["value"]) == ("outbox", status, 1)
    assert error in check["text"]


def test_no_mail_is_no_worry_even_where_the_relay_is_away(shell: Any) -> None:
    store = shell.store()
    store.write(lambda tx: keys.set_fact(tx, "relay_error", "nothing answers"))
    store.close()
    shell("check", "--only", "outbox")


def hang_up_after_the_data(talk: Talk) -> None:
    talk.say("220 relay.example.net ready")
    talk.ehlo(*EXTENSIONS)
    for _ in range(3):
        talk.line()
    talk.say("250 2.1.0 ok", "250 2.1.5 ok", "354 go on")
    talk.data()


def speak_http(talk: Talk) -> None:
    talk.say("220 relay.example.net ready")
    talk.line()
    talk.say("HTTP/1.1 400 Bad Request")


@pytest.mark.parametrize(
    ("script", "conversation", "problem"),
    [
        (hang_up_after_the_data, ["< 220 relay.example.net ready", "> EHLO ", "< 250-PIPELINING", "< 354 go on", "bytes of data)"],
         "closed the connection"),
        (speak_http, ["> EHLO "], "no SMTP"),
        (polite(lambda command: "550 5.7.1 not you" if command.startswith("MAIL") else None),
         ["> MAIL FROM:<", "< 550 5.7.1 not you"], "550 5.7.1 not you"),
    ],
)  # fmt: skip
def test_mail_test_shows_the_whole_conversation(shell: Any, script: Any, conversation: list[str], problem: str) -> None:
    relay = OddRelay(script)
    try:
        shell.config.write_text(shell.config.read_text().replace("smtp_port = 25", f"smtp_port = {relay.port}"))
        said = shell("mail", "test", "--to", "you@example.com", code=1)
    finally:
        relay.close()
    assert all(words in said for words in conversation), said
    assert problem in shell.err
