"""Who may use whom: floors by import-linter, and each library of others in one room only."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.house.source import ROOT, modules, room, tree

# Libraries that several rooms know, and why. All others stay in one room, so that exchanging one touches one room.
SHARED = {
    "msgspec": "structs and JSON: the configuration, what servers of Microsoft answer, what commands print",
    "cryptography": "keys: DKIM in mail, screen and delivery, tokens in oauth, NTLM in sources",
    "jinja2": "letters in notify, pages in web",
    "markupsafe": "comes with jinja2: letters in notify, pages in web",
    "itsdangerous": "signatures: made in letters, read in pages",
    "argon2": "password hashes: made by commands and pages, checked by the listener and the pages",
}


def test_floors_and_circles() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_floors_hold_for_types_too() -> None:
    floor_of = {name: number for number, floor in enumerate(reversed(_floors())) for name in floor}
    upwards = [
        f"{module}: {target}"
        for module in modules()
        for target in _type_only_imports(tree(module))
        if target != room(module) and floor_of.get(target, -1) >= floor_of.get(room(module), 99)
    ]
    assert upwards == []


def test_every_room_has_its_floor() -> None:
    rooms = {room(module) for module in modules()} - {"__init__", "__main__"}
    placed = {name for floor in _floors() for name in floor}
    assert rooms <= placed, "name the new room in pyproject.toml, [tool.importlinter], on its floor"


def _floors() -> list[list[str]]:
    """The rooms of each floor, the highest first, as pyproject.toml draws them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    floors = next(contract for contract in contracts if contract["type"] == "layers")["layers"]
    return [[name.strip(" ()").removeprefix("mailgate.") for name in re.split("[|:]", floor)] for floor in floors]


def _type_only_imports(module: ast.Module) -> set[str]:
    """The rooms that a module names under `if TYPE_CHECKING:`, which import-linter is told to leave out."""
    blocks = [n for n in ast.walk(module) if isinstance(n, ast.If) and ast.unparse(n.test).endswith("TYPE_CHECKING")]
    imports = [node for block in blocks for node in ast.walk(block) if isinstance(node, ast.ImportFrom)]
    named = [f"{node.module}.{alias.name}".split(".") for node in imports for alias in node.names]
    return {name[1] if name[0] == "mailgate" else name[0] for name in named if name[0].startswith("mailgate")}


def test_each_library_is_known_to_one_room() -> None:
    known_to: dict[str, set[str]] = {}
    for module in modules():
        for library in _libraries(tree(module)):
            known_to.setdefault(library, set()).add(room(module))
    spread = {library: sorted(rooms) for library, rooms in known_to.items() if len(rooms) > 1 and library not in SHARED}
    assert spread == {}, "one library, one room; if it must be shared, say why in SHARED"
    assert [library for library in SHARED if len(known_to.get(library, ())) < 2] == [], "no longer shared"


def test_every_dependency_is_imported_somewhere() -> None:
    """By the names under which they are imported; what only brings data is named here."""
    names = {"argon2-cffi": "argon2", "authheaders": "", "backports.zstd": "backports", "dkimpy": "dkim", "dnspython": "dns",
             "faust-cchardet": "cchardet", "pyspf": "spf", "markdown-it-py": "markdown_it"}  # fmt: skip
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needs = [*project["dependencies"], *project["optional-dependencies"]["all"]]
    declared = {re.split(r"[^\w.-]", need)[0] for need in needs}
    known = {library for module in modules() for library in _libraries(tree(module))}
    imported_as = {need: names.get(need, need.replace("-", "_")) for need in declared}
    assert {need for need, name in imported_as.items() if name and name not in known} == set()


def _libraries(module: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"mailgate", "mailgate_cli"}
