"""A new ticket rings the department's telephone at once; one sentence is heard, key 1 accepts it (R10-1, R05-6)."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.clock import SystemClock
from models.states.calls import Ring
from models.states.tickets import LadderCause, Severity, Source, TicketEventKind, TicketKind, TicketState
from models.tables import Escalation, Ticket
from models.tickets import dispatch, first_receiver, intake, tickets
from models.tickets.intake import Facts
from phones.instance import LiveHotline
from phones.phone import Phone
from phones.written import call_of
from recordings import speech
from tests.asterisk.conftest import QUICK_RINGS

pytestmark = pytest.mark.asterisk

NOTICES = QUICK_RINGS | {
    "notify.kinds": ["dispatch", "complaint", "message", "suggestion"],
    "notify.hours": "00:00-00:00",
    "notify.tries": 2,
    "notify.pause_minutes": 0,
    "first_asked.rings": True,
}


@pytest.fixture(scope="module")
def notifying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    with LiveHotline.running(tmp_path_factory.mktemp("notices"), policy=NOTICES) as instance:
        yield instance


@pytest.fixture
def hotline(notifying: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    return at_the_end(notifying)


def opened(hotline: LiveHotline, kind: TicketKind, **facts: Severity) -> Ticket:
    """From the counter, for room 1201 of building 3."""
    return hotline.store.write(
        intake.new,
        kind=kind,
        source=Source.WEB,
        facts=Facts(problem="the tap drips", building="3", room="1201", **facts),
        who="api:web",
        at=SystemClock().now(),
        policy=hotline.policy,
        language="zh",
    )


def hears_it(phone: Phone, ticket: Ticket, first: str, choices: str = "escalation-choices") -> None:
    phone.wait_heard(first, 20)
    phone.wait_heard(f"kind-{ticket.kind}")
    phone.wait_spoken(speech.room("3", "1201", "zh"))
    phone.wait_heard("escalation-ticket")
    phone.wait_spoken(speech.digits(str(ticket.number)))
    phone.wait_heard(choices)


def accepts(phone: Phone) -> None:
    phone.press("1")
    phone.wait_heard("escalation-taken")
    phone.wait_ended()


def now(hotline: LiveHotline, ticket: Ticket) -> Ticket:
    return hotline.store.read(lambda s: s.get_one(Ticket, ticket.id))


def test_a_dispatch_rings_the_technician_on_duty_who_accepts_by_key(hotline: LiveHotline) -> None:
    """R10-1, R17-2."""
    technician = hotline.phone("7020")
    ticket = opened(hotline, TicketKind.REPAIR)
    at = SystemClock().now()
    hotline.store.write(dispatch.dispatch, ticket.id, department="engineering", who="7001", at=at)
    technician.wait_ringing(15)
    assert technician.call.name == str(ticket.number), "what it is about is seen before it is answered"
    technician.answer()
    hears_it(technician, ticket, "notice-dispatched")
    accepts(technician)
    assert (now(hotline, ticket).state, now(hotline, ticket).assignee) == (TicketState.ACCEPTED, "7020")
    record = hotline.store.read(tickets.get, ticket.id)
    assert record is not None
    assert [e.text for e in record.events if e.kind is TicketEventKind.NOTIFIED] == ["accepted: 7020"]
    call = call_of(hotline, "7020")
    assert (call.rings[0].stage, call.rings[0].outcome) == ("escalation", Ring.CONNECTED)


def test_a_complaint_rings_the_department_for_complaints_and_stops_when_it_is_accepted_elsewhere(
    hotline: LiveHotline,
) -> None:
    """R05-6."""
    desk = hotline.phone("7010")
    ticket = opened(hotline, TicketKind.COMPLAINT)
    desk.wait_ringing(15)
    at = SystemClock().now()
    hotline.store.write(tickets.move, ticket.id, to=TicketState.ACCEPTED, who="7001", at=at)
    desk.wait_ended(3)
    ladder = hotline.store.read(lambda s: s.scalar(select(Escalation).where(Escalation.ticket_id == ticket.id)))
    assert ladder is not None
    assert ladder.cause is LadderCause.NEW


def test_a_serious_complaint_rings_the_leader_on_duty_first(hotline: LiveHotline) -> None:
    """R07-9, R09-3."""
    manager = hotline.phone("7050")
    ticket = opened(hotline, TicketKind.COMPLAINT, severity=Severity.SERIOUS)
    manager.wait_ringing(15)
    manager.answer()
    hears_it(manager, ticket, "notice-new")
    accepts(manager)
    assert now(hotline, ticket).assignee == "7050"


def test_the_first_receiver_is_reminded_of_a_ticket_that_is_not_done(hotline: LiveHotline) -> None:
    """R15-1: 1 has heard it, and the ticket stays as it is."""
    receiver = hotline.phone("7002")
    ticket = opened(hotline, TicketKind.REPAIR)
    a_day_ago = SystemClock().now() - timedelta(hours=hotline.policy.first_asked.remind_hours)
    hotline.store.write(first_receiver.receive, ticket.id, "7002", at=a_day_ago)
    receiver.wait_ringing(60)
    receiver.answer()
    hears_it(receiver, ticket, "reminder-open", "reminder-choices")
    receiver.press("1")
    receiver.wait_heard("reminder-heard")
    receiver.wait_ended()
    assert (now(hotline, ticket).state, now(hotline, ticket).assignee) == (TicketState.NEW, None)
    (ladder,) = hotline.store.read(lambda s: list(s.scalars(select(Escalation).filter_by(ticket_id=ticket.id))))
    assert (ladder.cause, ladder.accepted_by) == (LadderCause.REMINDER, "7002")
