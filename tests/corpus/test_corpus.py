"""Named messages, and beside each what a person would expect of it.

Every folder here holds `NAME.eml` and `NAME.json`. The keys of the JSON document are compared:

- a key of `ParsedMessage` (`subject`, `to`, `cc`, `text`, `attachments`, `faults`, ...); `from` is the author's person
  or a list of persons; `faults` may be true or false for "any" and "none";
- `automatic`, `bounce`, `forwarded`, `reply_text`, `quoted`, `signature` by the readers of the mail room; `null`
  means "it is none";
- `html_text` by `html_to_text`, `sanitised` by `sanitise`.

An object is compared by the keys it names; a list by length and item; `{"contains": [...]}`, `{"lacks": [...]}` look
for pieces of a text or items of a list; `{"count": N}` looks at a length. Texts are compared without blank ends.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mailgate.mail.message import ParsedMessage
from mailgate.mail.parse import parse

HERE = Path(__file__).parent
MESSAGES = sorted(HERE.glob("*/*.eml"))


def reverse_path(message: ParsedMessage) -> str | None:
    """What Return-Path says: None for `<>`, "" where there is none."""
    value = message.header.first("return-path")
    if value is None:
        return ""
    return value.strip().strip("<>").strip() or None


def actual(message: ParsedMessage, key: str, expected: Any) -> Any:
    """What the readers give for a key; a reader's module is imported only where a message asks for it."""
    if key == "from":
        return message.from_ if isinstance(expected, list) else message.author
    if key == "faults" and isinstance(expected, bool):
        return bool(message.faults)
    if key == "automatic":
        from mailgate.mail.autoreply import find_automatic

        return find_automatic(message, reverse_path(message))
    if key == "bounce":
        from mailgate.mail.bounce import read_bounce

        return read_bounce(message, reverse_path(message))
    if key == "forwarded":
        from mailgate.mail.forward import find_forwarded

        return find_forwarded(message)
    if key in {"reply_text", "quoted", "signature"}:
        from mailgate.intake.reading import may_answer
        from mailgate.mail.reply import split_reply

        parts = split_reply(message.text, message.html, answers=may_answer(message))
        return parts.new if key == "reply_text" else getattr(parts, key)
    if key in {"html_text", "sanitised"}:
        from mailgate.mail.html import html_to_text, sanitise

        return (html_to_text if key == "html_text" else sanitise)(message.html or "")
    return getattr(message, key)


def differences(expected: Any, found: Any, where: str) -> list[str]:
    """Where the found value is not what is expected, in words; empty where it is."""
    if isinstance(expected, dict):
        return _object_differences(expected, found, where)
    if isinstance(expected, list):
        found = list(found)
        if len(found) != len(expected):
            return [f"{where}: {len(expected)} expected, found {found!r}"]
        return [d for n, item in enumerate(expected) for d in differences(item, found[n], f"{where}[{n}]")]
    if isinstance(found, datetime) and isinstance(expected, str):
        same = datetime.fromisoformat(expected) == found
    elif isinstance(found, bytes) and isinstance(expected, str):
        same = found == expected.encode()
    elif isinstance(found, str) and isinstance(expected, str):
        same = found.strip() == expected.strip()
    else:
        same = found == expected and type(found) is type(expected)
    return [] if same else [f"{where}: expected {expected!r}, found {found!r}"]


def _object_differences(expected: dict[str, Any], found: Any, where: str) -> list[str]:
    if found is None:
        return [f"{where}: expected {expected!r}, found None"]
    wrong: list[str] = []
    for key, value in expected.items():
        if key == "contains":
            pieces = [value] if isinstance(value, str) else value
            wrong += [f"{where}: lacks {piece!r}: {found!r}" for piece in pieces if piece not in found]
        elif key == "lacks":
            pieces = [value] if isinstance(value, str) else value
            wrong += [f"{where}: has {piece!r}: {found!r}" for piece in pieces if piece in found]
        elif key == "count":
            wrong += differences(value, len(found), f"{where}.count")
        else:
            wrong += differences(value, getattr(found, key), f"{where}.{key}")
    return wrong


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_message(path: Path) -> None:
    """The message means what stands beside it."""
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    message = parse(path.read_bytes())
    wrong = [d for key, value in expected.items() for d in differences(value, actual(message, key, value), key)]
    assert not wrong, "\n".join(wrong)


def test_every_expectation_has_its_message_and_says_something() -> None:
    expectations = sorted(HERE.glob("*/*.json"))
    assert {path.with_suffix(".eml") for path in expectations} == set(MESSAGES)
    assert all(json.loads(path.read_text(encoding="utf-8")) for path in expectations)
