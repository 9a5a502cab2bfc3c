"""Progress of long work, on a terminal: a bar on stderr, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from mailgate import clock

_REDRAW_SECONDS = 0.2


@contextmanager
def bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar; the block gets a function of (done, total). `total` may grow, as where mail is still being counted."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr, show_pos=False) as shown:
        drawn = [0.0]

        def update(done: int, total: int) -> None:
            if clock.monotonic() - drawn[0] < _REDRAW_SECONDS and done < total:
                return
            drawn[0] = clock.monotonic()
            shown.length = max(total, 1)
            shown.update(done - shown.pos)

        yield update
