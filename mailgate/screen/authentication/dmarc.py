"""DMARC: whether a domain that proved itself belongs to the domain in From, and what that domain wants.

Takes the author's domain, the results of SPF and DKIM; gives a result, the policy and whether a proven domain is aligned.
Standard: RFC 7489 (policy discovery 6.6.3, alignment 3.1). Organisational domains come from the Public Suffix List: the
system's where Debian's package keeps it fresh, else the one that authheaders brings. `pct` is not played as a lottery:
it decides what happens to a part of the mail, and here nothing happens to mail but that its sender is a stranger;
`pct=0` counts as a policy of none.
"""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailgate.screen.authentication.resolver import DnsTrouble, Lookups

_SYSTEM_LIST = Path("/usr/share/publicsuffix/public_suffix_list.dat")
_POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class Dmarc:
    """`result` is "pass", "fail", "none" (no policy is published), "temperror" or "permerror".

    `aligned` says whether SPF or DKIM proved the author's domain, with a policy or without.
    """

    result: str
    policy: str | None = None
    aligned: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """A domain with what a method said about it: `method` is "spf" or "dkim"."""

    method: str
    result: str
    domain: str


def check_dmarc(lookups: Lookups, domain: str | None, proofs: Iterable[Proof]) -> Dmarc:
    """Asks for the policy of the author's domain. Never raises."""
    proofs = list(proofs)
    if domain is None:
        return Dmarc("permerror", detail="From names no domain")
    try:
        record, of = _discover(lookups, domain)
    except DnsTrouble as error:
        return Dmarc("temperror", None, _any_aligned(proofs, domain, {}, "pass"), str(error))
    aligned = _any_aligned(proofs, domain, record, "pass")
    if not record:
        return Dmarc("none", None, aligned, f"{domain} publishes no policy")
    policy = _policy(record, is_subdomain=of != domain)
    if aligned:
        return Dmarc("pass", policy, True)
    if _any_aligned(proofs, domain, record, "temperror"):
        return Dmarc("temperror", policy, False, "the DNS gave no answer about a domain that would count")
    return Dmarc("fail", policy, False, f"neither SPF nor DKIM proves {domain}; its policy is {policy}")


def is_aligned(domain: str, author: str, strict: bool = False) -> bool:
    """Whether a proven domain speaks for the author's (RFC 7489 section 3.1)."""
    domain, author = domain.lower().rstrip("."), author.lower().rstrip(".")
    if domain == author:
        return bool(domain)
    return not strict and organisational_domain(domain) == organisational_domain(author) != ""


@functools.lru_cache(4096)
def organisational_domain(domain: str) -> str:
    """The domain that somebody registered: `example.co.uk` of `mail.example.co.uk`; "" of a public suffix."""
    labels = domain.lower().strip(".").split(".")
    suffix = str(_suffixes().get_tld(".".join(labels), strict=False) or labels[-1])
    size = suffix.count(".") + 1
    return ".".join(labels[-size - 1 :]) if len(labels) > size else ""


@functools.cache
def _suffixes() -> Any:
    from publicsuffix2 import PublicSuffixList

    if _SYSTEM_LIST.exists():
        with _SYSTEM_LIST.open(encoding="utf-8") as lines:
            return PublicSuffixList(lines)
    with (importlib.resources.files("authheaders") / "public_suffix_list.txt").open(encoding="utf-8") as lines:
        return PublicSuffixList(lines)


def _discover(lookups: Lookups, domain: str) -> tuple[dict[str, str], str]:
    """The record of the domain, else of its organisational domain, and whose it is; empty where there is none."""
    candidates = [domain]
    above = organisational_domain(domain)
    if above and above != domain:
        candidates.append(above)
    for name in candidates:
        records = [tags for text in lookups.texts(f"_dmarc.{name}") if (tags := _read(text))]
        if len(records) == 1:
            return records[0], name
    return {}, domain


def _read(text: bytes) -> dict[str, str] | None:
    """The tags of a DMARC record (RFC 7489 section 6.3), None where the text is something else."""
    parts = [part.partition("=") for part in text[:4096].decode("ascii", "replace").split(";")]
    tags = [(name.strip().lower(), value.strip().lower()) for name, equals, value in parts if equals]
    return dict(tags) if tags and tags[0] == ("v", "dmarc1") else None


def _policy(record: dict[str, str], is_subdomain: bool) -> str:
    policy = record.get("p", "none")
    if is_subdomain:
        policy = record.get("sp", policy)
    if record.get("pct") == "0" or record.get("t") == "y":
        return "none"
    return policy if policy in _POLICIES else "none"


def _any_aligned(proofs: list[Proof], domain: str, record: dict[str, str], result: str) -> bool:
    strict = {"spf": record.get("aspf") == "s", "dkim": record.get("adkim") == "s"}
    return any(
        is_aligned(proof.domain, domain, strict[proof.method])
        for proof in proofs
        if proof.result == result and proof.domain
    )
