"""A department is called about a ticket that is new to it until one accepts; then nobody has: the supervisor's task."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from models.calls import calls
from models.people import presence
from models.states.calls import EndedBy, Priority
from models.states.people import PresenceState
from models.states.tickets import (
    EscalationState,
    LadderCause,
    Severity,
    Source,
    StepOutcome,
    TaskKind,
    TaskState,
    TicketEventKind,
    TicketKind,
    TicketState,
)
from models.tables import CallToMake, Escalation, Task, Ticket
from models.tickets import acceptance, dispatch, intake, tickets
from models.tickets.intake import Facts
from scheduler.scans.escalations import escalations
from scheduler.scans.notices import notices
from scheduler.scope import Scope
from tests.store.tickets.test_escalations import accepts, answers, ladders, steps, takes_up

pytestmark = pytest.mark.store

NIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""23:00 at the site."""
MORNING = datetime(2026, 3, 2, 23, 51, tzinfo=UTC)
"""07:51 of the next day."""

Write = Callable[..., Any]


@pytest.fixture
def write(scope: Scope) -> Write:
    """Writes as 7001, now."""

    def do(function: Callable[..., Any], *args: Any, **values: Any) -> Any:
        return scope.store.write(function, *args, **({"who": "7001", "at": scope.clock.now()} | values))

    return do


@pytest.fixture
def complained(scope: Scope, write: Write) -> Callable[..., Ticket]:
    """A complaint on paper, which nobody has taken down at the telephone."""

    def open(kind: TicketKind = TicketKind.COMPLAINT, **facts: Any) -> Ticket:
        ticket: Ticket = write(
            intake.new,
            kind=kind,
            source=Source.WEB,
            facts=Facts(problem="noise at night", **facts),
            policy=scope.policy,
            language="zh",
            who="api:web",
        )
        return ticket

    return open


def look(scope: Scope) -> None:
    notices(scope)
    escalations(scope)


def events(scope: Scope, ticket: Ticket) -> list[str]:
    record = scope.store.read(tickets.get, ticket.id)
    assert record is not None
    return [one.text for one in record.events if one.kind is TicketEventKind.NOTIFIED]


def owed(scope: Scope, state: TaskState = TaskState.OPEN) -> list[tuple[str | None, str | None]]:
    query = select(Task).where(Task.kind == TaskKind.NOT_ACCEPTED, Task.state == state)
    return [(task.owner_group, task.owner_staff) for task in scope.store.read(lambda s: list(s.scalars(query)))]


def reached(scope: Scope, *outcomes: StepOutcome) -> list[str]:
    """Who is called, one after the other, when each call ends so."""
    for outcome in outcomes:
        look(scope)
        answers(scope, outcome)
        scope.clock.forward(minutes=scope.policy.notify.pause_minutes)  # type: ignore[attr-defined]
    look(scope)
    return [number for _, number, _ in steps(scope)]


def test_a_dispatch_rings_the_department_at_once_and_key_1_accepts_it(
    scope: Scope, complained: Callable[..., Ticket], write: Write
) -> None:
    """R10-1, R17-2."""
    ticket = complained(TicketKind.REPAIR)
    look(scope)
    assert ladders(scope) == [], "a repair is notified of when it is dispatched"
    write(dispatch.dispatch, ticket.id, department="engineering")
    look(scope)
    (call,) = scope.store.read(lambda s: list(s.scalars(select(CallToMake))))
    assert (call.extension, call.due_at, call.priority) == ("7020", scope.clock.now(), Priority.ORDINARY)
    assert accepts(scope, takes_up(scope))
    now = scope.store.read(lambda s: s.get_one(Ticket, ticket.id))
    assert (now.state, now.assignee) == (TicketState.ACCEPTED, "7020")
    (ladder,) = ladders(scope)
    assert (ladder.cause, ladder.state, ladder.accepted_by) == (LadderCause.NEW, EscalationState.ACCEPTED, "7020")
    assert events(scope, ticket) == ["accepted: 7020"], "the ticket shows who was called, and when"
    scope.clock.forward(minutes=30)  # type: ignore[attr-defined]
    look(scope)
    assert len(steps(scope)) == 1


@pytest.mark.parametrize("kind", [TicketKind.COMPLAINT, TicketKind.SUGGESTION])
def test_a_complaint_and_a_suggestion_ring_the_department_that_takes_them(
    scope: Scope, complained: Callable[..., Ticket], kind: TicketKind
) -> None:
    """R03-2, R05-6, R14-2: [[group]] kinds of the site file."""
    complained(kind)
    look(scope)
    assert steps(scope) == [("department", "7010", None)]


def test_a_message_rings_the_group_of_its_line(scope: Scope, begin_call: Callable[..., Any], write: Write) -> None:
    """R14-2: after the call, in which a colleague might still have taken it."""
    call, at = begin_call(), scope.clock.now()
    scope.store.write(tickets.open, kind=TicketKind.MESSAGE, call_id=call.id, at=at, policy=scope.policy)
    look(scope)
    assert steps(scope) == []
    scope.store.write(calls.end, call.id, by=EndedBy.CALLER, reason="", at=at)
    look(scope)
    assert steps(scope) == [("department", "7001", None)]


def test_who_has_taken_a_complaint_down_for_the_department_needs_no_call(
    scope: Scope, complained: Callable[..., Ticket], write: Write
) -> None:
    """R15-1."""
    ticket = complained()
    scope.store.write(tickets.receive, ticket.id, "7010", at=scope.clock.now())
    look(scope)
    assert ladders(scope) == []


def test_who_takes_a_ticket_himself_is_not_called_about_it(
    scope: Scope, complained: Callable[..., Ticket], write: Write
) -> None:
    ticket = complained(TicketKind.REPAIR)
    write(dispatch.assign, ticket.id, staff_number="7020", who="7020")
    look(scope)
    assert ladders(scope) == []


def test_refused_or_not_answered_others_of_the_department_are_called_then_the_supervisor_has_a_task(
    scope: Scope, complained: Callable[..., Ticket], write: Write
) -> None:
    """R17-2: [notify] tries."""
    ticket = complained(TicketKind.REPAIR)
    write(dispatch.dispatch, ticket.id, department="engineering")
    called = reached(scope, StepOutcome.UNREACHABLE, StepOutcome.NO_ANSWER, StepOutcome.DECLINED, StepOutcome.NO_KEY)
    assert called == ["7020", "7021", "7022", "7021"], "a telephone that cannot be rung counts for nothing"
    assert (ladders(scope)[0].state, owed(scope)) == (EscalationState.HANDED_UP, [("engineering", "7050")])
    assert events(scope, ticket)[0] == "unreachable: 7020"
    scope.store.write(acceptance.accept, ticket.id, who="7050", at=scope.clock.now(), text="")
    assert owed(scope) == [], "somebody has it"


def test_who_passes_it_on_is_not_called_again(scope: Scope, complained: Callable[..., Ticket], write: Write) -> None:
    ticket = complained(TicketKind.REPAIR)
    write(dispatch.dispatch, ticket.id, department="engineering")
    look(scope)
    answers(scope, StepOutcome.PASSED_ON)
    look(scope)
    answers(scope, StepOutcome.PASSED_ON)
    look(scope)
    assert [number for _, number, _ in steps(scope)] == ["7020", "7021", "7022"], "at once"


def test_with_nobody_on_duty_the_supervisor_has_the_task_at_once(
    scope: Scope, complained: Callable[..., Ticket]
) -> None:
    scope.store.write(presence.say, "7010", PresenceState.BREAK, at=scope.clock.now())
    complained()
    look(scope)
    assert (steps(scope), owed(scope)) == ([], [("complaints", "7050")])


def test_the_person_complained_of_is_neither_called_nor_given_the_task(
    scope: Scope, complained: Callable[..., Ticket], write: Write
) -> None:
    """R15-6."""
    ticket = complained()
    write(tickets.about, ticket.id, "7050", policy=scope.policy)
    look(scope)
    assert steps(scope) == [("department", "7010", None)]
    for _ in range(3):
        answers(scope, StepOutcome.NO_ANSWER)
        scope.clock.forward(minutes=3)  # type: ignore[attr-defined]
        look(scope)
    assert owed(scope) == [("complaints", None)]


def test_what_can_wait_rings_in_the_morning(scope: Scope, complained: Callable[..., Ticket]) -> None:
    """R09-1."""
    scope.clock.moment = NIGHT  # type: ignore[attr-defined]
    complained(TicketKind.SUGGESTION)
    look(scope)
    assert steps(scope) == []
    scope.clock.moment = MORNING  # type: ignore[attr-defined]
    look(scope)
    assert steps(scope)[0][:2] == ("department", "7010")


def test_a_serious_complaint_at_night_reaches_the_leader_on_duty(
    scope: Scope, complained: Callable[..., Ticket]
) -> None:
    """R09-3, R07-9: at once, and until somebody has it."""
    scope.clock.moment = NIGHT  # type: ignore[attr-defined]
    ticket = complained(severity=Severity.SERIOUS)
    look(scope)
    assert steps(scope) == [("manager", "7050", None)]
    answers(scope, StepOutcome.NO_ANSWER)
    scope.clock.forward(minutes=41)  # type: ignore[attr-defined]
    for _ in range(3):
        escalations(scope)
    assert ladders(scope)[-1].cause is LadderCause.LATE, (
        "the deadline is near: the ladder goes on with it, also at night"
    )
    assert len(steps(scope)) == 2
    assert ticket.severity is Severity.SERIOUS


def test_a_complaint_that_turns_out_serious_at_night_reaches_the_leader(
    scope: Scope, complained: Callable[..., Ticket], write: Write
) -> None:
    """R09-3: the agent on duty marks it so after the call."""
    scope.clock.moment = NIGHT  # type: ignore[attr-defined]
    ticket = complained()
    scope.store.write(tickets.receive, ticket.id, "7010", at=NIGHT)
    look(scope)
    write(intake.fill_in, ticket.id, Facts(severity=Severity.SERIOUS), policy=scope.policy)
    look(scope)
    assert steps(scope) == [("manager", "7050", None)]


def test_an_urgent_repair_that_is_dispatched_at_night_rings_the_department_then_the_leader(
    scope: Scope, complained: Callable[..., Ticket], write: Write
) -> None:
    """R09-3."""
    scope.clock.moment = NIGHT  # type: ignore[attr-defined]
    ticket = complained(TicketKind.URGENT_REPAIR)
    write(dispatch.dispatch, ticket.id, department="engineering")
    for number in ("7020", "7021", "7022"):
        look(scope)
        assert takes_up_extension(scope) == number
        scope.clock.forward(minutes=3)  # type: ignore[attr-defined]
    look(scope)
    assert steps(scope)[-1] == ("manager", "7050", None)


def takes_up_extension(scope: Scope) -> str:
    number = steps(scope)[-1][1]
    answers(scope, StepOutcome.PASSED_ON)
    return number


def test_a_new_dispatch_calls_the_new_department_instead(
    scope: Scope, complained: Callable[..., Ticket], write: Write
) -> None:
    """The call about the former one is hung up."""
    ticket = complained(TicketKind.REPAIR)
    write(dispatch.dispatch, ticket.id, department="engineering")
    look(scope)
    write(dispatch.dispatch, ticket.id, department="floor")
    look(scope)
    assert steps(scope) == [("department", "7020", "called-off"), ("department", "7040", None)]


def test_a_site_that_wants_no_calls_gets_none(scope: Scope, complained: Callable[..., Ticket], write: Write) -> None:
    quiet = scope.policy.model_copy(update={"notify": scope.policy.notify.model_copy(update={"kinds": []})})
    scope = replace(scope, policy=quiet)
    ticket = complained()
    write(dispatch.dispatch, ticket.id, department="complaints")
    look(scope)
    assert (ladders(scope), owed(scope)) == ([], [])


def test_calls_about_new_tickets_are_no_calls_about_late_ones(scope: Scope, complained: Callable[..., Ticket]) -> None:
    from models.health import open_work
    from models.tickets import escalations as of_tickets

    complained()
    look(scope)
    assert len(scope.store.read(lambda s: list(s.scalars(select(Escalation))))) == 1
    assert scope.store.read(of_tickets.going_on, limit=9) == []
    assert scope.store.read(open_work.counted, scope.clock.now())["escalations_open"] == 0
