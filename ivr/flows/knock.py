"""Staff are called in turn about a guest who does not wake: they hear room and time, and key that they go there,
or that the guest is awake (R21-11). A voicemail box knocks at no door.
"""

from enum import Enum, auto

from ivr.call import Call, CalledOff, CallEnded
from ivr.dialling import call_out
from ivr.house import House
from models.calls.outgoing import Claim
from models.guests import knocks
from models.states.calls import AttemptOutcome
from models.states.guests import KnockOutcome
from recordings import speech


class KnockReply(Enum):
    ON_MY_WAY = auto()
    AWAKE = auto()
    AGAIN = auto()


_KEYS: dict[str, KnockReply | None] = {"1": KnockReply.ON_MY_WAY, "2": KnockReply.AWAKE, "3": KnockReply.AGAIN}


async def knock(call: Call, house: House, claim: Claim) -> None:
    reached = await call_out(call, house, claim, house.policy.wake_up.knock.rings)
    if reached is not AttemptOutcome.CONNECTED:
        return await ends(house, claim, KnockOutcome(reached))
    try:
        await ask(call, house, claim)
    except CallEnded:
        # Unless a key was pressed before the hang-up.
        await writes(house, claim, KnockOutcome.NO_KEY)
        raise
    except CalledOff:
        call.progress.called_off = True
        await call.play("knock-settled")
        raise


async def ask(call: Call, house: House, claim: Claim) -> None:
    call.progress.doing = "calling about a guest who does not wake"
    said: KnockReply | None = KnockReply.AGAIN
    while said is KnockReply.AGAIN:
        if not await house.still_claims(claim):
            raise CalledOff
        words = await spoken(call, house, claim)
        said = await call.menu(*words, "knock-choices", choices=_KEYS, otherwise=None)
    match said:
        case KnockReply.ON_MY_WAY:
            await ends(house, claim, KnockOutcome.ON_MY_WAY)
            await call.play("knock-on-way")
        case KnockReply.AWAKE:
            await ends(house, claim, KnockOutcome.AWAKE)
            await call.play("knock-awake")
        case None:
            await ends(house, claim, KnockOutcome.NO_KEY)
            await call.play("escalation-no-key")


async def spoken(call: Call, house: House, claim: Claim) -> list[str]:
    """The room, the time that was ordered, and whether the guest wants not to be disturbed."""
    wakeup, do_not_disturb = await house.read(knocks.about, claim)
    due = wakeup.due_at.astimezone(house.site.time_zone)
    return [
        "knock-told",
        *speech.room("", wakeup.room, call.language),
        "knock-time",
        *speech.time_of_day(due, call.language),
        *["knock-do-not-disturb"] * do_not_disturb,
    ]


async def ends(house: House, claim: Claim, outcome: KnockOutcome) -> None:
    """Raises CalledOff when the call is not wanted any more."""
    if not await writes(house, claim, outcome):
        raise CalledOff


async def writes(house: House, claim: Claim, outcome: KnockOutcome) -> bool:
    now, rules = house.now(), house.policy.wake_up
    return await house.write(knocks.answer, claim, outcome, at=now, rules=rules)
