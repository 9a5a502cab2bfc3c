"""A damaged database: every command says so in one sentence, monitoring hears of it, and an MTA keeps its mail."""

from __future__ import annotations

import pytest

from mailgate.store.engine import Reader, connect
from tests.unit.cli.conftest import LETTER, Shell


@pytest.fixture
def damaged(shell: Shell) -> Shell:
    shell.deliver()
    for path in (shell.folder / "data").glob("mailgate.db-*"):
        path.unlink()
    database = shell.folder / "data" / "mailgate.db"
    database.write_bytes(b"\0not a database\0" * 256 + database.read_bytes()[4096:])
    return shell


def test_commands_name_the_damage_and_the_way_out(damaged: Shell) -> None:
    damaged("ticket", "list", code=75)
    assert "damaged" in damaged.err
    assert "mailgate db restore" in damaged.err


def test_a_mail_server_keeps_its_mail(damaged: Shell) -> None:
    damaged("deliver", "--recipient", "support@help.example.com", stdin=LETTER, code=75)


def test_checks_find_it(damaged: Shell) -> None:
    assert damaged("check", code=2).startswith("MAILGATE CRITICAL - database: The database is damaged")
    assert "damaged" in damaged("db", "check", code=1)


def test_a_password_in_the_place_of_its_hash_is_a_fault(shell: Shell) -> None:
    with shell.config.open("a") as file:
        file.write('\n[smtp.users]\nrelay = "correct horse"\n')
    shell("config", "check", code=3)
    assert "smtp.users" in shell.err
    assert "mailgate user hash" in shell.err
    assert "correct horse" not in shell.err


def test_rows_that_nobody_read_end_in_silence(shell: Shell) -> None:
    """As when standard output is full: the store is closed while a list is half printed."""
    shell.deliver()
    reader = Reader(connect(shell.folder / "data" / "mailgate.db"))
    rows = reader.each("SELECT 1 AS n UNION SELECT 2")
    assert next(rows)["n"] == 1
    reader.connection.close()
    rows.close()
