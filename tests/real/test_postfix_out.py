"""A real Postfix as the relay: many letters over few connections, TLS, refusals, and a Postfix that is away for a while."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from mailgate.config import Config, parse_config
from mailgate.delivery.relay import Relay, RelayError
from mailgate.store import keys
from tests.support.post import Post
from tests.support.postfix import Postfix, available

pytestmark = [pytest.mark.real, pytest.mark.skipif(not available(), reason="needs Postfix and root")]

MAIN = """
message_size_limit = 30000000
smtputf8_enable = yes
smtpd_tls_security_level = may
smtpd_tls_cert_file = {folder}/cert.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/access, permit_mynetworks, reject
virtual_mailbox_domains = example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:all/
virtual_mailbox_limit = 0
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 100
"""
ACCESS = "gone@example.org 550 5.1.1 no such user\nlater@example.org 450 4.2.0 greylisted\n"


class World:
    """Postfix with one Maildir for everybody, and configurations that use it as the relay."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "ca.pem")
        issued = authority.issue_cert("127.0.0.1")
        issued.private_key_pem.write_to_path(folder / "key.pem")
        (folder / "cert.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        (folder / "access").write_text(ACCESS)
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", 65534, 65534)
        for name in ("key.pem", "cert.pem", "access"):
            (folder / name).chmod(0o644)
        self.postfix = Postfix(folder, {}, MAIN.format(folder=folder))

    def config(self, tls: str = "none", extra: str = "") -> Config:
        return parse_config(
            '[[mailbox]]\naddress = "support@help.example.com"\n[outgoing]\nfrom_address = "support@help.example.com"\n'
            f'smtp_host = "127.0.0.1"\nsmtp_port = {self.postfix.port}\nsmtp_tls = "{tls}"\ntimeout = "30s"\n{extra}',
            str(self.folder / "config.toml"),
        )

    def inbox(self) -> list[bytes]:
        return [path.read_bytes() for path in (self.folder / "mail" / "all" / "new").glob("*")]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    before = os.umask(0o022)
    folder = Path(tempfile.mkdtemp(prefix="mg-out-"))
    try:
        it = World(folder)
        try:
            yield it
        finally:
            it.postfix.stop()
    finally:
        os.umask(before)
        shutil.rmtree(folder)


@pytest.fixture
def post(world: World, tmp_path: Path) -> Iterator[Post]:
    made = Post(tmp_path, world.config())
    yield made
    made.close()


def test_many_letters_arrive_once_each(world: World, post: Post) -> None:
    before = world.postfix.log().count(": connect from")
    ids = [post.add(f"u{number}@example.org") for number in range(200)]
    post.start()
    post.settled(*ids)
    assert {post.row(one)["status"] for one in ids} == {"sent"}
    assert world.postfix.log().count(": connect from") - before <= 10  # few connections for all
    post.wait_until(lambda: len(world.inbox()) >= 200)
    names = [raw.partition(b"Message-ID: ")[2].partition(b"\n")[0] for raw in world.inbox()]
    assert len(set(names)) == len(names) == 200


def test_refusals_of_one_letter(world: World, post: Post) -> None:
    one = post.add("good@example.org", "gone@example.org", "later@example.org")
    post.start()
    post.settled(one)
    assert post.recipients(one) == {
        "good@example.org": "sent", "gone@example.org": "failed", "later@example.org": "pending"
    }  # fmt: skip
    world.postfix.wait_for_log("to=<good@example.org>", "status=sent")


def test_starttls_verified_and_not(world: World) -> None:
    trusted = Relay(world.config("starttls", 'smtp_ca_file = "ca.pem"'))
    raw = b"Subject: x\r\n\r\n.\r\n..\r\nhello\r\n"
    assert trusted.send("support@help.example.com", ["tls@example.org"], raw)["tls@example.org"].sent
    trusted.close()
    world.postfix.wait_for_log("to=<tls@example.org>", "status=sent")
    assert any(item.partition(b"\n\n")[2] == b".\n..\nhello\n" for item in world.inbox())
    stranger = Relay(world.config("starttls"))
    with pytest.raises(RelayError, match="not trusted"):
        stranger.send("support@help.example.com", ["tls@example.org"], raw)


def test_addresses_in_utf8(world: World) -> None:
    relay = Relay(world.config())
    address = "öğrenci@example.org"
    raw = f"To: {address}\r\nSubject: x\r\n\r\nhello\r\n".encode()
    assert relay.send("support@help.example.com", [address], raw)[address].sent
    relay.close()
    world.postfix.wait_for_log(f"to=<{address}>", "status=sent")


def test_25_mb_and_too_much(world: World, post: Post) -> None:
    head = b"Message-ID: <large@help.example.com>\r\nSubject: large\r\n\r\n"
    large = post.add("large@example.org", raw=head + (b"x" * 74 + b"\r\n") * 330_000)
    huge = post.add("huge@example.org", raw=head + (b"y" * 74 + b"\r\n") * 400_000)
    post.start()
    post.settled(large, huge)
    assert post.row(large)["status"] == "sent"
    assert post.row(huge)["status"] == "failed"
    assert "552 5.3.4" in post.row(huge)["last_reply"]
    world.postfix.wait_for_log("to=<large@example.org>", "status=sent")


def test_postfix_goes_away_and_comes_back(world: World, post: Post) -> None:
    post.start()
    first = post.add("before@example.org")
    post.store.bell.ring("delivery")
    post.settled(first)
    world.postfix.stop()
    ids = [post.add(f"during{number}@example.org") for number in range(20)]
    post.store.bell.ring("delivery")

    def error() -> str:
        with post.store.read() as db:
            return keys.fact(db, "relay_error") or ""

    post.wait_until(lambda: "nothing answers" in error())
    assert {(post.row(one)["status"], post.row(one)["attempts"]) for one in ids} == {("pending", 0)}
    world.postfix.run("postfix", "start")
    post.wait_until(lambda: all(post.row(one)["status"] == "sent" for one in ids), 60)
    post.wait_until(lambda: error() == "")
