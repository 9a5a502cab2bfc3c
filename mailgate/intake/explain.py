"""The whole inbound path on a file, without storing or sending anything (inbound.md section 10).

Takes raw bytes; gives the JSON object of `mailgate explain`. Promises: the code that decides is the one that files mail,
run in a transaction that is always rolled back; no file is written; fast enough for corpora.
"""

from __future__ import annotations

import tempfile
from email.utils import parseaddr
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mailgate import clock
from mailgate.config import Config
from mailgate.intake.decide import Decider, Decision
from mailgate.intake.reading import ReadAttachment, Reading, read
from mailgate.mail.header import decode_text
from mailgate.mail.message import Address, Attachment, Envelope
from mailgate.mail.parse import parse
from mailgate.store import Store, people
from mailgate.store.rehearsal import Rehearsal
from mailgate.store.spool import Client, Outcome, Spooled


class Explainer:
    """Explains messages under one configuration; a context manager. Without a store it looks into an empty one."""

    def __init__(self, store: Store | None, config: Config, trust_sender: bool = False) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="mailgate-explain-") if store is None else None
        if self._scratch is not None:
            store = Store.open(Path(self._scratch.name))
            store.write(lambda tx: people.add_category(tx, "General"))
        assert store is not None
        self._store = store
        self._config = config
        self._trust = trust_sender
        if trust_sender:
            config.intake.extract_forwarded_sender = True
        self._decider = Decider(store, config, trust_sender)
        self._rehearsal = Rehearsal(store)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rehearsal.close()
        if self._scratch is not None:
            self._store.close()
            self._scratch.cleanup()

    def explain(self, raw: bytes, path: str = "", envelope: Envelope | None = None) -> dict[str, Any]:
        """What would become of a message, as the JSON object of the contract."""
        envelope = envelope or _envelope_in(raw)
        reading = read(raw, envelope, _keep, thorough=True)
        item = Spooled(
            id=0, queue_id="", received_at=clock.now(), source="file", envelope=envelope, client=Client(), findings={},
            sha256="", size=len(raw), attempts=0, released=False,
        )  # fmt: skip
        decision, outcome = self._rehearsal.run(lambda tx: self._decider.decide(tx, item, reading))
        return _document(path, reading, decision, outcome, item)


def _keep(found: Attachment) -> ReadAttachment:
    return ReadAttachment(
        found.filename, found.content_type, found.size, found.sha256, found.inline, found.content_id, None
    )


def _envelope_in(raw: bytes) -> Envelope:
    """The envelope as the final delivery wrote it into the header (RFC 5321 section 4.4): Return-Path, if any.

    The first line of a file out of an mbox says nothing: programs that know no sender write `From MAILER-DAEMON`, too.
    """
    head = raw[:65536]
    if b"eturn-" not in head and b"ETURN-" not in head:
        return Envelope("", ())
    value = parse(head.split(b"\r\n\r\n", 1)[0].split(b"\n\n", 1)[0] + b"\n\n").header.first("Return-Path")
    if value is None:
        return Envelope("", ())
    address = value.strip().strip("<>").strip()
    return Envelope(address.lower() or None, ())


def _document(path: str, reading: Reading, decision: Decision, outcome: Outcome, item: Spooled) -> dict[str, Any]:
    message, bounce, match = reading.message, reading.bounce, decision.match
    results = item.findings.get("authentication") or {}
    filed = outcome.outcome in ("reply", "duplicate", "held")
    return {
        "path": path,
        "class": outcome.class_,
        "reason": outcome.reason,
        "outcome": outcome.outcome,
        "ticket": outcome.ticket_id if filed else None,
        "matched_by": match.matched_by if match and filed else None,
        "from": _person(message.author) or _unaddressed(message.header.first("From")),
        "to": [_person(item) for item in message.to],
        "cc": [_person(item) for item in message.cc],
        "subject": reading.subject if reading.commands else message.subject,
        "date": clock.iso(message.date.timestamp()) if message.date else None,
        "original_sender": _person(reading.forwarded.sender) if reading.forwarded else None,
        "forwarded_subject": reading.forwarded.subject if reading.forwarded else None,
        "commands": list(reading.commands),
        "text": message.text,
        "reply_text": reading.new_text,
        "category": decision.destination.category.id if decision.destination.category else None,
        "address_word": decision.destination.word,
        "attachments": [
            {
                "filename": kept.filename,
                "content_type": kept.content_type,
                "size": kept.size,
                "inline": kept.inline,
                "content_id": kept.content_id,
                "sha256": kept.sha256,
            }
            for kept in reading.attachments
        ],
        "bounce": {
            "recipients": list(bounce.recipients),
            "status": bounce.status,
            "action": bounce.action,
            "ticket": outcome.ticket_id,
        }
        if bounce
        else None,
        "authentication": {name: results.get(name) for name in ("spf", "dkim", "dmarc", "arc")},
        "trace": outcome.trace,
    }


def _unaddressed(value: str | None) -> dict[str, str | None] | None:
    """An author without an address, as local systems write it: `MAILER-DAEMON (Mail Delivery System)`."""
    name, address = parseaddr(" ".join(decode_text((value or "")[:998].encode("utf-8", "replace")).split()))
    return {"name": name or None, "address": address or None} if name or address else None


def _person(item: Address | None) -> dict[str, str | None] | None:
    return None if item is None else {"name": item.name or None, "address": item.address}
