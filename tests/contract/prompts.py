"""Asterisk's promises about prompts, keys and hanging up."""

import asyncio

import pytest

from ivr.ari.errors import Conflict, Gone
from ivr.call import media
from tests.contract.stage import LONG, SHORT, ContractStage, in_the_application, let_go, new_id, now, promise


@promise
async def a_prompt_takes_its_full_length_and_reports_its_end(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    began, playback = now(), await leg.play("beep", "digit-1")
    event = await leg.hears_of("PlaybackFinished")
    assert (event["playback"]["id"], event["playback"]["state"]) == (playback, "done")
    assert 0.5 < now() - began < 2.5
    assert leg.seen.count("PlaybackFinished") == 1
    await let_go(leg)


@promise
async def a_prompt_that_is_stopped_ends_at_once(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    playback = await leg.channel.play([media(LONG)], new_id("play"), "zh")
    await asyncio.sleep(0.5)
    stopped = now()
    await playback.stop()
    event = await leg.hears_of("PlaybackFinished")
    assert event["playback"]["id"] == playback.id
    assert now() - stopped < 0.3
    await playback.stop()
    await let_go(leg)


@promise
async def prompts_are_played_one_after_the_other(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    began = now()
    first, second = await leg.play("digit-1"), await leg.play("digit-2")
    assert now() - began < 0.3
    ends = [(await leg.hears_of("PlaybackFinished"))["playback"]["id"] for _ in range(2)]
    assert ends == [first, second]
    await let_go(leg)


@promise
async def a_missing_sound_reports_failed(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    playback = await leg.channel.play(["sound:hotline/there-is-no-such-prompt"], new_id("play"), "zh")
    event = await leg.hears_of("PlaybackFinished")
    assert (event["playback"]["id"], event["playback"]["state"]) == (playback.id, "failed")
    await let_go(leg)


@promise
async def a_key_is_reported_while_a_prompt_plays(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    await leg.play(LONG)
    await leg.telephone.presses("5")
    assert (await leg.hears_of("ChannelDtmfReceived"))["digit"] == "5"
    assert "PlaybackFinished" not in leg.seen
    await let_go(leg)


@promise
async def after_a_hang_up_during_a_prompt_every_command_reports_the_channel_gone(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    await leg.play(LONG)
    await asyncio.sleep(0.5)
    await leg.telephone.hangs_up()
    await leg.is_gone()
    assert leg.seen.index("StasisEnd") < leg.seen.index("ChannelDestroyed")
    assert leg.seen.index("ChannelHangupRequest") < leg.seen.index("ChannelDestroyed")
    with pytest.raises(Gone):
        await leg.play(SHORT)
    with pytest.raises(Gone):
        await leg.channel.answer()
    await leg.channel.hang_up()


@promise
async def a_prompt_cut_by_a_hang_up_ends_after_the_hang_up_event(stage: ContractStage) -> None:
    """So an agent who vanishes during the whisper does not seem to have heard it."""
    leg = await in_the_application(stage)
    await leg.play(LONG)
    await asyncio.sleep(0.5)
    await leg.telephone.hangs_up()
    await leg.is_gone()
    if "PlaybackFinished" in leg.seen:
        assert leg.seen.index("ChannelHangupRequest") < leg.seen.index("PlaybackFinished")


@promise
async def answering_waits_for_the_prompt_that_is_playing(stage: ContractStage) -> None:
    """This is why it does not use the websocket."""
    leg = await in_the_application(stage)
    began = now()
    await leg.play("digit-1", "digit-2")
    await leg.channel.answer()
    assert now() - began > 0.6
    await let_go(leg)


@promise
async def leaving_for_the_dialplan_waits_for_the_prompt_unless_that_is_stopped(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    playback = await leg.channel.play([media(LONG)], new_id("play"), "zh")
    await leg.channel.leave_to("taken")
    await asyncio.sleep(0.5)
    assert "StasisEnd" not in leg.seen
    stopped = now()
    await playback.stop()
    await leg.hears_of("StasisEnd")
    assert now() - stopped < 0.3
    await leg.is_gone()


@promise
async def a_leg_sent_to_the_dialplan_is_no_longer_ours(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    await leg.channel.leave_to("taken")
    await leg.hears_of("StasisEnd")
    with pytest.raises((Conflict, Gone)):
        await leg.play(SHORT)
    # As we have originated it, we still get its events.
    await leg.is_gone()


@promise
async def a_channel_keeps_its_language_in_the_dialplan(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    await leg.channel.speak("en")
    (language,) = [one["language"] for one in await stage.ari.channels() if one["id"] == leg.channel.id]
    assert language == "en"
    await let_go(leg)
