"""Taking over from the last shift on a real telephone: by *30, and in a reminder call (R09-6, R14-2)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.calls import calls
from models.clock import SystemClock
from models.people import people
from models.people.shifts import Hours, Plan, RotationPlan, ShiftPlan
from models.roster import roster
from models.states.roster import HandoverState
from models.states.tickets import TicketKind
from models.tables import CallToMake, Handover, Presence, Ticket
from models.tickets import tickets
from phones.instance import LiveHotline
from phones.microphone import tones

pytestmark = pytest.mark.asterisk

(VOICE,) = tones(1)
SCAN_S = 45
Shifts = Callable[[timedelta], Ticket]


@pytest.fixture
def shifts_change(hotline: LiveHotline) -> Iterator[Shifts]:
    """This long ago 7001's shift ended and 7002's began; a ticket of 7001's is open. Afterwards the roster is gone.

    Breaks set in earlier stories (*20, *21) do not count here.
    """
    zone = hotline.site.time_zone

    def install(session: Session, plan: Plan, at: datetime) -> None:
        roster.install(session, plan, who="test", at=at, dates=hotline.site.days, days=2)

    def change(ago: timedelta) -> Ticket:
        now = SystemClock().now()
        said = update(Presence).where(Presence.until.is_(None))
        hotline.store.write(lambda session: session.execute(said.values(until=now)))
        end = (now - ago).astimezone(zone).replace(second=0, microsecond=0)
        rotation = [
            RotationPlan(name, end.date() - timedelta(days=3), None, 1, ((number,),))
            for name, number in (("before", "7001"), ("after", "7002"))
        ]
        hours = (
            Hours((end - timedelta(hours=3)).time(), end.time()),
            Hours(end.time(), (end + timedelta(hours=6)).time()),
        )
        shifts = [
            ShiftPlan(one.shift, one.shift, one.shift, ("agents",), 1, "R09-6", (hour,))
            for one, hour in zip(rotation, hours, strict=True)
        ]
        hotline.store.write(install, Plan(tuple(shifts), tuple(rotation)), end - timedelta(hours=1))
        number = f"138001389{round(ago.total_seconds() / 60):02}"

        def receive(session: Session) -> Ticket:
            channel = f"handover-{number}"
            call = calls.begin(session, channel_id=channel, line="8000", caller_number=number, language="zh", at=now)
            ticket = tickets.open(session, kind=TicketKind.REPAIR, call_id=call.id, at=now, policy=hotline.policy)
            tickets.receive(session, ticket.id, "7001", at=now)
            calls.end(session, call.id, by=calls.EndedBy.CALLER, reason="completed", at=now)
            return ticket

        return hotline.store.write(receive)

    yield change
    hotline.store.write(install, Plan(), SystemClock().now())
    hotline.store.write(lambda session: session.execute(update(Handover).values(state=HandoverState.TAKEN)))


def receiver(hotline: LiveHotline, ticket: Ticket) -> str | None:
    return hotline.store.read(lambda session: session.get_one(Ticket, ticket.id).first_receiver)


def test_the_next_shift_dials_30_hears_what_is_open_and_takes_it_with_key_1(
    hotline: LiveHotline, shifts_change: Shifts
) -> None:
    """R09-6, R15-1, R16-1: from now on 7002 is on duty."""
    ticket = shifts_change(timedelta(minutes=1))
    hotline.until(
        lambda: hotline.store.read(lambda s: s.scalar(select(Handover.id).where(Handover.shift == "before"))),
        "handover written by the scheduler",
        SCAN_S,
    )
    now = SystemClock().now()
    assert [one.number for one in hotline.store.read(people.on_duty, "agents", at=now)] == ["7002"]
    phone = hotline.phone("7002", VOICE)
    phone.reach("*30")
    phone.wait_heard("handover-open")
    phone.wait_heard("handover-tickets")
    phone.wait_heard("handover-accept", part=1)
    assert receiver(hotline, ticket) == "7001"
    phone.press("1")
    phone.wait_heard("handover-taken")
    assert receiver(hotline, ticket) == "7002"
    phone.wait_ended()


def test_a_colleague_who_has_not_taken_over_is_called_and_does_so_in_that_call(
    hotline: LiveHotline, shifts_change: Shifts
) -> None:
    phone = hotline.phone("7002", VOICE)
    phone.when_it_rings("answer", after_s=0.3)
    ticket = shifts_change(timedelta(minutes=hotline.policy.handover.remind_after_minutes + 1))
    phone.wait_heard("handover-reminder", SCAN_S)
    phone.wait_heard("handover-accept", part=1)
    phone.press("1")
    phone.wait_heard("handover-taken")
    phone.wait_ended()
    assert receiver(hotline, ticket) == "7002"

    def ended(session: Session) -> str | None:
        call = session.scalars(select(CallToMake).order_by(CallToMake.id.desc())).first()
        return call.state.value if call and call.ended_at else None

    assert hotline.until(lambda: hotline.store.read(ended), "end of the reminder") == "connected"
