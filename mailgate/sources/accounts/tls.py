"""TLS contexts, and the words for what goes wrong on the way to a server.

Takes an account and an exception; gives an `ssl.SSLContext` that always verifies, or one sentence that says what is
wrong and which setting to look at. Promises: certificates are verified against the system's authorities or only against
the named private one; a sentence holds no secret and no line end.
Standards: RFC 8314 (implicit TLS), RFC 2595 (STARTTLS), RFC 6125 (names in certificates).
"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from mailgate.config.schema import Account

IMPLICIT_PORTS = {"imap": 993, "pop3": 995}
CLEAR_PORTS = {"imap": 143, "pop3": 110}


def context(ca_file: Path | None) -> ssl.SSLContext:
    """A verifying client context. Raises OSError or ssl.SSLError where `ca_file` cannot be read."""
    return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))


def port_of(account: Account) -> int:
    """The configured port, else the protocol's usual one."""
    if account.port is not None:
        return account.port
    return (IMPLICIT_PORTS if account.tls == "tls" else CLEAR_PORTS)[account.protocol]


def one_line(text: object, limit: int = 300) -> str:
    """A server's words, fit for one line of a log: printable, short."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    words = "".join(c if c.isprintable() else " " for c in str(text)).strip()
    return words if len(words) <= limit else words[: limit - 1] + "…"


def explain(error: BaseException, account: Account, doing: str) -> str:
    """What went wrong while `doing` ("logging in"), in one sentence with the next step."""
    place = f"{account.host}:{port_of(account)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return _explain_certificate(error, account, place)
    if isinstance(error, ssl.SSLError):
        return _explain_tls(error, account, place)
    if isinstance(error, socket.gaierror):
        return f'The host "{account.host}" is unknown to the name server; check host.'
    if isinstance(error, TimeoutError):
        return _explain_silence(account, place, doing)
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing listens on {place}; check host and port, and whether the server runs."
    if isinstance(error, ConnectionError):
        return f"{place} closed the connection while {doing}: {one_line(error)}."
    if isinstance(error, OSError):
        return f"{place} cannot be reached while {doing}: {one_line(error.strerror or error)}."
    return f"{place} broke the protocol while {doing}: {one_line(error)}."


def _explain_certificate(error: ssl.SSLCertVerificationError, account: Account, place: str) -> str:
    reason = one_line(error.verify_message or error.reason or "")
    if error.verify_code in (62, 64):  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
        return f"The certificate of {place} is for another name than {account.host}: set host to a name in it."
    if error.verify_code == 10:  # X509_V_ERR_CERT_HAS_EXPIRED
        return f"The certificate of {place} has expired; the server's administrator has to renew it."
    named = f"ca_file ({account.ca_file}) does not hold" if account.ca_file else "name with ca_file"
    return f"The certificate of {place} is not trusted ({reason}): {named} the authority that issued it."


def _explain_tls(error: ssl.SSLError, account: Account, place: str) -> str:
    if error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST"):
        clear, implicit = CLEAR_PORTS.get(account.protocol, 143), IMPLICIT_PORTS.get(account.protocol, 993)
        return (
            f"{place} does not speak TLS from the start: "
            f'use tls = "starttls" (usually port {clear}), or the TLS port (usually {implicit}).'
        )
    return f"TLS with {place} failed: {one_line(error.reason or error)}."


def _explain_silence(account: Account, place: str, doing: str) -> str:
    limit = account.timeout.total_seconds()
    if doing == "waiting for the greeting" and account.tls != "tls":
        implicit = IMPLICIT_PORTS.get(account.protocol, 993)
        return (
            f"{place} said nothing within {limit:g} s. A port that expects TLS from the start is silent like this: "
            f'try tls = "tls" (usually port {implicit}).'
        )
    return f"{place} did not answer within {limit:g} s while {doing}."
