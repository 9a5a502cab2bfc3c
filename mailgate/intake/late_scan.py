"""Scans messages that came past the gate: polled accounts and the pipe have no reply in which to refuse.

Takes spooled messages; gives what the scanners said of those that nobody scanned at SMTP time. Imported mail is history
and is not scanned. Promises: scanners work ahead of the reading, a few messages at once; a scanner that fails marks the
message and holds nothing up (`on_failure = "defer"` is a matter of SMTP: here there is nobody to come again). It travels
to the reading process with each batch.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from mailgate.config import Config
from mailgate.config.schema import Screen
from mailgate.errors import MailgateError
from mailgate.store import Store
from mailgate.store.spool import Spooled

_AT_ONCE = 4
_Scans = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class LateScan:
    """Which scanners are asked, and the longest that they may take for one message."""

    screen: Screen = field(default_factory=Screen)
    hostname: str = ""
    seconds: float = 0.0

    @classmethod
    def of(cls, config: Config) -> LateScan:
        """As the configuration says."""
        from mailgate.screen import scan

        return cls(config.screen, config.hostname, scan.wait_seconds(config.screen))

    @contextlib.contextmanager
    def ahead(self, store: Store, batch: Sequence[Spooled]) -> Iterator[Callable[[Spooled], _Scans | None]]:
        """Begins to scan a batch; gives a function that waits for the results of one message of it (None: no scan)."""
        due = [item for item in batch if self.seconds and self._is_due(item)]
        if not due:
            yield lambda item: None
            return
        pool = ThreadPoolExecutor(_AT_ONCE, "late-scan")
        try:
            futures: dict[int, Future[_Scans]] = {item.id: pool.submit(self._scan, store, item) for item in due}
            yield lambda item: futures[item.id].result() if item.id in futures else None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _is_due(self, item: Spooled) -> bool:
        return "scans" not in item.findings and item.source != "import" and not item.released

    def _scan(self, store: Store, item: Spooled) -> _Scans:
        from mailgate.screen import scan

        try:
            with store.read() as db:
                path = store.blobs.file_of(db, item.sha256)
                content = (
                    scan.Content(item.size, path=path) if path else scan.Content.of(store.blobs.get(db, item.sha256))
                )
        except MailgateError:
            return []  # reading meets the same trouble and says so
        return scan.scan(scan.Sample(content, item.envelope, item.client, item.queue_id, self.hostname), self.screen)
