"""Custom fields and their values on tickets, as rows.

Takes a reader or a transaction; gives `Field` and `FieldValue`. Promises: a name means one field, whatever its case,
accents or Turkish i; an id is never given twice, because templates name fields by it; looking for the tickets that have
a value goes over an index (`key`, the value as it is compared).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from mailgate.errors import NotFoundError
from mailgate.mail.fold import squeeze
from mailgate.model import Field, FieldKind, FieldValue, Visibility
from mailgate.store.engine import Reader, Row, Tx

_COLUMNS = frozenset(["name", "kind", "visibility", "category_id", "required", "choices"])
_KEY = 200


def add(
    tx: Tx,
    name: str,
    kind: str,
    visibility: str,
    category_id: int | None = None,
    required: bool = False,
    choices: Sequence[str] = (),
) -> Field:
    """Makes a field; the caller has checked that nobody has the name."""
    made = tx.insert(
        "INSERT INTO field (name, kind, visibility, category_id, required, choices)"
        " VALUES (:name, :kind, :visibility, :category, :required, :choices)",
        {
            "name": name,
            "kind": kind,
            "visibility": visibility,
            "category": category_id,
            "required": int(required),
            "choices": json.dumps(list(choices), ensure_ascii=False),
        },
    )
    return get(tx, made)


def change(tx: Tx, field_id: int, **columns: object) -> None:
    """Changes columns of a field; `choices` as a list."""
    unknown = set(columns) - _COLUMNS
    if unknown:
        raise ValueError(f"field has no column {', '.join(sorted(unknown))}")
    if "choices" in columns:
        columns["choices"] = json.dumps(columns["choices"], ensure_ascii=False)
    sets = ", ".join(f"{name} = :{name}" for name in columns)
    tx.run(f"UPDATE field SET {sets} WHERE id = :id", {**columns, "id": field_id})


def remove(tx: Tx, field_id: int) -> None:
    """Takes a field away that has no values any more."""
    tx.run("DELETE FROM field WHERE id = :f", {"f": field_id})


def get(db: Reader, field_id: int) -> Field:
    """A field by id. Raises NotFoundError."""
    row = db.one("SELECT * FROM field WHERE id = :f", {"f": field_id})
    if row is None:
        raise NotFoundError(f"There is no field {field_id}. See: mailgate field list")
    return _field(row)


def every(db: Reader) -> list[Field]:
    """All fields, in the order they were made."""
    return [_field(row) for row in db.all("SELECT * FROM field ORDER BY id")]


def like(db: Reader, name: str) -> Field | None:
    """The field whose name is read as the same: case, accents, spaces and Turkish i do not matter."""
    wanted = squeeze(name)
    return next((field for field in every(db) if squeeze(field.name) == wanted), None)


def named(db: Reader, name: str) -> Field:
    """A field by name, or by id (`12`, `CF_12`, `#CF_12#`). Raises NotFoundError."""
    number = name.strip().strip("#").lower().removeprefix("cf_")
    if number.isascii() and number.isdigit() and len(number) < 16:
        return get(db, int(number))  # no field is called like a number
    found = like(db, name[: 10 * _KEY])
    if found is not None:
        return found
    raise NotFoundError(f'There is no field "{name[:_KEY]}". See: mailgate field list')


# -- values --------------------------------------------------------------------------------------------------------------


def key(kind: str, value: str) -> str:
    """What a value is compared by: numbers by what they are, other values without case and accents, in 200 letters."""
    if kind == FieldKind.NUMBER and "." in value:
        return value.rstrip("0").rstrip(".")
    return squeeze(value[: 10 * _KEY])[:_KEY]


def values(db: Reader, ticket_id: int) -> list[FieldValue]:
    """The custom fields of a ticket that have a value, in the order the fields were made."""
    rows = db.all(
        "SELECT f.*, v.value FROM field_value v JOIN field f ON f.id = v.field_id WHERE v.ticket_id = :t ORDER BY f.id",
        {"t": ticket_id},
    )
    return [FieldValue(_field(row), row["value"]) for row in rows]


def value(db: Reader, ticket_id: int, field_id: int) -> str | None:
    """The value of one field on a ticket; None where it has none."""
    found: str | None = db.value(
        "SELECT value FROM field_value WHERE ticket_id = :t AND field_id = :f", {"t": ticket_id, "f": field_id}
    )
    return found


def put(tx: Tx, ticket_id: int, field: Field, given: str | None) -> str | None:
    """Sets or (None) removes the value of a field on a ticket; gives the value before."""
    before = value(tx, ticket_id, field.id)
    params = {"t": ticket_id, "f": field.id, "v": given, "k": key(field.kind, given or "")}
    if given is None:
        tx.run("DELETE FROM field_value WHERE ticket_id = :t AND field_id = :f", params)
    else:
        tx.run(
            "INSERT INTO field_value (ticket_id, field_id, value, key) VALUES (:t, :f, :v, :k)"
            " ON CONFLICT (ticket_id, field_id) DO UPDATE SET value = :v, key = :k",
            params,
        )
    return before


def count(db: Reader, field_id: int) -> int:
    """On how many tickets a field has a value."""
    return int(db.value("SELECT COUNT(*) FROM field_value WHERE field_id = :f", {"f": field_id}))


def holders(db: Reader, field_id: int, limit: int) -> list[tuple[int, str]]:
    """Some tickets on which a field has a value, and the value."""
    rows = db.all(
        "SELECT ticket_id, value FROM field_value WHERE field_id = :f ORDER BY key, ticket_id LIMIT :n",
        {"f": field_id, "n": limit},
    )
    return [(row["ticket_id"], row["value"]) for row in rows]


def _field(row: Row) -> Field:
    return Field(
        id=row["id"],
        name=row["name"],
        kind=FieldKind(row["kind"]),
        visibility=Visibility(row["visibility"]),
        category_id=row["category_id"],
        required=bool(row["required"]),
        choices=json.loads(row["choices"]),
    )
