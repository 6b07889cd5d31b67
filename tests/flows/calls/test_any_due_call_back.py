"""Whatever agents, customer and machine do, at any moment: an owed call back is made once at a time, and is never lost
(R17-1)."""

import asyncio
import random
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.calls import outgoing
from models.policy import Policy
from models.site import Site
from models.states.tickets import TaskState
from models.tables import Attempt, CallToMake, Task
from tests.fakes import virtual_time
from tests.fakes.people import FakePhone
from tests.fakes.virtual_time import VirtualLoop
from tests.flows.calls.calling_back import ask, ended, gives_up
from tests.flows.calls.test_due_call_back import scheduler
from tests.flows.calls.test_whatever_happens import has_the_habit
from tests.flows.conftest import MONDAY_10_H
from tests.flows.world import OWNER, Hotline, open_store

pytestmark = pytest.mark.flows

BREAK, KILL, CODE, COMMAND, CALLS_IN, HANGS_UP = "break", "kill", "*33", "command", "calls in", "hangs up"
AGENTS = ("7001", "7002", "7003")

pauses = st.sampled_from([0.0, 0.02, 0.6, 2.0, 5.0, 9.0, 20.0, 45.0, 130.0])
habits = st.sampled_from(["ignores", "answers", "declines", "busy", "unplugged", "elsewhere"])
after = st.sampled_from([0.0, 0.5, 4.0, 9.0])


@dataclass(frozen=True)
class Plot:
    """What everyone does. `keys` are pressed by each agent when the question begins; `seed` varies the delays."""

    agents: list[tuple[str, float, str]]
    customer: tuple[str, float]
    acts: list[tuple[float, str]]
    seed: int


plots = st.builds(
    Plot,
    agents=st.lists(st.tuples(habits, after, st.sampled_from(["1", "1", "2", "5", ""])), min_size=3, max_size=3),
    customer=st.tuples(st.sampled_from(["ignores", "answers", "answers", "declines", "busy", "unplugged"]), after),
    acts=st.lists(st.tuples(pauses, st.sampled_from([BREAK, KILL, CODE, COMMAND, CALLS_IN, HANGS_UP])), max_size=5),
    seed=st.integers(0, 1000),
)


@given(plot=plots)
@settings(max_examples=5, suppress_health_check=list(HealthCheck))
def test_an_owed_call_back_is_made_once_at_a_time_and_never_lost(
    plot: Plot, filled: Path, site: Site, policy: Policy
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hotline.db"
        shutil.copy(filled, file)
        store, loop = open_store(file), VirtualLoop()
        try:
            virtual_time.run(loop, plays_out(plot, Hotline(loop, store, site, policy, MONDAY_10_H)))
        finally:
            store.close()


async def plays_out(plot: Plot, hotline: Hotline) -> None:
    delays = random.Random(plot.seed)
    hotline.switch.latency = lambda: delays.choice((0.0, 0.001, 0.002, 0.02))
    phones = hotline.only(*AGENTS)
    async with hotline:
        task = await gives_up(hotline)
        for phone, (habit, after_s, _) in zip(phones, plot.agents, strict=True):
            has_the_habit(phone, habit, after_s)
        has_the_habit(hotline.switch.public(OWNER), *plot.customer)
        async with asyncio.TaskGroup() as going_on, scheduler(hotline):
            lasting = [
                going_on.create_task(answers(phone, key)) for phone, (*_, key) in zip(phones, plot.agents, strict=True)
            ]
            lasting.append(going_on.create_task(the_customer_is_called_once_at_a_time(hotline)))
            await asyncio.sleep(50)
            await acts_out(plot, hotline, task, phones)
            await asyncio.sleep(300)
            for one in lasting:
                one.cancel()
        for phone in phones:
            phone.hangs_up()
        for asked in hotline.every(CallToMake, ended_at=None):
            await ended(hotline, asked, within=400)
    assert hotline.every(Attempt, outcome=None) == []
    for found in hotline.every(Task, number=OWNER):
        tried = hotline.store.read(outgoing.tries, [found.id]).get(found.id, [])
        assert found.state is TaskState.CLOSED or found.call_at is not None or len(tried) > 3


async def answers(phone: FakePhone, key: str) -> None:
    """Presses the key a moment after lifting; who talks hangs up after a while."""
    while True:
        await phone.until(lambda: phone.channel is not None and phone.channel.state == "Up", "lifting", within=1e6)
        await asyncio.sleep(3)
        if key:
            phone.press(key)
        await asyncio.sleep(40)
        phone.hangs_up()
        await asyncio.sleep(0.5)


async def acts_out(plot: Plot, hotline: Hotline, task: Task, phones: list[FakePhone]) -> None:
    for pause_s, act in plot.acts:
        await asyncio.sleep(pause_s)
        match act:
            case "break":
                hotline.switch.lose_connection(for_s=1)
            case "kill":
                await hotline.is_restarted()
            case "*33" if phones[2].channel is None and phones[2].online:
                phones[2].dials(CODE)
            case "command" if hotline.every(Task, id=task.id, state=TaskState.OPEN):
                ask(hotline, task, "7002")
            case "calls in":
                caller = hotline.dial(number=OWNER)
                await asyncio.sleep(12)
                caller.press("0")
                await asyncio.sleep(12)
                caller.hangs_up()
            case "hangs up":
                hotline.switch.public(OWNER).hangs_up()


async def the_customer_is_called_once_at_a_time(hotline: Hotline) -> None:
    owner = hotline.switch.public(OWNER)
    while True:
        await asyncio.sleep(1.9)
        assert sum(channel.person is owner for channel in hotline.switch.channels.values()) <= 1
        assert len(hotline.every(CallToMake, ended_at=None)) <= 1
