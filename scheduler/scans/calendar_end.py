"""The public holidays of a year are known before it begins, or the manager has a task to see to it (R09-1)."""

from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import findings, tasks
from models.states import FindingKind, TaskKind, TaskState
from models.tables import Task
from scheduler.scope import Scope

KINDS = (FindingKind.CALENDAR_END,)
NOT_KNOWN = "public holidays not known"


def calendar_end(scope: Scope) -> int:
    """Returns how many years have been found to be near and unknown."""
    now = scope.clock.now()
    years = scope.site.days.unknown_years(now, ahead_days=scope.policy.holidays.warn_days)
    for year in years:
        scope.report(f"holidays of {year}", "not known: deadlines in it go by week-ends only")
    return scope.store.write(_write, scope, years, now)


def _write(session: Session, scope: Scope, years: list[int], now: datetime) -> int:
    found: dict[findings.Subject, int | None] = {(KINDS[0], str(year)): None for year in years}
    new = findings.settle(session, KINDS, found, at=now)
    for finding in new:
        begins = datetime.combine(date(int(finding.subject), 1, 1), time(), scope.site.time_zone)
        tasks.open(
            session,
            kind=TaskKind.CALENDAR_END,
            number=None,
            call_id=None,
            ticket_id=None,
            owner_group=_managers(scope),
            at=now,
            due_at=max(begins, now),
            note=f"{NOT_KNOWN}: {finding.subject}",
        )
    owed = select(Task).where(Task.kind == TaskKind.CALENDAR_END, Task.state == TaskState.OPEN)
    for task in session.scalars(owed).all():
        if task.note.rpartition(": ")[2] not in {str(year) for year in years}:
            tasks.close(session, task.id, at=now)
    return len(new)


def _managers(scope: Scope) -> str:
    """The group of the manager; of a site without one, the first."""
    return next((one.group for one in scope.site.staff if one.role == "manager"), scope.site.groups[0].name)
