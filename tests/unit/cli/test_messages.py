"""Messages in, by pipe, import and explain, and what people decide about them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mailgate_cli.session import Session

from mailgate.daemon.lock import locked
from mailgate.store import spool
from tests.unit.cli.conftest import LETTER, Shell

KEYS = {
    "id", "queue_id", "received_at", "source", "reverse_path", "recipients", "from", "subject", "message_id", "class",
    "outcome", "ticket", "reason", "size", "sha256",
}  # fmt: skip
AWAY = LETTER.replace(b"MIME-Version", b"Auto-Submitted: auto-replied\r\nMIME-Version").replace(b"<first@", b"<away@")


def test_what_was_delivered_is_a_ticket_and_explained(shell: Shell) -> None:
    shell.deliver()
    (message,) = shell.json("message", "list")
    assert set(message) >= KEYS
    assert (message["outcome"], message["ticket"], message["class"]) == ("new_ticket", 1, "normal")
    assert message["recipients"] == ["support@help.example.com"]
    shell("message", "raw", 1)
    assert shell.raw == LETTER
    why = shell.json("message", "why", message["queue_id"].lower())
    assert [set(step) >= {"step", "result", "detail"} for step in why["trace"]] == [True] * len(why["trace"])
    assert "new_ticket" in shell("message", "why", 1)
    assert message["queue_id"] in shell("message", "show", 1)
    shell("message", "show", 99, code=1)


@pytest.mark.parametrize(
    ("words", "stdin", "code"),
    [
        (["--recipient", "nobody@help.example.com"], LETTER, 67),
        (["--recipient", "support@help.example.com"], b"", 65),
        ([], LETTER, 64),
        (["--recipient", "support@help.example.com", "--frob"], LETTER, 64),
    ],
)
def test_deliver_answers_with_sysexits(shell: Shell, words: list[str], stdin: bytes, code: int) -> None:
    shell("deliver", *words, stdin=stdin, code=code)
    assert shell.err.strip()
    assert shell.json("message", "list") == []


def test_deliver_with_a_wrong_configuration_is_78(shell: Shell) -> None:
    shell.config.write_text("[smtp]\nfoo = 1\n")
    shell("deliver", "--recipient", "support@help.example.com", stdin=LETTER, code=78)


def test_deliver_leaves_filing_to_a_daemon_that_runs(shell: Shell) -> None:
    with locked(shell.folder / "data") as free:
        assert free
        shell.deliver()
        assert shell.json("message", "list", "--waiting")[0]["outcome"] is None
        assert "waits" in shell("message", "why", 1)
    shell.deliver(LETTER.replace(b"<first@", b"<second@"))
    assert [row["outcome"] for row in shell.json("message", "list")] == ["new_ticket", "new_ticket"]


def test_what_another_delivery_left_behind_is_filed_too(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A delivery that finds the lock taken trusts in its holder, even when that one has just looked for the last time."""
    from mailgate.intake.hand import Intake

    run_all, left = Intake.run_all, [LETTER.replace(b"<first@", b"<second@")]

    def and_then_another_comes(self: Intake) -> int:
        filed = run_all(self)
        if left:
            shell.deliver(left.pop())
        return filed

    monkeypatch.setattr(Intake, "run_all", and_then_another_comes)
    shell.deliver()
    assert [row["outcome"] for row in shell.json("message", "list")] == ["new_ticket", "new_ticket"]


def test_what_fails_after_acceptance_never_changes_the_answer(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Session) -> None:
        raise RuntimeError("filing broke")

    monkeypatch.setattr(Session, "file_waiting", broken)
    shell.deliver()
    assert shell.json("audit")["waiting"] == 1


def test_held_messages_are_released_by_a_person(shell: Shell) -> None:
    shell.deliver(AWAY)
    (held,) = shell.json("message", "list", "--held")
    assert (held["class"], held["ticket"]) == ("auto_reply", None)
    assert "ticket 1" in shell("message", "release", held["id"])
    assert shell.json("message", "list", "--held") == []
    assert shell.json("message", "show", held["id"])["released"] is True
    shell("message", "release", held["id"], code=1)
    assert "is not held" in shell.err
    audit = shell.json("audit")
    assert (audit["tickets"], audit["held"], audit["balanced"]) == (1, 0, True)


def test_a_message_that_is_looked_at_again_is_held_again(shell: Shell) -> None:
    shell.deliver(AWAY)
    assert "held" in shell("message", "reprocess", 1)
    assert len(shell.json("message", "list", "--held")) == 1
    shell("audit")


def test_deleted_messages_keep_their_row(shell: Shell) -> None:
    shell.deliver(AWAY)
    shell.deliver()
    shell("message", "delete", 1, 2, 77, code=1)
    assert "Message 2 is not held or failed" in shell.err
    assert "77" in shell.err
    assert [row["outcome"] for row in shell.json("message", "list")] == ["new_ticket", "deleted"]
    audit = shell.json("audit")
    assert (audit["received"], audit["deleted"], audit["balanced"]) == (2, 1, True)


def test_failed_messages_are_tried_again(shell: Shell) -> None:
    with locked(shell.folder / "data"):
        shell.deliver()
    store = shell.store()
    store.write(lambda tx: spool.set_aside(tx, 1, "Traceback: a wheel", "it kept failing"))
    store.close()
    (failed,) = shell.json("message", "list", "--failed")
    assert failed["reason"] == "it kept failing"
    assert "a wheel" in shell("message", "show", 1)
    assert "new_ticket, ticket 1" in shell("message", "retry", 1)
    shell("audit")


def test_only_technicians_decide(shell: Shell) -> None:
    shell.deliver()
    shell.deliver(AWAY)
    shell("message", "release", 2, "--as", "ayse@example.com", code=1)
    assert len(shell.json("message", "list", "--held")) == 1


def test_an_audit_that_does_not_balance_is_a_finding(shell: Shell) -> None:
    shell.deliver()
    store = shell.store()
    store.write(lambda tx: tx.run("DELETE FROM message"))
    store.close()
    assert "NOT BALANCED" in shell("audit", code=1)
    assert json.loads(shell("audit", "--json", code=1))["balanced"] is False


def test_import_takes_everything_once_and_keeps_dates(shell: Shell, tmp_path: Path) -> None:
    box = tmp_path / "old.mbox"
    letters = [LETTER.replace(b"<first@", b"<m%d@" % n).replace(b"\r\n", b"\n") for n in range(3)]
    box.write_bytes(
        b"".join(b"From ayse@example.com Wed Nov 25 07:00:00 2020\n" + letter + b"\n" for letter in letters)
    )
    single = tmp_path / "one.eml"
    single.write_bytes(LETTER)
    assert "4 messages taken" in shell("import", box, single)
    assert "0 messages taken, 4 were known already" in shell("import", box, single)
    assert len(shell.json("ticket", "list")) == 4
    assert {row["received_at"] for row in shell.json("message", "list")} >= {"2020-11-25T07:00:00Z"}
    shell("import", "--account", "nothing", box, code=1)
    shell("import", tmp_path / "missing", code=2)


def test_explain_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    for name, letter in (("a.eml", LETTER), ("b.eml", AWAY), ("c.eml", b"")):
        (tmp_path / name).write_bytes(letter)
    lines = [
        json.loads(line)
        for line in shell("explain", "--json", tmp_path / "a.eml", tmp_path / "b.eml", tmp_path / "c.eml").splitlines()
    ]
    assert [line["outcome"] for line in lines][:2] == ["new_ticket", "held"]
    assert lines[0]["path"] == str(tmp_path / "a.eml")
    assert len(lines) == 3
    assert "Becomes  new_ticket" in shell("explain", tmp_path / "a.eml")
    assert shell.json("message", "list") == shell.json("ticket", "list") == []


def test_explain_needs_no_installation(bare: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.eml").write_bytes(LETTER)
    bare("explain", "a.eml", code=3)  # a configuration that is named must be there
    monkeypatch.setattr("mailgate_cli.session.Session.config_path", property(_nothing_found))
    assert json.loads(bare("explain", "--json", "a.eml"))["subject"] == "Yazıcı çalışmıyor"


def _nothing_found(self: Session) -> Path:
    from mailgate.errors import ConfigError

    raise ConfigError("No configuration was found.")


def test_what_was_made_of_a_message_can_be_made_again(shell: Shell) -> None:
    attached = (
        b"From: ayse@example.com\r\nSubject: with a file\r\nMessage-ID: <file@example.com>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee the file\r\n'
        b'--b\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment; filename="a.pdf"\r\n'
        b"\r\n%PDF-\r\n--b--\r\n"
    )
    shell.deliver(attached)
    before = shell.json("ticket", "show", 1)
    assert "nothing is different" in shell("message", "reprocess", 1)
    store = shell.store()
    store.write(lambda tx: tx.run("UPDATE entry SET text = 'spoiled', reply_text = NULL, html = '<p>x'"))
    store.write(lambda tx: tx.run("DELETE FROM attachment"))
    store.close()
    queue_id = shell.json("message", "list")[0]["queue_id"]
    assert "made again" in shell("message", "reprocess", queue_id)
    after = shell.json("ticket", "show", 1)
    assert [item["filename"] for item in after["entries"][0]["attachments"]] == ["a.pdf"]
    for ticket in (before, after):
        for item in ticket["entries"][0]["attachments"]:
            item.pop("id")
    assert after == before
    assert len(shell.json("ticket", "list", "--search", "file")) == 1
    shell("message", "reprocess", 1, 77, code=1)
    assert "no message" in shell.err
    shell("audit")


def test_erased_messages_do_not_come_back(shell: Shell) -> None:
    shell.deliver()
    shell("user", "forget", "ayse@example.com", "--yes")
    shell("message", "reprocess", 1, code=1)
    assert "Merhaba" not in shell("db", "export")
