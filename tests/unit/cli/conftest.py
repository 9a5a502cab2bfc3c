"""A shell for tests: the real commands, in this process, on a real installation in a folder of its own."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from mailgate_cli.main import answer

from mailgate.config import load_config
from mailgate.store import Store

LETTER = (
    b"From: =?utf-8?q?Ay=C5=9Fe_Y=C4=B1lmaz?= <ayse@example.com>\r\nTo: support@help.example.com\r\n"
    b"Subject: =?utf-8?q?Yaz=C4=B1c=C4=B1_=C3=A7al=C4=B1=C5=9Fm=C4=B1yor?=\r\nMessage-ID: <first@example.com>\r\n"
    b"Date: Wed, 25 Nov 2026 10:00:00 +0300\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\nMerhaba, yaz\xc4\xb1c\xc4\xb1 \xc3\xa7al\xc4\xb1\xc5\x9fm\xc4\xb1yor.\r\n"
)


class Shell:
    """Runs commands; a command that ends with another code than the expected one fails the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.err = ""
        self.raw = b""

    def __call__(self, *words: object, stdin: bytes = b"", code: int = 0) -> str:
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        before = sys.stdin, sys.stdout, sys.stderr
        sys.stdin, sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO(stdin), "utf-8"), out, err
        try:
            ended = answer(["--config", str(self.config), *(str(word) for word in words)])
        finally:
            sys.stdin, sys.stdout, sys.stderr = before
            out.flush()
            err.flush()
        self.raw = out.buffer.getvalue()  # type: ignore[attr-defined]
        self.err = err.buffer.getvalue().decode()  # type: ignore[attr-defined]
        text = self.raw.decode("utf-8", "replace")
        assert ended == code, f"mailgate {' '.join(map(str, words))} ended with {ended}\n{text}\n{self.err}"
        return text

    def json(self, *words: object) -> Any:
        return json.loads(self(*words, "--json"))

    def deliver(
        self, letter: bytes = LETTER, sender: str = "ayse@example.com", to: str = "support@help.example.com"
    ) -> None:
        self("deliver", "--recipient", to, "--sender", sender, stdin=letter)

    def store(self) -> Store:
        return Store.open(load_config(self.config).data_dir)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """An installation as `mailgate init` makes it, with a technician."""
    made = Shell(tmp_path / "house")
    made("init", "--dir", made.folder, "--no-input")
    made("user", "add", "caren@example.com", "--name", "Caren Çelik", "--category", "General")
    return made


@pytest.fixture
def bare(tmp_path: Path) -> Shell:
    """A folder in which nothing is yet."""
    return Shell(tmp_path / "house")


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILGATE_CONFIG", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
