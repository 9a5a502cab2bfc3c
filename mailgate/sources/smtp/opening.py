"""The first moments of a connection: places, the PROXY header, implicit TLS.

Takes a session before its greeting; gives whether it may go on. Promises: the PROXY header is read only from trusted
addresses, and a wrong one ends the connection without a word; limits count the real client behind a balancer.
Standard: HAProxy's PROXY protocol, versions 1 and 2 (read by aiosmtpd).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgate import log
from mailgate.sources.smtp.limits import plain_address

if TYPE_CHECKING:
    from mailgate.sources.smtp.session import Session

_log = log.get("smtp")
_PROXY_SECONDS = 30.0


async def open_session(session: Session) -> bool:
    """Whether the client may talk; if not, it has been told why. Raises OSError where TLS fails."""
    settings = session.shared.settings
    session.deadline.set(_PROXY_SECONDS)
    if session.shared.places.is_full(settings.limits):
        _turn_away(session, "connections")
        return False
    if settings.proxy_protocol and settings.trusts(session.peer) and not await _read_proxy_header(session):
        return False
    address = session.origin_ip
    if address and not settings.trusts(address) and not session.take_place(address):
        _turn_away(session, "connections_per_address")
        return False
    if session.implicit_tls:
        if settings.tls is None:
            return False
        await session.start_tls(bytes(session._reader._buffer))  # type: ignore[attr-defined]
    return True


def _turn_away(session: Session, why: str) -> None:
    """421 in clear text, or no word where the client expects TLS."""
    text = "421 4.7.0 Too many connections, try again later"
    if not session.implicit_tls:
        session.reply(text)
    session.lingers = False  # a client that waits for the greeting has sent nothing that could reset it
    session.refused(text, why)


async def _read_proxy_header(session: Session) -> bool:
    from aiosmtpd.proxy_protocol import get_proxy

    header = await get_proxy(session._reader)
    if not header:
        _log.warning("wrong PROXY header", client=session.peer, error=header.error)
        return False
    if header.src_addr is not None and header.command != 0:  # 0 is LOCAL: the balancer's own health check
        session.origin_ip = session.client_ip = plain_address(str(header.src_addr))
        session.client_port = header.src_port
    return True
