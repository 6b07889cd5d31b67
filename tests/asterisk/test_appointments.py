"""Appointments on real telephones: keyed after *32, heard before they are due, missed, explained (R10-2, R10-3)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.calls import calls
from models.clock import SystemClock
from models.states.tickets import AppointmentEnding, TaskKind, TaskState, TicketKind, TicketState
from models.tables import FIRST_NUMBER, Appointment, Task, Ticket
from models.tickets import appointments, dispatch, kept_appointments, tickets
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.network import public_number
from phones.phone import Phone
from recordings import speech
from tests.asterisk.conftest import QUICK_RINGS

pytestmark = pytest.mark.asterisk

CUSTOMER, AGENT = tones(2)
POLICY = QUICK_RINGS | {
    "appointments.grace_minutes": 0,
    "appointments.pause_minutes": 0,
    "call_back.by_itself": True,
    "call_back.hours": "00:00-23:59",
}


@pytest.fixture(scope="module")
def appointing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    with LiveHotline.running(tmp_path_factory.mktemp("appointments"), policy=POLICY) as instance:
        yield instance


@pytest.fixture
def hotline(appointing: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    return at_the_end(appointing)


def dispatched(hotline: LiveHotline, number: str) -> int:
    """A repair of this caller's in building 3, room 1201, which 7022 has accepted; returns its id."""
    at = SystemClock().now()

    def write(session: Session) -> int:
        channel = f"earlier-{number}"
        call = calls.begin(session, channel_id=channel, line="8000", caller_number=number, language="zh", at=at)
        ticket = tickets.open(session, kind=TicketKind.REPAIR, call_id=call.id, at=at, policy=hotline.policy)
        tickets.locate(session, ticket.id, building="3", room="1201", unit_id=None)
        calls.end(session, call.id, by=calls.EndedBy.CALLER, reason="completed", at=at)
        dispatch.assign(session, ticket.id, staff_number="7022", who="7001", at=at)
        tickets.move(session, ticket.id, to=TicketState.ACCEPTED, who="7022", at=at)
        return ticket.id

    return hotline.store.write(write)


def agreed(hotline: LiveHotline, ticket_id: int, seconds: float) -> datetime:
    """At the desk, for so many seconds from now."""
    at = SystemClock().now()
    due_at = (at + timedelta(seconds=seconds)).astimezone(hotline.site.time_zone)
    made: Appointment = hotline.store.write(
        appointments.make, ticket_id, due_at=due_at, who="7001", at=at, policy=hotline.policy
    )
    return made.due_at.astimezone(hotline.site.time_zone)


def arrives(hotline: LiveHotline, ticket_id: int) -> None:
    at = SystemClock().now()
    hotline.store.write(tickets.move, ticket_id, to=TicketState.ON_SITE, who="7022", at=at)


def all_of(hotline: LiveHotline, table: type[Any], ticket_id: int) -> list[Any]:
    return hotline.store.read(lambda s: list(s.scalars(select(table).where(table.ticket_id == ticket_id))))


def owed(hotline: LiveHotline, ticket_id: int) -> list[TaskState]:
    """How the calls stand that the customer is owed."""
    return [task.state for task in all_of(hotline, Task, ticket_id) if task.kind is TaskKind.CALL_BACK]


def hears_which(phone: Phone, ticket_id: int, first: str, due_at: datetime) -> None:
    phone.wait_heard(first, 30)
    phone.wait_spoken(speech.moment(due_at, SystemClock().now()))
    phone.wait_heard("kind-repair")
    phone.wait_spoken(speech.room("3", "1201"))
    phone.wait_spoken(["escalation-ticket", *speech.digits(str(FIRST_NUMBER + ticket_id))])


def test_a_technician_keys_the_time_agreed_with_the_customer_and_one_day_later(hotline: LiveHotline) -> None:
    """R10-2."""
    ticket_id = dispatched(hotline, "13800138461")
    zone = hotline.site.time_zone
    wanted = (SystemClock().now() + timedelta(hours=3)).astimezone(zone).replace(second=0, microsecond=0)
    phone = hotline.phone("7022")
    phone.reach(f"*32{FIRST_NUMBER + ticket_id}")
    phone.wait_heard("ticket-acts", part=1)
    phone.press("7")
    phone.wait_heard("appointment-ask-time", part=1)
    phone.press(f"{wanted:%H%M}")
    phone.wait_spoken(["appointment-act", *speech.moment(wanted, SystemClock().now())])
    phone.wait_heard("appointment-confirm", part=1)
    phone.press("3")
    later = wanted + timedelta(days=1)
    phone.wait_spoken(["appointment-act", *speech.moment(later, SystemClock().now())])
    phone.wait_heard("appointment-confirm", part=1)
    assert all_of(hotline, Appointment, ticket_id) == []
    phone.press("1")
    phone.wait_heard("act-saved")
    phone.hang_up()
    phone.wait_ended()
    (made,) = all_of(hotline, Appointment, ticket_id)
    assert (made.due_at, made.made_by) == (later, "7022")
    phone.reach("*31")
    phone.wait_spoken(["appointment-stands", *speech.moment(later, SystemClock().now())], timeout=30)
    phone.hang_up()
    phone.wait_ended()
    arrives(hotline, ticket_id)


def test_the_technician_is_reminded_and_a_missed_appointment_rings_the_lead(hotline: LiveHotline) -> None:
    """R10-3."""
    technician, lead = hotline.phone("7022"), hotline.phone("7050")
    ticket_id = dispatched(hotline, "13800138462")
    due_at = agreed(hotline, ticket_id, 45)
    technician.wait_ringing(20)
    technician.answer()
    hears_which(technician, ticket_id, "appointment-reminder", due_at)
    technician.wait_heard("appointment-reminder-choices", part=1)
    technician.press("1")
    technician.wait_heard("appointment-reminder-done")
    technician.wait_ended()
    lead.wait_ringing(60)
    assert SystemClock().now() >= due_at
    lead.answer()
    hears_which(lead, ticket_id, "appointment-missed", due_at)
    lead.wait_heard("appointment-missed-choices", part=1)
    lead.press("1")
    lead.wait_heard("appointment-missed-done")
    lead.wait_ended()
    ticket = hotline.store.read(lambda s: s.get_one(Ticket, ticket_id))
    assert (ticket.assignee, ticket.state) == ("7022", TicketState.ACCEPTED)
    arrives(hotline, ticket_id)
    (made,) = hotline.store.read(kept_appointments.of_ticket, ticket_id)
    assert made.ending is AppointmentEnding.MISSED
    assert owed(hotline, ticket_id) == [TaskState.CLOSED]


def test_an_agent_hears_of_the_missed_appointment_and_talks_with_the_customer(hotline: LiveHotline) -> None:
    """R10-3, R17-1."""
    number = "13800138463"
    ticket_id = dispatched(hotline, number)
    agent = hotline.phone("7001", AGENT)
    with public_number(hotline, number, CUSTOMER) as customer:
        customer.when_it_rings("answer", after_s=0.5)
        agreed(hotline, ticket_id, 2)
        agent.wait_ringing(40)
        agent.answer()
        agent.wait_heard("call-back-appointment", 20)
        agent.wait_heard("accept-call-back")
        agent.press("1")
        customer.wait_tone(AGENT.hertz, seconds=hotline.policy.tasks.talk_counts_from_s + 1, timeout=30)
        agent.hang_up()
        customer.wait_ended()
    hotline.until(lambda: owed(hotline, ticket_id) == [TaskState.CLOSED], "end of the task")
    arrives(hotline, ticket_id)
