"""One gate: a call that may not leave is refused with its reason, whoever has asked for it (R05-8, R20-1, R20-5)."""

import asyncio

import pytest

from models.calls import outgoing
from models.states.calls import AttemptOutcome, Ring, ToMake
from models.states.surveys import SurveyState
from models.states.tickets import TaskKind, TaskState, TicketState
from models.tables import CallToMake, Staff, Task, TicketEvent
from tests.flows.calls.calling_back import accepts, ask, ended, gives_up, outcomes, state
from tests.flows.surveys.following_up import is_done, is_over, ticket_state
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("16812345678", "premium"),
        ("16812345", "premium"),
        ("02116812345", "premium"),
        ("1259012345", "premium"),
        ("95588", "service"),
        ("1795113800138000", "service"),
        ("9110", "emergency"),
        ("010110", "emergency"),
        ("0044207946000", "international"),
        ("8000", "own"),
        ("1199", "own"),
        ("12345678", "unknown"),
    ],
)
async def test_a_caller_whose_number_must_not_be_called_is_not_called_back(
    hotline: Hotline, number: str, why: str
) -> None:
    """R05-8, R20-5: the task stays, and says why; a colleague who knows another number can help."""
    dialled = hotline.dial(number=number)
    await dialled.hears("menu")
    await dialled.presses("12")
    await dialled.until(lambda: dialled.hears_ringing, "ringing")
    dialled.hangs_up()
    await dialled.is_hung_up()
    await asyncio.sleep(1)
    (task,) = hotline.every(Task, state=TaskState.OPEN)
    (agent,) = hotline.only("7001")
    agent.answers()
    rung = len(agent.rung)
    asked = await ended(hotline, ask(hotline, task), within=5)
    assert (asked.state, asked.flag, outcomes(hotline)) == (ToMake.REFUSED, f"refused-{why}", [AttemptOutcome.REFUSED])
    await asyncio.sleep(60)
    assert (len(agent.rung), hotline.switch.network) == (rung, {}), "nobody is rung"
    (task,) = hotline.every(Task, id=task.id)
    assert (task.state, task.note.splitlines()[-1]) == (TaskState.OPEN, f"refused-{why}")
    assert f"refused-{why}" in [event.text for event in hotline.every(TicketEvent, ticket_id=task.ticket_id)]
    ask(hotline, task)
    (task,) = hotline.every(Task, id=task.id)
    assert task.note.count(f"refused-{why}") == 1


async def test_a_call_that_was_requested_before_the_policy_forbade_it_is_refused(hotline: Hotline) -> None:
    hotline.only()
    task = await gives_up(hotline, STRANGER)
    await hotline.is_killed()
    asked = ask(hotline, task)
    assert asked.state is ToMake.WAITING
    hotline.rules("gate", call_back=["local"])
    await hotline.begin()
    assert (await ended(hotline, asked)).flag == "refused-mobile"
    assert STRANGER not in hotline.switch.network
    assert state(hotline, task) is TaskState.OPEN
    assert hotline.store.read(outgoing.tries, [task.id]) == {task.id: [AttemptOutcome.REFUSED]}


@pytest.mark.parametrize("ours", ["1101", "7020"])
async def test_a_call_back_to_one_of_our_own_telephones_rings_it_and_not_the_trunk(hotline: Hotline, ours: str) -> None:
    task = await gives_up(hotline, ours)
    (agent,) = hotline.only("7001")
    agent.answers()
    guest = hotline.switch.phone(ours)
    guest.online = True
    guest.answers(after=4)
    asked = ask(hotline, task)
    await accepts(agent)
    await guest.talks_with(agent)
    await asyncio.sleep(20)
    agent.hangs_up()
    await guest.is_hung_up()
    assert (await ended(hotline, asked)).state is ToMake.CONNECTED
    assert (ours in hotline.switch.network, state(hotline, task)) == (False, TaskState.CLOSED)


async def test_a_customer_whose_number_must_not_be_called_is_asked_in_person(hotline: Hotline) -> None:
    hotline.rules("follow_up", delay_minutes=0)
    hotline.rules("gate", follow_up=["local"])
    await hotline.is_restarted()
    ticket = is_done(hotline)
    survey = await is_over(hotline)
    assert (survey.state, outcomes(hotline)) == (SurveyState.NOT_REACHED, [AttemptOutcome.REFUSED])
    assert OWNER not in hotline.switch.network
    (task,) = hotline.every(Task, kind=TaskKind.FOLLOW_UP)
    assert (task.note, ticket_state(hotline, ticket)) == ("refused-mobile", TicketState.DONE)
    assert [event.text for event in hotline.every(TicketEvent, text="refused-mobile")] == ["refused-mobile"]
    assert [call.flag for call in hotline.every(CallToMake)] == ["refused-mobile"]


async def test_a_mobile_of_the_staff_that_must_not_be_called_never_rings(
    hotline: Hotline, caplog: pytest.LogCaptureFixture
) -> None:
    hotline.only("7002")
    hotline.store.write(lambda s: setattr(s.get_one(Staff, "7001"), "mobile", "16812345"))
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("0")
    await hotline.phone("7002").rings()
    await asyncio.sleep(20)
    caller.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(1)
    assert {ring[1]: ring[3] for ring in hotline.rings()} == {"7002": Ring.CALLER_GONE}
    assert hotline.switch.network == {}
    assert "the mobile of 7001" in caplog.text
