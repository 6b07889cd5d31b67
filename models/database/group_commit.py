"""Group commit: changes that are requested during another write share the next transaction.

In a database with one writer (SQLite) they would otherwise queue up, each with its own transaction and wait for the
disk.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from models.database.store import Store, StoreUnavailable

T = TypeVar("T")
Change = Callable[[Session], Any]

MOST = 32
"""The most changes in one transaction: other processes write between two transactions."""


class GroupCommit:
    """Writes in one of the `threads`, in the order of the requests."""

    def __init__(self, store: Store, threads: Executor) -> None:
        self._store = store
        self._threads = threads
        self._lock = threading.Lock()
        self._waiting: list[tuple[Change, Future[Any]]] = []
        self._writing = False

    def write(self, change: Callable[[Session], T]) -> Future[T]:
        """As `Store.write`: the change is on disk when the future has its result; the future raises its exceptions.

        A requested change is always written; cancelling the future does not undo it.
        """
        written: Future[T] = Future()
        written.set_running_or_notify_cancel()
        with self._lock:
            if not self._writing:
                self._threads.submit(self._write_until_nobody_waits)
                self._writing = True
            self._waiting.append((change, written))
        return written

    def _write_until_nobody_waits(self) -> None:
        while changes := self._next():
            self._write_together(changes)

    def _next(self) -> list[tuple[Change, Future[Any]]]:
        with self._lock:
            changes, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            self._writing = bool(changes)
            return changes

    def _write_together(self, changes: list[tuple[Change, Future[Any]]]) -> None:
        try:
            results = self._store.write(_one_after_another, [change for change, _ in changes])
        except Exception as error:
            if len(changes) > 1 and not isinstance(error, StoreUnavailable):
                # One of them has failed, which must not affect the others.
                for one in changes:
                    self._write_together([one])
                return
            for _, written in changes:
                written.set_exception(error)
        else:
            for (_, written), result in zip(changes, results, strict=True):
                written.set_result(result)


def _one_after_another(session: Session, changes: list[Change]) -> list[Any]:
    """Runs the changes; each one finds an empty session, as if it were alone."""
    results = []
    for change in changes:
        results.append(change(session))
        session.flush()
        session.expunge_all()
    return results
