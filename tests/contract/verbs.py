"""The promises of a call's verbs to a conversation."""

import asyncio

import pytest

from ivr.call import Call, CallEnded
from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from tests.contract.stage import LONG, SHORT, ContractStage, StageLeg, in_the_application, let_go, now, promise


def call_of(stage: ContractStage, leg: StageLeg) -> Call:
    policy = Policy.load(PROJECT_ROOT / "policy.toml")
    return Call(stage.ari, leg.channel, leg.stream, id=1, line="8000", number="7001", language="zh", policy=policy)


@promise
async def a_key_cuts_the_question_and_is_the_answer(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    asking = asyncio.create_task(call_of(stage, leg).ask(LONG, LONG))
    await asyncio.sleep(0.5)
    pressed = now()
    await leg.telephone.presses("3")
    assert await asking == "3"
    assert now() - pressed < 1
    await let_go(leg)


@promise
async def keys_typed_ahead_are_kept(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    call = call_of(stage, leg)
    for key in "12":
        await leg.telephone.presses(key)
    assert await call.ask(LONG) == "1"
    assert await call.ask(LONG) == "2"
    await let_go(leg)


@promise
async def silence_is_no_answer(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    began = now()
    assert await call_of(stage, leg).ask("digit-1", wait_s=1) is None
    assert now() - began > 1
    await let_go(leg)


@promise
async def digits_end_with_the_hash_key(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    keying = asyncio.create_task(call_of(stage, leg).digits(LONG, longest=8))
    for key in "1024#":
        await leg.telephone.presses(key)
    assert await keying == "1024"
    await let_go(leg)


@promise
async def a_hang_up_ends_the_verb_in_progress(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    playing = asyncio.create_task(call_of(stage, leg).play(LONG, LONG))
    await asyncio.sleep(0.5)
    await leg.telephone.hangs_up()
    with pytest.raises(CallEnded):
        await playing


@promise
async def a_verb_on_a_leg_that_is_gone_raises_a_hang_up(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    call = call_of(stage, leg)
    await leg.telephone.hangs_up()
    await leg.is_gone()
    with pytest.raises(CallEnded):
        await call.play(SHORT)
    with pytest.raises(CallEnded):
        await call.ring_back()


@promise
async def music_and_ringing_can_be_stopped_even_when_not_playing(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    await leg.channel.stop_music()
    await leg.channel.start_music()
    await leg.channel.stop_music()
    await leg.channel.ring()
    await leg.channel.stop_ringing()
    await leg.channel.stop_ringing()
    await let_go(leg)
