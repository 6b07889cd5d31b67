"""*8: a colleague who hears another telephone ring takes the call (R20-4)."""

import asyncio

from ivr.call import Call
from ivr.house import House
from models.people import people
from models.states.calls import Ring


async def pick_up(call: Call, house: House) -> bool:
    """The call that rings longest in the colleague's group or its neighbours. True: from here on that call's task
    speaks to the colleague, first of all what the call is about."""
    staff = await house.read(people.staff, call.number)
    groups = house.desk.circle(staff.group) if staff and staff.group else ()
    offer = house.desk.board.pick_up(staff, groups, call.channel) if staff else None
    if offer is None:
        await call.play("pickup-nothing")
        return False
    try:
        accepted = await offer.accepted
    except asyncio.CancelledError:
        offer.accepted.cancel()
        raise
    if accepted:
        # The colleague's own telephone may be ringing as well, for the same caller or for another one.
        house.desk.board.withdraw(call.number, Ring.BUSY)
        return True
    await call.play("pickup-late")
    return False
