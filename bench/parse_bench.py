"""How long the parser takes for typical and for hostile messages, and how much memory for a large one.

Run: `python bench/parse_bench.py`. Prints the best of several runs in milliseconds; nothing is asserted here.
"""

from __future__ import annotations

import base64
import email
import email.policy
import gc
import resource
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mailgate.mail.parse import parse

HEADER = "\r\n".join(
    [
        "Return-Path: <ayse@example.org>",
        *[
            f"Received: from mx{n}.example.org (mx{n}.example.org [192.0.2.{n}])\r\n"
            f"\tby mail{n}.example.com (Postfix) with ESMTPS id 4A7B{n}C\r\n"
            f"\tfor <support@example.com>; Tue, 24 Nov 2026 10:0{n}:00 +0300 (+03)"
            for n in range(1, 6)
        ],
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1;\r\n"
        "\th=from:to:subject:date:message-id; bh=" + "A" * 44 + ";\r\n\tb=" + ("B" * 70 + "\r\n\t ") * 4 + "==",
        "ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none;\r\n\tb=" + ("C" * 70 + "\r\n\t ") * 4,
        *[f"X-MS-Exchange-Header-{n}: value {n} of some length, as such fields have" for n in range(12)],
        "From: =?UTF-8?B?QXnFn2UgWcSxbG1heg==?= <ayse@example.org>",
        'To: "Support, Desk" <support@example.com>, Bob Example <bob@example.com>',
        "Cc: carol@example.com",
        "Subject: =?UTF-8?Q?Yaz=C4=B1c=C4=B1_=C3=A7al=C4=B1=C5=9Fm=C4=B1yor_{12}?= =?UTF-8?Q?_tekrar?=",
        "Date: Tue, 24 Nov 2026 10:00:00 +0300",
        "Message-ID: <CAF1234567890abcdef@mail.example.org>",
        "In-Reply-To: <t12.abc@help.example.com>",
        "References: <t12.abc@help.example.com> <CAF1@mail.example.org>\r\n <CAF2@mail.example.org>",
        "MIME-Version: 1.0",
    ]
)
WORDS = "Merhaba, yazıcı çalışmıyor; lütfen yardım eder misiniz? The printer does not print any more. "


def quoted(text: str) -> str:
    import quopri

    return quopri.encodestring(text.encode()).decode().replace("\n", "\r\n")


def typical() -> bytes:
    plain = quoted("\n".join(WORDS for _ in range(32)))
    html = quoted("<html><body>" + "\n".join(f"<p>{WORDS}</p>" for _ in range(40)) + "</body></html>")
    return (
        f'{HEADER}\r\nContent-Type: multipart/alternative; boundary="000000000000a1b2c3"\r\n\r\n'
        f'--000000000000a1b2c3\r\nContent-Type: text/plain; charset="UTF-8"\r\n'
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{plain}\r\n"
        f'--000000000000a1b2c3\r\nContent-Type: text/html; charset="UTF-8"\r\n'
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{html}\r\n--000000000000a1b2c3--\r\n"
    ).encode()


def plain(size: int) -> bytes:
    line = "The quick brown fox jumps over the lazy dog, again and again and again.\r\n"
    return (HEADER + "\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n" + line * (size // len(line))).encode()


def attachment(size: int) -> bytes:
    data = base64.encodebytes(bytes(range(256)) * (size // 256)).replace(b"\n", b"\r\n")
    head = f'{HEADER}\r\nContent-Type: multipart/mixed; boundary="bb"\r\n\r\n--bb\r\n\r\nhello\r\n--bb\r\n'
    part = "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + part.encode() + data + b"--bb--\r\n"


def standard_library(raw: bytes) -> object:
    """The same work by Python's `email`: addresses, subject, date, text."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    return message["from"], message["to"], message["subject"], message["date"], body and body.get_content()


def hostile() -> dict[str, bytes]:
    nest = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(1000)).encode()
    many = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 500_000
    big_nest = nest + b"x" * 50_000_000
    return {
        "1,000 nested parts": nest + b"deep",
        "1,000 nested parts, 50 MB": big_nest,
        "500,000 parts": many,
        "100,000 header lines": b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"\r\nbody",
        "1 MB subject": b"Subject: " + b"=?utf-8?q?x?= " * 75_000 + b"\r\n\r\n",
        "1 MB of quotes in To": b"To: " + b'"' * 1_000_000 + b"\r\n\r\n",
        "1 MB of parentheses in From": b"From: " + b"(" * 1_000_000 + b"\r\n\r\n",
        "80 KB of parameters": b"Content-Type: text/plain" + b"; a=b" * 16_000 + b"\r\n\r\nx",
        "5 MB of divs": b"Content-Type: text/html\r\n\r\n" + b"<div>" * 1_000_000,
        "50 MB of line ends": b"Subject: x\r\n\r\n" + b"\r\n" * 25_000_000,
        "50 MB of begin lines": b"Subject: x\r\n\r\n" + b"begin 644 x\r\n" * 3_800_000,
        "50 MB of false delimiters": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        + b"--bx\r\n" * 8_000_000,
    }


def best(function: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        function()
        times.append(time.perf_counter() - begun)
    return min(times) * 1000


def main() -> None:
    for name, raw in {"multipart/alternative": typical(), "plain": plain(30_000), "plain, small": plain(2_000)}.items():
        took, stdlib = best(lambda raw=raw: parse(raw), 300), best(lambda raw=raw: standard_library(raw), 30)
        print(f"{name:32} {len(raw) / 1000:10.1f} kB {took:10.3f} ms   (email, policy.default: {stdlib:.3f} ms)")
    raw = attachment(25_000_000)
    print(f"{'25 MB attachment':32} {len(raw) / 1000:10.1f} kB {best(lambda: parse(raw), 3):10.3f} ms")
    gc.collect()
    tracemalloc.start()
    message = parse(raw)
    print(f"{'  peak memory beside the raw':32} {tracemalloc.get_traced_memory()[1] / 1e6:10.1f} MB")
    tracemalloc.stop()
    del message, raw
    for name, raw in hostile().items():
        print(f"{name:32} {len(raw) / 1000:10.1f} kB {best(lambda raw=raw: parse(raw), 1):10.3f} ms", flush=True)
    print(f"{'peak of this process':32} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:10.1f} MB")


if __name__ == "__main__":
    main()
