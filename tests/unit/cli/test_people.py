"""Users, categories and companies by command."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import Shell


def test_a_technician_is_a_user_with_a_category(shell: Shell) -> None:
    (caren,) = shell.json("user", "list", "--role", "technician")
    assert caren["addresses"] == ["caren@example.com"]
    assert caren["categories"] == [1]
    assert "password" not in json.dumps(caren).replace("has_password", "")
    assert "Caren Çelik" in shell("user", "show", "caren@example.com")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["caren@example.com"], 1, "already belongs"),
        (["CAREN@EXAMPLE.COM"], 1, "already belongs"),
        (["support@help.example.com"], 1, "address of this installation"),
        (["support+x@help.example.com"], 1, "address of this installation"),
        (["no address"], 1, "not a mail address"),
        (["a@b@c"], 1, "not a mail address"),
        (["x@example.com\r\nBcc: y@example.com"], 1, "not a mail address"),
        (["new@example.com", "--category", "nothing"], 1, "no category"),
        (["new@example.com", "--role", "king"], 2, "--role"),
        (["new@example.com", "--as", "caren@example.com"], 1, "not an administrator"),
    ],
)
def test_what_cannot_be_a_user_is_refused(shell: Shell, words: list[str], code: int, said: str) -> None:
    before = shell.json("user", "list")
    shell("user", "add", *words, code=code)
    assert said in shell.err
    assert shell.json("user", "list") == before


def test_set_changes_what_is_named_and_nothing_else(shell: Shell) -> None:
    before = shell.json("user", "show", "caren@example.com")
    shell("user", "set", "caren@example.com", "--department", "IT", "--language", "tr", "--mail", "off")
    changed = {**before, "department": "IT", "language": "tr", "mail_on": False}
    assert shell.json("user", "show", "caren@example.com") == changed
    shell("user", "set", "caren@example.com", "--department", "")
    assert shell.json("user", "show", "caren@example.com")["department"] is None
    shell("user", "set", "caren@example.com", "--address", "caren@elsewhere.example", "--time-zone", "Europe/Istanbul")
    assert shell.json("user", "show", "caren@elsewhere.example")["address"] == "caren@example.com"
    shell("user", "set", "caren@example.com", "--time-zone", "Mars/Olympus", code=2)
    shell("user", "set", "caren@example.com", "--no-category", "General", "--role", "user")
    assert shell.json("user", "show", "caren@example.com")["categories"] == []


def test_names_are_one_line(shell: Shell) -> None:
    shell("user", "add", "new@example.com", "--name", "New\r\nBcc: x@evil.example")
    assert shell.json("user", "show", "new@example.com")["name"] == "New Bcc: x@evil.example"
    shell("user", "set", "new@example.com", "--name", "Ada\nLovelace", "--signature", "Ada\nAcme")
    found = shell.json("user", "show", "new@example.com")
    assert (found["name"], found["signature"]) == ("Ada Lovelace", "Ada\nAcme")


def test_user_names_are_one_persons(shell: Shell) -> None:
    shell("user", "set", "caren@example.com", "--username", "caren")
    shell("user", "set", "root@example.com", "--username", "caren", code=1)
    shell("user", "add", "new@example.com", "--username", "caren", code=1)
    assert shell.json("user", "show", "caren")["address"] == "caren@example.com"


def test_there_is_always_an_administrator(shell: Shell) -> None:
    shell("user", "disable", "root@example.com", code=1)
    shell("user", "set", "root@example.com", "--role", "user", code=1)
    shell("user", "add", "second@example.com", "--role", "administrator")
    shell("user", "disable", "root@example.com", "--as", "second@example.com")
    assert shell.json("user", "show", "root@example.com")["disabled"]
    shell("user", "enable", "root@example.com", "--as", "second@example.com")
    assert not shell.json("user", "show", "root@example.com")["disabled"]


def test_passwords_are_hashed_and_checked_for_length(shell: Shell) -> None:
    shell("user", "password", "caren@example.com", stdin="uzun bir parola ğüş\n".encode())
    assert shell.json("user", "show", "caren@example.com")["has_password"]
    hashed = shell("user", "hash", stdin=b"correct horse battery\n").strip()
    assert hashed.startswith("$argon2id$")
    shell("user", "password", "caren@example.com", stdin=b"short\n", code=1)


def test_forget_erases_and_the_audit_balances(shell: Shell) -> None:
    shell.deliver()
    assert len(shell.json("ticket", "list", "--search", "merhaba")) == 1
    given = json.loads(shell("user", "export", "ayse@example.com"))
    assert given["entries"][0]["text"].startswith("Merhaba")
    assert given["messages"][0]["from_address"] == "ayse@example.com"
    shell("user", "forget", "ayse@example.com", code=1)
    shell("user", "forget", "caren@example.com", "--yes", code=1)
    shell("user", "forget", "ayse@example.com", "--yes")
    everything = (
        shell("db", "export") + json.dumps(shell.json("message", "list")) + json.dumps(shell.json("user", "list"))
    )
    everything += json.dumps(shell.json("outbox", "list")) + shell("message", "why", 1)
    assert not any(word in everything for word in ("ayse", "Ayşe", "Merhaba", "Yazıcı"))
    assert shell.json("ticket", "list", "--search", "merhaba") == []
    shell("audit")
    shell("db", "check")


def test_categories(shell: Shell) -> None:
    shell("category", "add", "Billing", "--word", "Billing", "--assignee", "caren@example.com")
    shell("category", "add", "Billing", code=1)
    shell("category", "add", "Other", "--word", "billing", code=1)
    shell("category", "add", "Other", "--word", "1234", code=1)
    shell("category", "add", "Other", "--word", "a b", code=1)
    found = shell.json("category", "list")
    assert [(c["id"], c["name"], c["word"]) for c in found] == [(1, "General", "general"), (2, "Billing", "billing")]
    assert found[1]["default_assignee"] == {"name": "Caren Çelik", "address": "caren@example.com"}
    shell("category", "set", "billing", "--name", "Muhasebe", "--technician", "caren@example.com", "--word", "muhasebe")
    changed = shell.json("category", "list")[1]
    assert (changed["name"], changed["word"]) == ("Muhasebe", "muhasebe")
    assert [t["address"] for t in changed["technicians"]] == ["caren@example.com"]
    shell("category", "set", "muhasebe", "--name", "General", code=1)
    shell("category", "set", "muhasebe", "--no-technician", "caren@example.com", "--assignee", "")
    assert shell.json("category", "list")[1]["technicians"] == []
    assert shell.json("category", "list")[1]["default_assignee"] is None


def test_companies_take_their_people(shell: Shell) -> None:
    shell("company", "add", "Örnek A.Ş.", "--domain", "@Example.com")
    shell("company", "add", "Örnek A.Ş.", "--domain", "ornek.example")
    (company,) = shell.json("company", "list")
    assert company["domains"] == ["example.com", "ornek.example"]
    assert shell.json("user", "show", "caren@example.com")["company"] == "Örnek A.Ş."
    shell("company", "add", "X", "--domain", "a@b.example", code=1)
