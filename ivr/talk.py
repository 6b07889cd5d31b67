"""A talk: the caller and the person who took the call hear each other until one of them hangs up; both are recorded."""

import logging

from ivr.ari_errors import Conflict, Gone, Refused
from ivr.ari_objects import Bridge, Channel, LiveRecording
from ivr.call import Call, CallEnded
from ivr.house import House
from ivr.ringing import Leg
from models.states import EndedBy
from recordings import speech

log = logging.getLogger(__name__)


async def talk(call: Call, leg: Leg, house: House) -> bool:
    """Tells the caller who serves him (R11-1), then lets the two talk; returns when the person has hung up.

    False: he was gone before they could talk, and somebody else must be found. Raises `CallEnded` when the caller is.
    """
    call.doing, call.talked = "talking", True
    bridge = call.ari.bridge(call.name("talk"))
    call.stream.add(bridge.id)
    try:
        await introduce(call, leg, house)
    except CallEnded:
        await leg.channel.hang_up()
        raise
    try:
        await bridge.create()
        await bridge.add(leg.channel)
    except Refused:
        log.warning("call %s: %s hung up before the talk", call.id, leg.staff.number)
        await leg.channel.hang_up()
        await bridge.destroy()
        call.talked = False
        return False
    talk_id = await house.ledger.begin_talk(call, leg.staff.number, leg.channel.id, bridge.id)
    try:
        await bridge.add(call.channel)
    except Refused:
        log.info("call %s: the caller hung up before the talk", call.id)
    else:
        await record(call, bridge)
    await follow(call, leg.channel, bridge, talk_id, house)
    return True


async def introduce(call: Call, leg: Leg, house: House) -> None:
    """The caller hears who serves him, and the first words if he has not heard them yet (R15-5)."""
    await call.answer()
    await call.stop_ring_back()
    first_words = () if call.greeted else (house.greeting, "recording-notice")
    await call.play(*first_words, *speech.serves_you(leg.staff.number))
    call.greeted = True


async def record(call: Call, bridge: Bridge) -> None:
    """The talk goes on without it, if need be."""
    try:
        await bridge.record(bridge.id)
    except (Gone, Conflict):
        log.info("call %s: one of the two hung up at once", call.id)
    except Refused as error:
        log.error("call %s goes on without a recording: %s", call.id, error)


async def follow(call: Call, leg: Channel, bridge: Bridge, talk_id: int, house: House) -> None:
    """Waits for the end of a talk that is going on, and writes it down; its recording has the bridge's name.

    Raises `CallEnded` when the caller has ended it.
    """
    ended_by = EndedBy.AGENT
    try:
        while True:
            event = await call.next()
            # Not the end of a colleague's leg, who was rung as well and has heard that the call is taken.
            if event is not None and event["type"] == "ChannelDestroyed" and event["channel"]["id"] == leg.id:
                break
    except CallEnded:
        ended_by = EndedBy.CALLER
    await house.ledger.end_talk(talk_id, ended_by, bridge.id)
    await LiveRecording(call.ari, bridge.id).stop()
    await leg.hang_up()
    await bridge.destroy()
    if ended_by is EndedBy.CALLER:
        raise CallEnded
