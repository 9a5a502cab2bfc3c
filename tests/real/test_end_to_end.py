"""The whole way with real programs: swaks, Postfix in front and as the relay, the daemon, the command line, a Maildir.

What arrives at the customer is looked at as a receiver would: parsed, its thread, its DKIM signature, its one-click link.
"""

from __future__ import annotations

import email
import email.policy
import os
import shutil
import subprocess
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mailgate.mail.compose import REPLY_MARKERS
from tests.support.daemon import ADDRESS, Daemon
from tests.support.postfix import Postfix, available

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (available() and shutil.which("swaks")), reason="needs Postfix, swaks and root"),
]

MAIN = """
virtual_mailbox_domains = example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/mailboxes
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 100
virtual_mailbox_limit = 0
smtpd_reject_unlisted_recipient = no
"""
LANGUAGES = {"en": "we have received your request", "tr": "talebinizi aldık"}


class World:
    """Postfix, the daemon behind it, and the customers' mailboxes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.daemon = Daemon(folder / "mailgate", extra="[screen]\nauthenticate = false\n")
        self._write_key()
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", 65534, 65534)
        (folder / "mailboxes").write_text("".join(f"{name}@example.org {name}/\n" for name in LANGUAGES))
        (folder / "mailboxes").chmod(0o644)
        transports = {"help.example.com": f"smtp:[127.0.0.1]:{self.daemon.port}"}
        post = folder / "postfix"
        post.mkdir()
        self.postfix = Postfix(post, transports, MAIN.format(folder=folder))
        text = self.daemon.config.read_text()
        base = f'base_url = "http://desk.example.com:{self.daemon.web_port}"'
        self.daemon.config.write_text(
            text.replace("smtp_port = 9", f"smtp_port = {self.postfix.port}").replace(
                f'base_url = "http://127.0.0.1:{self.daemon.web_port}"', base
            )
        )
        self.daemon.run("user", "add", "tess@example.net", "--name", "Tess Technician", "--category", "General")
        for language in LANGUAGES:
            self.daemon.run("user", "add", f"{language}@example.org", "--name", f"Customer {language}")
            self.daemon.run("user", "set", f"{language}@example.org", "--language", language)
        self.daemon.start()

    def _write_key(self) -> None:
        key = rsa.generate_private_key(65537, 2048)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.daemon.folder / "dkim.pem").write_bytes(pem)
        text = self.daemon.config.read_text()
        signed = '[outgoing]\ndkim_selector = "mg"\ndkim_key_file = "dkim.pem"\n'
        self.daemon.config.write_text(text.replace("[outgoing]\n", signed, 1))

    def inbox(self, name: str) -> list[bytes]:
        """What is in a customer's Maildir, in order of arrival."""
        files = sorted((self.folder / "mail" / name / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns)
        return [path.read_bytes() for path in files]

    def wait_for(self, found: Callable[[], Any]) -> Any:
        """Waits for another process; the log of Postfix says what it did where nothing came."""
        pause = threading.Event()
        for _ in range(600):
            if result := found():
                return result
            pause.wait(0.1)
        raise AssertionError(f"it never came:\n{self.postfix.log()}\n{self.daemon.log.read_text()[-3000:]}")

    def mail_with(self, name: str, *words: str) -> bytes:
        """The newest mail of a customer that holds all the words in its text."""

        def newest() -> bytes | None:
            return next(
                (raw for raw in reversed(self.inbox(name)) if all(word in text_of(raw) for word in words)), None
            )

        return bytes(self.wait_for(newest))

    def swaks(self, sender: str, raw: bytes) -> None:
        """Hands a whole message to Postfix with swaks."""
        file = self.folder / "message"
        file.write_bytes(raw)
        done = subprocess.run(
            ["swaks", "--server", "127.0.0.1", "--port", str(self.postfix.port), "--from", sender, "--to", ADDRESS,
             "--helo", "customer.example.org", "--data", str(file)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def ticket(self, subject: str) -> dict[str, Any]:
        """The ticket of this subject, as soon as there is one."""

        def find() -> dict[str, Any] | None:
            listed = self.daemon.json("ticket", "list")
            return next((ticket for ticket in listed if ticket["subject"] == subject), None)

        return dict(self.wait_for(find))

    def close(self) -> None:
        try:
            assert self.daemon.stop() == 0
        finally:
            self.daemon.kill()
            self.postfix.stop()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    before = os.umask(0o022)
    folder = Path(tempfile.mkdtemp(prefix="mg-e2e-"))
    folder.chmod(0o755)
    try:
        it = World(folder)
        try:
            yield it
        finally:
            it.close()
    finally:
        os.umask(before)
        shutil.rmtree(folder)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(raw: bytes) -> str:
    part = parsed(raw).get_body(("plain",))
    return str(part.get_content()) if part is not None else ""


def verify_dkim(world: World, raw: bytes) -> bool:
    """As a receiver: with the record that `mailgate dns` says is to be published."""
    records = world.daemon.json("dns", "--offline")["records"]
    published = next(one for one in records if one["purpose"] == "DKIM")
    asked = []

    def answer(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return str(published["value"]).encode()

    head, _, body = raw.partition(b"\n\n")
    crlf = b"\r\n".join((head + b"\n\n" + body).replace(b"\r\n", b"\n").split(b"\n"))
    good = dkim.verify(crlf, dnsfunc=answer)
    assert asked[0].rstrip(b".") == published["name"].encode()
    return bool(good)


def first_mail(language: str, subject: str) -> bytes:
    lines = [
        f"From: Customer {language} <{language}@example.org>", f"To: {ADDRESS}", f"Subject: {subject}",
        f"Message-ID: <first-{language}@example.org>", "Date: Wed, 25 Nov 2026 10:00:00 +0300", "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", "Yazıcı yanıyor. It burns.", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def answer_to(raw: bytes, language: str, words: str) -> bytes:
    """What a mail program makes of "Reply": it quotes, and threads by the header alone."""
    to = parsed(raw)
    quoted = "\r\n".join(f"> {line}" for line in text_of(raw).splitlines())
    references = f"{to['References'] or ''} {to['Message-ID']}".strip().replace("\r\n", "")
    lines = [
        f"From: Customer {language} <{language}@example.org>", f"To: {to['Reply-To'] or to['From']}",
        "Subject: Re: what you wrote", f"Message-ID: <second-{language}@example.org>",
        f"In-Reply-To: {to['Message-ID']}", f"References: {references}", "Date: Wed, 25 Nov 2026 11:00:00 +0300",
        "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "",
        words, "", "On Wed, 25 Nov 2026 at 10:30, Support wrote:", quoted, "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_customer_and_a_technician_write_to_each_other(world: World, language: str) -> None:
    subject = f"Yazıcı {language}"
    world.swaks(f"{language}@example.org", first_mail(language, subject))
    ticket = world.ticket(subject)
    number = ticket["id"]
    assert ticket["requester"]["address"] == f"{language}@example.org"

    confirmation = world.mail_with(language, f"{number}")
    assert LANGUAGES[language].casefold() in text_of(confirmation).casefold()
    assert REPLY_MARKERS[language] in text_of(confirmation)
    message = parsed(confirmation)
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["In-Reply-To"] == f"<first-{language}@example.org>"
    assert str(message["Subject"]).count(f"{{{number}}}") == 1
    assert message["Return-Path"] == f"<{ADDRESS}>"
    assert verify_dkim(world, confirmation)

    words = f"Use the extinguisher, {language}: söndürücü."
    world.daemon.run("ticket", "reply", str(number), "-m", words, "--as", "tess@example.net")
    raw = world.mail_with(language, words)
    reply = parsed(raw)
    assert "Tess Technician" in str(reply["From"])
    assert reply["Auto-Submitted"] is None
    assert f"<first-{language}@example.org>" in str(reply["References"])
    assert verify_dkim(world, raw)
    assert max(len(line) for line in raw.splitlines()) <= 998

    world.swaks(f"{language}@example.org", answer_to(raw, language, f"It still burns, {language}."))

    def answered() -> dict[str, Any] | None:
        shown = world.daemon.json("ticket", "show", str(number))
        return shown if [entry["kind"] for entry in shown["entries"]].count("message") == 2 else None

    shown = world.wait_for(answered)
    last = [entry for entry in shown["entries"] if entry["kind"] == "message"][-1]
    assert last["reply_text"].strip() == f"It still burns, {language}."
    assert last["marks"] == []  # no stranger

    _one_click(world, reply, number, language)


def _one_click(world: World, reply: EmailMessage, number: int, language: str) -> None:
    """RFC 8058: a GET changes nothing, the POST of the mail provider does."""
    assert reply["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = str(reply["List-Unsubscribe"]).split(">")[0].lstrip("<")
    host = f"desk.example.com:{world.daemon.web_port}"
    assert url.startswith(f"http://{host}/")
    here = url.replace(host, f"127.0.0.1:{world.daemon.web_port}")

    def subscribers() -> list[str]:
        return [one["address"] for one in world.daemon.json("ticket", "show", str(number))["subscribers"]]

    def call(data: bytes | None) -> int:
        request = urllib.request.Request(here, data, {"Host": host})
        with urllib.request.urlopen(request, timeout=30) as response:
            return int(response.status)

    assert call(None) == 200
    assert f"{language}@example.org" in subscribers()
    assert call(b"List-Unsubscribe=One-Click") == 200
    assert f"{language}@example.org" not in subscribers()


def test_a_bounce_comes_back_to_its_ticket(world: World) -> None:
    """Postfix takes the letter, finds no such user, and sends a DSN; it is an entry, never a ticket, never answered."""
    raw = first_mail("gone", "From nobody")
    world.swaks("gone@example.org", raw)
    number = world.ticket("From nobody")["id"]

    def bounced() -> list[str]:
        entries = world.daemon.json("ticket", "show", str(number))["entries"]
        return [
            entry["text"]
            for entry in entries
            if entry["kind"] == "event" and "gone@example.org failed" in entry["text"]
        ]

    found = world.wait_for(bounced)
    assert "5.1.1" in found[0]
    world.daemon.wait_until_filed()
    held = world.daemon.json("message", "list", "--held")
    assert {message["class"] for message in held} == {"bounce"}
    assert len([t for t in world.daemon.json("ticket", "list") if "Undelivered" in t["subject"]]) == 0


def test_nothing_is_left(world: World) -> None:
    """Every letter has ended, every message is accounted for."""
    world.wait_for(lambda: not world.daemon.json("outbox", "list", "--status", "pending"))
    assert world.daemon.json("audit")["balanced"] is True
    assert {letter["status"] for letter in world.daemon.json("outbox", "list")} == {"sent"}
