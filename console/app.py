"""`hotline console`: an HTTP server in its own process; calls go on while it restarts."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from sqlalchemy import select
from starlette.types import Receive, Scope, Send

from console.api.application import application
from console.connections import server
from console.live.hub import Hub
from console.pages.application import pages
from models.clock import SystemClock
from models.database.store import Store, StoreUnavailable
from models.instance import heartbeat, tls
from models.instance.heartbeat import Beat
from models.instance.home import Home
from models.instance.instance import Instance, RunningInstance
from models.instance.log import PLAIN
from models.instance.log import begin as start_log

NAME = "console"
AT_ONCE = 8
"""Requests that use the store at a time; others wait for their turn."""
PATIENCE_S = 5.0
"""A request is refused sooner than a call would be: the program can try again."""
_BEAT_EVERY = 5
"""Ticks of one second."""


def run(home: Home) -> None:
    """Serves until SIGTERM or Ctrl-C. Raises ConfigError, StoreUnavailable; SystemExit when its port is taken."""
    start_log(PLAIN)
    instance = Instance.load(home)
    site, policy, store = instance.site, instance.policy, instance.open_store(patience_s=PATIENCE_S)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn ends on these signals, then raises them once more for the handlers that were installed before.
        signal.signal(number, lambda *_: None)
    app = Whole(RunningInstance(home, site, policy, store, SystemClock()), lifespan=_alive(home, store))
    certificate = tls.console_file(home) if site.console.over_tls else None
    try:
        server(app, site, policy.api, certificate).run()
    finally:
        heartbeat.forget(home, NAME)
        store.close()


class Whole:
    """The REST API behind `/api/`, the pages behind everything else; each answers its errors in its own way."""

    def __init__(self, instance: RunningInstance, *, lifespan: Any = None) -> None:
        live = Hub(instance)
        self.api = application(instance, lifespan=_all(live.running, lifespan))
        self.api.state.live = live
        self.pages = pages(self.api.state)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for_programs = scope["type"] == "lifespan" or scope["path"].startswith("/api/")
        await (self.api if for_programs else self.pages)(scope, receive, send)


def _all(live: Callable[[], AbstractAsyncContextManager[None]], other: Any) -> Any:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with live(), other(app) if other else nullcontext():
            yield

    return lifespan


def _alive(home: Home, store: Store) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = AT_ONCE
        beating = asyncio.create_task(_beats(home, store))
        yield
        beating.cancel()

    return lifespan


async def _beats(home: Home, store: Store) -> None:
    """Runs for ever: ticks while this process works, and leaves a heartbeat when the store has just answered."""
    clock = SystemClock()
    since = clock.now()
    seconds = 0
    while True:
        with suppress(OSError):
            heartbeat.tick(home, NAME)
            if seconds % _BEAT_EVERY == 0:
                why = await asyncio.to_thread(_trouble, store)
                heartbeat.leave(home, NAME, Beat(since, clock.now(), why=why))
        seconds += 1
        await asyncio.sleep(1)


def _trouble(store: Store) -> str:
    try:
        store.read(lambda session: session.scalar(select(1)))
    except StoreUnavailable:
        return "out of reach"
    return ""
