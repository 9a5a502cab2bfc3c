"""What the house tests look at: the modules of mailgate, parsed once, and the text files of the project."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_TEXT = {
    ".py",
    ".md",
    ".toml",
    ".lock",
    ".service",
    ".socket",
    ".timer",
    ".sysusers",
    ".j2",
    ".html",
    ".css",
    ".txt",
    "",
}
_SKIPPED = {".venv", ".git", "build", "dist", "var", "__pycache__", ".hypothesis", "work", "corpus"}


@cache
def modules() -> tuple[Path, ...]:
    """Every module that is installed, as a path from the root of the project."""
    return tuple(
        sorted(
            path.relative_to(ROOT) for part in ("mailgate", "cli/mailgate_cli") for path in (ROOT / part).rglob("*.py")
        )
    )


@cache
def tree(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text("utf-8"), str(module))


def room(module: Path) -> str:
    """`sources` of `mailgate/sources/smtp/session.py`, `clock` of `mailgate/clock.py`; the command line is one room."""
    return "mailgate_cli" if module.parts[0] == "cli" else module.parts[1].removesuffix(".py")


def text_files() -> list[Path]:
    """Every text file of the project that people read or machines run, from the root of the project."""
    found = []
    for folder in (ROOT, *(path for path in ROOT.iterdir() if path.is_dir() and path.name in _PARTS)):
        paths = folder.iterdir() if folder == ROOT else folder.rglob("*")
        for path in paths:
            parts = path.relative_to(ROOT).parts
            if path.is_file() and path.suffix in _TEXT and not _SKIPPED.intersection(parts):
                found.append(path.relative_to(ROOT))
    return sorted(found)


_PARTS = {"mailgate", "cli", "tests", "bench", "docs", "systemd", ".ci"}
