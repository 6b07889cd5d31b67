"""A canary is a test call that goes a caller's whole way and proves that the line answers (R17-5, R05-7).

Every few minutes it dials the first hotline through the dialplan, comes back to us as a call, is answered, hears the
first words to their end and presses a key. It is no customer's call: it has no row but its own. The scheduler, which
lives when we do not, watches whether canaries come at all.
"""

import asyncio
import logging
import secrets
from contextlib import suppress

from ivr.ari.client import Ari, Arrival
from ivr.ari.errors import AriError
from ivr.call import Call, CallEnded
from ivr.house import House
from models.health import canaries
from models.states.health import CanaryStep

log = logging.getLogger(__name__)

ARGUMENT = "canary"
_MAY_TAKE_S = 30.0
_KEY = "1"
_KEY_ARRIVES_WITHIN_S = 5.0


class Silent(Exception):
    """It was answered, and then something that a caller would have noticed did not happen."""


class CanaryCaller:
    def __init__(self, ari: Ari, house: House) -> None:
        self._ari = ari
        self._house = house
        lines = house.site.lines
        self._line = next((line for line in lines if line.flow == "hotline"), lines[0]).number
        self._step = CanaryStep.CONNECT
        self._greeted: asyncio.Future[None] | None = None
        self._home: asyncio.Future[None] | None = None

    async def forever(self) -> None:
        while True:
            await asyncio.sleep(self._house.policy.canary.every_minutes * 60)
            try:
                await self.fly()
            except Exception:
                # Callers are served all the same; the scheduler notices that no canary comes.
                log.exception("a canary could not be sent, or not be written down")

    async def fly(self) -> None:
        """One canary, and its row."""
        loop = asyncio.get_running_loop()
        at, began, failed = self._house.now(), loop.time(), None
        self._step = CanaryStep.CONNECT
        try:
            async with asyncio.timeout(_MAY_TAKE_S):
                await self._call()
        except (AriError, TimeoutError, Silent, CallEnded) as error:
            failed = self._step
            log.error("canary: the line does not answer as it should, at %s: %s", failed, error or type(error).__name__)
        ms = round((loop.time() - began) * 1000)
        await self._house.write(canaries.write, at=at, ms=ms, failed=failed)

    async def _call(self) -> None:
        """The near end: it dials, and presses the key."""
        loop = asyncio.get_running_loop()
        # The name of a leg, so that recovery hangs it up if we die over it.
        near = self._ari.channel(f"c0-leg-canary-{secrets.token_hex(4)}")
        self._greeted, self._home = loop.create_future(), loop.create_future()
        with self._ari.listen(near.id):
            try:
                await near.dial_ourselves(f"Local/{self._line}@canary/n")
                self._step = CanaryStep.DIALPLAN
                await self._greeted
                await near.press(_KEY)
                await self._home
            finally:
                self._greeted = self._home = None
                # This must not replace the error that ended the waiting.
                with suppress(AriError):
                    await near.hang_up()

    async def receive(self, arrival: Arrival) -> None:
        """The far end: what a caller would hear. One that nobody waits for any more is hung up."""
        greeted, home = self._greeted, self._home
        if greeted is None or home is None:
            with suppress(AriError):
                await arrival.channel.hang_up()
            return
        call = Call(
            self._ari,
            arrival.channel,
            arrival.stream,
            id=0,
            line=self._line,
            number="",
            language=self._house.site.language,
            policy=self._house.policy,
        )
        try:
            self._step = CanaryStep.ANSWER
            await call.answer()
            self._step = CanaryStep.PROMPT
            await self._hears(call)
            self._step = CanaryStep.KEY
            _come(greeted)
            if await call.key(_KEY_ARRIVES_WITHIN_S) != _KEY:
                raise Silent("the key has not arrived")
            _come(home)
        except (AriError, CallEnded, Silent) as error:
            for waiting in (greeted, home):
                if not waiting.done():
                    waiting.set_exception(error)
                    # One of the two is enough; the other is nobody's any more.
                    waiting.exception()
        with suppress(AriError):
            await call.hang_up()

    async def _hears(self, call: Call) -> None:
        """The first words, to their end: Asterisk accepts to play what does not exist, and says so only at the end."""
        playback = await call.start(self._house.greeting)
        while True:
            event = await call.next(_MAY_TAKE_S)
            if event is None:
                raise Silent("the first words do not end")
            if event["type"] == "PlaybackFinished" and event["playback"]["id"] == playback.id:
                if event["playback"]["state"] != "done":
                    raise Silent(f"the first words were not played: {event['playback']['state']}")
                return


def _come(waited_for: asyncio.Future[None]) -> None:
    """The near end may have stopped waiting a moment ago."""
    if not waited_for.done():
        waited_for.set_result(None)
