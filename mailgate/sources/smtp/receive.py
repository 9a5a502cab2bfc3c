"""From DATA to the reply that counts.

Takes a session and its transaction; gives one reply after message and envelope are on disk, or a refusal.
Promises: `250` only after the fsync, whether or not the client is still there; a message that is too large or that
the disk does not take is read to its end, so that the dialogue stays in step; no more than the store's border of it is
in memory.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from typing import TYPE_CHECKING

from mailgate import clock, log
from mailgate.errors import TemporaryError
from mailgate.mail.message import Envelope
from mailgate.sources.accept import Gathering, accept
from mailgate.sources.smtp.data import DataParser
from mailgate.sources.smtp.shared import AtData

if TYPE_CHECKING:
    from mailgate.sources.smtp.session import Session, Transaction
    from mailgate.store.blobs import StoredBlob
    from mailgate.store.spool import Client

_log = log.get("smtp")
_TEMPORARY = "452 4.3.1 No space or no answer from the disk, try again later"
_FAULT = "451 4.3.0 Something went wrong here, try again later"
_CHECK_SECONDS = 240.0
"""The checks have time-outs of their own; clients wait ten minutes (RFC 5321 section 4.5.3.2.6)."""
_REPLY = re.compile(r"[45]\d\d [^\r\n]*")


async def receive_message(session: Session, transaction: Transaction) -> None:
    """Obeys DATA. Raises EOFError or OSError where the client leaves in the middle."""
    session.reply("354 End data with <CR><LF>.<CR><LF>")
    gathering = Gathering(session.shared.store.blobs)
    session.in_data = True
    try:
        refusal = await _read(session, gathering)
    except (OSError, EOFError):
        _log.info("client left in data", queue_id=transaction.queue_id, client=session.client_ip, size=gathering.size)
        await session.shared.on_disk(gathering.abort)
        raise
    finally:
        session.in_data = False
    session.deadline.clear()
    if refusal is None:
        reply, why = await _keep_safely(session, transaction, gathering)
    else:
        reply, why = refusal
    if why:
        session.refused(reply, why, size=gathering.size, sender=transaction.reverse_path)
        await session.shared.on_disk(gathering.abort)
    session.final(reply, len(transaction.recipients))
    session.finished(accepted=not why)


async def _read(session: Session, gathering: Gathering) -> tuple[str, str] | None:
    """Reads to the end of the data. Gives reply and reason where the message cannot be kept."""
    settings, loop = session.shared.settings, session.loop
    parser = DataParser(settings.limits.line_length)
    pause = settings.limits.data_timeout.total_seconds()
    end_at = loop.time() + settings.limits.message_timeout.total_seconds()
    refusal: tuple[str, str] | None = None
    while not parser.ended:
        session.deadline.set(min(pause, end_at - loop.time()))
        piece = await session.read_piece()
        if not piece:
            raise EOFError("the client left in the data")
        content = parser.feed(piece)
        if refusal is not None or not content:
            continue
        if gathering.size + len(content) > settings.max_size:
            refusal = "552 5.3.4 Message too large", "size"
        elif gathering.add(content):
            try:
                await session.shared.on_disk(gathering.flush)
            except TemporaryError as error:
                _log.error("disk trouble", error=str(error))
                refusal = _TEMPORARY, "disk"
        if refusal is not None:
            await session.shared.on_disk(gathering.abort)
    session.unread(parser.rest)
    if refusal is None and parser.overlong:
        refusal = f"500 5.6.0 A line is longer than {settings.limits.line_length} bytes", "line length"
    return refusal


async def _keep_safely(session: Session, transaction: Transaction, gathering: Gathering) -> tuple[str, str]:
    """Reply and, where it is a refusal, the reason. Whatever goes wrong, the client may try again."""
    try:
        return await _keep(session, transaction, gathering)
    except TemporaryError as error:
        _log.error("not accepted", queue_id=transaction.queue_id, error=str(error))
        return _TEMPORARY, "disk"
    except Exception:  # noqa: BLE001 - unknown errors are temporary, and the client is owed a reply
        session.shared.counters["failed"] += 1
        _log.error("not accepted", exc_info=True, queue_id=transaction.queue_id)
        return _FAULT, "fault"


async def _keep(session: Session, transaction: Transaction, gathering: Gathering) -> tuple[str, str]:
    shared = session.shared
    raw = await shared.on_disk(gathering.finish) if gathering.on_disk else gathering.finish()
    envelope = Envelope(transaction.reverse_path, tuple(dict.fromkeys(transaction.recipients)))
    client = session.client()
    verdict = await _ask_checks(session, raw, envelope, client, transaction.queue_id)
    if verdict.log:
        _log.info("checked", queue_id=transaction.queue_id, **verdict.log)
    if verdict.reply is not None:
        reply = verdict.reply if _REPLY.fullmatch(verdict.reply) else _FAULT
        return reply, "checks"
    future = accept(
        shared.store,
        envelope,
        session.protocol.lower(),
        raw,
        queue_id=transaction.queue_id,
        client=client,
        received_at=clock.now(),
        findings=verdict.findings,
    )
    accepted = await asyncio.shield(asyncio.wrap_future(future))
    shared.counters["received"] += 1
    _log.info(
        "accepted",
        queue_id=accepted.queue_id,
        sender=transaction.reverse_path or "<>",
        recipients=len(envelope.recipients),
        size=gathering.size,
        client=client.ip,
        helo=client.helo,
        tls=client.tls or None,
        user=client.auth_user,
        seconds=round(clock.monotonic() - transaction.started_at, 3),
        client_gone=session.transport is None or None,
    )
    return f"250 2.0.0 Ok: queued as {accepted.queue_id}", ""


async def _ask_checks(
    session: Session, raw: bytes | StoredBlob, envelope: Envelope, client: Client, queue_id: str
) -> AtData:
    hook = session.shared.at_data
    if hook is None:
        return AtData()
    async with asyncio.timeout(_CHECK_SECONDS):
        if inspect.iscoroutinefunction(hook):
            verdict = await hook(raw, envelope, client, queue_id)
        else:
            threads = session.shared.screen_threads
            verdict = await session.loop.run_in_executor(threads, hook, raw, envelope, client, queue_id)
    assert isinstance(verdict, AtData)
    return verdict
