"""The one writer: takes all jobs that wait, runs them in one transaction, syncs once, answers all.

Takes jobs (functions of a `Tx`) from any thread; gives futures that resolve after the commit is on disk.
Promises: jobs run one at a time and in order; a job that raises is rolled back alone (savepoint) and the others of
its group still commit; a future never resolves before the fsync; nothing waits on purpose to make groups larger.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
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


@dataclass(slots=True)
class _Job:
    work: Callable[[Tx], Any]
    future: Future[Any]
    result: Any = None


class Writer:
    """The writer thread of one process. Started at the first job, so that a reading command never pays for it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._start = threading.Lock()
        self._closed = False

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        """Queues a job. The future raises what the job raised, or TemporaryError where the commit failed."""
        future: Future[T] = Future()
        with self._start:
            if self._closed:
                future.set_exception(TemporaryError("The store is closing. Try again."))
                return future
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()
            self._jobs.put(_Job(work, future))
        return future

    def is_me(self) -> bool:
        """Whether the caller runs inside a job, where waiting for another job would never end."""
        return threading.current_thread() is self._thread

    def close(self) -> None:
        """Finishes what is queued and ends the thread."""
        with self._start:
            self._closed = True
            thread = self._thread
            self._jobs.put(None)
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        ending = False
        while not ending:
            group, ending = self._take_group()
            if not group:
                continue
            try:
                if connection is None:
                    connection = connect(self._path)
                self._commit(connection, group)
            except BaseException as error:  # noqa: BLE001 - the loop of the hand: answer everybody, go on
                _fail(group, as_house_error(error) if isinstance(error, sqlite3.Error) else error)
        if connection is not None:
            connection.close()

    def _take_group(self) -> tuple[list[_Job], bool]:
        job = self._jobs.get()
        group: list[_Job] = []
        while job is not None:
            if job.future.set_running_or_notify_cancel():
                group.append(job)
            if len(group) >= _MAX_GROUP:
                return group, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

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
