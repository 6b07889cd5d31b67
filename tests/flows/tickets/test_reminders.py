"""Where the policy says so, the first receiver's telephone rings for a reminder of the ticket (R15-1, R15-4)."""

import asyncio
from pathlib import Path

import pytest

from models.states.tickets import EscalationState, LadderCause, StepOutcome, TaskKind, TicketState
from models.tables import Escalation, EscalationStep, Task
from models.tickets import dispatch, escalations, first_receiver, tickets
from scheduler.scans.first_receiver import first_receiver as look
from scheduler.scope import Scope
from tests.fakes.people import FakePhone
from tests.flows.tickets.on_the_telephone import dispatched, the_ticket
from tests.flows.tickets.test_notices import scheduler
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows


@pytest.fixture
def receiver(hotline: Hotline) -> FakePhone:
    """7001 has taken it down a day ago; 7020 works on it."""
    hotline.rules("first_asked", rings=True)
    hotline.rules("notify", hours="00:00-00:00")
    dispatched(hotline)
    hotline.store.write(first_receiver.receive, 1, "7001", at=hotline.clock.now())
    hotline.store.write(tickets.move, 1, to=TicketState.ACCEPTED, who="7020", at=hotline.clock.now())
    a_day_ago(hotline)
    return hotline.phone("7001")


def a_day_ago(hotline: Hotline) -> None:
    """As if it had been written then."""
    at = hotline.clock.now() - first_receiver._every(hotline.policy)
    hotline.store.write(first_receiver._reminded, 1, at)


def reminds(hotline: Hotline) -> None:
    assert look(Scope(hotline.home, hotline.site, hotline.policy, hotline.store, hotline.clock)) == 1


async def hears_it(phone: FakePhone, first: str = "reminder-open") -> None:
    await phone.hears(first, "kind-repair", "building", "room", "escalation-ticket", "digit-1", "reminder-choices")


def ladder(hotline: Hotline) -> Escalation:
    (found,) = hotline.every(Escalation, cause=LadderCause.REMINDER)
    assert isinstance(found, Escalation)
    return found


def steps(hotline: Hotline) -> list[tuple[str, StepOutcome | None]]:
    return [(step.staff_number, step.outcome) for step in hotline.every(EscalationStep)]


async def test_the_first_receiver_hears_which_ticket_is_not_done_and_key_1_ends_the_calls(
    hotline: Hotline, receiver: FakePhone, tmp_path: Path
) -> None:
    """R15-1: it stays whose it was, and the task stays open."""
    receiver.answers()
    reminds(hotline)
    async with scheduler(hotline, tmp_path):
        await hears_it(receiver)
        await receiver.presses("3")
        await hears_it(receiver)
        await receiver.presses("1")
        await receiver.hears_out("reminder-heard")
        await receiver.is_hung_up()
        await asyncio.sleep(900)
    assert (ladder(hotline).state, ladder(hotline).accepted_by) == (EscalationState.ACCEPTED, "7001")
    assert len(receiver.rung) == 1
    assert (the_ticket(hotline).assignee, the_ticket(hotline).state) == ("7020", TicketState.ACCEPTED)
    (task,) = hotline.every(Task, kind=TaskKind.FOLLOW_MATTER)
    assert (task.owner_staff, task.closed_at) == ("7001", None)


async def test_of_a_ticket_that_is_done_he_hears_to_inform_the_customer(
    hotline: Hotline, receiver: FakePhone, tmp_path: Path
) -> None:
    """R15-4."""
    receiver.answers()
    hotline.store.write(tickets.move, 1, to=TicketState.DONE, who="7020", at=hotline.clock.now())
    reminds(hotline)
    async with scheduler(hotline, tmp_path):
        await hears_it(receiver, "reminder-done")
        await receiver.presses("1")
        await receiver.hears_out("reminder-heard")
        await receiver.is_hung_up()
    assert the_ticket(hotline).state is TicketState.DONE


async def test_who_does_not_answer_is_called_as_often_as_notify_says_and_nobody_else_is(
    hotline: Hotline, receiver: FakePhone, tmp_path: Path
) -> None:
    """The task waits for him; the supervisor has none."""
    reminds(hotline)
    async with scheduler(hotline, tmp_path):
        await asyncio.sleep(1500)
    assert steps(hotline) == [("7001", StepOutcome.NO_ANSWER)] * hotline.policy.notify.tries
    assert ladder(hotline).state is EscalationState.HANDED_UP
    assert hotline.every(Task, kind=TaskKind.NOT_ACCEPTED) == []


@pytest.mark.parametrize("keys", ["", "22"])
async def test_a_voicemail_box_or_a_wrong_key_has_heard_nothing(
    hotline: Hotline, receiver: FakePhone, tmp_path: Path, keys: str
) -> None:
    receiver.answers()
    reminds(hotline)
    async with scheduler(hotline, tmp_path):
        await hears_it(receiver)
        await receiver.presses(keys)
        await receiver.hears("escalation-no-key")
        await receiver.is_hung_up()
    assert steps(hotline) == [("7001", StepOutcome.NO_KEY)]


async def test_who_hangs_up_is_called_again(hotline: Hotline, receiver: FakePhone, tmp_path: Path) -> None:
    receiver.answers()
    reminds(hotline)
    async with scheduler(hotline, tmp_path):
        await hears_it(receiver)
        receiver.hangs_up()
        await receiver.is_hung_up()
        await hears_it(receiver)
        await receiver.presses("1")
        await receiver.hears_out("reminder-heard")
        await receiver.is_hung_up()
    assert steps(hotline) == [("7001", StepOutcome.NO_KEY), ("7001", StepOutcome.ACCEPTED)]


async def test_the_ticket_is_done_and_the_telephone_stops_ringing(
    hotline: Hotline, receiver: FakePhone, tmp_path: Path
) -> None:
    """A cause that ends, ends what it caused."""
    reminds(hotline)
    async with scheduler(hotline, tmp_path):
        await receiver.rings()
        hotline.store.write(tickets.move, 1, to=TicketState.DONE, who="7020", at=hotline.clock.now())
        await receiver.is_hung_up(within=2)
        await asyncio.sleep(900)
    assert steps(hotline) == [("7001", StepOutcome.CALLED_OFF)]


async def test_who_is_off_duty_is_not_rung(hotline: Hotline, receiver: FakePhone, tmp_path: Path) -> None:
    receiver.dials("*21")
    await receiver.is_hung_up()
    reminds(hotline)
    async with scheduler(hotline, tmp_path):
        await asyncio.sleep(600)
    assert (receiver.rung, steps(hotline)) == ([], [])


async def test_nobody_is_reminded_by_telephone_while_others_are_called_about_the_ticket(
    hotline: Hotline, receiver: FakePhone, tmp_path: Path
) -> None:
    hotline.store.write(dispatch.dispatch, 1, department="engineering", who="7001", at=hotline.clock.now())
    async with scheduler(hotline, tmp_path):
        await hotline.phone("7020").rings()
        reminds(hotline)
        await asyncio.sleep(60)
        assert receiver.rung == []
        hotline.store.write(escalations.stop, 1, at=hotline.clock.now())
        await asyncio.sleep(5)
    assert hotline.every(Escalation, cause=LadderCause.REMINDER) == []


async def test_killed_while_it_rings_he_is_rung_again(hotline: Hotline, receiver: FakePhone, tmp_path: Path) -> None:
    """Crash rules."""
    reminds(hotline)
    async with scheduler(hotline, tmp_path):
        await receiver.rings()
        await hotline.is_restarted()
        await receiver.is_hung_up()
        receiver.answers()
        await hears_it(receiver)
        await receiver.presses("1")
        await receiver.hears_out("reminder-heard")
        await receiver.is_hung_up()
    assert steps(hotline) == [("7001", StepOutcome.ACCEPTED)]


async def test_where_the_policy_does_not_want_it_there_is_only_the_task(hotline: Hotline, tmp_path: Path) -> None:
    dispatched(hotline)
    hotline.store.write(first_receiver.receive, 1, "7001", at=hotline.clock.now())
    a_day_ago(hotline)
    reminds(hotline)
    assert hotline.every(Escalation) == []
    assert len(hotline.every(Task, kind=TaskKind.FOLLOW_MATTER)) == 1
