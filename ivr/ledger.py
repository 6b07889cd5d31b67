"""The store, for the event loop: each write is one transaction, and it is done when it returns."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from models.clock import Clock
from models.database.group_commit import GroupCommit
from models.database.store import Store

P = ParamSpec("P")
T = TypeVar("T")


class Ledger:
    """Runs the verbs of `models/` in a thread, so that no hang-up or shutdown can cut one in half.

    A verb is a function `verb(session, ..., at=...)`; the caller says at which moment: `write(calls.answered, call.id,
    at=now())`. Without `threads` it runs at once, on the loop itself: right for a test in virtual time, wrong for real
    callers.
    """

    def __init__(self, store: Store, clock: Clock, threads: Executor | None) -> None:
        self._store = store
        self._clock = clock
        self._threads = threads
        self._group = GroupCommit(store, threads) if store.sqlite and threads else None

    def now(self) -> datetime:
        """The moment that is written with what happens now."""
        return self._clock.now()

    async def write(self, verb: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._group is None:
            return await self.run(lambda: self._store.write(verb, *args, **kwargs))
        written = self._group.write(lambda session: verb(session, *args, **kwargs))
        return await asyncio.shield(asyncio.wrap_future(written))

    async def read(self, query: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.run(lambda: self._store.read(query, *args, **kwargs))

    async def run(self, work: Callable[[], T]) -> T:
        """Work on files, in a thread."""
        if self._threads is None:
            return work()
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._threads, work))
