"""A time of day that somebody keys: morning or evening is asked where both are possible, a wrong one is keyed again."""

from datetime import time

from ivr.call import Call
from ivr.house import House
from models.time.keyed_time import LONGEST, times


async def keyed_time(call: Call, house: House, question: str) -> time | None:
    """None: no time was keyed."""
    before: tuple[str, ...] = ()
    for _ in range(house.policy.menu.tries):
        keys = await call.digits(*before, question, longest=LONGEST)
        meant = times(keys)
        if len(meant) > 1:
            which_half = "wakeup-half-of-day" if meant[0].hour else "wakeup-midnight-or-noon"
            return await call.menu(which_half, choices=dict(zip("12", meant, strict=True)), otherwise=None)
        if meant:
            return meant[0]
        before = ("wakeup-no-time",) if keys else ("no-key",)
    return None
