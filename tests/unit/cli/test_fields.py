"""Custom fields as administrators define and technicians use them, on a real store."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from mailgate.store import events, fields, people
from tests.unit.cli.conftest import Shell

FIELD_KEYS = {"id", "name", "kind", "visibility", "category", "required", "choices", "tickets"}
CAREN = ("--as", "caren@example.com")


@pytest.fixture
def ticket(shell: Shell) -> int:
    """A ticket that came by mail; fields Serial (1, public), Model (2, choice), Cost (3, administrators), Until (4, date)."""
    shell.deliver()
    shell("field", "add", "Serial")
    shell(
        "field",
        "add",
        "Model",
        "--kind",
        "choice",
        "--choice",
        "X100",
        "--choice",
        "X200",
        "--visibility",
        "technicians",
    )
    shell("field", "add", "Cost", "--kind", "number", "--visibility", "administrators")
    shell("field", "add", "Until", "--kind", "date")
    found: int = shell.json("ticket", "list")[0]["id"]
    return found


def log_of(shell: Shell, ticket: int, *words: str) -> list[str]:
    log = json.loads(shell("ticket", "show", ticket, "--json", *words))["entries"]
    return [entry["text"] for entry in log if entry["kind"] == "event"]


# -- defining ----------------------------------------------------------------------------------------------------------


def test_a_field_tells_its_id_and_who_sees_it(shell: Shell) -> None:
    assert shell("field", "add", "Serial number") == (
        'Field 1 "Serial number" is added, for all who see a ticket, requesters too; in templates it is #CF_1#.\n'
    )
    assert "for administrators; in templates it is #CF_2#" in shell(
        "field", "add", "X", "--visibility", "administrators"
    )


def test_the_list_has_ids_and_everything_else(shell: Shell, ticket: int) -> None:
    shell("category", "add", "Billing")
    shell("field", "add", "Tax", "--kind", "checkbox", "--category", "Billing", "--required")
    listed = shell.json("field", "list")
    assert all(set(item) == FIELD_KEYS for item in listed)
    assert [(item["id"], item["name"], item["kind"]) for item in listed] == [
        (1, "Serial", "text"), (2, "Model", "choice"), (3, "Cost", "number"), (4, "Until", "date"), (5, "Tax", "checkbox"),
    ]  # fmt: skip
    assert listed[1]["choices"] == ["X100", "X200"]
    assert (listed[4]["category"], listed[4]["required"]) == ({"id": 2, "name": "Billing"}, True)
    assert shell("field", "list").splitlines()[1] == "2\tModel\tchoice\ttechnicians\t\t\t0\tX100, X200"


def test_technicians_see_their_fields_only_and_define_none(shell: Shell, ticket: int) -> None:
    names = [item["name"] for item in json.loads(shell("field", "list", "--json", *CAREN))]
    assert names == ["Serial", "Model", "Until"]
    for words in (("add", "Mine"), ("edit", "Serial", "--name", "Mine"), ("delete", "Serial")):
        shell("field", *words, *CAREN, code=1)
        assert "is not an administrator" in shell.err


@pytest.mark.parametrize("name", ["serial", "SERİAL", "sérial", " Serial ", "ser\u00adial", "serıal"])
def test_names_that_are_read_the_same_collide(shell: Shell, ticket: int, name: str) -> None:
    shell("field", "add", name, code=1)
    assert shell.err == 'mailgate: Field 1 "Serial" is read as the same name. Choose another one.\n'
    shell("field", "edit", "Model", "--name", name, code=1)
    assert len(shell.json("field", "list")) == 4


def test_a_field_may_be_respelled(shell: Shell, ticket: int) -> None:
    shell("field", "edit", "Serial", "--name", "SERIAL")
    assert shell.json("field", "list")[0]["name"] == "SERIAL"


def test_a_name_with_line_ends_is_one_line(shell: Shell) -> None:
    shell("field", "add", "Serial\r\nBcc: eve@example.org")
    assert shell.json("field", "list")[0]["name"] == "Serial Bcc: eve@example.org"
    shell("field", "add", "a\x1b[2Jb", code=1)
    assert "control character" in shell.err


def test_what_is_not_offered_is_a_usage_error(shell: Shell) -> None:
    shell("field", "add", "Serial", "--kind", "colour", code=2)
    shell("field", "add", "Serial", "--visibility", "nobody", code=2)
    shell("field", "add", code=2)
    shell("field", "add", "Serial", "--category", "Nowhere", code=1)
    shell("field", "add", "Serial", "--choice", "A", code=1)
    shell("field", "add", "Serial", "--kind", "choice", *(f"--choice=C{number}" for number in range(10_000)), code=1)
    assert shell.json("field", "list") == []


def test_there_are_not_more_fields_than_a_letter_can_bear(shell: Shell) -> None:
    def fill(tx: object) -> None:
        for number in range(500):
            fields.add(tx, f"Field {number}", "text", "public")  # type: ignore[arg-type]

    shell.store().write(fill)
    shell("field", "add", "One more", code=1)
    assert "which is the most" in shell.err


def test_editing_keeps_what_is_not_named(shell: Shell, ticket: int) -> None:
    shell("ticket", "field", ticket, "Model", "X100")
    shell("field", "edit", "2", "--choice", "X300", "--no-choice", "X100", "--required", "--category", "General")
    model = shell.json("field", "list")[1]
    assert (model["choices"], model["required"], model["visibility"]) == (["X200", "X300"], True, "technicians")
    assert shell.json("ticket", "show", ticket)["fields"]["Model"] == "X100"
    assert [row["id"] for row in shell.json("ticket", "list", "--field", "Model=x100")] == [ticket]
    shell("field", "edit", "#CF_2#", "--optional", "--category", "", "--visibility", "public")
    model = shell.json("field", "list")[1]
    assert (model["required"], model["category"], model["visibility"]) == (False, None, "public")
    shell("field", "edit", "Model", "--no-choice", "X100", code=1)
    shell("field", "edit", "Model", "--no-choice", "X200", code=1)  # one choice is none


def test_a_kind_changes_only_while_there_are_no_values(shell: Shell, ticket: int) -> None:
    shell("field", "edit", "Until", "--kind", "number")
    shell("ticket", "field", ticket, "Until", "5")
    shell("field", "edit", "Until", "--kind", "date", code=1)
    assert "has values of kind number on 1 ticket. Add another field instead." in shell.err
    shell("ticket", "field", ticket, "Serial", "one")
    shell("field", "edit", "Serial", "--kind", "long_text")
    shell("ticket", "field", ticket, "Serial", "one\ntwo")
    assert shell.json("ticket", "show", ticket)["fields"]["Serial"] == "one\ntwo"


def test_deleting_is_refused_while_there_are_values(shell: Shell, ticket: int) -> None:
    shell("ticket", "field", ticket, "Serial", "AB-1")
    shell("field", "delete", "Serial", code=1)
    assert '"Serial" has values on 1 ticket. Add --anyway' in shell.err
    assert shell("field", "delete", "Serial", "--anyway") == 'Field 1 "Serial" is deleted.\n'
    assert "Serial" not in shell.json("ticket", "show", ticket)["fields"]
    assert log_of(shell, ticket) == ["field Serial: – → AB-1", "field Serial: AB-1 → –"]
    assert "Field 5" in shell("field", "add", "Serial")  # never 1 again: templates name fields by it
    shell("field", "delete", "Serial")
    shell("field", "delete", "Serial", code=1)
    assert 'There is no field "Serial". See: mailgate field list' in shell.err


def test_a_field_of_many_tickets_is_deleted_in_pieces(
    shell: Shell, ticket: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mailgate_cli import field

    monkeypatch.setattr(field, "_AT_ONCE", 2)
    ids = [ticket, *(int(shell("ticket", "new", "--subject", "t", "-m", "t")) for _ in range(3))]
    shell("ticket", "field", *ids, "Serial", "AB-1")
    shell("field", "delete", "Serial", "--anyway")
    assert all(log_of(shell, number)[-1] == "field Serial: AB-1 → –" for number in ids)


# -- setting -----------------------------------------------------------------------------------------------------------


def test_values_are_set_and_everything_is_in_the_log(shell: Shell, ticket: int) -> None:
    assert shell("ticket", "field", ticket, "serial", "AB-1", *CAREN) == f"Ticket {ticket}: Serial is set.\n"
    shell("ticket", "field", ticket, "1", "AB-2", *CAREN)
    shell("ticket", "field", ticket, "Serial", "AB-2", *CAREN)  # no change, no line
    assert shell("ticket", "field", ticket, "#CF_1#", "", *CAREN) == f"Ticket {ticket}: Serial is empty.\n"
    assert log_of(shell, ticket) == ["field Serial: – → AB-1", "field Serial: AB-1 → AB-2", "field Serial: AB-2 → –"]
    with shell.store().read() as db:
        changed = [event.data for event in events.of_ticket(db, ticket) if event.kind == "FieldChanged"]
    assert [(data["field"], data["name"], data["from"], data["to"]) for data in changed] == [
        (1, "Serial", None, "AB-1"), (1, "Serial", "AB-1", "AB-2"), (1, "Serial", "AB-2", None),
    ]  # fmt: skip


def test_what_is_empty_is_null(shell: Shell, ticket: int) -> None:
    shell("ticket", "field", ticket, "Cost", "-5,5")
    shell("ticket", "field", ticket, "Until", "31.12.2026")
    assert shell.json("ticket", "show", ticket)["fields"] == {
        "Serial": None, "Model": None, "Cost": "-5.5", "Until": "2026-12-31",
    }  # fmt: skip


def test_several_tickets_and_a_refusal(shell: Shell, ticket: int) -> None:
    other = int(shell("ticket", "new", "--subject", "t", "-m", "t"))
    out = shell("ticket", "field", ticket, other, 99, "Serial", "AB-1", code=1)
    assert out == f"Ticket {ticket}: Serial is set.\nTicket {other}: Serial is set.\n"
    assert "There is no ticket 99" in shell.err


@pytest.mark.parametrize("value", ["-3", "-0.5", "--", "-h", "-m", "--force"])
def test_a_value_may_look_like_an_option(shell: Shell, ticket: int, value: str) -> None:
    if value == "--":
        shell("ticket", "field", "--", ticket, "Serial", "--")
    else:
        shell("ticket", "field", ticket, "Serial", value)
    assert shell.json("ticket", "show", ticket)["fields"]["Serial"] == value


def test_a_value_comes_from_a_file(shell: Shell, ticket: int, tmp_path: Path) -> None:
    shell("field", "add", "Notes", "--kind", "long_text")
    shell("ticket", "field", ticket, "Notes", "--file", "-", stdin="satır bir\r\nsatır iki\n".encode())
    assert shell.json("ticket", "show", ticket)["fields"]["Notes"] == "satır bir\nsatır iki"
    shown = shell("ticket", "show", ticket)
    assert "Notes        satır bir\n             satır iki\n" in shown
    assert "field Notes: – → satır bir satır iki" in shown
    large = tmp_path / "large"
    large.write_bytes(b"x" * 1_000_000)
    shell("ticket", "field", ticket, "Notes", "--file", large, code=1)
    assert "takes at most 20,000 letters. Attach the rest to a note." in shell.err
    shell("ticket", "field", ticket, "Notes", "--clear")
    assert shell.json("ticket", "show", ticket)["fields"]["Notes"] is None


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("1", "Serial"), 2, "Name at least one ticket, then the field and its value."),
        (
            ("1", "Serial", "number", "X"),
            2,
            '"Serial" is not a ticket\'s number. A name or a value of several words stands',
        ),
        (("1", "Serial", "--clear", "--file", "-"), 2, "Give either --clear or --file, not both."),
        (("1", "Colour", "red"), 1, 'There is no field "Colour". See: mailgate field list'),
        (("1", "Model", "X300"), 1, '"X300" is not a choice of "Model". Choose one of: X100, X200.'),
        (("1", "Cost", "much"), 1, '"much" is not a number for "Cost". Write it like 3, -2 or 3.5'),
        (("1", "Until", "soon"), 1, '"soon" is not a date for "Until". Write it like 2026-12-31 or 31.12.2026.'),
        (("99", "Serial", "X"), 1, "There is no ticket 99."),
    ],
)
def test_refusals_are_sentences(shell: Shell, ticket: int, words: tuple[str, ...], code: int, sentence: str) -> None:
    shell("ticket", "field", *words, code=code)
    assert sentence in shell.err
    assert log_of(shell, ticket) == []


def test_a_field_of_another_category_is_not_set_and_stays_after_a_move(shell: Shell, ticket: int) -> None:
    shell("category", "add", "Billing")
    shell("field", "add", "Tax", "--category", "Billing")
    shell("ticket", "field", ticket, "Tax", "7", code=1)
    assert '"Tax" belongs to tickets of Billing, and ticket 1 is in General. Move it first' in shell.err
    assert "Tax" not in shell.json("ticket", "show", ticket)["fields"]
    shell("ticket", "move", ticket, "--to", "Billing")
    shell("ticket", "field", ticket, "Tax", "7")
    shell("ticket", "move", ticket, "--to", "General")
    assert shell.json("ticket", "show", ticket)["fields"]["Tax"] == "7"
    shell("ticket", "field", ticket, "Tax", "--clear")


def test_what_is_for_administrators_technicians_neither_see_nor_set(shell: Shell, ticket: int) -> None:
    shell("ticket", "field", ticket, "Cost", "4711")
    shell("ticket", "field", ticket, "Model", "X100", *CAREN)
    shell("ticket", "field", ticket, "Cost", "1", *CAREN, code=1)
    assert 'The field "Cost" is for administrators only. Name one of them with --as USER.' in shell.err
    for words in ((), ("--json",), ("--full",)):
        assert "4711" in shell("ticket", "show", ticket, *words)
        shown = shell("ticket", "show", ticket, *words, *CAREN)
        assert "Cost" not in shown
        assert "4711" not in shown
        assert "X100" in shown
    shell("ticket", "list", "--field", "Cost=4711", *CAREN, code=1)
    shell("field", "edit", "Cost", "--visibility", "public")
    assert "4711" in shell("ticket", "show", ticket, "--json", *CAREN)
    assert log_of(shell, ticket, *CAREN) == [
        "field Model: – → X100"
    ]  # what was written for administrators stays theirs
    shell("field", "edit", "Model", "--visibility", "administrators")
    assert log_of(shell, ticket, *CAREN) == []
    shell("field", "delete", "Model", "--anyway")
    assert log_of(shell, ticket, *CAREN) == ["field Model: – → X100"]  # as it was for technicians then


def test_through_a_requesters_eyes_there_are_no_notes(shell: Shell, ticket: int) -> None:
    shell("ticket", "note", ticket, "-m", "he is difficult")
    shell("ticket", "reply", ticket, "-m", "We are on our way.")
    as_requester = json.loads(shell("ticket", "show", ticket, "--json", "--as", "ayse@example.com"))["entries"]
    assert [entry["kind"] for entry in as_requester] == ["message", "reply"]
    assert "difficult" not in shell("ticket", "show", ticket, "--full", "--as", "ayse@example.com")
    assert "difficult" in shell("ticket", "show", ticket)


def test_requesters_set_nothing(shell: Shell, ticket: int) -> None:
    shell("ticket", "field", ticket, "Serial", "X", "--as", "ayse@example.com", code=1)
    assert "is not a technician or administrator" in shell.err


# -- required ----------------------------------------------------------------------------------------------------------


def test_required_fields_are_asked_for_before_closing(shell: Shell, ticket: int) -> None:
    shell("field", "edit", "Model", "--required")
    shell("field", "edit", "Until", "--required")
    refused = (
        f'mailgate: Ticket {ticket} cannot be closed yet: "Model", "Until" are required. Set it with: mailgate ticket field '
        f"{ticket} Model VALUE; or do it all the same with --anyway.\n"
    )
    for words in (("close", ticket), ("close", ticket, "-m", "Bye."), ("reply", ticket, "-m", "Bye.", "--close"),
                  ("status", ticket, "--to", "closed")):  # fmt: skip
        shell("ticket", *words, code=1)
        assert shell.err == refused
    assert shell.json("ticket", "show", ticket)["status"] == "new"
    assert "Model        – (required)" in shell("ticket", "show", ticket)
    shell("ticket", "field", ticket, "Model", "X100")
    shell("ticket", "field", ticket, "Until", "2026-12-31")
    shell("ticket", "close", ticket, *CAREN)
    assert shell.json("ticket", "show", ticket)["status"] == "closed"


def test_anyway_passes(shell: Shell, ticket: int) -> None:
    shell("field", "edit", "Model", "--required")
    for words in (("close", ticket, "--anyway"), ("reply", ticket, "-m", "Bye.", "--close", "--anyway"),
                  ("status", ticket, "--to", "closed", "--anyway")):  # fmt: skip
        shell("ticket", *words)
        assert shell.json("ticket", "show", ticket)["status"] == "closed"
        shell("ticket", "reopen", ticket)
    shell("ticket", "reply", ticket, "-m", "Not closing is free.")


def test_nobody_is_asked_for_what_they_cannot_give(shell: Shell, ticket: int) -> None:
    shell("category", "add", "Billing")
    shell("field", "add", "Tax", "--category", "Billing", "--required")
    shell("field", "edit", "Cost", "--required")
    shell("ticket", "close", ticket, code=1)
    assert '"Cost" is required' in shell.err
    shell("ticket", "close", ticket, *CAREN)


def test_opening_asks_technicians(shell: Shell, ticket: int) -> None:
    shell("field", "edit", "Model", "--required")
    new = ("ticket", "new", "--subject", "Printer", "--requester", "ayse@example.com", "-m", "It burns.")
    shell(*new, code=1)
    assert 'The ticket cannot be opened yet: "Model" is required. Add: --field Model=VALUE;' in shell.err
    assert len(shell.json("ticket", "list")) == 1
    made = int(shell(*new, "--field", "Model=x200", "--field", "Serial=a=b"))
    shown = shell.json("ticket", "show", made)["fields"]
    assert (shown["Model"], shown["Serial"]) == ("X200", "a=b")
    shell(*new, "--anyway")
    for pair, code in (("Model", 2), ("=x", 2), ("Model=X300", 1), ("Nothing=x", 1)):
        shell(*new, "--field", pair, code=code)
    assert len(shell.json("ticket", "list")) == 3


# -- finding -----------------------------------------------------------------------------------------------------------


def test_tickets_are_found_by_their_values(shell: Shell, ticket: int) -> None:
    other = int(shell("ticket", "new", "--subject", "t", "-m", "t", "--field", "Serial=Işık 1", "--field", "Cost=3.50"))
    shell("ticket", "field", ticket, "Serial", "AB-1")

    def found(*pairs: str) -> list[int]:
        words = [word for pair in pairs for word in ("--field", pair)]
        return sorted(row["id"] for row in shell.json("ticket", "list", *words))

    assert found("Serial=ab-1") == [ticket]
    assert found("serial=ISIK 1") == [other]
    assert found("Serial=AB") == []
    assert found("Cost=3,5") == found("cost=3.500") == found("3=+3.5") == [other]
    assert found("Cost=") == [ticket]
    assert found("Serial=ışık 1", "Cost=3.5") == [other]
    assert found("Serial=AB-1", "Cost=3.5") == []
    rows = list(csv.DictReader(io.StringIO(shell("ticket", "list", "--field", "Serial=AB-1", "--csv"))))
    assert [row["id"] for row in rows] == [str(ticket)]
    assert shell("ticket", "list", "--field", "Serial=AB-1", "--limit", "1").startswith(f"{ticket}\t")
    shell("ticket", "list", "--field", "Until=soon", code=1)
    shell("ticket", "list", "--field", "Serial", code=2)
    shell("ticket", "list", *(word for _ in range(101) for word in ("--field", "Serial=x")), code=2)


def test_a_search_by_value_goes_over_the_index(shell: Shell, ticket: int) -> None:
    sql = "SELECT ticket_id FROM field_value WHERE field_id = 1 AND key = 'x'"
    with shell.store().read() as db:
        plan = [row["detail"] for row in db.all(f"EXPLAIN QUERY PLAN {sql}")]
    assert plan == ["SEARCH field_value USING COVERING INDEX field_value_key (field_id=? AND key=?)"]


# -- merging, exporting, erasing ---------------------------------------------------------------------------------------


def test_a_merge_gives_what_is_empty(shell: Shell, ticket: int) -> None:
    shell("category", "add", "Billing")
    shell("field", "add", "Tax", "--category", "Billing")
    shell("ticket", "field", ticket, "Serial", "own")
    other = int(shell("ticket", "new", "--subject", "t", "-m", "t", "--category", "Billing", "--field", "Serial=theirs",
                      "--field", "Cost=5", "--field", "Tax=7"))  # fmt: skip
    shell("ticket", "merge", other, "--into", ticket, *CAREN)
    assert shell.json("ticket", "show", ticket)["fields"] == {
        "Serial": "own",
        "Model": None,
        "Cost": "5",
        "Until": None,
    }
    assert shell.json("ticket", "show", other)["fields"]["Tax"] == "7"
    assert log_of(shell, ticket)[-1] == "field Cost: – → 5"
    assert "Cost" not in " ".join(log_of(shell, ticket, *CAREN))


def test_exports_hold_all_fields(shell: Shell, ticket: int) -> None:
    shell("ticket", "field", ticket, "Cost", "5")
    assert json.loads(shell("db", "export").splitlines()[0])["fields"]["Cost"] == "5"
    kept = json.loads(shell("user", "export", "ayse@example.com"))
    assert kept["fields"] == [{"ticket_id": ticket, "name": "Cost", "value": "5"}]


def test_who_is_forgotten_takes_the_values_along(shell: Shell, ticket: int) -> None:
    other = int(shell("ticket", "new", "--subject", "t", "-m", "t"))
    shell("ticket", "subscribe", other, "ayse@example.com")
    shell("ticket", "field", other, "Serial", "of ayse@example.com")
    shell("ticket", "field", ticket, "Serial", "SECRET-1")
    shell("ticket", "field", ticket, "Serial", "SECRET-2")
    shell("user", "forget", "ayse@example.com", "--yes")
    everything = shell("db", "export")
    assert "SECRET" not in everything
    assert "ayse@" not in everything
    assert log_of(shell, ticket)[-1] == "field Serial: (erased)"
    assert [row["id"] for row in shell.json("ticket", "list", "--field", "Serial=of (erased)")] == [other]
    with shell.store().read() as db:
        assert fields.count(db, 1) == 1
        assert people.named(db, "caren@example.com")


# -- templates ---------------------------------------------------------------------------------------------------------


def test_a_template_that_names_no_field_is_a_finding(shell: Shell, ticket: int) -> None:
    folder = shell.folder / "templates"
    folder.mkdir(exist_ok=True)
    for part in ("txt", "html"):
        (folder / f"closed.{part}.j2").write_text("#CF_1#\n#CF_VALUE_9#" if part == "txt" else "<b>#CF_1#</b>")
    out = shell("template", "check", code=1)
    assert out.splitlines() == [
        f"{folder / 'closed.txt.j2'}:2: #CF_9# names a field that does not exist; see: mailgate field list"
    ]


def test_a_preview_of_closing_shows_the_ticket_closed(shell: Shell, ticket: int) -> None:
    folder = shell.folder / "templates"
    folder.mkdir(exist_ok=True)
    (folder / "closed.txt.j2").write_text("It is #Status#. #RatingLinks(<b>Please rate us</b>)#")
    shown = shell("template", "preview", "closed", "--ticket", ticket)
    assert "It is closed. Please rate us\n" in shown
    assert shell.json("ticket", "show", ticket)["status"] == "new"
