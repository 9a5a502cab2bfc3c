"""NTLM over HTTP with channel binding, where an answer has already been read when the handshake begins.

Takes user, password and a way to the server's certificate; gives what a session puts into `auth`. Promises: inside TLS
the handshake is bound to the certificate of this connection, as Exchange's Extended Protection wants it.
Standards: [MS-NTHT], [MS-NLMP]; RFC 5929 section 4.1 (tls-server-end-point).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def ntlm_auth(username: str, password: str, certificate: Callable[[], bytes | None]) -> Any:
    """The handshake; `certificate` gives the server's certificate (DER), None without TLS."""
    from requests_ntlm import HttpNtlmAuth

    class Bound(HttpNtlmAuth):
        def _get_server_cert(self, response: Any) -> bytes | None:
            """The library looks for it on the socket of an answer that was not read yet."""
            der = certificate()
            return None if der is None else end_point(der)

    return Bound(username, password)


def end_point(der: bytes) -> bytes:
    """The hash of a certificate that stands for the TLS connection: by its own algorithm, SHA-256 instead of weak ones."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes

    try:
        own = x509.load_der_x509_certificate(der).signature_hash_algorithm
    except UnsupportedAlgorithm:
        own = None
    digest = hashes.Hash(hashes.SHA256() if own is None or own.name in ("md5", "sha1") else own)
    digest.update(der)
    return digest.finalize()
