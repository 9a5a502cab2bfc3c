"""What is remembered about each polled account: its failure counter, its last error, how far it was read.

Takes a reader or a transaction; gives an `AccountState`. Promises (inbound.md section 4): the counter and the disabled
state outlive restarts; the event that tells the administrators is written by the transaction that disables, once until
a poll works again or somebody enables the account; progress is written together with what it stands for.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from mailgate.store import events
from mailgate.store.engine import Reader, Row, Tx


@dataclass(frozen=True, slots=True)
class AccountState:
    """One account as remembered. Times are epoch seconds. `cursor` is the fetcher's own; `troubles` the poller's."""

    name: str
    enabled: bool = True
    failures: int = 0
    last_error: str | None = None
    last_attempt_at: float | None = None
    last_success_at: float | None = None
    disabled_at: float | None = None
    fetched_total: int = 0
    announced: bool = False
    cursor: Mapping[str, Any] = field(default_factory=dict)
    troubles: Mapping[str, Any] = field(default_factory=dict)
    poll_requested: bool = False


def state(db: Reader, name: str) -> AccountState:
    """What is remembered of an account; a new one where nothing is."""
    row = db.one("SELECT * FROM account_state WHERE name = :name", {"name": name})
    return AccountState(name) if row is None else _state(row)


def states(db: Reader) -> dict[str, AccountState]:
    """All accounts that were ever polled, by name."""
    return {row["name"]: _state(row) for row in db.all("SELECT * FROM account_state ORDER BY name")}


def attempt(tx: Tx, name: str, at: float) -> None:
    """A poll begins; a poll that was asked for counts as begun."""
    notes = _notes(tx, name)
    notes.pop("poll_requested", None)
    _set(tx, name, notes, "last_attempt_at = :at", at=at)


def progress(tx: Tx, name: str, fetched: int, cursor: Mapping[str, Any]) -> None:
    """A batch is on disk here and settled there."""
    notes = _notes(tx, name)
    notes["cursor"] = dict(cursor)
    _set(tx, name, notes, "fetched_total = fetched_total + :n", n=fetched)


def succeed(tx: Tx, name: str, at: float, troubles: Mapping[str, Any], note: str | None) -> None:
    """A poll worked: the counter is 0 again. `note` is shown as the last error where single messages made trouble."""
    notes = _notes(tx, name)
    notes["troubles"] = dict(troubles)
    _set(tx, name, notes, "failures = 0, announced = 0, last_success_at = :at, last_error = :e", at=at, e=note)


def fail(tx: Tx, name: str, at: float, error: str, disable_after: int, troubles: Mapping[str, Any]) -> AccountState:
    """A poll failed: one more on the counter; at `disable_after` the account is disabled and the event written."""
    notes = _notes(tx, name)
    notes["troubles"] = dict(troubles)
    _set(tx, name, notes, "failures = failures + 1, last_error = :e", e=error)
    now = state(tx, name)
    if now.enabled and now.failures >= disable_after:
        _set(tx, name, notes, "enabled = 0, disabled_at = :at, announced = 1", at=at)
        if not now.announced:
            events.add(tx, "AccountDisabled", account=name, error=error, failures=now.failures)
    return state(tx, name)


def note(tx: Tx, name: str, error: str) -> None:
    """Something is wrong that is not the account's fault: shown, not counted."""
    _set(tx, name, _notes(tx, name), "last_error = :e", e=error)


def enable(tx: Tx, name: str) -> bool:
    """Sets the counter back and asks for a poll at once; False where the account was enabled."""
    was = state(tx, name).enabled
    notes = _notes(tx, name)
    notes["poll_requested"] = True
    _set(tx, name, notes, "enabled = 1, failures = 0, announced = 0, disabled_at = NULL, last_error = NULL")
    return not was


def disable(tx: Tx, name: str, at: float) -> bool:
    """Disabled by a person, who needs no mail about it; False where it was disabled."""
    was = state(tx, name).enabled
    if was:
        _set(tx, name, _notes(tx, name), "enabled = 0, disabled_at = :at, announced = 1", at=at)
    return was


def try_again(tx: Tx, name: str, failures: int) -> None:
    """`reenable_after` has passed: one more try; the next failure disables again, without a second mail."""
    _set(tx, name, _notes(tx, name), "enabled = 1, failures = :f, disabled_at = NULL", f=failures)


def request_poll(tx: Tx, name: str) -> None:
    """Asks for a poll now."""
    notes = _notes(tx, name)
    notes["poll_requested"] = True
    _set(tx, name, notes, "name = name")


def absent(db: Reader, source: str, present: Collection[bytes]) -> list[bytes]:
    """Remembered identities of a source that are not `present` on its server."""
    sql = "SELECT key FROM seen WHERE source_id = (SELECT id FROM source WHERE name = :s)"
    return [row["key"] for row in db.each(sql, {"s": source}) if row["key"] not in present]


def queue_ids(db: Reader, source: str, keys: Collection[bytes]) -> dict[bytes, str]:
    """The queue ids under which identities of a source were accepted."""
    sql = (
        "SELECT m.queue_id FROM seen s JOIN message m ON m.id = s.message"
        " WHERE s.source_id = (SELECT id FROM source WHERE name = :s) AND s.key = :k"
    )
    found = {key: db.value(sql, {"s": source, "k": key}) for key in keys}
    return {key: queue_id for key, queue_id in found.items() if queue_id is not None}


def known_keys(db: Reader, source: str, low: bytes, high: bytes) -> list[bytes]:
    """Remembered identities from `low` up to, not including, `high`, in order."""
    rows = db.all(
        "SELECT key FROM seen WHERE source_id = (SELECT id FROM source WHERE name = :s)"
        " AND key >= :low AND key < :high ORDER BY key",
        {"s": source, "low": low, "high": high},
    )
    return [row["key"] for row in rows]


def _notes(tx: Tx, name: str) -> dict[str, Any]:
    tx.run("INSERT INTO account_state (name) VALUES (:name) ON CONFLICT (name) DO NOTHING", {"name": name})
    found: dict[str, Any] = json.loads(tx.value("SELECT cursor FROM account_state WHERE name = :n", {"n": name}))
    return found


def _set(tx: Tx, name: str, notes: dict[str, Any], what: str, **params: Any) -> None:
    sql = f"UPDATE account_state SET {what}, cursor = :notes WHERE name = :name"
    tx.run(sql, {"name": name, "notes": json.dumps(notes, ensure_ascii=False), **params})


def _state(row: Row) -> AccountState:
    notes = json.loads(row["cursor"])
    return AccountState(
        name=row["name"],
        enabled=bool(row["enabled"]),
        failures=row["failures"],
        last_error=row["last_error"],
        last_attempt_at=row["last_attempt_at"],
        last_success_at=row["last_success_at"],
        disabled_at=row["disabled_at"],
        fetched_total=row["fetched_total"],
        announced=bool(row["announced"]),
        cursor=notes.get("cursor", {}),
        troubles=notes.get("troubles", {}),
        poll_requested=bool(notes.get("poll_requested")),
    )
