"""A time agreed with a customer: the technician is reminded; a missed one rings the lead, and a call is owed."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.calls import outgoing
from models.errors import MoveRefused
from models.people import presence
from models.states.calls import ToMake
from models.states.people import PresenceState
from models.states.tickets import (
    AppointmentEnding,
    EscalationState,
    LadderCause,
    StepOutcome,
    TaskKind,
    TaskState,
    TicketEventKind,
    TicketKind,
    TicketState,
)
from models.tables import Appointment, CallToMake, Escalation, EscalationStep, Task, Ticket
from models.tickets import acceptance, appointments, dispatch, tasks, tickets
from models.tickets.intake import Facts
from scheduler.scans.appointments import appointments as scan
from scheduler.scans.call_backs import call_backs
from scheduler.scans.escalations import escalations
from scheduler.scope import Scope
from tests.store.conftest import Write
from tests.store.tickets.test_escalations import accepts, answers, takes_up

pytestmark = pytest.mark.store

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
New = Callable[..., Ticket]


class Agreed:
    """A repair that the technician 7020 has accepted, the clock, the scans, and what they have written."""

    def __init__(self, scope: Scope, do: Write, new: New) -> None:
        self.scope, self.do = scope, do
        self.noon: datetime = scope.clock.now()
        self.ticket: Ticket = new()
        do(dispatch.assign, self.ticket.id, staff_number="7020")
        self.at(tickets.move, to=TicketState.ACCEPTED, who="7020")

    def at(self, act: Callable[..., Any], **given: Any) -> Any:
        """Does this to the ticket now, as 7001."""
        return self.do(act, self.ticket.id, **({"at": self.scope.clock.now()} | given))

    def makes(self, after: timedelta = 3 * HOUR, **given: Any) -> Appointment:
        due_at = (self.noon + after).astimezone(self.scope.site.time_zone)
        return self.at(appointments.make, due_at=due_at, policy=self.scope.policy, **given)

    def moves(self, after: timedelta, **given: Any) -> Appointment:
        due_at = (self.noon + after).astimezone(self.scope.site.time_zone)
        return self.at(appointments.move, due_at=due_at, policy=self.scope.policy, **given)

    def cancels(self, **given: Any) -> Ticket:
        return self.at(appointments.cancel, zone=self.scope.site.time_zone, **given)

    def looks(self, after: timedelta | None = None) -> None:
        """The scans run, so long after noon."""
        if after is not None:
            self.scope.clock.moment = self.noon + after  # type: ignore[attr-defined]
        scan(self.scope)
        escalations(self.scope)

    def all(self, table: type[Any], *conditions: Any) -> list[Any]:
        return self.scope.store.read(lambda s: list(s.scalars(select(table).where(*conditions).order_by(table.id))))

    @property
    def called(self) -> list[tuple[LadderCause, str, StepOutcome | None]]:
        cause = {ladder.id: ladder.cause for ladder in self.all(Escalation)}
        return [(cause[step.escalation_id], step.staff_number, step.outcome) for step in self.all(EscalationStep)]

    @property
    def owed(self) -> list[Task]:
        return self.all(Task, Task.kind == TaskKind.CALL_BACK, Task.state == TaskState.OPEN)

    @property
    def endings(self) -> list[AppointmentEnding | None]:
        return [one.ending for one in self.all(Appointment)]

    @property
    def now(self) -> Ticket:
        (ticket,) = self.all(Ticket, Ticket.id == self.ticket.id)
        return ticket


@pytest.fixture
def agreed(scope: Scope, do: Write, new: New) -> Agreed:
    return Agreed(scope, do, new)


# -- made, moved, cancelled --------------------------------------------------------------------------------------------


def test_the_time_stands_on_the_ticket_and_everything_about_it_on_the_timeline(
    agreed: Agreed, events: Callable[..., list[tuple[str, str, str]]]
) -> None:
    """R10-2."""
    agreed.makes()
    assert agreed.now.appointment_at == agreed.noon + 3 * HOUR
    agreed.moves(26 * HOUR, reason="the customer is out", who="7020")
    assert agreed.now.appointment_at == agreed.noon + 26 * HOUR
    agreed.cancels(reason="the tap is tight again")
    assert agreed.now.appointment_at is None
    assert agreed.endings == [AppointmentEnding.MOVED, AppointmentEnding.CANCELLED]
    assert events(agreed.ticket)[-3:] == [
        ("appointed", "7001", "2026-03-02 15:00"),
        ("appointment-moved", "7020", "2026-03-02 15:00 -> 2026-03-03 14:00\nthe customer is out"),
        ("appointment-cancelled", "7001", "2026-03-03 14:00\nthe tap is tight again"),
    ]
    agreed.looks(30 * HOUR)
    assert [cause for cause, *_ in agreed.called] == [LadderCause.LATE] * len(agreed.called)
    assert agreed.owed == []


def test_a_time_that_cannot_be_is_refused_and_nothing_changes(agreed: Agreed) -> None:
    for wrong, why in ((timedelta(0), "has passed already"), (timedelta(days=32), "no more than 31 days")):
        with pytest.raises(MoveRefused, match=why):
            agreed.makes(wrong)
    with pytest.raises(MoveRefused, match="has no appointment"):
        agreed.moves(HOUR)
    with pytest.raises(MoveRefused, match="has no appointment"):
        agreed.cancels()
    agreed.makes()
    with pytest.raises(MoveRefused, match="has an appointment already, for 2026-03-02 15:00"):
        agreed.makes(4 * HOUR)
    with pytest.raises(MoveRefused, match="that is the time it has"):
        agreed.moves(3 * HOUR)
    agreed.at(tickets.move, to=TicketState.DONE, who="7020")
    with pytest.raises(MoveRefused, match="nobody is to come any more"):
        agreed.makes(4 * HOUR)
    assert agreed.endings == [AppointmentEnding.KEPT]


def test_of_many_who_agree_on_a_time_at_once_one_has_it(agreed: Agreed) -> None:
    barrier, outcomes = threading.Barrier(4), []

    def make(hours: int) -> None:
        barrier.wait()
        try:
            agreed.makes(hours * HOUR)
            outcomes.append("made")
        except MoveRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=make, args=(hours,)) for hours in range(2, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "refused", "refused", "refused"]
    assert len(agreed.all(Appointment)) == 1


def test_the_person_complained_of_agrees_on_nothing(scope: Scope, do: Write, new: New) -> None:
    """R15-6."""
    ticket = new(TicketKind.COMPLAINT, about_staff="7020")
    due_at = scope.clock.now() + HOUR
    with pytest.raises(MoveRefused):
        do(appointments.make, ticket.id, due_at=due_at, policy=scope.policy, who="7020")


def test_who_is_on_site_and_agrees_on_another_day_leaves(agreed: Agreed) -> None:
    """R08-7: the ticket waits, and the customer knows until when."""
    agreed.at(tickets.move, to=TicketState.ON_SITE, who="7020")
    agreed.makes(26 * HOUR, who="7020")
    assert agreed.now.state is TicketState.WAITING
    agreed.looks(25 * HOUR)
    assert agreed.called[-1][:2] == (LadderCause.APPOINTMENT, "7020")
    agreed.at(tickets.move, to=TicketState.ON_SITE, who="7020")
    assert agreed.endings == [AppointmentEnding.KEPT]


# -- the reminder ------------------------------------------------------------------------------------------------------


def test_the_technician_is_called_an_hour_before_it_and_says_by_key_that_he_goes(
    agreed: Agreed, events: Callable[..., list[tuple[str, str, str]]]
) -> None:
    """R10-3."""
    agreed.makes()
    agreed.looks(2 * HOUR - MINUTE)
    assert agreed.called == []
    agreed.looks(2 * HOUR)
    assert agreed.called == [(LadderCause.APPOINTMENT, "7020", None)]
    assert accepts(agreed.scope, takes_up(agreed.scope))
    (ladder,) = agreed.all(Escalation)
    assert (ladder.state, ladder.accepted_by) == (EscalationState.ACCEPTED, "7020")
    assert (agreed.now.state, agreed.now.assignee) == (TicketState.ACCEPTED, "7020")
    assert events(agreed.ticket)[-1] == ("appointment-called", "system", "accepted: 7020")
    agreed.looks(3 * HOUR - MINUTE)
    assert len(agreed.called) == 1, "once"


def test_who_does_not_lift_is_called_again_then_the_lead_then_the_supervisor_has_a_task(agreed: Agreed) -> None:
    """R10-3: before it is too late."""
    agreed.makes()
    agreed.looks(2 * HOUR)
    for minutes in (5, 10, 15, 20):
        answers(agreed.scope, StepOutcome.NO_ANSWER)
        agreed.looks(2 * HOUR + minutes * MINUTE)
    assert [number for _, number, _ in agreed.called] == ["7020", "7020", "7050", "7050"]
    (task,) = agreed.all(Task, Task.kind == TaskKind.NOT_ACCEPTED)
    assert (task.owner_staff, task.state) == ("7050", TaskState.OPEN)
    agreed.at(tickets.move, to=TicketState.ON_SITE, who="7020")
    (task,) = agreed.all(Task, Task.kind == TaskKind.NOT_ACCEPTED)
    assert task.state is TaskState.CLOSED, "somebody is there"


def test_a_lead_who_takes_it_has_it(agreed: Agreed) -> None:
    agreed.makes()
    agreed.looks(2 * HOUR)
    answers(agreed.scope, StepOutcome.PASSED_ON)
    agreed.looks()
    assert accepts(agreed.scope, takes_up(agreed.scope))
    assert agreed.now.assignee == "7050"


def test_without_an_assignee_those_on_duty_in_the_department_are_called(agreed: Agreed) -> None:
    agreed.at(dispatch.dispatch, department="engineering")
    agreed.makes()
    agreed.looks(2 * HOUR)
    assert agreed.called == [(LadderCause.APPOINTMENT, "7020", None)]
    assert accepts(agreed.scope, takes_up(agreed.scope))
    assert (agreed.now.state, agreed.now.assignee) == (TicketState.ACCEPTED, "7020")


def test_a_technician_who_is_off_duty_is_called_when_his_shift_begins(agreed: Agreed) -> None:
    agreed.scope.store.write(presence.say, "7020", PresenceState.BREAK, at=agreed.noon)
    agreed.makes()
    agreed.looks(2 * HOUR)
    assert agreed.called == []
    now = agreed.noon + 2 * HOUR + 10 * MINUTE
    agreed.scope.store.write(presence.say, "7020", PresenceState.ON_DUTY, at=now)
    agreed.looks(2 * HOUR + 11 * MINUTE)
    assert agreed.called == [(LadderCause.APPOINTMENT, "7020", None)]


def test_of_a_technician_who_stays_off_duty_others_hear_in_time_to_go(agreed: Agreed) -> None:
    agreed.scope.store.write(presence.say, "7020", PresenceState.BREAK, at=agreed.noon)
    agreed.makes()
    for minutes in range(31):
        agreed.looks(2 * HOUR + minutes * MINUTE)
    assert agreed.called == [(LadderCause.APPOINTMENT, "7001", None)], "the first receiver, half an hour before it"


def test_an_appointment_within_the_hour_rings_the_technician_at_once_unless_he_has_made_it_himself(
    agreed: Agreed, new: New
) -> None:
    agreed.makes(HOUR / 2)
    agreed.looks()
    assert agreed.called == [(LadderCause.APPOINTMENT, "7020", None)]
    answers(agreed.scope, StepOutcome.PASSED_ON)
    agreed.cancels()
    agreed.makes(HOUR / 2, who="7020")
    agreed.looks()
    assert len(agreed.called) == 1
    agreed.looks(HOUR / 2 + 15 * MINUTE)
    assert agreed.called[-1][:2] == (LadderCause.MISSED, "7050"), "missed it is all the same"


def test_the_next_technician_is_reminded_in_place_of_the_one_before(agreed: Agreed) -> None:
    agreed.makes()
    agreed.looks(2 * HOUR)
    agreed.at(dispatch.assign, staff_number="7021")
    agreed.looks(2 * HOUR + MINUTE)
    assert agreed.called[0] == (LadderCause.APPOINTMENT, "7020", StepOutcome.CALLED_OFF)
    assert (LadderCause.APPOINTMENT, "7021", None) in agreed.called


def test_a_late_ticket_is_called_about_and_its_appointment_too(agreed: Agreed) -> None:
    """A ladder that nobody has accepted, and that rests for hours, holds no reminder back."""
    agreed.makes(80 * HOUR)
    for _ in range(8):
        agreed.looks(77 * HOUR)
        for call in agreed.all(CallToMake, CallToMake.state == ToMake.WAITING):
            assert call.extension
            answers(agreed.scope, StepOutcome.UNREACHABLE)
    assert {cause for cause, *_ in agreed.called} == {LadderCause.LATE}
    agreed.looks(79 * HOUR)
    assert (LadderCause.APPOINTMENT, "7020", None) in agreed.called
    assert agreed.all(Escalation)[0].ended_at is None


# -- missed ------------------------------------------------------------------------------------------------------------


def test_nobody_on_site_after_the_grace_rings_the_lead_and_owes_the_customer_a_call(
    agreed: Agreed, events: Callable[..., list[tuple[str, str, str]]]
) -> None:
    """R10-3, R17-1."""
    agreed.makes()
    agreed.looks(2 * HOUR)
    accepts(agreed.scope, takes_up(agreed.scope))
    agreed.looks(3 * HOUR + 14 * MINUTE)
    assert (len(agreed.called), agreed.owed) == (1, [])
    agreed.looks(3 * HOUR + 15 * MINUTE)
    assert agreed.called[1:] == [(LadderCause.MISSED, "7050", None)]
    assert events(agreed.ticket, TicketEventKind.APPOINTMENT_MISSED) == [
        ("appointment-missed", "system", "2026-03-02 15:00")
    ]
    (task,) = agreed.owed
    assert (task.number, task.ticket_id, task.note) == ("13800138000", agreed.ticket.id, "appointment-missed")
    assert task.due_at == agreed.scope.clock.now() + 30 * MINUTE
    call_backs(agreed.scope)
    waiting = agreed.all(CallToMake, CallToMake.task_id == task.id)
    assert [(call.number, call.state) for call in waiting] == [("13800138000", ToMake.WAITING)]


def test_a_lead_who_follows_a_missed_one_up_leaves_it_with_its_technician(agreed: Agreed) -> None:
    agreed.makes()
    agreed.looks(2 * HOUR)
    agreed.looks(3 * HOUR + 15 * MINUTE)
    claim = takes_up(agreed.scope)
    assert claim.extension == "7050", "the reminder has been called off"
    assert accepts(agreed.scope, claim)
    assert (agreed.now.assignee, agreed.now.state) == ("7020", TicketState.ACCEPTED)
    agreed.looks(3 * HOUR + 25 * MINUTE)
    assert len(agreed.called) == 2
    assert agreed.now.appointment_at is not None, "it stands until somebody comes, or it is moved"


def test_the_gate_refuses_a_number_and_a_person_has_the_task(scope: Scope, do: Write, new: New) -> None:
    """R20-5."""
    agreed = Agreed(scope, do, lambda: new(facts=Facts("王建国", "0085212345678", "no water", "water")))
    agreed.makes()
    agreed.looks(3 * HOUR + 15 * MINUTE)
    call_backs(scope)
    (task,) = agreed.owed
    assert task.call_at is None
    assert "refused-international" in task.note


def test_without_a_number_a_person_has_the_task(agreed: Agreed) -> None:
    def forget(session: Any) -> None:
        session.get_one(Ticket, agreed.ticket.id).contact_number = None

    agreed.scope.store.write(forget)
    agreed.makes()
    agreed.looks(3 * HOUR + 15 * MINUTE)
    (task,) = agreed.owed
    assert (task.number, task.call_at, task.ticket_id) == (None, None, agreed.ticket.id)


def test_a_site_that_makes_no_call_backs_by_itself_has_the_task_for_a_person(agreed: Agreed) -> None:
    quiet = agreed.scope.policy.call_back.model_copy(update={"by_itself": False})
    agreed.scope = replace(agreed.scope, policy=agreed.scope.policy.model_copy(update={"call_back": quiet}))
    agreed.makes()
    agreed.looks(3 * HOUR + 15 * MINUTE)
    assert [task.call_at for task in agreed.owed] == [None]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("to", [TicketState.ON_SITE, TicketState.DONE])
def test_on_site_or_done_ends_it_and_all_that_it_has_caused(agreed: Agreed, to: TicketState, late: bool) -> None:
    agreed.makes()
    agreed.looks(3 * HOUR + (15 if late else 14) * MINUTE)
    agreed.at(tickets.move, to=to, who="7020")
    assert agreed.endings == [AppointmentEnding.MISSED if late else AppointmentEnding.KEPT]
    assert (agreed.owed, agreed.now.appointment_at) == ([], None)
    assert [ladder.cause for ladder in agreed.all(Escalation, Escalation.ended_at.is_(None))] == []
    assert agreed.scope.store.read(outgoing.any_due, at=agreed.scope.clock.now()) is False
    agreed.looks(3 * HOUR + 25 * MINUTE)
    assert len(agreed.called) == 1


def test_a_missed_one_that_is_moved_rings_nobody_any_more_and_the_customer_knows(agreed: Agreed) -> None:
    agreed.makes()
    agreed.looks(3 * HOUR + 15 * MINUTE)
    agreed.moves(5 * HOUR)
    assert (agreed.called[-1][2], agreed.owed) == (StepOutcome.CALLED_OFF, [])
    agreed.looks(4 * HOUR)
    assert (LadderCause.APPOINTMENT, "7020", None) in agreed.called


def test_a_customer_who_is_owed_a_call_for_another_reason_is_still_owed_it(agreed: Agreed, do: Write) -> None:
    agreed.makes()
    agreed.looks(3 * HOUR + 15 * MINUTE)
    again = {"kind": TaskKind.CALL_BACK, "number": "13800138000", "call_id": None, "ticket_id": agreed.ticket.id}
    at = agreed.scope.clock.now()
    agreed.scope.store.write(tasks.open, **again, owner_group=None, at=at, due_at=at, note="hung up while ringing")
    agreed.at(tickets.move, to=TicketState.ON_SITE, who="7020")
    assert len(agreed.owed) == 1


def test_accepted_or_given_back_the_calls_about_the_appointment_go_on(agreed: Agreed) -> None:
    """Only somebody who is there ends them."""
    agreed.makes()
    agreed.looks(3 * HOUR + 15 * MINUTE)
    at = agreed.scope.clock.now()
    agreed.scope.store.write(acceptance.accept, agreed.ticket.id, who="7021", at=at, text="mine")
    agreed.at(dispatch.dispatch, department="engineering")
    assert agreed.called[-1] == (LadderCause.MISSED, "7050", None)


def test_a_merged_ticket_brings_its_appointment_unless_the_other_has_an_earlier_one(agreed: Agreed, new: New) -> None:
    into = new()
    agreed.makes(5 * HOUR)
    agreed.do(dispatch.merge, agreed.ticket.id, into=into.id)
    (other,) = agreed.all(Ticket, Ticket.id == into.id)
    assert other.appointment_at == agreed.noon + 5 * HOUR
    agreed.looks(4 * HOUR)
    assert LadderCause.APPOINTMENT in [cause for cause, *_ in agreed.called]


def test_two_schedulers_begin_the_calls_once(agreed: Agreed) -> None:
    agreed.makes()
    agreed.scope.clock.moment = agreed.noon + 2 * HOUR  # type: ignore[attr-defined]
    barrier = threading.Barrier(3)

    def look() -> None:
        barrier.wait()
        scan(agreed.scope)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(agreed.all(Escalation)) == 1
