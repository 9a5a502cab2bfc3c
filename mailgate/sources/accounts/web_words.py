"""Words for what goes wrong on the way to a server that speaks HTTP.

Takes an error, the account and the URL; gives one sentence that says which setting to look at. Promises: no secret and
no line end.
"""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

import msgspec

from mailgate.config.schema import Account
from mailgate.sources.accounts import tls


def explain(error: BaseException, account: Account, url: str, doing: str) -> str:
    """What went wrong while `doing` ("listing messages")."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    place = f"{parts.hostname}:{port}"
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS with {place} failed: {tls.one_line(error.reason or error)}. Check host and port."
    named = msgspec.structs.replace(account, host=parts.hostname or "", port=port, tls="tls")
    return tls.explain(error, named, doing)
