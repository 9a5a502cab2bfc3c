"""The addresses of a host, within a time limit: the first step of every connection to a server of others.

Takes host, port and seconds; gives what getaddrinfo gives. Loads no library, so that accounts without HTTP use it too.
"""

from __future__ import annotations

import queue
import socket
import threading
from typing import Any


def resolve(host: str, port: int, timeout: float) -> list[Any]:
    """getaddrinfo with a time limit: it has none of its own, so a thread does it that may be left behind.

    Raises OSError (socket.gaierror, TimeoutError).
    """
    answers: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else socket.gaierror(socket.EAI_NONAME, "not a host name"))

    threading.Thread(target=ask, name=f"resolve-{host[:40]}", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise TimeoutError(f"the name server did not answer about {host}") from None
    if isinstance(answer, OSError):
        raise answer
    return answer
