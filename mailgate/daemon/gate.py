"""The gate: what is checked between the end of DATA and the reply.

Takes the bytes of a message (or the blob that holds them), its envelope and its client, in a thread of the listener's;
gives the listener's `AtData`: a refusal, or the findings that travel with the message to intake.
Promises: bounded by the scanners' time-outs, asked all at once; a check that fails in a way nobody foresaw costs the
check, never the message.
"""

from __future__ import annotations

from mailgate import clock, log
from mailgate.config import Config
from mailgate.mail.message import Envelope
from mailgate.screen import scan, scanners
from mailgate.screen.scan import Content, Sample
from mailgate.sources.smtp.shared import AtData
from mailgate.store import Store
from mailgate.store.blobs import StoredBlob
from mailgate.store.spool import Client

_log = log.get("screen")


class Gate:
    """The checks under one configuration; `reload` exchanges it between two messages."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config = config
        self._blobs = store.blobs

    def reload(self, config: Config) -> None:
        """Takes a changed configuration over."""
        self._config = config

    def __call__(self, raw: bytes | StoredBlob, envelope: Envelope, client: Client) -> AtData:
        """Checks one message."""
        config, started = self._config, clock.monotonic()
        if isinstance(raw, bytes):
            content = Content.of(raw)
        else:
            content = Content(raw.size, path=self._blobs.path_of(raw))
        sample = Sample(content, envelope, client, hostname=config.hostname)
        scans = scan.scan(sample, config.screen)
        reply = scanners.refusal(scans, config.screen)
        if scans:
            _log.info(
                "checked",
                sender=envelope.reverse_path or "<>",
                client=client.ip,
                reply=reply,
                seconds=round(clock.monotonic() - started, 3),
                **{item["scanner"]: _in_short(item) for item in scans},
            )
        return AtData(reply, {"scans": scans})


def _in_short(item: dict[str, object]) -> object:
    """One scanner's answer in a log line."""
    return item["error"] or item["virus"] or (item["detail"] if item["unscanned"] else item["score"])
