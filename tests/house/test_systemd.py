"""The units are valid, hardened, and say what the daemon needs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.source import ROOT

UNITS = ROOT / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
needs_analyze = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


def setting(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit.read_text("utf-8"), re.MULTILINE)


def test_the_daemon_is_watched_and_reloaded() -> None:
    unit = UNITS / "mailgate.service"
    assert setting(unit, "Type") == ["notify"]
    assert setting(unit, "WatchdogSec") == ["60s"]
    assert setting(unit, "ExecReload") == ["/bin/kill -HUP $MAINPID"]
    assert setting(unit, "RestartPreventExitStatus") == ["1 3"]
    assert setting(unit, "Restart") == ["on-failure"]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_no_service_runs_as_root(unit: Path) -> None:
    assert setting(unit, "User") == ["mailgate"]
    assert setting(unit, "UMask") == ["0077"]
    assert setting(unit, "CapabilityBoundingSet") == [""]


@pytest.mark.parametrize("timer", sorted(UNITS.glob("*.timer")), ids=lambda unit: unit.name)
def test_every_timer_has_its_service(timer: Path) -> None:
    assert timer.with_suffix(".service").exists()


def test_the_socket_opens_port_25_for_the_daemon() -> None:
    unit = UNITS / "mailgate.socket"
    assert all(address.endswith(":25") for address in setting(unit, "ListenStream"))
    assert setting(unit, "Service") == ["mailgate.service"]


@needs_analyze
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_exposure_is_below_two(unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert level, done.stdout + done.stderr
    assert float(level[1]) < 2.0


@needs_analyze
def test_every_setting_is_one_that_systemd_knows() -> None:
    units = [path for path in UNITS.iterdir() if path.suffix in (".service", ".socket", ".timer")]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    faults = [line for line in done.stderr.splitlines() if line.startswith(str(UNITS)) or "Unknown" in line]
    assert faults == []
