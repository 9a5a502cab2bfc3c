"""The order of the checks, as a table that can be read: the first verdict that holds a message decides.

Takes a `Case`; gives the deciding verdict, the marks of the others, and one trace line for every check that was asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mailgate.screen import authenticity, automatic, bounces, loops, noreply, own_mail, scanners, unregistered
from mailgate.screen.case import Case, Verdict

CHECKS: tuple[tuple[str, Callable[[Case], Verdict | None]], ...] = (
    ("bounce", bounces.check),
    ("own mail", own_mail.check),
    ("automatic reply", automatic.check),
    ("virus", scanners.check_virus),
    ("spam", scanners.check_spam),
    ("scanned", scanners.check_scanned),
    ("authentication", authenticity.check),
    ("noreply", noreply.check),
    ("loop", loops.check),
    ("unregistered", unregistered.check),
)

NORMAL = Verdict("normal", "an ordinary message", hold=False)


@dataclass(slots=True)
class Screening:
    """What all checks said together."""

    verdict: Verdict
    marks: list[str] = field(default_factory=list)
    trace: list[dict[str, Any]] = field(default_factory=list)


def screen(case: Case, released: bool = False) -> Screening:
    """Asks the checks in order. A released message is asked too, so that it is marked, but never held again."""
    result = Screening(NORMAL)
    for name, check in CHECKS:
        verdict = check(case)
        if verdict is None:
            result.trace.append({"step": name, "result": "pass", "detail": ""})
            continue
        result.trace.append(
            {"step": name, "result": verdict.class_ if verdict.hold else "mark", "detail": verdict.reason}
        )
        if verdict.mark:
            result.marks.append(verdict.mark)
        if verdict.hold and not released:
            result.verdict = verdict
            return result
    return result
