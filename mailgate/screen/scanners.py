"""What the scanners said: spam by score, viruses by name, and mail that could not be scanned.

Takes `findings["scans"]`, a list of what each scanner answered (see `scan.py`), and the headers of an upstream MTA where the
configuration believes them.
"""

from mailgate.screen.case import Case, Verdict


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
        if scan.get("error"):
            marked = Verdict("normal", f"{scan['scanner']}: {scan['error']}", hold=False, mark="unscanned")
        elif scan.get("action") == "hold":
            return Verdict(
                "spam", f"{scan['scanner']} gave {scan['score']:g} points: {scan.get('detail', '')}".rstrip(": ")
            )
        elif scan.get("action") == "tag":
            marked = Verdict("normal", f"{scan['scanner']} gave {scan['score']:g} points", hold=False, mark="spam")
    if case.config.screen.trusted_spam_headers:
        flag = (case.message.header.first("X-Spam-Flag") or "").strip().lower()
        status = (case.message.header.first("X-Spam-Status") or "").strip().lower()
        if flag.startswith("yes") or status.startswith("yes"):
            return Verdict("spam", f"the mail server in front says spam (X-Spam-Flag: {flag or status[:60]})")
    return marked
