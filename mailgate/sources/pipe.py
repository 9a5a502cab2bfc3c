"""One message on standard input: Postfix `pipe(8)`, procmail, `.forward`.

Takes a stream, recipients and the sender; gives an exit code of sysexits(3). Promises: 0 only after the message is on
disk; everything that may work later is 75, so that the MTA keeps its copy; nobody but a hosted mailbox is delivered to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO

from mailgate import clock, log
from mailgate.errors import ConfigError, TemporaryError
from mailgate.mail.message import Envelope
from mailgate.route.hosted import HostedAddresses
from mailgate.sources.accept import Gathering, accept
from mailgate.store import Store
from mailgate.store.spool import new_queue_id

EX_OK = 0
EX_DATAERR = 65
EX_NOUSER = 67
EX_TEMPFAIL = 75
EX_CONFIG = 78

_log = log.get("pipe")
_PIECE = 64 * 1024
_MAX_FROM_LINE = 2000
_NOBODY = ("", "<>", "mailer-daemon")
"""How MTAs write the null reverse-path on command lines and in mbox lines."""


def deliver(
    store: Store,
    hosted: HostedAddresses,
    stream: BinaryIO,
    recipients: Sequence[str],
    sender: str | None = None,
    max_size: int = 50 * 1024**2,
    tell: Callable[[str], None] = lambda words: None,
) -> int:
    """Reads one message and accepts it; gives 0, 65, 67, 75 or 78. Never raises for trouble of this kind.

    `sender` None means that the caller does not know it. With several recipients all must be hosted, or none gets it:
    the MTA has one exit code for all of them. `tell` gets one sentence for a person where the code is not 0.
    """
    queue_id = new_queue_id()
    try:
        code, words = _deliver(store, hosted, stream, recipients, sender, max_size, queue_id)
    except ConfigError as error:
        code, words = EX_CONFIG, str(error)
    except (TemporaryError, OSError) as error:
        code, words = EX_TEMPFAIL, f"{error} The message was not taken; it is tried again."
    except Exception:  # noqa: BLE001 - unknown errors are temporary: the MTA keeps the message
        _log.error("not accepted", exc_info=True, queue_id=queue_id)
        code, words = EX_TEMPFAIL, "Something went wrong; the log has the reason. The message is tried again."
    if code != EX_OK:
        _log.warning("refused", queue_id=queue_id, exit_code=code, why=words)
        tell(words)
    return code


def _deliver(
    store: Store,
    hosted: HostedAddresses,
    stream: BinaryIO,
    recipients: Sequence[str],
    sender: str | None,
    max_size: int,
    queue_id: str,
) -> tuple[int, str]:
    addresses = tuple(dict.fromkeys(_bare(recipient) for recipient in recipients))
    unknown = [address for address in addresses if hosted.match(address) is None]
    if unknown or not addresses:
        return EX_NOUSER, f"5.1.1 No such mailbox here: {', '.join(unknown) or 'no recipient was named'}"
    if not store.has_room():
        return EX_TEMPFAIL, "4.3.1 No space left; the message is tried again."
    gathering = Gathering(store.blobs)
    try:
        from_line = _read(stream, gathering, max_size)
        if gathering.size > max_size:
            return EX_DATAERR, f"5.3.4 The message is larger than {max_size} bytes."
        if gathering.size == 0:
            return EX_DATAERR, "5.6.0 There was no message on standard input."
        raw = gathering.finish()
    finally:
        gathering.abort()
    envelope = Envelope(_reverse_path(sender, from_line), addresses)
    accepted = accept(store, envelope, "pipe", raw, queue_id=queue_id, received_at=clock.now()).result()
    _log.info("accepted", queue_id=accepted.queue_id, sender=envelope.reverse_path or "<>", size=gathering.size)
    return EX_OK, ""


def _read(stream: BinaryIO, gathering: Gathering, max_size: int) -> bytes:
    """Reads until the end, or until the message is too large. Gives the mbox "From " line, which is not kept."""
    from_line = b""
    piece = stream.readline(_MAX_FROM_LINE)
    if piece.startswith(b"From ") and piece.endswith(b"\n"):
        from_line, piece = piece, stream.read(_PIECE)
    while piece and gathering.size <= max_size:
        if gathering.add(piece):
            gathering.flush()
        piece = stream.read(_PIECE)
    return from_line


def _reverse_path(sender: str | None, from_line: bytes) -> str | None:
    """RFC 5321 section 4.5.5: the null reverse-path is None; "" where nobody told us."""
    if sender is not None:
        address = _bare(sender)
        return None if address.lower() in _NOBODY else address
    words = from_line.decode("utf-8", "replace").split()
    if len(words) < 2:
        return ""
    return None if words[1].lower() in _NOBODY else words[1]


def _bare(address: str) -> str:
    return address.strip().removeprefix("<").removesuffix(">").strip()
