"""Listening sockets: opened from the configuration, or passed by systemd.

Takes `host:port`, `unix:PATH` and `systemd`; gives bound sockets. Promises: a port or path that cannot be had is a
ConfigError that says what to do; a socket file is never open to others, not even for a moment, and one that a crash
left behind is replaced, while one that is in use is not. Standards: sd_listen_fds(3).
"""

from __future__ import annotations

import errno
import os
import re
import socket
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from mailgate.errors import ConfigError

_BACKLOG = 512
_SOCKET_MODE = 0o660
_FIRST_PASSED = 3
_HOST_PORT = re.compile(r"(?:\[([^\]]*)\]|([^\[\]]*)):(\d{1,5})")
KINDS = ("smtp", "lmtp", "smtps")


def as_written(addresses: Sequence[tuple[str, int] | str]) -> list[str] | None:
    """What is bound, as the configuration writes it; None for nothing."""
    written = []
    for item in addresses:
        if isinstance(item, str):
            written.append(f"unix:{item}")
        else:
            written.append(f"[{item[0]}]:{item[1]}" if ":" in item[0] else f"{item[0]}:{item[1]}")
    return written or None


def open_sockets(places: Sequence[str], option: str) -> list[socket.socket]:
    """Binds every place of one option (`smtp.listen` ...). Raises ConfigError, with nothing left open."""
    opened: list[socket.socket] = []
    try:
        for place in places:
            if place.startswith("unix:"):
                opened.append(_open_unix(Path(place[5:]), option))
            elif place != "systemd":
                opened.extend(_open_tcp(place, option))
    except BaseException:
        close_sockets(opened)
        raise
    return opened


def close_sockets(sockets: Sequence[socket.socket]) -> None:
    """Closes sockets and removes the files of those in the file system."""
    for item in sockets:
        path = item.getsockname() if item.family == socket.AF_UNIX else ""
        item.close()
        if isinstance(path, str) and path:
            Path(path).unlink(missing_ok=True)


def passed_sockets(environment: Mapping[str, str] | None = None) -> dict[str, list[socket.socket]]:
    """The sockets that systemd passed, by kind: "smtp", "lmtp" or "smtps".

    `FileDescriptorName=` tells the kind; without it a UNIX socket is for LMTP and the others for SMTP.
    """
    environment = os.environ if environment is None else environment
    passed: dict[str, list[socket.socket]] = {}
    if environment.get("LISTEN_PID") != str(os.getpid()):
        return passed
    count = environment.get("LISTEN_FDS", "0")
    names = environment.get("LISTEN_FDNAMES", "").split(":")
    for number in range(int(count) if count.isdigit() else 0):
        item = socket.socket(fileno=_FIRST_PASSED + number)
        item.set_inheritable(False)
        name = names[number] if number < len(names) else ""
        if name not in KINDS:
            name = "lmtp" if item.family == socket.AF_UNIX else "smtp"
        passed.setdefault(name, []).append(item)
    return passed


def _open_tcp(place: str, option: str) -> list[socket.socket]:
    found = _HOST_PORT.fullmatch(place)
    if found is None or int(found[3]) > 65535:
        raise ConfigError(f'{option}: "{place}" is not host:port; write one such as "127.0.0.1:2525" or "[::1]:2525"')
    host, port = found[1] or found[2], int(found[3])
    try:
        where = socket.getaddrinfo(
            None if host in ("", "*") else host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise ConfigError(f'{option}: the host of "{place}" is unknown ({error}). Name an address.') from None
    opened: list[socket.socket] = []
    try:
        for family, _, _, _, address in where:
            if opened and port == 0:
                break  # "localhost:0" would get a different free port for each family
            opened.append(_bind(socket.socket(family, socket.SOCK_STREAM), address))
    except OSError as error:
        close_sockets(opened)
        raise ConfigError(f'{option}: "{place}" cannot be used: {_advice(error)}') from None
    return opened


def _bind(item: socket.socket, address: object) -> socket.socket:
    try:
        item.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if item.family == socket.AF_INET6:
            item.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        item.bind(address)  # type: ignore[arg-type]
        item.listen(_BACKLOG)
    except BaseException:
        item.close()
        raise
    return item


def _advice(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "another program uses it. Stop that program (`ss -ltnp` shows it), or choose another port."
    if error.errno == errno.EACCES:
        return "ports below 1024 need a privilege. Choose another port, or let systemd pass the socket."
    if error.errno == errno.EADDRNOTAVAIL:
        return "this machine does not have that address. Choose one that `ip address` shows."
    return f"{error.strerror or error}. Choose another place."


def _open_unix(path: Path, option: str) -> socket.socket:
    _clear_stale(path, option)
    item = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(item.fileno(), _SOCKET_MODE)  # Linux makes the file with this mode, less the umask
        item.bind(str(path))
        path.chmod(_SOCKET_MODE)
        item.listen(_BACKLOG)
    except OSError as error:
        item.close()
        reason = error.strerror or str(error)
        raise ConfigError(
            f"{option}: unix:{path} cannot be used: {reason}. Check that its folder exists, is writable, and that the "
            "path is shorter than 108 bytes."
        ) from None
    return item


def _clear_stale(path: Path, option: str) -> None:
    """Removes the socket file of a process that is gone."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ConfigError(f"{option}: {path} exists and is no socket. Move it away, or choose another path.")
    except OSError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
        except OSError:
            return
        else:
            raise ConfigError(f"{option}: another program listens at {path}. Stop it, or choose another path.")
