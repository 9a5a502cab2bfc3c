"""How a configured account gets its fetcher: secrets and tokens read when they are needed.

Takes a configuration and a store; gives the function that the supervisor and `mailgate account test` call.
"""

from __future__ import annotations

from collections.abc import Callable

from mailgate.config import Account, Config
from mailgate.config.secrets import read_secret
from mailgate.sources.accounts.build import fetcher_for
from mailgate.sources.accounts.fetcher import Fetcher
from mailgate.store import Store


def fetcher_maker(config: Callable[[], Config], store: Store) -> Callable[[Account], Fetcher]:
    """Makes fetchers under the configuration of the moment."""

    def make(account: Account) -> Fetcher:
        current = config()

        def secret() -> str:
            file = current.resolve(account.password_file) if account.password_file else None
            what = f"the password of account {account.name}"
            return read_secret(account.password, file, account.password_env, account.password_credential, what)

        return fetcher_for(account, store.blobs, current.resolve, secret)

    return make
