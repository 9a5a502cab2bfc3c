"""How a configured account gets its fetcher: secrets and tokens read when they are needed, and a person's sign-in.

Takes a configuration and a store; gives the function that the supervisor and `mailgate account test` call, the relay's
token for delivery, and the sign-in for `mailgate account login`. Promises: nothing of oauth is loaded before it is used.
"""

from __future__ import annotations

from collections.abc import Callable

from mailgate import clock
from mailgate.config import Account, Config
from mailgate.config.secrets import read_secret
from mailgate.sources.accounts.build import fetcher_for
from mailgate.sources.accounts.fetcher import Fetcher
from mailgate.store import Store, accounts

_LOGINS = ("imap", "pop3")
_RENEW_AGAIN = 600.0


def fetcher_maker(config: Callable[[], Config], store: Store) -> Callable[[Account], Fetcher]:
    """Makes fetchers under the configuration of the moment."""

    def make(account: Account) -> Fetcher:
        current = config()

        def secret() -> str:
            file = current.resolve(account.password_file) if account.password_file else None
            what = f"the password of account {account.name}"
            return read_secret(account.password, file, account.password_env, account.password_credential, what)

        if account.oauth is None:
            return fetcher_for(account, store.blobs, current.resolve, secret)

        def token() -> str:
            from mailgate import oauth

            credential = oauth.of_account(account, current)
            if account.protocol in _LOGINS and _failed(store, account):
                oauth.forget(credential)  # it may have been the token; it is asked for once a login
            return oauth.access_token(credential)

        def renew() -> None:
            from mailgate import oauth

            oauth.forget(oauth.of_account(account, current))

        return fetcher_for(account, store.blobs, current.resolve, secret, token, renew)

    return make


def _failed(store: Store, account: Account) -> bool:
    with store.read() as db:
        return accounts.state(db, account.name).failures > 0


def relay_token(config: Callable[[], Config], store: Store | None = None) -> Callable[[], str]:
    """Gives the relay's token at each login, under the configuration of the moment. The function raises TokenError.

    With the store it knows when the relay is in trouble, and asks for a new token, now and then.
    """
    renewed_at = [-_RENEW_AGAIN]

    def token() -> str:
        from mailgate import oauth

        credential = oauth.of_relay(config())
        if store is not None and clock.monotonic() - renewed_at[0] > _RENEW_AGAIN and _relay_fails(store):
            renewed_at[0] = clock.monotonic()
            oauth.forget(credential)
        return oauth.access_token(credential)

    return token


def _relay_fails(store: Store) -> bool:
    from mailgate.delivery.hand import relay_error

    with store.read() as db:
        return bool(relay_error(db))


def login(
    account: Account | None, config: Config, show: Callable[[str], None], ask: Callable[[str], str] | None = None
) -> str:
    """Signs a person in for an account, or for the relay (None); gives a sentence. Raises TokenError.

    `show` gets what the person has to do, line by line; `ask` gets a question and gives the answer (Google needs one).
    """
    from mailgate import oauth

    credential = oauth.of_relay(config) if account is None else oauth.of_account(account, config)
    return oauth.sign_in(credential, show, ask)
