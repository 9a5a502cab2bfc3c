"""SpamAssassin: how much a message looks like spam.

Takes a sample and `[screen.spamassassin]`; gives score and the names of the rules that hit. The decision is by the scores
of our configuration, not by spamd's `required_score`. As spamd knows no envelope, reverse-path and client go before the
message as the header fields that a final delivery writes, so that SPF and block lists have something to look at.
Protocol: SPAMC/1.5, command SYMBOLS (SpamAssassin's spamd/PROTOCOL).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime

from mailgate import clock
from mailgate.config.schema import SpamAssassin
from mailgate.screen.scan.line import open_line, read_to_end
from mailgate.screen.scan.sample import Result, Sample, by_score, failed, one_line

NAME = "spamassassin"
_ANSWER = 64 * 1024
_STATUS = re.compile(r"SPAMD/[0-9.]{1,8} ([0-9]{1,3}) ?([^\r\n]*)")
_SPAM = re.compile(r"(?im)^Spam: *\w+ *; *(-?[0-9]+(?:\.[0-9]+)?) */")
_NOT_A_WORD = re.compile(r"[^A-Za-z0-9.:_@+=~-]+")


def ask(sample: Sample, config: SpamAssassin) -> Result:
    """What spamd says. Raises OSError, TimeoutError and ValueError where it says nothing."""
    if sample.content.size > config.max_size:
        return Result(NAME, detail=f"{sample.content.size} bytes are more than spamassassin.max_size: not asked")
    body = _trace(sample) + sample.content.read()
    with open_line(config.address, config.timeout.total_seconds()) as line:
        line.sendall(b"SYMBOLS SPAMC/1.5\r\nContent-length: %d\r\n\r\n" % len(body))
        line.sendall(body)
        answer = read_to_end(line, _ANSWER)
    return _read(answer, config)


def ping(config: SpamAssassin, seconds: float) -> str:
    """spamd's greeting. Raises OSError, TimeoutError and ValueError."""
    with open_line(config.address, seconds) as line:
        line.sendall(b"PING SPAMC/1.5\r\n\r\n")
        answer = read_to_end(line, _ANSWER).decode("utf-8", "replace")
    if "PONG" not in answer[:100]:
        raise ValueError(f"spamd answered: {one_line(answer, 100)}")
    return "spamd answers"


def _trace(sample: Sample) -> bytes:
    """Return-Path and Received (RFC 5321 section 4.4), for mail whose client is known."""
    client = sample.client
    if client.ip is None:
        return b""
    helo, sender = _word(client.helo or "unknown"), _word(sample.envelope.reverse_path or "")
    at = format_datetime(datetime.fromtimestamp(clock.now(), UTC))
    host = _word(sample.hostname)
    text = f"Return-Path: <{sender}>\r\nReceived: from {helo} ({helo} [{_word(client.ip)}])\r\n\tby {host} with SMTP; {at}\r\n"
    return text.encode("ascii", "replace")


def _word(text: str) -> str:
    return _NOT_A_WORD.sub("_", text[:250])


def _read(answer: bytes, config: SpamAssassin) -> Result:
    head, _, rules = answer.decode("utf-8", "replace").partition("\r\n\r\n")
    status = _STATUS.match(head)
    if status is None or status[1] != "0":
        return failed(NAME, f"spamd answered: {head}" if head else "spamd closed the connection without an answer")
    spam = _SPAM.search(head)
    if spam is None:
        return failed(NAME, f"spamd gave no score: {head}")
    score = float(spam[1])
    action = by_score(score, config.tag_score, config.hold_score, config.reject_score)
    return Result(NAME, score, action, detail=one_line(rules.replace(",", ", ")))
