"""`mailgate import`: messages from mbox files, Maildirs and .eml files, with their original dates."""

from __future__ import annotations

from pathlib import Path

import click

from mailgate.errors import NotFoundError
from mailgate_cli.output import finding, say, warn
from mailgate_cli.progress import bar
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe
from mailgate_cli.verb import WORDS, verb


@verb("mailgate import archive.mbox Maildir/\nmailgate import --account office old.eml")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--account", metavar="NAME", type=WORDS, help="As if they had come through this account (its category).")
@pass_session
def import_(session: Session, paths: tuple[Path, ...], account: str | None) -> None:
    """Take messages from mbox files, Maildirs and .eml files.

    Their dates stay. An import that was interrupted can be run again and adds nothing twice.
    """
    from mailgate.sources.importer import import_paths

    if account is not None and session.config.account_named(account) is None:
        raise NotFoundError(f'There is no account "{account}" in the configuration. See: mailgate account list')
    store = session.store
    with bar("Importing") as update:
        counts = import_paths(
            store, paths, lambda now: update(now.bytes_done, now.bytes_total, f"{now.seen:,} messages"), account
        )
    say(f"{counts.added} messages taken, {counts.known} were known already, {counts.failed} could not be read.")
    for fault in counts.faults:
        warn(f"mailgate: {safe(fault)}")
    with bar("Filing") as update:
        filed = session.file_waiting(update)
    if filed is None and counts.added:
        say("The daemon files them.")
    elif filed:
        say(f"{filed} filed. See: mailgate message list")
    if counts.failed:
        finding()
