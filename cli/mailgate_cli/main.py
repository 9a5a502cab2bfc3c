"""The entry: `mailgate NOUN VERB`, loaded one command at a time, with errors as sentences and documented exit codes.

Takes the command line; gives an exit code: 0 done, 1 refused, not found or a finding, 2 usage, 3 configuration, 75 try
again later, 130 interrupted, 141 the reader of stdout went away. Promises: `--help` imports no command; no traceback
without `--debug`.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import click

from mailgate.errors import ConfigError, MailgateError, TemporaryError
from mailgate_cli.tree import COMMANDS, Branch, Leaf

EXIT_USAGE_SYSEXITS = 64
"""`mailgate deliver` answers an MTA, which knows the numbers of sysexits.h and not ours."""

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class LazyGroup(click.Group):
    """A group that knows its commands from a table and imports one when it is called."""

    def __init__(self, *args: Any, table: Mapping[str, Leaf | Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        if isinstance(entry, Branch):
            return LazyGroup(cmd_name, table=entry.verbs, help=entry.help, context_settings=_CONTEXT)
        module, _, attribute = entry.target.partition(":")
        command: click.Command = getattr(importlib.import_module(f"mailgate_cli.{module}"), attribute)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.table.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.table and not args[0].startswith("-") and not ctx.resilient_parsing:
            import difflib

            close = difflib.get_close_matches(args[0], self.table, 1)
            hint = f"Did you mean {close[0]!r}?" if close else f"See: {ctx.command_path} --help"
            raise click.UsageError(f"There is no command {args[0]!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings=_CONTEXT,
    epilog="Example: mailgate ticket list --status new. Every command explains itself: mailgate ticket reply --help",
)
@click.option(
    "--config",
    metavar="FILE",
    help="The configuration; else MAILGATE_CONFIG, ./config.toml, /etc/mailgate/config.toml.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(package_name="mailgate", message="mailgate %(version)s")
@click.pass_context
def main(ctx: click.Context, config: str | None, debug: bool) -> None:
    """Turn e-mail into tickets, lose nothing, and explain every decision.

    Commands are a noun and a verb. They work while the daemon runs and while it does not.
    """
    from mailgate_cli.session import Session

    ctx.obj = Session(config, debug)
    ctx.call_on_close(ctx.obj.close)


def run() -> NoReturn:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        # Mail holds letters that a locale may not have: show them as escapes rather than fail half-way.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    sys.exit(answer(sys.argv[1:]))


def answer(args: list[str]) -> int:
    """Runs one command line; gives its exit code. Errors are sentences on stderr."""
    debug = "--debug" in args
    try:
        code = _call(args)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # What is still buffered has no reader; without this Python complains about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (KeyboardInterrupt, EOFError, click.Abort):
        return _failed("Interrupted; what was not yet reported as done was not done.", 130)
    except click.UsageError as error:
        return _usage(error)
    except click.ClickException as error:
        return _failed(error.format_message(), error.exit_code)
    except Exception as error:
        if debug:
            raise
        return _explained(error)


def _call(args: list[str]) -> int:
    if "_MAILGATE_COMPLETE" in os.environ:
        main.main(args, "mailgate", standalone_mode=False)
        return 0
    try:
        with main.make_context("mailgate", args) as ctx:
            main.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    return 0


def _usage(error: click.UsageError) -> int:
    path = error.ctx.command_path if error.ctx else "mailgate"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return 2
    sentence = error.format_message()
    _failed(sentence if "See: " in sentence else f"{sentence} See: {path} --help", 2)
    return EXIT_USAGE_SYSEXITS if path == "mailgate deliver" else 2


def _explained(error: Exception) -> int:
    """The exit code of an error and its sentence. Unknown errors are temporary, as everywhere in the house."""
    if isinstance(error, ConfigError):
        return _failed(str(error), 3)
    if isinstance(error, TemporaryError):
        return _failed(str(error), 75)
    if isinstance(error, MailgateError):
        return _failed(str(error), 1)
    if isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename else ""
        return _failed(f"{named}{error.strerror or error}. Check the name, the permissions and the disk.", 1)
    kind = type(error).__name__
    return _failed(f"mailgate failed ({kind}: {error}). Please report it with what `mailgate --debug ...` shows.", 75)


def _failed(sentence: str, code: int) -> int:
    click.echo(f"mailgate: {sentence}", err=True)
    return code
