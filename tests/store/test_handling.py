"""A matter is sent to whom it concerns, promised once, followed by who was first asked, never his who it is about."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models import dispatch, first_asked, impartial, intake, promises, tickets
from models.errors import MoveRefused
from models.impartial import NotImpartial
from models.intake import Facts
from models.policy import Policy
from models.promises import Promise, PromiseRefused
from models.states import (
    PromiseEnding,
    Reporter,
    Source,
    TaskKind,
    TaskState,
    TicketEventKind,
    TicketKind,
    TicketState,
)
from models.store import Store
from models.tables import Task, Ticket
from scheduler.scans.first_asked import first_asked as look
from scheduler.scope import Scope

pytestmark = pytest.mark.store

FACTS = Facts("王建国", "13800138000", "no water", "water today")
Write = Callable[..., Any]


@pytest.fixture
def do(staffed: Store, noon: datetime) -> Write:
    """Writes in the name of 7001, at noon, unless it is said otherwise."""

    def write(function: Callable[..., Any], *args: Any, **values: Any) -> Any:
        return staffed.write(function, *args, **({"who": "7001", "at": noon} | values))

    return write


@pytest.fixture
def new(do: Write, policy: Policy) -> Callable[..., Ticket]:
    def make(kind: TicketKind = TicketKind.REPAIR, facts: Facts = FACTS, **values: Any) -> Ticket:
        ticket: Ticket = do(
            intake.new, kind=kind, source=values.pop("source", Source.VISIT), facts=facts, policy=policy, language="zh",
            **values,
        )  # fmt: skip
        return ticket

    return make


@pytest.fixture
def events(staffed: Store) -> Callable[..., list[tuple[str, str, str]]]:
    def of(ticket: Ticket, *kinds: TicketEventKind) -> list[tuple[str, str, str]]:
        record = staffed.read(tickets.get, ticket.id)
        assert record is not None
        return [(one.kind.value, one.who, one.text) for one in record.events if not kinds or one.kind in kinds]

    return of


def owed(store: Store, ticket: Ticket) -> list[tuple[str, str | None, str]]:
    def read(session: Any) -> list[Task]:
        return list(session.scalars(select(Task).where(Task.ticket_id == ticket.id).order_by(Task.id)))

    return [(task.kind.value, task.owner_staff, task.state.value) for task in store.read(read)]


def test_a_matter_told_at_the_counter_has_its_source_reporter_and_first_receiver(
    new: Callable[..., Ticket], events: Any
) -> None:
    """R02-2, R03-7, R13-2, R15-1."""
    facts = Facts("孙某", "+86 139 0013 9000", "noise", "quiet", reporter=Reporter.THIRD_PARTY)
    ticket = new(TicketKind.COMPLAINT, facts, source=Source.E_MAIL)
    assert (ticket.source, ticket.reporter, ticket.first_receiver) == ("e-mail", "third-party", "7001")
    assert ticket.contact_number == "13900139000"
    assert ticket.next_due_at is not None
    assert events(ticket)[0] == (
        "opened", "7001",
        "contact_name: 孙某\ncontact_number: +86 139 0013 9000\nproblem: noise\nneed: quiet\nreporter: third-party",
    )  # fmt: skip


def test_a_dispatch_names_the_department_and_lists_what_is_missing(
    new: Callable[..., Ticket], do: Write, events: Any
) -> None:
    """R03-2, R10-1, R13-2, R17-2."""
    sent = do(dispatch.dispatch, new(facts=Facts(problem="no light")).id, department="engineering")
    assert (sent.ticket.state, sent.ticket.department, sent.ticket.assignee) == ("dispatched", "engineering", None)
    assert sent.missing == ["name", "telephone", "need"]
    again = do(dispatch.assign, sent.ticket.id, staff_number="7020").ticket
    assert (again.state, again.department, again.assignee) == ("dispatched", "engineering", "7020")
    accepted = do(tickets.move, again.id, to=TicketState.ACCEPTED, who="7020")
    other = do(dispatch.assign, accepted.id, staff_number="7021", text="on leave").ticket
    assert (other.state, other.assignee) == ("dispatched", "7021"), "the new one has not accepted it"
    assert [text for _, _, text in events(other, TicketEventKind.ASSIGNED)] == [
        "engineering",
        "engineering -> engineering 7020",
        "engineering 7020 -> engineering 7021",
    ]


def test_nothing_is_dispatched_to_nobody_or_to_a_stranger(new: Callable[..., Ticket], do: Write) -> None:
    """R17-2."""
    ticket = new()
    for wrong in (
        {"department": "gardening"},
        {"department": "engineering", "assignee": "7001"},
        {"department": "engineering", "assignee": "7999"},
    ):
        with pytest.raises(MoveRefused):
            do(dispatch.dispatch, ticket.id, **wrong)
    with pytest.raises(MoveRefused, match="department"):
        do(tickets.move, ticket.id, to=TicketState.DISPATCHED)
    with pytest.raises(LookupError):
        do(dispatch.dispatch, 4711, department="engineering")


def test_who_accepts_what_nobody_was_given_has_it(new: Callable[..., Ticket], do: Write) -> None:
    accepted = do(tickets.move, new().id, to=TicketState.ACCEPTED, who="7020")
    assert (accepted.assignee, accepted.department) == ("7020", "engineering")


def test_waiting_needs_a_reason_and_that_the_customer_was_told(
    new: Callable[..., Ticket], do: Write, events: Any
) -> None:
    """R08-7."""
    ticket = new()
    for lacking in ({"text": "a pump"}, {"told": True}):
        with pytest.raises(MoveRefused, match="told"):
            do(tickets.move, ticket.id, to=TicketState.WAITING, **lacking)
    do(tickets.move, ticket.id, to=TicketState.WAITING, text="a pump", told=True)
    assert events(ticket, TicketEventKind.TOLD) == [("told", "7001", "a pump")]


def test_what_is_not_known_or_not_confirmed_is_closed_only_with_a_reason(
    new: Callable[..., Ticket], do: Write, staffed: Store
) -> None:
    """R13-2, R15-4."""
    ticket = new(facts=Facts(problem="no light", contact_number="1101"))
    do(tickets.move, ticket.id, to=TicketState.DONE)
    with pytest.raises(MoveRefused, match="without name, need"):
        do(tickets.move, ticket.id, to=TicketState.CLOSED)
    do(intake.fill_in, ticket.id, Facts(contact_name="李", need="light"))
    with pytest.raises(MoveRefused, match="not confirmed"):
        do(tickets.move, ticket.id, to=TicketState.CLOSED)
    assert do(tickets.move, ticket.id, to=TicketState.CLOSED, text="cannot be reached").state is TicketState.CLOSED


def test_what_is_put_right_leaves_what_stood_there(new: Callable[..., Ticket], do: Write, events: Any) -> None:
    """R01-3: nothing is lost."""
    ticket = new()
    do(intake.fill_in, ticket.id, Facts(problem="no hot water", need="water today"), who="7002")
    assert events(ticket, TicketEventKind.FILLED_IN) == [("filled-in", "7002", "problem: no hot water (was: no water)")]


def test_what_is_referred_names_the_utility_and_its_number(new: Callable[..., Ticket], do: Write) -> None:
    """R15-8."""
    ticket = new()
    with pytest.raises(MoveRefused, match="to whom"):
        do(tickets.move, ticket.id, to=TicketState.REFERRED)
    referred = do(dispatch.refer, ticket.id, to="water works", reference="W-77")
    assert (referred.state, referred.referred_to, referred.referral_number) == ("referred", "water works", "W-77")
    assert do(dispatch.refer, ticket.id, to="water works", reference="W-78").referral_number == "W-78"
    assert do(tickets.move, ticket.id, to=TicketState.DONE).state is TicketState.DONE


def test_two_matters_that_are_one_go_on_as_one_with_the_earlier_promise(
    new: Callable[..., Ticket], do: Write, policy: Policy, staffed: Store, noon: datetime
) -> None:
    """R15-3: nobody puts a matter off twice by merging it."""
    one, two, three = new(), new(), new()
    for ticket, days in ((one, 2), (two, 3)):
        do(promises.make, ticket.id, due_at=noon + timedelta(days=days), policy=policy)
    later = {"due_at": noon + timedelta(days=4), "reason": "parts", "told": True, "policy": policy}
    do(promises.postpone, one.id, **later)
    with pytest.raises(MoveRefused, match="into which"):
        do(tickets.move, one.id, to=TicketState.MERGED)
    into = do(dispatch.merge, one.id, into=two.id)
    running = staffed.read(promises.open_of, two.id)
    assert running is not None
    assert running.due_at == noon + timedelta(days=3)
    assert staffed.read(promises.open_of, one.id) is None
    with pytest.raises(PromiseRefused, match="put off once"):
        do(promises.postpone, two.id, **later)
    do(dispatch.merge, into.id, into=three.id)
    record = staffed.read(tickets.get, three.id)
    assert record is not None
    assert [ticket.id for ticket in record.merged] == [one.id, two.id]
    assert record.promises[-1].due_at == noon + timedelta(days=3)
    for wrong in (three.id, one.id):
        with pytest.raises(MoveRefused):
            do(dispatch.merge, three.id, into=wrong)


def test_a_promise_is_within_a_week_and_makes_the_ticket_due(
    new: Callable[..., Ticket], do: Write, policy: Policy, staffed: Store, noon: datetime
) -> None:
    """R11-2, R15-2."""
    ticket = new(TicketKind.ENQUIRY)
    for wrong, why in ((timedelta(days=8), "no more than 7 days"), (timedelta(0), "passed")):
        with pytest.raises(PromiseRefused, match=why):
            do(promises.make, ticket.id, due_at=noon + wrong, policy=policy)
    promise: Promise = do(promises.make, ticket.id, due_at=noon + timedelta(hours=3), policy=policy)
    assert not promises.longer_than_best(promise, policy)
    record = staffed.read(tickets.get, ticket.id)
    assert record is not None
    assert record.ticket.next_due_at == promise.due_at
    with pytest.raises(PromiseRefused, match="has a promise already"):
        do(promises.make, ticket.id, due_at=noon + timedelta(hours=5), policy=policy)
    do(tickets.move, ticket.id, to=TicketState.DONE, at=noon + timedelta(hours=2))
    (kept,) = staffed.read(tickets.get, ticket.id).promises
    assert kept.ending is PromiseEnding.KEPT
    with pytest.raises(PromiseRefused, match="nothing to promise"):
        do(promises.make, ticket.id, due_at=noon + timedelta(days=1), policy=policy)


def test_a_promise_is_put_off_once_with_a_reason_before_its_date_and_never_again(
    new: Callable[..., Ticket], do: Write, policy: Policy, staffed: Store, noon: datetime
) -> None:
    """R15-3."""
    ticket = new()
    day = timedelta(days=1)
    terms: dict[str, Any] = {"due_at": noon + 2 * day, "reason": "parts", "told": True, "policy": policy}
    with pytest.raises(PromiseRefused, match="no promise"):
        do(promises.postpone, ticket.id, **terms)
    do(promises.make, ticket.id, due_at=noon + day, policy=policy)
    for wrong in ({"reason": " "}, {"told": False}, {"due_at": noon + day}, {"at": noon + day}):
        with pytest.raises(PromiseRefused):
            do(promises.postpone, ticket.id, **(terms | wrong))
    do(promises.postpone, ticket.id, **terms)
    for who in ("7001", "7050", "7060", "system"):
        with pytest.raises(PromiseRefused, match="never put off twice"):
            do(promises.postpone, ticket.id, **(terms | {"due_at": noon + 3 * day, "who": who}))
    do(tickets.move, ticket.id, to=TicketState.DONE, at=noon + 3 * day)
    ends = [
        (promise.ending, promise.postpones_id is not None) for promise in staffed.read(tickets.get, ticket.id).promises
    ]
    assert ends == [(PromiseEnding.POSTPONED, False), (PromiseEnding.BROKEN, True)]
    do(tickets.move, ticket.id, to=TicketState.REOPENED, who="system", policy=policy)
    do(promises.make, ticket.id, due_at=noon + day, policy=policy)
    with pytest.raises(PromiseRefused, match="never put off twice"):
        do(promises.postpone, ticket.id, **terms)


def test_of_many_who_put_it_off_at_once_one_does(
    new: Callable[..., Ticket], do: Write, policy: Policy, staffed: Store, noon: datetime
) -> None:
    """R15-3."""
    ticket = new()
    do(promises.make, ticket.id, due_at=noon + timedelta(days=1), policy=policy)
    barrier, outcomes = threading.Barrier(4), []

    def postpone(hours: int) -> None:
        barrier.wait()
        try:
            due_at = noon + timedelta(days=2, hours=hours)
            do(promises.postpone, ticket.id, due_at=due_at, reason="parts", told=True, policy=policy)
            outcomes.append("done")
        except PromiseRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=postpone, args=(hours,)) for hours in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused", "refused", "refused"]
    assert len(staffed.read(tickets.get, ticket.id).promises) == 2


VERBS: dict[str, Callable[[Ticket, datetime, Policy], tuple[Callable[..., Any], dict[str, Any]]]] = {
    "move": lambda _ticket, _noon, _policy: (tickets.move, {"to": TicketState.DONE}),
    "note": lambda _ticket, _noon, _policy: (tickets.note, {"text": "not true"}),
    "about": lambda _ticket, _noon, _policy: (tickets.about, {"staff_number": "7002"}),
    "fill in": lambda _ticket, _noon, _policy: (intake.fill_in, {"facts": Facts(need="nothing")}),
    "tell": lambda _ticket, _noon, _policy: (intake.tell, {"text": "all is well"}),
    "dispatch": lambda _ticket, _noon, _policy: (dispatch.dispatch, {"department": "engineering"}),
    "assign": lambda _ticket, _noon, _policy: (dispatch.assign, {"staff_number": "7001"}),
    "refer": lambda _ticket, _noon, _policy: (dispatch.refer, {"to": "somebody"}),
    "merge": lambda ticket, _noon, _policy: (dispatch.merge, {"into": ticket.id}),
    "promise": lambda _ticket, noon, policy: (
        promises.make, {"due_at": noon + timedelta(days=1), "policy": policy},
    ),
    "postpone": lambda _ticket, noon, policy: (
        promises.postpone,
        {"due_at": noon + timedelta(days=1), "reason": "x", "told": True, "policy": policy},
    ),
    "hand over": lambda _ticket, _noon, _policy: (tickets.hand_over, {"to": "7002", "handover_id": 1}),
}  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_whom_a_complaint_is_about_changes_nothing_of_it(
    verb: str, new: Callable[..., Ticket], do: Write, policy: Policy, staffed: Store, noon: datetime
) -> None:
    """R01-7, R15-6: whichever verb he tries."""
    ticket = new(TicketKind.COMPLAINT, about_staff="7010")
    function, values = VERBS[verb](new(), noon, policy)
    before = len(staffed.read(tickets.get, ticket.id).events)
    with pytest.raises(NotImpartial):
        do(function, ticket.id, **(values | {"who": "7010"}))
    assert len(staffed.read(tickets.get, ticket.id).events) == before


def test_he_is_not_given_it_either_nor_is_the_department_that_he_leads(
    new: Callable[..., Ticket], do: Write, staffed: Store, noon: datetime
) -> None:
    """R01-7, R15-6."""
    ticket = new(TicketKind.COMPLAINT, about_staff="7010")
    with pytest.raises(NotImpartial):
        do(dispatch.assign, ticket.id, staff_number="7010")
    with pytest.raises(NotImpartial):
        do(tickets.hand_over, ticket.id, to="7010", handover_id=1)
    with pytest.raises(NotImpartial):
        staffed.write(first_asked.take, ticket.id, "7010", at=noon)
    assert not impartial.may_have(ticket, "7010")
    lead = new(TicketKind.COMPLAINT, about_staff="7050")
    with pytest.raises(NotImpartial, match="leads engineering"):
        do(dispatch.dispatch, lead.id, department="engineering")
    do(dispatch.dispatch, lead.id, department="management")


def test_he_takes_it_down_truthfully_and_it_is_his_leads_from_then_on(
    new: Callable[..., Ticket], do: Write, staffed: Store, events: Any
) -> None:
    """R15-6."""
    ticket = new(TicketKind.COMPLAINT, about_staff="7001")
    assert (ticket.about_staff, ticket.first_receiver) == ("7001", "7050")
    assert events(ticket, TicketEventKind.HANDED_OVER) == [("handed-over", "system", "7001 -> 7050: R15-6")]
    with pytest.raises(NotImpartial):
        do(intake.fill_in, ticket.id, Facts(need="nothing"))
    with pytest.raises(MoveRefused, match="first record stays"):
        do(intake.fill_in, ticket.id, Facts(problem="all was well"), who="7050")
    do(intake.fill_in, ticket.id, Facts(need="an apology"), who="7050")
    with pytest.raises(MoveRefused, match="nobody at work here"):
        new(TicketKind.COMPLAINT, about_staff="7999")


def test_a_complaint_about_a_person_is_not_lost_in_another_matter(new: Callable[..., Ticket], do: Write) -> None:
    """R15-6."""
    with pytest.raises(NotImpartial, match="would be lost"):
        do(dispatch.merge, new(TicketKind.COMPLAINT, about_staff="7010").id, into=new().id)


def test_the_first_receiver_is_reminded_while_it_is_not_done_and_told_when_it_is(
    new: Callable[..., Ticket], do: Write, scope: Scope, clock: Any, events: Any
) -> None:
    """R15-1, R15-4: even when others do the work."""
    ticket = new()
    do(dispatch.assign, ticket.id, staff_number="7020")
    assert look(scope) == 0
    clock.forward(hours=24)
    assert look(scope) == 1
    assert look(scope) == 0, "once"
    assert owed(scope.store, ticket) == [("follow-matter", "7001", "open")]
    clock.forward(hours=25)
    assert look(scope) == 1
    (task,) = scope.store.read(first_asked.tasks_of, "7001", limit=9)
    assert (task.times, task.owner_group) == (2, "agents")
    do(tickets.move, ticket.id, to=TicketState.ACCEPTED, who="7020", at=clock.now())
    do(tickets.move, ticket.id, to=TicketState.DONE, who="7020", at=clock.now())
    assert look(scope) == 1
    assert look(scope) == 0
    assert owed(scope.store, ticket) == [("follow-matter", "7001", "closed"), ("matter-done", "7001", "open")]
    do(tickets.move, ticket.id, to=TicketState.REOPENED, who="system", at=clock.now(), policy=scope.policy)
    assert owed(scope.store, ticket)[1:] == [("matter-done", "7001", "closed"), ("follow-matter", "7001", "open")]
    do(tickets.move, ticket.id, to=TicketState.DONE, who="7020", at=clock.now())
    assert look(scope) == 1
    do(tickets.move, ticket.id, to=TicketState.CONFIRMED, who="7001", at=clock.now())
    assert {state for _, _, state in owed(scope.store, ticket)} == {"closed"}
    clock.forward(hours=240)
    assert look(scope) == 0


def test_a_matter_changes_hands_only_with_the_shift(
    new: Callable[..., Ticket], do: Write, scope: Scope, clock: Any, events: Any, noon: datetime
) -> None:
    """R15-1."""
    ticket = new()
    with pytest.raises(MoveRefused, match="only at the shift handover"):
        scope.store.write(first_asked.take, ticket.id, "7002", at=noon)
    clock.forward(hours=24)
    look(scope)
    with pytest.raises(MoveRefused, match="nobody at work"):
        do(tickets.hand_over, ticket.id, to="7999", handover_id=5)
    handed = do(tickets.hand_over, ticket.id, to="7002", who="7002", at=clock.now(), handover_id=5)
    assert handed.first_receiver == "7002"
    assert events(ticket, TicketEventKind.HANDED_OVER) == [("handed-over", "7002", "7001 -> 7002: handover 5")]
    assert owed(scope.store, ticket) == [("follow-matter", "7002", "open")]
    assert look(scope) == 0, "he is reminded a day after he has taken over"
    assert [one.id for one in scope.store.read(first_asked.mine, "7002", limit=9)] == [ticket.id]
    assert scope.store.read(first_asked.mine, "7001", limit=9) == []


def test_two_scans_at_once_tell_him_once(new: Callable[..., Ticket], scope: Scope, clock: Any, policy: Policy) -> None:
    ticket = new()
    clock.forward(hours=24)
    told: list[bool] = []
    barrier = threading.Barrier(2)

    def scan() -> None:
        barrier.wait()
        told.append(scope.store.write(first_asked.remind, ticket.id, at=clock.now(), policy=policy))

    threads = [threading.Thread(target=scan) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False, True]
    assert owed(scope.store, ticket) == [(TaskKind.FOLLOW_MATTER, "7001", TaskState.OPEN)]
