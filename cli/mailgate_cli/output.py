"""What commands print: sentences, tables, JSON and CSV, each in the form its reader needs.

Takes rows and values; gives text on stdout. Promises: colours and fitted tables only on a terminal (and not where
NO_COLOR is set), tab-separated lines elsewhere; JSON and CSV are UTF-8 whatever the locale says; a list is printed as it comes,
in bounded memory; a cell of CSV is never a formula for a spreadsheet. Standards: RFC 8259 (JSON), RFC 4180 (CSV).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

import click

from mailgate import clock
from mailgate_cli.text import cut, pad, safe, width

_NARROWEST = 4
_WIDEST = 1000
_CHUNK = 64 * 1024
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_AGES = ((86400, "d"), (3600, "h"), (60, "m"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `flexible` ones give way where the terminal is narrow."""

    title: str
    flexible: bool = False
    right: bool = False
    minimum: int = 8


def on_terminal() -> bool:
    """Whether a person reads stdout."""
    return sys.stdout.isatty()


def screen() -> tuple[int, int]:
    """Columns and lines of the terminal; 80 columns and 24 lines where there is none."""
    size = shutil.get_terminal_size((80, 24))
    return max(size.columns, 40), max(size.lines, 10)


def styled(text: str, **style: Any) -> str:
    """The text with colour or weight, where stdout is a terminal that wants it."""
    if not on_terminal() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return click.style(text, **style)


def say(line: str = "") -> None:
    """Prints one line on stdout."""
    sys.stdout.write(line + "\n")


def warn(sentence: str) -> None:
    """Prints one line on stderr."""
    click.echo(sentence, err=True)


def finding() -> NoReturn:
    """Ends the command with exit code 1: it was refused in part, or found something."""
    raise click.exceptions.Exit(1)


def print_json(value: object) -> None:
    """Prints one JSON document."""
    import json

    # Lone surrogates can only come from arguments that are no UTF-8; JSON could not carry them.
    print_bytes((json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace"))


def print_json_list(items: Iterable[object]) -> None:
    """Prints one JSON list, an item a line, as they come."""
    encode = _encoder()
    before, chunk = b"[\n", bytearray()
    for item in items:
        chunk += before + encode(item)
        before = b",\n"
        if len(chunk) > _CHUNK:
            print_bytes(bytes(chunk))
            chunk.clear()
    print_bytes(bytes(chunk) + (b"[]\n" if before == b"[\n" else b"\n]\n"))


def print_json_lines(item: object) -> None:
    """Prints one JSON object on a line of its own."""
    print_bytes(_encoder()(item) + b"\n")


def _encoder() -> Callable[[object], bytes]:
    """msgspec's encoder, ten times faster than the standard library's, which a long list needs."""
    import msgspec

    return msgspec.json.Encoder(enc_hook=str).encode


def print_bytes(data: bytes) -> None:
    """Prints bytes unchanged."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def print_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints CSV with a header line. Text that a spreadsheet would calculate is led by an apostrophe."""
    import csv
    import io

    sys.stdout.flush()
    # UTF-8 like JSON, whatever the locale says: what reads it is a program.
    text = io.TextIOWrapper(sys.stdout.buffer, "utf-8", errors="backslashreplace", newline="")
    try:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow([_cell(value) for value in row])
        text.flush()
    finally:
        text.detach()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return "" if value is None else value


def print_table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], marks: Mapping[int, str] | None = None
) -> None:
    """Prints rows: a table that fits the terminal, or tab-separated lines. `marks` gives rows (by number) a colour."""
    if not on_terminal():
        for row in rows:
            say("\t".join(safe(cell) for cell in row))
        return
    if not rows:
        return
    # No terminal is wider; a subject of a megabyte is not measured letter by letter.
    clean = [[safe(cell[:_WIDEST]) for cell in row] for row in rows]
    widths = _widths(columns, clean, screen()[0])
    titles = "  ".join(pad(c.title, w, c.right) for c, w in zip(columns, widths, strict=True))
    say(styled(titles.rstrip(), bold=True))
    for number, row in enumerate(clean):
        line = "  ".join(pad(cell, w, c.right) for c, cell, w in zip(columns, row, widths, strict=True)).rstrip()
        colour = (marks or {}).get(number)
        say(styled(line, fg=colour) if colour else line)


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Natural widths; where they do not fit, the widest flexible column gives way first, in need below its minimum."""
    widths = [max(width(c.title), *(width(row[n]) for row in rows)) for n, c in enumerate(columns)]
    room -= 2 * (len(columns) - 1)
    for minimums in ([max(c.minimum, width(c.title)) for c in columns], [_NARROWEST] * len(columns)):
        while sum(widths) > room:
            able = [n for n, c in enumerate(columns) if c.flexible and widths[n] > minimums[n]]
            if not able:
                break
            widths[max(able, key=lambda n: widths[n])] -= 1
    return widths


def more(shown: int, total: int, hint: str = "use --limit or filters") -> None:
    """Says that a list was cut, after a table; on stderr where stdout is not a terminal."""
    if total > shown:
        line = f"… and {total - shown:,} more; {hint}"
        if on_terminal():
            say(styled(line, dim=True))
        else:
            warn(line)


def person(name: str | None, address: str | None) -> dict[str, str | None] | None:
    """A person in JSON; None where nothing is known."""
    return {"name": name or None, "address": address or None} if name or address else None


def when(at: float | None) -> str:
    """A time for a person to read, in the time zone of this machine; "" for None."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def age(at: float | None) -> str:
    """How long ago, in one number and unit; on anything but a terminal the time itself."""
    if at is None:
        return ""
    if not on_terminal():
        return clock.iso(at) or ""
    seconds = clock.now() - at
    for unit, letter in _AGES:
        if abs(seconds) >= unit:
            return f"{int(seconds // unit)}{letter}"
    return "now"


def size(number: int) -> str:
    """A size in bytes for a person to read."""
    amount = float(number)
    for unit in ("B", "KB", "MB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GB"


def short(text: object, columns: int) -> str:
    """A harmless line of at most so many columns."""
    return cut(safe(text), columns)
