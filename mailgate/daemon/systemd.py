"""What the service manager wants to hear: ready, reloading, stopping, and that the daemon is alive (sd_notify(3)).

Takes the environment (`NOTIFY_SOCKET`, `WATCHDOG_USEC`); gives functions that do nothing outside systemd.
"""

from __future__ import annotations

import contextlib
import os
import socket

from mailgate import clock


def notify(**fields: object) -> None:
    """Sends one datagram, such as `notify(READY=1, STATUS="serving")`; trouble with it never stops the daemon."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    text = "\n".join(f"{key}={value}" for key, value in fields.items())
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.sendto(text.encode(), address)


def notify_reloading() -> None:
    """Begins a reload, as Type=notify-reload wants it told; `notify(READY=1)` ends it."""
    notify(RELOADING=1, MONOTONIC_USEC=int(clock.monotonic() * 1_000_000))


def watchdog_seconds() -> float | None:
    """How often systemd wants a sign of life, halved as its manual advises; None without a watchdog."""
    value = os.environ.get("WATCHDOG_USEC", "")
    owner = os.environ.get("WATCHDOG_PID", "")
    if not value.isdigit() or (owner and owner != str(os.getpid())):
        return None
    return int(value) / 2_000_000
