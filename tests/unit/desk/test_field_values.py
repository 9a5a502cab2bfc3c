"""What may stand in a custom field: each kind, each refusal, and what a hostile hand types."""

from __future__ import annotations

import pytest

from mailgate.desk.field_values import checked_choices, checked_name, checked_value
from mailgate.errors import RefusedError
from mailgate.model import Field, FieldKind, Visibility


def field(kind: FieldKind, choices: list[str] | None = None) -> Field:
    return Field(1, "Model", kind, Visibility.PUBLIC, choices=choices or [])


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        (FieldKind.TEXT, "  AB-4711 ", "AB-4711"),
        (FieldKind.TEXT, "Çağrı ığüşöç 👍", "Çağrı ığüşöç 👍"),
        (FieldKind.LONG_TEXT, "one\r\ntwo\n\n\tthree\n", "one\ntwo\n\n\tthree"),
        (FieldKind.NUMBER, "3", "3"),
        (FieldKind.NUMBER, "-2", "-2"),
        (FieldKind.NUMBER, "\u22122", "-2"),
        (FieldKind.NUMBER, "+007", "7"),
        (FieldKind.NUMBER, "3.50", "3.50"),
        (FieldKind.NUMBER, "3,5", "3.5"),
        (FieldKind.NUMBER, "0,125", None),
        (FieldKind.NUMBER, "-0", "0"),
        (FieldKind.NUMBER, "-0.0", "0.0"),
        (FieldKind.DATE, "2026-12-31", "2026-12-31"),
        (FieldKind.DATE, "2026-2-3", "2026-02-03"),
        (FieldKind.DATE, "31.12.2026", "2026-12-31"),
        (FieldKind.DATE, "1.2.2026", "2026-02-01"),
        (FieldKind.DATE, "29.02.2028", "2028-02-29"),
        (FieldKind.CHECKBOX, "yes", "yes"),
        (FieldKind.CHECKBOX, "EVET", "yes"),
        (FieldKind.CHECKBOX, "Hayır", "no"),
        (FieldKind.CHECKBOX, "HAYIR", "no"),
        (FieldKind.CHECKBOX, "hayir", "no"),
        (FieldKind.CHECKBOX, "0", "no"),
        (FieldKind.CHECKBOX, "True", "yes"),
    ],
)
def test_values_have_one_form(kind: FieldKind, typed: str, stored: str | None) -> None:
    if stored is None:
        with pytest.raises(RefusedError):
            checked_value(field(kind), typed)
    else:
        assert checked_value(field(kind), typed) == stored


@pytest.mark.parametrize("typed", ["x200 ş", "X200 S", "  x200  Ş "])
def test_a_choice_is_spelled_as_it_was_defined(typed: str) -> None:
    assert checked_value(field(FieldKind.CHOICE, ["X100", "X200 Ş"]), typed) == "X200 Ş"


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        (FieldKind.NUMBER, "three", '"three" is not a number for "Model". Write it like 3, -2 or 3.5, without separators.'),
        (FieldKind.NUMBER, "1e5", "is not a number"),
        (FieldKind.NUMBER, "1 000", "is not a number"),
        (FieldKind.NUMBER, "\u0663", "is not a number"),  # an Arabic digit
        (FieldKind.NUMBER, "9" * 31, "is not a number"),
        (FieldKind.NUMBER, "1,234", '"1,234" can be read in two ways. Write 1234 or 1.234.'),
        (FieldKind.DATE, "31.02.2026", 'There is no day 31.02.2026. "Model" takes a day like 2026-12-31 or 31.12.2026.'),
        (FieldKind.DATE, "0000-01-01", "There is no day 0000-01-01."),
        (FieldKind.DATE, "12/31/2026", "Write it like 2026-12-31 or 31.12.2026."),
        (FieldKind.DATE, "31.12.26", "is not a date"),
        (FieldKind.DATE, "2026-12-31T10:00", "is not a date"),
        (FieldKind.CHECKBOX, "maybe", 'takes yes or no (evet or hayır).'),
        (FieldKind.CHOICE, "X300", '"X300" is not a choice of "Model". Choose one of: X100, X200.'),
        (FieldKind.TEXT, "a\nb", "holds a line end; it takes one line"),
        (FieldKind.TEXT, "a\u2028b", "holds a line end; it takes one line"),
        (FieldKind.TEXT, "a\x1b[31mb", "holds a control character"),
        (FieldKind.TEXT, "a\u202eb", "holds a control character"),
        (FieldKind.LONG_TEXT, "a\x00b", "holds a control character"),
        (FieldKind.TEXT, " \n ", "is empty"),
        (FieldKind.TEXT, "x" * 501, "takes at most 500 letters. Make it a field of kind long_text"),
        (FieldKind.LONG_TEXT, "x" * 1_000_000, "takes at most 20,000 letters."),
        (FieldKind.NUMBER, "1" * 1_000_000, "takes at most 500 letters."),
    ],
)  # fmt: skip
def test_a_refusal_says_what_would_be_right(kind: FieldKind, typed: str, sentence: str) -> None:
    with pytest.raises(RefusedError) as refused:
        checked_value(field(kind, ["X100", "X200"]), typed)
    assert sentence in str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_choice_of_many_is_refused_in_few_words() -> None:
    with pytest.raises(RefusedError) as refused:
        checked_value(field(FieldKind.CHOICE, [f"C{number}" for number in range(200)]), "no")
    assert str(refused.value).endswith("C18, C19 ….")


@pytest.mark.parametrize(
    ("typed", "name"), [("Serial  number ", "Serial number"), ("a\nb", "a b"), ("Şube\tno", "Şube no")]
)
def test_a_name_is_one_line(typed: str, name: str) -> None:
    assert checked_name(typed) == name


@pytest.mark.parametrize(
    "name",
    ["", "  ", "12", "\uff11\uff12", "a=b", "CF_12", "#cf_3#", "a\x1bb", "a\u202eb", "x" * 61, "\u200b", "\n" * 9],
)
def test_names_that_cannot_be_named_are_refused(name: str) -> None:
    with pytest.raises(RefusedError):
        checked_name(name)


def test_choices_are_of_choices_and_each_once() -> None:
    assert checked_choices("choice", ["B ", "A\nC"]) == ["B", "A C"]
    assert checked_choices("text", []) == []
    for kind, choices in (
        ("text", ["A", "B"]),
        ("choice", []),
        ("choice", ["A"]),
        ("choice", ["Işık", "isik"]),
        ("choice", ["A", " "]),
        ("choice", ["A", "x" * 101]),
        ("choice", ["A", "b\x07"]),
        ("choice", [f"C{number}" for number in range(10_000)]),
    ):
        with pytest.raises(RefusedError):
            checked_choices(kind, choices)
