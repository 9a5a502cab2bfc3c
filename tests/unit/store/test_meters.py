"""Meters slide, and meters of any window are cleaned together."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate import clock
from mailgate.store import Store, meters


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("window", [8.0, 60.0, 900.0, 86400.0])
def test_hits_leave_the_window(store: Store, window: float) -> None:
    with clock.frozen(1_800_000_000.0) as advance:
        assert [store.write(lambda tx: meters.hit(tx, "a", window)) for _ in range(3)] == [1, 2, 3]
        assert store.write(lambda tx: meters.hit(tx, "b", window)) == 1
        advance(window * 0.8)
        with store.read() as db:
            assert meters.read(db, "a", window) == 3
        advance(window * 0.4)
        with store.read() as db:
            assert meters.read(db, "a", window) == 0


def test_cleaning_spares_what_a_window_still_reaches(store: Store) -> None:
    with clock.frozen(1_800_000_000.0) as advance:
        for window in (60.0, 900.0, 86400.0):
            store.write(lambda tx, w=window: meters.hit(tx, f"w{w}", w))
        advance(70_000)
        store.write(lambda tx: meters.clean(tx, 86400.0))
        with store.read() as db:
            assert meters.read(db, "w86400.0", 86400.0) == 1
        advance(110_000)
        store.write(lambda tx: meters.clean(tx, 86400.0))
        with store.read() as db:
            assert db.value("SELECT COUNT(*) FROM meter") == 0
