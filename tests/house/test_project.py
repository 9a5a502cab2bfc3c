"""What stands around the code is there, is true, and says nothing about the machine it was written on."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.house.source import ROOT, text_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCKS = ("requirements-build.lock", "requirements.lock", "requirements-dev.lock")
# Written apart, so that this file does not find itself.
MACHINE = re.compile(r"(?<![\w.])/wo" r"rk/|\.\./sha" r"red|/ro" r"ot/|\bpy" r"pi\.org|index-ur" r"l =|/tm" r"p/proj")


@pytest.mark.parametrize(
    "name",
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "config.example.toml", *LOCKS],
)
def test_what_every_project_has_is_there(name: str) -> None:
    assert (ROOT / name).stat().st_size > 200


def test_nothing_names_a_machine_or_a_registry() -> None:
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in text_files()
        for number, line in enumerate((ROOT / path).read_text("utf-8", "replace").splitlines(), 1)
        if MACHINE.search(line)
    ]
    assert found == []


def test_the_changelog_tells_of_this_version() -> None:
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
    version = re.search(r'__version__ = "(.+)"', (ROOT / "mailgate/__init__.py").read_text("utf-8"))
    assert version is not None
    assert version[1] == PROJECT["version"]


@pytest.mark.parametrize("name", LOCKS)
def test_everything_in_a_lock_file_has_a_version_and_hashes(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    blocks = re.findall(r"^[a-z0-9][^\n]*\\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", text, re.MULTILINE)
    requirements = re.findall(r"^[^#\s].*$", text, re.MULTILINE)
    assert len(blocks) == len(requirements) > 0
    assert all("==" in requirement for requirement in requirements)


def test_the_lock_files_hold_every_dependency() -> None:
    extras = PROJECT["optional-dependencies"]
    _assert_locked([*PROJECT["dependencies"], *extras["all"]], "requirements.lock")
    _assert_locked([*PROJECT["dependencies"], *extras["all"], *extras["dev"]], "requirements-dev.lock")
    assert set(extras["all"]) >= {need for name in ("ews", "oauth", "graph") for need in extras[name]}


def test_the_lock_files_agree() -> None:
    runtime, dev = _locked("requirements.lock"), _locked("requirements-dev.lock")
    assert {name: dev.get(name) for name in runtime} == runtime


def _assert_locked(needs: list[str], lock: str) -> None:
    wanted = {re.split(r"[^A-Za-z0-9._-]", need)[0].lower().replace(".", "-").replace("_", "-") for need in needs}
    assert wanted - set(_locked(lock)) == set(), "run `make lock`"


def _locked(name: str) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    return {package.replace(".", "-").replace("_", "-"): version for package, version in found}


@pytest.mark.parametrize("path", [path for path in text_files() if path.suffix == ".md"], ids=str)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", (ROOT / path).read_text("utf-8"), flags=re.DOTALL)
    links = [
        link for link in re.findall(r"\]\(([^)\s#]+)", text) if "://" not in link and not link.startswith("mailto:")
    ]
    broken = [link for link in links if not (ROOT / path.parent / link).exists()]
    assert broken == []


def test_commands_of_the_documents_exist_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    told = {
        target
        for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
        for target in re.findall(r"`?\bmake ([a-z]+)`", (ROOT / name).read_text("utf-8"))
    }
    assert {"run", "test", "check"} <= told <= targets
    assert {"bench", "torture", "lock", "clean"} <= targets


@pytest.mark.parametrize("script", ["run", "retry", "packages"])
def test_scripts_can_be_run_and_are_valid(script: str) -> None:
    path = ROOT / ".ci" / script
    assert os.access(path, os.X_OK)
    shell = "bash" if "bash" in path.read_text("utf-8").splitlines()[0] else "sh"
    assert subprocess.run([shell, "-n", path], check=False).returncode == 0


def test_the_build_server_runs_what_people_run() -> None:
    assert re.search(r"^check\(\) { make .*\bcheck\b", (ROOT / ".ci/run").read_text("utf-8"), re.MULTILINE)
    assert re.search(r"^check: lint test$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
