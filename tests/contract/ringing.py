"""Asterisk's promises about ringing a telephone."""

import pytest

from ivr.ari.errors import CommandRefused, Conflict, Gone
from tests.contract.stage import SHORT, ContractStage, StageLeg, in_the_application, let_go, promise


@promise
async def a_phone_that_is_dialled_reports_ringing_and_when_we_stop_is_gone(stage: ContractStage) -> None:
    leg = StageLeg(stage, "7001")
    await leg.is_called()
    await leg.rings()
    await leg.channel.hang_up()
    await leg.is_gone()
    with pytest.raises(Gone):
        await leg.play(SHORT)


@promise
async def a_created_channel_is_in_our_application_before_its_phone_rings_and_is_up_when_that_answers(
    stage: ContractStage,
) -> None:
    leg = StageLeg(stage, "7001")
    await leg.channel.prepare("PJSIP/7001", "test <8000>", None)
    event = await leg.hears_of("StasisStart")
    assert (event["args"], event["channel"]["state"]) == (["leg"], "Down")
    assert leg.channel.id in await stage.ari.own_channels()
    await leg.channel.dial()
    await leg.rings()
    await leg.telephone.picks_up()
    await leg.becomes("Up")
    await leg.play(SHORT)
    await leg.telephone.hears(SHORT)
    await let_go(leg)


@promise
async def a_living_channel_id_is_not_rung_twice(stage: ContractStage) -> None:
    leg = StageLeg(stage, "7001")
    await leg.is_called()
    await leg.rings()
    with pytest.raises(Conflict):
        await leg.is_called()
    await let_go(leg)


@promise
async def a_busy_phone_ends_with_cause_17(stage: ContractStage) -> None:
    leg = StageLeg(stage, "7001")
    await leg.is_called()
    await leg.rings()
    await leg.telephone.says_busy()
    assert (await leg.is_gone())["cause"] == 17


@promise
async def a_phone_in_a_call_is_busy_for_the_next(stage: ContractStage) -> None:
    first, second = await in_the_application(stage), StageLeg(stage, "7001")
    assert (await stage.ari.phones())["7001"]["channel_ids"] == [first.channel.id]
    await second.is_called()
    assert (await second.is_gone())["cause"] == 17
    await let_go(first)


@promise
async def an_unregistered_phone_is_refused_at_once(stage: ContractStage) -> None:
    phones = await stage.ari.phones()
    assert (phones["7001"]["state"], phones["7022"]["state"]) == ("online", "offline")
    with pytest.raises(CommandRefused) as refused:
        await StageLeg(stage, "7022").is_called()
    assert not isinstance(refused.value, Gone | Conflict)


@promise
async def a_ringing_phone_cannot_be_played_a_prompt(stage: ContractStage) -> None:
    leg = StageLeg(stage, "7001")
    await leg.is_called()
    await leg.rings()
    with pytest.raises((Gone, Conflict)):
        await leg.play(SHORT)
    await let_go(leg)
