"""Automatic replies and receipts are held; alerts and newsletters are mail like any other, but are never answered."""

from mailgate.screen.case import Case, Verdict


def check(case: Case) -> Verdict | None:
    """Class `auto_reply` for what answers by itself (RFC 3834); other automatic mail gets the mark "automatic"."""
    found = case.automatic
    if found is None:
        if case.envelope.reverse_path is None:
            return Verdict("normal", "null reverse-path: never answered", hold=False, mark="automatic")
        return None
    if found.kind in ("auto_reply", "receipt"):
        return Verdict("auto_reply", found.reason, hold=case.config.screen.hold_auto_replies, mark="automatic")
    return Verdict("normal", f"{found.reason}: never answered", hold=False, mark="automatic")
