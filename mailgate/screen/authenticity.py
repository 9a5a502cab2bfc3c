"""Who the sender really is: what SPF, DKIM, DMARC and ARC said, and what powers follow (inbound.md section 5).

Takes `findings["authentication"]` (checked here at SMTP time, or believed from a configured host), SMTP AUTH and
trusted sources. A failed DMARC policy never holds mail; it takes the sender's standing away. A domain whose policy is
`none` asks for reports and for nothing else: its mail failing DMARC proves nothing, and does not make a stranger.
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
    """Whether the message failed its From domain's DMARC policy; a policy that is not known counts as one."""
    results = findings.get("authentication")
    return isinstance(results, dict) and results.get("dmarc") == "fail" and results.get("policy") != "none"


def is_authenticated(findings: dict[str, object]) -> bool:
    """Whether the From address is proven: aligned SPF or DKIM pass, SMTP AUTH as that user, or a trusted source."""
    if dmarc_failed(findings):
        return False
    results = findings.get("authentication")
    passed = isinstance(results, dict) and (results.get("dmarc") == "pass" or bool(results.get("aligned")))
    return passed or bool(findings.get("smtp_auth")) or bool(findings.get("trusted_source"))
