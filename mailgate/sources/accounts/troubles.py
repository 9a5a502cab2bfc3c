"""Messages that could not be fetched or accepted: tried again later and alone, reported when it goes on.

Takes what the account's state remembers; gives who is to be left alone for now and a sentence for `account list`.
Promises: a message in trouble never counts on the failure counter and never stands in the way; its number of tries and
the next one outlive restarts; the list is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mailgate import clock
from mailgate.sources.accounts.fetcher import AccountError, Item

REPORT_AFTER = 3
_MOST = 1000
_DAY = 86400.0


class Troubles:
    """The messages in trouble of one account, by identity."""

    def __init__(self, remembered: Mapping[str, Any], interval: float) -> None:
        self._list: dict[str, dict[str, Any]] = {key: dict(value) for key, value in remembered.items()}
        self._interval = interval

    def __len__(self) -> int:
        return len(self._list)

    def __contains__(self, item: Item) -> bool:
        return item.key.hex() in self._list

    def resting(self, item: Item) -> bool:
        """Whether its next try is still ahead."""
        trouble = self._list.get(item.key.hex())
        return trouble is not None and bool(trouble["next_at"] > clock.now())

    def add(self, item: Item, error: str, at_once: bool = False) -> None:
        """One more try that failed. `at_once` reports it without further tries. Raises AccountError at 1000 messages."""
        key = item.key.hex()
        if key not in self._list and len(self._list) >= _MOST:
            raise AccountError(f"More than {_MOST} messages cannot be fetched, the last one {item.name}: {error}.")
        tries = int(self._list.get(key, {}).get("tries", 0)) + 1
        rest = 0.0 if tries == 1 or at_once else min(_DAY, self._interval * 2.0 ** min(tries - 2, 30))
        self._list[key] = {
            "name": item.name,
            "error": error,
            "tries": max(tries, REPORT_AFTER) if at_once else tries,
            "next_at": clock.now() + rest,
        }

    def solved(self, item: Item) -> None:
        """It was accepted."""
        self._list.pop(item.key.hex(), None)

    def keep_only(self, present: set[str]) -> None:
        """Forgets those that are gone from the server; `present` are identities in hexadecimal."""
        self._list = {key: trouble for key, trouble in self._list.items() if key in present}

    def keys(self) -> set[str]:
        """Their identities in hexadecimal."""
        return set(self._list)

    def as_dict(self) -> dict[str, Any]:
        return dict(self._list)

    def note(self) -> str | None:
        """What to tell about those that were tried often enough, or None."""
        told = [trouble for trouble in self._list.values() if trouble["tries"] >= REPORT_AFTER]
        if not told:
            return None
        more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
        return f"message {told[0]['name']}: {told[0]['error']}; it stays on the server{more}"
