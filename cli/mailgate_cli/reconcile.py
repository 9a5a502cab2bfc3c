"""`mailgate reconcile`: the ledger against the server."""

from __future__ import annotations

import click

from mailgate_cli.account import named
from mailgate_cli.output import finding, print_json, say
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe
from mailgate_cli.verb import WORDS, json_option, verb


@verb("mailgate reconcile office")
@click.argument("account", metavar="ACCOUNT", type=WORDS)
@json_option
@pass_session
def reconcile(session: Session, account: str, as_json: bool) -> None:
    """Compare an account's server with what was received from it.

    Nothing is fetched or changed. Ends with 1 where a message is only there, or still there though it is here.
    """
    from mailgate.daemon.accounts import fetcher_maker
    from mailgate.sources.accounts.reconcile import reconcile as compare

    configured = named(session, account)
    found = compare(fetcher_maker(lambda: session.config, session.store)(configured), session.store, configured)
    if as_json:
        print_json(
            {
                "account": account,
                "on_server": found.on_server,
                "accepted": found.accepted,
                "gaps": found.gaps,
                "notes": found.notes,
            }
        )
    else:
        say(f"{account}: {found.on_server} messages on the server, {found.accepted} of them were received.")
        for sentence in (*found.gaps, *found.notes):
            say(f"  {safe(sentence)}")
    if found.gaps:
        finding()
