"""Log lines: one line a decision, whatever strangers put into it, and no secret."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator

import pytest

from mailgate import log

_SECRET = "hunter2"


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., io.StringIO]]:
    """Sets the log up; gives what stands for stderr."""
    root = logging.getLogger("mailgate")
    before = root.handlers[:], root.level, root.propagate, logging.raiseExceptions

    def make(**settings: str) -> io.StringIO:
        written = io.StringIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", written)
            log.setup(**settings)
        return written

    yield make
    root.handlers[:], root.level, root.propagate, logging.raiseExceptions = before


def test_a_line_has_time_room_event_and_fields(setup: Callable[..., io.StringIO]) -> None:
    lines = setup()
    log.get("smtp").bind(queue_id="Q1").info("accepted", size=12, user=None, subject='a "b"=c', empty="")
    text = lines.getvalue()
    assert text.endswith(' info smtp: accepted queue_id=Q1 size=12 subject="a \\"b\\"=c" empty=""\n')
    assert "user" not in text


@pytest.mark.parametrize("style", ["text", "json"])
def test_no_line_is_forged_and_no_secret_is_told(setup: Callable[..., io.StringIO], style: str) -> None:
    lines = setup(style=style)
    log.get("smtp").warning(
        "refused", sender="a\r\n2026 info smtp: accepted\x1b[31m\u2028\x9b1m\U000e0001", smtp_password=_SECRET
    )
    log.get("smtp").warning("refused", Access_Token=_SECRET)
    text = lines.getvalue()
    assert len(text.splitlines()) == 2
    assert all(line.isprintable() for line in text.splitlines())
    assert style == "text" or json.loads(text.splitlines()[0])["sender"].endswith("\U000e0001")
    assert _SECRET not in text


def test_json_holds_types_and_a_traceback(setup: Callable[..., io.StringIO]) -> None:
    lines = setup(style="json")
    try:
        raise ValueError("broken")
    except ValueError:
        log.get("intake").error("set aside", exc_info=True, ticket=3)
    line = json.loads(lines.getvalue())
    assert (line["level"], line["room"], line["event"], line["ticket"]) == ("error", "intake", "set aside", 3)
    assert line["traceback"].endswith("ValueError: broken")


def test_levels_and_a_stderr_that_is_gone(setup: Callable[..., io.StringIO]) -> None:
    lines = setup(level="warning")
    log.get("smtp").info("accepted")
    log.get("smtp").debug("seen")
    assert lines.getvalue() == ""
    lines.close()
    log.get("smtp").warning("still going")
