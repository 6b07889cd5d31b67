"""*33: a colleague takes the most urgent call back of the group, at the telephone in the hand (R17-1)."""

import asyncio
from typing import Any

from ivr.board import Offer
from ivr.call import Call
from ivr.house import House
from models.people import people
from models.tickets import due_call_backs

_TAKEN_UP_WITHIN_S = 5.0


async def next_call_back(call: Call, house: House) -> bool:
    """True: from here on the conversation of the call back speaks to the colleague, first of all who is to be called.
    The request is written before; if nobody takes it up at once, the telephone rings for it later."""
    staff = await house.read(people.staff, call.number)
    rules: Any = {"at": house.now(), "site": house.site, "policy": house.policy}
    group = staff.group if staff else None
    if staff is None or group is None or not await house.write(due_call_backs.take_next, call.number, group, **rules):
        await call.play("call-back-none")
        return False
    offer = Offer(staff, call.channel, asyncio.get_running_loop().create_future())
    house.desk.board.wait(offer)
    try:
        return await asyncio.wait_for(asyncio.shield(offer.accepted), _TAKEN_UP_WITHIN_S)
    except TimeoutError:
        if house.desk.board.at_hand(staff.number) is None:
            return True
        await call.play("call-back-later")
        return False
