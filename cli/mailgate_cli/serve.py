"""`mailgate serve`: the daemon, in the foreground."""

from __future__ import annotations

import click

from mailgate_cli.session import Session, pass_session
from mailgate_cli.verb import verb


@verb("mailgate --config /etc/mailgate/config.toml serve")
@pass_session
def serve(session: Session) -> None:
    """Run the daemon.

    It stays in the foreground and logs to stderr, as systemd and containers want it. SIGTERM ends it with 0 after what is
    in flight; SIGHUP takes a changed configuration over.
    """
    from mailgate.daemon.serve import serve as run

    raise click.exceptions.Exit(run(session.config_path))
