"""A caller we could not serve is owed a call by the line's group, until they have talked with somebody (R17-1)."""

import asyncio
from datetime import timedelta

import pytest

from models.states.calls import EndedBy
from models.states.tickets import TaskState
from models.tables import Task
from tests.fakes.people import FakeCaller
from tests.flows.calls.calling_back import gives_up
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows


async def test_a_caller_who_gives_up_while_it_rings_is_owed_a_call_by_the_group_within_thirty_minutes(
    hotline: Hotline,
) -> None:
    task = await gives_up(hotline)
    assert (task.owner_group, task.note) == ("agents", "hung up while ringing")
    assert task.due_at - task.opened_at == timedelta(minutes=30)
    assert task.ticket_id == hotline.ticket().id


async def test_a_caller_who_gives_up_repeatedly_is_one_task_with_a_count(hotline: Hotline) -> None:
    first = await gives_up(hotline)
    again = await gives_up(hotline)
    assert (again.id, again.times) == (first.id, 2)


async def leaves_while_waiting(hotline: Hotline) -> FakeCaller:
    (agent,) = hotline.only("7001")
    agent.answers()
    talking = hotline.dial(number=STRANGER)
    await talking.hears("menu")
    await talking.presses("0")
    await talking.talks_with(agent)
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("0")
    await caller.hears("all-busy")
    caller.hangs_up()
    await caller.is_hung_up()
    agent.hangs_up()
    return caller


async def test_a_caller_who_gives_up_in_the_queue_is_owed_a_call(hotline: Hotline) -> None:
    await leaves_while_waiting(hotline)
    assert [(task.number, task.note) for task in hotline.tasks()] == [(OWNER, "hung up while waiting")]


@pytest.mark.parametrize(("spoken_s", "owed"), [(0.2, True), (4.0, False)])
async def test_a_caller_who_hangs_up_in_the_message_without_a_word_is_owed_a_call(
    hotline: Hotline, spoken_s: float, owed: bool
) -> None:
    hotline.only()
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("0")
    await caller.hears_out("beep")
    caller.speaks(spoken_s)
    await asyncio.sleep(spoken_s)
    caller.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(1)
    assert [task.number for task in hotline.tasks()] == [OWNER] * owed


async def test_a_caller_who_left_a_message_or_heard_the_tickets_state_is_owed_no_call(hotline: Hotline) -> None:
    hotline.only()
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("0")
    await caller.hears_out("beep")
    caller.speaks(5)
    await caller.hears("message-saved")
    caller.hangs_up()
    await caller.is_hung_up()
    again = hotline.dial()
    await again.hears("menu")
    await again.presses("4")
    await again.hears("your-ticket")
    again.hangs_up()
    await again.is_hung_up()
    await asyncio.sleep(1)
    assert hotline.tasks() == []


async def test_a_caller_who_hangs_up_in_the_menu_is_owed_no_call(hotline: Hotline) -> None:
    caller = hotline.dial()
    await caller.hears("menu")
    caller.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(1)
    assert hotline.tasks() == []


async def test_a_caller_who_hangs_up_in_the_menu_after_our_interruption_is_owed_a_call(hotline: Hotline) -> None:
    """R17-1: the caller's earlier choice may have been lost with us."""
    caller = hotline.dial()
    await caller.hears("menu")
    await hotline.is_restarted()
    await caller.hears("interrupted", "menu")
    caller.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(1)
    assert [(task.number, task.note) for task in hotline.tasks()] == [(OWNER, "hung up while in the menu")]


async def test_a_caller_who_hangs_up_during_the_agents_number_is_owed_a_call(hotline: Hotline) -> None:
    hotline.phone("7001").answers()
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("0")
    await caller.hears("badge")
    caller.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(1)
    assert [task.note for task in hotline.tasks()] == ["hung up while ringing"]


async def test_a_caller_who_reaches_us_later_is_no_longer_owed_a_call(hotline: Hotline) -> None:
    task = await gives_up(hotline)
    agent = hotline.phone("7001").answers()
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("0")
    await caller.talks_with(agent)
    await asyncio.sleep(30)
    caller.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(1)
    (closed,) = hotline.every(Task)
    assert (closed.id, closed.state) == (task.id, TaskState.CLOSED)
    assert closed.note.splitlines()[-1] == "talked with: 7001"
    assert hotline.record().call.ended_by is EndedBy.CALLER
