"""The configurations that docs/accounts.md shows are valid."""

import re
from pathlib import Path

import pytest

from mailgate.config.load import parse_config

_PAGE = Path(__file__).parents[3] / "docs" / "accounts.md"
_BLOCKS = re.findall(r"^```toml\n(.*?)^```", _PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_there_are_some() -> None:
    assert len(_BLOCKS) >= 5


@pytest.mark.parametrize("block", _BLOCKS, ids=lambda block: re.search(r'name = "(\w+)"', block)[1])  # type: ignore[index]
def test_it_is_valid(block: str) -> None:
    assert len(parse_config(block).account) == 1
