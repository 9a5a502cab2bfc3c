"""What the scanners said: viruses by name, spam by score, and mail that nobody looked at.

Takes `findings["scans"]`, a list of what each scanner answered (`scan/sample.py`), and the header fields of an MTA in
front where the configuration believes them; gives verdicts for intake and, at SMTP time, the refusal.
Promises: what could have been refused at SMTP time and was not is held; a scanner that gave no answer never loses mail.
"""

from typing import Any

from mailgate.config.schema import Screen
from mailgate.screen.case import Case, Verdict

_VIRUS = "550 5.7.1 The message holds a virus and is not accepted"
_SPAM = "550 5.7.1 The message looks like spam and is not accepted"
_LATER = "451 4.7.1 The message cannot be checked right now, try again later"


def check_virus(case: Case) -> Verdict | None:
    """Class `virus` where a scanner named one."""
    for scan in case.findings.get("scans", ()):
        if scan.get("virus"):
            return Verdict("virus", f"{scan['scanner']} found {scan['virus']}")
    return None


def check_spam(case: Case) -> Verdict | None:
    """Class `spam` from a scanner's hold score on; below it, from the tag score on, the mark "spam"."""
    marked = None
    for scan in case.findings.get("scans", ()):
        if scan.get("action") in ("hold", "reject"):
            return Verdict("spam", _points(scan))
        if scan.get("action") == "tag":
            marked = Verdict("normal", _points(scan), hold=False, mark="spam")
    if case.config.screen.trusted_spam_headers:
        flag = (case.message.header.first("X-Spam-Flag") or "").strip().lower()
        status = (case.message.header.first("X-Spam-Status") or "").strip().lower()
        if flag.startswith("yes") or status.startswith("yes"):
            return Verdict("spam", f"the mail server in front says spam (X-Spam-Flag: {flag or status[:60]})")
    return marked


def check_scanned(case: Case) -> Verdict | None:
    """Marks "unscanned" what came through although a scanner did not look at it."""
    why = [
        f"{scan['scanner']}: {scan.get('error') or scan.get('detail')}"
        for scan in case.findings.get("scans", ())
        if scan.get("unscanned")
    ]
    return Verdict("normal", "; ".join(why), hold=False, mark="unscanned") if why else None


def trace(findings: dict[str, Any]) -> list[dict[str, Any]]:
    """What scanners and authentication said, number by number, for the trace that `message why` shows."""
    lines = []
    for scan in findings.get("scans", ()):
        result = scan.get("virus") or scan.get("error") or scan.get("action") or "clean"
        score = "" if scan.get("score") is None else f"{scan['score']:g} points"
        detail = " ".join(part for part in (score, scan.get("detail"), f"({scan.get('seconds', 0):g} s)") if part)
        lines.append({"step": scan["scanner"], "result": str(result), "detail": detail})
    results = findings.get("authentication")
    if isinstance(results, dict):
        lines.append({"step": "proof", "result": f"dmarc {results.get('dmarc')}", "detail": results.get("detail", "")})
    return lines


def refusal(scans: list[dict[str, Any]], config: Screen) -> str | None:
    """The reply that refuses a message at SMTP time, or None: viruses first, then spam, then what cannot be checked."""
    if config.clamav.reject and any(scan["virus"] for scan in scans):
        return _VIRUS
    if any(scan["action"] == "reject" for scan in scans):
        return _SPAM
    policies = {
        "rspamd": config.rspamd.on_failure,
        "spamassassin": config.spamassassin.on_failure,
        "clamav": config.clamav.on_failure,
    }
    if any(scan["error"] and policies[scan["scanner"]] == "defer" for scan in scans):
        return _LATER
    return None


def _points(scan: dict[str, Any]) -> str:
    detail = scan.get("detail")
    return f"{scan['scanner']} gave {scan['score']:g} points" + (f": {detail}" if detail else "")
