"""A due call back is made by itself: an agent takes it by key, then the customer is called (R17-1)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from models.calls import outgoing
from models.people import presence
from models.states.calls import AttemptOutcome, Ring, ToMake
from models.states.people import PresenceState
from models.states.tickets import TaskState
from models.tables import Attempt, CallToMake, TrunkCall
from models.tickets import tasks
from scheduler.scans.call_backs import call_backs
from scheduler.scope import Scope
from tests.flows.calls.calling_back import accepts, ask, ended, gives_up, outcomes, state
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows


@asynccontextmanager
async def scheduler(hotline: Hotline) -> AsyncIterator[None]:
    """The scan runs every five seconds, as in `hotline scheduler`."""
    scope = Scope(hotline.home, hotline.site, hotline.policy, hotline.store, hotline.clock)

    async def forever() -> None:
        while True:
            call_backs(scope)
            await asyncio.sleep(5)

    running = asyncio.create_task(forever())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def made(hotline: Hotline, state: ToMake | None = None) -> CallToMake:
    """The newest call back has ended."""
    async with asyncio.timeout(600):
        while True:
            if found := hotline.every(CallToMake):
                break
            await asyncio.sleep(0.5)
    last = await ended(hotline, found[-1], within=600)
    assert state in (None, last.state)
    return last


async def test_an_agent_takes_it_by_key_and_the_customer_is_called_within_the_minutes_promised(
    hotline: Hotline,
) -> None:
    task = await gives_up(hotline, keys="12")
    (agent,), owner = hotline.only("7001"), hotline.switch.public(OWNER).answers(after=4)
    agent.answers()
    async with scheduler(hotline):
        await agent.hears("whisper-call-back", "building", "room", "kind-repair", "accept-call-back")
        assert hotline.clock.now() < task.opened_at + timedelta(minutes=2) < task.due_at
        assert owner.rung == []
        await agent.presses("1")
        await owner.talks_with(agent)
        await asyncio.sleep(20)
        agent.hangs_up()
        await owner.is_hung_up()
        await asyncio.sleep(60)
    assert state(hotline, task) is TaskState.CLOSED
    assert outcomes(hotline) == [AttemptOutcome.CONNECTED]
    assert [row.known for row in hotline.every(TrunkCall)] == [True]


async def test_of_a_stranger_the_agent_hears_the_last_four_digits(hotline: Hotline) -> None:
    await gives_up(hotline, STRANGER)
    (agent,) = hotline.only("7001")
    agent.answers()
    async with scheduler(hotline):
        await agent.hears("whisper-ending", "digit-8", "digit-0", "digit-0", "digit-0", "accept-call-back")
        await agent.presses("2")
        await made(hotline, ToMake.NO_AGENT)
    assert agent.prompts.count("digit-0") == 3
    assert STRANGER not in hotline.switch.network


async def test_an_agent_who_declines_or_does_not_lift_is_followed_by_the_next(hotline: Hotline) -> None:
    task = await gives_up(hotline)
    first, second, third = hotline.only("7001", "7002", "7003")
    hotline.switch.public(OWNER).answers()
    first.answers()
    third.answers()
    async with scheduler(hotline):
        await first.hears("accept-call-back")
        await first.presses("2")
        await second.rings()
        await accepts(third)
        await hotline.switch.public(OWNER).talks_with(third)
        await asyncio.sleep(10)
        third.hangs_up()
        await hotline.switch.public(OWNER).is_hung_up()
    assert state(hotline, task) is TaskState.CLOSED
    assert {ring[1]: ring[3] for ring in hotline.rings()} == {
        "7001": Ring.DECLINED,
        "7002": Ring.TAKEN,
        "7003": Ring.CONNECTED,
    }


async def test_nobody_takes_it_and_the_agents_are_asked_again(hotline: Hotline) -> None:
    task = await gives_up(hotline)
    (agent,) = hotline.only("7001")
    async with scheduler(hotline):
        await made(hotline, ToMake.NO_AGENT)
        first = hotline.clock.now()
        await agent.is_hung_up()
        await agent.rings()
    assert hotline.clock.now() - first >= timedelta(minutes=hotline.policy.call_back.no_agent_minutes)
    await ended(hotline, hotline.every(CallToMake)[-1])
    assert state(hotline, task) is TaskState.OPEN


async def test_an_agent_on_a_break_or_writing_up_a_talk_is_not_rung(hotline: Hotline) -> None:
    """R05-1, R11-3."""
    hotline.switch.public(OWNER).answers()
    task = await gives_up(hotline)
    agent, resting = hotline.only("7001", "7002")
    agent.answers()
    hotline.store.write(presence.say, "7002", PresenceState.BREAK, at=hotline.clock.now())
    other = hotline.dial(number=STRANGER)
    await other.hears("menu")
    await other.presses("0")
    await other.talks_with(agent)
    await asyncio.sleep(50)
    agent.hangs_up()
    await other.is_hung_up()
    began = hotline.clock.now()
    agent.rung.clear()
    async with scheduler(hotline):
        await made(hotline, ToMake.NO_AGENT)
        assert (agent.rung, resting.rung) == ([], [])
        await accepts(agent)
        assert hotline.clock.now() - began > timedelta(seconds=hotline.policy.call_back.wrap_up_s)
        agent.hangs_up()
        await made(hotline, ToMake.NOT_REACHED)
    assert resting.rung == []
    assert state(hotline, task) is TaskState.OPEN


async def test_two_that_are_due_never_ring_at_one_agent(hotline: Hotline) -> None:
    for number in (OWNER, "13900000002"):
        await gives_up(hotline, number)
    (agent,) = hotline.only("7001")
    agent.rung.clear()
    async with scheduler(hotline):
        await agent.rings()
        await asyncio.sleep(10)
    assert len(agent.rung) == 1
    for asked in hotline.every(CallToMake):
        await ended(hotline, asked)
    assert sorted(call.state for call in hotline.every(CallToMake)) == [ToMake.NO_AGENT] * 2


@pytest.mark.parametrize("what", ["busy", "no-answer"])
async def test_a_customer_who_is_not_reached_is_called_again_later(hotline: Hotline, what: str) -> None:
    await gives_up(hotline)
    owner, (agent,) = hotline.switch.public(OWNER), hotline.only("7001")
    {"busy": owner.is_busy, "no-answer": owner.ignores}[what]()
    agent.answers()
    async with scheduler(hotline):
        await accepts(agent)
        await agent.hears_out(f"call-back-{what}")
        await agent.is_hung_up()
        owner.answers()
        first = hotline.clock.now()
        await asyncio.sleep(300)
        await accepts(agent)
        await owner.talks_with(agent)
        assert timedelta(minutes=10) <= hotline.clock.now() - first < timedelta(minutes=11)
        await asyncio.sleep(10)
        agent.hangs_up()
        await owner.is_hung_up()
    assert outcomes(hotline) == [AttemptOutcome(what), AttemptOutcome.CONNECTED]


async def test_the_agent_hangs_up_while_the_customer_rings_and_the_call_back_stays_due(hotline: Hotline) -> None:
    task = await gives_up(hotline)
    owner, (agent,) = hotline.switch.public(OWNER), hotline.only("7001")
    agent.answers()
    async with scheduler(hotline):
        await accepts(agent)
        await owner.rings()
        agent.hangs_up()
        await owner.is_hung_up()
        await made(hotline, ToMake.NOT_REACHED)
    (found,) = hotline.every(type(task), id=task.id)
    assert (found.state, outcomes(hotline)) == (TaskState.OPEN, [AttemptOutcome.AGENT_GONE])
    assert found.call_at is not None


async def test_a_customer_who_calls_in_while_the_agent_is_rung_is_not_called(hotline: Hotline) -> None:
    task = await gives_up(hotline)
    (agent,) = hotline.only("7001")
    agent.answers()
    async with scheduler(hotline):
        await agent.hears("accept-call-back")
        caller = hotline.dial(number=OWNER)
        await caller.hears("menu")
        await agent.presses("1")
        await agent.hears_out("call-back-busy")
        await agent.is_hung_up()
        await caller.presses("0")
        await caller.talks_with(agent)
        await asyncio.sleep(10)
        agent.hangs_up()
        await caller.is_hung_up()
        await asyncio.sleep(300)
    assert OWNER not in hotline.switch.network
    assert state(hotline, task) is TaskState.CLOSED
    assert len(hotline.every(CallToMake)) == 1


async def test_a_customer_who_has_been_served_meanwhile_ends_the_call_back_at_once(hotline: Hotline) -> None:
    """The agent's telephone stops ringing; one who has accepted hears why."""
    for moment in ("rung", "accepted"):
        task = await gives_up(hotline)
        owner, (agent,) = hotline.switch.public(OWNER), hotline.only("7001")
        agent.ignores() if moment == "rung" else agent.answers()
        asked = ask(hotline, task)
        if moment == "rung":
            await agent.rings()
        else:
            await accepts(agent)
            await owner.rings()
        now = hotline.clock.now()
        hotline.store.write(tasks.reached, OWNER, before=now, at=now, note="talked")
        await agent.is_hung_up(within=8)
        assert ("call-back-not-needed" in agent.prompts) is (moment == "accepted")
        if moment == "accepted":
            await owner.is_hung_up()
        assert (await ended(hotline, asked)).state is ToMake.CANCELLED
        await asyncio.sleep(5)
    assert outcomes(hotline) == [AttemptOutcome.CANCELLED] * 2


async def test_killed_at_any_moment_it_is_made_again_and_never_twice_at_once(hotline: Hotline) -> None:
    await gives_up(hotline)
    owner, (agent,) = hotline.switch.public(OWNER), hotline.only("7001")
    agent.answers()
    async with scheduler(hotline):
        for reached in (agent.rings, lambda: agent.hears("accept-call-back"), owner.rings):
            await reached() if reached != owner.rings else await accepted(agent, reached)
            await hotline.is_restarted()
            await agent.is_hung_up()
            assert len(hotline.every(CallToMake)) == 1, "the one claim"
        owner.answers()
        await accepts(agent)
        await owner.talks_with(agent)
        assert sum(channel.person is owner for channel in hotline.switch.channels.values()) == 1
        await asyncio.sleep(10)
        agent.hangs_up()
        await owner.is_hung_up()
    assert outcomes(hotline) == [AttemptOutcome.INTERRUPTED] * 3 + [AttemptOutcome.CONNECTED]


async def accepted(agent: Any, reached: Any) -> None:
    await accepts(agent)
    await reached()


# -- *33 ---------------------------------------------------------------------------------------------------------------


async def test_an_agent_takes_the_next_one_at_the_telephone_in_the_hand(hotline: Hotline) -> None:
    task = await gives_up(hotline, keys="12")
    (agent,), owner = hotline.only("7001"), hotline.switch.public(OWNER).answers(after=4)
    agent.rung.clear()
    agent.dials("*33")
    await agent.hears("whisper-call-back", "building", "room", "kind-repair", "call-back-dialling")
    await owner.talks_with(agent)
    await asyncio.sleep(10)
    agent.hangs_up()
    await owner.is_hung_up()
    assert state(hotline, task) is TaskState.CLOSED
    assert agent.rung == [], "it is not rung: it is in the hand"
    assert hotline.rings() == [("call-back", "7001", 0, Ring.CONNECTED)]
    assert [attempt.staff_number for attempt in hotline.every(Attempt)] == ["7001"]


async def test_with_nobody_to_call_back_the_agent_hears_it(hotline: Hotline) -> None:
    (agent,) = hotline.only("7001")
    agent.dials("*33")
    await agent.hears_out("call-back-none")
    await agent.is_hung_up()


async def test_an_agent_who_hangs_up_while_he_hears_whom_to_call_calls_nobody(hotline: Hotline) -> None:
    task = await gives_up(hotline)
    (agent,) = hotline.only("7001")
    agent.dials("*33")
    await agent.hears("whisper-call-back")
    agent.hangs_up()
    assert (await made(hotline)).state is ToMake.NO_AGENT
    assert OWNER not in hotline.switch.network
    assert state(hotline, task) is TaskState.OPEN


async def test_an_agent_who_hangs_up_at_once_is_rung_for_it(hotline: Hotline) -> None:
    await gives_up(hotline)
    (agent,) = hotline.only("7001")
    agent.dials("*33")
    await asyncio.sleep(0.1)
    agent.hangs_up()
    await made(hotline, ToMake.NO_AGENT)
    assert OWNER not in hotline.switch.network


async def test_while_too_many_calls_are_made_the_agent_hears_that_the_telephone_rings_later(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gives_up(hotline)
    (agent,) = hotline.only("7001")
    real = outgoing.any_due
    monkeypatch.setattr(outgoing, "any_due", lambda *_, **__: False)
    agent.dials("*33")
    await agent.hears_out("call-back-later")
    await agent.is_hung_up()
    monkeypatch.setattr(outgoing, "any_due", real)
    await agent.rings()
    await made(hotline)
