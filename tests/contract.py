"""What our conversations rely on in Asterisk: each promise is checked on the fake and on the real one.

A promise is a coroutine that is given a stage: our ARI client as an application of its own, and telephones.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest

from ivr.ari import Ari, Stream
from ivr.ari_errors import Conflict, Gone, Refused
from ivr.ari_objects import Bridge, Channel, Event
from ivr.call import Call, CallEnded, media
from models.home import PROJECT_ROOT
from models.policy import Policy

_EVENT_WITHIN_S = 8.0
_SHORT = "to-a-person"
_LONG = "all-busy"


class Telephone(Protocol):
    """A registered telephone with somebody at it."""

    async def picks_up(self) -> None: ...
    async def says_busy(self) -> None: ...
    async def presses(self, key: str) -> None: ...
    async def hangs_up(self) -> None: ...


class Stage(Protocol):
    @property
    def ari(self) -> Ari: ...

    def telephone(self, number: str) -> Telephone: ...


Promise = Callable[[Stage], Awaitable[None]]
PROMISES: list[Promise] = []


def promise(check: Promise) -> Promise:
    PROMISES.append(check)
    return check


# -- how ------------------------------------------------------------------------------------------------------------


class Leg:
    """A telephone that we have called."""

    def __init__(self, stage: Stage, number: str) -> None:
        self.number = number
        self._stage = stage
        self.channel: Channel = stage.ari.channel(new_id("leg"))
        self.stream: Stream = stage.ari.listen(self.channel.id)
        self.seen: list[str] = []

    @property
    def telephone(self) -> Telephone:
        return self._stage.telephone(self.number)

    async def is_called(self) -> None:
        await self.channel.ari.request(
            "POST",
            self.channel.path,
            {"endpoint": f"PJSIP/{self.number}", "app": self.channel.ari.app, "appArgs": "leg",
             "callerId": "test <8000>", "timeout": -1},
            may_block=True,
        )  # fmt: skip

    async def hears_of(self, *kinds: str, within: float = _EVENT_WITHIN_S) -> Event:
        """The next event of one of these kinds."""
        async with asyncio.timeout(within):
            while True:
                event = await self.stream.next()
                self.seen.append(event["type"])
                if event["type"] in kinds:
                    return event

    async def rings(self) -> None:
        while (await self.hears_of("ChannelStateChange"))["channel"]["state"] != "Ringing":
            pass

    async def play(self, *prompts: str) -> str:
        playback = await self.channel.play([media(prompt) for prompt in prompts], new_id("play"), "zh")
        return playback.id

    async def is_gone(self) -> Event:
        return await self.hears_of("ChannelDestroyed")


def new_id(kind: str) -> str:
    return f"contract-{kind}-{secrets.token_hex(4)}"


def now() -> float:
    return asyncio.get_running_loop().time()


async def in_the_application(stage: Stage, number: str = "7001") -> Leg:
    leg = Leg(stage, number)
    await leg.is_called()
    await leg.rings()
    await leg.telephone.picks_up()
    await leg.hears_of("StasisStart")
    return leg


async def let_go(*legs: Leg) -> None:
    for leg in legs:
        await leg.channel.hang_up()
        await leg.is_gone()
        leg.stream.close()


def call_of(stage: Stage, leg: Leg) -> Call:
    policy = Policy.load(PROJECT_ROOT / "policy.toml")
    return Call(
        stage.ari, leg.channel, leg.stream, id=1, line="8000", number="7001", language="zh", policy=policy
    )  # fmt: skip


# -- ringing --------------------------------------------------------------------------------------------------------


@promise
async def a_phone_says_that_it_rings_and_when_we_stop_it_is_gone_without_having_entered(stage: Stage) -> None:
    leg = Leg(stage, "7001")
    await leg.is_called()
    await leg.rings()
    await leg.channel.hang_up()
    await leg.is_gone()
    assert "StasisStart" not in leg.seen
    with pytest.raises(Gone):
        await leg.play(_SHORT)


@promise
async def whoever_picks_up_enters_our_application(stage: Stage) -> None:
    leg = Leg(stage, "7001")
    await leg.is_called()
    await leg.rings()
    await leg.telephone.picks_up()
    event = await leg.hears_of("StasisStart")
    assert (event["args"], event["channel"]["state"]) == (["leg"], "Up")
    assert leg.channel.id in await stage.ari.own_channels()
    await let_go(leg)


@promise
async def an_id_that_lives_is_not_rung_twice(stage: Stage) -> None:
    leg = Leg(stage, "7001")
    await leg.is_called()
    await leg.rings()
    with pytest.raises(Conflict):
        await leg.is_called()
    await let_go(leg)


@promise
async def a_busy_phone_ends_with_cause_17(stage: Stage) -> None:
    leg = Leg(stage, "7001")
    await leg.is_called()
    await leg.rings()
    await leg.telephone.says_busy()
    assert (await leg.is_gone())["cause"] == 17


@promise
async def a_phone_in_a_call_says_busy_to_the_next(stage: Stage) -> None:
    first, second = await in_the_application(stage), Leg(stage, "7001")
    assert (await stage.ari.phones())["7001"]["channel_ids"] == [first.channel.id]
    await second.is_called()
    assert (await second.is_gone())["cause"] == 17
    await let_go(first)


@promise
async def a_phone_that_is_not_registered_is_refused_at_once(stage: Stage) -> None:
    phones = await stage.ari.phones()
    assert (phones["7001"]["state"], phones["7022"]["state"]) == ("online", "offline")
    with pytest.raises(Refused) as refused:
        await Leg(stage, "7022").is_called()
    assert not isinstance(refused.value, Gone | Conflict)


@promise
async def a_ringing_phone_cannot_be_spoken_to(stage: Stage) -> None:
    leg = Leg(stage, "7001")
    await leg.is_called()
    await leg.rings()
    with pytest.raises((Gone, Conflict)):
        await leg.play(_SHORT)
    await let_go(leg)


# -- prompts and keys -----------------------------------------------------------------------------------------------


@promise
async def a_prompt_lasts_as_long_as_it_is_and_says_that_it_is_done(stage: Stage) -> None:
    leg = await in_the_application(stage)
    began, playback = now(), await leg.play("beep", "digit-1")
    event = await leg.hears_of("PlaybackFinished")
    assert (event["playback"]["id"], event["playback"]["state"]) == (playback, "done")
    assert 0.5 < now() - began < 2.5
    assert leg.seen.count("PlaybackFinished") == 1
    await let_go(leg)


@promise
async def a_prompt_that_is_stopped_ends_at_once(stage: Stage) -> None:
    leg = await in_the_application(stage)
    playback = await leg.channel.play([media(_LONG)], new_id("play"), "zh")
    await asyncio.sleep(0.5)
    stopped = now()
    await playback.stop()
    event = await leg.hears_of("PlaybackFinished")
    assert event["playback"]["id"] == playback.id
    assert now() - stopped < 0.3
    await playback.stop()
    await let_go(leg)


@promise
async def prompts_wait_for_each_other(stage: Stage) -> None:
    leg = await in_the_application(stage)
    began = now()
    first, second = await leg.play("digit-1"), await leg.play("digit-2")
    assert now() - began < 0.3
    ends = [(await leg.hears_of("PlaybackFinished"))["playback"]["id"] for _ in range(2)]
    assert ends == [first, second]
    await let_go(leg)


@promise
async def a_sound_that_is_missing_says_failed(stage: Stage) -> None:
    leg = await in_the_application(stage)
    playback = await leg.channel.play(["sound:hotline/there-is-no-such-prompt"], new_id("play"), "zh")
    event = await leg.hears_of("PlaybackFinished")
    assert (event["playback"]["id"], event["playback"]["state"]) == (playback.id, "failed")
    await let_go(leg)


@promise
async def a_key_is_heard_while_a_prompt_plays(stage: Stage) -> None:
    leg = await in_the_application(stage)
    await leg.play(_LONG)
    await leg.telephone.presses("5")
    assert (await leg.hears_of("ChannelDtmfReceived"))["digit"] == "5"
    assert "PlaybackFinished" not in leg.seen
    await let_go(leg)


@promise
async def whoever_hangs_up_during_a_prompt_is_gone_and_every_command_after_it_says_so(stage: Stage) -> None:
    leg = await in_the_application(stage)
    await leg.play(_LONG)
    await asyncio.sleep(0.5)
    await leg.telephone.hangs_up()
    await leg.is_gone()
    assert leg.seen.index("StasisEnd") < leg.seen.index("ChannelDestroyed")
    assert leg.seen.index("ChannelHangupRequest") < leg.seen.index("ChannelDestroyed")
    with pytest.raises(Gone):
        await leg.play(_SHORT)
    with pytest.raises(Gone):
        await leg.channel.answer()
    await leg.channel.hang_up()


@promise
async def the_end_of_a_prompt_by_hanging_up_is_told_after_the_hang_up(stage: Stage) -> None:
    """So that nobody who vanishes during the whisper seems to have heard it."""
    leg = await in_the_application(stage)
    await leg.play(_LONG)
    await asyncio.sleep(0.5)
    await leg.telephone.hangs_up()
    await leg.is_gone()
    if "PlaybackFinished" in leg.seen:
        assert leg.seen.index("ChannelHangupRequest") < leg.seen.index("PlaybackFinished")


@promise
async def answering_waits_for_the_prompt_that_is_playing(stage: Stage) -> None:
    """Which is why it does not share the websocket."""
    leg = await in_the_application(stage)
    began = now()
    await leg.play("digit-1", "digit-2")
    await leg.channel.answer()
    assert now() - began > 0.6
    await let_go(leg)


@promise
async def whoever_leaves_for_the_dialplan_is_no_longer_ours(stage: Stage) -> None:
    leg = await in_the_application(stage)
    await leg.channel.leave_to("taken")
    await leg.hears_of("StasisEnd")
    with pytest.raises((Conflict, Gone)):
        await leg.play(_SHORT)
    # As we have called it, we go on hearing of it.
    await leg.is_gone()


# -- bridges --------------------------------------------------------------------------------------------------------


async def a_talk(stage: Stage) -> tuple[Leg, Leg, Bridge]:
    one, other = await in_the_application(stage, "7001"), await in_the_application(stage, "7002")
    bridge = stage.ari.bridge(new_id("talk"))
    await bridge.create()
    await bridge.add(one.channel)
    await bridge.add(other.channel)
    return one, other, bridge


@promise
async def a_bridge_outlives_those_who_talked_in_it(stage: Stage) -> None:
    one, other, bridge = await a_talk(stage)
    (found,) = [b for b in await stage.ari.bridges() if b["id"] == bridge.id]
    assert set(found["channels"]) == {one.channel.id, other.channel.id}
    await other.telephone.hangs_up()
    await other.is_gone()
    await let_go(one)
    assert bridge.id in [b["id"] for b in await stage.ari.bridges()]
    await bridge.destroy()
    assert bridge.id not in [b["id"] for b in await stage.ari.bridges()]
    await bridge.destroy()


@promise
async def after_the_bridge_is_gone_one_can_be_spoken_to_again(stage: Stage) -> None:
    one, other, bridge = await a_talk(stage)
    await let_go(other)
    await bridge.destroy()
    await one.play("digit-1")
    assert (await one.hears_of("PlaybackFinished"))["playback"]["state"] == "done"
    await let_go(one)


@promise
async def nobody_who_is_gone_can_be_joined(stage: Stage) -> None:
    leg = await in_the_application(stage)
    bridge = stage.ari.bridge(new_id("talk"))
    await bridge.create()
    await let_go(leg)
    with pytest.raises(Refused):
        await bridge.add(leg.channel)
    await bridge.destroy()


@promise
async def a_talk_is_recorded_until_we_stop_it(stage: Stage) -> None:
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
async def a_recording_ends_with_its_bridge(stage: Stage) -> None:
    one, other, bridge = await a_talk(stage)
    one.stream.add(bridge.id)
    await bridge.record(bridge.id)
    await asyncio.sleep(1)
    await let_go(other)
    await bridge.destroy()
    assert (await one.hears_of("RecordingFinished"))["recording"]["name"] == bridge.id
    await let_go(one)


# -- messages -------------------------------------------------------------------------------------------------------


@promise
async def a_message_ends_with_the_hash_key_and_its_name_is_taken(stage: Stage) -> None:
    leg, name = await in_the_application(stage), new_id("message")
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
async def silence_ends_a_message_and_one_second_of_it_is_counted(stage: Stage) -> None:
    leg, name = await in_the_application(stage), new_id("message")
    leg.stream.add(name)
    began = now()
    await leg.channel.record(name, longest_s=30, silence_s=3)
    event = await leg.hears_of("RecordingFinished")
    assert 2.5 < now() - began < 5
    assert event["recording"]["duration"] == 1
    await let_go(leg)


@promise
async def a_message_ends_when_its_speaker_hangs_up(stage: Stage) -> None:
    leg, name = await in_the_application(stage), new_id("message")
    leg.stream.add(name)
    await leg.channel.record(name, longest_s=30, silence_s=10, terminate_on="#")
    await asyncio.sleep(1.5)
    await leg.telephone.hangs_up()
    await leg.is_gone()
    assert "RecordingFinished" in leg.seen
    assert "RecordingFailed" not in leg.seen


# -- the verbs of a call --------------------------------------------------------------------------------------------


@promise
async def a_key_cuts_the_question_and_is_the_answer(stage: Stage) -> None:
    leg = await in_the_application(stage)
    asking = asyncio.create_task(call_of(stage, leg).ask(_LONG, _LONG))
    await asyncio.sleep(0.5)
    pressed = now()
    await leg.telephone.presses("3")
    assert await asking == "3"
    assert now() - pressed < 1
    await let_go(leg)


@promise
async def keys_typed_ahead_are_kept(stage: Stage) -> None:
    leg = await in_the_application(stage)
    call = call_of(stage, leg)
    for key in "12":
        await leg.telephone.presses(key)
    assert await call.ask(_LONG) == "1"
    assert await call.ask(_LONG) == "2"
    await let_go(leg)


@promise
async def silence_is_no_answer(stage: Stage) -> None:
    leg = await in_the_application(stage)
    began = now()
    assert await call_of(stage, leg).ask("digit-1", wait_s=1) is None
    assert now() - began > 1
    await let_go(leg)


@promise
async def digits_end_with_the_hash_key(stage: Stage) -> None:
    leg = await in_the_application(stage)
    keying = asyncio.create_task(call_of(stage, leg).digits(_LONG, longest=8))
    for key in "1024#":
        await leg.telephone.presses(key)
    assert await keying == "1024"
    await let_go(leg)


@promise
async def a_hang_up_ends_the_verb_in_progress(stage: Stage) -> None:
    leg = await in_the_application(stage)
    playing = asyncio.create_task(call_of(stage, leg).play(_LONG, _LONG))
    await asyncio.sleep(0.5)
    await leg.telephone.hangs_up()
    with pytest.raises(CallEnded):
        await playing


@promise
async def a_verb_for_somebody_who_is_gone_is_a_hang_up(stage: Stage) -> None:
    leg = await in_the_application(stage)
    call = call_of(stage, leg)
    await leg.telephone.hangs_up()
    await leg.is_gone()
    with pytest.raises(CallEnded):
        await call.play(_SHORT)
    with pytest.raises(CallEnded):
        await call.ring_back()


@promise
async def music_and_ringing_can_be_stopped_even_when_they_are_not_heard(stage: Stage) -> None:
    leg = await in_the_application(stage)
    await leg.channel.stop_music()
    await leg.channel.start_music()
    await leg.channel.stop_music()
    await leg.channel.ring()
    await leg.channel.stop_ringing()
    await leg.channel.stop_ringing()
    await let_go(leg)
