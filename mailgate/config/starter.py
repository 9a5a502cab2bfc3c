"""The small `config.toml` that `mailgate init` writes: what differs from the defaults, and nothing else.

Takes hosted addresses, a listener, a relay and an administrator's address as people type them; gives the text.
Promises: what it gives is a valid configuration (it is parsed before it is given); a relay is used without TLS and
login unless its URL says so; passwords are never taken from a command line. Standard: RFC 3986 (URL), RFC 8314.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from mailgate.config.load import parse_config
from mailgate.errors import ConfigError

_SCHEMES = {"smtp": ("none", 25), "smtp+starttls": ("starttls", 587), "smtps": ("tls", 465)}


@dataclass(frozen=True, slots=True)
class Relay:
    """Where outgoing mail goes: `tls` is one of `none`, `starttls`, `tls`; `username` empty means no login."""

    host: str
    port: int
    tls: str
    username: str


def starter_text(addresses: Sequence[str], listen: str, relay: str, admin: str | None) -> str:
    """The text of `config.toml`.

    `relay` is `HOST`, `HOST:PORT` (plain, no login), `smtps://USER@HOST:465` or `smtp+starttls://USER@HOST:587`.
    Raises ConfigError with a sentence for what cannot be used.
    """
    if not addresses:
        raise ConfigError("No address is given. Name at least one, such as --address support@help.example.com")
    target = parse_relay(relay)
    host, port = split_host_port(listen, "--listen")
    lines = [
        "# The configuration of mailgate: only what differs from the defaults.",
        "# All options: config.example.toml, or `mailgate config example`. Check it with `mailgate config check`.",
        "",
        *(["[general]", f"admin = [{_text(admin)}]", ""] if admin else []),
        *(line for address in addresses for line in ("[[mailbox]]", f"address = {_text(address)}", "")),
        "[smtp]",
        f"listen = [{_text(_join(host, port))}]",
        "",
        "[outgoing]",
        f"from_address = {_text(addresses[0])}",
        f"smtp_host = {_text(target.host)}",
        f"smtp_port = {target.port}",
        f"smtp_tls = {_text(target.tls)}",
    ]
    if target.username:
        lines += [
            f"smtp_username = {_text(target.username)}",
            "# Write the password into this file, beside this one, and keep it to yourself: chmod 600 relay.password",
            'smtp_password_file = "relay.password"',
        ]
    text = "\n".join(lines) + "\n"
    parse_config(text, "The configuration made from these values")
    return text


def parse_relay(relay: str) -> Relay:
    """Reads a relay as `--relay` takes it. Raises ConfigError with a sentence."""
    if "://" not in relay:
        host, port = split_host_port(relay, "--relay", default_port=25)
        return Relay(host, port, "none", "")
    try:
        parts = urlsplit(relay)
        given_port = parts.port
    except ValueError as error:
        raise ConfigError(f"--relay: this is not a URL: {error}. {_RELAY_FORMS}") from None
    if parts.scheme not in _SCHEMES:
        raise ConfigError(f'--relay: "{parts.scheme}" is not known. {_RELAY_FORMS}')
    if parts.password is not None:
        # Command lines can be read by every user of the machine and stay in the shell's history.
        raise ConfigError(
            "--relay: a password does not belong on a command line. Leave it out; the configuration names the file "
            "for it."
        )
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigError(f"--relay: the URL must hold a host and nothing behind it. {_RELAY_FORMS}")
    tls, default_port = _SCHEMES[parts.scheme]
    return Relay(parts.hostname, given_port or default_port, tls, unquote(parts.username or ""))


_RELAY_FORMS = "Write 127.0.0.1:25, smtps://USER@HOST:465 or smtp+starttls://USER@HOST:587."


def split_host_port(text: str, option: str, default_port: int | None = None) -> tuple[str, int]:
    """Reads `host:port` or `[::1]:port`. Raises ConfigError that names `option`."""
    host, colon, number = text.strip().rpartition(":")
    if not colon or number.endswith("]"):
        host, number = text.strip(), str(default_port or "")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ConfigError(f'{option}: write the IPv6 address in brackets: "[::1]:{number}"')
    if not host or not number.isascii() or not number.isdigit() or not 0 < int(number[:6]) < 65536:
        raise ConfigError(f'{option}: "{text}" is not host:port, such as 127.0.0.1:{default_port or 2525}')
    return host, int(number)


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _text(value: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's."""
    if not value.isprintable():  # surrogates too: what Python makes of an argument that is not UTF-8
        raise ConfigError(f"{value!a} holds characters that cannot stand in an address or a name.")
    return json.dumps(value, ensure_ascii=False)
