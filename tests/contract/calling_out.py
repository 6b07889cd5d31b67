"""Asterisk's promises about calls that we originate through the dialplan."""

import asyncio

import pytest

from ivr.ari.errors import CommandRefused, Conflict, Gone
from tests.contract.stage import ContractStage, StageLeg, promise


async def called_out(stage: ContractStage, within_s: int = 30) -> StageLeg:
    leg = StageLeg(stage, "7001")
    await leg.channel.call_out("PJSIP/7001", "1001 <8000>", within_s)
    if await leg.channel.watch() != "Ringing":
        await leg.rings()
    return leg


async def has_ended(leg: StageLeg) -> None:
    async with asyncio.timeout(8):
        while leg.channel.id in {channel["id"] for channel in await leg.channel.ari.channels()}:
            pass


@promise
async def an_originated_call_reports_ringing_and_is_gone_when_we_stop(stage: ContractStage) -> None:
    leg = await called_out(stage)
    with pytest.raises(Conflict):
        await leg.channel.call_out("PJSIP/7001", "1001 <8000>", 30)
    await leg.channel.hang_up()
    await leg.is_gone()
    leg.stream.close()


@promise
async def an_originated_call_to_a_busy_phone_ends_with_cause_17(stage: ContractStage) -> None:
    leg = await called_out(stage)
    await leg.telephone.says_busy()
    assert (await leg.is_gone())["cause"] == 17
    leg.stream.close()


@promise
async def a_call_busy_before_we_could_watch_it_has_left_its_cause(stage: ContractStage) -> None:
    """R21-13: a telephone in use may answer busy before Asterisk reports that it is being called."""
    leg = StageLeg(stage, "7001")
    await leg.channel.call_out("PJSIP/7001", "1001 <8000>", 30)
    await leg.telephone.says_busy()
    await has_ended(leg)
    with pytest.raises(CommandRefused):
        await leg.channel.watch()
    assert await leg.channel.cause() == 17
    assert leg.seen == []
    leg.stream.close()


@promise
async def a_call_to_an_unregistered_phone_ends_at_once_with_cause_3(stage: ContractStage) -> None:
    leg = StageLeg(stage, "7022")
    await leg.channel.call_out("PJSIP/7022", "1001 <8000>", 30)
    await has_ended(leg)
    assert await leg.channel.cause() == 3
    leg.stream.close()


@promise
async def an_unanswered_call_rings_no_longer_than_its_limit(stage: ContractStage) -> None:
    leg = await called_out(stage, within_s=2)
    await leg.is_gone()
    assert "StasisStart" not in leg.seen
    leg.stream.close()


@promise
async def a_channel_that_is_gone_cannot_be_watched(stage: ContractStage) -> None:
    with pytest.raises(CommandRefused) as refused:
        await stage.ari.channel("contract-nobody").watch()
    assert not isinstance(refused.value, Gone | Conflict)
