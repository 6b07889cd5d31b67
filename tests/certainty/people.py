"""Guests and staff at their telephones, who know nothing of the kills."""

import asyncio
import random
import time
from collections import Counter

from tests.certainty.promises import UNREGISTERED, WakeupPromise
from tests.certainty.telephones import SipLeg, Telephones

_THANKED_S = 8.0
_DEAF_S = 7.0
_STAYS_S = 45.0
_UNPLUGS_BEFORE_S = 6.0
_PLUGS_IN_AFTER_S = 80.0
_WAITS_FOR_ROOM_S = 25.0
_ANSWERED = {"knock-awake", "knock-on-way", "knock-settled", "called-apology"}


class People:
    """`calls` plays the person whose telephone rings; `unplugs` unregisters telephones at their time."""

    def __init__(self, promises: list[WakeupPromise], seed: int) -> None:
        self._promises: dict[str, list[WakeupPromise]] = {}
        for promise in promises:
            self._promises.setdefault(promise.room, []).append(promise)
        self._rung: Counter[WakeupPromise] = Counter()
        self._reported: Counter[tuple[str, str]] = Counter()
        self._dice = random.Random(f"{seed}-people")

    async def unplugs(self, phones: Telephones) -> None:
        """Unregisters these telephones from shortly before their wake-up until some time after it."""
        mine = [one for ones in self._promises.values() for one in ones if UNREGISTERED in one.plan]
        await asyncio.gather(*(self._unplugs(phones, promise) for promise in mine))

    async def _unplugs(self, phones: Telephones, promise: WakeupPromise) -> None:
        await asyncio.sleep(promise.due - _UNPLUGS_BEFORE_S - time.time())
        await phones.unplug(promise.room)
        await asyncio.sleep(_PLUGS_IN_AFTER_S)
        await phones.plug_in(promise.room)

    async def calls(self, leg: SipLeg) -> None:
        if leg.number in self._promises:
            await self._guest(leg)
        else:
            await self._staff(leg)

    async def _guest(self, leg: SipLeg) -> None:
        now = time.time()
        promise = next((one for one in reversed(self._promises[leg.number]) if one.due <= now + 1), None)
        promise = promise or self._promises[leg.number][0]
        does = promise.plan[min(self._rung[promise], len(promise.plan) - 1)]
        self._rung[promise] += 1
        if does == "busy":
            return leg.refuse()
        leg.ring()
        if does in ("no answer", UNREGISTERED):
            return None
        await asyncio.sleep(self._dice.uniform(0.3, 2.0))
        if not await leg.answer():
            return None
        if does == "hangs up":
            return await leg.hang_up()
        if does == "silent":
            await leg.hears({"wake-sleep"}, _STAYS_S, _DEAF_S)
            return await leg.hang_up("hung up, having said nothing")
        await asyncio.sleep(self._dice.uniform(0.3, 6.0))
        if "called-apology" not in leg.ears.heard and await leg.press("2" if does == "snoozes" else "1"):
            await leg.hears({"wake-thanks", "wake-sleep"}, _THANKED_S, _DEAF_S)
            await asyncio.sleep(self._dice.uniform(0.1, 2.5))
        return await leg.hang_up()

    async def _staff(self, leg: SipLeg) -> None:
        """Presses 1 or 2 after hearing the room; called about the same room again, reports the guest awake."""
        does = self._dice.choices(["2", "1", "no answer", "busy"], [6, 2, 1, 1])[0]
        if does == "busy":
            return leg.refuse()
        leg.ring()
        if does == "no answer":
            return None
        await asyncio.sleep(self._dice.uniform(0.3, 1.5))
        if not await leg.answer():
            return None
        until = time.monotonic() + _WAITS_FOR_ROOM_S
        while not leg.ears.room and not leg.ended.is_set() and time.monotonic() < until:
            if time.monotonic() - leg.ears.last > _DEAF_S:
                break
            await asyncio.sleep(0.1)
        if leg.ears.room:
            self._reported[leg.number, leg.ears.room] += 1
            if await leg.press("2" if self._reported[leg.number, leg.ears.room] > 1 else does):
                await leg.hears(_ANSWERED, _THANKED_S, _DEAF_S)
                await asyncio.sleep(0.3)
        return await leg.hang_up()
