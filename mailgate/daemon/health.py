"""The health of the installation, as a table of checks that can be read (operations.md section 4).

Takes a configuration; gives one `Check` for each name. Promises: works while the daemon runs and while it does not;
never hangs (every wait is bounded) and never changes anything.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailgate import clock
from mailgate.config import Config
from mailgate.daemon.lock import is_running
from mailgate.errors import PermanentError
from mailgate.screen import scan
from mailgate.store import Reader, accounts, events, keys, ledger, outbox
from mailgate.store.accounts import AccountState
from mailgate.store.engine import connect

if TYPE_CHECKING:
    from mailgate import oauth

_WAIT_SECONDS = 3.0
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `mailgate check`: OK, WARNING, CRITICAL or UNKNOWN, a sentence, and a number for performance data."""

    name: str
    status: str
    text: str
    value: float | int | None = None


@dataclass(slots=True)
class _Look:
    """What a check may look at."""

    config: Config
    db: Reader


def check(config: Config, only: list[str] | None = None) -> list[Check]:
    """All checks, or those named. Raises PermanentError for a name that does not exist."""
    unknown = sorted(set(only or ()) - set(CHECKS))
    if unknown:
        raise PermanentError(f"There is no check {', '.join(unknown)}. Choose from: {', '.join(CHECKS)}.")
    path = config.data_dir / "mailgate.db"
    if not path.exists():
        return [Check("store", "CRITICAL", f"there is no database at {path}; make one with: mailgate init", None)]
    connection = connect(path)
    try:
        look = _Look(config, Reader(connection))
        found: list[Check] = []
        for name, ask in CHECKS.items():
            if only is None or name in only:
                found.extend(_guarded(name, ask, look))
        return found
    finally:
        connection.close()


def _guarded(name: str, ask: Callable[[_Look], list[Check]], look: _Look) -> list[Check]:
    try:
        return ask(look)
    except Exception as error:  # noqa: BLE001 - a check that cannot look says so, and the others still speak
        return [Check(name, "UNKNOWN", f"could not be checked: {error}", None)]


def _daemon(look: _Look) -> list[Check]:
    if not is_running(look.config.data_dir):
        return [Check("daemon", "CRITICAL", "no daemon runs; start it with: mailgate serve", 0)]
    try:
        beat = json.loads((look.config.data_dir / "heartbeat.json").read_text())
    except (OSError, ValueError):
        return [Check("daemon", "WARNING", "the daemon runs and has shown no sign of life yet", None)]
    age = clock.now() - beat["at"]
    if beat["stuck"]:
        return [Check("daemon", "CRITICAL", f"these hands are stuck: {', '.join(beat['stuck'])}", age)]
    if age > _MINUTE:
        return [Check("daemon", "CRITICAL", f"the last sign of life is {age:.0f} s old", age)]
    return [Check("daemon", "OK", f"runs as process {beat['pid']} for {beat['up_s']} s", round(age, 1))]


def _listener(look: _Look) -> list[Check]:
    places = [place for place in look.config.smtp.listen if place != "systemd"]
    if not places:
        return [Check("listener", "OK", "no listener is configured by address", None)]
    for place in places:
        host, _, port = place.rpartition(":")
        host = host.strip("[]")
        host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
        started = clock.monotonic()
        try:
            with socket.create_connection((host, int(port)), _WAIT_SECONDS) as connection:
                greeting = connection.recv(512)
                connection.sendall(b"QUIT\r\n")
        except OSError as error:
            return [Check("listener", "CRITICAL", f"{place} does not answer: {error.strerror or error}", None)]
        if not greeting.startswith((b"220", b"421")):
            return [Check("listener", "CRITICAL", f"{place} answers {greeting[:60]!r}", None)]
    return [Check("listener", "OK", f"{', '.join(places)} answers", round(clock.monotonic() - started, 3))]


def _spool(look: _Look) -> list[Check]:
    waiting, oldest = ledger.depth(look.db)
    age = 0.0 if oldest is None else max(0.0, clock.now() - oldest)
    status = "CRITICAL" if age > _HOUR else "WARNING" if age > 5 * _MINUTE else "OK"
    return [Check("spool", status, f"{waiting} messages wait, the oldest for {age:.0f} s", waiting)]


def _outbox(look: _Look) -> list[Check]:
    """Late is what is due and not sent: a letter that waits for its next try says nothing about the relay."""
    waiting, oldest = outbox.depth(look.db)
    age = 0.0 if oldest is None else max(0.0, clock.now() - oldest)
    due = outbox.due(look.db)
    late = 0.0 if due is None else max(0.0, clock.now() - due)
    error = keys.fact(look.db, "relay_error")
    status = "CRITICAL" if late > _HOUR else "WARNING" if late > 10 * _MINUTE or (error and waiting) else "OK"
    text = f"{waiting} letters wait, the oldest for {age:.0f} s"
    return [Check("outbox", status, f"{text}; {error}" if error else text, waiting)]


def _held(look: _Look) -> list[Check]:
    held, failed = ledger.count(look.db, "held"), ledger.count(look.db, "failed")
    aside = events.failed_count(look.db)
    return [
        Check("held", "OK", f"{held} messages are held (mailgate message list --held)", held),
        Check(
            "failed",
            "WARNING" if failed or aside else "OK",
            f"{failed} messages and {aside} events were set aside (mailgate message list --failed, outbox unwritten)",
            failed + aside,
        ),
    ]


def _accounts(look: _Look) -> list[Check]:
    found = []
    states = accounts.states(look.db)
    for account in look.config.account:
        if account.disabled:
            continue
        found.append(_account(account.name, account.poll_interval.total_seconds(), states.get(account.name)))
    return found


def _account(name: str, interval: float, state: AccountState | None) -> Check:
    label = f"account {name}"
    if state is not None and not state.enabled and not state.last_error:  # by a person, who knows
        return Check(label, "WARNING", f"is disabled; enable it with: mailgate account enable {name}", state.failures)
    if state is None or state.last_attempt_at is None:
        return Check(label, "WARNING", "has not been polled yet", None)
    if not state.enabled:
        text = f"is disabled after errors: {state.last_error}; enable it with: mailgate account enable {name}"
        return Check(label, "CRITICAL", text, state.failures)
    if state.failures:
        return Check(label, "WARNING", f"{state.failures} errors in a row: {state.last_error}", state.failures)
    lag = clock.now() - (state.last_success_at or 0)
    if lag > 3 * interval + 10 * _MINUTE:
        return Check(label, "CRITICAL", f"the last poll that worked was {lag:.0f} s ago", state.failures)
    return Check(label, "OK", f"polled {lag:.0f} s ago, {state.fetched_total} fetched in all", state.failures)


def _disk(look: _Look) -> list[Check]:
    import shutil

    usage = shutil.disk_usage(look.config.data_dir)
    free = usage.free
    text = f"{free // 1024**2} MB free of {usage.total // 1024**2} MB"
    low = look.config.general.min_free_disk
    if free <= low:
        return [Check("disk", "CRITICAL", f"{text}: new mail is answered with 452", free)]
    return [Check("disk", "WARNING" if free < 4 * low or free < usage.total // 20 else "OK", text, free)]


def _database(look: _Look) -> list[Check]:
    answer = look.db.value("PRAGMA quick_check(1)") if _is_small(look.config.data_dir) else "ok"
    if answer != "ok":
        return [Check("database", "CRITICAL", f"the database is damaged: {answer}; see: mailgate db check", None)]
    size = (look.config.data_dir / "mailgate.db").stat().st_size
    return [Check("database", "OK", f"{size // 1024**2} MB (mailgate db check looks at all of it)", size)]


def _is_small(folder: Path) -> bool:
    """Looking at every page of a large database would make the check slow; `mailgate db check` does that."""
    return (folder / "mailgate.db").stat().st_size < 64 * 1024**2


def _backup(look: _Look) -> list[Check]:
    at = keys.fact(look.db, "backup_at")
    if at is None:
        return [Check("backup", "OK", "no backup was made yet; make one with: mailgate db backup PATH", None)]
    age = clock.now() - float(at)
    status = "WARNING" if age > 8 * _DAY else "OK"
    return [Check("backup", status, f"the last backup is {age / _DAY:.1f} days old", round(age))]


def _certificate(look: _Look) -> list[Check]:
    smtp = look.config.smtp
    if not smtp.tls_cert:
        return []
    path = look.config.resolve(smtp.tls_cert)
    try:
        decoded: dict[str, Any] = ssl._ssl._test_decode_cert(str(path))  # type: ignore[attr-defined]
    except (OSError, ssl.SSLError) as error:
        return [Check("certificate", "CRITICAL", f"{path} cannot be read: {error}", None)]
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(decoded["notAfter"]), UTC)
    days = (ends.timestamp() - clock.now()) / _DAY
    status = "CRITICAL" if days < 3 else "WARNING" if days < 21 else "OK"
    return [Check("certificate", status, f"ends on {ends:%Y-%m-%d}, in {days:.0f} days", round(days, 1))]


def _tokens(look: _Look) -> list[Check]:
    """How long the sign-ins of accounts and relay still last. Asks no network."""
    from mailgate import oauth

    wanted = [
        oauth.of_account(account, look.config)
        for account in look.config.account
        if account.oauth and not account.disabled
    ]
    if look.config.outgoing.oauth:
        wanted.append(oauth.of_relay(look.config))
    return [_token(f"token {credential.name or 'relay'}", credential) for credential in wanted]


def _token(label: str, credential: oauth.Credential) -> Check:
    from mailgate import oauth

    try:
        lasting = oauth.expires(credential)
    except oauth.TokenError as error:
        return Check(label, "CRITICAL", str(error), None)
    if lasting.until is None:
        return Check(label, "CRITICAL" if lasting.missing else "OK", lasting.text, None)
    days = (lasting.until - clock.now()) / _DAY
    status = "CRITICAL" if days < 3 else "WARNING" if days < 14 else "OK"
    when = f"{datetime.fromtimestamp(lasting.until, UTC):%Y-%m-%d}"
    return Check(label, status, f"{lasting.text} ends on {when}, in {days:.0f} days", round(days, 1))


def _scanners(look: _Look) -> list[Check]:
    found = []
    for name, answers, text in scan.probe(look.config.screen):
        found.append(Check(f"scanner {name}", "OK" if answers else "WARNING", text, None))
    return found


CHECKS: dict[str, Callable[[_Look], list[Check]]] = {
    "daemon": _daemon,
    "listener": _listener,
    "scanners": _scanners,
    "spool": _spool,
    "outbox": _outbox,
    "held": _held,
    "accounts": _accounts,
    "disk": _disk,
    "database": _database,
    "backup": _backup,
    "certificate": _certificate,
    "tokens": _tokens,
}
