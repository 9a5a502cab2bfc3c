"""Polled accounts: existing mailboxes whose mail becomes tickets, once each, whatever dies in between.

`supervisor.py` runs one thread an account, `poller.py` is that thread's life, `fetcher.py` is what a protocol must
offer, and each protocol is one module (`imap.py`, `pop3.py`). `reconcile.py` compares the ledger with the server.
"""
