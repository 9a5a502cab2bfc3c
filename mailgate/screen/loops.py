"""The loop breaker: meters per address, per content and per ticket; a full meter holds, and says why.

A loop needs mail of ours that is answered, so answers to our mail (they carry our signature) have low limits. Messages
that answer nothing only lose their automatic answer when their content repeats: a monitoring storm still makes tickets,
but a robot that changes its From hears nothing more from us. What technicians write is not counted (RFC 3834 section 2).
"""

from mailgate.screen.case import Case, Verdict
from mailgate.store import events, meters


def check(case: Case) -> Verdict | None:
    """Class `loop` where a meter is over its limit; the mark "automatic" where only the content repeats."""
    if case.tx is None or (case.sender is not None and case.sender.is_staff):
        return None
    author = case.message.author
    address = author.address.lower() if author else "nobody"
    screen = case.config.screen
    asked = [(f"messages from {address}", screen.loop_per_address, f"from:{address}", True)]
    if case.answers:
        asked.append((f"answers from {address}", screen.loop_answers_per_address, f"answer:{address}", True))
        name = f"ticket:{case.ticket_id}:{address}"
        words = f"answers from {address} to our mail about ticket {case.ticket_id}"
        asked.append((words, screen.loop_answers_per_ticket, name, True))
    if case.content_key:
        words = "messages of equal content"
        asked.append((words, screen.loop_per_content, f"content:{case.answers}:{case.content_key}", case.answers))
    over = [
        (words, limit, name, hold, seen) for words, limit, name, hold in asked if (seen := _hit(case, name)) > limit
    ]
    if not over:
        return None
    words, limit, _, hold, seen = max(over, key=lambda item: item[3])
    minutes = round(screen.loop_window.total_seconds() / 60)
    reason = f"{seen} {words} in {minutes} minutes, over the limit of {limit}"
    # one loop fills several meters, one after the other: whoever heard of the first need not hear of the next
    told = [_hit(case, f"told:{meter}") for _, _, meter, _, _ in over]
    if max(told) == 1:
        events.add(case.tx, "LoopHeld", case.ticket_id, evidence=reason, address=address, held=hold)
    if hold:
        return Verdict("loop", reason)
    return Verdict("normal", f"{reason}: not answered", hold=False, mark="automatic")


def _hit(case: Case, name: str) -> int:
    assert case.tx is not None
    return meters.hit(case.tx, name, case.config.screen.loop_window.total_seconds())
