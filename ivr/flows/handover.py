"""Staff who come on duty hear how much the last shift leaves open, and take it over by key (R09-6, R14-2).

They dial *30, or one is called and reminded when nobody of the shift has. It is written before it is confirmed.
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
    """One call; the scan of the handovers decides whether there is another one."""
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
    """Whether the person has heard what there is, and has pressed 1."""
    waiting = await house.read(handovers.waiting_for, call.number, at=house.now())
    if waiting is None:
        await call.play("handover-nothing")
        return False
    contents = [
        *speech.handover(waiting.tickets, waiting.tasks, waiting.wakeups, waiting.escalations, call.language),
        *["handover-note"] * waiting.noted,
    ]
    if await call.menu(*contents, "handover-accept", choices={"1": True}, otherwise=False):
        return True
    await call.play("handover-not-taken")
    return False
