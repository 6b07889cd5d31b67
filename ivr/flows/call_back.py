"""A call back: first a colleague, who accepts it by key; then the customer (R17-1).

Each step is written before it is taken. A process that finds its claim gone goes no further.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ivr.ari.errors import CommandRefused
from ivr.ari.objects import CALLED, Playback, ignoring_gone
from ivr.board import Offer
from ivr.call import CALLED_OFF, LEAVING, Call, CalledOff, media
from ivr.dialling import NETWORK_MUST_RING_WITHIN_S
from ivr.flows.reach import reach_a_person
from ivr.flows.whisper import whisper
from ivr.house import House
from ivr.ringing import Leg, Ringing, forwards, is_rung, outcome_of
from ivr.talk import talk
from ivr.way_out import NotLetOut, let_out
from models.calls import at_a_phone, calls, outgoing, trunk_calls
from models.calls.outgoing import Claim
from models.people import people
from models.policy.gate import Reach
from models.states.calls import AttemptOutcome, Ring, ToMake
from models.states.tickets import TaskState, TicketKind
from models.tables import Staff
from models.tickets import due_call_backs, kept_appointments, wrap_ups
from recordings import speech

log = logging.getLogger(__name__)

_WORD_MAY_TAKE_S = 20.0
"""They say enough of a number, and do not take long."""


async def call_back(call: Call, house: House, claim: Claim) -> None:
    """To the end of the talk; or the colleague hears why there is none, and the task stays open."""
    if claim.task is None or claim.task.state is not TaskState.OPEN:
        not_needed = AttemptOutcome.NOT_NEEDED
        await house.write(outgoing.move, claim, to=ToMake.NOT_NEEDED, at=house.now(), outcome=not_needed)
        return
    rules: Any = {"site": house.site, "policy": house.policy, "at": house.now()}
    asked: Any = {"channel_id": None, "by_itself": claim.by_itself}
    decision = await house.write(trunk_calls.let_out, call.number, Reach.CALL_BACK, **asked, **rules)
    if not decision.allowed:
        # Requested before the policy forbade it: no colleague is rung in vain.
        await house.write(due_call_backs.refuse, claim, decision, **rules)
        return
    colleague = await a_colleague(call, house, claim)
    if colleague is None:
        await ends(house, claim, ToMake.NO_AGENT, AttemptOutcome.NO_AGENT)
        return
    if await house.read(at_a_phone.is_in_a_call, call.number, but=call.id):
        await ends(house, claim, ToMake.NOT_REACHED, AttemptOutcome.BUSY)
        await announce(call, house, colleague, speech.not_called_back(AttemptOutcome.BUSY))
        return
    at, until, number = house.now(), house.leased_until(), colleague.staff.number
    if not await house.write(outgoing.move, claim, to=ToMake.DIALLING, at=at, until=until, staff_number=number):
        await colleague.channel.hang_up()
        return
    try:
        outcome = await dial(call, house, claim, colleague)
    except CalledOff:
        await call.hang_up()
        await announce(call, house, colleague, "call-back-not-needed")
        raise
    ended = ToMake.CONNECTED if outcome is AttemptOutcome.CONNECTED else ToMake.NOT_REACHED
    if not await ends(house, claim, ended, outcome):
        await call.hang_up()
        await colleague.channel.hang_up()
    elif ended is ToMake.CONNECTED:
        await join(call, house, colleague)
    else:
        await call.hang_up()
        await announce(call, house, colleague, speech.not_called_back(outcome))


async def ends(house: House, claim: Claim, to: ToMake, outcome: AttemptOutcome) -> bool:
    """Writes it with the time of the next attempt. False: the claim is no longer ours."""
    rules: Any = {"site": house.site, "policy": house.policy, "at": house.now()}
    return await house.write(due_call_backs.end, claim, to=to, outcome=outcome, **rules)


async def a_colleague(call: Call, house: House, claim: Claim) -> Leg | None:
    """Who has dialled *33 for it, or is rung; in each case the colleague hears who is to be called and about what."""
    whom = [*whisper(call, house, "whisper-call-back"), *(speech.kind(call.ticket.kind) if call.ticket else [])]
    if claim.task is not None and kept_appointments.OWED in claim.task.note.splitlines():
        whom.append("call-back-appointment")
    offer = house.desk.board.at_hand(claim.extension) if claim.extension else None
    if offer is not None:
        return await at_hand(call, house, offer, whom)
    return await ring_a_colleague(call, house, claim, [*whom, "accept-call-back"])


async def ring_a_colleague(call: Call, house: House, claim: Claim, question: Sequence[str]) -> Leg | None:
    """The requested colleague, or one of the group that owes the call."""
    wanted = await house.read(people.staff, claim.extension) if claim.extension else None
    group = claim.owner_group or house.group_of(call)
    free = await house.desk.free_among([wanted]) if wanted else await free_for(claim, house, group)
    call.progress.doing = "ringing"
    async with Ringing(call, house, call.ticket, lambda: question, consent=True, by_anybody=False) as ringing:
        leg = await ringing.stage("call-back", free, house.policy.answer.rings, in_turn=True)
        if leg is None and wanted is None:
            asked = {leg.staff.number for leg in ringing.rung}
            others = [s for s in await free_for(claim, house, *house.desk.circle(group)) if s.number not in asked]
            leg = await ringing.stage("widened", others, house.policy.answer.rings_widened)
        return leg


async def free_for(claim: Claim, house: House, *groups: str) -> list[Staff]:
    """The free telephones of these groups; what nobody has requested does not disturb a wrap-up (R11-3)."""
    free, since = await house.desk.free(*groups), house.now() - timedelta(seconds=house.policy.call_back.wrap_up_s)
    if not claim.by_itself:
        return free
    return [one for one in free if not await house.read(wrap_ups.is_writing, one, since=since)]


async def at_hand(call: Call, house: House, offer: Offer, whom: Sequence[str]) -> Leg | None:
    """From here on this conversation speaks to the colleague, who may hang up instead."""
    call.stream.add(offer.channel.id)
    offer.accepted.set_result(True)
    number, ticket_id = offer.staff.number, call.ticket.id if call.ticket else None
    about: Any = {"call_id": call.id, "ticket_id": ticket_id, "stage": "call-back", "at": house.now()}
    (ring_id,) = await house.write(calls.begin_rings, [(number, number, offer.channel.id)], **about)
    leg = Leg(offer.staff, offer.channel, "call-back", ring_id, picked_up=True)
    stays = await hears_out(call, house, leg, *whom)
    outcome = Ring.CONNECTED if stays else Ring.DECLINED
    await house.write(calls.end_ring, ring_id, outcome=outcome, rings=0, at=house.now())
    return leg if stays else None


async def dial(call: Call, house: House, claim: Claim, colleague: Leg) -> AttemptOutcome:
    """Rings the customer's telephone; the colleague hears it ring, and may hang up."""
    call.progress.doing = "calling back"
    words = await start(call, house, colleague, "call-back-dialling")
    try:
        by_itself = claim.by_itself
        where = await let_out(house, call.number, Reach.CALL_BACK, call.line, call.channel, by_itself=by_itself)
    except NotLetOut as refused:
        # A limit was reached while the colleague was rung.
        await house.write(outgoing.write_refusal, claim, refused.decision, at=house.now())
        return AttemptOutcome.REFUSED
    outcome = await ring_the_other(call, house, colleague, where)
    if words is not None:
        await words.stop()
    return outcome


async def ring_the_other(call: Call, house: House, colleague: Leg, where: tuple[str, str]) -> AttemptOutcome:
    """Until the customer answers, or not; the colleague hears the ringing."""
    try:
        await call.channel.prepare(*where, colleague.channel)
    except CommandRefused as error:
        log.warning("call %s: it cannot be dialled: %s", call.id, error)
        return AttemptOutcome.UNREACHABLE
    await ignoring_gone(colleague.channel.ring())
    outcome = await customer_answers(call, house, colleague)
    await colleague.channel.stop_ringing()
    return outcome


async def customer_answers(call: Call, house: House, colleague: Leg) -> AttemptOutcome:
    """The customer who answers comes to us by way of the dialplan: where Asterisk keeps a channel that is dialled,
    no message of his could be recorded."""
    now, rings_s = asyncio.get_running_loop().time, house.policy.ring_seconds(house.policy.call_back.rings)
    until = now() + NETWORK_MUST_RING_WITHIN_S + rings_s
    rings = forwarded = False
    while (left := until - now()) > 0:
        try:
            async with asyncio.timeout(left):
                # Not `call.next`: the end of the customer's channel is an outcome here, not a hang-up.
                event = await call.stream.next()
        except TimeoutError:
            break
        if event is CALLED_OFF:
            call.progress.called_off = True
            raise CalledOff
        about = event.get("peer" if event["type"] == "Dial" else "channel", {}).get("id")
        if about == colleague.channel.id and event["type"] in LEAVING:
            return AttemptOutcome.AGENT_GONE
        if about == call.channel.id:
            if is_rung(event) and not rings:
                rings, until = True, now() + rings_s
            match event["type"]:
                case "StasisStart" if event["args"] == [CALLED]:
                    return AttemptOutcome.CONNECTED
                case "StasisStart":
                    await ignoring_gone(call.channel.dial())
                case "ChannelStateChange" if event["channel"]["state"] == "Up":
                    await ignoring_gone(call.channel.leave_to(CALLED))
                case "Dial":
                    forwarded = forwarded or forwards(event)
                case "ChannelDestroyed":
                    return AttemptOutcome(Ring.REDIRECTED if forwarded else outcome_of(event["cause"]))
    return AttemptOutcome.NO_ANSWER


async def join(call: Call, house: House, colleague: Leg) -> None:
    """The customer hears who calls; if the colleague is gone by then, another one is found."""
    call.progress.answered = True
    await house.write(calls.answered, call.id, at=house.now())
    await call.limit()
    if not await talk(call, colleague, house, announced=True):
        kind = call.ticket.kind if call.ticket else TicketKind.ENQUIRY
        await reach_a_person(call, house, await house.ticket(call, kind), "whisper-person")


async def announce(call: Call, house: House, colleague: Leg, prompt: str) -> None:
    """One announcement to the colleague, whose call then ends."""
    await hears_out(call, house, colleague, prompt)
    await colleague.channel.hang_up()


async def hears_out(call: Call, house: House, colleague: Leg, *prompts: str) -> bool:
    """To the end of the words. False: the colleague has hung up."""
    words = await start(call, house, colleague, *prompts)
    if words is None:
        return False
    try:
        async with asyncio.timeout(_WORD_MAY_TAKE_S):
            while True:
                event = await call.stream.next()
                if event["type"] in LEAVING and event["channel"]["id"] == colleague.channel.id:
                    return False
                if event["type"] == "PlaybackFinished" and event["playback"]["id"] == words.id:
                    return True
    except TimeoutError:
        log.warning("call %s: the words to %s did not end: %s", call.id, colleague.staff.number, prompts)
        return True


async def start(call: Call, house: House, colleague: Leg, *prompts: str) -> Playback | None:
    """None: the colleague is gone; the event of it is on its way."""
    try:
        return await colleague.channel.play([media(one) for one in prompts], call.name("word"), house.site.language)
    except CommandRefused:
        return None
