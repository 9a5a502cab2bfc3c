"""`mailgate serve`: signals, heartbeat and watchdog around the house.

Takes the configuration's path; gives an exit code: 0 after SIGTERM or SIGINT, 3 for a wrong configuration, 75 where the
disk or another daemon is in the way. Logs one line `ready` when all listeners answer.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import signal
from pathlib import Path

from mailgate import allocator, clock, log
from mailgate.config import Config, load_config
from mailgate.daemon.house import House
from mailgate.daemon.lock import locked
from mailgate.daemon.systemd import notify, notify_reloading, watchdog_seconds
from mailgate.errors import ConfigError, MailgateError
from mailgate.sources.smtp.sockets import as_written, passed_sockets
from mailgate.store import Store

HEARTBEAT = "heartbeat.json"
_BEAT_SECONDS = 5.0
_LOCK_SECONDS = 10.0
_IF_THERE_WAS_ONE = "if there was one before, stop the daemon: is its disk mounted, is general.data_dir right?"
_log = log.get("daemon")


def serve(config_path: Path) -> int:
    """Runs the daemon until a signal ends it. Raises ConfigError before anything is opened."""
    allocator.settle()
    config = load_config(config_path)
    log.setup(config.general.log_level, config.general.log_format)
    with locked(config.data_dir, _LOCK_SECONDS) as free:
        if not free:
            _log.error("not started", reason=f"another mailgate runs on {config.data_dir}; stop it first")
            return 75
        return _serve(config, config_path)


def _serve(config: Config, config_path: Path) -> int:
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda got, _frame: signals.put(got))
    store = Store.open(config.data_dir, config.general.min_free_disk)
    if store.is_new:
        _log.warning("a new database was made", path=str(store.path), next=_IF_THERE_WAS_ONE)
    try:
        house = House(config, store, passed_sockets())
        house.start()
    except ConfigError:
        store.close()
        raise
    started = clock.monotonic()
    gc.collect()
    gc.freeze()  # what the house is made of lives as long as the daemon: no need to look through it again and again
    notify(READY=1, STATUS="serving")
    _log.info(
        "ready", pid=os.getpid(), smtp=as_written(house.listener.addresses), lmtp=as_written(house.listener.lmtp_addresses),
        web=house.web.addresses or None, accounts=len(config.account) or None,
    )  # fmt: skip
    period = min(_BEAT_SECONDS, watchdog_seconds() or _BEAT_SECONDS)
    while True:
        _beat(house, started)
        try:
            got = signals.get(timeout=period)
        except queue.Empty:
            continue
        if got == signal.SIGHUP:
            _reload(house, config_path)
            continue
        break
    notify(STOPPING=1)
    _log.info("stopping")
    house.stop()
    (config.data_dir / HEARTBEAT).unlink(missing_ok=True)
    _log.info("stopped")
    return 0


def _reload(house: House, config_path: Path) -> None:
    notify_reloading()
    try:
        house.reload(load_config(config_path))
    except MailgateError as error:
        _log.error("reload refused", reason=str(error), next="the old configuration stays in force")
    else:
        _log.info("reloaded")
    notify(READY=1)


def _beat(house: House, started: float) -> None:
    """Leaves a sign of life for `mailgate check`, and feeds the watchdog unless a hand is stuck."""
    numbers = house.numbers()
    if not numbers["stuck"]:
        notify(WATCHDOG=1)
    path = house.config.data_dir / HEARTBEAT
    beat = {"at": clock.now(), "pid": os.getpid(), "up_s": round(clock.monotonic() - started), **numbers}
    try:
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(beat))
        temporary.replace(path)
    except OSError as error:
        _log.warning("no heartbeat", error=str(error))
