"""What the managers must do in time is one finding and one task of that group; both close when it is done."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.health import findings
from models.states.health import FindingKind
from models.states.tickets import TaskKind, TaskState
from models.tables import Task
from models.tickets import tasks
from scheduler.scope import Scope


def owe(scope: Scope, kind: FindingKind, task: TaskKind, why: str, wanted: Mapping[str, datetime]) -> int:
    """`wanted` is each subject and its deadline. Returns how many are new. Raises StoreUnavailable."""
    return scope.store.write(_write, scope, kind, task, why, wanted, scope.clock.now())


def _write(
    session: Session,
    scope: Scope,
    kind: FindingKind,
    task: TaskKind,
    why: str,
    wanted: Mapping[str, datetime],
    now: datetime,
) -> int:
    new = findings.settle(session, (kind,), {(kind, subject): None for subject in wanted}, at=now)
    for finding in new:
        tasks.open(
            session,
            kind=task,
            number=None,
            call_id=None,
            ticket_id=None,
            owner_group=_managers(scope),
            at=now,
            due_at=max(wanted[finding.subject], now),
            note=f"{why}: {finding.subject}",
        )
    owed = select(Task).where(Task.kind == task, Task.state == TaskState.OPEN)
    for one in session.scalars(owed).all():
        if one.note.rpartition(": ")[2] not in wanted:
            tasks.close(session, one.id, at=now)
    return len(new)


def _managers(scope: Scope) -> str:
    """The manager's group, or the first group of a site without a manager."""
    return next((one.group for one in scope.site.staff if one.role == "manager"), scope.site.groups[0].name)
