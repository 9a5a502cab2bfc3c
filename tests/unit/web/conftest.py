"""A web site of its own for every test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.web_site import WebSite


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebSite]:
    made = WebSite(tmp_path)
    yield made
    made.close()
