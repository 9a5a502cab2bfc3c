"""What administrators look after: init, configuration, database, outbox, accounts, templates, health."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from mailgate.daemon.lock import locked
from mailgate.store import keys
from tests.support.relay import SinkRelay
from tests.unit.cli.conftest import Shell

LARGE = (
    b"From: ayse@example.com\r\nSubject: large\r\nMessage-ID: <large@example.com>\r\n\r\n"
    + b"0123456789abcdef\r\n" * 20000
)


def test_init_is_ready_and_run_again_changes_nothing(bare: Shell) -> None:
    assert "Next:" in bare(
        "init", "--dir", bare.folder, "--address", "hilfe@example.org", "--admin", "chef@example.org", "--no-input"
    )
    assert bare.config.stat().st_mode & 0o777 == 0o600
    before = bare.config.read_bytes()
    assert "nothing was changed" in bare("init", "--dir", bare.folder, "--address", "other@example.org", "--no-input")
    assert bare.config.read_bytes() == before
    assert [(user["address"], user["role"]) for user in bare.json("user", "list")] == [
        ("chef@example.org", "administrator")
    ]
    assert [category["name"] for category in bare.json("category", "list")] == ["General"]
    assert bare("config", "check").endswith("is right.\n")


def test_init_furnishes_a_configuration_that_is_there(bare: Shell) -> None:
    bare.folder.mkdir()
    bare.config.write_text('[[mailbox]]\naddress = "a@example.org"\n[outgoing]\nfrom_address = "a@example.org"\n')
    bare("init", "--dir", bare.folder, "--admin", "chef@example.org")
    assert bare.json("user", "list")[0]["address"] == "chef@example.org"


def test_an_administrator_is_no_address_of_ours(bare: Shell) -> None:
    bare("init", "--dir", bare.folder, "--admin", "support@help.example.com", "--no-input", code=2)
    assert "address of this installation" in bare.err
    assert not bare.config.exists()


@pytest.mark.parametrize(
    "option", [("--listen", "nowhere"), ("--relay", "http://x"), ("--admin", "x"), ("--address", "x")]
)
def test_init_with_nonsense_leaves_nothing(bare: Shell, option: tuple[str, str]) -> None:
    bare("init", "--dir", bare.folder, *option, "--no-input", code=2)
    assert "mailgate init --help" in bare.err
    assert not bare.config.exists()


def test_init_names_the_file_for_the_password_of_the_relay(bare: Shell) -> None:
    printed = bare("init", "--dir", bare.folder, "--relay", "smtps://desk@mail.example.com", "--no-input")
    assert f"install -m 600 /dev/stdin {bare.folder}/relay.password" in printed
    (bare.folder / "relay.password").write_text("secret\n")
    bare("config", "check")


def test_config_check_warns_of_answers_that_come_nowhere(shell: Shell) -> None:
    text = shell.config.read_text()
    shell.config.write_text(text.replace("[outgoing]", '[outgoing]\nreply_to = "elsewhere@example.net"'))
    shell("config", "check")
    assert "elsewhere@example.net" in shell.err
    shell.config.write_text(text + "\n[smtp2]\n")
    shell("config", "check", code=3)
    shell.config.write_text(text.replace("[outgoing]", '[outgoing]\nsmtp_password_file = "not-there"'))
    shell("config", "check", code=3)
    assert "outgoing.smtp_password_file" in shell.err


def test_config_show_never_shows_secrets(shell: Shell) -> None:
    shell.config.write_text(
        shell.config.read_text().replace("[outgoing]", '[outgoing]\nsmtp_password = "hunter2hunter2"')
        + '\n[[account]]\nname = "office"\nprotocol = "imap"\nhost = "imap.example.com"\nusername = "o"\npassword = "swordfish"\n'
    )
    printed = shell("config", "show") + json.dumps(shell.json("config", "show"))
    assert "hunter2" not in printed
    assert "swordfish" not in printed
    assert shell.json("config", "show")["account"][0]["poll_interval"] == "5m"
    assert shell("config", "example").startswith("# The configuration of mailgate")


def test_a_backup_is_restored_with_large_messages(shell: Shell, tmp_path: Path) -> None:
    shell.deliver(LARGE)
    target = tmp_path / "backups" / "one"
    assert "2 large blobs" in shell("db", "backup", target)  # the message, and the letter that carries it on
    store = shell.store()
    with store.read() as db:
        assert keys.fact(db, "backup_at") is not None
    store.close()
    shell("ticket", "new", "--subject", "after the backup", "-m", "x")
    shell("db", "backup", target)  # the same folder again: brought up to date
    shell("ticket", "new", "--subject", "lost", "-m", "x")
    shutil.rmtree(shell.folder / "data" / "blobs")
    shell("db", "check", code=1)
    printed = shell("db", "restore", target, "--yes")
    assert "before-restore" in printed
    assert [row["subject"] for row in shell.json("ticket", "list")] == ["after the backup", "large"]
    shell("message", "raw", 1)
    assert shell.raw == LARGE
    shell("db", "check", "--deep")
    shell("audit")


def test_a_backup_that_is_damaged_is_not_restored(shell: Shell, tmp_path: Path) -> None:
    shell.deliver(LARGE)
    target = tmp_path / "backup"
    shell("db", "backup", target)
    blob = next(path for path in (target / "blobs").rglob("*") if path.is_file())
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes()[:-1] + b"!")
    shutil.rmtree(shell.folder / "data" / "blobs")
    shell("db", "restore", target, "--yes", code=1)
    assert "not whole" in shell.err
    assert "--anyway" in shell.err
    database = target / "mailgate.db"
    database.write_bytes(b"nothing of the kind" * 100)
    shell("db", "restore", target, "--yes", code=1)
    assert "damaged" in shell.err
    shell("db", "restore", tmp_path, "--yes", code=1)
    assert len(shell.json("ticket", "list")) == 1


def test_a_backup_that_lacks_a_large_message_still_gives_back_the_rest(shell: Shell, tmp_path: Path) -> None:
    shell.deliver(LARGE)
    shell("ticket", "new", "--subject", "whole", "-m", "x")
    gone = next(path for path in (shell.folder / "data" / "blobs").rglob("*") if path.is_file())
    gone.unlink()
    target = tmp_path / "backup"
    printed = shell("db", "backup", target, code=1)
    assert "are missing" in shell.err
    assert "; not whole." in printed
    shell("db", "restore", target, "--yes", code=1)
    assert "--anyway" in shell.err
    printed = shell("db", "restore", target, "--yes", "--anyway", code=1)
    assert "Restored:" in printed
    assert "are missing" in shell.err
    assert sorted(row["subject"] for row in shell.json("ticket", "list")) == ["large", "whole"]


def test_a_backup_never_overwrites_what_is_no_backup(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    shell("db", "backup", tmp_path, code=1)
    assert (tmp_path / "precious").exists()


def test_a_damaged_database_is_found_and_replaced(shell: Shell, tmp_path: Path) -> None:
    shell("ticket", "new", "--subject", "kept", "-m", "x")
    shell("db", "backup", tmp_path / "backup")
    database = shell.folder / "data" / "mailgate.db"
    database.write_bytes(b"garbage!" * 4096)
    shell("db", "restore", tmp_path / "backup", "--yes")
    assert [row["subject"] for row in shell.json("ticket", "list")] == ["kept"]


def test_no_restore_while_a_daemon_runs(shell: Shell, tmp_path: Path) -> None:
    shell("db", "backup", tmp_path / "backup")
    with locked(shell.folder / "data"):
        shell("db", "restore", tmp_path / "backup", "--yes", code=1)
    assert "Stop it first" in shell.err


def test_a_newer_database_is_refused(shell: Shell) -> None:
    connection = sqlite3.connect(shell.folder / "data" / "mailgate.db")
    connection.execute("PRAGMA user_version = 9999")
    connection.close()
    shell("ticket", "list", code=1)
    assert "newer mailgate" in shell.err


def test_references_to_nothing_are_found(shell: Shell) -> None:
    connection = sqlite3.connect(shell.folder / "data" / "mailgate.db")
    connection.execute("INSERT INTO subscriber (ticket_id, person_id, since_at) VALUES (77, 88, 0)")
    connection.commit()
    connection.close()
    assert "subscriber" in shell("db", "check", code=1)


def test_the_rest_of_db(shell: Shell) -> None:
    shell.deliver(LARGE)
    stats = shell.json("db", "stats")
    assert stats["rows"]["message"] == 1
    assert stats["large_blobs"] == 2
    assert "now" in shell("db", "vacuum")
    assert "schema" in shell("db", "migrate")
    (line,) = shell("db", "export").splitlines()
    assert json.loads(line)["entries"][0]["text"].startswith("0123456789abcdef")


def test_the_outbox_by_command(shell: Shell) -> None:
    shell.deliver()
    letters = shell.json("outbox", "list")
    assert set(letters[0]) >= {
        "id",
        "ticket",
        "to",
        "subject",
        "message_id",
        "status",
        "attempts",
        "next_attempt_at",
        "last_reply",
    }
    first = letters[-1]["id"]
    shell("outbox", "cancel", first)
    shell("outbox", "cancel", first, 999, code=1)
    assert "its status is cancelled" in shell.err
    assert "no mail 999" in shell.err
    assert [letter["id"] for letter in shell.json("outbox", "list", "--status", "cancelled")] == [first]
    shell("outbox", "retry", first)
    assert shell.json("outbox", "list", "--status", "cancelled") == []
    assert "pending" in shell("outbox", "list")


def test_suppressed_addresses(shell: Shell) -> None:
    shell("mail", "suppressed", "add", "bob@example.com", "--reason", "asked", "--until", "30d")
    (row,) = shell.json("mail", "suppressed", "list")
    assert (row["address"], row["reason"]) == ("bob@example.com", "asked")
    assert row["expires_at"] is not None
    shell("mail", "suppressed", "remove", "bob@example.com", "eve@example.com", code=1)
    assert "eve@example.com is not on the list" in shell.err
    assert shell.json("mail", "suppressed", "list") == []


def test_a_mail_test_says_what_is_wrong(shell: Shell) -> None:
    shell.config.write_text(shell.config.read_text().replace("smtp_port = 25", "smtp_port = 1"))
    shell("mail", "test", "--to", "you@example.com", code=1)
    assert "nothing answers at the relay 127.0.0.1:1" in shell.err
    shell("mail", "test", "--to", "a@example.com\r\nBcc: b@example.com", code=1)
    assert "not a mail address" in shell.err


def test_a_mail_test_goes_through_the_relay_and_shows_a_refusal(shell: Shell) -> None:
    relay = SinkRelay(lambda address: "550 5.7.1 not for you" if address.startswith("refused") else None)
    relay.start()
    try:
        shell.config.write_text(shell.config.read_text().replace("smtp_port = 25", f"smtp_port = {relay.port}"))
        assert "took the mail for you@example.com" in shell("mail", "test", "--to", "you@example.com")
        assert shell.err == ""
        ((recipients, raw),) = relay.received
        assert recipients == ["you@example.com"]
        assert b"Auto-Submitted: auto-generated" in raw
        conversation = shell("mail", "test", "--to", "refused@example.com", code=1)
        assert "RCPT TO:<refused@example.com>" in conversation
        assert "550 5.7.1 not for you" in conversation
        assert "550 5.7.1 not for you" in shell.err
    finally:
        relay.stop()


@pytest.fixture
def office(shell: Shell) -> Shell:
    """An account whose server does not answer."""
    account = '[[account]]\nname = "office"\nprotocol = "pop3"\nhost = "127.0.0.1"\nport = 1\ntls = "none"\n'
    shell.config.write_text(shell.config.read_text() + account + 'username = "o"\npassword = "x"\n')
    return shell


def test_accounts_by_command(office: Shell) -> None:
    (account,) = office.json("account", "list")
    assert account == {
        "name": "office", "protocol": "pop3", "host": "127.0.0.1", "enabled": True, "failures": 0, "last_error": None,
        "last_attempt_at": None, "last_success_at": None, "disabled_at": None, "fetched_total": 0,
    }  # fmt: skip
    office("account", "test", "office", code=1)
    assert office.err.strip()
    office("account", "poll", "office", code=1)
    (account,) = office.json("account", "list")
    assert account["failures"] == 1
    assert account["last_error"]
    office("account", "disable", "office")
    assert office.json("account", "list")[0]["enabled"] is False
    office("account", "poll", "office", code=1)
    assert "mailgate account enable office" in office.err
    office("account", "enable", "office")  # polled at once, and nothing answers
    assert "failed" in office.err
    (account,) = office.json("account", "list")
    assert (account["enabled"], account["failures"], account["disabled_at"]) == (True, 1, None)
    office("account", "test", "nothing", code=1)
    office("reconcile", "office", code=75)


def test_an_account_that_a_person_disabled_is_no_emergency(office: Shell) -> None:
    office("account", "disable", "office")
    checks = json.loads(office("check", "--json", code=2))["checks"]
    (account,) = (check for check in checks if check["name"] == "account office")
    assert account["status"] == "WARNING"
    assert account["text"] == "is disabled; enable it with: mailgate account enable office"


def test_templates_by_command(shell: Shell) -> None:
    shell.deliver()
    assert {row["event"] for row in shell.json("template", "list")} >= {"confirmation", "updated", "closed"}
    assert "template" in shell("template", "check")
    assert shell("template", "show", "updated").strip()
    shell("template", "show", "nothing", code=1)
    shown = shell("template", "preview", "confirmation", "--ticket", 1)
    assert "To: ayse@example.com" in shown
    assert "{1}" in shown
    before = shell.json("outbox", "list")
    shell("template", "preview", "confirmation", "--ticket", 1, "--raw")
    assert b"Message-ID:" in shell.raw
    assert shell.json("outbox", "list") == before


def test_check_speaks_to_monitoring_systems(shell: Shell) -> None:
    line = shell("check", code=2).splitlines()[0]
    assert line.startswith("MAILGATE CRITICAL - ")
    assert " | " in line
    assert line.count("|") == 1
    document = json.loads(shell("check", "--json", code=2))
    assert document["status"] == "CRITICAL"
    assert all(set(item) == {"name", "status", "text", "value"} for item in document["checks"])
    assert shell("check", "--only", "spool", "--quiet") == ""
    assert shell("check", "--only", "spool,held", "--only", "outbox").startswith("MAILGATE OK - ")
    assert "no check nothing" in shell("check", "--only", "nothing", code=3)
    shell.config.write_text("nonsense")
    assert shell("check", code=3).startswith("MAILGATE UNKNOWN - ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can leave files that the owner cannot read")
def test_root_leaves_nothing_of_its_own_in_the_data_folder(shell: Shell, tmp_path: Path) -> None:
    data = shell.folder / "data"
    for path in (data, *data.rglob("*")):
        os.chown(path, 65534, 65534)
    shell.deliver(LARGE)
    shell("ticket", "note", 1, "-m", "x")
    assert {path.name: path.stat().st_uid for path in data.rglob("*") if path.stat().st_uid != 65534} == {}
    assert any(path.is_file() for path in (data / "blobs").rglob("*"))


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {
            key for name, item in value.items() if name not in ("rows", "client") for key in _keys(item)
        }
    return {key for item in value for key in _keys(item)} if isinstance(value, list) else set()


def test_every_key_of_the_json_is_documented(office: Shell, tmp_path: Path) -> None:
    office.deliver()
    office("ticket", "reply", 1, "-m", "x", "--attach", office.config)
    office("company", "add", "X")
    office("mail", "suppressed", "add", "bob@example.com")
    (tmp_path / "a.eml").write_bytes(LARGE)
    printed: list[object] = [
        office.json(*words.split())
        for words in (
            "ticket list", "ticket show 1", "message list", "message show 1", "message why 1", "account list", "outbox list",
            "mail suppressed list", "user list", "category list", "company list", "audit", "template list", "db check",
            "db stats",
        )
    ]  # fmt: skip
    printed += [office.json("explain", tmp_path / "a.eml"), json.loads(office("check", "--json", code=2))]
    page = (Path(__file__).parents[3] / "docs/commands.md").read_text("utf-8").partition("\n# JSON\n")[2]
    assert sorted(key for key in _keys(printed) if f"`{key}`" not in page) == []


def test_accounts_are_left_to_a_daemon_that_runs(office: Shell) -> None:
    with locked(office.folder / "data"):
        office("account", "disable", "office")
        assert "The daemon polls office" in office("account", "enable", "office")
    (account,) = office.json("account", "list")
    assert (account["enabled"], account["last_attempt_at"]) == (True, None)


def test_signing_in_needs_an_account_that_wants_it(office: Shell) -> None:
    office("account", "login", code=2)
    office("account", "login", "office", "--relay", code=2)
    office("account", "login", "office", code=1)
    assert "uses a password" in office.err
    office("account", "login", "--relay", code=1)
    text = office.config.read_text().replace('password = "x"', "oauth = { tenant = 'common' }")
    office.config.write_text(text)
    office("account", "login", "office", code=75)
    assert "client_id" in office.err
