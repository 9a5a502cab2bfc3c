"""A process that polls one EWS or Graph account and is killed: for each line on stdin, which names a data folder, it forks a
child that polls once.

Arguments: protocol, port, file of the authority. It answers each line with the child's process id, and with
the child's end. Small pages and groups make many steps between accept and delete.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import exchangelib  # noqa: F401 - before the fork, so that a child starts fast

from mailgate.config.schema import OAuth
from mailgate.sources.accounts import ews, graph
from mailgate.store import Store
from tests.support.account_polls import Polls


def main() -> None:
    protocol, port, authority = sys.argv[1:4]
    ews.PAGE = graph.PAGE = 4
    ews._GROUP = 2
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            polls = Polls(
                protocol,
                int(port),
                Store.open(Path(line.strip())),
                tokens=("good-token",),
                tls="tls",
                ca_file=authority,
                oauth=OAuth(client_id="app"),
                username="desk@corp.example",
                endpoint=f"https://localhost:{port}/v1.0" if protocol == "graph" else None,
            )
            polls.poller.turn()
            polls.close()
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else "done", flush=True)


if __name__ == "__main__":
    main()
