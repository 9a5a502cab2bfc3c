"""Health and metrics: what monitoring systems ask.

Takes the store, the configuration and the daemon's numbers; gives a status with a small answer, and Prometheus text.
Promises: nothing in either says anything about people or tickets; each number comes from a tally or over an index.
Standards: the Prometheus text exposition format, version 0.0.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mailgate import __version__, clock, log
from mailgate.config import Config
from mailgate.store import Reader, Store, accounts, figures, ledger, outbox

_log = log.get("web")
CONTENT_TYPE = "text/plain; version=0.0.4"
_FILED = ("new_ticket", "reply", "duplicate", "deleted")
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_NO_LABELS: Mapping[str, str] = {}
Samples = Iterable[tuple[Mapping[str, str], float]]


class Durations:
    """How long something took, counted in buckets; used by one thread. `shown` is what `numbers()["histograms"]` holds."""

    def __init__(self, what: str, bounds: Sequence[float] = _BOUNDS) -> None:
        self._what = what
        self._bounds = tuple(bounds)
        self._counts = [0] * len(self._bounds)
        self._sum, self._count = 0.0, 0

    def add(self, seconds: float) -> None:
        """Counts one."""
        self._sum += seconds
        self._count += 1
        for number, bound in enumerate(self._bounds):
            if seconds <= bound:
                self._counts[number] += 1

    def shown(self) -> dict[str, Any]:
        """The counts so far."""
        buckets = list(zip(self._bounds, self._counts, strict=True))
        return {"help": self._what, "buckets": buckets, "sum": round(self._sum, 6), "count": self._count}


def health(store: Store, numbers: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """HTTP status and answer: 200 while every hand lives and the database answers a read, else 503 with the reason."""
    stuck = list(numbers.get("stuck", ()))
    if stuck:
        return 503, {"status": "stuck", "stuck": stuck}
    try:
        with store.read() as db:
            figures.answers(db)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the database, the answer is the same
        _log.error("unhealthy", error=str(error))
        return 503, {"status": "no database"}
    return 200, {"status": "ok"}


def metrics(
    store: Store, config: Config, numbers: Mapping[str, Any], requests: Mapping[str, int], durations: Durations
) -> str:
    """All metrics. A database that cannot be read leaves the daemon's own numbers, and `mailgate_up` 0."""
    text = _Text()
    text.add("build_info", "gauge", "The version that runs.", [({"version": __version__}, 1)])
    stuck = list(numbers.get("stuck", ()))
    try:
        with store.read() as db:
            _of_store(text, config, db)
        readable = True
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the database, the other numbers are told
        _log.error("metrics without database", error=str(error))
        readable = False
    text.one("up", "gauge", "Whether every hand lives and the database answers.", readable and not stuck)
    text.add("hand_stuck", "gauge", "Hands without a sign of life.", [({"hand": name}, 1) for name in stuck])
    smtp: Mapping[str, int] = numbers.get("smtp", {})
    for key, what in (
        ("connections", "SMTP and LMTP connections."),
        ("received", "Messages taken by SMTP and LMTP."),
        ("refused", "Commands and messages refused for good by SMTP and LMTP."),
        ("failed", "Messages put off by SMTP and LMTP because of trouble here."),
    ):
        text.one(f"smtp_{key}_total", "counter", what, smtp.get(key, 0))
    text.one("smtp_open_connections", "gauge", "SMTP and LMTP connections now.", smtp.get("open", 0))
    outcomes: Mapping[str, int] = numbers.get("outcomes", {})
    text.add("intake_outcomes_total", "counter", "What intake decided since the start.", _labelled("outcome", outcomes))
    deliveries: Mapping[str, int] = numbers.get("deliveries", {})
    text.add("deliveries_total", "counter", "Answers of the relay since the start.", _labelled("result", deliveries))
    text.add("web_requests_total", "counter", "Web requests since the start.", _labelled("status", requests))
    histograms = {"web_request_seconds": durations.shown(), **numbers.get("histograms", {})}
    for name, histogram in histograms.items():
        text.histogram(name, histogram)
    return str(text)


def _of_store(text: _Text, config: Config, db: Reader) -> None:
    tallies = figures.tallies(db)
    text.one("received_total", "counter", "Messages ever received, from all sources.", tallies.get("received", 0))
    filed = {name: tallies.get(name, 0) for name in _FILED}
    text.add("messages_filed", "gauge", "Messages in the ledger by outcome.", _labelled("outcome", filed))
    text.one("messages_held", "gauge", "Messages that are held.", tallies.get("held", 0))
    text.one("messages_failed", "gauge", "Messages that were set aside.", tallies.get("failed", 0))
    for name, what, (waiting, oldest) in (
        ("spool", "Messages that wait for intake", ledger.depth(db)),
        ("events", "Events that wait for the reactor", figures.events_waiting(db)),
        ("outbox", "Letters that wait to be sent", outbox.depth(db)),
    ):
        text.one(f"{name}_depth", "gauge", f"{what}.", waiting)
        age = 0.0 if oldest is None else max(0.0, clock.now() - oldest)
        text.one(f"{name}_oldest_seconds", "gauge", f"{what}: age of the oldest.", round(age, 3))
    states = accounts.states(db)
    polled = [(account, states.get(account.name)) for account in config.account]
    text.add(
        "account_enabled", "gauge", "Whether a polled account is enabled.",
        [({"account": a.name}, not a.disabled and (s is None or s.enabled)) for a, s in polled],
    )  # fmt: skip
    text.add(
        "account_failures", "gauge", "Failures of a polled account in a row.",
        [({"account": a.name}, s.failures if s else 0) for a, s in polled],
    )  # fmt: skip
    text.add(
        "account_fetched_total", "counter", "Messages ever fetched from an account.",
        [({"account": a.name}, s.fetched_total if s else 0) for a, s in polled],
    )  # fmt: skip


class _Text:
    """The exposition text as it grows."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def one(self, name: str, kind: str, what: str, value: float) -> None:
        """One number without labels."""
        self.add(name, kind, what, [(_NO_LABELS, value)])

    def add(self, name: str, kind: str, what: str, samples: Samples) -> None:
        """A metric and its samples."""
        self._lines += [f"# HELP mailgate_{name} {what}", f"# TYPE mailgate_{name} {kind}"]
        self._lines += [f"mailgate_{name}{_labels(labels)} {_number(value)}" for labels, value in samples]

    def histogram(self, name: str, given: Mapping[str, Any]) -> None:
        """`{"help", "buckets": [(upper bound, count at most that)], "sum", "count"}`; counts are cumulative."""
        self._lines += [f"# HELP mailgate_{name} {given.get('help', name)}", f"# TYPE mailgate_{name} histogram"]
        for bound, count in given["buckets"]:
            self._lines.append(f'mailgate_{name}_bucket{{le="{_number(bound)}"}} {_number(count)}')
        self._lines.append(f'mailgate_{name}_bucket{{le="+Inf"}} {_number(given["count"])}')
        self._lines.append(f"mailgate_{name}_sum {_number(given['sum'])}")
        self._lines.append(f"mailgate_{name}_count {_number(given['count'])}")

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"


def _labelled(label: str, counts: Mapping[str, int]) -> Samples:
    return [({label: name}, count) for name, count in sorted(counts.items())]


def _labels(labels: Mapping[str, str]) -> str:
    def escaped(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in labels.items()) + "}" if labels else ""


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
