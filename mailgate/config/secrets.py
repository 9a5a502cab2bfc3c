"""Where secrets come from: the configuration itself, a file, the environment, or a systemd credential.

Takes the four options that the schema has for each secret, of which one is set; gives the secret as text.
Promises: the secret never stands in an error, a log line or a repr; a file that others can read is warned of;
one line end at the end is not part of the secret, everything else is. Standard: systemd.exec(5), Credentials.
"""

import os
import stat
from pathlib import Path

from mailgate import log
from mailgate.errors import ConfigError

MAX_BYTES = 64 * 1024
"""No password or token is larger; a wrong path (a disk, a log) is not read into memory."""

_log = log.get("config")


def read_secret(
    direct: str | None = None,
    file: str | Path | None = None,
    env: str | None = None,
    credential: str | None = None,
    what: str = "the password",
) -> str:
    """The secret, from the first of the four that is set.

    `file` is a path as `Config.resolve` gives it, `env` the name of an environment variable, `credential` the name
    of a systemd credential; `what` names the secret in errors. Raises ConfigError, with the next step, where it
    cannot be read, is empty, or where none of the four is set.
    """
    if direct:
        return direct
    if file:
        return _read_file(Path(file), what)
    if env:
        return _read_environment(env, what)
    if credential:
        return _read_credential(credential, what)
    raise ConfigError(
        f"No value is configured for {what}. Name a file that holds it, an environment variable, or a credential."
    )


def _read_environment(name: str, what: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ConfigError(
            f"The environment variable {name}, which should hold {what}, is not set. Set it for the service, "
            "or use a file."
        )
    return value


def _read_credential(name: str, what: str) -> str:
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        raise ConfigError(
            f"The credential {name}, which should hold {what}, was not passed. Run mailgate as a systemd service "
            f"with LoadCredential={name}:PATH, or use a file."
        )
    if name in (".", "..") or "/" in name or "\0" in name:
        raise ConfigError(f'"{name}" cannot be the name of a credential; it must not hold slashes.')
    path = Path(folder, name)
    if not path.exists():
        raise ConfigError(
            f"systemd passed no credential {name}, which should hold {what}. Add LoadCredential={name}:PATH to the "
            "service."
        )
    return _read_file(path, what, warn=False)


def _read_file(path: Path, what: str, warn: bool = True) -> str:
    try:
        # Without O_NONBLOCK a named pipe in the file's place would hang the daemon for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as opened:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise ConfigError(f"{path}, which should hold {what}, is not a file. Name the file itself.")
            content = opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the path holds a NUL"
        raise ConfigError(
            f"{path}, which should hold {what}, cannot be read: {reason}. Make it, owned by the user that mailgate "
            "runs as, with mode 0600."
        ) from None
    if warn and status.st_mode & (stat.S_IRWXO | stat.S_IWGRP):
        _log.warning("others can read or change a file that holds credentials", path=str(path), fix=f"chmod 600 {path}")
    return _decode(content, path, what)


def _decode(content: bytes, path: Path, what: str) -> str:
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}, which should hold {what}, is larger than {MAX_BYTES} bytes. Is it the right file?")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}, which should hold {what}, is not UTF-8 text. Is it the right file?") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise ConfigError(f"{path}, which should hold {what}, is empty. Write it into the file.")
    return text
