"""Mail from noreply@ and its kin is junk by default, with an allow list."""

from mailgate.screen.case import Case, Verdict


def check(case: Case) -> Verdict | None:
    """Class `bulk` for senders that take no answer, unless the address or its domain is allowed."""
    author = case.message.author
    if author is None or not case.noreply:
        return None
    allowed = {item.lower().lstrip("@") for item in case.config.screen.noreply_allow}
    if author.address.lower() in allowed or author.domain in allowed:
        return Verdict("normal", f"{author.address} is allowed by noreply_allow", hold=False, mark="automatic")
    if not case.config.screen.noreply_is_junk:
        return Verdict("normal", f"{author.address} takes no answer", hold=False, mark="automatic")
    return Verdict("bulk", f"{author.address} is a no-reply address (allow it with screen.noreply_allow)")
