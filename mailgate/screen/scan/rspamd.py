"""rspamd: how much a message looks like spam.

Takes a sample and `[screen.rspamd]`; gives score and the symbols that weighed most. The decision is by the scores of our
configuration; a message that rspamd itself would reject or hold below them (a rule with a forced action, such as its
antivirus module) is held. Greylisting and rate limits of rspamd are ignored: they are an MTA's business.
Protocol: POST /checkv2 of rspamd's normal worker, over TCP or a UNIX socket, with the envelope in header fields.
"""

from __future__ import annotations

import http.client
import json
from typing import Any, cast
from urllib.parse import urlsplit

from mailgate.config.schema import Rspamd
from mailgate.screen.scan.line import open_line
from mailgate.screen.scan.sample import Result, Sample, by_score, failed, one_line

NAME = "rspamd"
_ANSWER = 1024 * 1024
_SYMBOLS = 12
_RECIPIENTS = 100
_PORT = 11333
_FORCED = ("reject", "quarantine", "discard")


class _Connection(http.client.HTTPConnection):
    """HTTP over a line with a deadline."""

    def __init__(self, place: str, seconds: float) -> None:
        super().__init__("localhost")
        self._place, self._seconds = place, seconds

    def connect(self) -> None:
        self.sock = open_line(self._place, self._seconds)


def ask(sample: Sample, config: Rspamd) -> Result:
    """What rspamd says. Raises OSError, TimeoutError, HTTPException and ValueError where it says nothing."""
    size = sample.content.size
    if size > config.max_size:
        return Result(NAME, detail=f"{size} bytes are more than rspamd.max_size: not asked")
    connection = _Connection(place_of(config.url), config.timeout.total_seconds())
    try:
        connection.putrequest("POST", "/checkv2", skip_accept_encoding=True)
        for name, value in _fields(sample):
            connection.putheader(name, one_line(value, 1000).encode("utf-8", "replace"))
        connection.putheader("Content-Length", str(size))
        with sample.content.open() as source:
            connection.endheaders(source)
        answer = connection.getresponse()
        text = answer.read(_ANSWER)
        if answer.status != 200:
            return failed(NAME, f"rspamd answered {answer.status}: {text[:200].decode('utf-8', 'replace')}")
    finally:
        connection.close()
    return _read(text, config)


def ping(config: Rspamd, seconds: float) -> str:
    """Whether rspamd is there. Raises OSError, TimeoutError, HTTPException and ValueError."""
    connection = _Connection(place_of(config.url), seconds)
    try:
        connection.request("GET", "/ping")
        answer = connection.getresponse()
        text = answer.read(100)
    finally:
        connection.close()
    if answer.status != 200:
        raise ValueError(f"rspamd answered {answer.status}: {one_line(text.decode('utf-8', 'replace'), 100)}")
    return "rspamd answers"


def place_of(url: str) -> str:
    """The line's place of the configured URL. Raises ValueError with a sentence."""
    if url.startswith("unix:"):
        return url
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORT
    except ValueError:
        host, port = "", 0
    if not host or parts.scheme != "http":
        raise ValueError(f'"{url}" is neither http://HOST:PORT nor unix:PATH')
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _fields(sample: Sample) -> list[tuple[str, str]]:
    """The envelope as rspamd wants it; what is not known is left out. A null reverse-path is an empty From."""
    client, envelope = sample.client, sample.envelope
    fields = [("From", envelope.reverse_path or "")]
    fields += [("Rcpt", recipient) for recipient in envelope.recipients[:_RECIPIENTS]]
    optional = (("IP", client.ip), ("Helo", client.helo), ("User", client.auth_user), ("Queue-Id", sample.queue_id))
    fields += [(name, value) for name, value in optional if value]
    fields.append(("MTA-Name", sample.hostname))
    return fields


def _read(text: bytes, config: Rspamd) -> Result:
    try:
        answer = json.loads(text)
        score = float(answer["score"])
    except (ValueError, KeyError, TypeError):
        return failed(NAME, f"rspamd gave no score: {text[:200].decode('utf-8', 'replace')}")
    action = by_score(score, config.tag_score, config.hold_score, config.reject_score)
    theirs = str(answer.get("action", ""))
    if theirs in _FORCED and action in (None, "tag"):
        action = "hold"
    return Result(NAME, score, action, detail=one_line(f"{theirs}: {_symbols(answer.get('symbols'))}"))


def _symbols(found: Any) -> str:
    """The symbols that weighed most, heaviest first."""
    if not isinstance(found, dict):
        return ""
    weights: list[tuple[str, float]] = []
    for name, symbol in cast("dict[str, Any]", found).items():
        weight = symbol.get("score", 0) if isinstance(symbol, dict) else 0
        if isinstance(weight, int | float) and weight:
            weights.append((name, float(weight)))
    weights.sort(key=lambda pair: -abs(pair[1]))
    return ", ".join(f"{name} {weight:g}" for name, weight in weights[:_SYMBOLS])
