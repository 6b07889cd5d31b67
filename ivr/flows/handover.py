"""Who comes on duty hears how much the last shift leaves open, and takes it over by key (R09-6, R14-2).

He dials *30, or is called and reminded when nobody of his shift has. What he takes is written before he is told so.
"""

from ivr.call import Call, CalledOff, CallEnded
from ivr.dialling import call_out
from ivr.house import House
from models.calls import outgoing
from models.calls.outgoing import Claim
from models.roster import handovers
from models.states.calls import AttemptOutcome, ToMake
from recordings import speech


async def take_over(call: Call, house: House) -> bool:
    """*30."""
    if not await wants(call, house):
        return False
    taken = await house.write(handovers.take_all, call.number, at=house.now())
    # A colleague may have been quicker.
    await call.play("handover-taken" if taken else "handover-nothing")
    return False


async def remind(call: Call, house: House, claim: Claim) -> None:
    """One call; whether there is another one, the scan of the handovers says."""
    reached = await call_out(call, house, claim, house.policy.handover.rings)
    taken: bool | None = False
    if reached is AttemptOutcome.CONNECTED:
        call.progress.doing = "taking over from the last shift"
        try:
            await call.play("handover-reminder")
            taken = await wants(call, house)
        except CallEnded:
            await house.write(outgoing.move, claim, to=ToMake.NOT_REACHED, at=house.now(), outcome=reached)
            raise
    if not taken:
        await house.write(outgoing.move, claim, to=ToMake.NOT_REACHED, at=house.now(), outcome=reached)
        return
    taken = await house.write(handovers.take_all_on_call, claim, call.number, at=house.now())
    if taken is None:
        raise CalledOff
    await call.play("handover-taken" if taken else "handover-nothing")


async def wants(call: Call, house: House) -> bool:
    """He has heard what there is, and has pressed 1."""
    waiting = await house.read(handovers.waiting_for, call.number, at=house.now())
    if waiting is None:
        await call.play("handover-nothing")
        return False
    told = [
        *speech.handover(waiting.tickets, waiting.tasks, waiting.wakeups, waiting.escalations, call.language),
        *["handover-note"] * waiting.noted,
    ]
    if await call.menu(*told, "handover-accept", choices={"1": True}, otherwise=False):
        return True
    await call.play("handover-not-taken")
    return False
