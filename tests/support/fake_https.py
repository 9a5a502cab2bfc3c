"""An HTTPS server in a thread, with a private authority, for the fakes of Microsoft's and Google's services.

It takes a function from request to reply, keeps a log of what was asked, and misbehaves on demand: `fail("GET /x", ...)`
makes the next request (or `times` of them) whose first line holds these words go wrong in a way of `KINDS`.
"""

from __future__ import annotations

import contextlib
import itertools
import ssl
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

KINDS = ("cut", "cut_in_body", "hang", "drip", "garbage", "huge", "endless")


@dataclass
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class _Fault:
    words: str
    what: str | Reply
    times: int


class FakeHttps:
    """`url`, `ca_file`, `asked` (first lines), and `fail`."""

    def __init__(self, answer: Callable[[Request], Reply], tls: bool = True) -> None:
        self._answer = answer
        self._faults: list[_Fault] = []
        self._over = threading.Event()
        self.asked: list[str] = []
        self.stumbled: list[str] = []
        self.certificate = b""
        self.requests: list[Request] = []
        authority = trustme.CA()
        self._scratch = tempfile.TemporaryDirectory(prefix="fake-https-")
        self.ca_file = Path(self._scratch.name, "ca.pem")
        authority.cert_pem.write_to_path(str(self.ca_file))
        fake = self
        self._numbers = itertools.count(1)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            number = 0  # of the connection; `id()` comes again with the next one

            def setup(self) -> None:
                super().setup()
                self.number = next(fake._numbers)

            def handle_all(self) -> None:
                fake._handle(self)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_all

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """Connections that are cut are what the tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            leaf = authority.issue_cert("localhost")
            leaf.configure_cert(context)
            self.certificate = ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = int(self._server.server_address[1])
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def fail(self, words: str, what: str | Reply, times: int = 1) -> None:
        """Makes the next `times` requests whose first line holds `words` go wrong."""
        self._faults.append(_Fault(words, what, times))

    def heal(self) -> None:
        """Forgets all faults."""
        self._faults.clear()

    def close(self) -> None:
        """Ends the server. Raises AssertionError where the fake itself stumbled over a request."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._scratch.cleanup()
        assert not self.stumbled, self.stumbled[0]

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        request = Request(handler.command, handler.path, handler.headers, body, getattr(handler, "number", 0))
        line = f"{request.method} {request.path}" + self.mark(request)
        self.asked.append(line)
        self.requests.append(request)
        fault = next((fault for fault in self._faults if fault.words in line), None)
        if fault is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)
            if isinstance(fault.what, str):
                self._misbehave(handler, fault.what)
                return
            reply = fault.what
        else:
            try:
                reply = self._answer(request)
            except Exception:
                self.stumbled.append(traceback.format_exc())
                raise
        self._send(handler, reply)

    def mark(self, request: Request) -> str:
        """More words of the request for its first line; SOAP has all in the body."""
        return ""

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        handler.wfile.write(reply.body)

    def _misbehave(self, handler: BaseHTTPRequestHandler, kind: str) -> None:
        handler.close_connection = True
        out = handler.wfile
        with contextlib.suppress(OSError):
            if kind == "hang":
                self._over.wait()
            elif kind == "drip":
                out.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while not self._over.wait(0.02):
                    out.write(b"x")
            elif kind == "cut_in_body":
                out.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\nhalf of it")
            elif kind == "garbage":
                body = b"\x00\xff<html>{[" * 50
                out.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            elif kind == "huge":
                out.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4294967296\r\n\r\n")
                self._pour(out)
            elif kind == "endless":
                out.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                while not self._over.is_set():
                    out.write(b"10000\r\n" + b"y" * 65536 + b"\r\n")
            else:
                assert kind == "cut"

    def _pour(self, out: Any) -> None:
        piece = b"z" * 65536
        while not self._over.is_set():
            out.write(piece)
