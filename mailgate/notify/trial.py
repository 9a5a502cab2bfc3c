"""The mail that `mailgate mail test` sends: small, signed and addressed like any other.

Takes the configuration and an address; gives a letter for the outbox or for sending at once. Raises PermanentError where
the address is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgate import clock
from mailgate.errors import PermanentError
from mailgate.mail import tokens
from mailgate.mail.compose import Draft, compose
from mailgate.mail.compose_header import wire_address
from mailgate.mail.message import Address
from mailgate.notify.bodies import from_text
from mailgate.notify.identity import identity
from mailgate.notify.signing import signer
from mailgate.notify.words import date, say
from mailgate.store import keys
from mailgate.store.outbox import NewLetter

if TYPE_CHECKING:
    from mailgate.config import Config
    from mailgate.store import Store


def trial_letter(store: Store, config: Config, to: str) -> NewLetter:
    """A test letter to one address, in the installation's language. Raises PermanentError, ConfigError."""
    address = wire_address(to)
    if address is None:
        raise PermanentError(f"{to} is no mail address. Give one such as name@example.com.")
    language = config.general.language
    signing_keys = keys.signing_keys(store)
    who = identity(config, signing_keys, None, None, "")
    domain = (wire_address(f"x@{config.hostname}") or "x@localhost.localdomain")[2:]
    text = say(language, "trial_text", host=config.hostname, at=date(language, clock.now(), None))
    draft = Draft(
        from_=who.from_,
        reply_to=who.reply_to,
        to=[Address("", to)],
        subject=say(language, "trial_subject"),
        message_id=tokens.make_message_id(None, signing_keys, domain),
        date=clock.now(),
        text=text,
        html=f'<html lang="{language}"><body><p>{from_text(text)}</p></body></html>',
        automatic="auto-generated",
        installation=keys.installation(store),
    )
    return NewLetter(
        message_id=draft.message_id,
        subject=draft.subject,
        sender=wire_address(draft.from_.address) or "",
        recipients=[address],
        raw=compose(draft, signer(config)),
        template="trial",
        automatic=True,
    )
