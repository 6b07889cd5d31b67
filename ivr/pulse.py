"""The application beats only when Asterisk has just answered it over the very connection that brings callers."""

import asyncio
import logging
from contextlib import suppress

from ivr.ari.client import Ari
from ivr.ari.errors import AriError
from models.clock import Clock
from models.instance import heartbeat
from models.instance.heartbeat import Beat
from models.instance.home import Home

log = logging.getLogger(__name__)

EVERY_S = 5.0
_TICK_EVERY_S = 1.0
ANOTHER_SERVES = "stands by, as another program serves the callers"
"""What `hotline status` says of an application that stands by."""


async def ticks(home: Home) -> None:
    """Ticks as long as this process can do anything at all; the supervisor ends one that cannot (R13-1)."""
    while True:
        with suppress(OSError):
            heartbeat.tick(home, "ivr")
        await asyncio.sleep(_TICK_EVERY_S)


async def pulse(ari: Ari, home: Home, clock: Clock) -> None:
    """Until cancelled. `GET applications/NAME` is answered only while somebody is subscribed as that application."""
    since = clock.now()
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(EVERY_S):
                await ari.connected.wait()
        try:
            if ari.connected.is_set():
                await ari.own_channels()
                heartbeat.leave(home, "ivr", Beat(since, clock.now()))
            elif ari.stands_by:
                heartbeat.leave(home, "ivr", Beat(since, clock.now(), why=ANOTHER_SERVES))
        except (AriError, OSError) as error:
            log.warning("no beat: %s", error)
        await asyncio.sleep(EVERY_S)
