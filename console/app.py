"""`hotline console`: an HTTP server of its own process; while it dies and comes back, calls go on."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from sqlalchemy import select

from console.api.application import application
from models.clock import SystemClock
from models.database.store import Store, StoreUnavailable
from models.instance import heartbeat
from models.instance.heartbeat import Beat
from models.instance.home import Home
from models.instance.instance import Instance, RunningInstance
from models.site import Site

NAME = "console"
AT_ONCE = 8
"""Requests that are with the store; more wait for their turn."""
CONNECTIONS = 200
PATIENCE_S = 5.0
"""Whoever asks tries again sooner than a caller would have to."""
_LET_FINISH_S = 5
_BEAT_EVERY = 5
"""Seconds, as many as ticks."""


def run(home: Home) -> None:
    """Serves until SIGTERM or Ctrl-C. Raises ConfigError, StoreUnavailable; SystemExit when it can't have its port."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    instance = Instance.load(home)
    site, policy, store = instance.site, instance.policy, instance.open_store(patience_s=PATIENCE_S)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn ends by these, then raises them once more for whoever had them before.
        signal.signal(number, lambda *_: None)
    app = application(RunningInstance(home, site, policy, store, SystemClock()), lifespan=_alive(home, store))
    try:
        server(app, site).run()
    finally:
        heartbeat.forget(home, NAME)
        store.close()


def server(app: FastAPI, site: Site) -> uvicorn.Server:
    """It writes down no request: an address that is asked for may hold a customer's number."""
    config = uvicorn.Config(
        app,
        host=site.console.address,
        port=site.console.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=_LET_FINISH_S,
    )
    return uvicorn.Server(config)


def _alive(home: Home, store: Store) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = AT_ONCE
        beating = asyncio.create_task(_beats(home, store))
        yield
        beating.cancel()

    return lifespan


async def _beats(home: Home, store: Store) -> None:
    """For ever: ticks as long as this process can do anything, beats when the store has just answered."""
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
