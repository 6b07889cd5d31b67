"""Training is due when the mean of the last published scorings is too low (R04-2); a task says so to the lead."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.errors import MoveRefused
from models.people import people
from models.policy import Policy
from models.states.tickets import TaskKind, TaskState
from models.tables import Call, Scoring, Task
from models.text.signs import written
from models.tickets import impartial, tasks

MEAN = "average score"
"""Begins the note of the task."""


@dataclass(frozen=True)
class Standing:
    """The mean of the last `of` published scorings of a person; None without one."""

    mean: float | None
    of: int


def standing(session: Session, staff_number: str, *, policy: Policy) -> Standing:
    """Of calls since the last training."""
    trained_at = session.scalar(
        select(func.max(Task.closed_at))
        .join(Scoring, Scoring.training_task_id == Task.id)
        .where(Scoring.staff_number == staff_number)
    )
    query = select(Scoring.total).where(Scoring.staff_number == staff_number, Scoring.published_at.is_not(None))
    if trained_at is not None:
        query = query.join(Call, Call.id == Scoring.call_id).where(Call.started_at > trained_at)
    newest = query.order_by(Scoring.published_at.desc(), Scoring.id.desc()).limit(policy.quality.training_of)
    totals = session.scalars(newest).all()
    return Standing(sum(totals) / len(totals) if totals else None, len(totals))


def owe(session: Session, scoring: Scoring, *, at: datetime, policy: Policy) -> None:
    """Opens the task, or counts one more reason on the open one, when the mean is below the threshold."""
    mean = standing(session, scoring.staff_number, policy=policy).mean
    if mean is None or mean >= policy.quality.training_below:
        return
    person = people.staff(session, scoring.staff_number)
    task = tasks.open(
        session,
        kind=TaskKind.TRAINING,
        number=scoring.staff_number,
        call_id=scoring.call_id,
        ticket_id=None,
        owner_group=person.group if person else scoring.department,
        owner_staff=impartial.lead_above(session, scoring.staff_number),
        at=at,
        due_at=at + timedelta(days=policy.quality.training_days),
        note=f"{MEAN}: {mean:.1f}",
    )
    scoring.training_task_id = task.id


def open_for(session: Session, staff: Collection[str]) -> dict[str, Task]:
    """Open tasks about training by staff number."""
    owed = select(Task).where(Task.kind == TaskKind.TRAINING, Task.number.in_(staff), Task.state == TaskState.OPEN)
    return {task.number: task for task in session.scalars(owed) if task.number is not None}


def given(session: Session, staff_number: str, note: str, *, who: str, at: datetime) -> None:
    """The training has been given; `note` says what. Raises MoveRefused (own training, no words, none due)."""
    if staff_number == who:
        raise MoveRefused("nobody confirms his or her own training", "本人的培训由他人登记")
    note = written(note)
    if not note:
        raise MoveRefused("say what was trained", "请写明培训内容")
    task = open_for(session, [staff_number]).get(staff_number)
    if task is None or not tasks.close(session, task.id, at=at, note=f"{who}: {note}"):
        raise MoveRefused(f"no training is due for {staff_number}", f"{staff_number} 没有待办的培训")
