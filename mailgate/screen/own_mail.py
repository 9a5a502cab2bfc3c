"""Mail of our own that comes back: our mark in its header, or one of our own addresses as its sender (RFC 3834)."""

from mailgate.screen.case import Case, Verdict

MARK_FIELD = "X-Mailgate"


def check(case: Case) -> Verdict | None:
    """Class `loop` for our own mail; another installation's mark is none of ours, but marks the mail automatic."""
    mark = case.message.header.first(MARK_FIELD)
    if mark and case.own_installation and mark.split(";")[0].strip() == case.own_installation:
        return Verdict("loop", f"our own mail came back ({MARK_FIELD}: {mark[:80]})")
    author = case.message.author
    if author is not None and author.address.lower() in case.own:
        return Verdict("loop", f"the sender {author.address} is one of our own addresses")
    return None
