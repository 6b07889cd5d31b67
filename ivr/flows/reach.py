"""To a person: three rings, then a wider circle, then the supervisor, then a message (R05-2, R20-4)."""

from functools import partial

from ivr.call import Call
from ivr.flows.message import leave_message
from ivr.flows.waiting import Wish, wait_in_line
from ivr.flows.whisper import whisper
from ivr.house import House
from ivr.meanwhile import Words
from ivr.ringing import Leg, Ringing
from ivr.talk import talk
from models.states.calls import Ring
from models.tables import Ticket
from recordings import speech


async def reach_a_person(call: Call, house: House, ticket: Ticket, about: str, meanwhile: Words | None = None) -> None:
    """Connects the caller, who hears `meanwhile` as the first telephone rings, with an agent of the line's group; or it
    ends in a call back or a message."""
    group, call.progress.served = house.group_of(call), False
    reached = await ring_the_group(call, house, ticket, group, about, meanwhile)
    while reached is not Ring.NO_ANSWER:
        if isinstance(reached, Leg):
            if await talk(call, reached, house):
                return None
            ticket = call.ticket or ticket
        else:
            match await wait_in_line(call, house, group):
                case Wish.CALL_BACK:
                    return await promise_call_back(call, house, ticket)
                case Wish.MESSAGE:
                    return await leave_message(call, house, ticket)
        reached = await ring_the_group(call, house, ticket, group, about, is_next=True)
    await call.stop_ring_back()
    await call.play("nobody-free")
    await leave_message(call, house, ticket)


async def ring_the_group(
    call: Call,
    house: House,
    ticket: Ticket,
    group: str,
    about: str,
    meanwhile: Words | None = None,
    *,
    is_next: bool = False,
) -> Leg | Ring:
    """Who took the call; BUSY when all agents are talking (the caller waits); NO_ANSWER when nobody came."""
    desk, answer = house.desk, house.policy.answer
    if desk.has_line(group) and not is_next:
        return Ring.BUSY
    call.progress.doing = "ringing"
    meanwhile = meanwhile or Words(call, house)
    about_whom = partial(whisper, call, house, about)
    async with Ringing(call, house, ticket, about_whom, meanwhile=meanwhile) as ringing:
        in_turn = answer.first_ring == "longest-idle"
        if leg := await ringing.stage("group", await desk.free(group), answer.rings, in_turn=in_turn):
            return leg
        if leg := await ringing.stage("widened", await desk.free(*desk.circle(group)), answer.rings_widened):
            return leg
        if not ringing.rang and await desk.talking(*desk.circle(group)):
            return Ring.BUSY
        if leg := await ringing.stage("supervisor", await desk.free_supervisor(group), answer.rings_supervisor):
            return leg
    return Ring.NO_ANSWER


async def promise_call_back(call: Call, house: House, ticket: Ticket) -> None:
    """The task is written, then the promise is spoken."""
    await house.owe_call_back(call, "asked to be called back while all were talking")
    call.progress.is_served()
    minutes = house.policy.tasks.call_back_minutes
    await call.play(*speech.call_back(minutes, call.language), *speech.ticket_number(str(ticket.number)))
