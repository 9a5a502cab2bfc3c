"""A relay that does exactly what a test says, byte for byte, at every step of the dialogue.

Takes a script (a function of a `Talk`, called for each connection); gives its port and the letters it took. `polite` is
the script of a well-behaved relay whose single answers can be replaced.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

EXTENSIONS = ("PIPELINING", "SIZE 50000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
Script = Callable[["Talk"], None]


class Talk:
    """One connection, seen from the relay. `number` counts connections from 1."""

    def __init__(self, relay: OddRelay, connection: socket.socket, number: int) -> None:
        self.relay = relay
        self.socket = connection
        self.number = number
        self._file = connection.makefile("rb")

    def say(self, *lines: str) -> None:
        self.socket.sendall("".join(line + "\r\n" for line in lines).encode())

    def raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> str:
        """The next command; EOFError where the client is gone."""
        line = self._file.readline()
        if not line:
            raise EOFError
        text = line.decode(errors="replace").rstrip("\r\n")
        self.relay.commands.append(text)
        return text

    def data(self) -> bytes:
        """What comes up to the final dot, dots undone."""
        lines = []
        while (line := self._file.readline()) != b".\r\n":
            if not line:
                raise EOFError
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def ehlo(self, *extensions: str) -> None:
        self.line()
        words = ["relay.example.net", *extensions]
        self.say(*(f"250{' ' if n == len(words) - 1 else '-'}{word}" for n, word in enumerate(words)))

    def start_tls(self, context: ssl.SSLContext) -> None:
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self._file = self.socket.makefile("rb")


class OddRelay:
    """Listens at once; `close` ends it. `letters` holds (recipients, data) of what was answered 250."""

    def __init__(self, script: Script, port: int = 0) -> None:
        self.letters: list[tuple[list[str], bytes]] = []
        self.commands: list[str] = []
        self.connections = 0
        self._script = script
        self._open: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", port))
        self.port = int(self._server.getsockname()[1])
        self.changed = threading.Condition()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        talk = Talk(self, connection, number)
        with contextlib.suppress(EOFError, OSError):
            self._script(talk)
        for end in (talk.socket, connection):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def took(self, recipients: list[str], data: bytes) -> None:
        with self.changed:
            self.letters.append((recipients, data))
            self.changed.notify_all()

    def wait_for(self, count: int, seconds: float = 30.0) -> list[tuple[list[str], bytes]]:
        """Waits until so many letters were taken."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.letters) >= count, seconds):
                raise AssertionError(f"{len(self.letters)} of {count} letters arrived; {self.commands[-20:]}")
            return list(self.letters)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def polite(
    answer: Callable[[str], str | None] = lambda command: None,
    extensions: tuple[str, ...] = EXTENSIONS,
    data_answer: Callable[[list[str], bytes], str | None] = lambda recipients, data: None,
    greet: bool = True,
    hello: bool = True,
) -> Script:
    """A relay that takes everything; `answer` may give another reply to a command, "" to hang up, `data_answer` to the dot."""

    def script(talk: Talk) -> None:
        if greet:
            talk.say("220 relay.example.net ESMTP")
        if hello:
            talk.ehlo(*extensions)
        recipients: list[str] = []
        while True:
            command = talk.line()
            verb = command.split(" ")[0].split(":")[0].upper()
            reply = answer(command)
            if reply == "":
                return
            if reply is None:
                data_reply = "354 go on" if recipients else "554 5.5.1 no recipients"
                reply = {"DATA": data_reply, "QUIT": "221 bye"}.get(verb, "250 2.1.0 ok")
            if verb == "MAIL":
                recipients = []
            elif verb == "RCPT" and reply.startswith("2"):
                recipients.append(command.partition("<")[2].partition(">")[0])
            talk.say(reply)
            if verb == "QUIT":
                return
            if reply.startswith("354"):
                data = talk.data()
                end = data_answer(recipients, data)
                if end == "":
                    return
                if end is None or end.startswith("2"):
                    talk.relay.took(recipients, data)
                talk.say(end or "250 2.0.0 queued as A1")
                recipients = []

    return script
