"""A ticket that nobody of its department has accepted at the telephone is a task for the supervisor (R17-2)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.states.tickets import TaskKind, TaskState
from models.tables import Group, Task, Ticket
from models.tickets import impartial, tasks


def open(session: Session, ticket: Ticket, department: str, *, at: datetime) -> None:
    """The task, if it is not open yet; of the department, where its supervisor may not have the ticket (R15-6)."""
    if _open(session, ticket.id):
        return
    group = session.get(Group, department)
    supervisor = group.supervisor if group and impartial.may_have(ticket, group.supervisor) else None
    task = Task(
        kind=TaskKind.NOT_ACCEPTED,
        ticket_id=ticket.id,
        owner_group=department,
        owner_staff=supervisor,
        opened_at=at,
        due_at=max(ticket.next_due_at or at, at),
    )
    session.add(task)
    session.flush()


def close(session: Session, ticket_id: int, *, at: datetime) -> None:
    """Somebody has the ticket, or nobody needs to."""
    for task_id in _open(session, ticket_id):
        tasks.close(session, task_id, at=at)


def _open(session: Session, ticket_id: int) -> list[int]:
    of_ticket = Task.ticket_id == ticket_id, Task.kind == TaskKind.NOT_ACCEPTED, Task.state == TaskState.OPEN
    return list(session.scalars(select(Task.id).where(*of_ticket)))
