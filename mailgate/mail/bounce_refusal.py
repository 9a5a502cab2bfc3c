"""Refusals by a recipient's filter: bounces that come in the clothes of a receipt.

Takes a parsed message whose report is a disposition notification; gives the addresses that refused, None for every
other receipt. Promises: never raises; a mail that was read, or deleted unread, is never one of these.
Standards: RFC 3028 section 4.1 and RFC 5429 section 2.2 (sieve `reject`, answered by a disposition notification),
RFC 8098 section 3.2.6 (the disposition).
"""

from __future__ import annotations

import re

from mailgate.mail.bounce_dsn import Outcome, read_outcomes
from mailgate.mail.bounce_voice import submitted
from mailgate.mail.fold import squeeze
from mailgate.mail.message import ParsedMessage

_DISPOSED = re.compile(
    rb"^disposition[ \t]*:[ \t]*automatic-action[^;\r\n]*;\s*(?:deleted|denied|failed)\b", re.I | re.M
)
_REFUSED = re.compile(
    r"\b(?:automatically (?:rejected|refused)|(?:was|been|is) (?:rejected|refused)|rejected by|refused by"
    r"|abgelehnt|abgewiesen|zuruckgewiesen|refuse|rejete|rechazado|recusada|rejeitada|respinto|rifiutato|geweigerd"
    r"|reddedil\w{0,8}|odrzucon\w{0,4}|odmitnut\w{0,2}|отклонен\w{0,2}|отвергнут\w{0,2})\b"
)


def read_refusal(message: ParsedMessage) -> list[Outcome]:
    """Who refused the mail, by the fields of the notification; empty where it tells of something else."""
    report = message.report
    if report is None or report.report_type != "disposition-notification" or not report.status:
        return []
    if not _DISPOSED.search(report.status[:16384]):
        return []
    if "reject" not in submitted(message) and not _REFUSED.search(squeeze(f"{message.subject} {message.text[:2000]}")):
        return []
    return read_outcomes(report.status)
