"""Reports that our mail did not arrive are held, and never answered."""

from mailgate.screen.case import Case, Verdict


def check(case: Case) -> Verdict | None:
    """Class `bounce` where the mail room read a bounce (RFC 3464 or the free text of an MTA)."""
    if case.bounce is None:
        return None
    return Verdict("bounce", case.bounce.reason)
