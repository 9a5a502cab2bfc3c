"""`mailgate audit`: the conservation law, counted."""

from __future__ import annotations

from dataclasses import asdict

from mailgate.store import spool
from mailgate_cli.output import finding, print_json, say, styled
from mailgate_cli.session import Session, pass_session
from mailgate_cli.verb import json_option, verb

_NAMES = ("received", "tickets", "replies", "held", "duplicates", "failed", "deleted", "waiting")


@verb("mailgate audit")
@json_option
@pass_session
def audit(session: Session, as_json: bool) -> None:
    """Prove that no message was lost.

    Every message that was received has one row and one outcome: the sum of tickets, replies, held, duplicate, failed,
    deleted and waiting messages must be what was received. Ends with 1 where it is not, and names what is missing.
    """
    with session.store.read() as db:
        found = spool.audit(db)
    if as_json:
        numbers = {name: asdict(found)[name] for name in _NAMES}
        print_json({**numbers, "balanced": found.balanced, "faults": list(found.faults)})
    else:
        for name in _NAMES:
            say(f"{name:<12}{getattr(found, name):>12,}")
        say(styled("balanced", fg="green") if found.balanced else styled("NOT BALANCED", fg="red", bold=True))
        for fault in found.faults:
            say(f"  {fault}")
    if not found.balanced:
        finding()
