"""An authoritative name server of a test's own, on UDP and TCP of 127.0.0.1.

Takes records as (name, type) and text values; gives `address:port` for `screen.resolver`. Promises: answers only from its
records, asks nobody; a name in `silent` gets no answer, one in `broken` gets SERVFAIL; `asked` counts the questions.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections import Counter
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

_UDP_BYTES = 1232


class NameServer:
    """Serves while its context is open."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], list[str]] = {}
        self.silent: set[str] = set()
        self.broken: set[str] = set()
        self.asked: Counter[str] = Counter()
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self._tcp.getsockname()[1]))
        self.address = f"127.0.0.1:{self._tcp.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._serve_udp), threading.Thread(target=self._serve_tcp)]
        self._open = True

    def add(self, name: str, kind: str, *values: str) -> None:
        """Adds records; a TXT value is cut into strings here."""
        if kind == "TXT":
            values = tuple(
                " ".join(
                    '"' + value[i : i + 250].replace("\\", "\\\\").replace('"', '\\"') + '"'
                    for i in range(0, max(1, len(value)), 250)
                )
                for value in values
            )
        self._records.setdefault((name.lower(), kind), []).extend(values)

    def remove(self, name: str, kind: str) -> None:
        """Forgets records."""
        self._records.pop((name.lower(), kind), None)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self._udp.getsockname())
        socket.create_connection(self._tcp.getsockname()).close()
        for thread in self._threads:
            thread.join()
        self._udp.close()
        self._tcp.close()

    def _answer(self, wire: bytes) -> dns.message.Message | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        self.asked[name] += 1
        if name in self.silent:
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA | dns.flags.RA
        if name in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
            return answer
        alias = self._records.get((name, "CNAME"))
        if alias:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "CNAME", alias[0] + "."))
            name = alias[0].lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        values = self._records.get((name, kind))
        if values:
            answer.answer.append(dns.rrset.from_text(dns.name.from_text(name), 60, "IN", kind, *values))
        elif not any(key[0] == name for key in self._records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer

    def _serve_udp(self) -> None:
        while True:
            wire, peer = self._udp.recvfrom(4096)
            if not self._open:
                return
            answer = self._answer(wire)
            if answer is None:
                continue
            data = answer.to_wire(max_size=65535)
            if len(data) > _UDP_BYTES:
                answer.answer.clear()
                answer.flags |= dns.flags.TC
                data = answer.to_wire(max_size=65535)
            self._udp.sendto(data, peer)

    def _serve_tcp(self) -> None:
        while True:
            connection, _ = self._tcp.accept()
            with connection:
                if not self._open:
                    return
                head = connection.recv(2, socket.MSG_WAITALL)
                if len(head) < 2:
                    continue
                answer = self._answer(connection.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL))
                if answer is not None:
                    data = answer.to_wire(max_size=65535)
                    connection.sendall(struct.pack("!H", len(data)) + data)
