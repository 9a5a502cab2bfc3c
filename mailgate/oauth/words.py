"""What a sign-in server refused, in words for the person who can change it.

Takes the error code and description of RFC 6749 section 5.2 as Microsoft and Google fill them; gives one sentence with
the next step. Promises: one line, no secret.
Sources: Microsoft, "Microsoft Entra authentication and authorization error codes"; Google, "OAuth 2.0 error codes".
"""

from __future__ import annotations

import re
import socket
import ssl
from urllib.parse import urlsplit

from mailgate.oauth.credential import Credential, TokenError

_ANOTHER_SIGN_IN = {"invalid_grant", "interaction_required", "consent_required", "login_required"}
_MICROSOFT = {
    "7000222": "The application's secret has expired; make a new one in Entra and put it into client_secret_file.",
    "7000215": "The application's secret is wrong; client_secret must be the secret's value, not its id.",
    "700016": "The application is unknown in this tenant; check client_id and tenant.",
    "90002": "The tenant is unknown; check tenant.",
    "7000218": 'The application allows no device code; set "Allow public client flows" to yes in Entra.',
    "65001": "An administrator has to consent to the application's permissions in Entra.",
    "50076": "A second factor is asked for; sign in again.",
    "50173": "The password was changed; sign in again.",
    "53003": "A conditional access policy forbids this sign-in; ask the tenant's administrator.",
}


def refused(credential: Credential, error: object, description: object) -> TokenError:
    """The error for a refusal."""
    code, told = str(error or "unknown_error")[:80], one_line(description)
    found = re.search(r"AADSTS(\d+)", told)
    number = found[1] if found else ""
    hint = _MICROSOFT.get(number, "")
    if code == "unauthorized_client" and credential.oauth.provider == "google":
        hint = "The service account has no domain-wide delegation for this scope; set it in Google's admin console."
    elif code in _ANOTHER_SIGN_IN and credential.oauth.flow == "device_code":
        hint = hint or "The sign-in has expired or was revoked."
        hint += f" Run: {credential.sign_in_command}"
    return TokenError(f"The sign-in server refused {credential.shown}: {hint or told or code} ({code}{_tag(number)})")


def unreachable(credential: Credential, error: BaseException, url: str) -> TokenError:
    """The error for a server that does not answer."""
    place = urlsplit(url).netloc
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = f"its certificate is not trusted ({one_line(error.verify_message)})"
    elif isinstance(error, socket.gaierror):
        reason = "its name is unknown to the name server"
    elif isinstance(error, TimeoutError):
        reason = f"it did not answer within {credential.timeout:g} s"
    elif isinstance(error, ConnectionRefusedError):
        reason = "nothing listens there"
    else:
        reason = one_line(error) or type(error).__name__
    return TokenError(f"The sign-in server {place} of {credential.shown} cannot be used: {reason}.")


def garbled(credential: Credential, url: str) -> TokenError:
    """The error for an answer that is none."""
    return TokenError(
        f"The sign-in server {urlsplit(url).netloc} of {credential.shown} gave an answer that cannot be read; "
        "check oauth.authority."
    )


def one_line(text: object) -> str:
    """The first line of what a server said, printable and short."""
    lines = str(text or "").splitlines() or [""]
    first = "".join(c if c.isprintable() else " " for c in lines[0]).strip()
    return re.sub(r"\s*Trace ID: .*", "", first)[:240]


def _tag(number: str) -> str:
    return f", AADSTS{number}" if number else ""
