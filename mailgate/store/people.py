"""People, their addresses, companies and categories, as rows.

Takes a reader or a transaction; gives `User` and `Category`. Addresses are compared lower-cased.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mailgate import clock
from mailgate.errors import NotFoundError, RefusedError
from mailgate.model import Category, Role, User
from mailgate.store.engine import Reader, Row, Tx

_LINES = ("name", "username", "department", "location")
_USER_COLUMNS = frozenset(
    [
        "name",
        "username",
        "role",
        "company_id",
        "department",
        "location",
        "language",
        "time_zone",
        "signature",
        "mail_on",
        "new_ticket_mail",
        "out_of_office",
        "disabled",
        "password_hash",
        "welcomed_at",
        "made_by",
    ]
)
# What ends the links that sign a person in, for good: they stay void where it is taken back.
_STANDING = frozenset(["role", "disabled", "password_hash"])
_SELECT = "SELECT p.*, c.name AS company FROM person p LEFT JOIN company c ON c.id = p.company_id"


def get(db: Reader, person_id: int) -> User:
    """A person by id. Raises NotFoundError."""
    row = db.one(f"{_SELECT} WHERE p.id = :id", {"id": person_id})
    if row is None:
        raise NotFoundError(f"There is no user {person_id}. See: mailgate user list")
    return _user(db, row)


def by_address(db: Reader, address: str) -> User | None:
    """The person who has this address."""
    row = db.one(
        f"{_SELECT} JOIN address a ON a.person_id = p.id WHERE a.address = :a",
        {"a": address.lower()},
    )
    return None if row is None else _user(db, row)


def by_username(db: Reader, username: str) -> User | None:
    """The person who has this user name."""
    row = db.one(f"{_SELECT} WHERE p.username = :n", {"n": username})
    return None if row is None else _user(db, row)


def named(db: Reader, name: str) -> User:
    """A person by id, address or user name. Raises NotFoundError."""
    found = by_address(db, name) if "@" in name else None
    if found is None:
        found = by_username(db, name)
    if found is None and name.isascii() and name.isdigit():
        return get(db, int(name))
    if found is None:
        raise NotFoundError(
            f'There is no user "{name}". Add one with: mailgate user add ADDRESS, or see: mailgate user list'
        )
    return found


def several(db: Reader, ids: Iterable[int]) -> list[User]:
    """People by ids, in the order given."""
    return [get(db, person_id) for person_id in ids]


def everyone(db: Reader, role: str | None = None, limit: int = -1) -> list[User]:
    """All people, or those of one role, by id."""
    where = "WHERE p.role = :role" if role else ""
    rows = db.all(f"{_SELECT} {where} ORDER BY p.id LIMIT :limit", {"role": role, "limit": limit})
    return [_user(db, row) for row in rows]


def administrators(db: Reader) -> list[User]:
    """Administrators who are not disabled."""
    return [user for user in everyone(db, Role.ADMINISTRATOR) if not user.disabled]


def technicians_of(db: Reader, category_id: int) -> list[User]:
    """The technicians of a category who are not disabled, by id."""
    rows = db.all(
        "SELECT t.person_id AS id FROM category_technician t JOIN person p ON p.id = t.person_id"
        " WHERE t.category_id = :c AND p.disabled = 0 ORDER BY p.id",
        {"c": category_id},
    )
    return several(db, (row["id"] for row in rows))


def add(
    tx: Tx,
    addresses: Sequence[str],
    name: str = "",
    role: str = Role.USER,
    username: str | None = None,
    made_by: str = "cli",
    language: str | None = None,
) -> User:
    """Makes a person. Raises RefusedError where an address or the user name belongs to somebody."""
    for address in addresses:
        other = by_address(tx, address)
        if other is not None:
            raise RefusedError(f"{address} already belongs to user {other.id} ({other.display}).")
    if username and tx.value("SELECT 1 FROM person WHERE username = :u", {"u": username}):
        raise RefusedError(f'The user name "{username}" is taken. Choose another.')
    domain = addresses[0].rpartition("@")[2].lower() if addresses else ""
    person_id = tx.insert(
        "INSERT INTO person (name, role, username, made_by, language, company_id, created_at) VALUES (:name, :role,"
        " :username, :made_by, :language, (SELECT company_id FROM company_domain WHERE domain = :domain), :at)",
        {
            "name": _in_one_line(name),
            "role": role,
            "username": username,
            "made_by": made_by,
            "language": language,
            "domain": domain,
            "at": clock.now(),
        },
    )
    for position, address in enumerate(addresses):
        _add_address(tx, person_id, address, position)
    return get(tx, person_id)


def add_address(tx: Tx, person_id: int, address: str) -> None:
    """Gives a person one more address. Raises RefusedError where it belongs to somebody else."""
    other = by_address(tx, address)
    if other is not None and other.id != person_id:
        raise RefusedError(f"{address} already belongs to user {other.id} ({other.display}).")
    if other is None:
        last = tx.value("SELECT MAX(position) FROM address WHERE person_id = :p", {"p": person_id})
        _add_address(tx, person_id, address, 0 if last is None else last + 1)


def _add_address(tx: Tx, person_id: int, address: str, position: int) -> None:
    tx.run(
        "INSERT INTO address (address, person_id, position) VALUES (:a, :p, :n)",
        {"a": address.lower(), "p": person_id, "n": position},
    )


def change(tx: Tx, person_id: int, **columns: object) -> None:
    """Changes columns of a person."""
    unknown = set(columns) - _USER_COLUMNS
    if unknown:
        raise ValueError(f"person has no column {', '.join(sorted(unknown))}")
    columns = {
        name: _in_one_line(value) if name in _LINES and isinstance(value, str) else value
        for name, value in columns.items()
    }
    sets = ", ".join(f"{name} = :{name}" for name in columns)
    if not _STANDING.isdisjoint(columns):
        sets += ", epoch = epoch + 1"
    tx.run(f"UPDATE person SET {sets} WHERE id = :id", {**columns, "id": person_id})


def _in_one_line(text: str) -> str:
    """Names stand in headers, lists and sentences: a line end in one could pass for words of ours."""
    return " ".join(text.split())


def claim_welcome(tx: Tx, person_id: int) -> bool:
    """Notes that a person is welcomed now; False where that was done before."""
    sql = "UPDATE person SET welcomed_at = :at WHERE id = :id AND welcomed_at IS NULL"
    return bool(tx.run(sql, {"id": person_id, "at": clock.now()}))


def set_categories(tx: Tx, person_id: int, category_ids: Iterable[int]) -> None:
    """Makes a person the technician of exactly these categories."""
    tx.run("DELETE FROM category_technician WHERE person_id = :p", {"p": person_id})
    tx.run("UPDATE person SET epoch = epoch + 1 WHERE id = :p", {"p": person_id})
    for category_id in set(category_ids):
        tx.run(
            "INSERT INTO category_technician (category_id, person_id) VALUES (:c, :p)",
            {"c": category_id, "p": person_id},
        )


def add_category(tx: Tx, name: str, word: str | None = None, **columns: object) -> Category:
    """Makes a category. Raises RefusedError where name or word is taken."""
    if tx.value("SELECT 1 FROM category WHERE name = :n", {"n": name}):
        raise RefusedError(f'There is a category "{name}" already. See: mailgate category list')
    if word and tx.value("SELECT 1 FROM category WHERE word = :w", {"w": word.lower()}):
        raise RefusedError(f'The address word "{word}" is taken. See: mailgate category list')
    category_id = tx.insert(
        "INSERT INTO category (name, word) VALUES (:n, :w)", {"n": name, "w": word.lower() if word else None}
    )
    if columns:
        change_category(tx, category_id, **columns)
    return get_category(tx, category_id)


def change_category(tx: Tx, category_id: int, **columns: object) -> None:
    """Changes columns of a category."""
    allowed = {"name", "word", "section", "default_assignee_id", "from_address", "from_name", "internal_only"}
    if set(columns) - allowed:
        raise ValueError(f"category has no column {', '.join(sorted(set(columns) - allowed))}")
    sets = ", ".join(f"{name} = :{name}" for name in columns)
    tx.run(f"UPDATE category SET {sets} WHERE id = :id", {**columns, "id": category_id})


def get_category(db: Reader, category_id: int) -> Category:
    """A category by id. Raises NotFoundError."""
    row = db.one("SELECT * FROM category WHERE id = :id", {"id": category_id})
    if row is None:
        raise NotFoundError(f"There is no category {category_id}. See: mailgate category list")
    return _category(row)


def find_category(db: Reader, named: str | int | None) -> Category | None:
    """A category by id, address word or name; None where nothing fits."""
    if named is None:
        return None
    text = str(named)
    row = None
    if text.isascii() and text.isdigit() and len(text) < 16:
        row = db.one("SELECT * FROM category WHERE id = :id", {"id": int(text)})
    row = row or db.one("SELECT * FROM category WHERE word = :w", {"w": text.lower()})
    row = row or db.one("SELECT * FROM category WHERE name = :n", {"n": text})
    row = row or db.one("SELECT * FROM category WHERE LOWER(name) = LOWER(:n)", {"n": text})
    return None if row is None else _category(row)


def category_addresses(db: Reader) -> list[str]:
    """From addresses that categories have of their own, lower-cased."""
    rows = db.all("SELECT LOWER(from_address) AS address FROM category WHERE from_address IS NOT NULL")
    return [row["address"] for row in rows]


def category_by_word(db: Reader, word: str) -> Category | None:
    """The category whose address word this is."""
    row = db.one("SELECT * FROM category WHERE word = :w", {"w": word.lower()})
    return None if row is None else _category(row)


def first_category(db: Reader) -> Category | None:
    """The category with the lowest id."""
    row = db.one("SELECT * FROM category ORDER BY id LIMIT 1")
    return None if row is None else _category(row)


def categories(db: Reader) -> list[Category]:
    """All categories by id."""
    return [_category(row) for row in db.all("SELECT * FROM category ORDER BY id")]


def add_company(tx: Tx, name: str, domains: Iterable[str] = (), notes: str = "") -> int:
    """Makes a company, or finds it, and gives it mail domains; people of these domains join it."""
    tx.run("INSERT INTO company (name, notes) VALUES (:n, :t) ON CONFLICT (name) DO NOTHING", {"n": name, "t": notes})
    company_id = int(tx.value("SELECT id FROM company WHERE name = :n", {"n": name}))
    for domain in domains:
        tx.run(
            "INSERT INTO company_domain (domain, company_id) VALUES (:d, :c)"
            " ON CONFLICT (domain) DO UPDATE SET company_id = :c",
            {"d": domain.lower(), "c": company_id},
        )
        tx.run(
            "UPDATE person SET company_id = :c WHERE company_id IS NULL AND id IN"
            " (SELECT person_id FROM address WHERE address LIKE :p ESCAPE '!')",
            {"c": company_id, "p": "%@" + domain.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")},
        )
    return company_id


def companies(db: Reader) -> list[Row]:
    """Companies with their domains (comma-separated) and the number of their people."""
    return db.all(
        "SELECT c.id, c.name, c.notes, (SELECT COUNT(*) FROM person p WHERE p.company_id = c.id) AS people,"
        " (SELECT GROUP_CONCAT(d.domain) FROM company_domain d WHERE d.company_id = c.id) AS domains"
        " FROM company c ORDER BY c.name"
    )


def _category(row: Row) -> Category:
    return Category(
        id=row["id"],
        name=row["name"],
        word=row["word"],
        section=row["section"],
        default_assignee_id=row["default_assignee_id"],
        from_address=row["from_address"],
        from_name=row["from_name"],
        internal_only=bool(row["internal_only"]),
    )


def _user(db: Reader, row: Row) -> User:
    params = {"p": row["id"]}
    addresses = db.all("SELECT address FROM address WHERE person_id = :p ORDER BY position", params)
    categories = db.all("SELECT category_id FROM category_technician WHERE person_id = :p", params)
    return User(
        id=row["id"],
        name=row["name"],
        username=row["username"],
        role=Role(row["role"]),
        addresses=[item["address"] for item in addresses],
        company_id=row["company_id"],
        company=row["company"],
        department=row["department"],
        location=row["location"],
        language=row["language"],
        time_zone=row["time_zone"],
        signature=row["signature"],
        mail_on=bool(row["mail_on"]),
        new_ticket_mail=None if row["new_ticket_mail"] is None else bool(row["new_ticket_mail"]),
        out_of_office=bool(row["out_of_office"]),
        disabled=bool(row["disabled"]),
        password_hash=row["password_hash"],
        created_at=row["created_at"],
        epoch=row["epoch"],
        category_ids=frozenset(item["category_id"] for item in categories),
    )
