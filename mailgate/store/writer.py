"""The one writer: takes all jobs that wait, runs them in one transaction, syncs once, answers all.

Takes jobs (functions of a `Tx`) from any thread; gives futures that resolve after the commit is on disk.
Promises: jobs run one at a time, each kind in order; a job that raises is rolled back alone (savepoint) and the others of
its group still commit; a future never resolves before the fsync; nothing waits on purpose to make groups larger.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from mailgate import log
from mailgate.errors import TemporaryError
from mailgate.store.engine import Tx, as_house_error, connect, rollback

T = TypeVar("T")
_log = log.get("store")
_MAX_GROUP = 256
_BESIDE_URGENT = 16


@dataclass(slots=True)
class _Job:
    work: Callable[[Tx], Any]
    future: Future[Any]
    result: Any = None


class Writer:
    """The writer thread of one process. Started at the first job, so that a reading command never pays for it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._urgent: deque[_Job] = deque()
        self._jobs: deque[_Job] = deque()
        self._waiting = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, work: Callable[[Tx], T], urgent: bool = False) -> Future[T]:
        """Queues a job; an urgent one goes before all that are not. The future raises what the job raised, or
        TemporaryError where the commit failed."""
        future: Future[T] = Future()
        with self._waiting:
            if self._closed:
                future.set_exception(TemporaryError("The store is closing. Try again."))
                return future
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()
            (self._urgent if urgent else self._jobs).append(_Job(work, future))
            self._waiting.notify()
        return future

    def is_me(self) -> bool:
        """Whether the caller runs inside a job, where waiting for another job would never end."""
        return threading.current_thread() is self._thread

    def close(self) -> None:
        """Finishes what is queued and ends the thread."""
        with self._waiting:
            self._closed = True
            thread = self._thread
            self._waiting.notify()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        while group := self._take_group():
            try:
                if connection is None:
                    connection = connect(self._path)
                self._commit(connection, group)
            except BaseException as error:  # noqa: BLE001 - the loop of the hand: answer everybody, go on
                _fail(group, as_house_error(error) if isinstance(error, sqlite3.Error) else error)
        if connection is not None:
            connection.close()

    def _take_group(self) -> list[_Job]:
        """What waits, urgent jobs first; with these only few others, so that nobody waits long for an urgent one.

        Empty at the end.
        """
        group: list[_Job] = []
        while not group:
            with self._waiting:
                while not (self._urgent or self._jobs or self._closed):
                    self._waiting.wait()
                if not (self._urgent or self._jobs):
                    return []
                room = _BESIDE_URGENT if self._urgent else _MAX_GROUP
                taken = [self._urgent.popleft() for _ in range(min(len(self._urgent), _MAX_GROUP))]
                taken += [self._jobs.popleft() for _ in range(min(len(self._jobs), room))]
            group = [job for job in taken if job.future.set_running_or_notify_cancel()]
        return group

    def _commit(self, connection: sqlite3.Connection, group: list[_Job]) -> None:
        tx = Tx(connection)
        done: list[_Job] = []
        failed: list[tuple[_Job, BaseException]] = []
        connection.execute("BEGIN IMMEDIATE")
        try:
            for job in group:
                put_off = len(tx.deferred)
                connection.execute("SAVEPOINT job")
                try:
                    job.result = job.work(tx)
                except Exception as error:
                    if not connection.in_transaction:  # a full disk made SQLite roll back the whole group
                        raise
                    connection.execute("ROLLBACK TO job")
                    del tx.deferred[put_off:]
                    failed.append((job, error))
                else:
                    done.append(job)
                connection.execute("RELEASE job")
            tx.run_deferred()
            connection.execute("COMMIT")
        except BaseException:
            rollback(connection)
            raise
        for job in done:
            job.future.set_result(job.result)
        for job, reason in failed:
            job.future.set_exception(reason)


def _fail(group: list[_Job], error: BaseException) -> None:
    _log.error("commit failed", jobs=len(group), error=str(error))
    for job in group:
        if not job.future.done():
            job.future.set_exception(error)
