"""Reads `config.toml` into a `Config`, and reports all faults at once with their place.

Takes a path or text; gives a `Config`. Raises ConfigError whose text lists every fault: unknown keys with a
suggestion, wrong types, wrong units, missing values, names that refer to nothing.
"""

import difflib
import os
import tomllib
import types
import typing
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from mailgate.config.schema import Config
from mailgate.config.units import Size, parse_duration, parse_size
from mailgate.config.verify import find_faults
from mailgate.errors import ConfigError


def find_config(given: str | None = None) -> Path:
    """The configuration file: `--config`, `MAILGATE_CONFIG`, `./config.toml`, `/etc/mailgate/config.toml`."""
    named = given or os.environ.get("MAILGATE_CONFIG")
    if named:
        return Path(named)
    for candidate in (Path("config.toml"), Path("/etc/mailgate/config.toml")):
        if candidate.exists():
            return candidate
    raise ConfigError(
        "No configuration was found (looked for --config, MAILGATE_CONFIG, ./config.toml and "
        "/etc/mailgate/config.toml). Make one with: mailgate init --dir DIR"
    )


def load_config(path: Path) -> Config:
    """Reads and validates the file. Raises ConfigError with every fault."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist. Make one with: mailgate init --dir {path.parent}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}. Check the file and its permissions.") from None
    return parse_config(text, str(path))


def parse_config(text: str, path: str = "") -> Config:
    """Reads and validates the text of a configuration. Raises ConfigError with every fault."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path or 'The configuration'} is not valid TOML: {error}.") from None
    faults: list[str] = []
    config = _fill(Config, document, "", faults)
    if not faults:
        config.path = path
        faults = find_faults(config)
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        raise ConfigError(f"{path or 'The configuration'} has {len(faults)} fault(s):\n{listed}")
    return typing.cast(Config, config)


def _fill(struct: type[msgspec.Struct], table: Any, place: str, faults: list[str]) -> Any:
    """Fills a struct from a table, field by field, so that one fault does not hide the next."""
    if not isinstance(table, dict):
        faults.append(f"{place or 'the file'}: expected a table")
        return None
    known = {item.encode_name: item for item in fields(struct) if item.name != "path"}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            close = difflib.get_close_matches(key, known, 1, 0.5)
            hint = f'; did you mean "{close[0]}"?' if close else f"; known here: {', '.join(sorted(known))}"
            faults.append(f"{_at(place, key)}: unknown option{hint}")
            continue
        before = len(faults)
        converted = _convert(known[key].type, value, _at(place, key), faults)
        if len(faults) == before:
            values[known[key].name] = converted
    for key, item in known.items():
        if item.required and key not in table:
            faults.append(f"{_at(place, key)}: missing; {_description(item)}")
    try:
        return struct(**values)
    except TypeError:
        return None


def _convert(kind: Any, value: Any, place: str, faults: list[str]) -> Any:
    kind = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _fill(kind, value, place, faults)
    if get_origin(kind) is list and _is_struct(get_args(kind)[0]):
        if not isinstance(value, list):
            faults.append(f"{place}: expected a list of tables, written [[{place}]]")
            return None
        return [_fill(get_args(kind)[0], item, f"{place}[{n}]", faults) for n, item in enumerate(value, 1)]
    try:
        if kind is timedelta:  # msgspec would read ISO 8601 durations where people write "90s"
            if not isinstance(value, str):
                raise ValueError(f'a duration needs a unit, such as "90s" or "5m" (got {value!r})')
            return parse_duration(value)
        return msgspec.convert(value, kind, strict=True, dec_hook=_unit)
    except (msgspec.ValidationError, ValueError) as error:
        faults.append(f"{place}: {_plain(error, value, place)}")
        return None


def _bare(kind: Any) -> Any:
    """The type inside Annotated, and the struct inside `Struct | None`."""
    if get_origin(kind) is typing.Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (typing.Union, types.UnionType):
        inner = [a for a in get_args(kind) if a is not type(None)]
        if len(inner) == 1:
            return _bare(inner[0])
    return kind


def _unit(kind: type, value: Any) -> Any:
    if kind is Size:
        return Size(value) if isinstance(value, int) and not isinstance(value, bool) else parse_size(str(value))
    raise ValueError(f"cannot read a {kind.__name__}")


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _at(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _description(item: FieldInfo) -> str:
    meta = [m for m in get_args(item.type)[1:] if isinstance(m, msgspec.Meta)]
    return (meta[0].description or "it is required") if meta else "it is required"


def _plain(error: Exception, value: Any, place: str) -> str:
    text = str(error).split(" - at ")[0]
    if any(word in place for word in ("password", "secret", "users")):
        return text  # a fault may land in a log, and so would what was written in the secret's place
    shown = (
        repr(value) if isinstance(value, str | int | float | bool) and len(repr(value)) < 60 else type(value).__name__
    )
    return f"{text} (got {shown})" if isinstance(error, msgspec.ValidationError) else text
