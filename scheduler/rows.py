"""A scan takes one due row after the other, each in a transaction of its own; none can hold up those behind it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from models.database import pushed_back
from models.database.paging import Mark
from models.database.store import Store, StoreUnavailable
from scheduler.scope import Scope

PAGE = 200
_LEAVE_TO_OTHERS_S = 0.02
_TURN = threading.Lock()


def each(
    scope: Scope,
    scan: str,
    due: Callable[[Session, Mark | None, int], list[Mark]],
    handle: Callable[[Session, int], bool],
) -> int:
    """Handles all that is due, page by page; returns how many rows `handle` has said True of.

    `due(session, after, limit)` gives the next rows behind `after` in the order (at, id). `handle` must find out by
    itself whether its row is still due (another scheduler may have been there), and change nothing but the session's
    rows. Whatever it raises is that row's trouble: it is reported, and tried again later, more and more seldom.
    Raises StoreUnavailable.
    """
    handled, after = 0, None
    while not scope.stopping.is_set() and (page := scope.store.read(due, after, PAGE)):
        after = page[-1]
        failed = scope.store.read(pushed_back.of, scan, [row.id for row in page])
        for row in page:
            before = failed.get(row.id)
            if scope.stopping.is_set():
                break
            if before is None or before.until <= scope.clock.now():
                handled += _one(scope, scan, row.id, handle, again=before is not None)
    return handled


def _one(scope: Scope, scan: str, row_id: int, handle: Callable[[Session, int], bool], *, again: bool) -> bool:
    def in_one_transaction(session: Session) -> bool:
        done = handle(session, row_id)
        if again:
            pushed_back.forget(session, scan, row_id)
        return done

    try:
        with _turn(scope.store):
            return scope.store.write(in_one_transaction)
    except StoreUnavailable:
        raise
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        scope.report(f"{scan} {row_id}", told)
        scope.store.write(pushed_back.push, scan, row_id, error=told, at=scope.clock.now())
        return False


@contextmanager
def _turn(store: Store) -> Iterator[None]:
    """SQLite has one writer: the scans of a process take turns at it and leave half of the time to others, so that ten
    thousand rows in a row do not keep a caller waiting for his."""
    if not store.sqlite:
        yield
        return
    with _TURN:
        began = time.monotonic()
        yield
        time.sleep(min(_LEAVE_TO_OTHERS_S, time.monotonic() - began))
