"""Letters that could not be written: listed with their error, and tried again by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mailgate.store import Store, events


def test_events_that_were_set_aside_are_listed_and_tried_again(shell: Any) -> None:
    store = Store.open(Path(shell.folder) / "data")

    def fail(tx: Any) -> None:
        event = events.add(tx, "OutboxStuck", letters=1, oldest="2026-11-25T10:00:00Z")
        for _ in range(events.MAX_ATTEMPTS):
            events.postpone(tx, event, "TemplateError: broken")

    store.write(fail)
    store.close()
    (listed,) = shell.json("outbox", "unwritten")
    assert (listed["kind"], listed["error"]) == ("OutboxStuck", "TemplateError: broken")
    assert "1 events are tried again" in shell("outbox", "unwritten", "--retry")
    assert shell.json("outbox", "unwritten") == []
    assert [letter["template"] for letter in shell.json("outbox", "list")] == ["operations"]
