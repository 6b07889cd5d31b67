"""A scan handles due rows one by one, each in its own transaction; a failing row does not hold up those behind it."""

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
    """Handles all due rows, page by page; returns for how many `handle` returned True.

    `due(session, after, limit)` gives the next rows after `after` in the order (at, id). `handle` must check that its
    row is still due (another scheduler may have handled it), and may change only rows of the session. An exception
    concerns that row alone: it is reported, and the row is tried again later, at growing intervals.
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
        error_text = f"{type(error).__name__}: {error}"
        scope.report(f"{scan} {row_id}", error_text)
        scope.store.write(pushed_back.push, scan, row_id, error=error_text, at=scope.clock.now())
        return False


@contextmanager
def _turn(store: Store) -> Iterator[None]:
    """SQLite has one writer: the scans of a process take turns and leave half of the time to others, so that ten
    thousand due rows do not keep a caller waiting."""
    if not store.sqlite:
        yield
        return
    with _TURN:
        began = time.monotonic()
        yield
        time.sleep(min(_LEAVE_TO_OTHERS_S, time.monotonic() - began))
