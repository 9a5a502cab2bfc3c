"""What the name system should say about our mail, and what it says: SPF, DKIM and DMARC of the From domains.

Takes the configuration; gives the records to publish, and findings about what is published. Promises: answers within the
time and the number of questions that `screen.dns_timeout` and the resolver allow, however slow or hostile the servers are;
where the name system cannot be reached that is a finding ("unknown"), no error.
Standards: RFC 7208 (SPF), RFC 6376 section 3.6.1 (DKIM keys), RFC 7489 (DMARC).
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mailgate.config import Config
from mailgate.delivery import dns_spf
from mailgate.errors import ConfigError
from mailgate.screen.authentication.resolver import DnsTrouble, Lookups, Resolver, ascii_domain

_HERE = ("localhost", "")
_POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class Record:
    """A TXT record to publish. `purpose` is "SPF", "DKIM" or "DMARC"."""

    purpose: str
    name: str
    value: str

    @property
    def zone_line(self) -> str:
        """As a zone file has it; the strings of one record are at most 255 bytes long (RFC 1035 section 3.3)."""
        pieces = [self.value[n : n + 255] for n in range(0, len(self.value), 255)]
        return f"{self.name}. IN TXT " + " ".join(f'"{piece}"' for piece in pieces)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is published, judged: "ok", "warning" (with what to do), or "unknown" where nothing could be learnt."""

    purpose: str
    name: str
    status: Literal["ok", "warning", "unknown"]
    text: str


def from_domains(config: Config) -> list[str]:
    """The domains that mail comes from, that of `outgoing.from_address` first, in ASCII."""
    addresses = [config.outgoing.from_address, *(box.from_address or "" for box in config.mailbox)]
    found = [ascii_domain(address.rpartition("@")[2]) for address in addresses if "@" in address]
    return list(dict.fromkeys(domain for domain in found if domain))


def to_publish(config: Config) -> list[Record]:
    """The records for every From domain. Raises ConfigError where no From address is set or a key cannot be read."""
    domains = from_domains(config)
    if not domains:
        raise ConfigError("outgoing.from_address is empty: name the address that all mail comes from.")
    records = [Record("SPF", domain, f"v=spf1 {_relay_term(config)} ~all") for domain in domains]
    if config.outgoing.dkim_selector:
        name = f"{config.outgoing.dkim_selector}._domainkey.{_signing_domain(config)}"
        records.append(Record("DKIM", name, dkim_value(config)))
    records += [Record("DMARC", f"_dmarc.{domain}", "v=DMARC1; p=none") for domain in domains]
    return records


def look(config: Config, resolver: Resolver | None = None) -> list[Finding]:
    """Compares what is published with what should be. Raises ConfigError as `to_publish` does."""
    resolver = resolver or Resolver(config.screen.resolver, config.screen.dns_timeout.total_seconds())
    lookups = resolver.lookups()
    findings: list[Finding] = []
    for record in to_publish(config):
        try:
            if record.purpose == "SPF":
                findings += _judge_spf(lookups, record)
            elif record.purpose == "DKIM":
                findings.append(_judge_dkim(lookups, record))
            else:
                findings.append(_judge_dmarc(lookups, record))
        except DnsTrouble as error:
            text = f"the name system gave no answer ({error}); check screen.resolver and try again"
            findings.append(Finding(record.purpose, record.name, "unknown", text))
    return findings


def dkim_value(config: Config) -> str:
    """The record of the configured key. Raises ConfigError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    if not config.outgoing.dkim_key_file:
        raise ConfigError(
            "outgoing.dkim_selector is set without outgoing.dkim_key_file. Name the private key's PEM file."
        )
    path = config.resolve(config.outgoing.dkim_key_file)
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise ConfigError(f"outgoing.dkim_key_file {path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError) as error:
        raise ConfigError(f"outgoing.dkim_key_file {path} is no unencrypted PEM private key.") from error
    if isinstance(key, RSAPrivateKey):
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode('ascii')}"
    if isinstance(key, Ed25519PrivateKey):  # RFC 8463 section 4.1: the 32 bytes themselves
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(public).decode('ascii')}"
    raise ConfigError(f"outgoing.dkim_key_file {path} is neither RSA nor Ed25519.")


def _signing_domain(config: Config) -> str:
    domain = config.outgoing.dkim_domain or config.outgoing.from_address.rpartition("@")[2]
    return ascii_domain(domain) or domain


def _relay_term(config: Config) -> str:
    """The relay as SPF names it; a relay on this machine sends under this machine's name."""
    host = config.outgoing.smtp_host.strip("[]").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"a:{config.hostname if host in _HERE else ascii_domain(host) or host}"
    return f"a:{config.hostname}" if address.is_loopback else f"ip{address.version}:{address}"


def _judge_spf(lookups: Lookups, record: Record) -> Iterator[Finding]:
    report = dns_spf.inspect(lookups, record.name)
    for warning in report.warnings:
        yield Finding("SPF", record.name, "warning", warning)
    if not report.records:
        yield Finding("SPF", record.name, "warning", f"there is no SPF record; publish: {record.value}")
    elif not report.warnings:
        text = f"one SPF record, {report.lookups} look-ups: {report.records[0][:300]}"
        yield Finding("SPF", record.name, "ok", text)


def _judge_dkim(lookups: Lookups, record: Record) -> Finding:
    published = [_tags(text.decode("utf-8", "replace")) for text in lookups.texts(record.name)]
    keys = [tags for tags in published if "p" in tags]
    wanted = _tags(record.value)
    if not keys:
        return Finding("DKIM", record.name, "warning", f"there is no DKIM key; publish: {record.value}")
    if len(keys) > 1:
        return Finding("DKIM", record.name, "warning", "there are several DKIM keys under one selector; leave one")
    found = "".join(keys[0]["p"].split())
    if not found:
        return Finding("DKIM", record.name, "warning", "the published DKIM key is revoked (p= is empty)")
    if found != wanted["p"] or keys[0].get("k", "rsa") != wanted["k"]:
        text = f"the published DKIM key is not that of outgoing.dkim_key_file; publish: {record.value}"
        return Finding("DKIM", record.name, "warning", text)
    if "y" in keys[0].get("t", "").split(":"):
        return Finding("DKIM", record.name, "warning", "the DKIM key is marked as a test (t=y); take the mark away")
    return Finding("DKIM", record.name, "ok", "the published DKIM key is the one that signs")


def _judge_dmarc(lookups: Lookups, record: Record) -> Finding:
    """The policy of the domain, or of the nearest domain above it that has one."""
    labels = record.name.split(".")[1:]
    for start in range(len(labels) - 1):
        name = f"_dmarc.{'.'.join(labels[start:])}"
        texts = [text.decode("utf-8", "replace").strip() for text in lookups.texts(name)]
        policies = [text for text in texts if text.replace(" ", "").lower().startswith("v=dmarc1")]
        if len(policies) > 1:
            return Finding("DMARC", name, "warning", "there are several DMARC records, so none counts; leave one")
        if policies:
            policy = _tags(policies[0]).get("p", "").lower()
            if policy not in _POLICIES:
                text = f"the DMARC record has no policy that counts (p={policy[:40] or 'missing'}); say p=none at least"
                return Finding("DMARC", name, "warning", text)
            return Finding("DMARC", name, "ok", f"the DMARC policy is {policy}")
    return Finding("DMARC", record.name, "warning", f"there is no DMARC record; publish: {record.value}")


def _tags(text: str) -> dict[str, str]:
    """The tag=value list of RFC 6376 section 3.2; the first of equal tags counts."""
    tags: dict[str, str] = {}
    for item in text.split(";")[:100]:
        name, equals, value = item.partition("=")
        if equals:
            tags.setdefault(name.strip().lower(), value.strip())
    return tags
