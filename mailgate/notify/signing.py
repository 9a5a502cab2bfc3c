"""DKIM signing of outgoing mail, where the configuration names a key.

Takes the configuration; gives a function from bytes to signed bytes, or None. Raises ConfigError where the key cannot be
read, so that mail waits instead of leaving unsigned.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mailgate.errors import ConfigError
from mailgate.mail.compose_dkim import DkimKey

if TYPE_CHECKING:
    from mailgate.config import Config


def signer(config: Config) -> Callable[[bytes], bytes] | None:
    """The signer of the installation; None where `outgoing.dkim_selector` is empty. Raises ConfigError."""
    outgoing = config.outgoing
    if not outgoing.dkim_selector:
        return None
    if not outgoing.dkim_key_file:
        raise ConfigError(
            "outgoing.dkim_selector is set without outgoing.dkim_key_file. Name the private key's PEM file."
        )
    path = config.resolve(outgoing.dkim_key_file)
    try:
        pem = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"outgoing.dkim_key_file {path} cannot be read: {error.strerror}.") from error
    domain = outgoing.dkim_domain or outgoing.from_address.rpartition("@")[2]
    return DkimKey(pem, outgoing.dkim_selector, domain).sign
