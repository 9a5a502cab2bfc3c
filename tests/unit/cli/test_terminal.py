"""On a real terminal (a pty): tables that fit, colours only there, the editor, and text that cannot harm."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from mailgate_cli.text import cut, pad, safe, safe_lines, width, wrap

from tests.unit.cli.conftest import Shell

_RUN = "from mailgate_cli.main import run; run()"


def on_terminal(shell: Shell, *words: object, columns: int = 80, lines: int = 24, **env: str) -> tuple[int, str]:
    """Runs a command on a terminal of that size; gives its exit code and all that the terminal got."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    # COLUMNS and LINES of the surrounding shell would win over the terminal's own size.
    clean = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, "--config", str(shell.config), *(str(word) for word in words)],
        stdin=follower, stdout=follower, stderr=follower, env={**clean, "TERM": "xterm", **env},
    )  # fmt: skip
    os.close(follower)
    got = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # EIO: the last user of the terminal is gone
            break
        if not piece:
            break
        got += piece
    os.close(leader)
    return process.wait(60), got.decode().replace("\r\n", "\n")


@pytest.fixture
def busy(shell: Shell) -> Shell:
    """A shell with thirty tickets whose subjects do not fit."""
    for number in range(30):
        shell(
            "ticket",
            "new",
            "--subject",
            f"{number} パスワードを忘れました şifremi unuttum, lütfen yardım edin",
            "-m",
            "x",
        )
    return shell


@pytest.mark.parametrize("columns", [60, 80, 132])
def test_a_table_fits_the_terminal(busy: Shell, columns: int) -> None:
    code, printed = on_terminal(busy, "ticket", "list", columns=columns, NO_COLOR="1")
    assert code == 0
    rows = printed.splitlines()
    assert len(rows) <= 23
    assert max(width(row) for row in rows) <= columns
    assert rows[-1] == "… and 10 more; use --limit or filters"
    assert "PRIORITY" not in rows[0]


def test_a_priority_that_differs_has_its_column(busy: Shell) -> None:
    busy("ticket", "priority", 3, "--to", "critical")
    _, printed = on_terminal(busy, "ticket", "list", NO_COLOR="1")
    assert "PRIORITY" in printed.splitlines()[0]


def test_colours_only_where_they_are_wanted(busy: Shell) -> None:
    assert "\x1b[" in on_terminal(busy, "ticket", "list")[1]
    assert "\x1b" not in on_terminal(busy, "ticket", "list", NO_COLOR="1")[1]
    assert "\x1b" not in on_terminal(busy, "ticket", "list", TERM="dumb")[1]
    assert "\x1b" not in busy("ticket", "list")


def test_a_ticket_fits_the_terminal(busy: Shell) -> None:
    busy("ticket", "note", 1, "-m", "uzun " * 100 + "\n" + "x" * 300)
    _, printed = on_terminal(busy, "ticket", "show", 1, NO_COLOR="1")
    assert max(width(row) for row in printed.splitlines()) <= 80


def test_raw_bytes_on_a_terminal_are_harmless(shell: Shell) -> None:
    shell.deliver(b"From: a@example.com\r\nSubject: x\r\n\r\n\x1b]0;owned\x07\xff\r\n")
    _, printed = on_terminal(shell, "message", "raw", 1)
    assert "\x1b" not in printed
    assert "\\x1b]0;owned" in printed


def editor(folder: Path, script: str) -> str:
    """An editor that is a shell script; $1 is the file."""
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\nset -e\n{script}\n")
    path.chmod(0o700)
    return str(path)


def test_the_editor_shows_history_below_a_line_that_is_not_sent(shell: Shell, tmp_path: Path) -> None:
    shell.deliver()
    program = editor(
        tmp_path, f'cp "$1" {tmp_path}/seen; {{ echo "Geliyoruz."; cat "$1"; }} > "$1.new"; mv "$1.new" "$1"'
    )
    code, printed = on_terminal(shell, "ticket", "reply", 1, EDITOR=program, VISUAL=program)
    assert code == 0, printed
    assert "> Merhaba, yazıcı çalışmıyor." in (tmp_path / "seen").read_text()
    assert shell.json("ticket", "show", 1)["entries"][-1]["text"] == "Geliyoruz."


def test_an_editor_that_writes_nothing_sends_nothing(shell: Shell, tmp_path: Path) -> None:
    shell.deliver()
    program = editor(tmp_path, "true")
    code, printed = on_terminal(shell, "ticket", "reply", 1, EDITOR=program, VISUAL=program)
    assert code == 1
    assert "nothing is sent" in printed
    assert len(shell.json("ticket", "show", 1)["entries"]) == 1


def test_a_reply_that_crosses_another_is_refused_and_its_text_kept(shell: Shell, tmp_path: Path) -> None:
    shell.deliver()
    other = (
        f'{sys.executable} -c "{_RUN}" --config {shell.config} ticket reply 1 -m "I was first." < /dev/null > /dev/null'
    )
    program = editor(tmp_path, f'{other}; echo "My long answer." > "$1.new"; mv "$1.new" "$1"')
    code, printed = on_terminal(shell, "ticket", "reply", 1, EDITOR=program, VISUAL=program, TMPDIR=str(tmp_path))
    assert code == 1
    assert "--anyway" in printed
    (kept,) = tmp_path.glob("mailgate-reply-*")
    assert str(kept) in printed.replace("\n", "")
    assert kept.read_text() == "My long answer."
    shell("ticket", "reply", 1, "--file", kept)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb\tc", "a b c"),
        ("a\u202eb\u2066c\u200b", "a\\u202eb\\u2066c\\u200b"),
        ("\x9b2J\x7f\u2028", "\\x9b2J\\x7f"),
        ("\U000e0041tag\ud800", "\\U000e0041tag\\ud800"),
        ("Şükrü İşçi ığdır 田中 é", "Şükrü İşçi ığdır 田中 é"),
        ("👩‍💻", "👩‍💻"),
    ],
)
def test_safe(given: str, shown: str) -> None:
    assert safe(given) == shown


def test_lines_stay_lines() -> None:
    assert safe_lines("a\r\nb\rc\n\x1bd\te") == ["a", "b", "c", "\\x1bd  e"]


def test_widths_are_columns() -> None:
    assert width("田中") == 4
    assert width("e\u0301") == 1
    assert width("İşçi") == 4
    assert cut("パスワード", 5) == "パス…"
    assert cut("abc", 3) == "abc"
    assert pad("田", 4) == "田  "
    assert pad("7", 3, right=True) == "  7"
    assert width(pad("パスワード", 6)) == 6


def test_wrapping_keeps_indents_and_links() -> None:
    assert wrap("  aa bb cc", 7) == ["  aa bb", "  cc"]
    link = "https://example.com/" + "x" * 50
    assert link in [line.strip() for line in wrap(f"see {link} now", 20)]
    assert all(width(line) <= 20 for line in wrap("x" * 95, 20))
    assert "".join(wrap("x" * 95, 20)) == "x" * 95
    assert wrap("", 20) == [""]
