"""Asks SPF, DKIM, ARC and DMARC about a message that came straight from outside.

Takes raw bytes, envelope, client and a resolver; gives `findings["authentication"]`, one plain dict.
Promises: never raises; all DNS within the resolver's bound; the domain that is judged is the one whose user intake will
take for the sender (From, else Sender, else the reverse-path), so that leaving a field out opens no side door.
"""

from __future__ import annotations

from typing import Any

from mailgate import clock
from mailgate.mail.header import split_message
from mailgate.mail.message import Envelope
from mailgate.mail.parse import parse
from mailgate.screen.authentication.body import Body
from mailgate.screen.authentication.dmarc import Proof, check_dmarc
from mailgate.screen.authentication.resolver import Resolver, ascii_domain
from mailgate.screen.authentication.spf import check_spf
from mailgate.store.spool import Client

_RANK = ("pass", "policy", "fail", "temperror", "permerror", "neutral")
_HEAD_LIMIT = 1024 * 1024


def authenticate(raw: bytes, envelope: Envelope, client: Client, resolver: Resolver) -> dict[str, Any]:
    """All four checks; `client.ip` is known."""
    from mailgate.screen.authentication import signatures

    started, lookups = clock.monotonic(), resolver.lookups()
    head_end, body_start = split_message(raw, 0, len(raw))
    head, body = raw[:head_end], Body(raw[body_start:])
    author = parse(head[:_HEAD_LIMIT] + b"\r\n\r\n").author
    address = author.address if author else envelope.reverse_path or ""
    domain = ascii_domain(address.rpartition("@")[2])
    spf = check_spf(lookups, client.ip or "", envelope.reverse_path, client.helo)
    signed = signatures.check_dkim(lookups, head, body)
    arc, arc_detail = signatures.check_arc(lookups, head, body)
    proofs = [Proof("spf", spf.result, spf.domain), *(Proof("dkim", item.result, item.domain) for item in signed)]
    dmarc = check_dmarc(lookups, domain, proofs)
    details = [f"SPF of {spf.domain or 'nobody'}: {spf.result}" + _brackets(spf.detail if spf.result != "pass" else "")]
    details += [f"DKIM of {item.domain or 'nobody'}: {item.result}{_brackets(item.detail)}" for item in signed]
    details += [f"ARC: {arc}{_brackets(arc_detail)}"] if arc != "none" else []
    details += [f"DMARC of {domain or 'nobody'}: {dmarc.result}{_brackets(dmarc.detail)}"]
    return {
        "spf": spf.result,
        "dkim": min((item.result for item in signed), key=_RANK.index, default="none"),
        "dmarc": dmarc.result,
        "arc": arc,
        "policy": dmarc.policy,
        "aligned": dmarc.aligned,
        "domain": domain,
        "by": "smtp",
        "detail": "; ".join(details)[:1500],
        "seconds": round(clock.monotonic() - started, 4),
    }


def _brackets(text: str) -> str:
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f" ({clean})" if clean else ""
