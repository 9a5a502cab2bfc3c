"""A command starts fast because it loads nothing that it does not need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT

# What other rooms need and the terminal does not wait for; each costs tens of milliseconds.
SLOW = {
    "aiohttp", "aiosmtpd", "argon2", "asyncio", "authheaders", "cchardet", "concurrent.futures.process", "cryptography",
    "dkim", "dns", "exchangelib", "imapclient", "jinja2", "lxml", "markdown_it", "msal", "multiprocessing", "nh3",
    "requests", "selectolax", "smtplib", "snowballstemmer", "spf",
}  # fmt: skip

_LOADED = """
import json, sys
from mailgate_cli.main import run
try:
    run()
except SystemExit as end:
    code = end.code or 0
else:
    code = 0
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


def loaded_by(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    code, loaded = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stdout + done.stderr
    return set(loaded)


@pytest.mark.parametrize("arguments", [("--help",), ("ticket", "--help"), ("ticket", "list", "--help")], ids=" ".join)
def test_help_loads_nothing_slow(arguments: tuple[str, ...]) -> None:
    assert loaded_by(*arguments) & (SLOW | {"sqlite_utils"}) == set()


def test_a_list_of_tickets_loads_nothing_slow(tmp_path: Path) -> None:
    loaded_by("init", "--dir", str(tmp_path), "--no-input")
    assert loaded_by("--config", str(tmp_path / "config.toml"), "ticket", "list") & SLOW == set()
