"""R09-1: before a year with unknown public holidays begins, the manager has one task until they are known."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from models.health import findings
from models.health.findings import FindingKind
from models.site.calendar import SiteCalendar
from models.states.tickets import TaskKind, TaskState
from models.tables import Task
from models.tickets import tasks
from models.time.days import PUBLISHED_YEARS
from scheduler.scans.calendar_end import calendar_end
from scheduler.scope import Scope

pytestmark = pytest.mark.store

UNKNOWN = max(PUBLISHED_YEARS) + 1


def owed(scope: Scope) -> list[Task]:
    return scope.store.read(lambda session: list(session.scalars(select(Task).order_by(Task.id))))


def open_findings(scope: Scope) -> list[tuple[FindingKind, str]]:
    return [(one.kind, one.subject) for one in scope.store.read(findings.still_open, limit=9)]


def test_the_manager_has_one_task_in_time(scope: Scope) -> None:
    scope.clock.moment = datetime(UNKNOWN - 1, 11, 1, tzinfo=UTC)  # type: ignore[attr-defined]
    assert calendar_end(scope) == 0
    assert owed(scope) == []
    scope.clock.moment = datetime(UNKNOWN - 1, 11, 20, tzinfo=UTC)  # type: ignore[attr-defined]
    assert calendar_end(scope) == 1
    assert calendar_end(scope) == 0
    (task,) = owed(scope)
    assert (task.kind, task.owner_group, task.state) == (TaskKind.CALENDAR_END, "management", TaskState.OPEN)
    assert task.note == f"public holidays not known: {UNKNOWN}"
    assert task.due_at == datetime(UNKNOWN - 1, 12, 31, 16, tzinfo=UTC), "New Year in Shanghai"
    assert open_findings(scope) == [(FindingKind.CALENDAR_END, str(UNKNOWN))]


def test_when_the_site_has_entered_the_holidays_the_task_is_done(scope: Scope) -> None:
    scope.clock.moment = datetime(UNKNOWN - 1, 12, 1, tzinfo=UTC)  # type: ignore[attr-defined]
    assert calendar_end(scope) == 1
    entered = scope.site.model_copy(update={"calendar": SiteCalendar(years=[UNKNOWN])})
    entered.__dict__.pop("days", None)
    assert calendar_end(replace(scope, site=entered)) == 0
    assert [task.state for task in owed(scope)] == [TaskState.CLOSED]
    assert open_findings(scope) == []


def test_a_task_that_was_closed_does_not_come_back_every_hour(scope: Scope) -> None:
    scope.clock.moment = datetime(UNKNOWN, 3, 1, tzinfo=UTC)  # type: ignore[attr-defined]
    assert calendar_end(scope) == 1
    (task,) = owed(scope)
    assert task.due_at == scope.clock.now(), "the year has begun already"
    scope.store.write(tasks.close, task.id, at=scope.clock.now())
    assert calendar_end(scope) == 0
    assert len(owed(scope)) == 1
