"""A colleague makes the owed call back; a talk settles the task (R17-1, R08-2)."""

import asyncio

import pytest

from models.calls import outgoing
from models.calls.outgoing import CannotCall
from models.states.calls import AttemptOutcome, Ring, ToMake
from models.states.tickets import TaskState, TicketKind
from models.tables import Attempt, Call, CallToMake
from models.tickets import tasks
from tests.flows.calls.calling_back import accepts, ask, ended, gives_up, outcomes, state
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows


async def test_a_colleague_is_rung_then_the_customer_and_their_talk_settles_the_task(hotline: Hotline) -> None:
    task = await gives_up(hotline, keys="12")
    (agent,), owner = hotline.only("7001"), hotline.switch.public(OWNER).answers(after=4)
    agent.answers()
    asked = ask(hotline, task)
    await agent.hears("whisper-call-back", "building", "room", "kind-repair", "accept-call-back")
    assert owner.rung == [], "nobody is called before a colleague has said yes"
    await agent.presses("1")
    await agent.hears("call-back-dialling")
    await owner.rings()
    await agent.until(lambda: agent.hears_ringing, "ringing")
    await owner.hears("greeting", "recording-notice", "badge", "digit-7", "serves-you")
    await owner.talks_with(agent)
    assert state(hotline, task) is TaskState.OPEN
    await asyncio.sleep(20)
    agent.hangs_up()
    await owner.is_hung_up()
    assert "goodbye" not in owner.prompts, "the owner has not called us"
    done = await ended(hotline, asked)
    assert (done.state, outcomes(hotline)) == (ToMake.CONNECTED, [AttemptOutcome.CONNECTED])
    assert state(hotline, task) is TaskState.CLOSED
    call = hotline.every(Call)[-1]
    assert (call.mode, call.caller_number, call.ticket_id) == ("call-back", OWNER, task.ticket_id)
    assert hotline.every(Attempt)[0].call_id == call.id
    assert hotline.rings() == [("call-back", "7001", 1, Ring.CONNECTED)]
    assert len(hotline.record().talks) == len(hotline.record().recordings) == 1


async def test_the_named_colleague_makes_the_call_back(hotline: Hotline) -> None:
    task = await gives_up(hotline)
    hotline.switch.public(OWNER).answers()
    agent = hotline.phone("7010").answers()
    asked = ask(hotline, task, "7010")
    await accepts(agent)
    await agent.talks_with(hotline.switch.public(OWNER))
    hotline.switch.public(OWNER).hangs_up()
    await agent.is_hung_up()
    await ended(hotline, asked)
    assert hotline.every(Attempt)[0].staff_number == "7010"
    assert state(hotline, task) is TaskState.OPEN, "a talk of no length settles nothing"


@pytest.mark.parametrize("what", ["busy", "declined", "no-answer", "unreachable"])
async def test_the_colleague_hears_why_the_customer_is_not_reached(hotline: Hotline, what: str) -> None:
    task = await gives_up(hotline)
    owner = hotline.switch.public(OWNER)
    {"busy": owner.is_busy, "declined": owner.declines, "no-answer": owner.ignores, "unreachable": owner.is_unplugged}[
        what
    ]()
    (agent,) = hotline.only("7001")
    agent.answers()
    asked = ask(hotline, task)
    await accepts(agent)
    await agent.hears_out(f"call-back-{what}")
    await agent.is_hung_up()
    assert (await ended(hotline, asked)).state is ToMake.NOT_REACHED
    assert outcomes(hotline) == [AttemptOutcome(what)]
    assert state(hotline, task) is TaskState.OPEN
    assert len(hotline.tasks()) == 1
    assert hotline.tasks()[0].times == 1


async def test_no_colleague_answers_and_the_customer_is_not_called(hotline: Hotline) -> None:
    task = await gives_up(hotline)
    hotline.only("7001", "7002")
    hotline.phone("7001").answers()
    asked = ask(hotline, task)
    await hotline.phone("7001").hears("accept-call-back")
    await hotline.phone("7001").presses("2")
    assert (await ended(hotline, asked)).state is ToMake.NO_AGENT
    assert OWNER not in hotline.switch.network
    assert {ring[1]: ring[3] for ring in hotline.rings()} == {"7001": Ring.DECLINED, "7002": Ring.NO_ANSWER}
    assert state(hotline, task) is TaskState.OPEN


async def test_without_a_free_telephone_the_call_back_ends_at_once(hotline: Hotline) -> None:
    task = await gives_up(hotline)
    hotline.only()
    assert (await ended(hotline, ask(hotline, task), within=5)).state is ToMake.NO_AGENT


@pytest.mark.parametrize("seconds", [0.5, 2.0, 6.0])
async def test_the_colleague_hangs_up_and_the_customers_telephone_stops_ringing(
    hotline: Hotline, seconds: float
) -> None:
    task = await gives_up(hotline)
    owner, (agent,) = hotline.switch.public(OWNER), hotline.only("7001")
    agent.answers()
    asked = ask(hotline, task)
    await accepts(agent)
    await asyncio.sleep(seconds)
    agent.hangs_up()
    assert (await ended(hotline, asked)).state is ToMake.NOT_REACHED
    await owner.is_hung_up()
    assert outcomes(hotline) == [AttemptOutcome.AGENT_GONE]


@pytest.mark.parametrize("milliseconds", range(0, 60, 4))
async def test_the_colleague_hangs_up_as_the_customer_answers_and_the_customer_is_not_left_alone(
    hotline: Hotline, milliseconds: int
) -> None:
    task = await gives_up(hotline)
    owner, (agent, other) = hotline.switch.public(OWNER), hotline.only("7001", "7002")
    agent.answers()
    asked = ask(hotline, task, "7001")
    await accepts(agent)
    await owner.rings()
    owner.picks_up()
    await asyncio.sleep(milliseconds / 1000)
    agent.hangs_up()
    agent.ignores()
    other.answers()
    await ended(hotline, asked)
    if outcomes(hotline) == [AttemptOutcome.CONNECTED]:
        await owner.talks_with(other)
        other.hangs_up()
    await owner.is_hung_up()


@pytest.mark.parametrize("milliseconds", range(0, 60, 4))
async def test_the_customer_hangs_up_right_after_answering(hotline: Hotline, milliseconds: int) -> None:
    task = await gives_up(hotline)
    owner, (agent,) = hotline.switch.public(OWNER), hotline.only("7001")
    agent.answers()
    asked = ask(hotline, task)
    await accepts(agent)
    await owner.rings()
    owner.picks_up()
    await asyncio.sleep(milliseconds / 1000)
    owner.hangs_up()
    await agent.is_hung_up()
    await ended(hotline, asked)
    assert state(hotline, task) is TaskState.OPEN


async def test_two_requests_for_a_call_back_make_one_call(hotline: Hotline) -> None:
    task = await gives_up(hotline)
    hotline.only()
    assert ask(hotline, task).id == ask(hotline, task).id


async def test_an_urgent_repair_is_called_back_first(hotline: Hotline) -> None:
    """Requested later and created later, it is still rung and listed first (R08-2)."""
    ordinary = await gives_up(hotline, STRANGER)
    await asyncio.sleep(600)
    urgent = await gives_up(hotline, OWNER, keys="11")
    assert hotline.ticket().kind is TicketKind.URGENT_REPAIR
    assert [task.id for task in hotline.store.read(tasks.pending, limit=9)] == [urgent.id, ordinary.id]
    for one in (ordinary, urgent):
        ask(hotline, one)
    now = hotline.clock.now()
    first = hotline.store.write(outgoing.claim, by="test", at=now, until=now)
    assert first is not None
    assert first.task is not None
    assert first.task.id == urgent.id
    await ended(hotline, hotline.every(CallToMake, task_id=urgent.id)[0], within=400)


async def test_without_an_open_task_or_a_number_there_is_no_call_back(hotline: Hotline) -> None:
    task = await gives_up(hotline)
    hotline.store.write(tasks.close, task.id, at=hotline.clock.now())
    with pytest.raises(CannotCall, match="no open task"):
        ask(hotline, task)
    hidden = hotline.dial(number="anonymous")
    await hidden.hears("menu")
    await hidden.presses("0")
    await hidden.until(lambda: hidden.hears_ringing, "ringing")
    hidden.hangs_up()
    await hidden.is_hung_up()
    await asyncio.sleep(1)
    with pytest.raises(CannotCall, match="no number"):
        ask(hotline, hotline.tasks()[-1])


# -- crashes -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def lease(hotline: Hotline) -> float:
    return hotline.policy.outgoing.lease_s


async def test_killed_while_the_colleague_is_rung_the_call_is_repeated_and_never_rings_twice_at_once(
    hotline: Hotline, lease: float
) -> None:
    task = await gives_up(hotline)
    owner, (agent,) = hotline.switch.public(OWNER).answers(), hotline.only("7001")
    asked = ask(hotline, task)
    await agent.rings()
    await hotline.is_restarted()
    await agent.is_hung_up()
    agent.answers()
    await accepts(agent)
    assert agent.rung[-1] - agent.rung[0] < lease + 10
    await owner.talks_with(agent)
    await asyncio.sleep(10)
    agent.hangs_up()
    await owner.is_hung_up()
    await ended(hotline, asked)
    assert outcomes(hotline) == [AttemptOutcome.INTERRUPTED, AttemptOutcome.CONNECTED]
    assert state(hotline, task) is TaskState.CLOSED


async def test_killed_while_the_customer_is_rung_the_ringing_stops_and_never_doubles(
    hotline: Hotline, lease: float
) -> None:
    task = await gives_up(hotline)
    owner, (agent,) = hotline.switch.public(OWNER), hotline.only("7001")
    agent.answers()
    asked = ask(hotline, task)
    await accepts(agent)
    await owner.rings()
    await hotline.is_killed()
    await asyncio.sleep(lease + 30)
    assert owner.is_ringing, "nobody was there to stop it"
    hotline.employ()
    await hotline.begin()
    owner.answers(after=2)
    await accepts(agent)
    await owner.talks_with(agent)
    assert sum(channel.person is owner for channel in hotline.switch.channels.values()) == 1
    await asyncio.sleep(10)
    owner.hangs_up()
    await agent.is_hung_up()
    await ended(hotline, asked)
    assert state(hotline, task) is TaskState.CLOSED


async def test_killed_during_the_talk_it_goes_on_and_its_end_settles_the_task(hotline: Hotline) -> None:
    task = await gives_up(hotline)
    owner, (agent,) = hotline.switch.public(OWNER).answers(), hotline.only("7001")
    agent.answers()
    asked = ask(hotline, task)
    await accepts(agent)
    await owner.talks_with(agent)
    await hotline.is_restarted()
    await asyncio.sleep(20)
    assert owner._in_talk(agent)
    agent.hangs_up()
    await owner.is_hung_up()
    assert (await ended(hotline, asked)).state is ToMake.CONNECTED
    assert state(hotline, task) is TaskState.CLOSED
    assert "goodbye" not in owner.prompts


async def test_the_connection_breaks_for_a_moment_and_the_call_is_made_again(hotline: Hotline, lease: float) -> None:
    task = await gives_up(hotline)
    owner, (agent,) = hotline.switch.public(OWNER).answers(), hotline.only("7001")
    asked = ask(hotline, task)
    await agent.rings()
    hotline.switch.lose_connection()
    await agent.is_hung_up()
    agent.answers()
    await accepts(agent)
    await owner.talks_with(agent)
    await asyncio.sleep(10)
    agent.hangs_up()
    await owner.is_hung_up()
    await ended(hotline, asked)
    assert hotline.tasks()[0].times == 1


async def test_a_customer_who_has_reached_us_meanwhile_is_not_called(hotline: Hotline) -> None:
    task = await gives_up(hotline)
    await hotline.is_killed()
    asked = ask(hotline, task)
    hotline.store.write(tasks.reached, OWNER, before=hotline.clock.now(), at=hotline.clock.now(), note="talked")
    hotline.employ()
    await hotline.begin()
    assert (await ended(hotline, asked)).state is ToMake.CANCELLED
    assert len(hotline.every(Call)) == 1
