"""`mailgate ticket save`: an attachment as a file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from mailgate.errors import NotFoundError, RefusedError
from mailgate.mail.names import safe_name
from mailgate.store import entries, tickets
from mailgate_cli.output import print_bytes, say, size
from mailgate_cli.session import Session, pass_session
from mailgate_cli.verb import id_argument, verb


@verb("mailgate ticket save 12 7\nmailgate ticket save 12 7 --to - | less")
@id_argument
@click.argument("attachment", metavar="ATTACHMENT", type=int)
@click.option("--to", "to", metavar="FILE", type=click.Path(allow_dash=True, path_type=Path),
              help="Where to: a file, a folder, or - for standard output. Else the attachment's name, here.")  # fmt: skip
@pass_session
def save(session: Session, ticket_id: int, attachment: int, to: Path | None) -> None:
    """Save an attachment of a ticket to a file.

    `mailgate ticket show` names the attachments' numbers. A file that is there is never overwritten.
    """
    with session.store.read() as db:
        tickets.get(db, ticket_id)
        item, entry = entries.attachment(db, attachment)
        if entry.ticket_id != ticket_id:
            raise NotFoundError(
                f"Ticket {ticket_id} has no attachment {attachment}. See: mailgate ticket show {ticket_id}"
            )
        data = session.store.blobs.get(db, item.sha256)
    if to is not None and str(to) == "-":
        print_bytes(data)
        return
    path = to or Path()
    if path.is_dir():
        path = path / safe_name(item.filename)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise RefusedError(f"{path} is there already. Name another file with --to FILE.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    say(f"{path}, {size(len(data))}")
