"""Asterisk's promises about calls to the public network, over the carrier's trunk."""

from ivr.way_out import way_out
from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.policy.gate import Reach
from tests.contract.stage import LONG, PUBLIC, ContractStage, StageLeg, in_the_application, let_go, promise


async def outside(stage: ContractStage) -> StageLeg:
    policy = Policy.load(PROJECT_ROOT / "policy.toml")
    leg = StageLeg(stage, PUBLIC, way_out(stage.site, policy, PUBLIC, Reach.CALL_BACK, "8000")[0])
    await leg.is_called()
    await leg.rings()
    return leg


@promise
async def a_public_number_reports_ringing_and_is_up_when_answered(stage: ContractStage) -> None:
    leg = await outside(stage)
    await leg.telephone.picks_up()
    await leg.becomes("Up")
    await leg.play(LONG)
    await leg.telephone.presses("1")
    assert (await leg.hears_of("ChannelDtmfReceived"))["digit"] == "1"
    await let_go(leg)


@promise
async def a_public_number_that_is_busy_ends_with_cause_17(stage: ContractStage) -> None:
    leg = await outside(stage)
    await leg.telephone.says_busy()
    assert (await leg.is_gone())["cause"] == 17


@promise
async def a_hang_up_in_the_public_network_is_like_any_other(stage: ContractStage) -> None:
    leg = await outside(stage)
    await leg.telephone.picks_up()
    await leg.becomes("Up")
    await leg.telephone.hangs_up()
    await leg.is_gone()
    assert leg.seen.index("ChannelHangupRequest") < leg.seen.index("ChannelDestroyed")


@promise
async def a_channel_with_a_limit_ends_by_itself(stage: ContractStage) -> None:
    leg = await in_the_application(stage)
    await leg.channel.limit(2)
    await leg.play(LONG, LONG)
    await leg.is_gone()
