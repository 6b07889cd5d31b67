"""The line of waiting callers: music, one's place when it changes, and a way out by key (R17-1)."""

import asyncio
from enum import StrEnum

from ivr.call import Call
from ivr.house import House
from recordings import speech


class Wish(StrEnum):
    AGENT = "agent"
    """The caller's turn has come, and an agent is free; or all agents have gone on a break, and waiting is useless."""
    CALL_BACK = "call-back"
    MESSAGE = "message"


_KEYS = {"1": Wish.CALL_BACK, "2": Wish.MESSAGE}


async def wait_in_line(call: Call, house: House, group: str) -> Wish:
    """Waits until the caller is the next and an agent is free, or presses 1 (call back) or 2 (message)."""
    desk, policy, now = house.desk, house.policy.queue, asyncio.get_running_loop().time
    call.progress.doing = "waiting"
    desk.join_line(group, call.id)
    try:
        await call.stop_ring_back()
        place = desk.place(group, call.id)
        key = await call.ask("all-busy", *speech.place(place, call.language), "queue-choices", wait_s=0)
        await call.command(call.channel.start_music())
        said_at = now()
        while key not in _KEYS:
            if desk.place(group, call.id) == 0 and await has_a_turn(house, group):
                return Wish.AGENT
            if (ahead := desk.place(group, call.id)) != place or now() - said_at >= policy.announce_every_s:
                place, said_at = ahead, now()
                await call.channel.stop_music()
                key = await call.ask("still-busy", *speech.place(place, call.language), "queue-choices", wait_s=0)
                await call.command(call.channel.start_music())
            else:
                key = await call.key(policy.poll_s)
        return _KEYS[key]
    finally:
        desk.leave_line(group, call.id)
        await call.channel.stop_music()


async def has_a_turn(house: House, group: str) -> bool:
    circle = house.desk.circle(group)
    return bool(await house.desk.free(*circle)) or not await house.desk.talking(*circle)
