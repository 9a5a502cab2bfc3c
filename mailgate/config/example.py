"""`config.example.toml` and `docs/configuration.md`, made from the schema, so that neither can say something else.

Takes nothing but `schema.py`; gives two texts. Promises: every option of the schema is there, with its sentence,
its unit and its default; the example is valid TOML as it stands (every option commented out), and what is behind
each `#` is valid too. `python -m mailgate.config.example [markdown]` prints them (`make docs` writes the files).
"""

import json
import sys
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from mailgate.config.schema import Config
from mailgate.config.units import Size, format_duration, format_size

EXAMPLES: dict[str, object] = {
    "mailbox.address": "support@help.example.com",
    "mailbox.category": "billing",
    "mailbox.from_address": "billing@help.example.com",
    "mailbox.from_name": "Example Billing",
    "account.name": "office",
    "account.protocol": "imap",
    "account.host": "imap.example.com",
    "account.port": 993,
    "account.ca_file": "/etc/ssl/private-ca.pem",
    "account.username": "office@example.com",
    "account.password": "secret",
    "account.password_file": "/etc/mailgate/office.password",
    "account.password_env": "OFFICE_PASSWORD",
    "account.password_credential": "office-password",
    "account.category": "office",
    "account.reenable_after": timedelta(days=1),
    "account.endpoint": "https://graph.microsoft.us/v1.0",
    "smtp.tls_cert": "/etc/mailgate/fullchain.pem",
    "smtp.tls_key": "/etc/mailgate/privkey.pem",
    "intake.default_category": "General",
    "intake.new_ticket_after_closed_days": 30,
    "screen.rspamd.reject_score": 20.0,
    "screen.spamassassin.reject_score": 15.0,
    "outgoing.smtp_ca_file": "/etc/ssl/private-ca.pem",
    "outgoing.smtp_password": "secret",
    "outgoing.smtp_password_file": "/etc/mailgate/relay.password",
    "outgoing.smtp_password_env": "RELAY_PASSWORD",
    "outgoing.smtp_password_credential": "relay-password",
    "outgoing.dkim_key_file": "/etc/mailgate/dkim.pem",
    "oauth.client_secret": "secret",
    "oauth.client_secret_file": "/etc/mailgate/client.secret",
    "oauth.client_secret_expires": "2027-01-31",
    "oauth.authority": "https://login.microsoftonline.us",
    "cli.as": "root@example.com",
}
"""What the example shows where a default says nothing; the options of `oauth` are the same everywhere."""

_HEAD = """\
# The configuration of mailgate, with every option there is.
#
# Each option is commented out and shows its default, or an example where there is none: a small file with
# what differs is enough (`mailgate init` writes one). Durations carry a unit: "90s", "5m", "2h", "3d".
# Sizes too: "64KB", "25MB"; they are binary, 1KB is 1024 bytes. Relative paths start from this file's folder.
# Check with `mailgate config check`; `systemctl reload mailgate` takes a changed file over.
#
# This file is made from mailgate/config/schema.py by `make docs`; a test proves that it is current.
"""

_MARKDOWN_HEAD = """\
# Configuration

`config.toml` is looked for in this order: `--config`, the environment's `MAILGATE_CONFIG`, `./config.toml`,
`/etc/mailgate/config.toml`. `mailgate init --dir DIR` writes a small one that works; `config.example.toml` shows all
options in place. `mailgate config check` reports every fault at once, with its place; `mailgate config show` prints
what is in force, without secrets. A reload (`systemctl reload mailgate`, SIGHUP) takes a changed file over without
dropping a connection; a faulty one is refused and the old one stays.

Durations carry a unit (`"90s"`, `"5m"`, `"2h"`, `"3d"`), sizes too (`"64KB"`, `"25MB"`; 1KB is 1024 bytes). Relative
paths start from the folder of `config.toml`.

Secrets: of `password`, `password_file`, `password_env` and `password_credential` (and their kin) give one. Files
should be readable by mailgate alone (`chmod 600`); one line end at their end is ignored. A credential is the name of
one that systemd passes (`LoadCredential=`). Secrets are never printed, logged or shown by `config show`.

This page is made from `mailgate/config/schema.py` by `make docs`; a test proves that it is current.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the configuration: `place` is its TOML name, `many` where it is written `[[place]]`."""

    place: str
    doc: str
    many: bool
    optional: bool
    options: tuple["Option", ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its TOML name, sentence, kind for people, default as TOML (or None), and what the example shows."""

    name: str
    sentence: str
    kind: str
    default: str | None
    required: bool
    shown: str


def sections() -> list[Section]:
    """All tables of the configuration, in the order of the schema; nested ones follow their parent."""
    return list(_walk(Config, "", False, False))


def example_text() -> str:
    """The whole `config.example.toml`."""
    lines = [_HEAD]
    for section in sections():
        # A table that may be there many times or not at all is commented out with its options.
        mark = "#" if section.many or section.optional else ""
        header = f"[[{section.place}]]" if section.many else f"[{section.place}]"
        lines.append(f"\n# {section.doc}\n{mark}{header}\n")
        for option in section.options:
            lines.append(f"# {option.sentence}{_remark(option)}\n#{option.name} = {option.shown}\n")
    return "".join(lines)


def markdown_text() -> str:
    """The whole `docs/configuration.md`."""
    lines = [_MARKDOWN_HEAD]
    for section in sections():
        header = f"[[{section.place}]]" if section.many else f"[{section.place}]"
        note = " May be given many times." if section.many else " Not there by default." if section.optional else ""
        lines.append(f"\n## `{header}`\n\n{section.doc}{note}\n\n| option | kind | default | meaning |\n")
        lines.append("| --- | --- | --- | --- |\n")
        for option in section.options:
            default = f"`{option.default}`" if option.default else "required" if option.required else "not set"
            cells = (f"`{option.name}`", option.kind, default, option.sentence)
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return "".join(lines)


def _walk(struct: type[msgspec.Struct], place: str, many: bool, optional: bool) -> Iterator[Section]:
    options: list[Option] = []
    nested: list[tuple[type[msgspec.Struct], str, bool, bool]] = []
    for item in fields(struct):
        name = f"{place}.{item.encode_name}" if place else item.encode_name
        inner, listed = _struct_of(item.type)
        if inner is not None:
            nested.append((inner, name, listed, item.default is None))
        elif place:  # `Config.path` is no option: it is the file that was read
            options.append(_option(item, name))
    if place:
        yield Section(place, " ".join((struct.__doc__ or "").split()), many, optional, tuple(options))
    for inner, name, listed, missing in nested:
        yield from _walk(inner, name, listed, missing)


def _option(item: FieldInfo, place: str) -> Option:
    if item.default_factory is not msgspec.NODEFAULT:
        default = item.default_factory()
    else:
        default = item.default
    table, _, name = place.rpartition(".")
    example = EXAMPLES.get(f"oauth.{name}" if table.endswith(".oauth") else place)
    given = None if default is msgspec.NODEFAULT or default is None else _toml(default)
    if example is None and given is None:
        raise LookupError(f"{place} has no default; add what its example shows to EXAMPLES in {__name__}")
    return Option(
        name=item.encode_name,
        sentence=_sentence(item),
        kind=_kind(item.type),
        default=given,
        required=default is msgspec.NODEFAULT,
        shown=given or "" if example is None else _toml(example),
    )


def _sentence(item: FieldInfo) -> str:
    metas = [part for part in get_args(item.type)[1:] if isinstance(part, msgspec.Meta)]
    return next((meta.description for meta in metas if meta.description), "")


def _remark(option: Option) -> str:
    choices = f" {option.kind.capitalize()}." if option.kind.startswith("one of") else ""
    if option.required:
        return f"{choices} Required."
    return choices if option.default else f"{choices} Not set by default."


def _struct_of(kind: Any) -> tuple[type[msgspec.Struct] | None, bool]:
    """The struct inside a type, and whether it is a list of them."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind, False
    if get_origin(kind) is list:
        return _struct_of(get_args(kind)[0])[0], True
    if get_origin(kind) is Literal:
        return None, False
    for part in get_args(kind):
        found, listed = _struct_of(part)
        if found is not None:
            return found, listed
    return None, False


def _kind(kind: Any) -> str:
    """The type in words for a person."""
    if get_origin(kind) is typing.Annotated:
        return _kind(get_args(kind)[0])
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(get_args(kind))
    if get_origin(kind) is list:
        return f"list of {_kind(get_args(kind)[0])}s"
    if get_origin(kind) is dict:
        return "table of texts"
    inner = [part for part in get_args(kind) if part is not type(None)]
    if len(inner) == 1:
        return _kind(inner[0])
    words = {str: "text", int: "number", float: "number", bool: "true or false", timedelta: "duration", Size: "size"}
    return words[kind]


def _toml(value: object) -> str:
    """A value as TOML; durations and sizes as people write them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return f'"{format_duration(value)}"'
    if isinstance(value, Size):
        return f'"{format_size(value)}"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(part)}" for key, part in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.stdout.write(markdown_text() if sys.argv[1:] == ["markdown"] else example_text())
