"""Tiny IMAP and POP3 servers that are honest until they are told to misbehave at one step, in one way.

Gives `HostileImap` and `HostilePop3` on a free port of 127.0.0.1, each with messages in memory. `fault = (step, kind)`
switches a misbehaviour on, None off. Steps are named after what the client is doing; kinds are in `KINDS`.
They follow RFC 3501, 4315 and RFC 1939 as far as mailgate speaks them, no further.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator

KINDS = ("hang", "drip", "garbage", "close", "endless_line", "endless_answer", "huge_literal", "refuse", "mid_literal")
IMAP_STEPS = ("greeting", "capability", "login", "select", "list", "fetch", "settle")
POP3_STEPS = ("greeting", "capability", "login", "list", "fetch", "settle", "quit")


class _Gone(Exception):
    """The connection is to be closed."""


class _Server:
    """Accepts connections, one thread each."""

    def __init__(self, messages: list[bytes], context: ssl.SSLContext | None = None) -> None:
        self.messages: dict[int, bytes] = dict(enumerate(messages, 1))
        self.fault: tuple[str, str] | None = None
        self.poison: set[int] = set()  # messages at which the session dies
        self.withheld: set[int] = set()  # messages that are answered with a refusal
        self.logins = 0
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._closed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._closed.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        self._open.add(sock)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_side=True)
            self.session(_Talk(sock, self))
        except (OSError, _Gone, ValueError):
            pass
        finally:
            self._open.discard(sock)
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def session(self, talk: _Talk) -> None:
        raise NotImplementedError


class _Talk:
    """One connection of a server, with its misbehaviour."""

    def __init__(self, sock: socket.socket, server: _Server) -> None:
        self.sock = sock
        self._server = server
        self._file = sock.makefile("rb")

    def line(self) -> bytes:
        line = self._file.readline()
        if not line:
            raise _Gone
        return line.rstrip(b"\r\n")

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def misbehave(self, step: str) -> None:
        """What the server does at a step, if it is told to; honest steps return at once."""
        if self._server.fault is None or self._server.fault[0] != step:
            return
        kind = self._server.fault[1]
        if kind == "garbage":
            self.send(b"\x00\xff\x16\x03 what is this\r\n" * 3)
        elif kind == "endless_line":
            self._endless(b"* x" * 1000)
        elif kind == "endless_answer":
            self._endless(b"* 7 EXISTS\r\n" * 1000)
        elif kind == "huge_literal":
            self.send(b"* 1 FETCH (UID 1 BODY[] {4294967296}\r\n")
            self._endless(b"x" * 4096)
        elif kind == "drip":
            self._drip()
        elif kind == "hang":
            self._server._closed.wait(60)
        raise _Gone

    def _endless(self, piece: bytes) -> None:
        while not self._server._closed.is_set():
            self.send(piece)

    def _drip(self) -> None:
        while not self._server._closed.wait(0.02):
            self.send(b"*")


class HostileImap(_Server):
    """IMAP with UIDPLUS, MOVE and PLAIN; one folder, INBOX. `validity` is its UIDVALIDITY."""

    validity = 7
    capabilities = b"IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 UIDPLUS MOVE IDLE"
    uid_next: int | None = None
    token = b"good-token"

    def session(self, talk: _Talk) -> None:
        talk.misbehave("greeting")
        talk.send(b"* OK ready\r\n")
        while True:
            tag, _, rest = talk.line().partition(b" ")
            command = rest.upper()
            if command.startswith(b"CAPABILITY"):
                talk.misbehave("capability")
                talk.send(b"* CAPABILITY " + self.capabilities + b"\r\n")
                self._ok(talk, tag)
            elif command.startswith(b"AUTHENTICATE"):
                self._login(talk, tag, command)
            elif command.startswith((b"SELECT", b"EXAMINE")):
                self._select(talk, tag)
            elif command.startswith(b"UID FETCH"):
                self._fetch(talk, tag, rest)
            elif command.startswith((b"UID STORE", b"UID EXPUNGE", b"UID MOVE")):
                self._settle(talk, tag, command)
            elif command.startswith(b"LIST"):
                talk.send(b'* LIST () "/" INBOX\r\n')
                self._ok(talk, tag)
            else:
                self._ok(talk, tag)

    def _ok(self, talk: _Talk, tag: bytes) -> None:
        talk.send(tag + b" OK done\r\n")

    def _refuses(self, talk: _Talk, tag: bytes, step: str) -> bool:
        if self.fault == (step, "refuse"):
            talk.send(tag + b" NO not today\r\n")
            return True
        return False

    def _login(self, talk: _Talk, tag: bytes, command: bytes) -> None:
        import base64

        self.logins += 1
        talk.misbehave("login") if self.fault != ("login", "refuse") else None
        talk.send(b"+ \r\n")
        answer = base64.b64decode(talk.line())
        if b"XOAUTH2" in command and self.token not in answer:
            talk.send(b"+ " + base64.b64encode(b'{"status":"401","schemes":"bearer"}') + b"\r\n")
            talk.line()
            talk.send(tag + b" NO AUTHENTICATE failed\r\n")
        elif not self._refuses(talk, tag, "login"):
            self._ok(talk, tag)

    def _select(self, talk: _Talk, tag: bytes) -> None:
        if self._refuses(talk, tag, "select"):
            return
        talk.misbehave("select")
        talk.send(b"* FLAGS (\\Seen \\Deleted)\r\n* %d EXISTS\r\n* 0 RECENT\r\n" % len(self.messages))
        talk.send(b"* OK [UIDVALIDITY %d] ok\r\n" % self.validity)
        if self.uid_next != 0:
            talk.send(b"* OK [UIDNEXT %d] ok\r\n" % (self.uid_next or max(self.messages, default=0) + 1))
        talk.send(tag + b" OK [READ-WRITE] done\r\n")

    def _fetch(self, talk: _Talk, tag: bytes, rest: bytes) -> None:
        _, _, numbers, what = rest.split(b" ", 3)
        bodies = b"BODY" in what
        step = "fetch" if bodies else "list"
        if self._refuses(talk, tag, step):
            return
        if (self.fault or ("", ""))[1] != "mid_literal":
            talk.misbehave(step)
        withheld = False
        for uid in self._chosen(numbers):
            if bodies and uid in self.withheld:
                withheld = True
                continue
            self._send_message(talk, uid, bodies)
        talk.send(tag + (b" NO [SERVERBUG] Internal error\r\n" if withheld else b" OK done\r\n"))

    def _send_message(self, talk: _Talk, uid: int, body: bool) -> None:
        raw = self.messages[uid]
        number = sorted(self.messages).index(uid) + 1
        if not body:
            talk.send(b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (number, uid, len(raw)))
            return
        talk.send(
            b'* %d FETCH (UID %d INTERNALDATE "25-Nov-2020 12:00:00 +0300" BODY[] {%d}\r\n' % (number, uid, len(raw))
        )
        if uid in self.poison or self.fault == ("fetch", "mid_literal"):
            talk.send(raw[: len(raw) // 2])
            raise _Gone
        talk.send(raw + b")\r\n")

    def _settle(self, talk: _Talk, tag: bytes, command: bytes) -> None:
        if self._refuses(talk, tag, "settle"):
            return
        talk.misbehave("settle")
        if not command.startswith(b"UID STORE"):
            for uid in self._chosen(command.split(b" ")[2]):
                del self.messages[uid]
        self._ok(talk, tag)

    def _chosen(self, numbers: bytes) -> list[int]:
        wanted: set[int] = set()
        highest = max(self.messages, default=0)
        for part in numbers.split(b","):
            low, _, high = part.partition(b":")
            first, last = (highest if text == b"*" else int(text) for text in (low, high or low))
            wanted |= {uid for uid in self.messages if min(first, last) <= uid <= max(first, last)}
        return sorted(wanted)


class HostilePop3(_Server):
    """POP3 with UIDL and PIPELINING; deletes at QUIT. `names` gives other UIDLs than the usual ones."""

    pipelining = True
    uidl = True
    names: dict[int, bytes] | None = None
    token = b"good-token"
    sasl = b""

    def session(self, talk: _Talk) -> None:
        talk.misbehave("greeting")
        talk.send(b"+OK ready\r\n")
        shown = dict(enumerate(sorted(self.messages), 1))
        deleted: set[int] = set()
        for words in self._commands(talk):
            verb = words[0].upper()
            number = shown.get(int(words[1])) if len(words) > 1 and words[1].isdigit() else None
            if verb == b"CAPA":
                self._capa(talk)
            elif verb in (b"USER", b"PASS", b"AUTH"):
                self._login(talk, verb, words)
            elif verb == b"QUIT":
                if self._step(talk, "quit"):
                    for uid in deleted:
                        del self.messages[uid]
                    talk.send(b"+OK bye\r\n")
                raise _Gone
            elif verb in (b"LIST", b"UIDL"):
                self._list(talk, verb, shown)
            elif verb == b"RETR" and number:
                self._retr(talk, number)
            elif verb == b"DELE" and number:
                if self._step(talk, "settle"):
                    deleted.add(number)
                    talk.send(b"+OK marked\r\n")
            else:
                talk.send(b"+OK 0 0\r\n" if verb in (b"NOOP", b"STAT") else b"-ERR what\r\n")

    def _commands(self, talk: _Talk) -> Iterator[list[bytes]]:
        while True:
            words = talk.line().split()
            yield words or [b"?"]

    def _step(self, talk: _Talk, step: str) -> bool:
        if self.fault == (step, "refuse"):
            talk.send(b"-ERR not today\r\n")
            return False
        talk.misbehave(step)
        return True

    def _capa(self, talk: _Talk) -> None:
        talk.misbehave("capability") if self.fault != ("capability", "refuse") else None
        talk.send(b"+OK\r\nUSER\r\n" + self.sasl)
        talk.send((b"PIPELINING\r\n" if self.pipelining else b"") + (b"UIDL\r\n" if self.uidl else b"") + b".\r\n")

    def _login(self, talk: _Talk, verb: bytes, words: list[bytes]) -> None:
        import base64

        if verb == b"AUTH":
            talk.send(b"+ \r\n")
            if self.token in base64.b64decode(talk.line()):
                talk.send(b"+OK logged in\r\n")
                return
            talk.send(b"+ " + base64.b64encode(b'{"status":"401"}') + b"\r\n")
            talk.line()
            talk.send(b"-ERR [AUTH] refused\r\n")
        elif verb == b"USER" or self._step(talk, "login"):
            self.logins += verb == b"PASS"
            talk.send(b"+OK\r\n")

    def _list(self, talk: _Talk, verb: bytes, shown: dict[int, int]) -> None:
        if verb == b"UIDL" and not self.uidl:
            talk.send(b"-ERR no UIDL\r\n")
            return
        if not self._step(talk, "list"):
            return
        talk.send(b"+OK\r\n")
        for number, uid in shown.items():
            name = (self.names or {}).get(uid, b"uid-%d" % uid)
            talk.send(b"%d %s\r\n" % (number, name if verb == b"UIDL" else b"%d" % len(self.messages[uid])))
        talk.send(b".\r\n")

    def _retr(self, talk: _Talk, uid: int) -> None:
        if uid in self.withheld:
            talk.send(b"-ERR message is broken\r\n")
            return
        middle = uid in self.poison or self.fault == ("fetch", "mid_literal")
        if not middle and not self._step(talk, "fetch"):
            return
        raw = self.messages[uid]
        if not raw.endswith(b"\r\n"):
            raw += b"\r\n"
        stuffed = re.sub(rb"(?m)^\.", b"..", raw)
        talk.send(b"+OK\r\n" + (stuffed[: len(stuffed) // 2] if middle else stuffed + b".\r\n"))
        if middle:
            raise _Gone
