"""Asterisk's promises about listening at a telephone, and about the listener's bridge."""

import asyncio
from typing import Literal

from ivr.ari.objects import Bridge, Channel
from tests.contract.stage import ContractStage, StageLeg, in_the_application, let_go, new_id, promise
from tests.contract.talks import a_talk

AGENT, CALLER, SUPERVISOR = "7001", "7002", "7050"


async def sits_beside(
    agent: StageLeg, supervisor: StageLeg, room: Bridge, heard: Literal["none", "out", "both"]
) -> Channel:
    ear = agent.channel.ari.channel(new_id("ear"))
    agent.stream.add(ear.id)
    await agent.channel.ear(ear.id, heard)
    while (await agent.hears_of("StasisStart"))["channel"]["id"] != ear.id:
        pass
    await room.add(ear)
    await room.add(supervisor.channel, keys_are_ours=True)
    return ear


async def heard_by(stage: ContractStage) -> tuple[set[str], set[str], set[str]]:
    """What agent, caller and supervisor hear of each other."""
    everybody = (AGENT, CALLER, SUPERVISOR)
    agent, caller, supervisor = await asyncio.gather(
        *(stage.telephone(number).voices(*everybody) for number in everybody)
    )
    return agent, caller, supervisor


@promise
async def a_listeners_speech_reaches_nobody_or_one_or_both(stage: ContractStage) -> None:
    agent, caller, bridge = await a_talk(stage)
    supervisor, room = await in_the_application(stage, SUPERVISOR), stage.ari.bridge(new_id("room"))
    agent.stream.add(bridge.id)
    await bridge.record(bridge.id)
    await room.create()
    for leg in (agent, caller, supervisor):
        await leg.telephone.speaks()
    ways: dict[Literal["none", "out", "both"], tuple[set[str], set[str]]] = {
        "none": ({CALLER}, {AGENT}),
        "out": ({CALLER, SUPERVISOR}, {AGENT}),
        "both": ({CALLER, SUPERVISOR}, {AGENT, SUPERVISOR}),
    }
    for way, (to_agent, to_caller) in ways.items():
        ear = await sits_beside(agent, supervisor, room, way)
        assert await heard_by(stage) == (to_agent, to_caller, {AGENT, CALLER}), way
        await supervisor.telephone.presses("7")
        assert await caller.telephone.keys_heard() == await agent.telephone.keys_heard() == ""
        await room.remove(supervisor.channel)
        await ear.hang_up()
    assert await heard_by(stage) == ({CALLER}, {AGENT}, set())
    assert "RecordingFinished" not in agent.seen
    await let_go(agent, caller, supervisor)
    await room.destroy()
    await bridge.destroy()


@promise
async def an_ear_ends_with_its_telephone_and_the_listener_can_hear_a_prompt(stage: ContractStage) -> None:
    agent, caller, bridge = await a_talk(stage)
    supervisor, room = await in_the_application(stage, SUPERVISOR), stage.ari.bridge(new_id("room"))
    await room.create()
    ear = await sits_beside(agent, supervisor, room, "none")
    # It stays at the telephone while that is out of the talk for a moment.
    await bridge.remove(agent.channel)
    await bridge.add(agent.channel)
    assert ear.id in await room.members()
    await agent.telephone.hangs_up()
    gone = {(await agent.hears_of("StasisEnd"))["channel"]["id"] for _ in range(2)}
    assert gone == {ear.id, agent.channel.id}
    await room.remove(supervisor.channel)
    await supervisor.play("beep")
    assert (await supervisor.hears_of("PlaybackFinished"))["playback"]["state"] == "done"
    await let_go(caller, supervisor)
    await room.destroy()
    await bridge.destroy()
