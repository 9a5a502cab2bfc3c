"""`mailgate completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import click

from mailgate_cli.output import say
from mailgate_cli.verb import verb


@verb(
    "mailgate completion bash > /etc/bash_completion.d/mailgate\n"
    "mailgate completion zsh > ~/.zfunc/_mailgate\n"
    "mailgate completion fish > ~/.config/fish/completions/mailgate.fish"
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that completes mailgate's commands in a shell.

    Put it where the shell looks for completions, then start a new shell.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # the three shells are click's own
    say(kind(ctx.find_root().command, {}, "mailgate", "_MAILGATE_COMPLETE").source())
