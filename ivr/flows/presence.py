"""*20 and *21: staff report that they are on duty, or on a break; written, then confirmed (R05-1)."""

from datetime import timedelta

from ivr.call import Call
from ivr.house import House
from models.people import presence
from models.states.calls import Ring
from models.states.people import PresenceState


async def on_duty(call: Call, house: House) -> bool:
    return await says(call, house, PresenceState.ON_DUTY)


async def on_break(call: Call, house: House) -> bool:
    """If the telephone rings for a caller at this moment, it stops, and the next colleague is rung."""
    return await says(call, house, PresenceState.BREAK)


async def says(call: Call, house: House, state: PresenceState) -> bool:
    at, hours = house.now(), house.policy.roster.own_word_hours
    await house.write(presence.say, call.number, state, at=at, holds_until=at + timedelta(hours=hours))
    if state is PresenceState.BREAK:
        house.desk.board.withdraw(call.number, Ring.DECLINED)
    await call.play(f"presence-{state}")
    return False
