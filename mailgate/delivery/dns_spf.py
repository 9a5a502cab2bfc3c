"""An SPF record looked over: how many there are, how many look-ups they need, what they say in the end.

Takes the look-ups of one inspection and a domain; gives a `Report`. Promises: bounded in records, depth and questions;
a record that includes itself ends.
Standard: RFC 7208 sections 3.2 (one record), 4.6.4 (ten look-ups), 5.1 (all), 6.1 (redirect).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailgate.screen.authentication.resolver import Lookups, ascii_domain

MOST_LOOKUPS = 10
_STOP = 40
_TERM = re.compile(r"([-+~?]?)([a-z0-9]+)(?:([:=/])(.*))?", re.IGNORECASE)
_COUNTED = ("include", "a", "mx", "ptr", "exists")
_FREE = ("all", "ip4", "ip6")


@dataclass(slots=True)
class Report:
    """The SPF records of a domain, the look-ups they need in all, and what is wrong with them."""

    records: list[str] = field(default_factory=list)
    lookups: int = 0
    warnings: list[str] = field(default_factory=list)


def inspect(lookups: Lookups, domain: str) -> Report:
    """Looks a domain's SPF over, with everything it includes. Raises DnsTrouble."""
    report = Report(records=_records(lookups, domain))
    if len(report.records) > 1:
        report.warnings.append(f"there are {len(report.records)} SPF records, so none counts; merge them into one")
    if len(report.records) == 1:
        _walk(lookups, report, domain, report.records[0], {domain}, True)
        if report.lookups > MOST_LOOKUPS:
            more = "more than " if report.lookups >= _STOP else ""
            report.warnings.append(
                f"the SPF record needs {more}{report.lookups} look-ups; receivers stop at {MOST_LOOKUPS} and it counts "
                "as broken: take out what is not used, or name addresses with ip4: and ip6:"
            )
    return report


def _records(lookups: Lookups, domain: str) -> list[str]:
    texts = [text.decode("utf-8", "replace").strip() for text in lookups.texts(domain)]
    return [text for text in texts if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]


def _walk(lookups: Lookups, report: Report, domain: str, record: str, above: set[str], outermost: bool) -> None:
    """Counts one record and those it names; only the outermost one is judged by its end."""
    last, redirect = None, None
    for word in record.split()[1:200]:
        found = _TERM.fullmatch(word)
        name = found[2].lower() if found else ""
        if found is None or (found[3] != "=" and name not in (*_COUNTED, *_FREE)):
            report.warnings.append(f"the SPF record of {domain} holds {word[:60]!r}, which makes all of it invalid")
            continue
        if found[3] == "=":
            redirect = found[4] if name == "redirect" else redirect
        elif name == "all":
            last = found[1] or "+"
            break
        elif name in _COUNTED:
            report.lookups += 1
            if name == "include":
                _enter(lookups, report, domain, found[4] or "", above)
        if report.lookups >= _STOP:
            return
    if last is None and redirect is not None:
        report.lookups += 1
        _enter(lookups, report, domain, redirect, above)
    elif outermost and last is None:
        report.warnings.append('the SPF record does not end with "all", so it forbids nothing; end it with ~all')
    elif outermost and last in ("+", "?"):
        report.warnings.append(f'the SPF record ends with "{last}all", which lets everybody send; end it with ~all')


def _enter(lookups: Lookups, report: Report, domain: str, target: str, above: set[str]) -> None:
    """Follows include and redirect. A name with macros depends on the message and is only counted."""
    if "%" in target or report.lookups >= _STOP:
        return
    name = ascii_domain(target)
    if name is None or name in above:
        what = "itself" if name in above else f"{target[:80]!r}, which is no domain"
        report.warnings.append(f"the SPF record of {domain} includes {what}")
        return
    records = _records(lookups, name)
    if len(records) != 1:
        count = "no" if not records else "more than one"
        report.warnings.append(f"{domain} includes {name}, which has {count} SPF record; that makes all of it invalid")
        return
    _walk(lookups, report, name, records[0], above | {name}, False)
