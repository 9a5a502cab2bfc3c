"""The real daemon from outside: ready, reload, refusal, a second one, its end, and what it tells systemd."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import smtplib
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemon import ADDRESS, COMMAND, Daemon
from tests.support.desk import mail


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path / "house")
    daemon.start()
    yield daemon
    daemon.kill()


def _send(daemon: Daemon, text: str, to: str = ADDRESS) -> None:
    with smtplib.SMTP("127.0.0.1", daemon.port, timeout=30) as client:
        client.sendmail("customer@example.org", [to], text.replace("\n", "\r\n").encode())


def _wait_for_log(daemon: Daemon, words: str) -> str:
    for _ in range(1200):
        text = daemon.log.read_text()
        if words in text:
            return text
        select.select([], [], [], 0.05)
    raise AssertionError(f"{words!r} is not in the log: {daemon.log.read_text()[-2000:]}")


def test_mail_becomes_a_ticket_and_sigterm_ends_with_0(daemon: Daemon) -> None:
    _send(daemon, mail("Hello daemon"))
    daemon.wait_until_filed()
    assert [ticket["subject"] for ticket in daemon.json("ticket", "list")] == ["Hello daemon"]
    assert f"ready pid={daemon.pid} smtp=['127.0.0.1:{daemon.port}']" in daemon.log.read_text()
    checks = json.loads(daemon.run("check", "--json", check=False).stdout)["checks"]
    assert {item["name"]: item["status"] for item in checks}["daemon"] == "OK"
    with urllib.request.urlopen(f"http://127.0.0.1:{daemon.web_port}/healthz", timeout=10) as answer:
        assert answer.status == 200
    assert daemon.stop() == 0


def test_a_database_that_is_gone_is_not_replaced_in_silence(daemon: Daemon) -> None:
    assert "a new database was made" not in daemon.log.read_text()
    assert daemon.stop() == 0
    aside = daemon.data.rename(daemon.data.with_name("not mounted"))
    daemon.start()
    assert "a new database was made" in daemon.log.read_text()
    assert daemon.stop() == 0
    shutil.rmtree(daemon.data)
    listed = daemon.run("ticket", "list", "--json")
    assert listed.stdout == b"[]\n"
    assert b"a new database was made" in listed.stderr
    assert daemon.run("ticket", "list").stderr == b""
    shutil.rmtree(daemon.data)
    aside.rename(daemon.data)


def test_commands_wake_the_daemon(daemon: Daemon) -> None:
    daemon.run("deliver", "--recipient", ADDRESS, stdin=mail("By pipe").encode())
    _wait_for_log(daemon, "filed")
    assert [ticket["subject"] for ticket in daemon.json("ticket", "list")] == ["By pipe"]


def test_reload_takes_a_changed_configuration_and_refuses_a_wrong_one(daemon: Daemon) -> None:
    good = daemon.config.read_text()
    daemon.config.write_text(good + '\n[[mailbox]]\naddress = "new@help.example.com"\n')
    os.kill(daemon.pid, signal.SIGHUP)
    _wait_for_log(daemon, "daemon: reloaded")
    _send(daemon, mail("To the new one", to="new@help.example.com"), "new@help.example.com")
    daemon.config.write_text(good + "\n[nonsense]\nx = 1\n")
    os.kill(daemon.pid, signal.SIGHUP)
    text = _wait_for_log(daemon, "reload refused")
    assert "nonsense: unknown option" in text
    _send(daemon, mail("Still there", to="new@help.example.com"), "new@help.example.com")


def test_a_second_daemon_waits_and_gives_up_with_75(daemon: Daemon) -> None:
    done = subprocess.run(
        [*COMMAND, "--config", str(daemon.config), "serve"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 75
    assert "another mailgate runs" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_a_configuration_error_in_plain_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        daemon = Daemon(tmp_path / "house")
        port = taken.getsockname()[1]
        daemon.config.write_text(daemon.config.read_text().replace(f":{daemon.port}", f":{port}"))
        done = daemon.run("serve", check=False)
    assert done.returncode == 3
    assert str(port) in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_systemd_hears_ready_and_stopping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notices.bind(str(tmp_path / "notify"))
    notices.settimeout(60)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    daemon = Daemon(tmp_path / "house")
    daemon.start()
    heard = b""
    while b"WATCHDOG=1" not in heard:
        heard += notices.recv(4096) + b"\n"
    assert b"READY=1" in heard
    os.kill(daemon.pid, signal.SIGHUP)
    while b"RELOADING=1" not in heard:
        heard += notices.recv(4096) + b"\n"
    assert daemon.stop() == 0
    while b"STOPPING=1" not in heard:
        heard += notices.recv(4096) + b"\n"
    notices.close()


def test_pages_that_find_their_usual_place_taken_do_not_stop_mail(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path / "house")
    ours = (f'listen = ["127.0.0.1:{daemon.web_port}"]', f'base_url = "http://127.0.0.1:{daemon.web_port}"')
    lines = [line for line in daemon.config.read_text().splitlines() if line not in ours]
    daemon.config.write_text("\n".join(lines))
    taken = socket.socket()
    with taken:  # somebody else may have it; taken is taken
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            taken.bind(("127.0.0.1", 8025))
            taken.listen()
        daemon.start()
        try:
            _send(daemon, mail("No pages"))
            daemon.wait_until_filed()
            assert "no web server" in daemon.log.read_text()
        finally:
            daemon.kill()
