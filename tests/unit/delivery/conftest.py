"""Relays that misbehave, and a hand that sends to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailgate.config import Config, parse_config
from tests.support.odd_relay import OddRelay, Script
from tests.support.post import Post


@pytest.fixture
def relay() -> Iterator[Callable[..., OddRelay]]:
    """Makes relays of a script, and ends them."""
    made: list[OddRelay] = []

    def make(script: Script, port: int = 0) -> OddRelay:
        made.append(OddRelay(script, port))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Config]:
    """A configuration with this relay; further lines of `[outgoing]`."""

    def make(port: int, extra: str = "", tls: str = "none", timeout: str = "5s") -> Config:
        return parse_config(
            '[[mailbox]]\naddress = "support@help.example.com"\n[outgoing]\nfrom_address = "support@help.example.com"\n'
            f'smtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_tls = "{tls}"\ntimeout = "{timeout}"\n{extra}',
            str(tmp_path / "config.toml"),
        )

    return make


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Callable[..., Post]]:
    made: list[Post] = []

    def make(config: Config, after: Post | None = None) -> Post:
        made.append(Post(after.folder if after else tmp_path / f"post{len(made)}", config))
        return made[-1]

    yield make
    for one in made:
        one.close()
