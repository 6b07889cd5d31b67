"""One of the staff has clicked whom to call: first the own telephone rings, then the other one."""

from ivr.call import Call
from ivr.flows.call_back import join, ring_the_other
from ivr.house import House
from ivr.ringing import Leg, Ringing, endpoint
from ivr.talk import talk
from ivr.way_out import NotLetOut, let_out
from models.calls import calls, clicks
from models.calls.clicks import Click, ClickOutcome
from models.people import people
from models.policy.gate import Reach
from models.states.calls import AttemptOutcome, Ring
from models.tables import Staff

_OWN = {Ring.BUSY: ClickOutcome.OWN_BUSY, Ring.UNREACHABLE: ClickOutcome.OWN_UNREACHABLE}


async def from_screen(call: Call, house: House, click: Click, colleague: Staff | None) -> None:
    """To the end of the talk; or the screen shows why there is none. `colleague`: who is called, if it is one of
    the staff."""
    caller = await my_telephone(call, house, click)
    if not isinstance(caller, Leg):
        await house.write(clicks.end, click.id, caller, at=house.now())
        return
    if not await house.write(clicks.dialling, click.id, call.id):
        await caller.channel.hang_up()
        return
    call.progress.doing = "calling from the screen"
    try:
        where = await whom(call, house, click, colleague)
        outcome: str = await ring_the_other(call, house, caller, where) if where else AttemptOutcome.UNREACHABLE
    except NotLetOut as refused:
        outcome = refused.decision.reason
    await house.write(clicks.end, click.id, outcome, at=house.now())
    if outcome is not AttemptOutcome.CONNECTED:
        # The screen in front of him says why.
        await call.hang_up()
        await caller.channel.hang_up()
    elif colleague is None:
        await join(call, house, caller)
    else:
        await join_colleague(call, house, caller)


async def my_telephone(call: Call, house: House, click: Click) -> Leg | ClickOutcome:
    """Who has clicked lifts it, and needs no key."""
    me = await house.read(people.staff, click.staff_number)
    if me is None:
        return ClickOutcome.OWN_UNREACHABLE
    if (obstacle := await house.desk.obstacle(me)) is not None:
        return _OWN[obstacle]
    call.progress.doing = "ringing"
    async with Ringing(call, house, None, lambda: ["call-back-dialling"], by_anybody=False) as ringing:
        leg = await ringing.stage(calls.FROM_SCREEN, [me], house.policy.answer.rings)
    if leg is not None:
        return leg
    return ClickOutcome.NOT_LIFTED if ringing.rung else ClickOutcome.OWN_BUSY


async def whom(call: Call, house: House, click: Click, colleague: Staff | None) -> tuple[str, str] | None:
    """Which telephone, and the number that it shows. None: a colleague who cannot be rung. Raises NotLetOut."""
    if colleague is None:
        return await let_out(house, call.number, Reach.CALL_BACK, call.line, call.channel)
    if await house.desk.obstacle(colleague) is not None:
        return None
    shown = f"{click.staff_number} <{click.staff_number}>"
    return await endpoint(house, colleague, house.desk.mobile(colleague), shown, call.channel)


async def join_colleague(call: Call, house: House, caller: Leg) -> None:
    """Among colleagues nobody is greeted, and nobody else is found."""
    call.progress.answered = call.progress.greeted = True
    await house.write(calls.answered, call.id, at=house.now())
    await call.limit()
    await talk(call, caller, house)
