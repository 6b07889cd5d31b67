"""A gap of the roster becomes a task before it begins; the regulation's own gap is found (R09, R13-1)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database.store import Store
from models.people.shifts import Plan
from models.roster import gaps
from models.roster.gaps import GapKind
from models.site import Site
from models.states.roster import SwapKind
from models.states.tickets import TaskKind, TaskState
from models.tables import Staff, Task
from scheduler.scans.roster_gaps import roster_gaps
from scheduler.scans.roster_horizon import roster_horizon
from scheduler.scope import Scope
from tests.store.roster.rostered import delivered, install, local
from tests.store.roster.test_roster import approve

pytestmark = pytest.mark.store


def times(site: Site, *found: gaps.Lack | gaps.Overlap) -> list[str]:
    """ "01 17:30-20:00" """
    zone = site.time_zone
    return [f"{one.starts_at.astimezone(zone):%d %H:%M}-{one.ends_at.astimezone(zone):%H:%M}" for one in found]


def ahead(store: Store, site: Site, at: datetime, days: int = 7) -> gaps.Found:
    return store.read(gaps.ahead, at, at + timedelta(days=days), site.days)


def tasks_of(store: Store, *states: TaskState) -> list[Task]:
    ours = select(Task).where(Task.kind == TaskKind.ROSTER_GAP, Task.state.in_(states)).order_by(Task.id)
    return store.read(lambda session: list(session.scalars(ours)))


@pytest.mark.parametrize(
    ("month", "gap", "overlaps"),
    [
        (3, ["08 17:30-20:00"], {"07:50-09:00"}),
        (11, ["08 18:30-20:00"], {"07:50-09:00", "17:30-18:30"}),
    ],
)
def test_the_regulations_own_gap_and_overlaps_are_found(
    staffed: Store, site: Site, month: int, gap: list[str], overlaps: set[str]
) -> None:
    """R09-1 to R09-3: nobody on Sunday evening; the night goes on until 09:00, in winter the day until 18:30."""
    at = local(site, 4, 12, month=month)
    install(staffed, site, delivered(site), at)
    found = ahead(staffed, site, at, days=6)
    assert times(site, *found.lacks) == gap
    assert [(one.kind, one.subject, one.falls_to) for one in found.lacks] == [(GapKind.NOBODY, "agents", "monitoring")]
    assert {time.partition(" ")[2] for time in times(site, *found.overlaps)} == overlaps
    assert {one.group for one in found.overlaps} == {"agents"}


def test_without_a_roster_nothing_is_missing(staffed: Store, site: Site) -> None:
    assert ahead(staffed, site, local(site, 1, 0)) == gaps.Found([], [])


def fewer(plan: Plan, shift: str, *people: str) -> Plan:
    return replace(
        plan,
        rotations=tuple(replace(one, people=(people,)) if one.shift == shift else one for one in plan.rotations),
    )


def test_a_shift_with_too_few_people_is_found(staffed: Store, site: Site) -> None:
    """R09-4: two technicians."""
    at = local(site, 2, 6)
    install(staffed, site, fewer(delivered(site), "technicians", "7020"), at)
    (short, *_) = ahead(staffed, site, at, days=1).lacks
    assert (short.kind, short.subject, short.need, short.have, short.rule) == (
        GapKind.SHORT,
        "technicians",
        2,
        1,
        "R09-4",
    )
    assert times(site, short) == ["02 08:00-22:00"]


def test_an_absence_is_a_gap_for_its_time(staffed: Store, site: Site) -> None:
    """R09-7."""
    at = local(site, 2, 6)
    install(staffed, site, delivered(site), at)
    approve(staffed, SwapKind.ABSENCE, "7001", None, local(site, 2, 12), local(site, 2, 14))
    short = ahead(staffed, site, at, days=1).lacks
    assert [(one.subject, one.have) for one in short] == [("day", 1)]
    assert times(site, *short) == ["02 12:00-14:00"]


def test_a_shift_of_staff_who_have_left_is_a_gap(staffed: Store, site: Site) -> None:
    at = local(site, 2, 6)
    install(staffed, site, delivered(site), at)

    def leave(session: Session) -> None:
        session.get_one(Staff, "7002").group = None

    staffed.write(leave)
    found = ahead(staffed, site, at, days=1)
    assert [(one.subject, one.have) for one in found.lacks] == [("day", 1)]


def test_one_person_in_two_shifts_at_once_is_found(staffed: Store, site: Site) -> None:
    at = local(site, 2, 6)
    install(staffed, site, fewer(delivered(site), "technicians", "7001", "7020"), at)
    twice = [one for one in ahead(staffed, site, at, days=1).overlaps if one.staff_number]
    assert [(one.staff_number, set(one.shifts)) for one in twice] == [("7001", {"day", "technicians"})]
    assert times(site, *twice) == ["02 08:00-17:30"]


def test_a_future_gap_is_one_task_of_the_lead_until_it_is_filled(scope: Scope, site: Site) -> None:
    """R13-1: the task is opened once, days before, and closed when the gap is filled."""
    store, now = scope.store, scope.clock.now()
    install(store, site, delivered(site), now)
    assert roster_gaps(scope) == 1
    assert roster_gaps(scope) == 0
    (task,) = tasks_of(store, TaskState.OPEN)
    assert (task.owner_group, task.due_at, task.note) == (
        "management",
        local(site, 8, 17, 30).astimezone(UTC),
        "nobody: agents",
    )
    (gap,) = store.read(gaps.still_open)
    assert gap.task_id == task.id
    (evening,) = (shift for shift in delivered(site).shifts if shift.name == "evening")
    week = tuple(replace(hours, weekdays=(1, 2, 3, 4, 5, 6, 7)) for hours in evening.hours)
    plan = delivered(site)
    shifts = tuple(replace(one, hours=week) if one.name == "evening" else one for one in plan.shifts)
    install(store, site, replace(plan, shifts=shifts), scope.clock.forward(minutes=5))  # type: ignore[attr-defined]
    assert roster_gaps(scope) == 0
    assert tasks_of(store, TaskState.OPEN) == []
    assert [task.id for task in tasks_of(store, TaskState.CLOSED)] == [task.id]
    assert store.read(gaps.still_open) == []


def test_when_a_gap_has_passed_its_task_is_closed_and_the_next_gap_has_one(scope: Scope, site: Site) -> None:
    install(scope.store, site, delivered(site), scope.clock.now())
    assert roster_gaps(scope) == 1
    scope.clock.forward(days=6, hours=7)  # type: ignore[attr-defined]
    assert roster_gaps(scope) == 1, "Sunday, 19:00: this gap still lasts, and the next Sunday is within the horizon"
    first, second = tasks_of(scope.store, TaskState.OPEN)
    scope.clock.forward(days=1)  # type: ignore[attr-defined]
    assert roster_gaps(scope) == 0
    assert [task.id for task in tasks_of(scope.store, TaskState.CLOSED)] == [first.id]
    assert [task.id for task in tasks_of(scope.store, TaskState.OPEN)] == [second.id]


def test_a_gap_that_grows_with_the_horizon_stays_one_gap(scope: Scope, site: Site) -> None:
    """Nobody from some day on: the gap grows with every look and stays one task."""
    plan = delivered(site)
    ends = tuple(
        replace(one, last_on=local(site, 5, 0).date()) if one.shift == "technicians" else one for one in plan.rotations
    )
    install(scope.store, site, replace(plan, rotations=ends), scope.clock.now())
    first = roster_gaps(scope)
    scope.clock.forward(hours=1)  # type: ignore[attr-defined]
    assert roster_gaps(scope) == 0
    assert len(tasks_of(scope.store, TaskState.OPEN)) == first


def test_the_scan_writes_the_shifts_of_the_next_days(scope: Scope, site: Site) -> None:
    install(scope.store, site, delivered(site), scope.clock.now())
    assert roster_horizon(scope) > 0, "the policy looks further ahead than this test has imported"
    assert roster_horizon(scope) == 0
    scope.clock.forward(days=1)  # type: ignore[attr-defined]
    assert roster_horizon(scope) > 0
