"""Durations and sizes as people write them: "90s", "5m", "3d", "25MB".

Takes text, gives `timedelta` or bytes as int. Raises ValueError with a sentence that says what to write.
Sizes are binary (1 KB = 1024 bytes), as Postfix and the message limits of other servers count.
"""

import re
from datetime import timedelta

_DURATION_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SIZE_UNITS = {"": 1, "B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}


class Size(int):
    """A number of bytes."""


def parse_duration(text: str) -> timedelta:
    """Reads `90s`, `1h30m`, `3d`; a bare number is refused because its unit would be a guess."""
    pieces = re.findall(r"(\d{1,9}(?:\.\d{1,3})?)\s*(ms|[smhdw])", text.strip())
    if not pieces or "".join(n + u for n, u in pieces) != re.sub(r"\s+", "", text):
        raise ValueError(f'"{text}" is not a duration; write a number with a unit, such as "90s", "5m", "2h" or "3d"')
    return timedelta(seconds=sum(float(n) * _DURATION_UNITS[u] for n, u in pieces))


def parse_size(text: str) -> Size:
    """Reads `25MB`, `64 KB`, `1GB` or plain bytes."""
    match = re.fullmatch(r"(\d{1,15})\s*([KMG]?B?)", text.strip().upper())
    if not match:
        raise ValueError(f'"{text}" is not a size; write a number with a unit, such as "25MB" or "64KB"')
    unit = match[2] if match[2] in _SIZE_UNITS else match[2] + "B"
    return Size(int(match[1]) * _SIZE_UNITS[unit])


def format_duration(value: timedelta) -> str:
    """The shortest way to write it back: 90 seconds are `90s`, 300 are `5m`."""
    seconds = value.total_seconds()
    for unit in ("w", "d", "h", "m"):
        if seconds and seconds % _DURATION_UNITS[unit] == 0 and (unit != "w" or seconds > 3 * 604800):
            return f"{int(seconds / _DURATION_UNITS[unit])}{unit}"
    return f"{seconds:g}s"


def format_size(value: int) -> str:
    """The shortest exact way to write it back."""
    for unit in ("GB", "MB", "KB"):
        if value and value % _SIZE_UNITS[unit] == 0:
            return f"{value // _SIZE_UNITS[unit]}{unit}"
    return f"{value}B"
