"""`docs/commands.md`, made from the commands themselves, so that it cannot say something else.

Takes nothing but the tree; gives the page as text (`python -m mailgate_cli.reference`; `make docs` writes the file).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import click

from mailgate_cli.main import LazyGroup, main
from mailgate_cli.verb import Verb

_HEAD = """\
# Commands

A command is a noun and a verb: `mailgate ticket list`. All of them work while the daemon runs and while it does not, and
explain themselves: `mailgate ticket reply --help`. This page is made from the program (`make docs`); a test proves that
it is current.

**Before the noun**: `--config FILE` names the configuration (else `MAILGATE_CONFIG`, `./config.toml`,
`/etc/mailgate/config.toml`), `--debug` shows the traceback of an error and what is logged, `--version` the version.

**Exit codes**: 0 done · 1 refused, not found, or a finding · 2 usage · 3 configuration · 75 try again later ·
130 interrupted · 141 the reader of the output went away. `mailgate check` answers as a monitoring plugin (0 OK,
1 WARNING, 2 CRITICAL, 3 UNKNOWN), `mailgate deliver` as an MTA expects it (0, 64, 65, 67, 75, 78). An error is a
sentence with the next step, on stderr.

**In whose name**: commands that act take `--as USER`. Without it: the user of the configuration's `[cli] as`, else the
system's user if a technician has that user name, else the first administrator.

**Several at once**: many verbs take several ids. Where one is refused the others are done all the same, each refusal is
named, and the exit code is 1.

**Output**: tables and colours only on a terminal (`NO_COLOR` turns colours off); elsewhere lines with tabs between the
columns. `--json` prints one JSON document, lists with an item a line; times are ISO 8601 in UTC, what is unknown is null.
What came by mail is shown with control characters escaped. In CSV, text that a spreadsheet would take for a formula is
led by an apostrophe.

**Completion**: `mailgate completion bash > /etc/bash_completion.d/mailgate`, and the same for zsh and fish.
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    with click.Context(main, info_name="mailgate") as root:
        for path, command in commands(main, root):
            parts.append(_section(path, command))
    return "\n".join(parts)


def commands(group: LazyGroup, ctx: click.Context, path: str = "mailgate") -> Iterator[tuple[str, Verb]]:
    """Every command with its path, in the order of the tree."""
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, LazyGroup):
            yield from commands(command, ctx, f"{path} {name}")
        elif isinstance(command, Verb):
            yield f"{path} {name}", command


def _section(path: str, command: Verb) -> str:
    with click.Context(command, info_name=path) as ctx:
        usage = " ".join(command.collect_usage_pieces(ctx))
        lines = [
            f"## {path.removeprefix('mailgate ')}",
            "",
            f"`{path} {usage}`",
            "",
            inspect.cleandoc(command.help or ""),
            "",
        ]
        options = [_option(parameter, ctx) for parameter in command.get_params(ctx) if _is_shown(parameter)]
        if options:
            lines += ["| option | meaning |", "| --- | --- |", *options, ""]
    return "\n".join([*lines, "```", *(line.strip() for line in command.example.splitlines()), "```", ""])


def _is_shown(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option) and "--help" not in parameter.opts


def _option(parameter: Any, ctx: click.Context) -> str:
    record = parameter.get_help_record(ctx)
    assert record is not None  # no option of ours is hidden
    names, meaning = record
    return f"| `{names.replace('|', ', ')}` | {meaning.replace('|', ', ')} |"


if __name__ == "__main__":
    print(page(), end="")
