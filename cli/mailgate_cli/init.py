"""`mailgate init`: a configuration, a database, a first category and an administrator, ready to serve."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailgate.errors import ConfigError, RefusedError
from mailgate_cli.output import say
from mailgate_cli.people_named import checked_address
from mailgate_cli.session import Session, pass_session
from mailgate_cli.verb import WORDS, verb

if TYPE_CHECKING:
    from mailgate.config import Config

_ADDRESS = "support@help.example.com"
_LISTEN = "127.0.0.1:2525"
_RELAY = "127.0.0.1:25"
_ADMIN = "root@example.com"
_FIRST_CATEGORY = "General"


@verb("mailgate init --dir /etc/mailgate --address support@help.example.com --admin root@example.com")
@click.option("--dir", "folder", metavar="DIR", required=True, type=click.Path(file_okay=False, path_type=Path),
              help="Where config.toml and the data go; made where it is missing.")  # fmt: skip
@click.option("--address", "addresses", metavar="ADDRESS", multiple=True, type=WORDS,
              help=f"A hosted address; may be given several times. Else {_ADDRESS}.")  # fmt: skip
@click.option("--listen", metavar="HOST:PORT", type=WORDS, help=f"Where the SMTP listener waits. Else {_LISTEN}.")
@click.option("--relay", metavar="RELAY", type=WORDS,
              help=f"Where outgoing mail goes: HOST:PORT or smtps://USER@HOST:465. Else {_RELAY}.")  # fmt: skip
@click.option("--admin", metavar="ADDRESS", type=WORDS, help=f"The first administrator. Else {_ADMIN}.")
@click.option("--no-input", is_flag=True, help="Ask nothing; take the defaults.")
@pass_session
def init(
    session: Session,
    folder: Path,
    addresses: tuple[str, ...],
    listen: str | None,
    relay: str | None,
    admin: str | None,
    no_input: bool,
) -> None:
    """Make a configuration and a database, ready to serve.

    Asks for what is not given, on a terminal. Run again, it changes nothing that is there.
    """
    path = folder / "config.toml"
    made = not path.exists()
    if made:
        ask = not no_input and sys.stdin.isatty()
        _write_config(
            path,
            list(addresses) or _asked("The address that people write to", _ADDRESS, ask).split(),
            listen or _asked("Where the SMTP listener waits", _LISTEN, ask),
            relay or _asked("The relay for outgoing mail", _RELAY, ask),
            admin or _asked("The administrator's address", _ADMIN, ask),
        )
    config = _furnish(path, admin)
    if made:
        say(f"{path} is written.")
        _next_steps(path, bool(config.outgoing.smtp_username))
    else:
        say(f"{path} is there already; nothing was changed.")


def _asked(question: str, default: str, ask: bool) -> str:
    if not ask:
        return default
    answer: str = click.prompt(question, default=default, type=WORDS)
    return answer


def _write_config(path: Path, addresses: list[str], listen: str, relay: str, admin: str) -> None:
    from mailgate.config import parse_config
    from mailgate.config.starter import starter_text

    try:
        text = starter_text(addresses, listen, relay, admin)
        checked_address(parse_config(text), admin)
    except (ConfigError, RefusedError) as error:  # no configuration is wrong yet: what was typed is
        raise click.UsageError(str(error)) from None
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Complete or not there: the file gets its name when it is whole, and never takes the place of another one.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            raise RefusedError(f"{path} has just been made by another process. Run the command again.") from None
    finally:
        draft.unlink(missing_ok=True)


def _furnish(path: Path, admin: str | None) -> Config:
    """The database with a first category and an administrator, where it has none; gives the configuration."""
    from mailgate.config import load_config
    from mailgate.model import Role
    from mailgate.store import Store, Tx, people

    config = load_config(path)
    address = checked_address(config, admin or next(iter(config.general.admin), _ADMIN))

    def work(tx: Tx) -> None:
        if not people.categories(tx):
            people.add_category(tx, _FIRST_CATEGORY, _FIRST_CATEGORY.lower())
        if not people.everyone(tx, Role.ADMINISTRATOR, limit=1):
            known = people.by_address(tx, address)
            if known is None:
                people.add(tx, [address], role=Role.ADMINISTRATOR)
            else:
                people.change(tx, known.id, role=Role.ADMINISTRATOR)

    store = Store.open(config.data_dir)
    try:
        with store.read() as db:
            furnished = bool(people.categories(db)) and bool(people.everyone(db, Role.ADMINISTRATOR, limit=1))
        if not furnished:
            store.write(work)
    finally:
        store.close()
    return config


def _next_steps(path: Path, relay_login: bool) -> None:
    say("\nNext:\n")
    if relay_login:
        password = shlex.quote(str(path.absolute().with_name("relay.password")))
        say(f"  install -m 600 /dev/stdin {password}    # type the relay's password, then Ctrl-D")
    say(f"  export MAILGATE_CONFIG={shlex.quote(str(path.absolute()))}")
    say("  mailgate config check")
    say(f"  mailgate user add YOUR-ADDRESS --role technician --category {_FIRST_CATEGORY}")
    say("  mailgate serve")
    say("\nand, once mail has come in:\n")
    say("  mailgate ticket list")
