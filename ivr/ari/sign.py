"""The sign of life that a program leaves in Asterisk while it serves an application: Asterisk does not report an
application that has died, nor one that gets another one's callers.
"""

import asyncio
import itertools
import logging
import secrets
from contextlib import suppress

import aiohttp
import orjson

log = logging.getLogger(__name__)

_EVERY_S = 3.0
_PATIENCE_S = 9.0
_SAID_EVERY = 20
_LIMIT_S = 5.0


class Sign:
    """A global variable of Asterisk; each application has one of its own. Its value is renewed, and ends with its time.

    `signature`: how the signs of this program begin; others that begin so are known to be dead ones'. `http` is set for
    each connection.
    """

    def __init__(self, url: str, app: str, signature: str) -> None:
        self.http: aiohttp.ClientSession | None = None
        self._app = app
        self._address = f"{url}/asterisk/variable"
        self._name = f"HOTLINE_SERVED_{app}"
        self._signature = signature or secrets.token_hex(4)

    async def renew(self) -> None:
        """Until cancelled."""
        assert self.http is not None
        token = secrets.token_hex(4)
        while True:
            sign = f"{self._signature}-{token}-{asyncio.get_running_loop().time():.1f}"
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                async with asyncio.timeout(_LIMIT_S):
                    (await self.http.post(self._address, params={"variable": self._name, "value": sign})).release()
            await asyncio.sleep(_EVERY_S)

    async def left_at(self) -> float | None:
        """When it was last renewed, in the time of event loops; None: there is none."""
        try:
            return float((await self._read() or "").rpartition("-")[2])
        except ValueError:
            return None

    async def another_serves(self) -> bool:
        """Whether somebody else's sign is being renewed; where there is such a sign, the answer takes a while."""
        first, now = await self._read(), asyncio.get_running_loop().time
        until = now() + _EVERY_S * 1.5
        while first and not first.startswith(self._signature) and now() < until:
            await asyncio.sleep(_EVERY_S / 6)
            if await self._read() != first:
                return True
        return False

    async def stands_still(self) -> None:
        """Returns when the other program has left no sign for a while, or Asterisk does not answer."""
        last, seen_at, now = None, 0.0, asyncio.get_running_loop().time
        for look in itertools.count():
            if look % _SAID_EVERY == 0:
                log.error(
                    "another program is connected to Asterisk as application %s and gets all callers; this one stands "
                    "by until that one ends. Stop one of the two, or give it another name (`node` in its site file)",
                    self._app,
                )
            sign = await self._read()
            if sign != last:
                last, seen_at = sign, now()
            if sign is None or now() - seen_at > _PATIENCE_S:
                log.warning("nobody serves application %s any more: taking over", self._app)
                return
            await asyncio.sleep(_EVERY_S)

    async def _read(self) -> str | None:
        assert self.http is not None
        try:
            async with (
                asyncio.timeout(_LIMIT_S),
                self.http.get(self._address, params={"variable": self._name}) as answer,
            ):
                return str(orjson.loads(await answer.read())["value"])
        except (aiohttp.ClientError, OSError, TimeoutError, KeyError, orjson.JSONDecodeError):
            return None
