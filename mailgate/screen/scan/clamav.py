"""ClamAV: whether there is a virus in a message.

Takes a sample and `[screen.clamav]`; gives the name of what clamd found. Promises: the message is streamed in pieces, so
that a large one is never in memory; one that is larger than clamd takes (`StreamMaxLength`) is marked unscanned and is
no error, because it would be too large the next time too.
Protocol: INSTREAM of clamd(8), with the z prefix: NUL-terminated commands and answers.
"""

from __future__ import annotations

import struct

from mailgate.config.schema import ClamAV
from mailgate.screen.scan.line import Line, open_line, read_to_end
from mailgate.screen.scan.sample import Result, Sample, failed, one_line

NAME = "clamav"
_PIECE = 128 * 1024
_ANSWER = 4096
_PING_SECONDS = 3.0


def ask(sample: Sample, config: ClamAV) -> Result:
    """What clamd says. Raises OSError, TimeoutError and ValueError where it says nothing."""
    size = sample.content.size
    if size > config.max_size:
        return Result(NAME, unscanned=True, detail=f"{size} bytes are more than clamav.max_size")
    with open_line(config.address, config.timeout.total_seconds()) as line:
        try:
            _send(line, sample)
        except (BrokenPipeError, ConnectionResetError):
            return _refused(line, config)
        answer = read_to_end(line, _ANSWER)
    return _read(answer)


def ping(config: ClamAV, seconds: float) -> str:
    """clamd's version. Raises OSError, TimeoutError and ValueError."""
    with open_line(config.address, seconds) as line:
        line.sendall(b"zVERSION\0")
        answer = read_to_end(line, _ANSWER).rstrip(b"\0\n").decode("utf-8", "replace")
    if not answer:
        raise ValueError("clamd closed the connection without an answer")
    return one_line(answer, 100)


def _send(line: Line, sample: Sample) -> None:
    line.sendall(b"zINSTREAM\0")
    with sample.content.open() as source:
        while piece := source.read(_PIECE):
            line.sendall(struct.pack("!L", len(piece)) + piece)
    line.sendall(struct.pack("!L", 0))


def _refused(line: Line, config: ClamAV) -> Result:
    """clamd closes in the middle of a stream that is too long; its answer is often lost with the connection."""
    try:
        answer = read_to_end(line, _ANSWER)
    except OSError:
        answer = b""
    if answer:
        return _read(answer)
    ping(config, _PING_SECONDS)  # a clamd that answers is alive: then it was the length
    return _too_long()


def _too_long() -> Result:
    return Result(
        NAME,
        unscanned=True,
        detail="more than clamd takes; set clamav.max_size to its StreamMaxLength, or raise that",
    )


def _read(answer: bytes) -> Result:
    text = one_line(answer.rstrip(b"\0\n").decode("utf-8", "replace")).removeprefix("stream: ")
    if text == "OK":
        return Result(NAME)
    if text.endswith(" FOUND"):
        return Result(NAME, virus=text.removesuffix(" FOUND") or "a virus without a name")
    if "size limit exceeded" in text:
        return _too_long()
    return failed(NAME, f"clamd answered: {text}" if text else "clamd closed the connection without an answer")
