"""From a configured account to its fetcher; each protocol's library is imported only where an account needs it.

Takes an account, the blob store, where to find the CA file, the secret and the token; gives a `Fetcher`.
Raises AccountError where the CA file cannot be used; secrets are asked for at each login, so that a changed password
file is seen without a reload.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

from mailgate.config.schema import Account
from mailgate.sources.accounts import tls
from mailgate.sources.accounts.fetcher import AccountError, Fetcher, Secret
from mailgate.store.blobs import BlobStore


def fetcher_for(
    account: Account,
    blobs: BlobStore,
    resolve: Callable[[str], Path],
    secret: Secret,
    access_token: Callable[[], str] | None = None,
    renew_token: Callable[[], None] = lambda: None,
) -> Fetcher:
    """The fetcher of an account. `resolve` makes the configuration's paths absolute.

    `renew_token` says that the server refused the token, so that the next one is a new one.
    """
    context = _context(account, resolve)
    guarded_secret = _guarded(secret, account, "password")
    token = None if access_token is None else _guarded(access_token, account, "access token")
    if account.protocol == "imap":
        from mailgate.sources.accounts.imap import ImapFetcher

        return ImapFetcher(account, guarded_secret, blobs, context, token, renew_token)
    if account.protocol == "pop3":
        from mailgate.sources.accounts.pop3 import Pop3Fetcher

        return Pop3Fetcher(account, guarded_secret, blobs, context, token, renew_token)
    try:
        if account.protocol == "ews":
            from mailgate.sources.accounts.ews import EwsFetcher

            return EwsFetcher(account, blobs, context, guarded_secret, token, renew_token)
        from mailgate.sources.accounts.graph import GraphFetcher
    except ImportError as error:
        extra = account.protocol
        raise AccountError(
            f"{extra} needs more packages ({error}); install mailgate with the extra [{extra}]."
        ) from error
    if token is None:
        raise AccountError("Microsoft Graph needs an oauth table in the account.")
    return GraphFetcher(account, blobs, context, token, renew_token)


def _context(account: Account, resolve: Callable[[str], Path]) -> ssl.SSLContext:
    try:
        return tls.context(None if account.ca_file is None else resolve(account.ca_file))
    except (OSError, ValueError) as error:
        raise AccountError(f"ca_file {account.ca_file} cannot be used: {tls.one_line(error)}.") from error


def _guarded(ask: Callable[[], str], account: Account, what: str) -> Callable[[], str]:
    """Whatever goes wrong while a secret is read or a token refreshed counts as the account's failure."""

    def answer() -> str:
        try:
            return ask()
        except AccountError:
            raise
        except Exception as error:
            raise AccountError(
                f"The {what} of account {account.name} cannot be had: {tls.one_line(error).rstrip('.')}."
            ) from error

    return answer
