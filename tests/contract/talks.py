"""Asterisk's promises about bridges and recordings."""

import asyncio

import pytest

from ivr.ari.errors import CommandRefused, Conflict
from ivr.ari.objects import Bridge
from tests.contract.stage import ContractStage, StageLeg, in_the_application, let_go, new_id, now, promise


async def a_talk(stage: ContractStage) -> tuple[StageLeg, StageLeg, Bridge]:
    one, other = await in_the_application(stage, "7001"), await in_the_application(stage, "7002")
    bridge = stage.ari.bridge(new_id("talk"))
    await bridge.create()
    await bridge.add(one.channel)
    await bridge.add(other.channel)
    return one, other, bridge


@promise
async def a_bridge_outlives_the_legs_in_it(stage: ContractStage) -> None:
    one, other, bridge = await a_talk(stage)
    assert bridge.id in [b["id"] for b in await stage.ari.bridges()]
    assert await bridge.members() == {one.channel.id, other.channel.id}
    await other.telephone.hangs_up()
    await other.is_gone()
    await let_go(one)
    assert bridge.id in [b["id"] for b in await stage.ari.bridges()]
    await bridge.destroy()
    # Asterisk answers before its list follows.
    async with asyncio.timeout(2):
        while bridge.id in [b["id"] for b in await stage.ari.bridges()]:
            pass
    await bridge.destroy()


@promise
async def a_leg_can_hear_prompts_again_after_its_bridge_is_gone(stage: ContractStage) -> None:
    one, other, bridge = await a_talk(stage)
    await let_go(other)
    await bridge.destroy()
    await one.play("digit-1")
    assert (await one.hears_of("PlaybackFinished"))["playback"]["state"] == "done"
    await let_go(one)


@promise
async def a_leg_that_is_gone_cannot_join_a_bridge(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    bridge = stage.ari.bridge(new_id("talk"))
    await bridge.create()
    await let_go(leg)
    with pytest.raises(CommandRefused):
        await bridge.add(leg.channel)
    await bridge.destroy()


@promise
async def a_talk_is_recorded_until_we_stop_it(stage: ContractStage) -> None:
    one, other, bridge = await a_talk(stage)
    one.stream.add(bridge.id)
    recording = await bridge.record(bridge.id)
    await asyncio.sleep(2)
    await recording.stop()
    event = await one.hears_of("RecordingFinished")
    assert event["recording"]["name"] == bridge.id
    assert 1 <= event["recording"]["duration"] <= 3
    await recording.stop()
    await let_go(one, other)
    await bridge.destroy()


@promise
async def a_recording_ends_with_its_bridge(stage: ContractStage) -> None:
    one, other, bridge = await a_talk(stage)
    one.stream.add(bridge.id)
    await bridge.record(bridge.id)
    await asyncio.sleep(1)
    await let_go(other)
    await bridge.destroy()
    assert (await one.hears_of("RecordingFinished"))["recording"]["name"] == bridge.id
    await let_go(one)


async def out_of_a_talk(stage: ContractStage) -> StageLeg:
    """A leg that is in no bridge, nor in the one where Asterisk keeps a channel from when it is dialled."""
    leg, bridge = await in_the_application(stage), stage.ari.bridge(new_id("talk"))
    await bridge.create()
    await bridge.add(leg.channel)
    await bridge.remove(leg.channel)
    await bridge.destroy()
    return leg


@promise
async def a_leg_that_was_dialled_cannot_be_recorded_before_it_was_in_a_talk(stage: ContractStage) -> None:
    leg, name = await in_the_application(stage), new_id("message")
    leg.stream.add(name)
    await leg.channel.record(name, longest_s=30, silence_s=10, terminate_on="#")
    await leg.hears_of("RecordingFailed")
    await let_go(leg)


@promise
async def a_message_ends_with_the_hash_key_and_its_name_is_then_in_use(stage: ContractStage) -> None:
    leg, name = await out_of_a_talk(stage), new_id("message")
    leg.stream.add(name)
    await leg.channel.record(name, longest_s=30, silence_s=10, terminate_on="#")
    await asyncio.sleep(2)
    await leg.telephone.presses("#")
    event = await leg.hears_of("RecordingFinished", "RecordingFailed")
    assert event["type"] == "RecordingFinished"
    assert "ChannelDtmfReceived" in leg.seen
    assert 1 <= event["recording"]["duration"] <= 3
    with pytest.raises(Conflict):
        await leg.channel.record(name)
    await let_go(leg)


@promise
async def silence_ends_a_message_and_one_second_of_it_is_counted(stage: ContractStage) -> None:
    leg, name = await out_of_a_talk(stage), new_id("message")
    leg.stream.add(name)
    began = now()
    await leg.channel.record(name, longest_s=30, silence_s=3)
    event = await leg.hears_of("RecordingFinished")
    assert 2.5 < now() - began < 5
    assert event["recording"]["duration"] == 1
    await let_go(leg)


@promise
async def a_message_ends_when_its_speaker_hangs_up(stage: ContractStage) -> None:
    leg, name = await out_of_a_talk(stage), new_id("message")
    leg.stream.add(name)
    await leg.channel.record(name, longest_s=30, silence_s=10, terminate_on="#")
    await asyncio.sleep(1.5)
    await leg.telephone.hangs_up()
    await leg.is_gone()
    assert "RecordingFinished" in leg.seen
    assert "RecordingFailed" not in leg.seen
