"""Somebody who waits for changes learns within a tenth of a second that something was committed, by whatever process.

It costs the writers nothing: no trigger, no notification, no row.
"""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any, Self, cast

from sqlalchemy.exc import SQLAlchemyError

from models.database.store import Store

LOOK_EVERY_S = 0.1
_AGAIN_AFTER_S = 1.0

# SQLite: a counter of this connection, which a commit of any other one moves; a look takes 2 µs.
# PostgreSQL: which transactions are over; also another database of the same server moves it.
_LOOK = {True: "PRAGMA data_version", False: "SELECT pg_current_snapshot()::text"}


class Doorbell:
    """Calls `ring` in a thread of its own at the first look, after commits, and when the database is back.

    Also for a change that nobody can see: who hears it looks for himself. `ring` must return at once.
    """

    def __init__(self, store: Store, ring: Callable[[], None]) -> None:
        self._store = store
        self._ring = ring
        self._closed = threading.Event()
        self._looked_at = time.monotonic()
        self._thread = threading.Thread(target=self._keep_looking, name="doorbell", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join()

    def sure(self, within: timedelta) -> bool:
        """Whether the database has answered within this time, so that silence means that nothing has happened."""
        return time.monotonic() - self._looked_at <= within.total_seconds()

    def _keep_looking(self) -> None:
        while not self._closed.is_set():
            try:
                self._look_until_it_breaks()
            except (SQLAlchemyError, self._store.engine.dialect.loaded_dbapi.Error):
                # A reader or writer reports it. The first look at a new connection rings.
                self._closed.wait(_AGAIN_AFTER_S)

    def _look_until_it_breaks(self) -> None:
        """Raises the driver's errors."""
        pooled = self._store.engine.raw_connection()
        pooled.detach()
        with closing(cast(Any, pooled.dbapi_connection)) as connection:
            if not self._store.sqlite:
                connection.autocommit = True
            seen: object = None
            while not self._closed.is_set():
                now = connection.execute(_LOOK[self._store.sqlite]).fetchone()[0]
                self._looked_at = time.monotonic()
                if now != seen:
                    seen = now
                    self._ring()
                self._closed.wait(LOOK_EVERY_S)
