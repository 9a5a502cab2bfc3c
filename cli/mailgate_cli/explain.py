"""`mailgate explain`: what would become of messages, without storing or sending anything.

Takes .eml files, mbox files, Maildirs and folders; gives a JSON object a line, or a trace to read. Promises: bounded
memory for any number of messages; nothing is changed, here or there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from mailgate.errors import ConfigError
from mailgate_cli.message import print_steps
from mailgate_cli.output import print_json_lines, say, size, styled
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe, safe_lines, wrap
from mailgate_cli.verb import json_option, verb


@verb("mailgate explain message.eml\nmailgate explain --json --trust-sender Maildir/ | jq .outcome")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--trust-sender", is_flag=True, help="Treat every sender as an authenticated technician.")
@json_option
@pass_session
def explain(session: Session, paths: tuple[Path, ...], trust_sender: bool, as_json: bool) -> None:
    """Say what would become of messages, without changing anything.

    The whole way of a message runs, against today's tickets, and is taken back. Without a configuration an empty
    installation is assumed. With --json one object a line.
    """
    from mailgate.intake.explain import Explainer

    store, config = _house(session)
    with Explainer(store, config, trust_sender) as explainer:
        for path, number, raw in _messages(paths):
            document = {**explainer.explain(raw, path), "number": number}
            if as_json:
                print_json_lines(document)
            else:
                _print(document)


def _messages(paths: tuple[Path, ...]) -> Iterator[tuple[str, int, bytes]]:
    """Every message as (path, number in the file, bytes); a file that is named and is no message counts as one."""
    from mailgate.sources.mail_files import find_files, read_messages

    for path in find_files(paths):
        number = 0
        for number, message in enumerate(read_messages(path), 1):
            yield str(path), number, b"".join(message.pieces)
        if number == 0:
            yield str(path), 1, path.read_bytes()


def _house(session: Session) -> tuple[Any, Any]:
    """The installation's store and configuration, or nothing and the defaults where none is configured."""
    from mailgate.config import Config

    try:
        session.config_path  # noqa: B018 - raises where none is named and none is found
    except ConfigError:
        return None, Config()
    config = session.config
    return (session.store if (config.data_dir / "mailgate.db").exists() else None), config


def _print(document: dict[str, Any]) -> None:
    sender = document["from"] or {"name": None, "address": "nobody"}
    say(styled(safe(document["path"]), bold=True))
    say(f"  From     {safe(sender['name'] or '')} <{safe(sender['address'])}>")
    say(f"  Subject  {safe(document['subject'])}")
    ticket = f", ticket {document['ticket']}" if document["ticket"] else ""
    by = f", found by {document['matched_by']}" if document["matched_by"] else ""
    say(
        f"  Becomes  {styled(document['outcome'], bold=True)}{ticket}{by}, class {document['class']}: {safe(document['reason'])}"
    )
    for item in document["attachments"]:
        say(f"  File     {safe(item['filename'])}, {size(item['size'])}, {safe(item['content_type'])}")
    print_steps(document["trace"])
    for line in safe_lines(document["reply_text"].strip())[:12]:
        for piece in wrap(line, 76):
            say(f"    {piece}")
    say()
