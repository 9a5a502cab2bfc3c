"""The entry: exit codes, sentences instead of tracebacks, a tree that tells the truth, a start that loads little."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from mailgate_cli.main import LazyGroup, answer, main
from mailgate_cli.reference import commands, page
from mailgate_cli.session import Session
from mailgate_cli.tree import COMMANDS, Branch, Leaf
from mailgate_cli.verb import Verb

from mailgate.errors import TemporaryError
from tests.unit.cli.conftest import Shell

ROOT = Path(__file__).parents[3]


def leaves(table: object, path: str = "") -> Iterator[tuple[str, Leaf]]:
    for name, entry in table.items():  # type: ignore[attr-defined]
        if isinstance(entry, Branch):
            yield from leaves(entry.verbs, f"{path}{name} ")
        else:
            yield f"{path}{name}", entry


def all_commands() -> list[tuple[str, Verb]]:
    with click.Context(main, info_name="mailgate") as root:
        return [(path.removeprefix("mailgate "), command) for path, command in commands(main, root)]


def test_the_tree_shows_the_first_sentence_of_every_command() -> None:
    shown = {path: leaf.help for path, leaf in leaves(COMMANDS)}
    assert shown == {path: inspect.cleandoc(command.help or "").splitlines()[0] for path, command in all_commands()}


@pytest.mark.parametrize(("path", "command"), all_commands(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_explains_itself(path: str, command: Verb) -> None:
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    assert all(paragraph.rstrip().endswith(".") for paragraph in paragraphs), "full sentences"
    assert command.example.startswith(f"mailgate {path.split()[0]}") or "mailgate --config" in command.example
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert (parameter.help or "").rstrip().endswith("."), f"{parameter.name} needs a sentence"


def test_examples_are_commands_that_exist() -> None:
    known = {path for path, _ in all_commands()}
    for path, command in all_commands():
        for line in command.example.splitlines():
            words = line.strip().removeprefix("mailgate ").removeprefix("--config /etc/mailgate/config.toml ").split()
            assert any(" ".join(words[:length]) in known for length in (1, 2, 3)), f"{path}: {line}"


def test_the_reference_page_is_current() -> None:
    assert (ROOT / "docs/commands.md").read_text("utf-8") == page(), "run: make docs"


def test_the_reference_page_names_every_option() -> None:
    text = page()
    for path, command in all_commands():
        section = text.partition(f"\n## {path}\n")[2].partition("\n## ")[0]
        names = [name for option in command.params if isinstance(option, click.Option) for name in option.opts]
        assert section, path
        assert [name for name in names if name not in section] == [], path


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["tikcet"], 2, "Did you mean 'ticket'?"),
        (["ticket", "lst"], 2, "Did you mean 'list'?"),
        (["ticket", "list", "--frobnicate"], 2, "mailgate ticket list --help"),
        (["ticket", "show", "twelve"], 2, "not a ticket's number"),
        (["deliver"], 64, "--recipient"),
        (["--config", "/nonexistent/config.toml", "audit"], 3, "mailgate init"),
        (["--config", "/nonexistent/config.toml", "deliver", "--recipient", "a@example.com"], 78, "mailgate init"),
    ],
)
def test_errors_are_sentences(words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(words) == code
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


def test_a_fault_of_the_program_is_temporary_and_no_traceback(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Session) -> object:
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr(Session, "store", property(broken))
    shell("audit", code=75)
    assert "a wheel came off" in shell.err
    assert "Traceback" not in shell.err
    with pytest.raises(RuntimeError):
        shell("--debug", "audit")


def test_trouble_with_the_disk_is_75(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Session) -> object:
        raise TemporaryError("The disk is full. Make room, then try again.")

    monkeypatch.setattr(Session, "store", property(full))
    shell("audit", code=75)
    assert "The disk is full" in shell.err


def test_control_c_is_130(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Session) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "store", property(interrupted))
    shell("audit", code=130)
    assert "Interrupted" in shell.err


def test_every_fault_of_the_configuration_is_named(shell: Shell) -> None:
    shell.config.write_text('[smtp]\nlisten = 5\nfoo = 1\n[outgoing]\nfrom_address = "x"\n')
    shell("ticket", "list", code=3)
    assert "smtp.listen" in shell.err
    assert "smtp.foo" in shell.err


def test_help_of_a_group_lists_its_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["mail", "suppressed", "--help"]) == 0
    assert "Stop mail to addresses." in capsys.readouterr().out


def test_a_noun_alone_shows_its_help_and_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["ticket"]) == 2
    assert "Commands:" in capsys.readouterr().err


def test_help_loads_no_command(tmp_path: Path) -> None:
    code = (
        "import json, sys; from mailgate_cli.main import answer; sys.stdout = sys.stderr; answer(['--help']);"
        "print(json.dumps(sorted(sys.modules)), file=sys.__stdout__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = {name for name in json.loads(done.stdout) if name.startswith("mailgate")}
    assert loaded == {"mailgate", "mailgate.errors", "mailgate_cli", "mailgate_cli.main", "mailgate_cli.tree"}


def test_a_list_loads_neither_templates_nor_tables_of_others(shell: Shell) -> None:
    code = (
        "import json, sys; from mailgate_cli.main import answer; sys.stdout = sys.stderr;"
        f"answer(['--config', {str(shell.config)!r}, 'ticket', 'list']);"
        "print(json.dumps(sorted(sys.modules)), file=sys.__stdout__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    heavy = {"jinja2", "rich", "sqlite_utils", "aiosmtpd", "exchangelib", "asyncio", "smtplib", "mailgate.mail.parse"}
    assert heavy & set(json.loads(done.stdout)) == set()


def test_a_reader_that_goes_away_is_no_error_message(shell: Shell) -> None:
    for number in range(40):
        shell("ticket", "new", "--subject", f"number {number} " + "x" * 2000, "-m", "text")
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from mailgate_cli.main import run; run()",
            "--config",
            str(shell.config),
            "db",
            "export",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 141
    assert said == b""


def test_completion_knows_the_commands(shell: Shell) -> None:
    assert "_MAILGATE_COMPLETE" in shell("completion", "bash")
    done = subprocess.run(
        [sys.executable, "-c", "from mailgate_cli.main import run; run()"],
        env={"_MAILGATE_COMPLETE": "bash_complete", "COMP_WORDS": "mailgate ticket re", "COMP_CWORD": "2"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert {line.partition(",")[2] for line in done.stdout.split()} == {"reply", "reopen"}


def test_groups_are_lazy() -> None:
    assert isinstance(main, LazyGroup)
    assert dict(main.commands) == {}
