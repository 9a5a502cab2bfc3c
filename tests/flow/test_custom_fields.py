"""Custom fields the whole way: defined and set by command, mailed by the running daemon in the words of own templates."""

from __future__ import annotations

import email
import email.policy
import http.client
import re
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.daemon import ADDRESS, Daemon
from tests.support.desk import mail
from tests.support.relay import SinkRelay


@pytest.fixture
def relay() -> Iterator[SinkRelay]:
    sink = SinkRelay()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def daemon(tmp_path: Path, relay: SinkRelay) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path / "house", relay_port=relay.port)
    daemon.run("user", "add", "admin@help.example.net", "--role", "administrator")
    daemon.run("user", "add", "customer@example.org", "--name", "Carl Customer")
    daemon.start()
    yield daemon
    daemon.kill()


def template(daemon: Daemon, event: str, text: str) -> None:
    folder = daemon.folder / "templates"
    folder.mkdir(exist_ok=True)
    for part in ("txt", "html"):
        (folder / f"{event}.{part}.j2").write_text(text, "utf-8")


def bodies(raw: bytes) -> tuple[EmailMessage, str, str]:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return message, *(part.get_content().replace("\r\n", "\n") for part in (text, html))


def test_from_the_command_to_the_letter_and_the_page(daemon: Daemon, relay: SinkRelay) -> None:
    daemon.run("field", "add", "Seri numarası")
    daemon.run("field", "add", "Model", "--kind", "choice", "--choice", "X100", "--choice", "X200", "--required")
    daemon.run("field", "add", "Cost", "--kind", "number", "--visibility", "administrators")
    template(daemon, "updated", "#Custom_Fields#|#CF_VALUE_1#|#CF_3#")
    template(daemon, "closed", "#Status#: #CF_2# #RatingLinks(<b>Please rate us</b>)#")
    with smtplib.SMTP("127.0.0.1", daemon.port, timeout=30) as client:
        client.sendmail("customer@example.org", [ADDRESS], mail("Printer").replace("\n", "\r\n").encode())
    daemon.wait_until_filed()
    relay.wait_for(1)  # the confirmation

    daemon.run("ticket", "field", "1", "SERİ NUMARASI", "<b>AB&1</b> #Subject#")
    daemon.run("ticket", "field", "1", "Cost", "4711")
    assert daemon.run("ticket", "close", "1", check=False).returncode == 1
    daemon.run("ticket", "reply", "1", "-m", "Use water.")
    _, text, html = bodies(relay.wait_for(2)[1][1])
    value = "<b>AB&1</b> #Subject#"
    assert text.strip() == f"Seri numarası: {value}|{value}|Cost: 4711"
    assert "Seri numarası: &lt;b&gt;AB&amp;1&lt;/b&gt; #Subject#|" in html

    daemon.run("user", "set", "customer@example.org", "--language", "tr")
    daemon.run("ticket", "field", "1", "Model", "x200")
    daemon.run("ticket", "close", "1")
    closed, text, html = bodies(relay.wait_for(3)[2][1])
    assert text.startswith("kapalı: Model: X200 Please rate us\n")
    assert "kapalı: Model: X200 <b>Please rate us</b><br>" in html

    shown = daemon.json("ticket", "show", "1")
    assert shown["fields"] == {"Seri numarası": value, "Model": "X200", "Cost": "4711"}
    _one_click_works(daemon, closed)


def _one_click_works(daemon: Daemon, letter: EmailMessage) -> None:
    """RFC 8058 over plain HTTP, which a base_url on this machine keeps."""
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.search(rf"<http://127\.0\.0\.1:{daemon.web_port}(/u/[^>]+)>", str(letter["List-Unsubscribe"]))
    assert found is not None
    connection = http.client.HTTPConnection("127.0.0.1", daemon.web_port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", found[1], b"List-Unsubscribe=One-Click", headers)
    assert connection.getresponse().status == 200
    connection.close()
    assert daemon.json("ticket", "show", "1")["subscribers"] == []
