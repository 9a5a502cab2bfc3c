"""Structured logs: one line a decision, with fields, never with bodies or secrets.

Takes `event, **fields` through `get(room)`; gives JSON lines (`--log-format json`) or `key=value` text on stderr,
which journald keeps. Promises: a field named like a secret is never printed, line ends in values are escaped
(no forged lines), a log that cannot be written never stops mail.
"""

import json
import logging
import sys
from functools import cache
from typing import Any

from mailgate import clock

_SECRET_WORDS = ("password", "secret", "token", "authorization")
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class Logger:
    """Writes decisions of one room: `log.info("accepted", queue_id=..., size=...)`."""

    def __init__(self, room: str, **bound: object) -> None:
        self._logger = logging.getLogger(f"mailgate.{room}")
        self._bound = bound

    def bind(self, **fields: object) -> "Logger":
        """The same logger with fields that every line carries, such as `queue_id`."""
        other = Logger.__new__(Logger)
        other._logger = self._logger
        other._bound = {**self._bound, **fields}
        return other

    def debug(self, event: str, **fields: object) -> None:
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, exc_info: bool = False, **fields: object) -> None:
        self._write(logging.ERROR, event, fields, exc_info)

    def _write(self, level: int, event: str, fields: dict[str, object], exc_info: bool = False) -> None:
        logger = self._logger
        if not logger.isEnabledFor(level):
            return
        # Made by hand: `Logger.log` looks for the caller's line, which is never printed, and that costs as much again.
        record = logging.LogRecord(logger.name, level, "", 0, event, (), sys.exc_info() if exc_info else None)
        record.fields = {**self._bound, **fields}
        logger.handle(record)


def get(room: str) -> Logger:
    """The logger of one room."""
    return Logger(room)


def setup(level: str = "info", style: str = "text") -> None:
    """Sends all lines to stderr, as `text` (key=value) or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter() if style == "json" else _TextFormatter())
    root = logging.getLogger("mailgate")
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS.get(level, logging.INFO))
    root.propagate = False
    logging.raiseExceptions = False


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    given: dict[str, Any] = getattr(record, "fields", {})
    return {key: "…" if _is_secret(key) else value for key, value in given.items() if value is not None}


@cache
def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in _SECRET_WORDS)


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        room = record.name.removeprefix("mailgate.")
        pairs = " ".join(f"{key}={_plain(value)}" for key, value in _fields(record).items())
        line = f"{clock.iso(record.created)} {record.levelname.lower()} {room}: {_one_line(record.getMessage())}"
        line = f"{line} {pairs}" if pairs else line
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": clock.iso(record.created),
            "level": record.levelname.lower(),
            "room": record.name.removeprefix("mailgate."),
            "event": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        text = json.dumps(line, ensure_ascii=False, default=str)
        # C1 controls and U+2028 are legal in JSON, and neither a terminal nor a reader of lines takes them for text.
        return text if text.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def _plain(value: object) -> str:
    text = _one_line(str(value))
    quoted = not text or " " in text or '"' in text or "=" in text
    return json.dumps(text, ensure_ascii=False) if quoted else text


def _one_line(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
