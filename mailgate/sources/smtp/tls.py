"""The certificate of the listener.

Takes the configuration; gives an SSLContext, or None where no certificate is configured.
Promises: TLS 1.2 or newer (RFC 8996); a certificate that cannot be used is a ConfigError that says which file.
"""

from __future__ import annotations

import ssl

from mailgate.config.schema import Config
from mailgate.errors import ConfigError


def make_context(config: Config) -> ssl.SSLContext | None:
    """Reads certificate and key. Raises ConfigError."""
    if not config.smtp.tls_cert or not config.smtp.tls_key:
        return None
    certificate, key = config.resolve(config.smtp.tls_cert), config.resolve(config.smtp.tls_key)
    for name, path in (("tls_cert", certificate), ("tls_key", key)):
        if not path.is_file():
            raise ConfigError(f"smtp.{name}: {path} does not exist. Name a PEM file, or leave both options out.")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise ConfigError(
            f"smtp.tls_cert {certificate} and smtp.tls_key {key} cannot be used together: {error}. "
            "Check that both are PEM files, readable, and belong together."
        ) from None
    return context
