"""Who the sender really is: what SPF, DKIM, DMARC and ARC said, and what powers follow (inbound.md section 5).

Takes `findings["authentication"]` (checked here at SMTP time, or believed from a configured host), SMTP AUTH and
trusted sources. A failed DMARC policy never holds mail; it takes the sender's standing away.
"""

from mailgate.screen.case import Case, Verdict


def check(case: Case) -> Verdict | None:
    """Marks "spoofed" where the From domain's DMARC policy failed."""
    if dmarc_failed(case.findings):
        author = case.message.author
        domain = author.domain if author else "the sender's domain"
        return Verdict(
            "normal", f"DMARC of {domain} failed: the sender counts as a stranger", hold=False, mark="spoofed"
        )
    return None


def dmarc_failed(findings: dict[str, object]) -> bool:
    """Whether the message failed its From domain's DMARC policy."""
    results = findings.get("authentication")
    return isinstance(results, dict) and results.get("dmarc") == "fail"


def is_authenticated(findings: dict[str, object]) -> bool:
    """Whether the From address is proven: DMARC-aligned pass, SMTP AUTH as that user, or a trusted source."""
    if dmarc_failed(findings):
        return False
    results = findings.get("authentication")
    passed = isinstance(results, dict) and results.get("dmarc") == "pass"
    return passed or bool(findings.get("smtp_auth")) or bool(findings.get("trusted_source"))
