"""*32 and key 7: a time agreed with a customer; the technician is reminded, a missed one rings the lead (R10-2)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.instance.home import Home
from models.states.tickets import AppointmentEnding, StepOutcome, TaskKind, TaskState, TicketState
from models.tables import Appointment, EscalationStep, Task
from models.tickets import appointments, tickets
from scheduler.scans.appointments import appointments as scan
from scheduler.scans.call_backs import call_backs
from scheduler.scans.escalations import escalations
from scheduler.scope import Scope
from tests.fakes.people import FakePhone
from tests.flows.tickets.on_the_telephone import at_the_acts, dispatched, the_ticket
from tests.flows.world import OWNER, Hotline

pytestmark = pytest.mark.flows


@pytest.fixture
def technician(hotline: Hotline) -> FakePhone:
    hotline.home.create_missing()
    dispatched(hotline)
    return hotline.phone("7020")


@asynccontextmanager
async def scheduler(hotline: Hotline, folder: Path) -> AsyncIterator[None]:
    """Scans every two seconds, as in its own process."""
    scope = Scope(Home(folder), hotline.site, hotline.policy, hotline.store, hotline.clock)

    async def look() -> None:
        while True:
            scan(scope)
            escalations(scope)
            call_backs(scope)
            await asyncio.sleep(2)

    looking = asyncio.create_task(look())
    yield
    looking.cancel()


async def chooses_appointment(technician: FakePhone) -> None:
    await at_the_acts(technician)
    await technician.presses("7")


def stands(hotline: Hotline) -> str | None:
    at = the_ticket(hotline).appointment_at
    return None if at is None else f"{at.astimezone(hotline.site.time_zone):%m-%d %H:%M}"


def agreed(hotline: Hotline, after: timedelta) -> datetime:
    """By the desk, so long from now; the technician has accepted the ticket."""
    at = hotline.clock.now()
    if the_ticket(hotline).state is TicketState.DISPATCHED:
        hotline.store.write(tickets.move, 1, to=TicketState.ACCEPTED, who="7020", at=at)
    due_at = (at + after).astimezone(hotline.site.time_zone)
    hotline.store.write(appointments.make, 1, due_at=due_at, who="7001", at=at, policy=hotline.policy)
    return due_at


def today(hotline: Hotline) -> datetime:
    return hotline.clock.now().astimezone(hotline.site.time_zone)


# -- keyed after *32 ---------------------------------------------------------------------------------------------------


async def test_a_time_is_keyed_read_back_and_saved_after_key_1(hotline: Hotline, technician: FakePhone) -> None:
    """R10-2."""
    await chooses_appointment(technician)
    await technician.hears("appointment-ask-time")
    await technician.presses("1430")
    await technician.hears("escalation-ticket", "digit-1", "digit-0", "digit-0", "digit-1", "appointment-act")
    await technician.hears("today", "hour-14", "minute-30", "appointment-confirm")
    assert stands(hotline) is None
    await technician.presses("1")
    await technician.hears("act-saved")
    assert stands(hotline) == f"{today(hotline):%m-%d} 14:30", "written, then spoken"
    await technician.is_hung_up()


async def test_morning_or_evening_is_asked_and_key_3_goes_one_day_on(hotline: Hotline, technician: FakePhone) -> None:
    await chooses_appointment(technician)
    await technician.hears("appointment-ask-time")
    await technician.presses("9#")
    await technician.hears("wakeup-half-of-day")
    await technician.presses("1")
    await technician.hears("tomorrow", "hour-9", "appointment-confirm")
    await technician.presses("3")
    await technician.hears("day-after-tomorrow", "hour-9", "appointment-confirm")
    await technician.presses("1")
    await technician.hears("act-saved")
    await technician.is_hung_up()
    assert stands(hotline) == f"{today(hotline) + timedelta(days=2):%m-%d} 09:00"


async def test_a_wrong_time_is_keyed_again_and_key_2_takes_another(hotline: Hotline, technician: FakePhone) -> None:
    await chooses_appointment(technician)
    await technician.hears("appointment-ask-time")
    await technician.presses("2599")
    await technician.hears("wakeup-no-time", "appointment-ask-time")
    await technician.presses("1400")
    await technician.hears("hour-14", "appointment-confirm")
    await technician.presses("2")
    await technician.hears("appointment-ask-time")
    await technician.presses("1500")
    await technician.hears("hour-15", "appointment-confirm")
    await technician.presses("1")
    await technician.hears("act-saved")
    await technician.is_hung_up()
    assert stands(hotline) == f"{today(hotline):%m-%d} 15:00"


async def test_one_that_stands_is_heard_and_moved(hotline: Hotline, technician: FakePhone) -> None:
    agreed(hotline, timedelta(hours=4))
    await chooses_appointment(technician)
    await technician.hears("appointment-stands", "today", "hour-14", "appointment-choices")
    await technician.presses("1")
    await technician.hears("appointment-ask-time")
    await technician.presses("1600")
    await technician.hears("hour-16", "appointment-confirm")
    await technician.presses("1")
    await technician.hears("act-saved")
    await technician.is_hung_up()
    assert [one.ending for one in hotline.every(Appointment)] == [AppointmentEnding.MOVED, None]


async def test_one_that_stands_is_cancelled_after_a_further_key(hotline: Hotline, technician: FakePhone) -> None:
    agreed(hotline, timedelta(hours=4))
    await chooses_appointment(technician)
    await technician.hears("appointment-stands", "appointment-choices")
    await technician.presses("2")
    await technician.hears("escalation-ticket", "appointment-cancel", "act-confirm")
    assert stands(hotline) is not None
    await technician.presses("1")
    await technician.hears("act-saved")
    await technician.is_hung_up()
    assert [one.ending for one in hotline.every(Appointment)] == [AppointmentEnding.CANCELLED]


@pytest.mark.parametrize("moment", ["appointment-ask-time", "appointment-confirm"])
@pytest.mark.parametrize("goes", [False, True])
async def test_silence_and_a_hang_up_save_nothing(
    hotline: Hotline, technician: FakePhone, moment: str, goes: bool
) -> None:
    await chooses_appointment(technician)
    await technician.hears("appointment-ask-time")
    if moment == "appointment-confirm":
        await technician.presses("1430")
        await technician.hears(moment)
    if goes:
        technician.hangs_up()
    else:
        await technician.hears_out("act-not-saved")
    await technician.is_hung_up()
    assert stands(hotline) is None


async def test_what_a_colleague_was_first_to_write_is_not_overwritten(hotline: Hotline, technician: FakePhone) -> None:
    await chooses_appointment(technician)
    await technician.hears("appointment-ask-time")
    await technician.presses("1430")
    await technician.hears("appointment-confirm")
    agreed(hotline, timedelta(hours=6))
    await technician.presses("1")
    await technician.hears("act-refused", "ticket-acts")
    assert stands(hotline) == f"{today(hotline):%m-%d} 16:00"
    await technician.presses("7")
    await technician.hears("appointment-stands", "hour-16", "appointment-choices")
    technician.hangs_up()
    await technician.is_hung_up()
    assert stands(hotline) == f"{today(hotline):%m-%d} 16:00"


async def test_my_tickets_say_when_somebody_is_expected(hotline: Hotline, technician: FakePhone) -> None:
    agreed(hotline, timedelta(hours=4))
    technician.dials("*31")
    await technician.hears("due-feedback", "appointment-stands", "today", "hour-14", "my-tickets-choices")
    technician.hangs_up()
    await technician.is_hung_up()


# -- reminded, and missed ----------------------------------------------------------------------------------------------


async def test_the_technician_is_reminded_an_hour_before_and_the_lead_hears_when_nobody_has_come(
    hotline: Hotline, technician: FakePhone, tmp_path: Path
) -> None:
    """R10-3."""
    due_at = agreed(hotline, timedelta(minutes=90))
    technician.answers()
    lead = hotline.phone("7050").answers()
    async with scheduler(hotline, tmp_path):
        await asyncio.sleep(29 * 60)
        assert technician.rung == []
        await technician.hears("appointment-reminder", "today", "hour-11", "minute-30", "kind-repair", "building")
        assert due_at - hotline.clock.now() > timedelta(minutes=58)
        await technician.hears("escalation-ticket", "digit-1", "appointment-reminder-choices")
        await technician.presses("1")
        await technician.hears("appointment-reminder-done")
        await technician.hears_out("digit-1")
        await technician.is_hung_up()
        await asyncio.sleep(70 * 60)
        assert lead.rung == []
        await lead.hears("appointment-missed", "today", "hour-11", "minute-30", "kind-repair")
        await lead.hears("appointment-missed-choices")
        await lead.presses("1")
        await lead.hears("appointment-missed-done")
        await lead.hears_out("digit-1")
        await lead.is_hung_up()
    assert [(step.staff_number, step.outcome) for step in hotline.every(EscalationStep)] == [
        ("7020", StepOutcome.ACCEPTED),
        ("7050", StepOutcome.ACCEPTED),
    ]
    ticket = the_ticket(hotline)
    assert (ticket.assignee, ticket.state) == ("7020", TicketState.ACCEPTED)


async def test_an_agent_hears_that_the_customer_waits_in_vain_and_calls_him(
    hotline: Hotline, technician: FakePhone, tmp_path: Path
) -> None:
    """R10-3, R17-1."""
    agreed(hotline, timedelta(minutes=5))
    agent = hotline.phone("7001").answers()
    customer = hotline.switch.public(OWNER).answers(after=2)
    async with scheduler(hotline, tmp_path):
        await asyncio.sleep(19 * 60)
        assert agent.rung == []
        await agent.hears("whisper-call-back", "kind-repair", "call-back-appointment", "accept-call-back")
        await agent.presses("1")
        await customer.hears("recording-notice")
        await asyncio.sleep(30)
        customer.hangs_up()
        await customer.is_hung_up()
        await asyncio.sleep(5)
    (task,) = hotline.every(Task, kind=TaskKind.CALL_BACK)
    assert task.state is TaskState.CLOSED


async def test_who_is_there_in_time_is_the_end_of_it(hotline: Hotline, technician: FakePhone, tmp_path: Path) -> None:
    agreed(hotline, timedelta(minutes=30))
    lead = hotline.phone("7050").answers()
    async with scheduler(hotline, tmp_path):
        await technician.rings()
        hotline.store.write(tickets.move, 1, to=TicketState.ON_SITE, who="7020", at=hotline.clock.now())
        await technician.is_hung_up(within=2)
        await asyncio.sleep(60 * 60)
    assert lead.rung == []
    assert [one.ending for one in hotline.every(Appointment)] == [AppointmentEnding.KEPT]
    assert hotline.every(Task, kind=TaskKind.CALL_BACK) == []
