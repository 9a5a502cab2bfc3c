"""One run of a command: its configuration, its store and the person in whose name it acts, each opened when needed.

Takes the global options; gives `Session`, which every command gets. Promises: nothing is opened before it is used, all
is closed at the end; what an act caused (letters) is in the outbox when the command ends, daemon or not.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mailgate import clock
from mailgate.errors import MailgateError, PermanentError, RefusedError, TemporaryError
from mailgate_cli.output import warn
from mailgate_cli.ownership import give_to_owner

if TYPE_CHECKING:
    from pathlib import Path

    from mailgate.config import Config
    from mailgate.desk import Desk
    from mailgate.model import User
    from mailgate.store import Reader, Store

T = TypeVar("T")
_ROUNDS = 20


class Session:
    """What a command works with."""

    def __init__(self, config_option: str | None = None, debug: bool = False) -> None:
        self.debug = debug
        self._config_option = config_option
        self._config: Config | None = None
        self._store: Store | None = None
        self._began_at = 0.0

    @property
    def config_path(self) -> Path:
        """The configuration file that is used. Raises ConfigError where there is none."""
        from mailgate.config import find_config

        return find_config(self._config_option)

    @property
    def config(self) -> Config:
        """The configuration. Raises ConfigError with every fault."""
        if self._config is None:
            from mailgate.config import load_config

            self._config = load_config(self.config_path)
            _silence(self.debug)
        return self._config

    @property
    def store(self) -> Store:
        """The store of the configuration's data folder, opened at the first use."""
        if self._store is None:
            from mailgate.store import Store

            self._began_at = clock.now()
            self._store = Store.open(self.config.data_dir, self.config.general.min_free_disk)
            if self._store.is_new:
                warn(
                    f"mailgate: a new database was made in {self.config.data_dir}. If there was one before: is its disk"
                    " mounted, is general.data_dir right?"
                )
        return self._store

    def close(self) -> None:
        """Ends everything that was opened."""
        if self._store is not None:
            self._store.close()
            give_to_owner(self._store.folder, self._began_at)
            self._store = None

    # -- who acts --------------------------------------------------------------------------------------------------

    def actor(self, db: Reader, named: str | None) -> User:
        """The user of `--as`, else of `[cli] as`, else the system's user if it is a technician's, else the first
        administrator. Raises NotFoundError or RefusedError."""
        from mailgate.store import people

        wanted = named or self.config.cli.as_
        if wanted:
            return people.named(db, wanted)
        login = _login_name()
        if login:
            user = people.by_username(db, login)
            if user is not None and user.is_staff:
                return user
        administrators = people.administrators(db)
        if administrators:
            return administrators[0]
        raise RefusedError(
            "Nobody is named to act, and there is no administrator. "
            "Add one with: mailgate user add ADDRESS --role administrator"
        )

    def asker(self, db: Reader, named: str | None) -> User | None:
        """Through whose eyes a command shows things: as `actor`; None, who sees all, while there is no administrator."""
        from mailgate.store import people

        if not (named or self.config.cli.as_) and not people.administrators(db):
            return None
        return self.actor(db, named)

    def need_administrator(self, db: Reader, named: str | None) -> User | None:
        """The actor, who must be an administrator; None while the installation has no administrator at all."""
        from mailgate.store import people

        if not people.administrators(db) and not named:
            return None
        actor = self.actor(db, named)
        if actor.role != "administrator" or actor.disabled:
            raise RefusedError(f"{actor.display} is not an administrator. Name one with --as USER.")
        return actor

    # -- acting ----------------------------------------------------------------------------------------------------

    def act(self, named: str | None, work: Callable[[Desk], T]) -> T:
        """Runs one act of the desk in its own transaction, then settles. Raises what it raised."""
        from mailgate.desk import Desk

        store = self.store
        with store.read() as db:
            actor = self.actor(db, named)
        result = store.write(lambda tx: work(Desk(tx, store, actor)))
        self.settle()
        return result

    def act_on_each(
        self, named: str | None, ids: Iterable[int], work: Callable[[Desk, int], object], done: Callable[[int], str]
    ) -> None:
        """Runs an act for each ticket, each in its own transaction: where one is refused the others are done all the
        same, each is named, and the command ends with 1. Raises TemporaryError where the disk refuses all."""
        from mailgate.desk import Desk

        store = self.store
        with store.read() as db:
            actor = self.actor(db, named)

        def job(ticket_id: int) -> Callable[..., object]:
            return lambda tx: work(Desk(tx, store, actor), ticket_id)

        wanted = list(dict.fromkeys(ids))
        futures = [(ticket_id, store.submit(job(ticket_id))) for ticket_id in wanted]
        refused: list[PermanentError] = []
        temporary: TemporaryError | None = None
        for ticket_id, future in futures:
            try:
                future.result()
            except PermanentError as error:
                refused.append(error)
            except TemporaryError as error:
                temporary = error
            else:
                click.echo(done(ticket_id))
        if len(refused) < len(futures):
            self.settle()
        if temporary is not None:
            raise temporary
        if len(futures) == 1 and refused:
            raise refused[0]
        for refusal in refused:
            warn(f"mailgate: {refusal}")
        if refused:
            raise click.exceptions.Exit(1)

    def settle(self) -> None:
        """Turns what just happened into letters, and rings for the daemon. What fails here waits for the daemon."""
        from mailgate.reactor import Reactor

        try:
            reactor = Reactor(self.store, self.config)
            while reactor.react():  # what fails is put off, so that this ends
                continue
        except MailgateError as error:
            warn(f"mailgate: Done, but the notifications wait for the daemon: {error}")
        self.store.bell.ring("reactor")
        self.store.bell.ring("delivery")

    def file_waiting(self, progress: Callable[[int, int], None] | None = None) -> int | None:
        """Files what waits in the spool, and gives how many it were; None where the daemon runs, which does it."""
        from mailgate.daemon.lock import locked
        from mailgate.store import spool

        self.store.bell.ring("intake")
        filed = 0
        # Another command may have put its message down while this one held the lock, and gone away trusting in it.
        for _ in range(_ROUNDS):
            with locked(self.config.data_dir) as alone:
                if not alone:
                    return filed or None
                from mailgate.intake.hand import Intake

                filed += Intake(self.store, self.config, on_filed=self._counter(progress)).run_all()
            with self.store.read() as db:
                if not spool.waiting(db, clock.now(), 1):
                    break
        self.settle()
        return filed

    def _counter(self, progress: Callable[[int, int], None] | None) -> Callable[[str, float], None]:
        """Counts what is filed, against what waits now."""
        if progress is None:
            return lambda outcome, seconds: None
        from mailgate.store import ledger

        with self.store.read() as db:
            total = ledger.count(db, "waiting")
        done = iter(range(1, sys.maxsize))
        return lambda outcome, seconds: progress(next(done), total)


def _silence(debug: bool) -> None:
    """Commands speak in sentences, not in log lines; `--debug` shows both."""
    import logging

    from mailgate import log

    if debug:
        log.setup("debug")
    elif not logging.getLogger("mailgate").handlers:
        logging.getLogger("mailgate").addHandler(logging.NullHandler())


def _login_name() -> str | None:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return None


pass_session: Callable[[Callable[..., Any]], Callable[..., Any]] = click.make_pass_decorator(Session)
