"""A late ticket climbs from person to person until one accepts it, and again if nobody does (R07-9)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.calls import outgoing
from models.calls.outgoing import Claim
from models.database.store import Store
from models.health import findings
from models.people import presence
from models.policy import Policy
from models.states.calls import Priority, ToMake
from models.states.health import FindingKind
from models.states.people import PresenceState
from models.states.tickets import EscalationState, StepOutcome, TicketKind, TicketState
from models.tables import CallToMake, Escalation, EscalationStep, Ticket
from models.tickets import acceptance, escalation_answers, escalations, intake, promises, tickets
from models.tickets import notices as of_new_tickets
from scheduler.scans.escalations import emergencies
from scheduler.scans.escalations import escalations as scan
from scheduler.scans.notices import notices
from scheduler.scope import Scope

pytestmark = pytest.mark.store

Open = Callable[..., Ticket]
LEASE = timedelta(minutes=2)


@pytest.fixture
def opened(scope: Scope, begin_call: Callable[..., Any]) -> Open:
    """Opens a ticket of this kind now."""
    calls = iter(range(1, 99))

    def open(kind: TicketKind = TicketKind.URGENT_REPAIR, **fields: Any) -> Ticket:
        call = begin_call(f"1700000000.{next(calls)}")
        now = scope.clock.now()

        def write(session: Any) -> Ticket:
            ticket = tickets.open(session, kind=kind, call_id=call.id, at=now, policy=scope.policy)
            for name, value in fields.items():
                setattr(ticket, name, value)
            return ticket

        return scope.store.write(write)

    return open


def ladders(scope: Scope) -> list[Escalation]:
    return scope.store.read(lambda s: list(s.scalars(select(Escalation).order_by(Escalation.id))))


def steps(scope: Scope) -> list[tuple[str, str, str | None]]:
    rows = scope.store.read(lambda s: list(s.scalars(select(EscalationStep).order_by(EscalationStep.id))))
    return [(step.rung, step.staff_number, step.outcome) for step in rows]


def takes_up(scope: Scope) -> Claim:
    """Claims the due call and dials it, as `hotline ivr` does."""
    now = scope.clock.now()
    claim = scope.store.write(outgoing.claim, by="test", at=now, until=now + LEASE)
    assert claim is not None, steps(scope)
    assert scope.store.write(outgoing.move, claim, to=ToMake.DIALLING, at=now, until=now + LEASE)
    return claim


def answers(scope: Scope, outcome: StepOutcome) -> None:
    claim, now = takes_up(scope), scope.clock.now()
    assert scope.store.write(escalation_answers.answer, claim, outcome, at=now, policy=scope.policy)


def accepts(scope: Scope, claim: Claim) -> bool:
    return scope.store.write(escalation_answers.accept, claim, at=scope.clock.now(), policy=scope.policy)


def until_the_next_call(scope: Scope, within_minutes: int = 90) -> None:
    """Runs the scan every half minute until a call is due."""
    for _ in range(within_minutes * 2):
        scan(scope)
        if scope.store.read(outgoing.any_due, at=scope.clock.now()):
            return
        scope.clock.forward(seconds=30)  # type: ignore[attr-defined]
    raise AssertionError(steps(scope))


def test_a_ladder_begins_before_the_clock_runs_out_and_only_once(scope: Scope, opened: Open) -> None:
    """R08-2: 30 minutes to be on site; after ten without acceptance the assignee is called."""
    ticket = opened(assignee="7020")
    scope.clock.forward(minutes=9)  # type: ignore[attr-defined]
    assert scan(scope) == 0
    scope.clock.forward(minutes=2)  # type: ignore[attr-defined]
    assert scan(scope) == 2, "the ladder begins, and its first call is asked for"
    assert scan(scope) == 0
    (ladder,) = ladders(scope)
    assert (ladder.ticket_id, ladder.state, ladder.next_at) == (ticket.id, EscalationState.CLIMBING, None)
    (call,) = scope.store.read(lambda s: list(s.scalars(select(CallToMake))))
    assert (call.extension, call.number, call.priority, call.line) == ("7020", None, Priority.FIRST, "8000")


@pytest.mark.parametrize(
    ("kind", "in_time", "late"),
    [
        (TicketKind.COMPLAINT, timedelta(minutes=39), timedelta(minutes=40)),
        (TicketKind.SUGGESTION, timedelta(hours=23, minutes=29), timedelta(hours=23, minutes=30)),
    ],
)
def test_a_ticket_that_nobody_accepted_is_escalated_in_time(
    scope: Scope, opened: Open, kind: TicketKind, in_time: timedelta, late: timedelta
) -> None:
    """R01-2, R16-3: a complaint within the hour, a suggestion within the day."""
    opened(kind)
    began = scope.clock.now()
    scope.clock.moment = began + in_time  # type: ignore[attr-defined]
    assert scan(scope) == 0
    scope.clock.moment = began + late  # type: ignore[attr-defined]
    assert scan(scope) == 2
    assert [outcome for _, _, outcome in steps(scope)] == [None]


def test_the_ladder_climbs_from_assignee_to_lead_manager_and_general_manager(scope: Scope, opened: Open) -> None:
    """R20-4: in the example site the manager leads engineering and is called once for both rungs."""
    opened(assignee="7020")
    scope.clock.forward(minutes=11)  # type: ignore[attr-defined]
    for outcome in (
        StepOutcome.NO_ANSWER,
        StepOutcome.BUSY,
        StepOutcome.PASSED_ON,
        StepOutcome.NO_KEY,
        StepOutcome.DECLINED,
    ):
        until_the_next_call(scope)
        answers(scope, outcome)
    assert steps(scope) == [
        ("assignee", "7020", "no-answer"),
        ("assignee", "7020", "busy"),
        ("lead", "7050", "passed-on"),
        ("general-manager", "7060", "no-key"),
        ("general-manager", "7060", "declined"),
    ]
    scan(scope)
    (ladder,) = ladders(scope)
    assert ladder.state is EscalationState.EXHAUSTED
    record = scope.store.read(tickets.get, 1)
    assert record is not None
    assert record.events[-1].text == "nobody has accepted it"
    until_the_next_call(scope)
    assert (ladders(scope)[0].state, ladders(scope)[0].round) == (EscalationState.CLIMBING, 2)
    assert steps(scope)[-1] == ("assignee", "7020", None)


def test_accepting_assigns_the_ticket_and_ends_the_ladder(scope: Scope, opened: Open) -> None:
    """R16-2."""
    ticket = opened(assignee="7020")
    scope.clock.forward(minutes=11)  # type: ignore[attr-defined]
    until_the_next_call(scope)
    answers(scope, StepOutcome.PASSED_ON)
    until_the_next_call(scope)
    assert accepts(scope, takes_up(scope))
    (ladder,) = ladders(scope)
    assert (ladder.state, ladder.accepted_by, ladder.next_at) == (EscalationState.ACCEPTED, "7050", None)
    now = scope.store.read(lambda s: s.get_one(Ticket, ticket.id))
    assert (now.state, now.assignee) == (TicketState.ACCEPTED, "7050")
    assert now.next_due_at == ticket.opened_at + timedelta(minutes=30), "somebody must be there (R08-2)"
    scope.clock.forward(minutes=10)  # type: ignore[attr-defined]
    assert scan(scope) == 0, "the assignee is on the way"
    at = scope.clock.now()
    scope.store.write(tickets.move, ticket.id, to=TicketState.ON_SITE, who="system", at=at)
    scope.clock.forward(hours=2)  # type: ignore[attr-defined]
    assert scan(scope) == 0


def test_accepted_but_not_on_site_in_time_the_ticket_is_escalated_again(scope: Scope, opened: Open) -> None:
    """R08-2: on site within 30 minutes."""
    opened(assignee="7020")
    scope.clock.forward(minutes=11)  # type: ignore[attr-defined]
    until_the_next_call(scope)
    assert accepts(scope, takes_up(scope))
    scope.clock.forward(minutes=15)  # type: ignore[attr-defined]
    scan(scope)
    assert len(ladders(scope)) == 1
    scope.clock.forward(minutes=5)  # type: ignore[attr-defined]
    scan(scope)
    assert len(ladders(scope)) == 2


def test_who_is_on_the_way_is_left_alone_and_the_lead_is_called(scope: Scope, opened: Open) -> None:
    """R08-2: he has accepted; when he is late, calls would only hold him up."""
    ticket = opened(assignee="7020")
    scope.store.write(acceptance.accept, ticket.id, who="7020", at=scope.clock.now(), text="")
    scope.clock.forward(minutes=29)  # type: ignore[attr-defined]
    assert scan(scope) == 0, "he has until then to be there"
    scope.clock.forward(minutes=1)  # type: ignore[attr-defined]
    for _ in range(6):
        until_the_next_call(scope)
        answers(scope, StepOutcome.NO_ANSWER)
    assert [step[:2] for step in steps(scope)][:3] == [("lead", "7050"), ("lead", "7050"), ("general-manager", "7060")]
    assert "7020" not in {number for _, number, _ in steps(scope)}


def test_accepted_but_never_begun_the_ticket_is_escalated_again_after_a_while(scope: Scope, opened: Open) -> None:
    """R10-4: accepting does not stop a clock that it does not meet."""
    ticket = opened(assignee="7020", state=TicketState.ON_SITE)
    scope.clock.forward(minutes=11)  # type: ignore[attr-defined]
    until_the_next_call(scope)
    assert accepts(scope, takes_up(scope))
    assert scope.store.read(lambda s: s.get_one(Ticket, ticket.id)).state is TicketState.ON_SITE
    scope.clock.forward(minutes=2)  # type: ignore[attr-defined]
    assert scan(scope) == 0
    scope.clock.forward(minutes=2)  # type: ignore[attr-defined]
    scan(scope)
    assert len(ladders(scope)) == 2


@pytest.mark.parametrize("to", [TicketState.ACCEPTED, TicketState.DISPATCHED, TicketState.DONE, TicketState.MERGED])
def test_any_move_of_the_ticket_stops_the_ladder_and_its_call(scope: Scope, opened: Open, to: TicketState) -> None:
    ticket = opened(assignee="7020")
    scope.clock.forward(minutes=11)  # type: ignore[attr-defined]
    until_the_next_call(scope)
    claim, now = takes_up(scope), scope.clock.now()
    scope.store.write(tickets.move, ticket.id, to=to, who="system", at=now)
    assert scope.store.read(outgoing.called_off, [claim]) == {claim.id}
    assert ladders(scope)[0].state is EscalationState.STOPPED
    assert steps(scope) == [("assignee", "7020", "called-off")]
    assert not accepts(scope, claim), "the key comes too late"
    assert not scope.store.write(escalation_answers.answer, claim, StepOutcome.NO_KEY, at=now, policy=scope.policy)


def test_at_night_only_an_emergency_is_escalated(scope: Scope, opened: Open) -> None:
    """R08-2, R08-7: an emergency is escalated at any hour."""
    scope.clock.moment = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)  # type: ignore[attr-defined]  # 22:00 at the site
    opened(TicketKind.REPAIR, assignee="7021")
    scope.clock.forward(hours=4)  # type: ignore[attr-defined]
    scan(scope)
    opened(assignee="7020")
    scope.clock.forward(minutes=15)  # type: ignore[attr-defined]
    until_the_next_call(scope)
    assert [step[:2] for step in steps(scope)] == [("assignee", "7020")]
    scope.clock.moment = datetime(2026, 3, 3, 0, 6, tzinfo=UTC)  # type: ignore[attr-defined]  # 08:06
    scan(scope)
    assert ("assignee", "7021", None) in steps(scope)


def test_staff_off_duty_are_called_for_an_emergency_only(scope: Scope, opened: Open) -> None:
    now = scope.clock.now()
    for number in ("7020", "7010"):
        scope.store.write(presence.say, number, PresenceState.BREAK, at=now)
    opened(assignee="7020")
    opened(TicketKind.COMPLAINT, assignee="7010", department="complaints")
    scope.clock.forward(hours=4)  # type: ignore[attr-defined]
    scan(scope)
    assert [step[:2] for step in steps(scope)] == [("assignee", "7020"), ("lead", "7050")]


def test_the_person_whom_a_complaint_is_about_is_never_called_about_it(scope: Scope, opened: Open) -> None:
    """R15-6."""
    opened(TicketKind.COMPLAINT, assignee="7010", about_staff="7050", department="complaints")
    scope.clock.forward(hours=4)  # type: ignore[attr-defined]
    for _ in range(4):
        until_the_next_call(scope, 200)
        answers(scope, StepOutcome.NO_ANSWER)
    assert [step[1] for step in steps(scope)] == ["7010", "7010", "7060", "7060"]


@pytest.mark.parametrize(
    ("kind", "fields", "person"),
    [
        (TicketKind.URGENT_REPAIR, {}, "7020"),
        (TicketKind.LIFT, {}, "7020"),
        (TicketKind.FAULT, {}, "7030"),
        (TicketKind.COMPLAINT, {}, "7010"),
        (TicketKind.ENQUIRY, {}, "7001"),
        (TicketKind.COMPLAINT, {"department": "complaints"}, "7010"),
        (TicketKind.REPAIR, {"first_receiver": "7003"}, "7003"),
    ],
)
def test_an_unassigned_ticket_is_escalated_to_the_first_receiver_or_the_department(
    scope: Scope, opened: Open, kind: TicketKind, fields: dict[str, Any], person: str
) -> None:
    """R15-1, R10-1."""
    opened(kind, **fields)
    scope.clock.forward(hours=48)  # type: ignore[attr-defined]
    scan(scope)
    assert steps(scope) == [("assignee", person, None)]


def test_a_later_deadline_stops_the_ladder(scope: Scope, opened: Open) -> None:
    ticket = opened(assignee="7020")
    scope.clock.forward(minutes=11)  # type: ignore[attr-defined]
    until_the_next_call(scope)
    answers(scope, StepOutcome.NO_ANSWER)
    later = scope.clock.now() + timedelta(days=1)
    scope.store.write(lambda s: setattr(s.get_one(Ticket, ticket.id), "next_due_at", later))
    scope.clock.forward(minutes=5)  # type: ignore[attr-defined]
    scan(scope)
    assert ladders(scope)[0].state is EscalationState.STOPPED


def test_ladders_that_nobody_accepted_are_listed_first(scope: Scope, opened: Open, policy: Policy) -> None:
    opened(assignee="7020")
    opened(TicketKind.FAULT)
    scope.clock.forward(minutes=11)  # type: ignore[attr-defined]
    scan(scope)

    def exhaust(session: Any) -> None:
        ladder = session.scalar(select(Escalation).where(Escalation.ticket_id == 2))
        ladder.state = EscalationState.EXHAUSTED

    scope.store.write(exhaust)
    listed = scope.store.read(escalations.going_on, limit=10)
    assert [(ladder.ticket_id, ticket.id, len(made)) for ladder, ticket, made in listed] == [(2, 2, 1), (1, 1, 1)]


def test_an_emergency_does_not_wait_behind_tickets_that_are_late_longer(scope: Scope, opened: Open) -> None:
    """R08-2, R01-5, R13-6: even among thousands of late tickets it is called about at the next look."""
    scope.clock.forward(days=-1)  # type: ignore[attr-defined]
    opened(TicketKind.REPAIR)
    scope.clock.forward(days=1)  # type: ignore[attr-defined]
    urgent = opened()
    scope.clock.forward(minutes=31)  # type: ignore[attr-defined]
    assert emergencies(scope) == 2, "its ladder begins, and a call is asked for"
    assert [ladder.ticket_id for ladder in ladders(scope)] == [urgent.id]
    assert takes_up(scope).ticket_id == urgent.id
    assert scan(scope) == 2
    assert len(steps(scope)) == 2, "the other scan escalates the rest"


def test_ladders_are_found_by_an_index(scope: Scope, opened: Open) -> None:
    """The scan costs the same after ten years."""
    from tests.store.history import grow
    from tests.store.what_it_reads import Statements, plans, read_whole

    store: Store = scope.store
    grow(store, 1000, 8000)
    with store.engine.begin() as connection:
        if not store.sqlite:
            connection.exec_driver_sql("ANALYZE")
    with Statements(store) as sent:
        notices(scope)
        scan(scope)
        emergencies(scope)
        store.read(of_new_tickets.last_call, 1)
        store.read(escalations.going_on, limit=10)
    assert sent.statements != []
    assert [(s, plan) for s, plan in plans(store, sent) if read_whole(store, s, plan)] == []


def test_who_cannot_be_rung_is_passed_over_at_once(scope: Scope, opened: Open) -> None:
    """R07-9: a telephone that is not registered will not ring half a minute later."""
    opened(assignee="7020")
    scope.clock.forward(minutes=11)  # type: ignore[attr-defined]
    scan(scope)
    answers(scope, StepOutcome.UNREACHABLE)
    scan(scope)
    answers(scope, StepOutcome.REFUSED)
    scan(scope)
    assert [step[:2] for step in steps(scope)] == [("assignee", "7020"), ("lead", "7050"), ("general-manager", "7060")]


def test_a_colleague_of_the_department_is_called_when_the_first_cannot_be_rung(scope: Scope, opened: Open) -> None:
    """R10-1: those on duty in the department come before its lead."""
    opened()
    scope.clock.forward(minutes=11)  # type: ignore[attr-defined]
    for outcome in (StepOutcome.UNREACHABLE, StepOutcome.UNREACHABLE):
        scan(scope)
        answers(scope, outcome)
    scan(scope)
    assert [step[:2] for step in steps(scope)] == [("assignee", "7020"), ("assignee", "7021"), ("assignee", "7022")]


def test_a_clock_that_is_met_ends_its_ladder_while_the_telephone_rings(scope: Scope, opened: Open) -> None:
    """R08-3: the customer has just been informed, and that was what the call is about."""
    ticket = opened(TicketKind.COMPLAINT, assignee="7010", department="complaints")
    at = scope.clock.now()
    for state in (TicketState.ACCEPTED, TicketState.ON_SITE):
        scope.store.write(tickets.move, ticket.id, to=state, who="system", at=at)
    scope.clock.forward(hours=3, minutes=45)  # type: ignore[attr-defined]
    until_the_next_call(scope)
    claim, now = takes_up(scope), scope.clock.now()
    scope.store.write(intake.tell, ticket.id, "a pump is ordered", who="7001", at=now)
    assert ladders(scope)[0].state is EscalationState.STOPPED
    assert scope.store.read(outgoing.called_off, [claim]) == {claim.id}
    assert steps(scope) == [("assignee", "7010", "called-off")]


def test_a_postponed_promise_ends_its_ladder_while_the_telephone_rings(scope: Scope, opened: Open) -> None:
    """R15-3."""
    ticket = opened(TicketKind.COMPLAINT, assignee="7010", department="complaints")
    at, policy = scope.clock.now(), scope.policy
    for state in (TicketState.ACCEPTED, TicketState.ON_SITE):
        scope.store.write(tickets.move, ticket.id, to=state, who="system", at=at)
    due = at + timedelta(hours=2)
    scope.store.write(promises.make, ticket.id, due_at=due, who="7010", at=at, policy=policy)
    scope.clock.forward(hours=1, minutes=45)  # type: ignore[attr-defined]
    until_the_next_call(scope)
    claim, now = takes_up(scope), scope.clock.now()
    scope.store.write(
        promises.postpone,
        ticket.id,
        due_at=due + timedelta(hours=24),
        reason="a part",
        told=True,
        who="7010",
        at=now,
        policy=policy,
    )
    assert scope.store.read(outgoing.called_off, [claim]) == {claim.id}


def test_a_fault_that_has_gone_away_calls_nobody_any_more(scope: Scope) -> None:
    """R17-5: the disk has room again while the telephone rings about it."""
    kinds, subject = (FindingKind.DISK_NEARLY_FULL,), (FindingKind.DISK_NEARLY_FULL, "/home")

    def look(session: Any, full: bool, at: datetime) -> None:
        for finding in findings.settle(session, kinds, {subject: None} if full else {}, at=at):
            text = "the disk is nearly full"
            ticket = tickets.open_fault(session, at=at, policy=scope.policy, language="zh", text=text)
            finding.ticket_id = ticket.id

    scope.store.write(look, True, scope.clock.now())
    scope.clock.forward(minutes=11)  # type: ignore[attr-defined]
    until_the_next_call(scope)
    claim = takes_up(scope)
    scope.store.write(look, False, scope.clock.now())
    assert scope.store.read(outgoing.called_off, [claim]) == {claim.id}
    record = scope.store.read(tickets.get, 1)
    assert record is not None
    assert (record.ticket.state, record.events[-1].text) == (TicketState.DONE, "no longer so")
    scope.clock.forward(hours=5)  # type: ignore[attr-defined]
    assert scan(scope) == 0


def test_a_fault_that_somebody_works_on_stays_with_that_person_when_it_goes_away(scope: Scope) -> None:
    at = scope.clock.now()
    ticket = scope.store.write(tickets.open_fault, at=at, policy=scope.policy, language="zh", text="a test")
    scope.store.write(acceptance.accept, ticket.id, who="7030", at=at, text="")
    over = scope.store.write(tickets.end_fault, ticket.id, "no longer so", at=at)
    assert (over.state, over.assignee) == (TicketState.ACCEPTED, "7030")
