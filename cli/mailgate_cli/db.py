"""`mailgate db`: backup, restore, check and care of the database."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mailgate import clock
from mailgate.errors import DamagedError, RefusedError
from mailgate_cli.output import finding, print_json, print_json_lines, say, size, styled, warn
from mailgate_cli.ownership import give_to_owner
from mailgate_cli.progress import bar
from mailgate_cli.session import Session, pass_session
from mailgate_cli.verb import json_option, verb


@verb("mailgate db backup /var/backups/mailgate")
@click.argument("path", metavar="PATH", type=click.Path(file_okay=False, path_type=Path))
@pass_session
def backup(session: Session, path: Path) -> None:
    """Copy database and large messages to a folder, verified, while the daemon runs.

    The folder is made; one that holds an older backup is brought up to date. The configuration and its secrets are not
    part of it. Ends with 1 where something was missing or damaged.
    """
    from mailgate.store.backup import backup as copy

    with bar("Copying") as update:
        copied = copy(session.store, path, update)
    whole = "verified" if not copied.faults else "not whole"
    say(
        f"{path}: database {size(copied.database_bytes)}, {copied.blobs} large blobs, {size(copied.blob_bytes)}; {whole}."
    )
    _tell_faults(copied.faults)


def _tell_faults(faults: list[str]) -> None:
    """Names what a copy lacks on stderr, and ends the command with 1 where it lacks anything."""
    for fault in faults:
        warn(f"mailgate: {fault}")
    if faults:
        finding()


@verb("mailgate db restore /var/backups/mailgate")
@click.argument("path", metavar="PATH", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--anyway", is_flag=True, help="Take a backup that lacks some large messages, too; they are named.")
@pass_session
def restore(session: Session, path: Path, yes: bool, anyway: bool) -> None:
    """Bring a backup back, while no daemon runs.

    The database that is there is kept beside it under another name, which is printed. A backup that is not whole is
    refused, unless --anyway; then what is missing is named, and the command ends with 1.
    """
    from mailgate.daemon.lock import locked
    from mailgate.store.backup import restore as copy

    folder = session.config.data_dir
    present = (folder / "mailgate.db").exists()
    if present and not yes and sys.stdin.isatty():
        click.confirm(f"Put {path} in the place of the database in {folder}?", abort=True)
    session.close()
    began_at = clock.now()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(folder) as alone:
        if not alone:
            raise RefusedError("The daemon is running. Stop it first (systemctl stop mailgate), then restore.")
        with bar("Restoring") as update:
            copied = copy(path, folder, update, anyway)
    give_to_owner(folder, began_at)
    say(f"Restored: database {size(copied.database_bytes)}, {copied.blobs} large blobs, {size(copied.blob_bytes)}.")
    if copied.kept_aside is not None:
        say(f"What was there is kept as {copied.kept_aside}")
    _tell_faults(copied.faults)


@verb("mailgate db check\nmailgate db check --deep")
@click.option("--deep", is_flag=True, help="Read and hash every stored message and attachment too.")
@json_option
@pass_session
def check(session: Session, deep: bool, as_json: bool) -> None:
    """Prove that the database is whole.

    SQLite's own check, all references, and every large blob. Changes nothing. Ends with 1 where something is wrong.
    """
    from mailgate.store import maintenance

    try:
        with bar("Checking") as update:
            faults = maintenance.check(session.store, deep, update)
    except DamagedError as error:
        faults = [str(error)]
    if as_json:
        print_json({"ok": not faults, "faults": faults})
    else:
        say(styled("The database is whole.", fg="green") if not faults else f"{len(faults)} faults:")
        for fault in faults:
            say(f"  {fault}")
        if faults:
            say("Restore the last good backup: mailgate db restore PATH")
    if faults:
        finding()


@verb("mailgate db migrate")
@pass_session
def migrate(session: Session) -> None:
    """Bring the database to this program's schema.

    Every command does it by itself, after a copy; this one only says so.
    """
    from mailgate.store.migrations import SCHEMA_VERSION

    path = session.store.path
    say(f"{path} has schema {SCHEMA_VERSION}, as this program wants it.")


@verb("mailgate db vacuum")
@pass_session
def vacuum(session: Session) -> None:
    """Give unused space of the database back to the disk.

    Needs as much free disk as the database is large; writers wait meanwhile.
    """
    from mailgate.store import maintenance

    before, after = maintenance.vacuum(session.store)
    say(f"{size(before)} before, {size(after)} now.")


@verb("mailgate db stats --json")
@json_option
@pass_session
def stats(session: Session, as_json: bool) -> None:
    """Show how much there is of everything.

    Rows, sizes on disk, and what is free.
    """
    from mailgate.store import maintenance

    found = maintenance.stats(session.store)
    if as_json:
        print_json(found)
        return
    for name, number in found["rows"].items():
        say(f"{name:<20}{number:>14,}")
    for name, value in found.items():
        if name.endswith(("_bytes", "_inside")):
            say(f"{name.replace('_bytes', '').replace('_', ' '):<20}{size(value):>14}")
    say(f"{'schema':<20}{found['schema']:>14}")


@verb("mailgate db export > tickets.jsonl")
@pass_session
def export(session: Session) -> None:
    """Print all tickets with all their entries, as JSON, a ticket a line.

    In the form of `ticket show --json`, oldest first; attachments are named by their SHA-256.
    """
    from mailgate.store import tickets
    from mailgate.store.tickets import TicketFilter
    from mailgate_cli.ticket_show import ticket_with_entries

    with session.store.read() as db:
        for row in tickets.each(db, TicketFilter(order="id")):
            print_json_lines(ticket_with_entries(db, row))
