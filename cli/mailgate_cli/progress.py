"""Progress of long work, on a terminal: a bar on stderr, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click

from mailgate import clock

_REDRAW_SECONDS = 0.2


class Update(Protocol):
    """How far the work is."""

    def __call__(self, done: int, total: int, words: str = "") -> None: ...


@contextmanager
def bar(label: str) -> Iterator[Update]:
    """A bar; the block gets a function of (done, total[, words]). `total` may grow, where it is still being counted."""
    if not sys.stderr.isatty():
        yield lambda done, total, words="": None
        return
    # Without a least step, so that the last words are drawn even where the bar was full before.
    with click.progressbar(
        length=1,
        label=label,
        file=sys.stderr,
        show_eta=False,
        item_show_func=lambda words: words or "",
        update_min_steps=0,
    ) as shown:
        drawn = [0.0]

        def update(done: int, total: int, words: str = "") -> None:
            if clock.monotonic() - drawn[0] < _REDRAW_SECONDS and done < total:
                return
            drawn[0] = clock.monotonic()
            shown.length = max(total, 1)
            shown.update(done - shown.pos, words)

        yield update
        shown.update((shown.length or 1) - shown.pos, shown.current_item)  # work that had nothing to count is done, too
