"""Asterisk's promises about keys, music and prompts in a bridge, and about leaving it and coming back."""

import asyncio

import pytest

from ivr.ari.errors import CommandRefused
from ivr.call import media
from tests.contract.stage import LONG, SHORT, ContractStage, let_go, new_id, now, promise
from tests.contract.talks import a_talk


@promise
async def a_key_in_a_talk_reaches_us_and_not_the_other_person(stage: ContractStage) -> None:
    one, other, bridge = await a_talk(stage)
    await bridge.remove(one.channel)
    await bridge.add(one.channel, keys_are_ours=True)
    for key in "*2":
        await one.telephone.presses(key)
        event = await one.hears_of("ChannelDtmfReceived")
        assert (event["digit"], event["channel"]["id"]) == (key, one.channel.id)
    assert await other.telephone.keys_heard() == ""
    await let_go(one, other)
    await bridge.destroy()


@promise
async def a_leg_taken_out_of_a_recorded_talk_hears_a_prompt_alone_and_comes_back(
    stage: ContractStage,
) -> None:
    one, other, bridge = await a_talk(stage)
    one.stream.add(bridge.id)
    recording = await bridge.record(bridge.id)
    await bridge.remove(one.channel)
    await one.play(SHORT)
    await one.telephone.hears(SHORT)
    await one.hears_of("PlaybackFinished")
    await one.telephone.presses("7")
    assert (await one.hears_of("ChannelDtmfReceived"))["digit"] == "7"
    await bridge.add(one.channel)
    assert {one.channel.id, other.channel.id} <= await bridge.members()
    assert "RecordingFinished" not in one.seen
    await recording.stop()
    await one.hears_of("RecordingFinished")
    assert SHORT not in await other.telephone.has_heard(SHORT)
    await let_go(one, other)
    await bridge.destroy()


@promise
async def a_leg_outside_the_talk_cannot_be_taken_out_of_it(stage: ContractStage) -> None:
    one, other, bridge = await a_talk(stage)
    await bridge.remove(one.channel)
    with pytest.raises(CommandRefused):
        await bridge.remove(one.channel)
    await let_go(one, other)
    with pytest.raises(CommandRefused):
        await bridge.remove(one.channel)
    await bridge.destroy()


@promise
async def a_leg_waiting_in_a_bridge_hears_its_prompts_and_its_music(stage: ContractStage) -> None:
    one, other, bridge = await a_talk(stage)
    one.stream.add(bridge.id)
    await bridge.record(bridge.id)
    await bridge.remove(other.channel)
    playback = await bridge.play([media(SHORT)], new_id("play"), "zh")
    event = await one.hears_of("PlaybackFinished")
    assert (event["playback"]["id"], event["playback"]["state"]) == (playback.id, "done")
    await one.telephone.hears(SHORT)
    await bridge.start_music()
    await bridge.start_music()
    await bridge.stop_music()
    await bridge.stop_music()
    began, playback = now(), await bridge.play([media(LONG)], new_id("play"), "zh")
    await asyncio.sleep(0.5)
    await playback.stop()
    assert (await one.hears_of("PlaybackFinished"))["playback"]["id"] == playback.id
    assert now() - began < 1.5
    await let_go(one, other)
    await bridge.destroy()


@promise
async def a_prompter_is_heard_by_only_one_of_two_in_a_talk(stage: ContractStage) -> None:
    one, other, bridge = await a_talk(stage)
    name = new_id("leg")
    one.stream.add(name)
    prompter = await one.channel.prompter(name)
    assert (await one.hears_of("StasisStart"))["channel"]["id"] == name
    await prompter.play([media(SHORT)], new_id("play"), "zh")
    assert (await one.hears_of("PlaybackFinished"))["playback"]["state"] == "done"
    await one.telephone.hears(SHORT)
    await prompter.hang_up()
    assert (await one.hears_of("StasisEnd"))["channel"]["id"] == name
    assert SHORT not in await other.telephone.has_heard(SHORT)
    await let_go(one, other)
    await bridge.destroy()


@promise
async def a_prompter_ends_with_its_leg(stage: ContractStage) -> None:
    one, other, bridge = await a_talk(stage)
    name = new_id("leg")
    one.stream.add(name)
    prompter = await one.channel.prompter(name)
    await one.hears_of("StasisStart")
    await prompter.play([media(LONG)], new_id("play"), "zh")
    await asyncio.sleep(0.5)
    await one.telephone.hangs_up()
    gone = {(await one.hears_of("StasisEnd"))["channel"]["id"] for _ in range(2)}
    assert gone == {name, one.channel.id}
    await let_go(other)
    await bridge.destroy()


@promise
async def a_recording_can_be_played_together_with_prompts(stage: ContractStage) -> None:
    one, other, bridge = await a_talk(stage)
    await bridge.remove(one.channel)
    name = new_id("reason")
    one.stream.add(name)
    recording = await one.channel.record(name, longest_s=30, silence_s=20, terminate_on="#")
    await asyncio.sleep(2)
    await recording.stop()
    await one.hears_of("RecordingFinished")
    await bridge.remove(other.channel)
    began = now()
    await other.play(SHORT, f"recording:{name}")
    assert (await other.hears_of("PlaybackFinished"))["playback"]["state"] == "done"
    assert now() - began > 2
    await let_go(one, other)
    await bridge.destroy()
