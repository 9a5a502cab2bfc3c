"""`mailgate mail test`: one mail through the relay at once, with the whole conversation where it fails."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import click

from mailgate.errors import ConfigError, MailgateError
from mailgate_cli.output import finding, say, styled, warn
from mailgate_cli.people_named import plain_address
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe, safe_lines
from mailgate_cli.verb import WORDS, verb


@verb("mailgate mail test --to you@example.com")
@click.option("--to", "to", metavar="ADDRESS", required=True, type=WORDS, help="Who gets it.")
@click.option("--show", is_flag=True, help="Show the conversation where it works, too.")
@pass_session
def test(session: Session, to: str, show: bool) -> None:
    """Send a test mail through the relay, at once.

    It passes the outbox by. Where it fails the whole conversation with the relay is shown, without passwords, and the
    exit code is 1.
    """
    from mailgate.daemon.accounts import relay_token
    from mailgate.delivery.relay import Relay

    config = session.config
    sender, address = config.outgoing.from_address, plain_address(to)
    if not sender:
        raise ConfigError("outgoing.from_address is empty: name the address that all mail comes from.")
    said: list[tuple[str, str]] = []
    token = relay_token(lambda: config) if config.outgoing.oauth else None
    relay = Relay(config, token, listener=lambda who, words: said.append((who, words)))
    problem = ""
    try:
        answers = relay.send(sender, [address], _letter(config.hostname, sender, address))
        if not answers[address].sent:
            problem = f"The relay refused the mail: {answers[address]}"
    except MailgateError as error:
        problem = f"The mail was not sent: {error}"
    finally:
        relay.close()
    if problem or show:
        _print(said)
    if problem:
        warn(f"mailgate: {safe(problem)}")
        finding()
    say(
        f"{config.outgoing.smtp_host}:{config.outgoing.smtp_port} took the mail for {address}: {safe(answers[address])}"
    )


def _letter(hostname: str, sender: str, to: str) -> bytes:
    from datetime import UTC, datetime

    from mailgate import clock

    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = to
    letter["Subject"] = "mailgate: test"
    letter["Date"] = format_datetime(datetime.fromtimestamp(clock.now(), UTC))
    letter["Message-ID"] = make_msgid(domain=hostname)
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"
    letter.set_content("This mail was sent by `mailgate mail test`. If you can read it, the relay works.\n")
    return letter.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _print(said: list[tuple[str, str]]) -> None:
    for who, words in said:
        for line in safe_lines(words.strip("\r\n")):
            say(styled(f"{who} {line}", fg="cyan" if who == ">" else None))
