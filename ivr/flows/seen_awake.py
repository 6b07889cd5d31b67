"""*56 and a room: one of the staff has seen that its guest is awake; written, then confirmed (R21-11)."""

from ivr.call import Call
from ivr.house import House
from models.guests import wakeup_attempts
from models.states.guests import Confirmed

_CODE = 3
_LONGEST = 5


async def seen_awake(call: Call, house: House) -> bool:
    room = call.line[_CODE:] or await call.digits("knock-which-room", longest=_LONGEST)
    at = house.now()
    ended = await house.write(wakeup_attempts.confirm, room, by=call.number, how=Confirmed.CODE, at=at)
    await call.play("knock-awake" if ended else "knock-nothing")
    return False
