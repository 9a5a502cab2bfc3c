"""`mailgate deliver`: one message on standard input, for an MTA's pipe; answers with the numbers of sysexits.h.

Promises: exit 0 only after the message is on disk; whatever happens afterwards never changes it. What is unknown is
temporary (75), so that the MTA keeps the message.
"""

from __future__ import annotations

import contextlib
import sys

import click

from mailgate.errors import ConfigError, MailgateError
from mailgate_cli.output import warn
from mailgate_cli.session import Session, pass_session
from mailgate_cli.verb import verb

EX_TEMPFAIL, EX_CONFIG = 75, 78


@verb("mailgate deliver --recipient support@help.example.com --sender ada@example.com < message.eml")
@click.option("--recipient", "recipients", metavar="ADDRESS", multiple=True, required=True,
              help="An envelope recipient; may be given several times.")  # fmt: skip
@click.option("--sender", metavar="REVERSE_PATH", help='The reverse-path; "" or <> where it is null.')
@pass_session
def deliver(session: Session, recipients: tuple[str, ...], sender: str | None) -> None:
    """Take one message from standard input, for an MTA's pipe.

    Ends with 0 once the message is on disk, 65 where it is no message, 67 where no recipient is hosted here, 75 where
    it may work later, 78 where the configuration is wrong, 64 for wrong options.
    """
    raise click.exceptions.Exit(_deliver(session, recipients, sender))


def _deliver(session: Session, recipients: tuple[str, ...], sender: str | None) -> int:
    from mailgate.route.hosted import HostedAddresses
    from mailgate.sources import pipe

    try:
        config = session.config
        hosted = HostedAddresses.of(config)
        code = pipe.deliver(session.store, hosted, sys.stdin.buffer, recipients, sender, config.smtp.max_size, warn)
    except ConfigError as error:
        return _answer(error, EX_CONFIG)
    except Exception as error:  # noqa: BLE001 - the loop of the hand: the MTA keeps what we could not take
        return _answer(error, EX_TEMPFAIL)
    if code == 0:
        # The message is safe: what fails from here on is tried again by the daemon, or by the next delivery.
        with contextlib.suppress(Exception):
            session.file_waiting()
    return code


def _answer(error: Exception, code: int) -> int:
    warn(str(error) if isinstance(error, MailgateError) else f"mailgate failed: {type(error).__name__}: {error}")
    return code
