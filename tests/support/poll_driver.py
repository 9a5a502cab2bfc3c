"""A process that polls one account and is killed: for each line on stdin it forks a child that polls once.

Arguments: protocol, port, data folder, user. It answers each line with the child's process id, and with the child's
end. The child opens the store and the connection itself; small batches make many instants between accept and delete.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from mailgate.sources.accounts import imap, pop3
from mailgate.store import Store
from tests.support.account_polls import Polls


def main() -> None:
    protocol, port, folder, user = sys.argv[1:5]
    imap.BATCH = pop3.BATCH = 7
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            store = Store.open(Path(folder))
            polls = Polls(protocol, int(port), store, username=user, idle=False)
            polls.poller.turn()
            polls.close()
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else "done", flush=True)


if __name__ == "__main__":
    main()
