"""Nobody who hangs up or dies at any moment of a transfer makes us lose the caller (R05-4, R17-1)."""

import asyncio

import pytest

from models.states.calls import EndedBy, TransferState
from models.tables import RingRow
from tests.fakes.people import FakePerson, FakePhone
from tests.flows.calls.transferring import (
    CODE,
    agrees,
    agrees_after_having_begun,
    ended,
    in_a_talk,
    in_one_talk,
    one_recording,
    transfers_to,
    written,
)
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows

MOMENTS = ["keying", "reason", "recording", "ringing", "whisper", "hearing the reason"]


async def until_the_moment(moment: str, agent: FakePhone, technician: FakePhone) -> None:
    await agent.presses(CODE)
    await agent.hears("transfer-number")
    if moment == "keying":
        return await agent.presses("70")
    await agent.presses("7020")
    await agent.hears("transfer-reason-choice")
    if moment == "reason":
        return None
    if moment == "recording":
        await agent.presses("1")
        await agent.hears_out("beep")
        agent.speaks(10)
        return await asyncio.sleep(3)
    await agent.presses("#")
    await technician.rings()
    if moment == "whisper":
        technician.answers(0.5)
        await technician.hears("whisper-transfer")
    if moment == "hearing the reason":
        technician.hangs_up(21)
        await agent.hears("not-transferred-declined")
    return None


@pytest.mark.parametrize("moment", MOMENTS)
async def test_the_caller_hangs_up_during_a_transfer(
    hotline: Hotline, agent: FakePhone, technician: FakePhone, moment: str
) -> None:
    owner = await in_a_talk(hotline, agent)
    await until_the_moment(moment, agent, technician)
    owner.hangs_up()
    await agent.is_hung_up(within=1)
    await technician.is_hung_up(within=1)
    await asyncio.sleep(1)
    state = TransferState.DECLINED if moment == "hearing the reason" else TransferState.CALLER_GONE
    assert ended(hotline)[1] is state
    record = hotline.record()
    assert (record.call.ended_by, record.talks[0].ended_by) == (EndedBy.CALLER, EndedBy.CALLER)
    assert (record.call.end_reason or "").startswith("hung up while on hold")
    one_recording(hotline)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_the_agent_hangs_up_during_a_transfer(
    hotline: Hotline, agent: FakePhone, technician: FakePhone, moment: str
) -> None:
    """Before any phone rings the caller goes to the group at once; after that the colleague has all three rings."""
    owner = await in_a_talk(hotline, agent)
    await until_the_moment(moment, agent, technician)
    agent.hangs_up()
    agent.ignores()
    if moment == "whisper":
        await agrees_after_having_begun(technician)
        await owner.talks_with(technician)
        technician.hangs_up()
    else:
        left_at = owner.now
        await owner.hears("transfer-to-others")
        assert owner.now - left_at < (16 if moment == "ringing" else 1)
        colleague = hotline.phone("7002").answers(1)
        await owner.talks_with(colleague)
        colleague.hangs_up()
    await owner.is_hung_up()
    states = {
        "ringing": TransferState.NO_ANSWER,
        "whisper": TransferState.CONSENTED,
        "hearing the reason": TransferState.DECLINED,
    }
    assert ended(hotline)[1] is states.get(moment, TransferState.AGENT_GONE)
    assert written(hotline).agent_left_at is not None


async def test_nobody_of_the_group_answers_either_and_the_caller_leaves_a_message(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    """R05-2, R17-1: the caller never ends in silence."""
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    await technician.rings()
    agent.hangs_up()
    agent.ignores()
    await owner.hears("transfer-to-others", "nobody-free", "beep")
    owner.speaks(5)
    await owner.hears("message-saved")
    await owner.is_hung_up()
    assert {ring[0] for ring in hotline.rings()} == {"group", "transfer", "widened", "supervisor"}
    assert hotline.record().call.ended_by is EndedBy.SYSTEM


@pytest.mark.parametrize("who", ["owner", "technician", "agent"])
async def test_one_of_the_three_in_a_talk_hangs_up(
    hotline: Hotline, agent: FakePhone, technician: FakePhone, who: str
) -> None:
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    technician.answers(1)
    await agrees(technician)
    await owner.talks_with(technician)
    people: dict[str, FakePerson] = {"owner": owner, "technician": technician, "agent": agent}
    people.pop(who).hangs_up()
    await asyncio.sleep(2)
    if who == "owner":
        assert agent.channel is None
        assert technician.channel is None
    else:
        assert in_one_talk(*people.values())
        people["agent" if who == "technician" else "technician"].hangs_up()
        await owner.is_hung_up()
    assert {talk.ended_by for talk in hotline.record().talks} == {EndedBy.CALLER if who == "owner" else EndedBy.AGENT}
    one_recording(hotline)


async def test_a_transfer_while_three_talk_is_refused_with_the_reason(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    technician.answers(1)
    await agrees(technician)
    await owner.talks_with(technician)
    await technician.presses(CODE)
    await technician.hears("transfer-while-three")
    assert "transfer-while-three" not in owner.prompts + agent.prompts
    assert "transfer-number" not in technician.prompts
    assert in_one_talk(owner, agent, technician)
    agent.hangs_up()
    await asyncio.sleep(2)
    await technician.presses(CODE)
    await technician.hears("transfer-number")
    owner.hangs_up()


async def test_all_three_hang_up_just_as_the_colleague_agrees(
    hotline: Hotline, agent: FakePhone, technician: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    technician.answers(1)
    await technician.hears("accept-with-1")
    technician.press("1")
    agent.hangs_up()
    technician.hangs_up()
    await asyncio.sleep(0.1)
    owner.hangs_up()
    await owner.is_hung_up()
    await asyncio.sleep(1)
    assert written(hotline).state in (TransferState.CONSENTED, TransferState.DECLINED)


@pytest.mark.parametrize("milliseconds", range(0, 60, 5))
async def test_the_colleague_vanishes_just_after_agreeing(
    hotline: Hotline, agent: FakePhone, technician: FakePhone, milliseconds: int
) -> None:
    """The agent has left: another colleague is found."""
    owner = await in_a_talk(hotline, agent)
    await transfers_to(agent, "7020")
    await technician.rings()
    agent.hangs_up()
    agent.ignores()
    technician.answers(1)
    await technician.hears("accept-with-1")
    technician.press("1")
    await asyncio.sleep(milliseconds / 1000)
    technician.hangs_up()
    technician.ignores()
    colleague = hotline.phone("7002").answers(1)
    await owner.until(lambda: owner.channel is None or in_one_talk(owner, colleague), "goodbye, or somebody else")
    colleague.hangs_up()
    await owner.is_hung_up()
    assert {"goodbye", "transfer-to-others"} & set(owner.prompts)


@pytest.mark.parametrize("moment", [*MOMENTS, "accepted"])
@pytest.mark.parametrize("waits", [True, False], ids=["the agent waits", "the agent has left"])
@pytest.mark.parametrize("how", ["connection", "process"])
async def test_our_process_dies_during_a_transfer(
    hotline: Hotline, agent: FakePhone, technician: FakePhone, moment: str, waits: bool, how: str
) -> None:
    """The agent has the caller back; if the agent has left, the caller hears so and another person is rung."""
    if not waits and moment not in ("ringing", "whisper", "accepted"):
        return
    owner = await in_a_talk(hotline, agent)
    if moment == "accepted":
        await transfers_to(agent, "7020")
        technician.answers(1)
        await agrees(technician)
        await owner.talks_with(technician)
    else:
        await until_the_moment(moment, agent, technician)
    if not waits:
        agent.hangs_up()
        agent.ignores()
        await asyncio.sleep(0.5)
    if how == "connection":
        hotline.switch.lose_connection(for_s=3)
    else:
        await hotline.is_killed()
        await asyncio.sleep(3)
        await hotline.is_restarted()
    broke_at = owner.now
    if moment == "accepted":
        await asyncio.sleep(10)
        assert in_one_talk(owner, technician, *([agent] if waits else []))
        technician.hangs_up()
        agent.hangs_up()
    elif waits:
        await owner.talks_with(agent)
        assert owner.now - broke_at < 20
        await asyncio.sleep(1)
        assert technician.channel is None
        assert hotline.every(RingRow, outcome=None) == []
        agent.hangs_up()
    else:
        await owner.hears("interrupted")
        assert owner.now - broke_at < 20
        colleague = hotline.phone("7002").answers(1)
        await owner.talks_with(colleague)
        colleague.hangs_up()
    await owner.is_hung_up()
    known = {"accepted": TransferState.CONSENTED, "hearing the reason": TransferState.DECLINED}
    assert ended(hotline)[1] is known.get(moment, TransferState.INTERRUPTED)
