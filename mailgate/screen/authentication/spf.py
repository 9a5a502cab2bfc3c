"""SPF: whether this client may send for this domain.

Takes the client's address, the reverse-path and the name it gave in EHLO; gives a result and the domain it is about.
The checker is pyspf's; its questions go through our resolver. Standard: RFC 7208.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mailgate.screen.authentication.resolver import DnsTrouble, Lookups, ascii_domain

RESULTS = frozenset({"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"})
_ADDRESS, _TEXT = ("A", "AAAA"), ("TXT", "SPF")
_RECORD, _MACROS = 4096, 32
"""Real records are a tenth of this. pyspf expands macros before it looks at the length of what comes out."""


@dataclass(frozen=True, slots=True)
class Spf:
    """A result of RFC 7208 section 2.6 about `domain`: of the reverse-path, or of EHLO where that is null."""

    result: str
    domain: str = ""
    detail: str = ""


def check_spf(lookups: Lookups, ip: str, reverse_path: str | None, helo: str | None) -> Spf:
    """Asks the DNS. Never raises."""
    local_part, _, raw_domain = (reverse_path or "").rpartition("@")
    domain = ascii_domain(raw_domain or helo or "")
    if domain is None:
        return Spf("none", detail="neither the reverse-path nor EHLO names a domain")
    sender = f"{local_part or 'postmaster'}@{domain}"
    try:
        query = _query(lookups, ip, sender, ascii_domain(helo or "") or "unknown")
        result, _, explanation = query.check()
    except DnsTrouble as error:
        return Spf("temperror", domain, str(error))
    except Exception as error:  # noqa: BLE001 - a stranger's record must not cost the message, whatever pyspf makes of it
        return Spf("permerror", domain, f"{type(error).__name__}: {error}")
    return Spf(result if result in RESULTS else "permerror", domain, str(explanation)[:200])


def _query(lookups: Lookups, ip: str, sender: str, helo: str) -> Any:
    """pyspf's query with the look-ups taken over; limits on mechanisms, void look-ups and loops stay pyspf's."""
    import spf

    class Query(spf.query):  # type: ignore[misc]
        def dns(self, name: Any, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
            key = (str(name).rstrip(".").lower(), qtype)
            if key not in self.cache:
                records = lookups.records(*key) if key[0] else []
                if qtype in _TEXT and any(_is_beyond_measure(record.strings) for record in records):
                    raise spf.PermError("The record is too long")
                self.cache[key] = [_value(record, qtype) for record in records]
            found: list[Any] = self.cache[key]
            if not found and not ignore_void:
                self.void_lookups += 1
                if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                    raise spf.PermError(f"Void lookup limit of {spf.MAX_VOID_LOOKUPS} exceeded")
            return list(found)

        def get_explanation(self, spec: str) -> str:
            """The domain's own words (`exp=`) are shown to nobody here: no questions for them."""
            return ""

    return Query(i=ip, s=sender, h=helo, querytime=0)


def _is_beyond_measure(strings: tuple[bytes, ...]) -> bool:
    text = b"".join(strings)
    return text[:6].lower() == b"v=spf1" and (len(text) > _RECORD or text.count(b"%") > _MACROS)


def _value(record: Any, kind: str) -> Any:
    """An answer in the form in which pyspf expects it."""
    if kind in _ADDRESS:
        return record.address
    if kind in _TEXT:
        return record.strings
    return record.target.to_text(True) if kind == "PTR" else (record.preference, record.exchange.to_text(True))
