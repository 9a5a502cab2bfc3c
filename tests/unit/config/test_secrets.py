"""Secrets come from where they should, whole, and are never seen."""

import logging
import os
from pathlib import Path

import pytest

from mailgate.config.secrets import MAX_BYTES, read_secret
from mailgate.errors import ConfigError


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "relay.password"
    path.write_bytes(b"  p\xc3\xa4ss wort \n")
    path.chmod(0o600)
    return path


def test_each_way_gives_the_secret(secret_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_PASSWORD", "from the environment")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(secret_file.parent))
    assert read_secret("direct") == "direct"
    assert read_secret(file=secret_file) == "  päss wort "
    assert read_secret(env="RELAY_PASSWORD") == "from the environment"
    assert read_secret(credential="relay.password") == "  päss wort "


@pytest.mark.parametrize(
    ("content", "secret"),
    [(b"x\n", "x"), (b"x\r\n", "x"), (b"x\n\n", "x\n"), (b"x", "x"), (b" x ", " x "), (b"a\nb\n", "a\nb")],
)
def test_one_line_end_is_not_part_of_it(tmp_path: Path, content: bytes, secret: str) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    path.chmod(0o600)
    assert read_secret(file=str(path)) == secret


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * (MAX_BYTES + 1)])
def test_a_file_that_cannot_be_a_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="which should hold the relay's password, is"):
        read_secret(file=path, what="the relay's password")


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere, .* cannot be read: No such file.* mode 0600"):
        read_secret(file=tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_secret(file=tmp_path)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_secret(file="a\0b")


def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="is not a file"):
        read_secret(file=tmp_path / "pipe")


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, False), (0o644, True), (0o660, True)])
def test_a_file_that_others_can_read_is_warned_of(
    secret_file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, mode: int, warned: bool
) -> None:
    monkeypatch.setattr(logging.getLogger("mailgate"), "propagate", True)
    secret_file.chmod(mode)
    with caplog.at_level(logging.WARNING, "mailgate.config"):
        read_secret(file=secret_file)
    assert bool(caplog.records) is warned
    assert "wort" not in caplog.text


def test_what_is_not_there_is_said_with_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RELAY_PASSWORD", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(ConfigError, match=r"environment variable RELAY_PASSWORD.*is not set"):
        read_secret(env="RELAY_PASSWORD")
    with pytest.raises(ConfigError, match="LoadCredential=relay:PATH"):
        read_secret(credential="relay")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(ConfigError, match="passed no credential relay"):
        read_secret(credential="relay")
    with pytest.raises(ConfigError, match="No value is configured for the client secret"):
        read_secret(what="the client secret")


@pytest.mark.parametrize("name", ["../etc/passwd", "/etc/passwd", "..", "a\0b"])
def test_a_credential_never_leaves_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(ConfigError, match="cannot be the name of a credential"):
        read_secret(credential=name)
