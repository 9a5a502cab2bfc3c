"""`mailgate config`: check the configuration, show what is in force, print the example."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailgate_cli.output import print_json, say, warn
from mailgate_cli.session import Session, pass_session
from mailgate_cli.verb import json_option, verb

if TYPE_CHECKING:
    from mailgate.config import Config

_SECRETS = ("password", "client_secret", "users")
_FILES = ("ca_file", "tls_cert", "tls_key", "smtp_ca_file", "dkim_key_file", "password_file", "smtp_password_file",
          "client_secret_file")  # fmt: skip


@verb("mailgate config check")
@pass_session
def check(session: Session) -> None:
    """Look the configuration over.

    Every fault is reported at once, with its place; then the exit code is 3. What is allowed and looks wrong is warned of.
    """
    from mailgate.errors import ConfigError

    config = session.config
    missing = list(_missing_files(config))
    if missing:
        raise ConfigError(
            f"{config.path} names files that cannot be read:\n" + "\n".join(f"  - {line}" for line in missing)
        )
    for sentence in _doubts(config):
        warn(f"mailgate: {sentence}")
    say(f"{config.path} is right.")


def _missing_files(config: Config) -> list[str]:
    found = []
    for place, name, value in _leaves(config, ""):
        if name in _FILES and value:
            path = config.resolve(str(value))
            try:
                with path.open("rb"):
                    continue
            except OSError as error:
                found.append(f"{place}: {path}: {error.strerror}")
    return found


def _doubts(config: Config) -> list[str]:
    from mailgate.route.hosted import HostedAddresses

    doubts = []
    outgoing = config.outgoing
    reply_to = outgoing.reply_to or outgoing.from_address
    polled = {account.username.lower() for account in config.account}
    if not outgoing.from_address:
        doubts.append("outgoing.from_address is empty: no mail can go out. Name the address that all mail comes from.")
    elif not HostedAddresses.of(config).is_own(reply_to) and reply_to.lower() not in polled:
        doubts.append(
            f"Answers go to {reply_to}, which is neither hosted nor polled here: they would not become replies. "
            "Add it as a [[mailbox]] or [[account]], or set outgoing.reply_to."
        )
    if not config.mailbox and not config.account:
        doubts.append("There is no [[mailbox]] and no [[account]]: no mail can come in.")
    if Path(config.path).exists() and Path(config.path).stat().st_mode & 0o004 and _has_secrets(config):
        doubts.append(f"{config.path} holds secrets and every user can read it. Run: chmod 640 {config.path}")
    return doubts


def _has_secrets(config: Config) -> bool:
    return any(_is_secret(name) and value for _, name, value in _leaves(config, ""))


@verb("mailgate config show\nmailgate config show --json")
@json_option
@pass_session
def show(session: Session, as_json: bool) -> None:
    """Show every setting that is in force.

    What the file does not name has its default. Secrets are never printed.
    """
    if as_json:
        print_json(_plain(session.config))
        return
    say(f"# {session.config.path}")
    for place, name, value in _leaves(session.config, ""):
        if value is not None:
            say(f"{place} = {_hidden(name, value)}")


@verb("mailgate config example > config.toml")
def example() -> None:
    """Print an example that names every option with its default.

    All options are commented out; a small file with what differs is enough.
    """
    from mailgate.config.example import example_text

    say(example_text().rstrip("\n"))


def _is_secret(name: str) -> bool:
    return name in _SECRETS or name.endswith("_password")


def _leaves(value: Any, place: str) -> list[tuple[str, str, Any]]:
    """Every option as (place, name, value), in the order of the schema."""
    found: list[tuple[str, str, Any]] = []
    for name, key in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
        if name == "path" and not place:
            continue
        item, where = getattr(value, name), f"{place}.{key}" if place else key
        if hasattr(item, "__struct_fields__"):
            found += _leaves(item, where)
        elif isinstance(item, list) and item and hasattr(item[0], "__struct_fields__"):
            for number, entry in enumerate(item, 1):
                found += _leaves(entry, f"{where}[{number}]")
        else:
            found.append((where, key, item))
    return found


def _hidden(name: str, value: Any) -> str:
    import json

    if _is_secret(name) and value:
        return '"(secret)"'
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any, name: str = "") -> Any:
    from mailgate.config.units import Size, format_duration, format_size

    if _is_secret(name) and value:
        return "(secret)"
    if hasattr(value, "__struct_fields__"):
        pairs = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        return {key: _plain(getattr(value, field), key) for field, key in pairs if key != "path"}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, timedelta):
        return format_duration(value)
    return format_size(value) if isinstance(value, Size) else value
