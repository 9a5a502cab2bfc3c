"""One connection: bytes in and out, time-outs, TLS and the way it ends. What is said is in `session.py`.

Takes a transport from the listener; gives command lines, pieces of data and replies to its subclass.
Promises: replies to pipelined commands leave together (RFC 2920); no line, no silence and no slow reader can hold more
than bounded memory and time; an end of input never undoes what was already promised to be done; what was pipelined
behind STARTTLS is dropped (RFC 3207 section 6); a reply is not lost to a reset because the client went on talking.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from abc import abstractmethod
from asyncio import sslproto
from collections.abc import Awaitable, Callable
from typing import Any, AnyStr, ClassVar, cast

from aiosmtpd.smtp import SMTP

from mailgate import log
from mailgate.sources.smtp.limits import plain_address
from mailgate.sources.smtp.shared import Shared

logging.getLogger("mail.log").disabled = True  # aiosmtpd's own words; ours carry the queue id

_log = log.get("smtp")
_PIECE = 256 * 1024
_FLUSH_ABOVE = 64 * 1024
_HANDSHAKE_SECONDS = 30.0
_LINGER_SECONDS = 2.0
_ABORT_SECONDS = 5.0


class LineTooLong(Exception):
    """A command line over the limit; it has been read to its end."""


class Deadline:
    """A time-out that moves with every command, and costs a timer only when it is near."""

    def __init__(self, loop: asyncio.AbstractEventLoop, expired: Any) -> None:
        self._loop, self._expired = loop, expired
        self._at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def set(self, seconds: float) -> None:
        """The time-out comes after so many seconds."""
        self._at = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._at:
            self._arm()

    def clear(self) -> None:
        """No time-out while we are at work ourselves."""
        self._at = float("inf")

    def cancel(self) -> None:
        """The connection is gone."""
        self.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._at, self._check)

    def _check(self) -> None:
        self._timer = None
        if self._at > self._loop.time():
            if self._at != float("inf"):
                self._arm()
        else:
            self._expired()


class Connection(SMTP):
    """aiosmtpd's protocol with its input, output, time-outs and TLS made to last."""

    line_length_limit = 64 * 1024  # for the stream: it pauses the transport at twice as much
    protocol = "SMTP"

    commands: ClassVar[dict[str, Callable[[Any, str], Awaitable[None]]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.commands = {name[5:]: getattr(cls, name) for name in dir(cls) if name.startswith("smtp_")}

    def __init__(self, shared: Shared, *, implicit_tls: bool = False) -> None:
        # aiosmtpd's own constructor inspects every attribute of every connection: a third of a short session's cost.
        # This is the part of it that the rest of aiosmtpd needs.
        loop = asyncio.get_running_loop()
        asyncio.StreamReaderProtocol.__init__(
            self, asyncio.StreamReader(self.line_length_limit, loop), self._cb_client_connected, loop
        )
        self.loop = loop
        self.hostname = shared.settings.hostname
        self.transport: asyncio.BaseTransport | None = None
        self._original_transport: asyncio.BaseTransport | None = None
        self._tls_protocol: sslproto.SSLProtocol | None = None
        self._handler_coroutine: asyncio.Task[None] | None = None
        self.shared = shared
        self.implicit_tls = implicit_tls
        self.peer: str | None = None
        self.peer_port: int | None = None
        self.is_tls = False
        self.deadline = Deadline(self.loop, self._on_deadline)
        self.leaving = False
        self.lingers = True
        self.farewell = ""
        self.in_data = False
        self.is_idle = False
        self._out: list[bytes] = []
        self._out_size = 0
        self._rest = b""
        self._at = 0
        self._socket: Any = None
        self._place: str | None = None
        self._is_over = False

    # -- life ----------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._tls_protocol is not None:  # the same connection again, now inside TLS
            self.transport = transport
            self._reader._transport = transport  # type: ignore[attr-defined]
            self._writer._transport = transport  # type: ignore[attr-defined]
            self._reader._buffer.clear()  # type: ignore[attr-defined]
            return
        self.shared.connections.add(self)
        self.shared.places.enter()
        self.shared.counters["connections"] += 1
        self.shared.counters["open"] += 1
        peername = transport.get_extra_info("peername")
        if isinstance(peername, tuple) and len(peername) >= 2:
            self.peer, self.peer_port = plain_address(str(peername[0])), int(peername[1])
            self._socket = transport.get_extra_info("socket")
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio does not where proto is 0
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.in_data and self._socket is not None:
            # Clients that write the end of a message in a small piece wait for our acknowledgement (Nagle), and the
            # kernel delays it by 40 ms. The option does not stay set.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def eof_received(self) -> bool | None:
        """The client has said all; what it said is still answered."""
        half_open = asyncio.StreamReaderProtocol.eof_received(self)
        return False if self.is_tls else half_open

    def connection_lost(self, error: Exception | None) -> None:
        """Wakes whoever waits for the client; work for its message goes on (a commit is not undone)."""
        if self._is_over:
            return
        self._is_over = True
        self.deadline.cancel()
        if self._original_transport is not None:
            self._original_transport.close()
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.transport = None
        self.shared.places.leave(self._place)
        self.shared.counters["open"] -= 1
        self.shared.connections.discard(self)

    def _reset_timeout(self, duration: float | None = None) -> None:
        """aiosmtpd's own time-out is not used: `deadline` is."""

    async def _handle_client(self) -> None:
        try:
            await self.converse()
            await self._say_goodbye()
        except (OSError, EOFError) as error:  # lost connections and TLS alerts
            _log.debug("connection lost", client=self.peer, error=str(error))
        except Exception:  # noqa: BLE001 - one session's fault must not end the listener
            _log.error("session failed", exc_info=True, client=self.peer)
        finally:
            self.deadline.cancel()
            if self.transport is not None:
                cast(asyncio.Transport, self.transport).close()
                self.loop.call_later(_ABORT_SECONDS, self._abort)

    @abstractmethod
    async def converse(self) -> None:
        """The dialogue; returns where the connection is to end."""

    def take_place(self, address: str) -> bool:
        """Claims one of the places for a client's address."""
        self._place = self.shared.places.claim(address, self.shared.settings.limits)
        return self._place is not None

    def stop(self) -> None:
        """The listener is stopping: an idle client hears 421 now, a busy one after its message."""
        self.leaving, self.farewell = True, "421 4.3.2 Shutting down, try again later"
        if self.is_idle:
            self._end_now(self.farewell)

    def _on_deadline(self) -> None:
        _log.info("timed out", client=self.peer, in_data=self.in_data)
        self._end_now("421 4.4.2 Timed out waiting for you")

    def _end_now(self, text: str) -> None:
        """Ends a connection that waits for its client, from outside its task."""
        self.leaving = True
        if self.transport is not None and not self._is_over:
            transport = cast(asyncio.Transport, self.transport)
            transport.write(b"".join(self._out) + text.encode() + b"\r\n")
            self._out.clear()
            transport.close()
            self.loop.call_later(_ABORT_SECONDS, self._abort)

    def _abort(self) -> None:
        if not self._is_over and self.transport is not None:
            cast(asyncio.Transport, self.transport).abort()

    def abort(self) -> None:
        """Ends the connection at once, whatever it is doing."""
        self._abort()

    async def _say_goodbye(self) -> None:
        """Sends what is left to say. Where it was not the client who wanted to go, input is still on its way; that
        would turn our close into a reset that can overtake the last reply, so it is read away for a moment."""
        await self.flush()
        transport = cast(asyncio.Transport | None, self.transport)
        if transport is None or not self.lingers or self.is_tls or not transport.can_write_eof():
            return
        transport.write_eof()
        self.deadline.clear()
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                while await self._reader.read(_PIECE):
                    continue
        except TimeoutError:
            return

    # -- output --------------------------------------------------------------------------------------------------

    def reply(self, text: str) -> None:
        """Says something; it leaves when the input is used up."""
        data = text.encode("utf-8", "replace") + b"\r\n"
        self._out.append(data)
        self._out_size += len(data)

    async def push(self, status: AnyStr) -> None:
        """aiosmtpd's way to reply."""
        self.reply(status if isinstance(status, str) else status.decode("utf-8", "replace"))
        await self.flush()

    async def flush(self) -> None:
        """Sends the replies that wait."""
        if self._out:
            data = b"".join(self._out)
            self._out.clear()
            self._out_size = 0
            self._writer.write(data)
            await self._writer.drain()

    # -- input ---------------------------------------------------------------------------------------------------

    async def read_line(self, limit: int, seconds: float) -> bytes | None:
        """The next line without its end, or None at the end of input. Raises LineTooLong."""
        end = self._rest.find(b"\n", self._at)
        if end < 0 or self._out_size > _FLUSH_ABOVE:
            self.deadline.set(seconds)
            await self.flush()
        overlong = False
        while end < 0:
            self._rest, self._at = self._rest[self._at :], 0
            if len(self._rest) > limit:
                self._rest, overlong = b"", True
            self.is_idle = True
            piece = await self._reader.read(_PIECE)
            self.is_idle = False
            if not piece:
                return None
            searched = len(self._rest)
            self._rest += piece
            end = self._rest.find(b"\n", searched)
        line, self._at = self._rest[self._at : end], end + 1
        if overlong or len(line) > limit:
            raise LineTooLong
        return line.removesuffix(b"\r")

    async def read_piece(self) -> bytes:
        """The next bytes, as many as there are; nothing at the end of input."""
        piece = self._rest[self._at :]
        if piece:
            self._rest, self._at = b"", 0
            return piece
        await self.flush()
        return await self._reader.read(_PIECE)

    def unread(self, data: bytes) -> None:
        """Gives back what `read_piece` gave too much of."""
        self._rest, self._at = data + self._rest[self._at :], 0

    # -- TLS -----------------------------------------------------------------------------------------------------

    async def start_tls(self, early: bytes = b"") -> None:
        """Changes over to TLS; `early` is what the client already sent of its handshake (implicit TLS only).

        Raises OSError (SSLError among them) where the handshake fails.
        """
        context = self.shared.settings.tls
        assert context is not None
        self.deadline.set(_HANDSHAKE_SECONDS)
        if self._reader._buffer:  # type: ignore[attr-defined]
            await self._reader.read(_PIECE * 4)  # dropped; reading it also lets a paused transport go on
        self._rest, self._at = b"", 0
        handshake: asyncio.Future[None] = self.loop.create_future()
        tls = sslproto.SSLProtocol(self.loop, self, context, handshake, server_side=True)
        self._tls_protocol = tls
        transport = cast(asyncio.Transport, self.transport)
        self._original_transport = transport
        transport.set_protocol(tls)
        tls.connection_made(transport)
        while early:
            view = tls.get_buffer(len(early))
            taken = min(len(view), len(early))
            view[:taken] = early[:taken]
            tls.buffer_updated(taken)
            early = early[taken:]
        try:
            await handshake
        except BaseException:
            self.connection_lost(None)
            raise
        self.is_tls = True
