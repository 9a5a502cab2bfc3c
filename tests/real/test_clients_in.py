"""Clients that are not ours against the listener: swaks (XCLIENT, the PROXY protocol, LMTP, pipelining), curl (TLS, logins)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from argon2 import PasswordHasher

from tests.support.smtp_dialogue import RECIPIENT, House, house

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (shutil.which("swaks") and shutil.which("curl")), reason="needs swaks and curl"),
]

HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("open sesame")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[House]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued = authority.issue_cert("mail.example.com", "127.0.0.1")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    (tmp_path / "cert.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    smtp = (
        f'listen_tls = ["127.0.0.1:0"]\nlmtp = ["127.0.0.1:0", "unix:{tmp_path}/lmtp"]\ntls_cert = "cert.pem"\n'
        f'tls_key = "key.pem"\ntrusted = ["127.0.0.1"]\nusers = {{ relay = "{HASH}" }}\n'
    )
    with house(tmp_path, smtp) as it:
        yield it


def swaks(address: tuple[str, int] | str, *options: str) -> str:
    where = ["--socket", address] if isinstance(address, str) else ["--server", address[0], "--port", str(address[1])]
    done = subprocess.run(
        [
            "swaks",
            *where,
            "--from",
            "a@b.example",
            "--to",
            RECIPIENT,
            "--helo",
            "swaks.example",
            "--timeout",
            "30",
            *options,
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--pipeline"],
        ["--protocol", "SMTP"],
        ["--xclient-addr", "198.51.100.7", "--xclient-name", "real.example", "--xclient-helo", "real.example"],
    ],
    ids=lambda options: " ".join(options)[:40],
)
def test_smtp(running: House, options: list[str]) -> None:
    assert "250 2.0.0 Ok: queued as " in swaks(running.listener.addresses[0], *options)
    ((row, _),) = running.spooled()
    assert row.client.ip == ("198.51.100.7" if "--xclient-addr" in options else "127.0.0.1")
    assert row.client.helo == ("real.example" if "--xclient-helo" in options else "swaks.example")


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("mechanism", [None, "PLAIN", "LOGIN"])
def test_tls_and_logins_with_curl(running: House, scheme: str, mechanism: str | None) -> None:
    listener = running.listener
    host, port = (listener.addresses if scheme == "smtp" else listener.tls_addresses)[0]
    login = ["--user", "relay:open sesame", "--login-options", f"AUTH={mechanism}"] if mechanism else []
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--url", f"{scheme}://{host}:{port}/curl.example", "--ssl-reqd",
         "--cacert", str(running.folder / "ca.pem"), "--mail-from", "a@b.example", "--mail-rcpt", RECIPIENT,
         "--upload-file", "-", *login],
        input=b"Subject: x\r\n\r\n.dot\r\n",
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    ((row, raw),) = running.spooled()
    assert raw == b"Subject: x\r\n\r\n.dot\r\n"
    assert (row.client.tls, row.client.helo) == (True, "curl.example")
    assert row.client.auth_user == ("relay" if mechanism else None)


@pytest.mark.parametrize("place", [0, 1], ids=["tcp", "unix"])
def test_lmtp(running: House, place: int) -> None:
    address = running.listener.lmtp_addresses[place]
    assert "queued as" in swaks(address, "--protocol", "LMTP")
    assert running.spooled()[0][0].source == "lmtp"


@pytest.mark.parametrize("version", ["1", "2"])
def test_the_proxy_protocol(tmp_path: Path, version: str) -> None:
    header = ["--proxy-version", version, "--proxy-family", "TCP4" if version == "1" else "AF_INET"]
    if version == "2":
        header += ["--proxy-command", "PROXY", "--proxy-protocol", "STREAM"]
    ends = ["--proxy-source", "198.51.100.7", "--proxy-source-port", "4711", "--proxy-dest", "192.0.2.1"]
    with house(tmp_path, 'proxy_protocol = true\ntrusted = ["127.0.0.1"]') as running:
        swaks(running.listener.addresses[0], *header, *ends, "--proxy-dest-port", "25")
        ((row, _),) = running.spooled()
        assert (row.client.ip, row.client.port) == ("198.51.100.7", 4711)
