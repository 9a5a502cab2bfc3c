"""Asks the scanners of the configuration what they think of a message, all at once, each with its time-out.

Takes a sample; gives one plain dict for each scanner that is enabled (`Result.as_dict`), in a fixed order.
Promises: never raises; never takes longer than the longest time-out and a moment, even where a scanner hangs in a place
that no time-out reaches; one that hangs all the time is waited for more briefly (`patience.py`). Knows nothing of replies:
what a result means for the message is said in `screen/scanners.py`.
"""

from __future__ import annotations

import http.client
import queue
import threading
from collections.abc import Callable
from copy import copy
from datetime import timedelta
from functools import partial
from typing import Any

from mailgate import clock, log
from mailgate.config.schema import Screen
from mailgate.screen.scan import clamav, rspamd, spamassassin
from mailgate.screen.scan.patience import Patience
from mailgate.screen.scan.sample import Content, Result, Sample, failed

__all__ = ["Content", "Sample", "is_wanted", "probe", "scan", "wait_seconds"]

_GRACE_SECONDS = 2.0
"""Beyond the time-out, for a scanner's thread to say that it is over."""
_PROBE_SECONDS = 3.0
_TROUBLE = (OSError, http.client.HTTPException, ValueError)
_patience = Patience()
_log = log.get("screen")


def is_wanted(config: Screen) -> bool:
    """Whether any scanner is enabled."""
    return config.rspamd.enabled or config.spamassassin.enabled or config.clamav.enabled


def wait_seconds(config: Screen) -> float:
    """The longest that `scan` may take."""
    enabled = [part.timeout.total_seconds() for _, part in _parts(config) if part.enabled]
    return max(enabled) + _GRACE_SECONDS if enabled else 0.0


def scan(sample: Sample, config: Screen) -> list[dict[str, Any]]:
    """Asks every enabled scanner at the same time."""
    asked: list[tuple[str, queue.SimpleQueue[Result], float]] = []
    for name, ask, seconds in _questions(sample, config):
        answers: queue.SimpleQueue[Result] = queue.SimpleQueue()
        threading.Thread(target=_ask, args=(name, ask, seconds, answers), name=f"scan-{name}", daemon=True).start()
        asked.append((name, answers, clock.monotonic() + seconds + _GRACE_SECONDS))
    found = []
    for name, answers, ends_at in asked:
        try:
            result = answers.get(timeout=max(0.0, ends_at - clock.monotonic()))
        except queue.Empty:
            result = failed(name, "no answer, and no end of waiting for it")
            _note(name, timed_out=True)
        if result.error:
            _log.warning("scanner failed", scanner=name, error=result.error)
        found.append(result.as_dict())
    return found


def probe(config: Screen) -> list[tuple[str, bool, str]]:
    """Whether each enabled scanner answers: name, yes or no, and a sentence. Takes seconds at most, never raises."""
    pings: dict[str, Callable[[], str]] = {
        rspamd.NAME: lambda: rspamd.ping(config.rspamd, _PROBE_SECONDS),
        spamassassin.NAME: lambda: spamassassin.ping(config.spamassassin, _PROBE_SECONDS),
        clamav.NAME: lambda: clamav.ping(config.clamav, _PROBE_SECONDS),
    }
    found = []
    for name, part in _parts(config):
        if not part.enabled:
            continue
        try:
            found.append((name, True, pings[name]()))
        except _TROUBLE as error:
            found.append((name, False, _reason(error, _PROBE_SECONDS)))
    return found


def _parts(config: Screen) -> list[tuple[str, Any]]:
    return [(rspamd.NAME, config.rspamd), (spamassassin.NAME, config.spamassassin), (clamav.NAME, config.clamav)]


def _questions(sample: Sample, config: Screen) -> list[tuple[str, Callable[[], Result], float]]:
    asks: dict[str, Callable[[Sample, Any], Result]] = {
        rspamd.NAME: rspamd.ask,
        spamassassin.NAME: spamassassin.ask,
        clamav.NAME: clamav.ask,
    }
    found: list[tuple[str, Callable[[], Result], float]] = []
    for name, part in _parts(config):
        if part.enabled:
            seconds = _patience.seconds(name, part.timeout.total_seconds())
            settings = copy(part)
            settings.timeout = timedelta(seconds=seconds)
            found.append((name, partial(asks[name], sample, settings), seconds))
    return found


def _note(name: str, timed_out: bool) -> None:
    hangs = _patience.note(name, timed_out)
    if hangs is not None:
        _log.warning("scanner hangs", scanner=name) if hangs else _log.info("scanner works again", scanner=name)


def _ask(name: str, ask: Callable[[], Result], seconds: float, answers: queue.SimpleQueue[Result]) -> None:
    started = clock.monotonic()
    timed_out = False
    try:
        result = ask()
    except _TROUBLE as error:
        timed_out = isinstance(error, TimeoutError)
        result = failed(name, _reason(error, seconds))
    except Exception as error:  # noqa: BLE001 - a fault in a scanner's client must not cost the message
        _log.error("scanner failed", exc_info=True, scanner=name)
        result = failed(name, f"{type(error).__name__}: {error}")
    _note(name, timed_out)
    result.seconds = round(clock.monotonic() - started, 4)
    answers.put(result)


def _reason(error: Exception, seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {seconds:g} s"
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return str(error) or type(error).__name__
