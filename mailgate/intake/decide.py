"""What becomes of one message: sender, ticket, screening, standing, powers, in this order, with a trace of each step.

Takes a reading and the transaction in which its outcome will be written; gives the outcome and what the ledger keeps.
The order is the one of inbound.md sections 5 to 8; nothing is decided anywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from mailgate import clock
from mailgate.config import Config
from mailgate.desk import filing as pen
from mailgate.desk.filing import Filing
from mailgate.intake import forwards, returns, senders
from mailgate.intake.keeping import keep_all
from mailgate.intake.reading import Reading
from mailgate.intake.senders import Standing
from mailgate.mail.subject import strip_ticket_number
from mailgate.model import User
from mailgate.route.category import Destination, destination, hosted_matches
from mailgate.route.hosted import HostedAddresses, own_addresses
from mailgate.route.threads import Match, find_ticket
from mailgate.screen import scanners
from mailgate.screen.case import Case
from mailgate.screen.order import Screening, screen
from mailgate.store import Store, Tx, keys, ledger, people, spool
from mailgate.store.entries import NewAttachment
from mailgate.store.spool import Outcome, Seen, Spooled

_DAY = 86400.0


@dataclass(slots=True)
class Decision:
    """The state of one message on its way through the steps."""

    tx: Tx
    item: Spooled
    reading: Reading
    destination: Destination
    match: Match | None
    standing: Standing
    screening: Screening | None = None
    trace: list[dict[str, Any]] = field(default_factory=list)

    def note(self, step: str, result: str, detail: str = "") -> None:
        self.trace.append({"step": step, "result": result, "detail": detail})


class Decider:
    """Decides about messages under one configuration."""

    def __init__(self, store: Store, config: Config, trust_sender: bool = False) -> None:
        self._store = store
        self._config = config
        self._trust_sender = trust_sender
        self._hosted = HostedAddresses.of(config)
        self._keys = keys.signing_keys(store)
        self._installation = keys.installation(store)
        self._own = own_addresses(config)

    def file(self, tx: Tx, item: Spooled, reading: Reading) -> tuple[Outcome, Seen]:
        """Decides about a message and writes it to its ticket; the caller writes the outcome."""
        if reading.findings:
            item.findings = {**item.findings, **reading.findings}
            spool.keep_findings(tx, item.id, item.findings)
        _, outcome = self.decide(tx, item, reading)
        message = reading.message
        author = message.author
        seen = Seen(
            message_id=message.message_id,
            from_name=author.name if author else None,
            from_address=author.address if author else None,
            subject=message.subject[:1000],
            fingerprint=reading.fingerprint,
        )
        return outcome, seen

    def decide(self, tx: Tx, item: Spooled, reading: Reading) -> tuple[Decision, Outcome]:
        """The same, with everything that was looked at on the way (`explain` shows it)."""
        decision = self._look(tx, item, reading)
        outcome = self._duplicate(decision) or self._screen(decision) or self._write(decision)
        outcome.trace = decision.trace
        return decision, outcome

    def _look(self, tx: Tx, item: Spooled, reading: Reading) -> Decision:
        """Who wrote, where to, which ticket: reads only."""
        message = reading.message
        matches = hosted_matches(self._hosted, item.envelope, message)
        account = self._config.account_named(item.source.partition(":")[2])
        target = destination(tx, self._config, matches, account.category if account else None)
        sender = senders.find(tx, message, item.envelope)
        threading = find_ticket(tx, message, reading.numbers, matches, self._keys, sender.id if sender else None)
        findings = senders.with_trust(item, self._config, message, sender)
        if self._trust_sender:
            findings["trusted_source"] = True
        item.findings = findings
        standing = senders.standing(tx, sender, threading.match, findings, self._trust_sender)
        decision = Decision(tx, item, reading, target, threading.match, standing)
        for fault in reading.faults[:20]:
            decision.note("read", "fault", fault)
        decision.trace.extend(scanners.trace(findings))
        decision.note("route", target.category.name if target.category else "none", target.reason)
        decision.trace.extend(threading.trace)
        decision.note("sender", standing.word, standing.reason)
        return decision

    def _duplicate(self, decision: Decision) -> Outcome | None:
        item, fingerprint = decision.item, decision.reading.fingerprint
        if fingerprint is None or item.released:
            return None
        first = spool.duplicate_of(decision.tx, fingerprint, item.id)
        if first is None:
            decision.note("duplicate", "pass")
            return None
        reason = f"the same message as {first['queue_id']}, which came first"
        decision.note("duplicate", "duplicate", reason)
        return Outcome("duplicate", reason, ticket_id=first["ticket_id"], duplicate_of=first["id"])

    def _screen(self, decision: Decision) -> Outcome | None:
        """Held mail gets its outcome here; a bounce or automatic reply is noted on its ticket all the same."""
        item, reading, match = decision.item, decision.reading, decision.match
        case = Case(
            message=reading.message,
            envelope=item.envelope,
            source=item.source,
            config=self._config,
            bounce=reading.bounce,
            automatic=reading.automatic,
            noreply=reading.noreply,
            sender=decision.standing.user,
            ticket_id=match.ticket.id if match else None,
            answers=bool(match and match.proof),
            own=self._own | set(people.category_addresses(decision.tx)),
            own_installation=self._installation,
            content_key=reading.content_key,
            findings=item.findings,
            tx=decision.tx,
        )
        decision.screening = screen(case, item.released)
        decision.trace.extend(decision.screening.trace)
        verdict = decision.screening.verdict
        if not verdict.hold:
            return None
        ticket_id = match.ticket.id if match else None
        noted_on = ledger.noted_before(decision.tx, item.id, verdict.class_)
        if noted_on is not None:
            ticket_id = noted_on or ticket_id
            decision.note("noted", "before", "what follows from it was done when it was first looked at")
        elif reading.bounce is not None:
            ticket_id = returns.note_bounce(decision.tx, reading.bounce, self._keys, ticket_id) or ticket_id
        elif verdict.class_ == "auto_reply" and match is not None:
            author = reading.message.author
            who = author.address if author else "unknown"
            pen.log_event(
                decision.tx, match.ticket.id, "automatic reply", f"automatic reply of {who} held: {verdict.reason}",
                queue_id=item.queue_id,
            )  # fmt: skip
        elif verdict.class_ == "unregistered":
            returns.note_unregistered(decision.tx, self._config, reading, item)
        decision.note("outcome", "held", verdict.reason)
        return Outcome("held", verdict.reason, verdict.class_, ticket_id=ticket_id)

    def _write(self, decision: Decision) -> Outcome:
        """Files the message as a new ticket or as part of one."""
        match, standing = decision.match, decision.standing
        if match is not None and standing.stranger and not decision.item.released:
            policy = self._config.intake.strangers
            if policy == "hold":
                decision.note("outcome", "held", standing.reason)
                return Outcome("held", f"a stranger's reply: {standing.reason}", ticket_id=match.ticket.id)
            if policy == "new_ticket":
                decision.note("stranger", "new ticket", f"not added to ticket {match.ticket.id}: {standing.reason}")
                match = None
        follow_up_of = None
        if match is not None and self._closed_too_long(match):
            follow_up_of, match = match.ticket.id, None
            decision.note("closed", "new ticket", f"ticket {follow_up_of} was closed too long ago")
        author = standing.user or senders.make(decision.tx, decision.reading.message, decision.item.envelope, self._own)
        filing = self._filing(decision, author, match, follow_up_of)
        if decision.match is not None and match is None:  # its number would lead answers to the ticket it was kept from
            filing = replace(filing, subject=strip_ticket_number(filing.subject))
        if match is not None:
            entry_id = pen.add_to_ticket(decision.tx, match.ticket, filing)
            reason = f"reply to ticket {match.ticket.id}, found by {match.matched_by}"
            decision.note("outcome", "reply", reason)
            return Outcome("reply", reason, ticket_id=match.ticket.id, entry_id=entry_id)
        ticket_id, entry_id = pen.open_ticket(decision.tx, filing)
        decision.note("outcome", "new_ticket", f"ticket {ticket_id}")
        return Outcome("new_ticket", f"new ticket {ticket_id}", ticket_id=ticket_id, entry_id=entry_id)

    def _filing(self, decision: Decision, author: User, match: Match | None, follow_up_of: int | None) -> Filing:
        reading, item, standing = decision.reading, decision.item, decision.standing
        message = reading.message
        marks = list(dict.fromkeys(decision.screening.marks if decision.screening else []))
        if match is not None and standing.stranger:
            marks.append("non-subscriber")
        if item.source.partition(":")[0] == "import":
            marks.append("imported")  # of an archive: nobody is told
        attachments = keep_all(decision.tx, self._store, reading.attachments)
        if not message.complete:
            marks.append("incomplete")
            attachments.append(NewAttachment("message.eml", "message/rfc822", item.size, item.sha256))
        requester_may_close = (
            match is not None
            and match.ticket.requester_id == author.id
            and not standing.spoofed
            and not self._config.intake.restrict_closing
        )
        category = decision.destination.category or people.add_category(decision.tx, "General")
        filing = Filing(
            author=author,
            subject=reading.subject,
            text=message.text,
            new_text=reading.new_text if match is not None else message.text,
            html=reading.html,
            attachments=attachments,
            marks=marks,
            received_at=item.received_at,
            queue_id=item.queue_id,
            message=item.id,
            message_id=message.message_id,
            references=[*message.references, *message.in_reply_to],
            powers=standing.powers,
            stranger=match is not None and standing.stranger,
            close="close" in reading.commands and (standing.powers or requester_may_close),
            internal="tech" in reading.commands and standing.powers,
            unsubscribe="unsubscribe" in reading.commands,
            category=category,
            missing_category=decision.destination.missing,
            word=decision.destination.word,
            mailbox=decision.destination.mailbox.address if decision.destination.mailbox else None,
            follow_up_of=follow_up_of,
        )
        if "close" in reading.commands and not filing.close:
            decision.note("command", "refused", f"#close# of {author.display}, who may not close this ticket")
        if match is None:
            filing = self._for_new_ticket(decision, filing)
        return filing

    def _for_new_ticket(self, decision: Decision, filing: Filing) -> Filing:
        """Adds what only new tickets have: the original sender of a forward, and subscribers."""
        reading, own = decision.reading, self._own
        people_named = [*reading.message.to, *reading.message.cc]
        extract = self._config.intake.extract_forwarded_sender and filing.powers
        if extract and reading.forwarded is not None and reading.forwarded.sender.address.lower() not in own:
            forwarded = reading.forwarded
            requester = senders.find_or_add(decision.tx, forwarded.sender, made_by="mail")
            kept = keep_all(decision.tx, self._store, reading.forwarded_attachments)
            filing = forwards.of_original(filing, reading, requester, kept)
            decision.note("forward", forwarded.via, f"original sender {forwarded.sender.address}")
            people_named = [*forwarded.to, *forwarded.cc]
        elif extract and reading.forwarded is None:
            decision.note("forward", "none", "no original sender was found")
        if self._config.intake.subscribe_to_and_cc:
            make = self._config.intake.accept_unregistered
            ids = senders.subscribers(decision.tx, people_named, own, self._hosted, make)
            filing = replace(filing, to_subscribe=ids)
        return filing

    def _closed_too_long(self, match: Match) -> bool:
        days = self._config.intake.new_ticket_after_closed_days
        closed_at = match.ticket.closed_at
        return days is not None and closed_at is not None and clock.now() - closed_at > days * _DAY
