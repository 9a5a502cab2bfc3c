"""An office for each flow test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.desk import Office


@pytest.fixture
def make_office(tmp_path: Path) -> Iterator[Callable[[str], Office]]:
    """Makes an office with further configuration text."""
    made: list[Office] = []

    def make(extra: str = "") -> Office:
        office = Office(tmp_path / f"office{len(made)}", extra)
        made.append(office)
        return office

    yield make
    for office in made:
        office.close()


@pytest.fixture
def office(make_office: Callable[[str], Office]) -> Office:
    return make_office("")
