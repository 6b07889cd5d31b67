"""A line that is lost was ended by nobody: the rows say so, and a caller who was cut off is owed a call (R17-1)."""

import asyncio

import pytest

from models.states.calls import EndedBy
from models.states.tickets import TaskState
from tests.fakes.parts import NO_SOUND
from tests.fakes.people import BROKEN, FakeCaller, FakePhone
from tests.flows.calls.calling_back import gives_up
from tests.flows.world import OWNER, Hotline

pytestmark = pytest.mark.flows

TEMPORARY_FAILURE, CONGESTION = 41, 42
LOST = [BROKEN, TEMPORARY_FAILURE, CONGESTION, NO_SOUND]


async def in_a_talk(hotline: Hotline, *agents: str) -> tuple[FakeCaller, FakePhone]:
    """With the first of these, who are the only ones at work."""
    first, *_ = hotline.only(*agents)
    first.answers()
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("0")
    await caller.talks_with(first)
    await asyncio.sleep(hotline.policy.tasks.talk_counts_from_s + 1)
    return caller, first


@pytest.mark.parametrize("cause", LOST)
async def test_a_caller_who_loses_the_agent_hears_an_apology_and_gets_another_one(hotline: Hotline, cause: int) -> None:
    caller, agent = await in_a_talk(hotline, "7001", "7002")
    agent.ignores()
    other = hotline.switch.phone("7002").answers()
    agent.is_unplugged().hangs_up(cause)
    await caller.hears_out("interrupted")
    (task,) = hotline.tasks()
    assert (task.number, task.note, task.state) == (OWNER, "cut off while talking", TaskState.OPEN)
    await caller.talks_with(other)
    await asyncio.sleep(hotline.policy.tasks.talk_counts_from_s + 1)
    other.hangs_up()
    await caller.is_hung_up()
    record = hotline.record()
    assert [(talk.staff_number, talk.ended_by) for talk in record.talks] == [
        ("7001", EndedBy.NETWORK),
        ("7002", EndedBy.AGENT),
    ]
    assert (record.call.ended_by, record.call.end_reason) == (EndedBy.AGENT, "completed")
    assert [task.state for task in hotline.tasks()] == [TaskState.CLOSED], "they have talked"


async def test_a_caller_who_loses_the_agent_and_gives_up_is_owed_one_call(hotline: Hotline) -> None:
    caller, agent = await in_a_talk(hotline, "7001")
    agent.is_unplugged().hangs_up(NO_SOUND)
    await caller.hears("interrupted")
    caller.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(1)
    (task,) = hotline.tasks()
    assert (task.number, task.times, task.state) == (OWNER, 1, TaskState.OPEN)
    assert hotline.record().call.ended_by is EndedBy.CALLER


@pytest.mark.parametrize("cause", LOST)
async def test_a_caller_who_is_lost_from_a_talk_is_owed_a_call(hotline: Hotline, cause: int) -> None:
    caller, agent = await in_a_talk(hotline, "7001")
    caller.hangs_up(cause)
    await agent.is_hung_up()
    await asyncio.sleep(1)
    record = hotline.record()
    assert [talk.ended_by for talk in record.talks] == [EndedBy.NETWORK]
    assert (record.call.ended_by, record.call.end_reason) == (EndedBy.NETWORK, "cut off while talking")
    assert [(task.number, task.note) for task in hotline.tasks()] == [(OWNER, "cut off while talking")]


@pytest.mark.parametrize("who", ["caller", "agent"])
async def test_a_normal_hang_up_is_what_it_was(hotline: Hotline, who: str) -> None:
    caller, agent = await in_a_talk(hotline, "7001")
    (caller if who == "caller" else agent).hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(1)
    assert [talk.ended_by for talk in hotline.record().talks] == [EndedBy(who)]
    assert hotline.tasks() == []


async def test_a_talk_that_is_cut_off_settles_no_call_that_was_owed_before(hotline: Hotline) -> None:
    await gives_up(hotline)
    caller, agent = await in_a_talk(hotline, "7001")
    caller.hangs_up(NO_SOUND)
    await agent.is_hung_up()
    await asyncio.sleep(1)
    (task,) = hotline.tasks()
    assert (task.state, task.times) == (TaskState.OPEN, 2)
