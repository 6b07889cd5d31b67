"""Shared by stories about owed calls: a caller who gives up, and a requested call back."""

import asyncio

from models.calls import outgoing
from models.states.calls import AttemptOutcome
from models.states.tickets import TaskState
from models.tables import Attempt, CallToMake, Task
from tests.fakes.people import FakePhone
from tests.flows.world import OWNER, Hotline


async def gives_up(hotline: Hotline, number: str = OWNER, keys: str = "0") -> Task:
    """A caller who hangs up while it rings; returns the task for the call back."""
    caller = hotline.dial(number=number)
    await caller.hears("menu")
    await caller.presses(keys[0])
    if keys[1:]:
        await caller.hears("repair-menu")
        await caller.presses(keys[1:])
    await caller.until(lambda: caller.hears_ringing, "ringing")
    await asyncio.sleep(3)
    caller.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(1)
    (task,) = hotline.every(Task, number=number, state=TaskState.OPEN)
    assert isinstance(task, Task)
    return task


def ask(hotline: Hotline, task: Task, staff: str | None = None) -> CallToMake:
    at, rules = hotline.clock.now(), {"site": hotline.site, "policy": hotline.policy}
    return hotline.store.write(outgoing.ask_back, task.id, staff_number=staff, by="test", at=at, **rules)


async def ended(hotline: Hotline, asked: CallToMake, within: float = 200.0) -> CallToMake:
    async with asyncio.timeout(within):
        while True:
            (found,) = hotline.every(CallToMake, id=asked.id)
            if found.ended_at is not None:
                assert isinstance(found, CallToMake)
                return found
            await asyncio.sleep(0.5)


def outcomes(hotline: Hotline) -> list[AttemptOutcome | None]:
    return [attempt.outcome for attempt in hotline.every(Attempt)]


def state(hotline: Hotline, task: Task) -> TaskState:
    (found,) = hotline.every(Task, id=task.id)
    return TaskState(found.state)


async def accepts(agent: FakePhone) -> None:
    await agent.hears("whisper-call-back", "accept-call-back")
    await agent.presses("1")
