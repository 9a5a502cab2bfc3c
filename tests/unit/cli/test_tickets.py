"""Ticket commands as technicians use them, on a real store."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from mailgate.store import people
from tests.unit.cli.conftest import LETTER, Shell

TICKET_KEYS = {
    "id", "subject", "status", "priority", "category", "requester", "assignee", "tags", "via", "created_at", "updated_at",
    "closed_at", "due_at", "entries", "time_spent_s",
}  # fmt: skip
ENTRY_KEYS = {
    "id",
    "kind",
    "author",
    "at",
    "text",
    "reply_text",
    "html",
    "attachments",
    "message_id",
    "queue_id",
    "marks",
}
FILE_KEYS = {"id", "filename", "content_type", "size", "inline", "content_id", "sha256"}


@pytest.fixture
def ticket(shell: Shell) -> int:
    """The number of a ticket that came by mail."""
    shell.deliver()
    found: int = shell.json("ticket", "list")[0]["id"]
    return found


def test_a_list_has_the_keys_of_the_contract(shell: Shell, ticket: int) -> None:
    (row,) = shell.json("ticket", "list")
    assert set(row) >= TICKET_KEYS
    assert row["category"] == {"id": 1, "name": "General", "word": "general"}
    assert row["requester"] == {"name": "Ayşe Yılmaz", "address": "ayse@example.com"}
    assert row["assignee"] is None
    assert row["closed_at"] is None
    assert row["created_at"].endswith("Z")


def test_a_ticket_has_the_keys_of_the_contract(shell: Shell, ticket: int) -> None:
    shell("ticket", "reply", ticket, "-m", "Geliyoruz.", "--attach", shell.config)
    shown = shell.json("ticket", "show", ticket)
    assert set(shown) >= TICKET_KEYS | {"entries", "subscribers", "fields", "links", "address_word"}
    assert [entry["kind"] for entry in shown["entries"]] == ["message", "reply"]
    assert all(set(entry) >= ENTRY_KEYS for entry in shown["entries"])
    assert shown["entries"][0]["message_id"] == "<first@example.com>"
    (file,) = shown["entries"][1]["attachments"]
    assert set(file) == FILE_KEYS
    assert shown["subscribers"] == [{"name": "Ayşe Yılmaz", "address": "ayse@example.com"}]


def test_filters(shell: Shell, ticket: int) -> None:
    shell("category", "add", "Billing", "--word", "billing")
    other = int(
        shell(
            "ticket", "new", "--subject", "Fatura", "--requester", "bob@example.com", "--category", "billing", "-m", "x"
        )
    )
    shell("ticket", "tag", other, "acil")
    shell("ticket", "take", other, "--as", "caren@example.com")
    shell("ticket", "due", other, "--to", "2020-01-01")

    def ids(*filters: str) -> list[int]:
        return [row["id"] for row in shell.json("ticket", "list", *filters)]

    assert ids() == [other, ticket]
    assert ids("--status", "new") == [ticket]
    assert ids("--category", "billing") == ids("--category", "2") == ids("--category", "Billing") == [other]
    assert ids("--assignee", "none") == [ticket]
    assert ids("--assignee", "me", "--as", "caren@example.com") == ids("--assignee", "caren@example.com") == [other]
    assert ids("--requester", "ayse@example.com") == [ticket]
    assert ids("--tag", "acil") == ids("--overdue") == [other]
    assert ids("--search", "YAZICI calismiyor") == [ticket]
    assert ids("--limit", "1") == [other]
    assert ids("--unanswered") == [other, ticket]
    shell("ticket", "list", "--category", "nothing", code=1)
    shell("ticket", "list", "--requester", "nobody@example.com", code=1)


def test_a_piped_list_is_bounded_and_says_so(shell: Shell) -> None:
    for number in range(52):
        shell("ticket", "new", "--subject", f"n{number}", "-m", "x")
    assert len(shell("ticket", "list").splitlines()) == 50
    assert "and 2 more" in shell.err
    assert len(shell("ticket", "list", "--limit", "0").splitlines()) == len(shell.json("ticket", "list")) == 52


def test_csv_is_read_back_and_holds_no_formula(shell: Shell) -> None:
    shell("ticket", "new", "--subject", '=HYPERLINK("http://evil.example", "a,b")', "-m", "x")
    (row,) = csv.DictReader(io.StringIO(shell("ticket", "list", "--csv")))
    assert row["subject"] == '\'=HYPERLINK("http://evil.example", "a,b")'
    assert row["status"] == "new"


def test_what_came_by_mail_cannot_control_the_terminal(shell: Shell) -> None:
    hostile = LETTER.replace(b"Merhaba", b"\x1b[2J\x1b]0;owned\x07Merhaba\xe2\x80\xae").replace(
        b"=?utf-8?q?Yaz=C4=B1c=C4=B1_=C3=A7al=C4=B1=C5=9Fm=C4=B1yor?=", b"=?utf-8?q?=1B[31mred=E2=80=AEtxt?="
    )
    shell.deliver(hostile)
    for words in (("ticket", "list"), ("ticket", "show", "1"), ("message", "list"), ("message", "why", "1")):
        printed = shell(*words)
        assert not any(sign in printed for sign in "\x1b\x07\x9b\u202e"), words
    assert "\\x1b[2J" in shell("ticket", "show", "1")


def test_quoted_text_is_folded_and_shown_in_full(shell: Shell, ticket: int) -> None:
    answer = LETTER.replace(b"<first@", b"<second@").replace(
        b"MIME-Version", b"In-Reply-To: <first@example.com>\r\nMIME-Version"
    )
    quoted = b"Still broken.\r\n\r\nOn Wed, 25 Nov 2026 at 10:00, Support <support@help.example.com> wrote:\r\n> one\r\n> two\r\n"
    shell.deliver(answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + quoted)
    short, full = shell("ticket", "show", ticket), shell("ticket", "show", ticket, "--full")
    assert "Still broken." in short
    assert "> one" not in short
    assert "quoted line" in short
    assert "> one" in full
    assert "quoted line" not in full


def test_notes_are_visibly_internal(shell: Shell, ticket: int) -> None:
    shell("ticket", "note", ticket, "-m", "between us")
    shown = shell("ticket", "show", ticket)
    assert "INTERNAL NOTE" in shown
    assert "┃ between us" in shown


def test_a_reply_makes_a_letter_without_a_daemon(shell: Shell, ticket: int) -> None:
    shell("ticket", "reply", ticket, "-m", "Geliyoruz.", "--as", "caren@example.com", "--time", "15m")
    shown = shell.json("ticket", "show", ticket)
    assert shown["entries"][-1]["author"] == {"name": "Caren Çelik", "address": "caren@example.com"}
    assert shown["status"] == "waiting"
    assert shown["time_spent_s"] == 900
    letters = shell.json("outbox", "list", "--ticket", ticket)
    assert ["ayse@example.com"] in [letter["to"] for letter in letters if letter["template"] == "updated"]


def test_reply_from_standard_input_a_file_and_not_from_both(shell: Shell, ticket: int, tmp_path: Path) -> None:
    text = tmp_path / "reply.md"
    text.write_text("aus der Datei: ğüşöç")
    shell("ticket", "reply", ticket, stdin="von stdin: ğüşöç\r\n".encode())
    shell("ticket", "reply", ticket, "--file", text)
    assert [e["text"] for e in shell.json("ticket", "show", ticket)["entries"][-2:]] == [
        "von stdin: ğüşöç\n",
        "aus der Datei: ğüşöç",
    ]
    shell("ticket", "reply", ticket, "-m", "x", "--file", text, code=2)
    shell("ticket", "reply", ticket, stdin=b"\xfe\xff", code=1)
    assert "UTF-8" in shell.err
    shell("ticket", "reply", ticket, stdin=b"x" * (1024**2 + 1), code=1)
    assert "--attach" in shell.err
    shell("ticket", "reply", ticket, stdin=b"", code=1)
    assert "empty" in shell.err


def test_a_reply_is_refused_where_a_newer_entry_came(shell: Shell, ticket: int) -> None:
    seen = shell.json("ticket", "show", ticket)["entries"][-1]["id"]
    shell("ticket", "reply", ticket, "-m", "first")
    shell("ticket", "reply", ticket, "-m", "crossing", "--seen", seen, code=1)
    assert "--anyway" in shell.err
    shell("ticket", "reply", ticket, "-m", "crossing", "--seen", seen, "--anyway")


def test_a_large_attachment_survives_byte_for_byte(shell: Shell, ticket: int, tmp_path: Path) -> None:
    source = tmp_path / "büyük.bin"
    source.write_bytes(bytes(range(256)) * 4096)
    shell("ticket", "reply", ticket, "-m", "x", "--attach", source)
    (file,) = shell.json("ticket", "show", ticket)["entries"][-1]["attachments"]
    assert file["filename"] == "büyük.bin"
    target = tmp_path / "saved"
    shell("ticket", "save", ticket, file["id"], "--to", target)
    assert target.read_bytes() == source.read_bytes()
    shell("ticket", "save", ticket, file["id"], "--to", target, code=1)
    shell("ticket", "save", ticket, file["id"], "--to", "-")
    assert shell.raw == source.read_bytes()
    shell("ticket", "save", ticket + 1, file["id"], code=1)


def test_a_file_above_the_limit_is_refused_and_leaves_nothing(shell: Shell, ticket: int, tmp_path: Path) -> None:
    shell.config.write_text(shell.config.read_text().replace("[smtp]", '[smtp]\nmax_size = "1MB"'))
    large = tmp_path / "large"
    large.write_bytes(b"x" * (2 * 1024**2))
    shell("ticket", "reply", ticket, "-m", "x", "--attach", large, code=1)
    assert "too large" in shell.err
    assert [path for path in (shell.folder / "data/blobs").rglob("*") if path.is_file()] == []


def test_close_with_an_answer_is_one_letter(shell: Shell, ticket: int) -> None:
    before = len(shell.json("outbox", "list", "--ticket", ticket))
    shell("ticket", "close", ticket, "-m", "Done.")
    after = shell.json("outbox", "list", "--ticket", ticket)[: -before or None]
    assert [letter["template"] for letter in after if letter["to"] == ["ayse@example.com"]] == ["closed"]
    assert shell.json("ticket", "show", ticket)["status"] == "closed"
    shell("ticket", "reopen", ticket)
    assert shell.json("ticket", "show", ticket)["status"] == "open"
    shell("ticket", "reopen", ticket, code=1)


def test_many_at_once_do_what_they_can_and_name_the_rest(shell: Shell, ticket: int) -> None:
    printed = shell("ticket", "close", ticket, 77, 78, code=1)
    assert f"Ticket {ticket} is closed." in printed
    assert "no ticket 77" in shell.err
    assert "no ticket 78" in shell.err
    assert shell.json("ticket", "show", ticket)["status"] == "closed"


def test_tags_and_numbers(shell: Shell, ticket: int) -> None:
    shell("ticket", "tag", ticket, "acil", "yazıcı")
    shell("ticket", "tag", ticket, "2026")
    assert shell.json("ticket", "show", ticket)["tags"] == ["2026", "acil", "yazıcı"]
    shell("ticket", "untag", ticket, "acil")
    assert shell.json("ticket", "show", ticket)["tags"] == ["2026", "yazıcı"]
    shell("ticket", "tag", "acil", code=2)


def test_assign_take_and_the_name_of_who_was_first(shell: Shell, ticket: int) -> None:
    shell("user", "add", "dora@example.com", "--name", "Dora", "--category", "general")
    shell("ticket", "take", ticket, "--as", "caren@example.com")
    shell("ticket", "take", ticket, "--as", "dora@example.com", code=1)
    assert "Caren Çelik took ticket" in shell.err
    shell("ticket", "assign", ticket, "--to", "dora@example.com")
    assert shell.json("ticket", "show", ticket)["assignee"]["address"] == "dora@example.com"
    shell("ticket", "assign", ticket, "--to", "none")
    assert shell.json("ticket", "show", ticket)["assignee"] is None
    shell("ticket", "assign", ticket, "--to", "ayse@example.com", code=1)
    assert "not a technician" in shell.err


def test_merge_move_subscribe_and_their_undoing(shell: Shell, ticket: int) -> None:
    shell("category", "add", "Billing", "--word", "billing")
    other = int(shell("ticket", "new", "--subject", "Aynı", "--requester", "bob@example.com", "-m", "x"))
    shell("ticket", "move", ticket, "--to", "billing")
    assert shell.json("ticket", "show", ticket)["category"]["word"] == "billing"
    shell("ticket", "merge", other, "--into", ticket)
    merged = shell.json("ticket", "show", other)
    assert merged["links"] == [{"kind": "merged into", "ticket": ticket}]
    assert "bob@example.com" in [p["address"] for p in shell.json("ticket", "show", ticket)["subscribers"]]
    shell("ticket", "unsubscribe", ticket, "bob@example.com")
    shell("ticket", "subscribe", ticket, "carl@example.com", "dan@example.com")
    names = [p["address"] for p in shell.json("ticket", "show", ticket)["subscribers"]]
    assert names == ["ayse@example.com", "carl@example.com", "dan@example.com"]
    shell("ticket", "subscribe", ticket, "eve@example.com", "support+billing@help.example.com", code=1)
    shell("ticket", "subscribe", ticket, "no address", code=1)
    assert len(shell.json("ticket", "show", ticket)["subscribers"]) == 3


def test_links(shell: Shell, ticket: int) -> None:
    other = int(shell("ticket", "new", "--subject", "Başka", "-m", "x"))
    shell("ticket", "link", ticket, "--to", other)
    assert shell.json("ticket", "show", ticket)["links"] == [{"kind": "related", "ticket": other}]
    assert f"related {{{other}}}" in shell("ticket", "show", ticket)
    shell("ticket", "link", ticket, "--to", 99, code=1)


@pytest.mark.parametrize(
    ("verb", "words", "key", "value"),
    [
        ("priority", ["--to", "critical"], "priority", "critical"),
        ("status", ["--to", "waiting"], "status", "waiting"),
        ("due", ["--to", "2026-12-01T17:00:00+03:00"], "due_at", "2026-12-01T14:00:00Z"),
        ("due", ["--to", "none"], "due_at", None),
        ("time", ["+1h30m"], "time_spent_s", 5400),
    ],
)
def test_values(shell: Shell, ticket: int, verb: str, words: list[str], key: str, value: object) -> None:
    shell("ticket", verb, ticket, *words)
    assert shell.json("ticket", "show", ticket)[key] == value


def test_time_is_taken_back_and_never_below_nothing(shell: Shell, ticket: int) -> None:
    shell("ticket", "time", ticket, "15m")
    shell("ticket", "time", ticket, "-5m")
    assert shell.json("ticket", "show", ticket)["time_spent_s"] == 600
    shell("ticket", "time", ticket, "-1h", code=1)
    shell("ticket", "time", ticket, "15", code=2)
    shell("ticket", "due", ticket, "--to", "tomorrow", code=2)


def test_history_shows_the_company_too(shell: Shell, ticket: int) -> None:
    shell("company", "add", "Örnek A.Ş.", "--domain", "example.com")
    other = int(shell("ticket", "new", "--subject", "Başka", "--requester", "bob@example.com", "-m", "x"))
    shell("ticket", "new", "--subject", "Fremd", "--requester", "eve@elsewhere.example", "-m", "x")
    assert [row["id"] for row in shell.json("ticket", "history", ticket)] == [other]
    assert "Başka" in shell("ticket", "history", ticket)


def test_who_acts(shell: Shell, ticket: int) -> None:
    shell("ticket", "note", ticket, "-m", "one", "--as", "ayse@example.com", code=1)
    assert "not a technician" in shell.err
    shell("ticket", "note", ticket, "-m", "two", "--as", "nobody@example.com", code=1)
    shell("ticket", "note", ticket, "-m", "by the first administrator")
    shell.config.write_text(shell.config.read_text() + '\n[cli]\nas = "caren@example.com"\n')
    shell("ticket", "note", ticket, "-m", "by the configuration")
    authors = [entry["author"]["address"] for entry in shell.json("ticket", "show", ticket)["entries"][1:]]
    assert authors == ["root@example.com", "caren@example.com"]


def test_the_systems_user_acts_where_a_technician_has_that_name(
    shell: Shell, ticket: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailgate_cli.session._login_name", lambda: "caren")
    shell("user", "set", "caren@example.com", "--username", "caren", "--as", "root@example.com")
    shell("ticket", "note", ticket, "-m", "x")
    assert shell.json("ticket", "show", ticket)["entries"][-1]["author"]["address"] == "caren@example.com"


def test_a_strangers_words_are_accepted(shell: Shell, ticket: int) -> None:
    stranger = (
        LETTER.replace(b"<first@", b"<third@")
        .replace(b"ayse@", b"eve@")
        .replace(b"MIME-Version", b"In-Reply-To: <first@example.com>\r\nMIME-Version")
    )
    shell.deliver(stranger, sender="eve@example.com")
    entry = shell.json("ticket", "show", ticket)["entries"][-1]
    assert "non-subscriber" in entry["marks"]
    assert "[non-subscriber]" in shell("ticket", "show", ticket)
    shell("ticket", "accept", ticket, entry["id"])
    shown = shell.json("ticket", "show", ticket)
    assert "eve@example.com" in [person["address"] for person in shown["subscribers"]]
    shell("ticket", "accept", ticket, entry["id"], code=1)


def test_bad_letters_of_the_terminal_are_refused(shell: Shell, ticket: int) -> None:
    shell("ticket", "note", ticket, "-m", "bad \udcfe", code=2)
    store = shell.store()
    with store.read() as db:
        assert people.by_address(db, "ayse@example.com") is not None
    store.close()
