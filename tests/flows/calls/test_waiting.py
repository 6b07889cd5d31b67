"""All agents are talking: music, announced places, a call back, a message, or the next free agent (R17-1)."""

import asyncio
from datetime import timedelta

import pytest

from models.states.calls import EndedBy, Ring
from models.states.tickets import TaskKind
from tests.fakes.people import FakeCaller, FakePhone
from tests.flows.world import OWNER, Hotline

pytestmark = pytest.mark.flows

SECOND, THIRD = "13900000002", "13800138000"


def one_agent_who_talks(hotline: Hotline) -> FakePhone:
    (agent,) = hotline.only("7001")
    return agent.phones_elsewhere()


async def asks_for_a_person(hotline: Hotline, number: str = OWNER) -> FakeCaller:
    caller = hotline.dial(number=number)
    await caller.hears("menu")
    await caller.presses("0")
    return caller


async def test_a_caller_waits_with_music_until_the_agent_is_free(hotline: Hotline) -> None:
    agent = one_agent_who_talks(hotline)
    owner = await asks_for_a_person(hotline)
    await owner.hears("all-busy", "next-is-you")
    await owner.hears_out("queue-choices")
    await owner.until(lambda: owner.hears_music, "music")
    agent.answers().hangs_up()
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert hotline.rings() == [("group", "7001", 1, Ring.CONNECTED)]


async def test_key_1_requests_a_call_back_within_half_an_hour(hotline: Hotline) -> None:
    one_agent_who_talks(hotline)
    owner = await asks_for_a_person(hotline)
    await owner.hears("queue-choices")
    await owner.presses("1")
    await owner.hears("call-back-before")
    (task,) = hotline.tasks()
    await owner.hears("number-30", "minutes", "call-back-after", "ticket-is")
    await owner.is_hung_up()
    assert (task.kind, task.number, task.owner_group) == (TaskKind.CALL_BACK, OWNER, "agents")
    assert task.due_at - task.opened_at == timedelta(minutes=30)
    assert task.ticket_id == hotline.ticket().id
    assert hotline.record().call.ended_by is EndedBy.SYSTEM


async def test_key_2_leaves_a_message_also_while_the_music_plays(hotline: Hotline) -> None:
    one_agent_who_talks(hotline)
    owner = await asks_for_a_person(hotline)
    await owner.hears_out("queue-choices")
    await asyncio.sleep(5)
    await owner.presses("2")
    await owner.hears_out("beep")
    assert not owner.hears_music
    owner.speaks(6)
    await owner.hears("message-saved")
    await owner.is_hung_up()
    assert hotline.recordings()[0].ticket_id == hotline.ticket().id


async def test_any_other_key_keeps_the_caller_in_the_queue(hotline: Hotline) -> None:
    agent = one_agent_who_talks(hotline)
    owner = await asks_for_a_person(hotline)
    await owner.hears("queue-choices")
    await owner.presses("5")
    await asyncio.sleep(10)
    await owner.presses("*")
    await asyncio.sleep(10)
    agent.answers().hangs_up()
    await owner.talks_with(agent)
    agent.hangs_up()
    await owner.is_hung_up()


async def test_the_place_is_announced_only_when_it_changes(hotline: Hotline) -> None:
    one_agent_who_talks(hotline)
    first, second = await asks_for_a_person(hotline), await asks_for_a_person(hotline, SECOND)
    await second.hears("all-busy", "queue-ahead-before", "number-1", "queue-ahead-after")
    await second.hears_out("queue-choices")
    await asyncio.sleep(15)
    assert "still-busy" not in second.prompts
    first.hangs_up()
    left_at = second.now
    await second.hears("still-busy")
    assert second.now - left_at < hotline.policy.queue.poll_s + 1
    await second.hears("next-is-you")
    second.hangs_up()


async def test_a_caller_who_waits_long_is_reassured_from_time_to_time(hotline: Hotline) -> None:
    one_agent_who_talks(hotline)
    owner = await asks_for_a_person(hotline)
    await owner.hears_out("queue-choices")
    for _ in range(3):
        began = owner.now
        await owner.hears("still-busy")
        assert owner.now - began == pytest.approx(hotline.policy.queue.announce_every_s, abs=12)
    owner.hangs_up()


async def test_the_freed_agent_gets_the_caller_who_has_waited_longest(hotline: Hotline) -> None:
    agent = one_agent_who_talks(hotline)
    callers = [await asks_for_a_person(hotline, number) for number in (OWNER, SECOND, THIRD)]
    for caller in callers:
        await caller.hears("all-busy")
    agent.answers().hangs_up()
    for caller in callers:
        await caller.talks_with(agent)
        assert [c for c in callers if c.channel is not None and c.channel.bridge is not None] == [caller]
        await asyncio.sleep(20)
        agent.hangs_up()
        await caller.is_hung_up()


async def test_a_new_caller_does_not_overtake_the_queue(hotline: Hotline) -> None:
    """A new caller does not ring the agent who has just become free while others wait."""
    agent = one_agent_who_talks(hotline)
    first = await asks_for_a_person(hotline)
    await first.hears("all-busy")
    late = await asks_for_a_person(hotline, SECOND)
    agent.answers(after=4).hangs_up()
    await first.talks_with(agent)
    await late.hears("all-busy")
    agent.hangs_up()
    await late.talks_with(agent)
    agent.hangs_up()
    await late.is_hung_up()


async def test_a_caller_who_requests_a_call_back_twice_is_called_once(hotline: Hotline) -> None:
    one_agent_who_talks(hotline)
    for _ in range(2):
        owner = await asks_for_a_person(hotline)
        await owner.hears("queue-choices")
        await owner.presses("1")
        await owner.is_hung_up()
    (task,) = hotline.tasks()
    assert task.times == 2


async def test_the_freed_agent_does_not_answer_and_the_caller_keeps_the_place(hotline: Hotline) -> None:
    agent = one_agent_who_talks(hotline)
    owner = await asks_for_a_person(hotline)
    await owner.hears("all-busy")
    agent.hangs_up()
    await agent.rings()
    await owner.hears("nobody-free", "beep")
    owner.hangs_up()
