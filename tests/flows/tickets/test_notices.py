"""The department is rung at once about a ticket new to it, and hears it in one sentence (R05-6, R10-1, R17-2)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from models.instance.home import Home
from models.states.tickets import LadderCause, StepOutcome, TaskKind, TicketState
from models.tables import Escalation, EscalationStep, Task, Ticket
from models.tickets import dispatch, tickets
from scheduler.scans.escalations import escalations
from scheduler.scans.notices import notices
from scheduler.scope import Scope
from tests.fakes.people import FakePhone
from tests.flows.calls.calling_back import gives_up
from tests.flows.world import Hotline

pytestmark = pytest.mark.flows


@asynccontextmanager
async def scheduler(hotline: Hotline, folder: Path) -> AsyncIterator[None]:
    """Scans every two seconds, as in its own process."""
    scope = Scope(Home(folder), hotline.site, hotline.policy, hotline.store, hotline.clock)

    async def look() -> None:
        while True:
            notices(scope)
            escalations(scope)
            await asyncio.sleep(2)

    looking = asyncio.create_task(look())
    yield
    looking.cancel()


async def repair(hotline: Hotline) -> Ticket:
    """A repair that a caller has reported, and nobody has answered."""
    await gives_up(hotline, keys="12")
    for phone in hotline.switch.phones.values():
        phone.rung.clear()
    return hotline.ticket()


def dispatched(hotline: Hotline, ticket: Ticket, department: str = "engineering") -> None:
    hotline.store.write(dispatch.dispatch, ticket.id, department=department, who="7001", at=hotline.clock.now())


def steps(hotline: Hotline) -> list[tuple[str, StepOutcome | None]]:
    return [(step.staff_number, step.outcome) for step in hotline.every(EscalationStep)]


async def hears_it(phone: FakePhone) -> None:
    await phone.hears(
        "notice-dispatched", "kind-repair", "building", "room", "escalation-ticket", "digit-1", "escalation-choices"
    )


async def test_the_department_hears_kind_home_and_number_and_accepts_by_key(hotline: Hotline, tmp_path: Path) -> None:
    """R10-1, R17-2."""
    ticket = await repair(hotline)
    technician = hotline.phone("7020").answers()
    async with scheduler(hotline, tmp_path):
        dispatched(hotline, ticket)
        began = hotline.clock.now()
        await hears_it(technician)
        assert (hotline.clock.now() - began).total_seconds() < 30
        await technician.presses("3")
        await hears_it(technician)
        await technician.presses("1")
        await technician.hears_out("digit-1")
        await technician.is_hung_up()
        await asyncio.sleep(900)
    (now,) = hotline.every(Ticket, id=ticket.id)
    assert (now.state, now.assignee) == (TicketState.ACCEPTED, "7020")
    assert (steps(hotline), len(technician.rung)) == ([("7020", StepOutcome.ACCEPTED)], 1)


async def test_a_message_that_a_caller_leaves_rings_the_group_of_the_line(hotline: Hotline, tmp_path: Path) -> None:
    """R14-2."""
    hotline.only()
    caller = hotline.dial("8001")
    async with scheduler(hotline, tmp_path):
        await caller.hears("beep")
        await asyncio.sleep(5)
        agent = hotline.phone("7010")
        agent.online = True
        agent.answers()
        caller.hangs_up()
        await agent.hears("notice-new", "kind-complaint", "escalation-choices")
        await agent.presses("1")
        await agent.hears_out("digit-1")
        await agent.is_hung_up()
    (ladder,) = hotline.every(Escalation)
    assert (ladder.cause, ladder.accepted_by) == (LadderCause.NEW, "7010")


async def test_nobody_of_the_department_answers_and_the_supervisor_has_a_task(hotline: Hotline, tmp_path: Path) -> None:
    ticket = await repair(hotline)
    async with scheduler(hotline, tmp_path):
        dispatched(hotline, ticket)
        await asyncio.sleep(1200)
    assert steps(hotline) == [(number, StepOutcome.NO_ANSWER) for number in ("7020", "7021", "7022")]
    (task,) = hotline.every(Task, kind=TaskKind.NOT_ACCEPTED)
    assert (task.owner_staff, task.ticket_id) == ("7050", ticket.id)


async def test_accepted_at_the_screen_the_telephone_stops_ringing(hotline: Hotline, tmp_path: Path) -> None:
    ticket = await repair(hotline)
    technician = hotline.phone("7020")
    async with scheduler(hotline, tmp_path):
        dispatched(hotline, ticket)
        await technician.rings()
        hotline.store.write(tickets.move, ticket.id, to=TicketState.ACCEPTED, who="7021", at=hotline.clock.now())
        await technician.is_hung_up(within=2)
        await asyncio.sleep(900)
    assert steps(hotline) == [("7020", StepOutcome.CALLED_OFF)]


async def test_killed_while_it_rings_the_department_is_rung_again_and_never_twice_at_once(
    hotline: Hotline, tmp_path: Path
) -> None:
    """Crash rules."""
    ticket = await repair(hotline)
    technician = hotline.phone("7020")
    async with scheduler(hotline, tmp_path):
        dispatched(hotline, ticket)
        await technician.rings()
        await hotline.is_restarted()
        await technician.is_hung_up()
        technician.answers()
        await hears_it(technician)
        await technician.presses("1")
        await technician.hears_out("digit-1")
        await technician.is_hung_up()
    assert (steps(hotline), len(technician.rung)) == ([("7020", StepOutcome.ACCEPTED)], 2)
