"""A talk: caller and agent hear each other until one side hangs up; all of it is recorded."""

import asyncio
import logging
from typing import Any

from ivr.ari.errors import CommandRefused, Conflict, Gone
from ivr.ari.objects import Bridge, Event, ignoring_gone
from ivr.call import LEAVING, Agent, Call, CallEnded
from ivr.clicks import CLICKED, Wanted
from ivr.house import House
from ivr.meanwhile import say_first_words
from ivr.parties import Parties, Party
from ivr.reminder import Reminder
from ivr.ringing import Leg
from models.states.calls import ClickKind, ClickOutcome, EndedBy
from models.tickets import wrap_ups
from recordings import speech

log = logging.getLogger(__name__)

_HOLDING = ("ChannelHold", "ChannelUnhold")

TRANSFER_CODE = "*2"
"""What an agent dials in a talk, followed by the number of the colleague."""


async def talk(call: Call, leg: Leg, house: House, *, announced: bool = False, accepted: bool = False) -> bool:
    """Lets the two talk; returns when the agent has hung up.

    `announced`: the agent is announced to the caller before it, who did not hear it while telephones rang.
    `accepted`: the key with which the agent has taken the call accepts its ticket, too (R08-2).

    False: the agent was gone before they could talk, or has left the caller in a transfer that nobody took, and another
    agent must be found. Raises `CallEnded` when the caller is gone.
    """
    call.progress.begins_talk()
    bridge = call.ari.bridge(call.name("talk"))
    call.stream.add(bridge.id)
    try:
        if announced:
            await introduce(call, leg, house)
    except CallEnded:
        call.progress.finds_nobody()
        await leg.channel.hang_up()
        raise
    try:
        await bridge.create()
        await bridge.add(leg.channel, keys_are_ours=True)
    except CommandRefused:
        log.warning("call %s: %s hung up before the talk", call.id, leg.staff.number)
        await leg.channel.hang_up()
        await bridge.destroy()
        call.progress.finds_nobody()
        return False
    parties = Parties(call, bridge, house)
    await parties.seat(leg.staff.number, leg.channel, accepted=accepted)
    try:
        await bridge.add(call.channel)
    except CommandRefused:
        log.info("call %s: the caller hung up before the talk", call.id)
    else:
        await record(call, bridge)
    return await follow(parties, house)


async def introduce(call: Call, leg: Leg, house: House) -> None:
    """A customer whom we have called hears who serves him, after the first words (R11-1, R15-5)."""
    await call.answer()
    await call.stop_ring_back()
    await say_first_words(call, house, *speech.serves_you(leg.staff.number))


async def record(call: Call, bridge: Bridge) -> None:
    """If it fails, the talk goes on without a recording."""
    try:
        await bridge.record(bridge.id)
    except (Gone, Conflict):
        log.info("call %s: one of the two hung up at once, or it is being recorded already", call.id)
    except CommandRefused as error:
        log.error("call %s goes on without a recording: %s", call.id, error)


async def follow(parties: Parties, house: House, lasts_s: float = 0.0) -> bool:
    """Waits for the end of a talk that is going on (for `lasts_s` already), and writes it down.

    False when a transfer, or the loss of the agent's telephone, has left the caller with nobody; the caller has heard
    that another agent is called. Raises `CallEnded` when the caller is gone.
    """
    call, reminder = parties.call, Reminder(parties, house, lasts_s)
    try:
        while parties.staff:
            event = await call.next(reminder.due_in())
            if event is None:
                await reminder.give()
                continue
            party = parties.of(event)
            # Only legs in the talk count: a colleague who was rung as well has heard that the call is taken. Of a
            # telephone that dialled us to pick up we see only that it leaves, not the end of its channel.
            if party is not None and event["type"] in LEAVING:
                lost = await call.is_lost(event)
                if len(parties.staff) == 1 and lost:
                    return await loses_the_agent(parties, party)
                by = EndedBy.NETWORK if lost else EndedBy.AGENT
                if len(parties.staff) == 1:
                    await parties.end(by)
                    return True
                await parties.leaves(party, by)
            elif party is not None and event["type"] == CLICKED:
                await clicked(parties, party, event["wanted"], house)
            elif party is not None and wants_to_transfer(party, event, house):
                if len(parties.staff) == 1:
                    await house.conversations.transfer(parties, party, house, None)
                else:
                    await reminder.whisper(party, "transfer-while-three")
            elif event["type"] in _HOLDING and len(parties.staff) == 1:
                await holds(parties, event)
            else:
                await reminder.goes_on(event)
    except CallEnded as gone:
        stays = None if gone.cut_off else await to_write_up(parties, house)
        await parties.end(EndedBy.NETWORK if gone.cut_off else EndedBy.CALLER, but_for=stays)
        if stays is not None:
            call.progress.stays = Agent(stays.number, stays.channel)
        raise
    await parties.end(EndedBy.AGENT)
    call.progress.finds_nobody()
    await call.play("transfer-to-others")
    return False


async def to_write_up(parties: Parties, house: House) -> Party | None:
    """The agent who stays on the line when the caller has hung up, to say by key what becomes of the ticket (R11-3);
    None: nobody is asked."""
    call, rules = parties.call, house.policy.call
    if not rules.ask_agent or call.ticket is None or call.progress.on_hold or len(parties.staff) != 1:
        return None
    (agent,) = parties.staff.values()
    given: Any = {"sign_in_rules": house.sign_in_rules, "at_least_s": rules.ask_agent_from_s, "at": house.now()}
    return agent if await house.read(wrap_ups.is_asked_by_key, agent.talk_id, **given) else None


async def loses_the_agent(parties: Parties, party: Party) -> bool:
    """The agent's telephone is gone though nobody has hung up: the caller is owed a call, hears that the line was
    interrupted, and gets another agent (R17-1). Returns False, as `follow` does."""
    call = parties.call
    log.warning("call %s: the telephone of %s is gone in the middle of the talk", call.id, party.number)
    await parties.end_cut_off()
    call.progress.finds_nobody()
    await call.play("interrupted")
    return False


async def holds(parties: Parties, event: Event) -> None:
    """The hold key of a telephone: the other one hears music until both are back."""
    if event["type"] == "ChannelHold":
        parties.holding.add(event["channel"]["id"])
        await ignoring_gone(parties.bridge.start_music())
        return
    parties.holding.discard(event["channel"]["id"])
    if not parties.holding:
        await parties.bridge.stop_music()


async def clicked(parties: Parties, party: Party, wanted: Wanted, house: House) -> None:
    """What an agent in this talk wants from the screen."""
    if wanted.kind is ClickKind.TAKE_BACK:
        wanted.refuse(ClickOutcome.NOTHING_TO_TAKE_BACK)
    elif len(parties.staff) > 1:
        wanted.refuse(ClickOutcome.NOT_ALONE)
    elif wanted.accept():
        conversations = house.conversations
        does = conversations.transfer if wanted.kind is ClickKind.TRANSFER else conversations.on_hold
        await does(parties, party, house, wanted)


def wants_to_transfer(party: Party, event: Event, house: House) -> bool:
    """Whether with this key the agent has dialled the code of a transfer."""
    if event["type"] != "ChannelDtmfReceived":
        return False
    now, within_s = asyncio.get_running_loop().time(), house.policy.menu.digit_wait_s
    return party.keys(event["digit"], now, within_s) == TRANSFER_CODE
