"""`mailgate check`: a monitoring plugin (exit 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailgate.errors import DamagedError, MailgateError
from mailgate_cli.output import on_terminal, print_json, say, styled
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe
from mailgate_cli.verb import WORDS, json_option, verb

if TYPE_CHECKING:
    from mailgate.daemon.health import Check

_CODES = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}
_WORST_FIRST = ("CRITICAL", "UNKNOWN", "WARNING", "OK")
_COLOURS = {"OK": "green", "WARNING": "yellow", "CRITICAL": "red", "UNKNOWN": "magenta"}


@verb("mailgate check\nmailgate check --only spool,disk --quiet")
@click.option(
    "--only", metavar="NAME", multiple=True, type=WORDS, help="Only these checks: several times, or with commas."
)
@click.option("--quiet", is_flag=True, help="Print nothing where all is well, as cron wants it.")
@json_option
@pass_session
def check(session: Session, only: tuple[str, ...], quiet: bool, as_json: bool) -> None:
    """Check the health of everything, for monitoring systems and people.

    One line with performance data; on a terminal a line for each check, too. Ends with 0 for OK, 1 for WARNING, 2 for
    CRITICAL, 3 for UNKNOWN.
    """
    try:
        from mailgate.daemon.health import Check
        from mailgate.daemon.health import check as look

        wanted = [name.strip() for words in only for name in words.split(",") if name.strip()]
        found = list(look(session.config, wanted or None))
    except DamagedError as error:
        found = [Check("database", "CRITICAL", str(error), None)]
    except MailgateError as error:
        _say_unknown(str(error), as_json)
    except Exception as error:
        if session.debug:
            raise
        _say_unknown(f"the check itself failed ({type(error).__name__}: {error})", as_json)
    status = next((word for word in _WORST_FIRST if any(item.status == word for item in found)), "UNKNOWN")
    if as_json:
        print_json({"status": status, "checks": [_as_json(item) for item in found]})
    elif not (quiet and status == "OK"):
        _print(status, found)
    raise click.exceptions.Exit(_CODES[status])


def _say_unknown(reason: str, as_json: bool) -> None:
    if as_json:
        print_json(
            {"status": "UNKNOWN", "checks": [{"name": "config", "status": "UNKNOWN", "text": reason, "value": None}]}
        )
    else:
        say(f"MAILGATE UNKNOWN - {safe(reason)}")
    raise click.exceptions.Exit(_CODES["UNKNOWN"])


def _as_json(item: Check) -> dict[str, object]:
    return {"name": item.name, "status": item.status, "text": item.text, "value": item.value}


def _print(status: str, found: list[Check]) -> None:
    bad = [item for item in found if item.status != "OK"]
    summary = "; ".join(f"{item.name}: {safe(item.text)}" for item in bad) or f"{len(found)} checks passed"
    numbers = " ".join(
        f"{item.name.replace(' ', '_')}={item.value:g}"
        for item in found
        if isinstance(item.value, int | float) and not isinstance(item.value, bool)
    )
    # A bar would end the text and begin performance data (Monitoring Plugins guidelines, section 2.6).
    line = f"MAILGATE {status} - {summary.replace('|', '/')}"
    say(f"{line} | {numbers}" if numbers else line)
    for item in found if on_terminal() else []:
        say(
            f"{styled(f'{item.status:<9}', fg=_COLOURS.get(item.status))} {item.name}: {safe(item.text)}".replace(
                "|", "/"
            )
        )
