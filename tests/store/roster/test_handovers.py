"""The open tickets of a shift pass to the colleague of the next shift who takes them over (R09-6, R14-2)."""

from collections.abc import Callable
from datetime import UTC, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.calls import outgoing
from models.database.store import Store
from models.guests import stays, wakeups
from models.guests.wakeups import WakeupHow
from models.people import presence
from models.people.presence import PresenceState
from models.policy import Policy
from models.roster import handovers, swaps
from models.roster.handovers import Handover, HandoverRefused
from models.site import Site
from models.states.calls import Purpose, ToMake
from models.states.roster import HandoverState
from models.states.tickets import LadderRung, Source, TaskKind, TaskState, TicketEventKind, TicketKind
from models.tables import CallToMake, Task, Ticket, TicketEvent
from models.tickets import escalations, tasks, tickets
from scheduler.scans.escalations import escalations as escalate
from scheduler.scans.handovers import handovers as scan
from scheduler.scope import Scope
from tests.store.roster.rostered import delivered, install, local

pytestmark = pytest.mark.store

Received = Callable[..., Ticket]


@pytest.fixture
def received(scope: Scope, policy: Policy, begin_call: Callable[..., Any]) -> Received:
    """A ticket with its first receiver."""
    count = iter(range(1, 99))

    def receive(by: str, about: str | None = None) -> Ticket:
        call, now = begin_call(f"17.{next(count)}"), scope.clock.now()
        ticket = scope.store.write(tickets.open, kind=TicketKind.REPAIR, call_id=call.id, at=now, policy=policy)
        scope.store.write(tickets.receive, ticket.id, by, at=now)
        if about:
            scope.store.write(tickets.about, ticket.id, about, who=by, at=now, policy=policy)
        return ticket

    return receive


@pytest.fixture
def rostered(scope: Scope, site: Site) -> Scope:
    """Monday, noon: 7001 and 7002 have the day until 17:30; 7003, 7004 and 7010 the evening until 20:00."""
    install(scope.store, site, delivered(site), scope.clock.now())
    return scope


def until(scope: Scope, hour: int, minute: int = 0, day: int = 2) -> None:
    scope.clock.moment = local(scope.site, day, hour, minute)  # type: ignore[misc, attr-defined]


def all_of(store: Store) -> list[Handover]:
    """The handovers of the agents."""
    ours = select(Handover).where(Handover.group == "agents").order_by(Handover.id)
    return store.read(lambda session: list(session.scalars(ours)))


def receiver(store: Store, ticket: Ticket) -> str | None:
    return store.read(lambda session: session.get_one(Ticket, ticket.id).first_receiver)


def reminders(store: Store) -> list[tuple[str | None, ToMake]]:
    ours = select(CallToMake).where(CallToMake.kind == Purpose.REMINDER).order_by(CallToMake.id)
    return store.read(lambda session: [(call.extension, call.state) for call in session.scalars(ours)])


def test_at_the_end_of_a_shift_its_open_tickets_wait_for_the_next(rostered: Scope, received: Received) -> None:
    ticket, store = received("7001"), rostered.store
    assert scan(rostered) == 0
    until(rostered, 17, 31)
    assert scan(rostered) == 1
    assert scan(rostered) == 0
    (handover,) = all_of(store)
    assert (handover.shift, handover.group, handover.leaving) == ("day", "agents", ["7001", "7002"])
    assert handover.state is HandoverState.DUE
    assert handover.ended_at == local(rostered.site, 2, 17, 30)
    for number in ("7003", "7004", "7010"):
        assert store.read(handovers.for_whom, number, at=rostered.clock.now()) != []
    for number in ("7001", "7030", "7020"):
        assert store.read(handovers.for_whom, number, at=rostered.clock.now()) == []
    contents = store.read(handovers.contents, handover)
    assert [one.id for one in contents.tickets] == [ticket.id]
    assert receiver(store, ticket) == "7001", "until the handover is taken over"


def test_the_colleague_who_takes_over_is_the_first_receiver_from_then_on(rostered: Scope, received: Received) -> None:
    """R15-1: the first receiver changes with the handover, and the event names both."""
    ticket, store = received("7001"), rostered.store
    until(rostered, 17, 31)
    scan(rostered)
    (handover,) = all_of(store)
    moved = store.write(handovers.take, handover.id, "7003", at=rostered.clock.now())
    assert [one.id for one in moved] == [ticket.id]
    assert receiver(store, ticket) == "7003"
    (handover,) = all_of(store)
    assert (handover.state, handover.taken_by, handover.tickets) == (HandoverState.TAKEN, "7003", [ticket.id])
    handed = select(TicketEvent).where(TicketEvent.kind == TicketEventKind.HANDED_OVER)
    (event,) = store.read(lambda session: list(session.scalars(handed)))
    assert event.who == "7003"
    assert event.text.startswith("7001 -> 7003: handover")
    with pytest.raises(HandoverRefused, match="is taken over"):
        store.write(handovers.take, handover.id, "7004", at=rostered.clock.now())


@pytest.mark.parametrize(
    ("number", "why"),
    [("7002", "of the shift that leaves"), ("7020", "not on duty for customer service; on duty: 7003")],
)
def test_neither_the_leaving_shift_nor_staff_off_duty_can_take_over(
    rostered: Scope, received: Received, number: str, why: str
) -> None:
    received("7001")
    until(rostered, 17, 31)
    scan(rostered)
    (handover,) = all_of(rostered.store)
    with pytest.raises(HandoverRefused, match=why):
        rostered.store.write(handovers.take, handover.id, number, at=rostered.clock.now())
    with pytest.raises(LookupError):
        rostered.store.write(handovers.take, 99, "7003", at=rostered.clock.now())


def test_a_shift_with_nothing_open_needs_no_handover(rostered: Scope, received: Received) -> None:
    """R09-6: it is on file all the same."""
    received("7020")
    until(rostered, 17, 31)
    assert scan(rostered) == 0
    assert [one.state for one in all_of(rostered.store)] == [HandoverState.NOTHING_OPEN]


def test_tasks_of_the_group_are_handed_over_too(rostered: Scope) -> None:
    at = rostered.clock.now()
    task = rostered.store.write(
        tasks.open,
        kind=TaskKind.CALL_BACK,
        number="13800138000",
        call_id=None,
        ticket_id=None,
        owner_group="agents",
        at=at,
        due_at=at,
    )
    until(rostered, 17, 31)
    assert scan(rostered) == 1
    waiting = rostered.store.read(handovers.waiting_for, "7003", at=rostered.clock.now())
    assert waiting == handovers.Waiting(tickets=0, tasks=1, wakeups=0, escalations=0, noted=False)
    assert [one.id for one in rostered.store.read(handovers.contents, all_of(rostered.store)[0]).tasks] == [task.id]


def test_staff_who_stay_on_duty_keep_their_tickets(rostered: Scope, received: Received, site: Site) -> None:
    from dataclasses import replace

    plan = delivered(site)
    both = tuple(replace(one, people=(("7001", "7004"),)) if one.shift == "evening" else one for one in plan.rotations)
    install(rostered.store, site, replace(plan, rotations=both), rostered.clock.now())
    received("7001")
    kept, left = received("7001"), received("7002")
    until(rostered, 17, 31)
    scan(rostered)
    ((_, moved),) = rostered.store.write(handovers.take_all, "7004", at=rostered.clock.now())
    assert [one.id for one in moved] == [left.id]
    assert receiver(rostered.store, kept) == "7001"


def test_a_complaint_about_the_colleague_who_takes_over_is_not_handed_over(rostered: Scope, received: Received) -> None:
    """R15-6."""
    ticket, other = received("7001", about="7003"), received("7001")
    until(rostered, 17, 31)
    scan(rostered)
    at = rostered.clock.now()
    assert rostered.store.read(handovers.waiting_for, "7003", at=at) == handovers.Waiting(1, 0, 0, 0, False)
    ((_, moved),) = rostered.store.write(handovers.take_all, "7003", at=at)
    assert [one.id for one in moved] == [other.id]
    assert receiver(rostered.store, ticket) == "7001"


def test_in_a_gap_the_monitoring_centre_takes_over_until_the_day_shift(rostered: Scope, received: Received) -> None:
    """R09-3: Sunday, 17:30; Monday, 09:00. This week 7003 and 7004 have had the days."""
    until(rostered, 12, day=8)
    ticket = received("7001")
    until(rostered, 17, 31, day=8)
    scan(rostered)
    rostered.store.write(handovers.take_all, "7030", at=rostered.clock.now())
    assert receiver(rostered.store, ticket) == "7030"
    until(rostered, 9, 1, day=9)
    scan(rostered)
    waiting = [one for one in all_of(rostered.store) if one.state is HandoverState.DUE]
    assert [(one.shift, one.leaving) for one in waiting] == [("night", ["7030"])]
    rostered.store.write(handovers.take_all, "7003", at=rostered.clock.now())
    assert receiver(rostered.store, ticket) == "7003"


def test_the_leaving_shift_may_give_a_handover_with_a_note(rostered: Scope, received: Received) -> None:
    received("7001")
    store = rostered.store
    until(rostered, 17, 25)
    given = store.write(handovers.give, "7002", "lift 3 is being repaired", at=rostered.clock.now())
    assert (given.state, given.shift, given.note) == (HandoverState.GIVEN, "day", "7002: lift 3 is being repaired")
    store.write(handovers.give, "7001", "and the pump", at=rostered.clock.now())
    until(rostered, 17, 31)
    assert scan(rostered) == 0, "the handover exists already"
    waiting = store.read(handovers.waiting_for, "7003", at=rostered.clock.now())
    assert waiting == handovers.Waiting(tickets=1, tasks=0, wakeups=0, escalations=0, noted=True)
    ((taken, _),) = store.write(handovers.take_all, "7003", at=rostered.clock.now())
    with pytest.raises(HandoverRefused, match="taken already"):
        store.write(handovers.give, "7001", "late", at=rostered.clock.now())
    with pytest.raises(HandoverRefused, match="no shift"):
        store.write(handovers.give, "7060", "", at=rostered.clock.now())
    assert taken.id in [one.id for one in store.read(handovers.newest, limit=5)]


def test_the_next_shift_is_called_until_it_takes_over_and_finally_the_lead_has_a_task(
    rostered: Scope, received: Received, policy: Policy
) -> None:
    received("7001")
    store, rules = rostered.store, policy.handover
    until(rostered, 17, 31)
    scan(rostered)
    (handover,) = all_of(store)
    assert reminders(store) == []
    until(rostered, 17, 30 + rules.remind_after_minutes)
    assert scan(rostered) == 1
    assert scan(rostered) == 0
    assert reminders(store) == [("7003", ToMake.WAITING)]
    for reminded in range(1, rules.reminders):
        store.write(outgoing.cancel, Purpose.REMINDER, handover.id, at=rostered.clock.now())
        rostered.clock.forward(minutes=rules.remind_every_minutes)  # type: ignore[attr-defined]
        assert scan(rostered) == 1
        assert len(reminders(store)) == reminded + 1
    assert [number for number, _ in reminders(store)] == ["7003", "7004", "7010"]
    rostered.clock.forward(minutes=rules.remind_every_minutes)  # type: ignore[attr-defined]
    assert scan(rostered) == 1
    owed = select(Task).where(Task.kind == TaskKind.HANDOVER)
    (task,) = store.read(lambda session: list(session.scalars(owed)))
    assert (task.owner_group, task.state, task.note) == (
        "management",
        TaskState.OPEN,
        f"handover not taken over: {handover.id}",
    )
    rostered.clock.forward(minutes=rules.remind_every_minutes)  # type: ignore[attr-defined]
    assert scan(rostered) == 0
    store.write(handovers.take_all, "7004", at=rostered.clock.now())
    (task,) = store.read(lambda session: list(session.scalars(owed)))
    assert task.state is TaskState.CLOSED


def test_rostered_staff_are_reminded_before_staff_who_only_reported_on_duty(
    rostered: Scope, received: Received, site: Site
) -> None:
    """R09-6: 7003 has the evening off, but has dialled *20."""
    received("7001")
    noon, store = rostered.clock.now(), rostered.store

    def evening_off(session: Session) -> None:
        evening = local(site, 2, 17, 30), local(site, 2, 20)
        asked = swaps.ask_absence(session, "7003", *evening, with_staff=None, reason="ill", by="desk", at=noon)
        swaps.approve(session, asked.id, by="7050", at=noon, dates=site.days, days=14)

    store.write(evening_off)
    until(rostered, 17, 35)
    store.write(presence.say, "7003", PresenceState.ON_DUTY, at=rostered.clock.now())
    until(rostered, 17, 45)
    scan(rostered)
    assert reminders(store) == [("7004", ToMake.WAITING)]


def test_taking_over_cancels_the_waiting_reminder(rostered: Scope, received: Received) -> None:
    received("7001")
    until(rostered, 17, 45)
    scan(rostered)
    assert reminders(rostered.store) == [("7003", ToMake.WAITING)]
    rostered.store.write(handovers.take_all, "7004", at=rostered.clock.now())
    assert reminders(rostered.store) == [("7003", ToMake.CANCELLED)]


def test_staff_who_leave_early_hand_over_at_that_time(rostered: Scope, received: Received, site: Site) -> None:
    """R09-7: 7001 is absent from 15:00 on, 7010 is the substitute."""
    received("7001")
    at = rostered.clock.now()

    def leave(session: Session) -> None:
        asked = swaps.ask_absence(
            session, "7001", local(site, 2, 15), local(site, 3, 0), with_staff="7010", reason="ill", by="desk", at=at
        )
        swaps.approve(session, asked.id, by="7050", at=at, dates=site.days, days=14)

    rostered.store.write(leave)
    until(rostered, 15, 1)
    assert scan(rostered) == 1
    (handover,) = all_of(rostered.store)
    assert (handover.leaving, handover.ended_at) == (["7001"], local(site, 2, 15).astimezone(UTC))
    assert len(rostered.store.write(handovers.take_all, "7002", at=rostered.clock.now())) == 1


def test_a_scheduler_that_was_off_for_days_begins_with_the_last_handover(rostered: Scope, received: Received) -> None:
    received("7001")
    until(rostered, 12, day=6)
    scan(rostered)
    assert min(one.ended_at for one in all_of(rostered.store)) > rostered.clock.now() - timedelta(hours=24)


def test_the_wake_up_sheet_is_handed_over_with_the_front_desks_shift(rostered: Scope) -> None:
    """R21-9: the handover names the wake-ups and who took them over; other groups do not get them."""
    store, site, at = rostered.store, rostered.site, rostered.clock.now()
    store.write(stays.check_in, "1101", ["王建国"], who="7001", at=at)
    order = store.write(
        wakeups.book,
        "1101",
        time(6, 30),
        on=at.date() + timedelta(days=1),
        by="7001",
        how=WakeupHow.FRONT_DESK,
        at=at,
        rules=rostered.policy.wake_up,
        zone=site.time_zone,
    )
    (wakeup,) = store.read(wakeups.open_ones, order.id)
    until(rostered, 17, 31)
    assert scan(rostered) == 1
    (handover,) = all_of(store)
    waiting = store.read(handovers.waiting_for, "7003", at=rostered.clock.now())
    assert waiting == handovers.Waiting(tickets=0, tasks=0, wakeups=1, escalations=0, noted=False)
    elsewhere = Handover(shift="x", group="engineering", ended_at=handover.ended_at, leaving=["7020"])
    assert store.read(handovers.contents, elsewhere).wakeups == []
    store.write(handovers.take, handover.id, "7003", at=rostered.clock.now())
    (taken,) = store.read(
        handovers.of_wakeups, [wakeup.id], since=handover.ended_at, until=handover.ended_at + timedelta(days=1)
    )
    assert (taken.taken_by, taken.wakeups) == ("7003", [wakeup.id])
    hours = {"since": handover.ended_at, "until": handover.ended_at + timedelta(days=1)}
    assert store.read(handovers.of_wakeups, [wakeup.id + 1], **hours) == []


def test_running_escalations_are_handed_over_with_the_person_called_last(rostered: Scope, policy: Policy) -> None:
    """R09-3, R09-6, R07-9: the front desk gets all of them, another group its own."""
    store, given = rostered.store, {"source": Source.VISIT, "language": "zh", "who": "system", "policy": policy}
    ticket = store.write(tickets.open_told, kind=TicketKind.URGENT_REPAIR, at=rostered.clock.now(), **given)  # type: ignore[arg-type]
    until(rostered, 17, 25)
    assert escalate(rostered) > 0
    until(rostered, 17, 31)
    assert scan(rostered) > 0, "only the escalation is open"
    (handover,) = all_of(store)
    contents = store.read(handovers.contents, handover)
    (one,) = contents.escalations
    assert one.last is not None
    assert (one.ticket.id, one.last.rung) == (ticket.id, LadderRung.ASSIGNEE)
    assert one.last.asked_at == local(rostered.site, 2, 17, 25)
    assert contents.tickets == [], "it has no first receiver"
    waiting = store.read(handovers.waiting_for, "7003", at=rostered.clock.now())
    assert waiting == handovers.Waiting(tickets=0, tasks=0, wakeups=0, escalations=1, noted=False)
    elsewhere = Handover(shift="x", group="engineering", ended_at=handover.ended_at, leaving=["7021"])
    assert store.read(handovers.contents, elsewhere).escalations == []
    for values in ({"assignee": "7021"}, {"department": "engineering", "assignee": None}):
        store.write(lambda s, values=values: s.execute(update(Ticket).values(values)))
        assert len(store.read(handovers.contents, elsewhere).escalations) == 1
    store.write(handovers.take, handover.id, "7003", at=rostered.clock.now())
    (taken,) = all_of(store)
    assert taken.escalations == [one.ladder.id]
    assert len(store.read(escalations.under_way)) == 1, "taking over the handover does not accept the ticket"


def test_an_escalation_about_the_colleague_who_takes_over_is_not_shown(rostered: Scope, policy: Policy) -> None:
    """R15-6."""
    store, given = rostered.store, {"source": Source.VISIT, "language": "zh", "who": "7001", "policy": policy}
    complaint = store.write(tickets.open_told, kind=TicketKind.COMPLAINT, at=rostered.clock.now(), **given)  # type: ignore[arg-type]
    store.write(tickets.about, complaint.id, "7003", who="7001", at=rostered.clock.now(), policy=policy)
    until(rostered, 17, 25)
    escalate(rostered)
    until(rostered, 17, 31)
    scan(rostered)
    (handover,), at = all_of(store), rostered.clock.now()
    for number, escalated in (("7003", 0), ("7004", 1)):
        waiting = store.read(handovers.waiting_for, number, at=at)
        assert waiting is not None
        assert waiting.escalations == escalated
    store.write(handovers.take, handover.id, "7003", at=at)
    assert all_of(store)[0].escalations == []
