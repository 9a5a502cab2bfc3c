"""Every module can be read alone: a door plate, a size that fits a head, plain names, nothing unfinished."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.source import ROOT, modules, tree

MODULE_LINES = 400
FUNCTION_LINES = 70
VAGUE = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc)(_|$)", re.IGNORECASE)

every_module = pytest.mark.parametrize("module", modules(), ids=str)


@every_module
def test_it_opens_with_its_door_plate(module: Path) -> None:
    plate = ast.get_docstring(tree(module))
    assert plate, "a module opens with a docstring: one sentence, then what it takes, gives and promises"
    first = " ".join(plate.split("\n\n")[0].split())
    assert re.search(r"[.:]$", first), f"the door plate begins with a sentence: {first!r}"


@every_module
def test_it_fits_a_head(module: Path) -> None:
    lines = len((ROOT / module).read_text("utf-8").splitlines())
    assert lines <= MODULE_LINES, f"{lines} lines; split it by what it does"
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            assert size <= FUNCTION_LINES, f"{node.name} (line {node.lineno}) has {size} lines"


@every_module
def test_names_say_what_a_thing_is(module: Path) -> None:
    named = [module.stem, *module.parts[:-1]]
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ClassDef):
            named.append(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name))
    assert [name for name in named if VAGUE.search(name)] == []


@every_module
def test_nothing_is_unfinished(module: Path) -> None:
    text = (ROOT / module).read_text("utf-8")
    assert re.findall(r"#.*\b(?:TODO|FIXME|XXX|HACK)\b", text) == []
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = [part for part in node.body if not _is_docstring(part)]
            assert not any(isinstance(part, ast.Pass) for part in body), f"{node.name} (line {node.lineno}) is empty"
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node):
            pytest.fail(f"line {node.lineno}: NotImplementedError")


@every_module
def test_public_functions_and_classes_are_explained(module: Path) -> None:
    """Of a module's own functions and classes; methods may speak for themselves."""
    unexplained = [
        node.name
        for node in tree(module).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert unexplained == []


@every_module
def test_the_time_comes_from_the_clock(module: Path) -> None:
    if module == Path("mailgate/clock.py"):
        return
    asked = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call)
        and re.fullmatch(
            r"(time\.(time|time_ns|monotonic|monotonic_ns)|(datetime\.)?(datetime|date)\.(now|utcnow|today))",
            ast.unparse(node.func),
        )
    ]
    assert asked == [], "ask mailgate.clock, so that tests can move the time"


@every_module
def test_sql_stays_in_the_store(module: Path) -> None:
    if module.parts[:2] == ("mailgate", "store"):
        return
    statements = [
        f"line {node.lineno}: {node.value[:60]!r}"
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.match(
            r"\s*(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\s",
            node.value,
            re.DOTALL,
        )
    ]
    assert statements == []


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
