"""The gate: what is checked between the end of DATA and the reply.

Takes the bytes of a message (or the blob that holds them), its envelope and its client; gives the listener's `AtData`: a
refusal, or the findings that travel with the message to intake. Promises: the listener's loop never waits: work is done
in threads, and where there is none to do, at once; scanners and DNS are asked at the same time and are bounded by their
own time-outs; a check that fails in a way nobody foresaw costs the check, never the message.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from mailgate import clock, log
from mailgate.config import Config
from mailgate.mail.message import Envelope
from mailgate.screen import scan, scanners
from mailgate.screen.authentication.check import authenticate
from mailgate.screen.authentication.resolver import Resolver
from mailgate.screen.case import is_outside
from mailgate.screen.scan import Content, Sample
from mailgate.sources.smtp.shared import AtData
from mailgate.store import Store
from mailgate.store.blobs import StoredBlob
from mailgate.store.spool import Client

_THREADS = 32
_LARGE_AT_ONCE = 2
"""Large messages whose signatures are checked at once: each is in memory for that, with two canonical copies."""
_LARGE_WAIT_SECONDS = 60.0
_log = log.get("screen")


class Gate:
    """The checks under one configuration; `reload` exchanges it between two messages."""

    def __init__(self, config: Config, store: Store) -> None:
        self._blobs = store.blobs
        self._threads = ThreadPoolExecutor(_THREADS, "gate")
        self._proofs = ThreadPoolExecutor(_THREADS, "gate-proof")
        self._large = threading.Semaphore(_LARGE_AT_ONCE)
        self.reload(config)

    def reload(self, config: Config) -> None:
        """Takes a changed configuration over. Raises ConfigError for a resolver that is none."""
        screen = config.screen
        resolver = Resolver(screen.resolver, screen.dns_timeout.total_seconds()) if screen.authenticate else None
        self._now = config, resolver

    def close(self) -> None:
        """Ends the threads; what hangs ends by its time-out."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._proofs.shutdown(wait=False, cancel_futures=True)

    async def check(self, raw: bytes | StoredBlob, envelope: Envelope, client: Client, queue_id: str) -> AtData:
        """Checks one message."""
        config, resolver = self._now
        if not is_outside(client):
            resolver = None
        if resolver is None and not scan.is_wanted(config.screen):
            return AtData(None, {"scans": []})
        loop = asyncio.get_running_loop()
        sample = Sample(self._content(raw), envelope, client, queue_id, config.hostname)
        return await loop.run_in_executor(self._threads, self._check, config, resolver, sample)

    def _content(self, raw: bytes | StoredBlob) -> Content:
        return Content.of(raw) if isinstance(raw, bytes) else Content(raw.size, path=self._blobs.path_of(raw))

    def _check(self, config: Config, resolver: Resolver | None, sample: Sample) -> AtData:
        started = clock.monotonic()
        envelope, client = sample.envelope, sample.client
        proof: Future[dict[str, Any]] | None = None
        if resolver is not None:
            proof = self._proofs.submit(self._authenticate, sample.content, envelope, client, resolver)
        scans = scan.scan(sample, config.screen)
        findings: dict[str, Any] = {"scans": scans}
        if proof is not None:
            findings["authentication"] = proof.result()
        reply = scanners.refusal(scans, config.screen)
        authentication = findings.get("authentication", {})
        line = {
            "sender": envelope.reverse_path or "<>",
            "client": client.ip,
            "reply": reply,
            "seconds": round(clock.monotonic() - started, 3),
            **{name: authentication.get(name) for name in ("spf", "dkim", "dmarc", "domain")},
            **{item["scanner"]: _in_short(item) for item in scans},
        }
        return AtData(reply, findings, line)

    def _authenticate(self, content: Content, envelope: Envelope, client: Client, resolver: Resolver) -> dict[str, Any]:
        try:
            if content.path is None:
                return authenticate(content.raw, envelope, client, resolver)
            if not self._large.acquire(timeout=_LARGE_WAIT_SECONDS):
                raise TimeoutError("too many large messages at once")
            try:
                return authenticate(content.read(), envelope, client, resolver)
            finally:
                self._large.release()
        except Exception as error:  # noqa: BLE001 - the promise of this module
            _log.error("authentication failed", exc_info=True, client=client.ip)
            results: dict[str, Any] = dict.fromkeys(("spf", "dkim", "dmarc", "arc"), "temperror")
            return {**results, "policy": None, "aligned": False, "by": "smtp", "detail": f"fault: {error}"}


def _in_short(item: dict[str, object]) -> object:
    """One scanner's answer in a log line."""
    if item["error"] or item["virus"]:
        return item["error"] or item["virus"]
    if item["unscanned"]:
        return item["detail"]
    return "clean" if item["score"] is None else item["score"]
