"""Tasks with a deadline; a caller who asks again gets no second call-back."""

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from models.calls import outgoing
from models.database.changes import add, change, find
from models.database.numbers import here
from models.states.calls import Purpose
from models.states.tickets import TaskKind, TaskState, TicketKind
from models.tables import Call, Staff, Talk, Task, Ticket

__all__ = ["Task", "TaskKind", "TaskState"]

# Every unserved caller gets one, so these are built once: see `models.database.changes.run`.
_MOST_STAMPED = 200
_TASKS = Task.metadata.tables["tasks"]
_OPEN = (
    select(_TASKS.c.id).where(_TASKS.c.kind == bindparam("kind"), _TASKS.c.state == TaskState.OPEN).with_for_update()
)
_OF_NUMBER = _OPEN.where(_TASKS.c.number == bindparam("number"))
_OF_CALL = _OPEN.where(_TASKS.c.number.is_(None), _TASKS.c.call_id == bindparam("call"))


def open(
    session: Session,
    *,
    kind: TaskKind,
    number: str | None,
    call_id: int | None,
    ticket_id: int | None,
    owner_group: str | None,
    at: datetime,
    due_at: datetime,
    note: str = "",
    owner_staff: str | None = None,
    call_at: datetime | None = None,
) -> Task:
    """A new task, or the open one of the same kind and number with one more request counted.

    The deadline of the first request stays; call and ticket are those of the newest. Without a number, only requests
    of the same call count as the same. `call_at`: when a call back is made by itself.
    """
    number = here(session, number)
    same = find(session, _OF_NUMBER if number else _OF_CALL, kind=kind, number=number, call=call_id).scalar()
    if same is None:
        task = Task(
            kind=kind,
            number=number,
            call_id=call_id,
            ticket_id=ticket_id,
            owner_group=owner_group,
            owner_staff=owner_staff,
            opened_at=at,
            due_at=due_at,
            call_at=call_at if number else None,
            note=note,
        )
        return add(session, task)
    found = session.get_one(Task, same)
    if call_id is None or found.call_id != call_id:
        # A call that is filed twice (a scan repeated after a crash) is not a second request.
        found.times += 1
    found.call_id = call_id or found.call_id
    found.ticket_id = ticket_id or found.ticket_id
    found.due_at = min(found.due_at, due_at)
    if number and call_at is not None:
        found.call_at = min(found.call_at or call_at, call_at)
    if note and note not in found.note.splitlines():
        found.note = f"{found.note}\n{note}".strip()
    session.flush()
    return found


def close(session: Session, task_id: int, *, at: datetime, note: str = "") -> bool:
    """Closes the task, and stops the call back that is being made for it. True if it was open."""
    task = session.get(Task, task_id)
    if task is None:
        return False
    closed = change(
        session,
        update(Task)
        .where(Task.id == task_id, Task.state == TaskState.OPEN)
        .values(state=TaskState.CLOSED, closed_at=at, call_at=None, note=f"{task.note}\n{note}".strip()),
    )
    if closed and task.kind is TaskKind.CALL_BACK:
        outgoing.cancel(session, Purpose.CALL_BACK, task_id, at=at)
    return closed == 1


def settle(session: Session, talk_id: int, *, at: datetime, at_least_s: float) -> None:
    """A talk of at least this length, in or out, closes the call-backs owed to that number.

    Raises NoResultFound for no such talk.
    """
    talk = session.get_one(Talk, talk_id)
    if (at - talk.started_at).total_seconds() < at_least_s:
        return
    number = session.get_one(Call, talk.call_id).caller_number
    reached(session, number, before=talk.started_at, at=at, note=f"talked with: {talk.staff_number}")


def reached(session: Session, number: str | None, *, before: datetime, at: datetime, note: str) -> int:
    """Staff have talked with this number: closes the call-backs owed to it by then. Returns how many."""
    number = here(session, number)
    if number is None:
        return 0
    owed = select(Task.id).where(
        Task.kind == TaskKind.CALL_BACK, Task.number == number, Task.state == TaskState.OPEN, Task.opened_at <= before
    )
    return sum(close(session, task_id, at=at, note=note) for task_id in session.scalars(owed).all())


def of_call(session: Session, call_id: int) -> list[Task]:
    """All tasks that came from this call, open and closed."""
    return list(session.scalars(select(Task).where(Task.call_id == call_id).order_by(Task.id)))


def to_call_back(session: Session, group: str, *, reader: str, limit: int) -> list[Task]:
    """Open call backs of this group to numbers that are known: emergencies first, then by deadline, without those about
    the reader (R15-6)."""
    emergency = Ticket.kind.in_(outgoing.EMERGENCIES).is_(True).desc()
    owed = (
        select(Task)
        .outerjoin(Ticket, Ticket.id == Task.ticket_id)
        .where(Task.state == TaskState.OPEN, Task.kind == TaskKind.CALL_BACK, Task.number.is_not(None))
        .where(Task.owner_group == group, Ticket.about_staff.is_distinct_from(reader))
        .order_by(emergency, Task.due_at, Task.id)
        .limit(limit)
    )
    return list(session.scalars(owed))


def owed_stamps(session: Session) -> dict[str, tuple[object, ...]]:
    """What `to_call_back` depends on, the same for all staff: the most urgent of all groups, and how they stand."""
    owed = (
        select(
            Task.owner_group,
            Task.id,
            Task.due_at,
            Task.times,
            Task.number,
            Ticket.about_staff,
            Ticket.kind,
            Task.call_at,
        )
        .outerjoin(Ticket, Ticket.id == Task.ticket_id)
        .where(Task.state == TaskState.OPEN, Task.kind == TaskKind.CALL_BACK, Task.number.is_not(None))
        .order_by(Task.due_at, Task.id)
        .limit(_MOST_STAMPED)
    )
    stamp = tuple(tuple(row) for row in session.execute(owed))
    return dict.fromkeys(session.scalars(select(Staff.number)), stamp)


def pending(session: Session, *, limit: int) -> list[Task]:
    """Open tasks: those of urgent repairs first (R08-2), then by deadline."""
    emergency = (Ticket.kind == TicketKind.URGENT_REPAIR).is_(True).desc()
    urgent = (
        select(Task)
        .outerjoin(Ticket, Ticket.id == Task.ticket_id)
        .where(Task.state == TaskState.OPEN)
        .order_by(emergency, Task.due_at, Task.id)
        .limit(limit)
    )
    return list(session.scalars(urgent))
