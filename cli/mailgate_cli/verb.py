"""What every command has: an example in its help, and the options that many commands share.

Takes nothing; gives the `Verb` class and option decorators, so that one option is explained in the same words
everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Verb(click.Command):
    """A command whose help ends with an example."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write(f"  {line.strip()}\n")


def verb(example: str, **kwargs: Any) -> Callable[[Callable[..., Any]], Verb]:
    """A command with an example; its name comes from the tree."""
    settings = {"help_option_names": ["-h", "--help"], **kwargs.pop("context_settings", {})}
    return lambda function: click.command(cls=Verb, example=example, context_settings=settings, **kwargs)(function)


class Words(click.ParamType[Any]):
    """Text of a person; refused where it is not valid in the terminal's character set, because mail could not carry it."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            self.fail(
                "The text holds bytes that are no letters in this terminal's character set (see LANG).", param, ctx
            )
        return text.replace("\x00", "")


class Span(click.ParamType[Any]):
    """A duration with its unit, such as 15m or 1h30m."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        from mailgate.config.units import parse_duration

        text = str(value)
        try:
            return -parse_duration(text[1:]) if text.startswith("-") else parse_duration(text.removeprefix("+"))
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)


class TicketId(click.ParamType[Any]):
    """A ticket's number; `{12}` and `#12`, as mail and people write it, are understood."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip("{}# ")
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            self.fail(f"{value!r} is not a ticket's number. See: mailgate ticket list", param, ctx)
        return int(text)


WORDS, SPAN, TICKET_ID = Words(), Span(), TicketId()


def as_option(function: F) -> F:
    """`--as USER` of commands that act."""
    text = "The person in whose name this is done: address, user name or id."
    return click.option("--as", "as_", metavar="USER", type=WORDS, help=text)(function)


def json_option(function: F) -> F:
    """`--json` of commands that print data."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def ids_argument(function: F) -> F:
    """One or more tickets."""
    return click.argument("ids", metavar="ID...", nargs=-1, required=True, type=TICKET_ID)(function)


def id_argument(function: F) -> F:
    """One ticket."""
    return click.argument("ticket_id", metavar="ID", type=TICKET_ID)(function)
