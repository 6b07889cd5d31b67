"""A nuisance caller hears one polite sentence; the row says why he is not let in (`hotline block`)."""

from ivr.call import Call
from ivr.house import House
from models.calls import calls
from models.states.calls import EndedBy


async def blocked(call: Call, house: House) -> None:
    """Nobody is rung, and there is no ticket. The first end of a call counts: it is written before he is answered."""
    await house.write(calls.end, call.id, by=EndedBy.SYSTEM, reason="blocked", at=house.now())
    await call.answer()
    await call.play("blocked")
