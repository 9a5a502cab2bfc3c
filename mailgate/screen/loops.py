"""The loop breaker: meters per address, per content and per ticket; a full meter holds, and says why.

The content's meter survives a changing From; none of them counts what a technician writes. Whatever two robots do, the
number of mails stays bounded (RFC 3834 section 2).
"""

from mailgate.screen.case import Case, Verdict
from mailgate.store import events, meters


def check(case: Case) -> Verdict | None:
    """Class `loop` where one of the meters is over its limit."""
    if case.tx is None or (case.sender is not None and case.sender.is_staff):
        return None
    author = case.message.author
    address = author.address.lower() if author else "nobody"
    screen = case.config.screen
    window = screen.loop_window.total_seconds()
    asked = [("address", f"messages from {address}", screen.loop_per_address, f"from:{address}")]
    if case.content_key:
        asked.append(("content", "messages of equal content", screen.loop_per_content, f"content:{case.content_key}"))
    if case.ticket_id is not None:
        name = f"ticket:{case.ticket_id}:{address}"
        asked.append(("ticket", f"messages from {address} to ticket {case.ticket_id}", screen.loop_per_ticket, name))
    verdict = None
    for what, words, limit, name in asked:
        seen = meters.hit(case.tx, name, window)
        if seen > limit and verdict is None:
            minutes = round(window / 60)
            verdict = Verdict("loop", f"{seen} {words} in {minutes} minutes, over the limit of {limit}")
            if meters.hit(case.tx, f"told:{name}", window) == 1:
                events.add(case.tx, "LoopHeld", case.ticket_id, meter=what, evidence=verdict.reason, address=address)
    return verdict
