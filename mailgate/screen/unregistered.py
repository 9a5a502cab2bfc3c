"""Unknown and disabled senders: their mail is held where the installation says so."""

from mailgate.screen.case import Case, Verdict


def check(case: Case) -> Verdict | None:
    """Class `unregistered` for senders without a user, where `intake.accept_unregistered` is off, and for disabled ones."""
    author = case.message.author
    address = author.address if author else "the sender"
    if case.sender is not None and case.sender.disabled:
        return Verdict("unregistered", f"{address} belongs to the disabled user {case.sender.id}")
    if case.sender is None and not case.config.intake.accept_unregistered:
        return Verdict("unregistered", f"{address} is not a registered user (intake.accept_unregistered is off)")
    return None
