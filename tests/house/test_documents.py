"""What the documents list is what the code has: events, checks of health, marks, steps; and every page can be found."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.daemon.health import CHECKS as HEALTH
from mailgate.notify.matrix import TABLE
from mailgate.screen.order import CHECKS as SCREENING
from tests.house.source import ROOT, modules, tree

_KIND = re.compile(r"(?:[A-Z][a-z]+){2,}")


def _rows(page: str, heading: str | None = None) -> dict[str, str]:
    """The rows of a page's tables, by the word in back quotes that each begins with."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    if heading is not None:
        text = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return {found[1]: line for line in text.splitlines() if (found := re.match(r"\| `(\w[^`]*)`", line))}


def _constants(node: ast.AST) -> set[str]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def _written_events() -> Iterator[tuple[str, set[str]]]:
    """Kind and data keys of each call that writes events: `events.add(tx, KIND, ...)`, `self._event(KIND, ...)`."""
    for module in modules():
        for function in ast.walk(tree(module)):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in ast.walk(function):
                if not isinstance(call, ast.Call) or not call.args:
                    continue
                name = ast.unparse(call.func)
                if name not in ("events.add", "self._event"):
                    continue
                kind = call.args[1 if name == "events.add" else 0]
                words = _constants(kind)
                if isinstance(kind, ast.Name):
                    words = {
                        word
                        for part in ast.walk(function)
                        if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == kind.id
                        for word in _constants(part.value)
                    }
                keys = {keyword.arg for keyword in call.keywords if keyword.arg} - {"ticket_id", "entry_id", "actor_id"}
                for keyword in call.keywords:
                    if keyword.arg is None and isinstance(keyword.value, ast.Dict):
                        keys.update(*(_constants(key) for key in keyword.value.keys if key is not None))
                yield from ((word, keys) for word in words if _KIND.fullmatch(word))


def test_every_event_is_documented_with_its_data() -> None:
    rows = _rows("events.md")
    written = list(_written_events())
    assert {kind for kind, _ in written} == set(rows)
    missing = [(kind, key) for kind, keys in written for key in keys if f"`{key}`" not in rows[kind]]
    assert missing == []


def test_every_event_names_the_templates_that_follow_it() -> None:
    rows = _rows("events.md")
    assert [row for row in TABLE if f"`{row.template}`" not in rows.get(row.event, "`article_updated`")] == []
    silent = {kind for kind, row in rows.items() if re.search(r"\| nobody[^|]*\|$", row)}
    assert silent == set(rows) - {row.event for row in TABLE}


def test_every_check_of_health_is_documented() -> None:
    assert set(_rows("operations.md", "Is it well?")) == set(HEALTH)
    section = (ROOT / "docs/operations.md").read_text("utf-8").partition("## Is it well?")[2].partition("\n## ")[0]
    named = set()
    for call in ast.walk(tree(Path("mailgate/daemon/health.py"))):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Check" and isinstance(call.args[0], ast.Constant):
            named.add(call.args[0].value)
    assert {name for name in named if f"`{name}`" not in section} == set()


def test_every_mark_of_entries_is_documented() -> None:
    marks = set()
    for module in modules():
        for call in ast.walk(tree(module)):
            if not isinstance(call, ast.Call):
                continue
            if ast.unparse(call.func) == "Verdict":
                marks.update(*(_constants(keyword.value) for keyword in call.keywords if keyword.arg == "mark"))
            elif ast.unparse(call.func) == "marks.append" and call.args:
                marks.update(_constants(call.args[0]))
    assert "automatic" in marks
    assert "imported" in marks
    assert marks == set(_rows("messages.md", "Marks"))


def test_every_step_of_a_trace_is_documented() -> None:
    page = (ROOT / "docs/messages.md").read_text("utf-8")
    steps = {name for name, _ in SCREENING}
    for call in ast.walk(tree(Path("mailgate/intake/decide.py"))):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "decision.note":
            steps.update(_constants(call.args[0]))
    assert {step for step in steps if f"`{step}`" not in page} == set()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_every_page_is_linked_from_the_readme(page: Path) -> None:
    assert f"](docs/{page.name})" in (ROOT / "README.md").read_text("utf-8")


def test_every_decision_is_in_the_list_of_decisions() -> None:
    listed = (ROOT / "docs/adr/README.md").read_text("utf-8")
    decisions = [page.name for page in (ROOT / "docs/adr").glob("[0-9]*.md")]
    assert [name for name in decisions if f"]({name})" not in listed] == []


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md"])
def test_modules_that_a_page_names_exist(page: str) -> None:
    named = re.findall(r"`((?:mailgate|cli|tests|systemd|\.ci)/[\w./-]+)`", (ROOT / page).read_text("utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_files_of_the_rooms_are_those_that_exist() -> None:
    section = (
        (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("## The files of each room")[2].partition("\n## ")[0]
    )
    rows = re.findall(r"^\| `([\w/]+)` \| (.*) \|$", section, re.MULTILINE)
    rooms = {module.parent for module in modules() if module.parts[0] == "mailgate" and len(module.parts) > 2}
    assert {Path("mailgate") / room for room, _ in rows} == rooms
    wrong = []
    for room, cell in rows:
        folder = ROOT / "mailgate" / room
        named = set()
        for name in re.findall(r"`([^`]+)`", cell):
            found = {path.stem for path in folder.glob(f"{name}.py")}
            wrong += [] if found else [f"{room}/{name} does not exist"]
            named |= found
        there = {path.stem for path in folder.glob("*.py")} - {"__init__"}
        wrong += [f"{room}/{name} is not named" for name in sorted(there - named)]
    assert wrong == []


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda page: page.name
)
def test_links_to_headings_find_them(page: Path) -> None:
    broken = []
    for name, anchor in re.findall(r"\]\(([\w./-]*\.md)?#([^)]+)\)", page.read_text("utf-8")):
        target = page.parent / name if name else page
        headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
        slugs = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
        broken += [] if anchor in slugs else [f"{name}#{anchor}"]
    assert broken == []


def test_commands_that_the_documents_name_exist() -> None:
    commands = [tuple(words.split()) for words in re.findall(r"^## (.+)$", _text("docs/commands.md"), re.MULTILINE)]
    known = {words[:length] for words in commands for length in range(1, len(words) + 1)}
    unknown = set()
    pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
    for page in [*pages, *(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]:
        typed = "\n".join(found[0] for found in re.finditer(r"```.*?```|`[^`\n]+`", _text(page), re.DOTALL))
        for told in re.findall(
            r"(?:^ *|`|(?:sudo -u mailgate|exec) +|/)mailgate (?:--config \S+ )?([a-z]+(?: [a-z]+)?)\b",
            typed,
            re.MULTILINE,
        ):
            words = tuple(told.split())
            if words not in known and words[:1] not in commands:
                unknown.add(f"{page}: mailgate {told}")
    assert unknown == set()


def test_settings_that_the_documents_name_exist() -> None:
    section, known = "", set()
    for line in _text("docs/configuration.md").splitlines():
        if heading := re.match(r"#+ `\[+([\w.]+)\]+`", line):
            section = heading[1]
        elif option := re.match(r"\| `(\w+)`", line):
            known.add(f"{section}.{option[1]}")
    sections = {name.partition(".")[0] for name in known}
    unknown = set()
    for page in [
        "README.md",
        "ARCHITECTURE.md",
        *(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")),
    ]:
        for told in re.findall(r"`([a-z]+(?:\.[a-z0-9_]+)+)(?: = [^`]*)?`", _text(page)):
            if told.partition(".")[0] in sections and told not in known:
                unknown.add(f"{page}: {told}")
    assert unknown == set()


def _text(page: str) -> str:
    return (ROOT / page).read_text("utf-8")
