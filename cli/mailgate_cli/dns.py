"""`mailgate dns`: the records that receivers look for, and what is published of them."""

from __future__ import annotations

import click

from mailgate_cli.output import finding, print_json, say, styled
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe
from mailgate_cli.verb import json_option, verb

_COLOURS = {"ok": "green", "warning": "yellow"}


@verb("mailgate dns\nmailgate dns --offline --json")
@click.option("--offline", is_flag=True, help="Only print what to publish; ask nobody.")
@json_option
@pass_session
def dns(session: Session, offline: bool, as_json: bool) -> None:
    """Show the SPF, DKIM and DMARC records to publish, and check them.

    The exit code is 1 where what is published needs a hand. Where the name system cannot be reached it says so. The
    servers to ask are those of screen.resolver.
    """
    from mailgate.delivery import dns as published

    records = published.to_publish(session.config)
    findings = [] if offline else published.look(session.config)
    if as_json:
        print_json(
            {
                "records": [
                    {"purpose": one.purpose, "name": one.name, "type": "TXT", "value": one.value} for one in records
                ],
                "checks": [
                    {"purpose": one.purpose, "name": one.name, "status": one.status, "text": one.text}
                    for one in findings
                ],
            }
        )
    else:
        for record in records:
            say(record.zone_line)
        for one in findings:
            say(styled(f"{one.purpose} {one.name}: {one.status}: {safe(one.text)}", fg=_COLOURS.get(one.status)))
    if any(one.status == "warning" for one in findings):
        finding()
