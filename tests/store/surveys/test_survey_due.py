"""R08-6, R03-6, R10-5: before a half-year without a campaign ends, the manager has one task."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from models.health import findings
from models.health.findings import FindingKind
from models.people import people
from models.people.owners_file import OwnerRow
from models.states.tickets import TaskKind, TaskState
from models.surveys import campaigns
from models.surveys.campaigns import CampaignState
from models.tables import Task
from models.tickets import tasks
from scheduler.scans.survey_due import survey_due
from scheduler.scope import Scope

pytestmark = pytest.mark.store


def look(scope: Scope, year: int, month: int, day: int) -> int:
    scope.clock.moment = datetime(year, month, day, tzinfo=UTC)  # type: ignore[attr-defined]
    return survey_due(scope)


def owed(scope: Scope) -> list[Task]:
    return scope.store.read(lambda session: list(session.scalars(select(Task).order_by(Task.id))))


def begin(scope: Scope) -> Any:
    now = scope.clock.now()
    rows = [OwnerRow(2, "王建国", "3", "1201", ("13900000001",))]
    scope.store.write(people.import_owners, rows, who="test", at=now)
    hours = scope.policy.follow_up.hours(scope.site.time_zone)
    return scope.store.write(campaigns.new, name="all", at_once=1, language="zh", by="test", at=now, hours=hours)


def test_the_manager_has_a_task_a_month_before_the_half_year_ends(scope: Scope) -> None:
    assert look(scope, 2026, 5, 30) == 0
    assert owed(scope) == []
    assert look(scope, 2026, 6, 2) == 1
    assert look(scope, 2026, 6, 2) == 0
    (task,) = owed(scope)
    assert (task.kind, task.owner_group, task.state) == (TaskKind.SURVEY_DUE, "management", TaskState.OPEN)
    assert task.note == "no survey of all residents: 2026-01"
    assert task.due_at == datetime(2026, 6, 30, 16, tzinfo=UTC), "the end of June in Shanghai"
    assert [one.kind for one in scope.store.read(findings.still_open, limit=9)] == [FindingKind.SURVEY_DUE]
    scope.store.write(tasks.close, task.id, at=scope.clock.now())
    assert look(scope, 2026, 6, 3) == 0, "a closed task is not opened again"


def test_when_a_campaign_has_begun_the_task_is_done(scope: Scope) -> None:
    look(scope, 2026, 12, 10)
    begin(scope)
    look(scope, 2026, 12, 11)
    assert [task.state for task in owed(scope)] == [TaskState.CLOSED]
    assert scope.store.read(findings.still_open, limit=9) == []


def test_each_half_year_needs_a_campaign_and_a_cancelled_one_does_not_count(scope: Scope) -> None:
    look(scope, 2026, 3, 1)
    begin(scope)
    assert look(scope, 2026, 6, 20) == 0
    assert look(scope, 2026, 12, 20) == 1
    campaign = begin(scope)
    scope.store.write(campaigns.move, campaign.id, CampaignState.CANCELLED, at=scope.clock.now())
    look(scope, 2026, 12, 21)
    assert [task.state for task in owed(scope)] == [TaskState.OPEN]
